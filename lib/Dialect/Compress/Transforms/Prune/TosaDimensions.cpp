//===- TosaDimensions.cpp - how TOSA ops relate dimensions ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/TosaDimensions.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// Maps of one op from a number of loops.
class Maps {
public:
  Maps(Operation *op, unsigned numLoops)
      : context(op->getContext()), numLoops(numLoops) {}

  AffineExpr loop(unsigned number) const {
    return getAffineDimExpr(number, context);
  }
  AffineExpr none() const { return getAffineConstantExpr(0, context); }
  void add(ArrayRef<AffineExpr> dims) {
    maps.push_back(AffineMap::get(numLoops, 0, dims, context));
  }
  /// Of a value whose dimensions are related to no others.
  void addUnrelated(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    add(SmallVector<AffineExpr>(type ? type.getRank() : 0, none()));
  }
  SmallVector<AffineMap> take() { return std::move(maps); }

private:
  MLIRContext *context;
  unsigned numLoops;
  SmallVector<AffineMap> maps;
};
} // namespace

static RankedTensorType typeOf(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

/// Loop by loop; what has one element where the result has more is repeated.
static SmallVector<AffineMap> getElementwiseMaps(Operation *op) {
  RankedTensorType result = typeOf(op->getResult(0));
  if (!result)
    return {};
  Maps maps(op, result.getRank());
  auto addAligned = [&](Value value) {
    RankedTensorType type = typeOf(value);
    if (!type || type.getRank() != result.getRank())
      return maps.addUnrelated(value);
    SmallVector<AffineExpr> dims;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      dims.push_back(type.getDimSize(dim) == 1 && result.getDimSize(dim) != 1
                         ? maps.none()
                         : maps.loop(dim));
    maps.add(dims);
  };
  if (isa<tosa::RescaleOp>(op)) {
    addAligned(op->getOperand(0));
    // Multiplier and shift: one, or one for each element of the last dimension.
    for (unsigned i : {1, 2})
      if (cast<tosa::RescaleOp>(op).getPerChannel() && result.getRank() > 0)
        maps.add(maps.loop(result.getRank() - 1));
      else
        maps.addUnrelated(op->getOperand(i));
    maps.addUnrelated(op->getOperand(3));
    maps.addUnrelated(op->getOperand(4));
  } else {
    // Shifts, zero points and tables come behind the data.
    unsigned data = isa<tosa::NegateOp, tosa::TableOp>(op) ? 1
                    : isa<tosa::MulOp>(op)                 ? 2
                                                           : 3;
    for (auto [number, operand] : llvm::enumerate(op->getOperands()))
      if (number < data)
        addAligned(operand);
      else
        maps.addUnrelated(operand);
  }
  addAligned(op->getResult(0));
  return maps.take();
}

/// Loops: image, row, column, output channel, kernel row and column, input
/// channel.
static SmallVector<AffineMap> getConvMaps(Operation *op) {
  Maps maps(op, 7);
  AffineExpr n = maps.loop(0), h = maps.loop(1), w = maps.loop(2),
             oc = maps.loop(3), kh = maps.loop(4), kw = maps.loop(5),
             ic = maps.loop(6);
  bool isTransposed = isa<tosa::TransposeConv2DOp>(op);
  if (isTransposed)
    maps.add({n, h, w, ic});
  else
    maps.add({n, h + kh, w + kw, ic});
  maps.add({oc, kh, kw, ic});
  bool isOne = typeOf(op->getOperand(2)).getShape() == ArrayRef<int64_t>{1};
  maps.add(isOne ? maps.none() : oc);
  maps.addUnrelated(op->getOperand(3));
  maps.addUnrelated(op->getOperand(4));
  if (isTransposed)
    maps.add({n, h + kh, w + kw, oc});
  else
    maps.add({n, h, w, oc});
  return maps.take();
}

/// Loops: image, row, column, channel, multiple, kernel row and column.
static SmallVector<AffineMap> getDepthwiseMaps(tosa::DepthwiseConv2DOp op) {
  Maps maps(op, 7);
  AffineExpr n = maps.loop(0), h = maps.loop(1), w = maps.loop(2),
             c = maps.loop(3), m = maps.loop(4), kh = maps.loop(5),
             kw = maps.loop(6);
  int64_t multiple = typeOf(op.getWeight()).getDimSize(3);
  AffineExpr channel = multiple == 1 ? c : c * multiple + m;
  maps.add({n, h + kh, w + kw, c});
  maps.add({kh, kw, c, multiple == 1 ? maps.none() : m});
  bool isOne = typeOf(op.getBias()).getShape() == ArrayRef<int64_t>{1};
  maps.add(isOne ? maps.none() : channel);
  maps.addUnrelated(op->getOperand(3));
  maps.addUnrelated(op->getOperand(4));
  maps.add({n, h, w, channel});
  return maps.take();
}

/// Of pools and resizes. Loops: image, row, column, channel, and the rows and
/// columns that a pixel is computed from.
static SmallVector<AffineMap> getPoolMaps(Operation *op) {
  Maps maps(op, 6);
  AffineExpr n = maps.loop(0), h = maps.loop(1), w = maps.loop(2),
             c = maps.loop(3);
  maps.add({n, h + maps.loop(4), w + maps.loop(5), c});
  for (Value operand : op->getOperands().drop_front())
    maps.addUnrelated(operand);
  maps.add({n, h, w, c});
  return maps.take();
}

static SmallVector<AffineMap> getMatMulMaps(tosa::MatMulOp op) {
  Maps maps(op, 4);
  AffineExpr n = maps.loop(0), h = maps.loop(1), w = maps.loop(2),
             c = maps.loop(3);
  maps.add({n, h, c});
  maps.add({n, c, w});
  maps.addUnrelated(op->getOperand(2));
  maps.addUnrelated(op->getOperand(3));
  maps.add({n, h, w});
  return maps.take();
}

static SmallVector<AffineMap> getReduceMaps(Operation *op) {
  RankedTensorType type = typeOf(op->getOperand(0));
  int64_t axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
  Maps maps(op, type.getRank());
  SmallVector<AffineExpr> dims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    dims.push_back(maps.loop(dim));
  maps.add(dims);
  dims[axis] = maps.none();
  maps.add(dims);
  return maps.take();
}

static SmallVector<AffineMap> getTransposeMaps(tosa::TransposeOp op) {
  ArrayRef<int32_t> perms = op.getPerms();
  Maps maps(op, perms.size());
  SmallVector<AffineExpr> from(perms.size()), to;
  for (auto [dim, source] : llvm::enumerate(perms)) {
    from[source] = maps.loop(dim);
    to.push_back(maps.loop(dim));
  }
  maps.add(from);
  maps.add(to);
  return maps.take();
}

/// Loops: batch, index, channel. Which rows are taken is not looked at.
static SmallVector<AffineMap> getGatherMaps(tosa::GatherOp op) {
  Maps maps(op, 3);
  AffineExpr n = maps.loop(0), w = maps.loop(1), c = maps.loop(2);
  maps.add({n, maps.none(), c});
  maps.add({n, w});
  maps.add({n, w, c});
  return maps.take();
}

static SmallVector<AffineMap> getTileMaps(tosa::TileOp op) {
  RankedTensorType from = typeOf(op.getInput1()), to = typeOf(op.getOutput());
  if (!to)
    return {};
  Maps maps(op, to.getRank());
  SmallVector<AffineExpr> source, result;
  for (int64_t dim = 0; dim < to.getRank(); ++dim) {
    bool same = from.getDimSize(dim) == to.getDimSize(dim);
    // A repeated dimension is related to none, its own elements included.
    source.push_back(same ? maps.loop(dim) : maps.none());
    result.push_back(same || from.getDimSize(dim) == 1 ? maps.loop(dim)
                                                       : maps.none());
  }
  maps.add(source);
  maps.addUnrelated(op.getMultiples());
  maps.add(result);
  return maps.take();
}

namespace {
template <typename Op>
struct TosaDimensions
    : public DimensionRelationInterface::ExternalModel<TosaDimensions<Op>, Op> {
  SmallVector<AffineMap> getDimensionMaps(Operation *op) const {
    // Of unranked tensors nothing is known.
    for (Value value :
         llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                             SmallVector<Value>(op->getResults())))
      if (isa<TensorType>(value.getType()) && !typeOf(value))
        return {};
    return TypeSwitch<Operation *, SmallVector<AffineMap>>(op)
        .template Case<tosa::Conv2DOp, tosa::TransposeConv2DOp>(getConvMaps)
        .template Case<tosa::MaxPool2dOp, tosa::AvgPool2dOp, tosa::ResizeOp>(
            getPoolMaps)
        .template Case<tosa::ReduceSumOp, tosa::ReduceMaxOp, tosa::ReduceMinOp,
                       tosa::ReduceProductOp, tosa::ReduceAllOp,
                       tosa::ReduceAnyOp>(getReduceMaps)
        .template Case<tosa::DepthwiseConv2DOp>(getDepthwiseMaps)
        .template Case<tosa::MatMulOp>(getMatMulMaps)
        .template Case<tosa::TransposeOp>(getTransposeMaps)
        .template Case<tosa::GatherOp>(getGatherMaps)
        .template Case<tosa::TileOp>(getTileMaps)
        .Default(getElementwiseMaps);
  }
};
} // namespace

template <typename... Ops>
static void attachTo(MLIRContext *context) {
  (Ops::template attachInterface<TosaDimensions<Ops>>(*context), ...);
}

void mlir::compress::registerTosaDimensions(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tosa::TosaDialect *) {
    using namespace tosa;
    attachTo<AbsOp, AddOp, ArithmeticRightShiftOp, BitwiseAndOp, BitwiseNotOp,
             BitwiseOrOp, BitwiseXorOp, CastOp, CeilOp, ClampOp, ClzOp, CosOp,
             EqualOp, ErfOp, ExpOp, FloorOp, GreaterEqualOp, GreaterOp,
             IdentityOp, IntDivOp, LogOp, LogicalAndOp, LogicalLeftShiftOp,
             LogicalNotOp, LogicalOrOp, LogicalRightShiftOp, LogicalXorOp,
             MaximumOp, MinimumOp, MulOp, NegateOp, PowOp, ReciprocalOp,
             RescaleOp, RsqrtOp, SelectOp, SigmoidOp, SinOp, SubOp, TableOp,
             TanhOp>(context);
    attachTo<AvgPool2dOp, Conv2DOp, DepthwiseConv2DOp, GatherOp, MatMulOp,
             MaxPool2dOp, ReduceAllOp, ReduceAnyOp, ReduceMaxOp, ReduceMinOp,
             ReduceProductOp, ReduceSumOp, ResizeOp, TileOp, TransposeConv2DOp,
             TransposeOp>(context);
  });
}
