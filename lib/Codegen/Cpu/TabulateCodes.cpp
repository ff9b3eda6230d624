//===- TabulateCodes.cpp - functions of one code as tables ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "Isa/VectorTarget.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_TABULATECODESPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Instructions for as many codes as a vector has 32-bit lanes.
static int64_t costOfLookup(const llvm::StringSet<> &features) {
  if (features.contains("avx512vbmi"))
    return 1;
  return 16; // sixteen shuffles of four registers, or loads of single bytes
}

static int64_t costOf(Operation *op) {
  if (isa<RequantizeOp>(op))
    return 7;
  if (isa<arith::DivFOp>(op))
    return 5;
  if (isa<tensor::ExtractOp>(op))
    return 16;
  if (isa<math::AbsFOp, math::CopySignOp>(op))
    return 1;
  return op->getDialect() && isa<math::MathDialect>(op->getDialect()) ? 30 : 1;
}

static bool isCode(Value value) { return value.getType().isInteger(8); }

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

/// Whether `op` gives the same for the same scalars, wherever it stands.
static bool isFunction(Operation &op) {
  if (op.getNumResults() != 1 || op.getNumRegions() != 0 || !isPure(&op))
    return false;
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return isConstant(extract.getTensor());
  return OpTrait::hasElementwiseMappableTraits(&op);
}

namespace {
/// A code of a body that is a function of another one.
struct Function {
  Value code, result;
  SmallVector<Operation *> ops; // between the two, in order
  int64_t cost = 0;
};
} // namespace

/// Everything between `code` and `result`.
static Function traceFunction(Value code, Value result) {
  Function function{code, result, {}};
  llvm::SetVector<Operation *> ops;
  SmallVector<Value> open{result};
  while (!open.empty()) {
    Value value = open.pop_back_val();
    if (value == code || isConstant(value) ||
        !ops.insert(value.getDefiningOp()))
      continue;
    llvm::append_range(open, value.getDefiningOp()->getOperands());
  }
  for (Operation &op : *result.getParentBlock())
    if (ops.contains(&op)) {
      function.ops.push_back(&op);
      function.cost += costOf(&op);
    }
  return function;
}

/// The functions of one code that a body computes, the longest of each chain.
static SmallVector<Function> findFunctions(linalg::GenericOp op) {
  // The one code that each value depends on; null for those of more.
  DenseMap<Value, Value> codeOf;
  Block *body = op.getBody();
  for (BlockArgument argument : body->getArguments())
    codeOf[argument] = isCode(argument) ? argument : BlockArgument();
  for (Operation &nested : body->without_terminator()) {
    if (nested.hasTrait<OpTrait::ConstantLike>())
      continue;
    Value code;
    bool isOne = isFunction(nested);
    for (Value operand : nested.getOperands()) {
      if (isConstant(operand))
        continue;
      Value other = codeOf.lookup(operand);
      isOne &= other && (!code || code == other);
      code = other;
    }
    for (Value result : nested.getResults())
      codeOf[result] = isOne && code ? code : isCode(result) ? result : Value();
  }
  SmallVector<Function> functions;
  for (Operation &nested : body->without_terminator()) {
    if (nested.getNumResults() != 1 || !isCode(nested.getResult(0)))
      continue;
    Value result = nested.getResult(0), code = codeOf.lookup(result);
    if (!code || code == result)
      continue;
    bool isLast = llvm::any_of(nested.getUsers(), [&](Operation *user) {
      return user == body->getTerminator() || user->getBlock() != body ||
             user->getNumResults() != 1 ||
             codeOf.lookup(user->getResult(0)) != code;
    });
    if (isLast)
      functions.push_back(traceFunction(code, result));
  }
  return functions;
}

/// `function` on its own: of a tensor of codes.
static void buildOnItsOwn(OpBuilder &b, Location loc, const Function &function,
                          StringRef name) {
  OpBuilder::InsertionGuard guard(b);
  auto type = RankedTensorType::get({256}, b.getI8Type());
  auto func =
      func::FuncOp::create(b, loc, name, b.getFunctionType({type}, {type}));
  Block *entry = func.addEntryBlock();
  b.setInsertionPointToStart(entry);
  Value out = tensor::EmptyOp::create(b, loc, type.getShape(), b.getI8Type());
  AffineMap map = b.getMultiDimIdentityMap(1);
  IRMapping mapping;
  // Constants may stand anywhere; tensors outside of the body.
  for (Operation *op : function.ops)
    for (Value operand : op->getOperands())
      if (isConstant(operand) && !mapping.contains(operand))
        b.clone(*operand.getDefiningOp(), mapping);
  auto generic = linalg::GenericOp::create(
      b, loc, type, entry->getArgument(0), out, ArrayRef<AffineMap>{map, map},
      utils::IteratorType::parallel,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        mapping.map(function.code, args[0]);
        for (Operation *op : function.ops)
          b.clone(*op, mapping);
        linalg::YieldOp::create(b, loc, mapping.lookup(function.result));
      });
  func::ReturnOp::create(b, loc, generic.getResults());
}

/// What the only op of `func` computes of each code, if that can be evaluated.
static std::optional<SmallVector<int8_t>> evaluate(func::FuncOp func) {
  auto generic = *func.getOps<linalg::GenericOp>().begin();
  std::vector<std::unique_ptr<ConstantData>> constants;
  auto lookup = [&](Value value) -> const ConstantData * {
    FailureOr<ConstantData> data = readConstant(value);
    if (failed(data))
      return nullptr;
    constants.push_back(std::make_unique<ConstantData>(std::move(*data)));
    return constants.back().get();
  };
  std::optional<ScalarBody> body = ScalarBody::get(generic, lookup);
  if (!body)
    return std::nullopt;
  SmallVector<int8_t> table;
  for (int64_t code = -128; code < 128; ++code)
    table.push_back(
        static_cast<int8_t>(body->evaluate({{0, code}, {}}).integer));
  return table;
}

namespace {
struct TabulateCodes
    : public mlir::compress::impl::TabulateCodesPassBase<TabulateCodes> {
  using TabulateCodesPassBase::TabulateCodesPassBase;

  void runOnOperation() override {
    int64_t limit = costOfLookup(parseFeatures(features));
    SmallVector<Function> functions;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.getNumLoops() == op.getNumParallelLoops())
        for (Function &function : findFunctions(op))
          if (function.cost > limit)
            functions.push_back(std::move(function));
    });
    if (functions.empty())
      return;
    // As the code computes them, expanded by the same passes.
    OpBuilder b(&getContext());
    b.setInsertionPointToEnd(getOperation().getBody());
    auto apart = ModuleOp::create(b, getOperation().getLoc());
    b.setInsertionPointToStart(apart.getBody());
    SmallVector<func::FuncOp> funcs;
    for (auto [number, function] : llvm::enumerate(functions)) {
      buildOnItsOwn(b, function.result.getLoc(), function,
                    "function_" + std::to_string(number));
      funcs.push_back(cast<func::FuncOp>(apart.getBody()->back()));
    }
    OpPassManager pm(ModuleOp::getOperationName());
    pm.addPass(createExpandRequantizePass());
    TosaToArithPassOptions scales;
    scales.includeApplyRescale = true;
    pm.addNestedPass<func::FuncOp>(createTosaToArithPass(scales));
    pm.addPass(createExpandMathPass());
    pm.addNestedPass<func::FuncOp>(createExpandExtremaPass());
    if (failed(runPipeline(pm, apart)))
      return signalPassFailure();
    // The last first: what it is computed by may be a function itself.
    for (auto [function, func] :
         llvm::zip_equal(llvm::reverse(functions), llvm::reverse(funcs))) {
      std::optional<SmallVector<int8_t>> table = evaluate(func);
      if (!table) {
        remark::missed(
            function.result.getLoc(),
            remark::RemarkOpts::name("Tabulate").category("compress"))
            << "this function of one code is computed each time, not looked "
               "up: an operation of it, or their number, cannot be evaluated";
        continue;
      }
      b.setInsertionPointAfterValue(function.result);
      Value result =
          LookupOp::create(b, function.result.getLoc(), function.code, *table);
      function.result.replaceAllUsesWith(result);
      for (Operation *op : llvm::reverse(function.ops))
        if (isOpTriviallyDead(op))
          op->erase();
      ++numTables;
    }
    apart.erase();
  }
};
} // namespace
