//===- WeightedOp.cpp - convolutions and products with weights -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

int64_t WeightedOp::numChannels() const {
  int64_t count = 1;
  for (int64_t extent : channelShape)
    count *= extent;
  return count;
}

void WeightedOp::forEachFilterElement(
    function_ref<void(int64_t, int64_t)> fn) const {
  auto type = cast<RankedTensorType>(filter->get().getType());
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t channel = 0;
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
    fn(i, channel);
    for (int64_t d = shape.size() - 1; d >= 0; --d) {
      channel += filterChannelStride[d];
      if (++index[d] < shape[d])
        break;
      channel -= filterChannelStride[d] * shape[d];
      index[d] = 0;
    }
  }
}

AffineMap WeightedOp::channelMap() const {
  auto type = cast<RankedTensorType>(init->get().getType());
  SmallVector<AffineExpr> results;
  for (unsigned d : channelDims)
    results.push_back(getAffineDimExpr(d, op->getContext()));
  return AffineMap::get(type.getRank(), 0, results, op->getContext());
}

/// Whether the product of a body that matchCombiner calls MulAdd is that of the
/// two inputs, not, say, the square of their difference.
static bool multipliesInputs(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  auto uncast = [](Value value) {
    Operation *def = value.getDefiningOp();
    while (
        isa_and_nonnull<arith::ExtSIOp, arith::ExtFOp, arith::SIToFPOp>(def)) {
      value = def->getOperand(0);
      def = value.getDefiningOp();
    }
    return value;
  };
  Value acc = body->getArgument(2);
  Operation *sum = body->getTerminator()->getOperand(0).getDefiningOp();
  Operation *product =
      uncast(sum->getOperand(sum->getOperand(0) == acc ? 1 : 0))
          .getDefiningOp();
  if (!product || product->getNumOperands() != 2)
    return false;
  Value a = uncast(product->getOperand(0)), b = uncast(product->getOperand(1));
  Value x = body->getArgument(0), w = body->getArgument(1);
  return (a == x && b == w) || (a == w && b == x);
}

/// `value` as extsi(argument) - other argument, as a pair of their numbers.
static std::optional<std::pair<unsigned, unsigned>> matchCentred(Value value) {
  auto sub = value.getDefiningOp<arith::SubIOp>();
  auto ext =
      sub ? sub.getLhs().getDefiningOp<arith::ExtSIOp>() : arith::ExtSIOp();
  auto x = ext ? dyn_cast<BlockArgument>(ext.getIn()) : BlockArgument();
  auto zero = sub ? dyn_cast<BlockArgument>(sub.getRhs()) : BlockArgument();
  if (!x || !zero)
    return std::nullopt;
  return std::make_pair(x.getArgNumber(), zero.getArgNumber());
}

bool mlir::compress::isCentredProduct(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  if (op.getNumDpsInputs() != 4 || op.getNumDpsInits() != 1 ||
      !getElementTypeOrSelf(op->getResult(0)).isInteger(32))
    return false;
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  if (!add)
    return false;
  BlockArgument acc = body->getArgument(4);
  Value term = add.getLhs() == acc ? add.getRhs() : add.getLhs();
  auto mul = term.getDefiningOp<arith::MulIOp>();
  if (!mul || (add.getLhs() != acc && add.getRhs() != acc))
    return false;
  auto a = matchCentred(mul.getLhs()), b = matchCentred(mul.getRhs());
  if (!a || !b)
    return false;
  auto x = std::make_pair(0u, 2u), w = std::make_pair(1u, 3u);
  return (*a == x && *b == w) || (*a == w && *b == x);
}

std::optional<WeightedOp> mlir::compress::matchWeightedOp(Operation *operation,
                                                          StringRef *reason,
                                                          bool allowOpenShape) {
  auto reject = [&](StringRef why) -> std::optional<WeightedOp> {
    if (reason)
      *reason = why;
    return std::nullopt;
  };
  auto op = dyn_cast<linalg::LinalgOp>(operation);
  if (!op || op.getNumDpsInputs() < 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return reject("no reduction of two inputs");
  if (op.hasDynamicShape() && !allowOpenShape)
    return reject("shape is not static; use --batch");
  bool quantized = op.getNumDpsInputs() == 4;
  if (!quantized &&
      (op.getNumDpsInputs() != 2 || matchCombiner(op) != CombinerKind::MulAdd))
    return reject("does not sum products");
  if (!quantized && !multipliesInputs(op))
    return reject("sums products of something else than its two inputs");
  // The filter is the operand without compound expressions that is constant;
  // by linalg's convention the second one.
  WeightedOp view{op,
                  op.getDpsInputOperand(0),
                  op.getDpsInputOperand(1),
                  op.getDpsInitOperand(0),
                  {},
                  {},
                  {},
                  {}};
  AffineMap filterMap = op.getMatchingIndexingMap(view.filter);
  AffineMap resultMap = op.getMatchingIndexingMap(view.init);
  if (!filterMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation())
    return reject("filter or result is not indexed by plain loops");
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  for (auto [dim, expr] : llvm::enumerate(resultMap.getResults())) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (!filterMap.isFunctionOfDim(loop))
      continue;
    if (ShapedType::isDynamic(extents[loop]))
      return reject("the number of its channels is open");
    view.channelLoops.push_back(loop);
    view.channelShape.push_back(extents[loop]);
    view.channelDims.push_back(dim);
  }
  int64_t stride = 1;
  DenseMap<unsigned, int64_t> strideOfLoop;
  for (unsigned loop : llvm::reverse(view.channelLoops)) {
    strideOfLoop[loop] = stride;
    stride *= extents[loop];
  }
  for (AffineExpr expr : filterMap.getResults())
    view.filterChannelStride.push_back(
        strideOfLoop.lookup(cast<AffineDimExpr>(expr).getPosition()));
  return view;
}

std::optional<BiasSource> mlir::compress::matchBias(const WeightedOp &op) {
  Value init = op.init->get();
  if (auto splat = matchSplat(init))
    return BiasSource{{}, *splat};
  auto broadcast = matchBroadcast(init);
  if (!broadcast)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(broadcast->source.getType());
  if (!type || type.getShape() != ArrayRef<int64_t>(op.channelShape) ||
      broadcast->map != op.channelMap())
    return std::nullopt;
  return BiasSource{broadcast->source, 0};
}

template <typename T>
static Value channelConstant(OpBuilder &b, Location loc, const WeightedOp &op,
                             ArrayRef<T> values, Type element) {
  auto type = RankedTensorType::get(op.channelShape, element);
  return arith::ConstantOp::create(b, loc, makeConstant(type, values));
}

Value mlir::compress::buildChannelConstant(OpBuilder &b, Location loc,
                                           const WeightedOp &op,
                                           ArrayRef<int32_t> values) {
  return channelConstant(b, loc, op, values, b.getI32Type());
}

Value mlir::compress::buildChannelConstant(OpBuilder &b, Location loc,
                                           const WeightedOp &op,
                                           ArrayRef<float> values) {
  return channelConstant(b, loc, op, values, b.getF32Type());
}

Value mlir::compress::buildBiasInit(OpBuilder &b, Location loc,
                                    const WeightedOp &op, Value bias) {
  auto result = cast<RankedTensorType>(op.init->get().getType());
  Value empty = tensor::EmptyOp::create(b, loc, result.getShape(),
                                        getElementTypeOrSelf(bias.getType()));
  SmallVector<int64_t> repeated;
  for (int64_t d = 0; d < result.getRank(); ++d)
    if (!llvm::is_contained(op.channelDims, static_cast<unsigned>(d)))
      repeated.push_back(d);
  if (repeated.empty())
    return bias;
  return linalg::BroadcastOp::create(b, loc, bias, empty, repeated)
      ->getResult(0);
}

/// A generic with the same maps that sums extsi(x) * extsi(w), or x * w.
static linalg::LinalgOp buildGeneric(OpBuilder &b, linalg::LinalgOp op,
                                     ValueRange inputs, Value init) {
  SmallVector<AffineMap> maps = {op.getIndexingMapsArray()[0],
                                 op.getIndexingMapsArray()[1],
                                 op.getIndexingMapsArray().back()};
  return linalg::GenericOp::create(
      b, op.getLoc(), TypeRange{init.getType()}, inputs, ValueRange{init}, maps,
      op.getIteratorTypesArray(),
      [](OpBuilder &b, Location loc, ValueRange args) {
        Type acc = args[2].getType();
        if (isa<FloatType>(acc)) {
          Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
          linalg::YieldOp::create(
              b, loc,
              arith::AddFOp::create(b, loc, args[2], product).getResult());
          return;
        }
        Value x = arith::ExtSIOp::create(b, loc, acc, args[0]);
        Value w = arith::ExtSIOp::create(b, loc, acc, args[1]);
        Value product = arith::MulIOp::create(b, loc, x, w);
        linalg::YieldOp::create(
            b, loc,
            arith::AddIOp::create(b, loc, args[2], product).getResult());
      });
}

linalg::LinalgOp mlir::compress::cloneWithOperands(OpBuilder &b,
                                                   const WeightedOp &view,
                                                   Value input, Value filter,
                                                   Value init) {
  using namespace linalg;
  Operation *raw = view.op;
  SmallVector<Value> inputs = {input, filter};
  // Element types that the body computes on already need no other body.
  auto elementOf = [](Value v) { return getElementTypeOrSelf(v.getType()); };
  if (raw->getNumOperands() == 3 &&
      elementOf(input) == elementOf(view.input->get()) &&
      elementOf(filter) == elementOf(view.filter->get()) &&
      elementOf(init) == elementOf(view.init->get())) {
    SmallVector<Value> operands = {input, filter, init};
    return cast<LinalgOp>(clone(b, raw, TypeRange{init.getType()}, operands));
  }
  auto strided = [&](auto source, auto *target) -> LinalgOp {
    using Target = std::remove_pointer_t<decltype(target)>;
    return cast<LinalgOp>(Target::create(b, raw->getLoc(),
                                         TypeRange{init.getType()}, inputs,
                                         ValueRange{init}, source.getStrides(),
                                         source.getDilations())
                              .getOperation());
  };
  if (auto conv = dyn_cast<Conv2DNhwcHwcfOp>(raw))
    return strided(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNhwcHwcfQOp>(raw))
    return strided(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNchwFchwOp>(raw))
    return strided(conv, static_cast<Conv2DNchwFchwOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNchwFchwQOp>(raw))
    return strided(conv, static_cast<Conv2DNchwFchwOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNhwcHwcOp>(raw))
    return strided(conv, static_cast<DepthwiseConv2DNhwcHwcOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNhwcHwcQOp>(raw))
    return strided(conv, static_cast<DepthwiseConv2DNhwcHwcOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNhwcHwcmOp>(raw))
    return strided(conv, static_cast<DepthwiseConv2DNhwcHwcmOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNhwcHwcmQOp>(raw))
    return strided(conv, static_cast<DepthwiseConv2DNhwcHwcmOp *>(nullptr));
  auto product = [&](auto source) -> LinalgOp {
    using Op = decltype(source);
    return cast<LinalgOp>(Op::create(b, raw->getLoc(),
                                     TypeRange{init.getType()}, inputs,
                                     ValueRange{init})
                              .getOperation());
  };
  if (auto matmul = dyn_cast<MatmulOp>(raw);
      matmul && !matmul.hasUserDefinedMaps())
    return product(matmul);
  if (auto matmul = dyn_cast<BatchMatmulOp>(raw);
      matmul && !matmul.hasUserDefinedMaps())
    return product(matmul);
  if (isa<QuantizedMatmulOp>(raw))
    return product(MatmulOp());
  if (isa<QuantizedBatchMatmulOp>(raw))
    return product(BatchMatmulOp());
  return buildGeneric(b, view.op, inputs, init);
}
