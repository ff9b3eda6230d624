//===- UseBfloat16.cpp - layers that multiply bf16 ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Isa/DotIsa.h"
#include "Kernel/VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_USEBFLOAT16PASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// A sum of products of f32 inputs with constant weights.
struct Layer {
  linalg::LinalgOp op;
  unsigned input, weights; // operands

  Value getInput() const { return op->getOperand(input); }
};

class Narrower {
public:
  explicit Narrower(MLIRContext *context) : rewriter(context) {}

  /// Makes the layers, and what else reads their inputs, linalg.generic where
  /// they can be: before anything is rounded, as other ops take their places.
  void generalize(MutableArrayRef<Layer> layers);
  LogicalResult narrow(const Layer &layer);
  /// Everything else that loses little by it reads what was rounded, so that
  /// the f32 numbers need not be kept.
  void replaceReaders();

private:
  Value round(Value value);
  Value roundElements(Value value);
  /// Whether `use` is an input of an op that may read rounded numbers.
  static bool isReader(OpOperand &use);
  /// An input of an op that reads `wide`, though not to round it; or null.
  static OpOperand *findReader(Value wide, Value narrow);
  /// Makes `op` read `narrow` in place of an f32 operand.
  void replaceOperand(linalg::GenericOp op, unsigned operand, Value narrow);

  IRRewriter rewriter;
  llvm::MapVector<Value, Value> rounded;
};
} // namespace

static Type withBf16(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.clone(BFloat16Type::get(type.getContext()));
}

/// Whether `factor` is bf16 already, wherever it comes from.
static bool isWidenedBf16(Value factor) {
  auto extension = factor.getDefiningOp<arith::ExtFOp>();
  return extension && extension.getIn().getType().isBF16();
}

/// Null with a reason where there is a layer that has to stay f32, null without
/// one where there is no layer.
static std::optional<Layer> matchLayer(linalg::LinalgOp op, StringRef &reason) {
  if (!op.hasPureTensorSemantics() || op->getNumOperands() != 3 ||
      op.getNumDpsInputs() != 2)
    return std::nullopt;
  arith::AddFOp sum = matchProductSum(op);
  Block *body = op.getBlock();
  if (!sum)
    return std::nullopt;
  if (op.hasDynamicShape()) {
    reason = "its shape is dynamic";
    return std::nullopt;
  }
  Value term =
      sum.getLhs() == body->getArgument(2) ? sum.getRhs() : sum.getLhs();
  auto product = term.getDefiningOp<arith::MulFOp>();
  auto lhs = dyn_cast<BlockArgument>(product.getLhs());
  auto rhs = dyn_cast<BlockArgument>(product.getRhs());
  if (!lhs || !rhs || lhs.getOwner() != body || rhs.getOwner() != body ||
      lhs.getArgNumber() + rhs.getArgNumber() != 1 || !lhs.getType().isF32() ||
      !rhs.getType().isF32()) {
    if (!isWidenedBf16(product.getLhs()) || !isWidenedBf16(product.getRhs()))
      reason = "it does not multiply two tensors of f32 as they are";
    return std::nullopt;
  }
  for (unsigned weights : {1u, 0u}) {
    Attribute data;
    if (!matchPattern(op->getOperand(weights), m_Constant(&data)) ||
        !isReadable(data))
      continue;
    unsigned input = 1 - weights;
    AffineMap inputMap = op.getMatchingIndexingMap(&op->getOpOperand(input));
    AffineMap weightMap = op.getMatchingIndexingMap(&op->getOpOperand(weights));
    AffineMap outMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (weightMap.isFunctionOfDim(loop) && outMap.isFunctionOfDim(loop) &&
          !inputMap.isFunctionOfDim(loop))
        return Layer{op, input, weights};
    reason = "no input serves two outputs, as in depthwise convolutions";
    return std::nullopt;
  }
  reason = "none of what it multiplies is a constant: two activations, or "
           "weights that are computed";
  return std::nullopt;
}

static APFloat roundToBf16(double value) {
  APFloat number(static_cast<float>(value));
  bool loses;
  number.convert(APFloat::BFloat(), APFloat::rmNearestTiesToEven, &loses);
  return number;
}

Value Narrower::roundElements(Value value) {
  rewriter.setInsertionPointAfterValue(value);
  auto type = cast<RankedTensorType>(withBf16(value.getType()));
  Location loc = value.getLoc();
  AffineMap map = rewriter.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                        type.getElementType());
  SmallVector<utils::IteratorType> loops(type.getRank(),
                                         utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             rewriter, loc, type, value, empty, ArrayRef<AffineMap>{map, map},
             loops,
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value narrow = arith::TruncFOp::create(
                   b, loc, type.getElementType(), args[0]);
               linalg::YieldOp::create(b, loc, narrow);
             })
      .getResult(0);
}

/// What has the same numbers, and perhaps a constant around them: an operand of
/// the op that pads or reshapes it.
static OpOperand *getSource(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                       tensor::PadOp>(op) ||
      !cast<RankedTensorType>(op->getOperand(0).getType()).hasStaticShape())
    return nullptr;
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    if (Value padding = pad.getConstantPaddingValue();
        !padding || !matchPattern(padding, m_Constant()))
      return nullptr;
  return &op->getOpOperand(0);
}

Value Narrower::round(Value value) {
  auto found = rounded.find(value);
  if (found != rounded.end())
    return found->second;
  // What is only padded or seen in another shape is rounded before.
  Value result;
  if (OpOperand *operand = getSource(value)) {
    Value source = round(operand->get());
    Operation *op = operand->getOwner();
    rewriter.setInsertionPointAfter(op);
    Operation *clone = rewriter.clone(*op);
    clone->setOperand(0, source);
    clone->getResult(0).setType(
        cast<RankedTensorType>(withBf16(value.getType())));
    if (auto pad = dyn_cast<tensor::PadOp>(clone)) {
      FloatAttr padding;
      matchPattern(pad.getConstantPaddingValue(), m_Constant(&padding));
      Block &body = pad.getRegion().front();
      body.clear();
      rewriter.setInsertionPointToEnd(&body);
      Value number = arith::ConstantOp::create(
          rewriter, pad.getLoc(),
          FloatAttr::get(rewriter.getBF16Type(),
                         roundToBf16(padding.getValueAsDouble())));
      tensor::YieldOp::create(rewriter, pad.getLoc(), number);
    }
    result = clone->getResult(0);
  } else {
    result = roundElements(value);
  }
  rounded[value] = result;
  return result;
}

void Narrower::replaceOperand(linalg::GenericOp op, unsigned operand,
                              Value narrow) {
  rewriter.modifyOpInPlace(op, [&] {
    op->setOperand(operand, narrow);
    BlockArgument argument = op.getBody()->getArgument(operand);
    Type wide = argument.getType();
    argument.setType(cast<ShapedType>(narrow.getType()).getElementType());
    if (argument.use_empty())
      return;
    rewriter.setInsertionPointToStart(op.getBody());
    auto extended =
        arith::ExtFOp::create(rewriter, op.getLoc(), wide, argument);
    argument.replaceAllUsesExcept(extended, extended);
  });
}

void Narrower::generalize(MutableArrayRef<Layer> layers) {
  DenseMap<Operation *, Layer *> layerOf;
  llvm::SetVector<Operation *> ops;
  for (Layer &layer : layers) {
    layerOf[layer.op] = &layer;
    ops.insert(layer.op);
    OpOperand *source = nullptr;
    for (Value wide = layer.getInput(); wide;
         wide = source ? source->get() : Value()) {
      for (OpOperand &use : wide.getUses())
        if (isReader(use))
          ops.insert(use.getOwner());
      source = getSource(wide);
    }
  }
  for (Operation *op : ops) {
    if (isa<linalg::GenericOp>(op))
      continue;
    rewriter.setInsertionPoint(op);
    auto generic =
        linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op));
    auto found = layerOf.find(op);
    if (succeeded(generic) && found != layerOf.end())
      found->second->op = *generic;
  }
}

LogicalResult Narrower::narrow(const Layer &layer) {
  Value weights = layer.op->getOperand(layer.weights);
  auto found = rounded.find(weights);
  if (found == rounded.end()) {
    FailureOr<ConstantData> data = readConstant(weights);
    if (failed(data))
      return failure();
    std::vector<uint16_t> numbers(data->size());
    for (int64_t i = 0; i < data->size(); ++i)
      numbers[i] = static_cast<uint16_t>(
          roundToBf16(data->getReal(i)).bitcastToAPInt().getZExtValue());
    rewriter.setInsertionPointAfterValue(weights);
    Value narrow = arith::ConstantOp::create(
        rewriter, weights.getLoc(),
        makeConstant<uint16_t>(
            cast<RankedTensorType>(withBf16(weights.getType())), numbers));
    found = rounded.insert({weights, narrow}).first;
  }
  Value narrowWeights = found->second;
  Value input = round(layer.getInput());
  linalg::LinalgOp matched = layer.op;
  auto op = dyn_cast<linalg::GenericOp>(matched.getOperation());
  if (!op)
    return failure();
  replaceOperand(op, layer.input, input);
  replaceOperand(op, layer.weights, narrowWeights);
  return success();
}

/// Whether an op of the body of `op` loses no more than its operands have lost:
/// sums of tensors and products, but no differences with a number, in which
/// what was rounded may be all that is left, and no integers.
static bool keepsPrecision(linalg::LinalgOp op, Operation &nested) {
  auto isFixed = [&](Value value) {
    if (matchPattern(value, m_Constant()))
      return true;
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || argument.getOwner() != op.getBlock())
      return !argument && value.getParentBlock() != op.getBlock();
    OpOperand *operand = op.getMatchingOpOperand(argument);
    return op.isDpsInput(operand) && matchPattern(operand->get(), m_Constant());
  };
  if (isa<arith::AddFOp>(nested))
    return llvm::none_of(nested.getOperands(), isFixed);
  return isa<arith::MulFOp, arith::MaximumFOp, arith::MinimumFOp,
             arith::MaxNumFOp, arith::MinNumFOp, arith::ConstantOp,
             arith::ExtFOp, linalg::YieldOp>(nested);
}

bool Narrower::isReader(OpOperand &use) {
  auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
  return op && op.isDpsInput(&use) && op.hasPureTensorSemantics() &&
         llvm::all_of(*op.getBlock(), [&](Operation &nested) {
           return keepsPrecision(op, nested);
         });
}

OpOperand *Narrower::findReader(Value wide, Value narrow) {
  for (OpOperand &use : wide.getUses())
    if (narrow.getDefiningOp() != use.getOwner() && isReader(use) &&
        isa<linalg::GenericOp>(use.getOwner()))
      return &use;
  return nullptr;
}

void Narrower::replaceReaders() {
  llvm::SetVector<Operation *> seen;
  for (auto [wide, narrow] : rounded) {
    if (matchPattern(wide, m_Constant()))
      continue;
    while (OpOperand *use = findReader(wide, narrow))
      replaceOperand(cast<linalg::GenericOp>(use->getOwner()),
                     use->getOperandNumber(), narrow);
    if (Operation *op = wide.getDefiningOp())
      seen.insert(op);
  }
  // Pads and reshapes that nothing reads any more keep what they read alive.
  for (Operation *op : llvm::reverse(seen))
    if (isOpTriviallyDead(op))
      rewriter.eraseOp(op);
}

namespace {
struct UseBfloat16
    : public mlir::compress::impl::UseBfloat16PassBase<UseBfloat16> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<Layer> layers;
    auto missed = [](Location loc) {
      return remark::missed(
          loc, remark::RemarkOpts::name("Bfloat16").category("compress"));
    };
    bool canDot = hasBfloat16Dot(parseFeatures(features));
    unsigned without = 0, kept = 0;
    getOperation().walk([&](linalg::LinalgOp op) {
      StringRef reason;
      std::optional<Layer> layer = matchLayer(op, reason);
      if (layer && !canDot) {
        ++without;
      } else if (!reason.empty()) {
        ++kept;
        missed(op.getLoc()) << "stays f32: " << reason;
      } else if (layer) {
        layers.push_back(*layer);
      }
    });
    if (layers.empty() && kept == 0 && without == 0)
      missed(getOperation().getLoc())
          << "has no layer of f32 whose weights are constant";
    if (without > 0)
      missed(getOperation().getLoc())
          << std::to_string(without) +
                 (without == 1 ? " layer stays" : " layers stay") +
                 " f32: the target has no dot products of bf16";
    numKept += kept + without;
    Narrower narrower(&getContext());
    narrower.generalize(layers);
    for (const Layer &layer : layers) {
      if (failed(narrower.narrow(layer))) {
        layer.op->emitError("requires weights that can be read, and an op that "
                            "can be written as linalg.generic");
        return signalPassFailure();
      }
      ++numNarrowed;
    }
    narrower.replaceReaders();
  }
};
} // namespace
