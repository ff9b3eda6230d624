//===- OpBuilderReduce.cpp - reductions ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// The value that does not change an accumulation.
static float getNeutral(ReduceKind kind) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  switch (kind) {
  case ReduceKind::Sum:
  case ReduceKind::Mean:
    return 0.0f;
  case ReduceKind::Product:
    return 1.0f;
  case ReduceKind::Max:
    return -infinity;
  case ReduceKind::Min:
    return infinity;
  }
  llvm_unreachable("no such reduction");
}

static Value accumulate(ReduceKind kind, OpBuilder &b, Location l,
                        Value element, Value accumulator) {
  switch (kind) {
  case ReduceKind::Sum:
  case ReduceKind::Mean:
    return arith::AddFOp::create(b, l, accumulator, element);
  case ReduceKind::Product:
    return arith::MulFOp::create(b, l, accumulator, element);
  case ReduceKind::Max:
    return arith::MaximumFOp::create(b, l, accumulator, element);
  case ReduceKind::Min:
    return arith::MinimumFOp::create(b, l, accumulator, element);
  }
  llvm_unreachable("no such reduction");
}

FailureOr<Value> ModelOpBuilder::reduce(ReduceKind kind, Value x,
                                        ArrayRef<int64_t> axes, bool keepDims) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> kept, keptWithUnits(type.getShape());
  SmallVector<AffineExpr> keptDims;
  int64_t count = 1;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    if (!llvm::is_contained(axes, d)) {
      kept.push_back(type.getDimSize(d));
      keptDims.push_back(builder.getAffineDimExpr(d));
      continue;
    }
    keptWithUnits[d] = 1;
    count *= type.getDimSize(d);
  }
  FailureOr<RankedTensorType> keptType = getType(kept);
  if (failed(keptType))
    return failure();
  Value result = x;
  if (!axes.empty()) {
    SmallVector<AffineMap> maps{
        builder.getMultiDimIdentityMap(type.getRank()),
        AffineMap::get(type.getRank(), 0, keptDims, getContext())};
    result = generic(x, createFilled(*keptType, getNeutral(kind)), maps, axes,
                     [&](OpBuilder &b, Location l, ValueRange v) {
                       return accumulate(kind, b, l, v[0], v[1]);
                     });
  }
  if (kind == ReduceKind::Mean && !axes.empty()) {
    Tensor divisor = Tensor::fromConstant(
        ConstantTensor::fromFloats({}, {static_cast<float>(count)}));
    FailureOr<Value> mean =
        elementwise({Tensor::fromValue(result), divisor},
                    [](OpBuilder &b, Location l, ValueRange v) -> Value {
                      return arith::DivFOp::create(b, l, v[0], v[1]);
                    });
    if (failed(mean))
      return failure();
    result = *mean;
  }
  return keepDims ? reshapeValue(result, keptWithUnits) : result;
}

FailureOr<Value> ModelOpBuilder::softmax(Value x, ArrayRef<int64_t> axes,
                                         bool isLog) {
  auto type = cast<RankedTensorType>(x.getType());
  // A reduced operand keeps the dimensions outside of `axes`.
  SmallVector<AffineExpr> keptDims;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (!llvm::is_contained(axes, d))
      keptDims.push_back(builder.getAffineDimExpr(d));
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  AffineMap projection =
      AffineMap::get(type.getRank(), 0, keptDims, getContext());
  SmallVector<AffineMap> maps{identity, projection, identity};
  auto combine = [&](Value full, Value reduced, ScalarBody body) {
    return generic({full, reduced}, createEmpty(type), maps, {}, body);
  };

  FailureOr<Value> largest = reduce(ReduceKind::Max, x, axes, false);
  if (failed(largest))
    return failure();
  Value shifted =
      combine(x, *largest, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::SubFOp::create(b, l, v[0], v[1]);
      });
  Value powers = generic(shifted, createEmpty(type), {identity, identity}, {},
                         [](OpBuilder &b, Location l, ValueRange v) -> Value {
                           return math::ExpOp::create(b, l, v[0]);
                         });
  FailureOr<Value> sum = reduce(ReduceKind::Sum, powers, axes, false);
  if (failed(sum))
    return failure();
  if (isLog)
    return combine(shifted, *sum,
                   [](OpBuilder &b, Location l, ValueRange v) -> Value {
                     Value logarithm = math::LogOp::create(b, l, v[1]);
                     return arith::SubFOp::create(b, l, v[0], logarithm);
                   });
  return combine(powers, *sum,
                 [](OpBuilder &b, Location l, ValueRange v) -> Value {
                   return arith::DivFOp::create(b, l, v[0], v[1]);
                 });
}
