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
};

class Narrower {
public:
  explicit Narrower(MLIRContext *context) : rewriter(context) {}

  LogicalResult narrow(const Layer &layer);
  /// Everything else that can reads what was rounded, so that the f32 numbers
  /// need not be kept.
  LogicalResult replaceReaders();

private:
  Value round(Value value);
  Value roundElements(Value value);
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

/// Null with a reason where there is a layer that has to stay f32, null without
/// one where there is no layer.
static std::optional<Layer> matchLayer(linalg::LinalgOp op, StringRef &reason) {
  if (!op.hasPureTensorSemantics() || op->getNumOperands() != 3 ||
      op.getNumDpsInputs() != 2 || op.hasDynamicShape())
    return std::nullopt;
  arith::AddFOp sum = matchProductSum(op);
  Block *body = op.getBlock();
  if (!sum)
    return std::nullopt;
  Value term =
      sum.getLhs() == body->getArgument(2) ? sum.getRhs() : sum.getLhs();
  auto product = term.getDefiningOp<arith::MulFOp>();
  auto lhs = dyn_cast<BlockArgument>(product.getLhs());
  auto rhs = dyn_cast<BlockArgument>(product.getRhs());
  if (!lhs || !rhs || lhs.getOwner() != body || rhs.getOwner() != body ||
      lhs.getArgNumber() + rhs.getArgNumber() != 1 || !lhs.getType().isF32() ||
      !rhs.getType().isF32())
    return std::nullopt;
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
  reason = "it multiplies two activations";
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

Value Narrower::round(Value value) {
  auto found = rounded.find(value);
  if (found != rounded.end())
    return found->second;
  // What is only padded or seen in another shape is rounded before.
  Operation *op = value.getDefiningOp();
  Value result;
  std::optional<double> padding;
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(op)) {
    FloatAttr attr;
    if (Value constant = pad.getConstantPaddingValue();
        constant && matchPattern(constant, m_Constant(&attr)))
      padding = attr.getValueAsDouble();
  }
  bool reshapes =
      isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op);
  if (reshapes || padding) {
    Value source = round(op->getOperand(0));
    rewriter.setInsertionPointAfter(op);
    Operation *clone = rewriter.clone(*op);
    clone->setOperand(0, source);
    clone->getResult(0).setType(
        cast<RankedTensorType>(withBf16(value.getType())));
    if (auto pad = dyn_cast<tensor::PadOp>(clone)) {
      Block &body = pad.getRegion().front();
      body.clear();
      rewriter.setInsertionPointToEnd(&body);
      Value number = arith::ConstantOp::create(
          rewriter, pad.getLoc(),
          FloatAttr::get(rewriter.getBF16Type(), roundToBf16(*padding)));
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

/// A linalg.generic of its own for `op`, which may be one.
static FailureOr<linalg::GenericOp> makeGeneric(RewriterBase &rewriter,
                                                linalg::LinalgOp op) {
  if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
    return generic;
  rewriter.setInsertionPoint(op);
  return linalg::generalizeNamedOp(rewriter, op);
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
  Value input = round(layer.op->getOperand(layer.input));
  FailureOr<linalg::GenericOp> op = makeGeneric(rewriter, layer.op);
  if (failed(op))
    return failure();
  replaceOperand(*op, layer.input, input);
  replaceOperand(*op, layer.weights, narrowWeights);
  return success();
}

OpOperand *Narrower::findReader(Value wide, Value narrow) {
  for (OpOperand &use : wide.getUses()) {
    auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (op && narrow.getDefiningOp() != use.getOwner() && op.isDpsInput(&use) &&
        op.hasPureTensorSemantics())
      return &use;
  }
  return nullptr;
}

LogicalResult Narrower::replaceReaders() {
  SmallVector<Operation *> seen;
  for (auto [wide, narrow] : rounded) {
    if (matchPattern(wide, m_Constant()))
      continue;
    while (OpOperand *use = findReader(wide, narrow)) {
      unsigned operand = use->getOperandNumber();
      auto generic =
          makeGeneric(rewriter, cast<linalg::LinalgOp>(use->getOwner()));
      if (failed(generic))
        return use->getOwner()->emitError(
            "requires an op that can be written as linalg.generic");
      replaceOperand(*generic, operand, narrow);
    }
    if (Operation *op = wide.getDefiningOp())
      seen.push_back(op);
  }
  // Pads and reshapes that nothing reads any more keep what they read alive.
  for (Operation *op : llvm::reverse(seen))
    if (isOpTriviallyDead(op))
      rewriter.eraseOp(op);
  return success();
}

namespace {
struct UseBfloat16
    : public mlir::compress::impl::UseBfloat16PassBase<UseBfloat16> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<Layer> layers;
    bool canDot = hasBfloat16Dot(parseFeatures(features));
    getOperation().walk([&](linalg::LinalgOp op) {
      StringRef reason;
      std::optional<Layer> layer = matchLayer(op, reason);
      if (layer && !canDot)
        reason = "the target has no dot products of bf16";
      if (!reason.empty()) {
        ++numKept;
        remark::missed(
            op.getLoc(),
            remark::RemarkOpts::name("Bfloat16").category("compress"))
            << "stays f32: " << reason;
      } else if (layer) {
        layers.push_back(*layer);
      }
    });
    Narrower narrower(&getContext());
    for (const Layer &layer : layers) {
      if (failed(narrower.narrow(layer))) {
        layer.op->emitError("requires weights that can be read, and an op that "
                            "can be written as linalg.generic");
        return signalPassFailure();
      }
      ++numNarrowed;
    }
    if (failed(narrower.replaceReaders()))
      return signalPassFailure();
  }
};
} // namespace
