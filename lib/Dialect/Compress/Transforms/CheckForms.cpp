//===- CheckForms.cpp - contracts of the five forms ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function a form: it looks at one op and returns the rule that the op
// breaks, with the remedy, or nothing. The passes walk and report the first.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

namespace mlir::compress {
#define GEN_PASS_DEF_CHECKMODELPASS
#define GEN_PASS_DEF_CHECKPRUNEDPASS
#define GEN_PASS_DEF_CHECKQDQPASS
#define GEN_PASS_DEF_CHECKINTEGERPASS
#define GEN_PASS_DEF_CHECKCODEPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The rule that an op breaks and what to do about it; empty where it breaks
/// none.
using Rule = StringRef;

//===----------------------------------------------------------------------===//
// Looking at ops
//===----------------------------------------------------------------------===//

static bool isOfDialect(Operation *op, ArrayRef<StringRef> dialects) {
  return llvm::is_contained(dialects, op->getName().getDialectNamespace());
}

/// Whether `fn` holds for the type of a result, operand or block argument, or
/// for one in the signature of a function.
static bool anyType(Operation *op, function_ref<bool(Type)> fn) {
  if (llvm::any_of(op->getResultTypes(), fn) ||
      llvm::any_of(op->getOperandTypes(), fn))
    return true;
  if (auto func = dyn_cast<FunctionOpInterface>(op))
    if (llvm::any_of(func.getArgumentTypes(), fn) ||
        llvm::any_of(func.getResultTypes(), fn))
      return true;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (llvm::any_of(block.getArgumentTypes(), fn))
        return true;
  return false;
}

static bool isTensor(Type type) { return isa<TensorType>(type); }
static bool isMemRef(Type type) { return isa<BaseMemRefType>(type); }
static bool isQuantized(Type type) {
  return isa<quant::QuantizedType>(getElementTypeOrSelf(type));
}
static bool isF32Tensor(Type type) {
  return isTensor(type) && getElementTypeOrSelf(type).isF32();
}
static bool isDynamicTensor(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  return tensor && (!tensor.hasRank() || !tensor.hasStaticShape());
}

/// Floating point tensors other than f32.
static bool isOtherFloatTensor(Type type) {
  Type element = getElementTypeOrSelf(type);
  return isTensor(type) && isa<FloatType>(element) && !element.isF32();
}

/// Shared by the forms on tensors: a dequantization takes a stored constant.
static Rule checkQuantCasts(Operation *op) {
  if (isa<quant::QuantizeCastOp>(op))
    return "holds no quant.qcast; run --compress-raise-qdq first";
  if (auto dcast = dyn_cast<quant::DequantizeCastOp>(op)) {
    auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
    if (!scast || !matchPattern(scast.getInput(), m_Constant()))
      return "dequantizes only a quant.scast of an integer constant; quantize "
             "activations by compress.fake_quant";
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The forms
//===----------------------------------------------------------------------===//

static Rule checkModel(Operation *op) {
  if (anyType(op, isMemRef))
    return "holds no memref; start from the model before bufferization";
  if (isOfDialect(op, {"scf", "affine", "cf"}))
    return "holds no loop or branch; import the model as tensor ops";
  if (isa<quant::QuantizeCastOp>(op))
    return checkQuantCasts(op);
  if (isOfDialect(op, {"compress"}) &&
      !isa<FakeQuantOp, ObserveOp, ScatterChannelsOp>(op))
    return "holds of compress only annotations; requantization belongs to the "
           "integer form";
  if (!isOfDialect(op, {"builtin", "func", "tosa", "linalg", "arith", "math",
                        "tensor", "quant", "compress"}))
    return "holds tosa, linalg, arith, math, tensor, quant and compress; "
           "import the model as one of them";
  if (anyType(op, isOtherFloatTensor))
    return "holds f32 and integer tensors; export the model in f32";
  return {};
}

/// Masks and gates are no annotations of the model form either, so the rules
/// are the same.
static Rule checkPruned(Operation *op) { return checkModel(op); }

static Rule checkQdq(Operation *op) {
  if (isOfDialect(op, {"tosa"}))
    return "holds no tosa; run --compress-normalize first";
  if (Rule rule = checkModel(op); !rule.empty())
    return rule;
  if (Rule rule = checkQuantCasts(op); !rule.empty())
    return rule;
  if (anyType(op, isDynamicTensor))
    return "holds tensors of static shape; fix the batch with --batch";
  // Codes are constants on their way to a quant.dcast; a body may read tables.
  auto isCode = [](Type type) { return isTensor(type) && !isF32Tensor(type); };
  if (isa<linalg::LinalgOp>(op) && anyType(op, isCode))
    return "computes on f32 tensors; write integer ops as f32 ops between "
           "compress.fake_quant";
  return {};
}

static Rule checkInteger(Operation *op) {
  if (anyType(op, isQuantized))
    return "holds no quantized types; run --int8-lower first";
  if (isa<FakeQuantOp>(op))
    return "holds no compress.fake_quant; run --int8-lower first";
  if (isOfDialect(op, {"tosa"}))
    return isa<tosa::ApplyScaleOp>(op)
               ? Rule()
               : "holds no tosa but tosa.apply_scale; run "
                 "--compress-normalize first";
  // The scalar op in a body is what this form is for.
  if (!isa<RequantizeOp>(op))
    if (Rule rule = checkModel(op); !rule.empty())
      return rule;
  if (anyType(op, isDynamicTensor))
    return "holds tensors of static shape; fix the batch with --batch";
  if (computesOnF32(op) && !op->hasAttr(kFloatAttr) &&
      !op->hasAttr(kConvertAttr))
    return "computes on f32 tensors only where compress.float gives the reason "
           "or compress.convert marks a conversion";
  return {};
}

static Rule checkCode(Operation *op) {
  if (anyType(op, isTensor))
    return "holds no tensors; bufferize first";
  if (isOfDialect(op, {"linalg", "tosa", "quant", "compress"}))
    return "holds loops, vectors and scalars only; lower the op to loops first";
  auto isDynamic = [](Type type) {
    auto memref = dyn_cast<BaseMemRefType>(type);
    return memref && (!memref.hasRank() || !memref.hasStaticShape());
  };
  // A subview in a loop has a static shape at a dynamic offset.
  if (anyType(op, isDynamic))
    return "holds memrefs of static shape; fix the batch with --batch";
  if (isa<memref::AllocOp, memref::ReallocOp, memref::DeallocOp>(op))
    return "allocates nothing; place the buffer in the arena";
  return {};
}

//===----------------------------------------------------------------------===//
// The passes
//===----------------------------------------------------------------------===//

/// Walks `root` and reports the first op that breaks a rule.
static LogicalResult checkForm(Operation *root, StringRef form,
                               Rule (*check)(Operation *),
                               Pass::Statistic &numChecked) {
  WalkResult result = root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    ++numChecked;
    Rule rule = check(op);
    if (rule.empty())
      return WalkResult::advance();
    op->emitOpError("breaks the contract of the ")
        << form << " form, which " << rule;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

namespace {
/// Runs `check` on the module; `Base` is the generated class.
template <typename Base, Rule (*check)(Operation *)>
struct CheckForm : public Base {
  /// The form is the last word of the pass's flag.
  void runOnOperation() override {
    StringRef form = this->getArgument().rsplit('-').second;
    if (failed(checkForm(this->getOperation(), form, check, this->numChecked)))
      this->signalPassFailure();
    else
      this->markAllAnalysesPreserved();
  }
};

struct CheckModel
    : CheckForm<mlir::compress::impl::CheckModelPassBase<CheckModel>,
                checkModel> {};
struct CheckPruned
    : CheckForm<mlir::compress::impl::CheckPrunedPassBase<CheckPruned>,
                checkPruned> {};
struct CheckQdq
    : CheckForm<mlir::compress::impl::CheckQdqPassBase<CheckQdq>, checkQdq> {};
struct CheckInteger
    : CheckForm<mlir::compress::impl::CheckIntegerPassBase<CheckInteger>,
                checkInteger> {};
struct CheckCode
    : CheckForm<mlir::compress::impl::CheckCodePassBase<CheckCode>, checkCode> {
};
} // namespace
