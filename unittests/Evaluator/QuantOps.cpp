//===- QuantOps.cpp - quantized values in f32 -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "FunctionRun.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace oracle;

namespace {
/// A quantized type as grids; the last dimension but `inner` elements selects.
struct Grids {
  std::vector<Grid> grids;
  CodeRange range;
  int64_t inner = 1;
  unsigned bits = 8;
  bool isSigned = true;

  const Grid &at(int64_t element) const {
    return grids[element / inner % grids.size()];
  }
};
} // namespace

static llvm::Expected<Grids> gridsOf(Type type,
                                     const std::vector<int64_t> &shape) {
  Grids result;
  auto quantized = dyn_cast<quant::QuantizedType>(type);
  if (!quantized || !quantized.getExpressedType().isF32())
    return oracle::failure("a type is not quantized from f32");
  result.range = {static_cast<int32_t>(quantized.getStorageTypeMin()),
                  static_cast<int32_t>(quantized.getStorageTypeMax())};
  result.bits = quantized.getStorageTypeIntegralWidth();
  result.isSigned = quantized.isSigned();
  auto add = [&](double scale, int64_t zeroPoint) {
    result.grids.push_back(
        {static_cast<float>(scale), static_cast<int32_t>(zeroPoint)});
  };
  if (auto one = dyn_cast<quant::UniformQuantizedType>(type)) {
    add(one.getScale(), one.getZeroPoint());
    return result;
  }
  auto many = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!many)
    return oracle::failure("a quantized type has no evaluation");
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(many.getScales(), many.getZeroPoints()))
    add(scale, zeroPoint);
  size_t axis = many.getQuantizedDimension();
  if (axis >= shape.size() ||
      shape[axis] != static_cast<int64_t>(result.grids.size()))
    return oracle::failure("a quantized type does not fit its tensor");
  for (size_t d = axis + 1; d < shape.size(); ++d)
    result.inner *= shape[d];
  return result;
}

/// Codes are held in their signless storage type.
static std::optional<Kind> storageKind(Type type) {
  auto quantized = dyn_cast<quant::QuantizedType>(getElementTypeOrSelf(type));
  return quantized ? kindOf(quantized.getStorageType()) : std::nullopt;
}

llvm::Error FunctionRun::evaluateQuantOp(Operation *op, bool &known) {
  known = isa<compress::FakeQuantOp, compress::ObserveOp, quant::StorageCastOp,
              quant::QuantizeCastOp, quant::DequantizeCastOp>(op);
  if (!known)
    return llvm::Error::success();
  const HostTensor &x = (*this)[op->getOperand(0)];
  if (isa<compress::ObserveOp, quant::StorageCastOp>(op)) {
    define(op->getResult(0), x);
    return llvm::Error::success();
  }
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  if (auto fake = dyn_cast<compress::FakeQuantOp>(op))
    type = fake.getType();
  else if (isa<quant::DequantizeCastOp>(op))
    type = getElementTypeOrSelf(op->getOperand(0).getType());
  llvm::Expected<Grids> grids = gridsOf(type, x.shape);
  if (!grids)
    return grids.takeError();
  Kind kind = Kind::F32;
  if (isa<quant::QuantizeCastOp>(op)) {
    std::optional<Kind> storage = storageKind(op->getResult(0).getType());
    if (!storage)
      return failure("'quant.qcast' has a storage type without evaluation");
    kind = *storage;
  }
  HostTensor result(kind, x.shape);
  for (int64_t i = 0, e = x.size(); i < e; ++i) {
    const Grid &grid = grids->at(i);
    Scalar value = x.get(i), y;
    if (isa<compress::FakeQuantOp>(op)) {
      y.f = fakeQuantize(value.f, grid, grids->range);
    } else if (isa<quant::QuantizeCastOp>(op)) {
      y.i = quantize(value.f, grid, grids->range);
    } else {
      int64_t code = value.i;
      if (!grids->isSigned)
        code &= (int64_t(1) << grids->bits) - 1;
      y.f = dequantize(static_cast<int32_t>(code), grid);
    }
    result.set(i, y);
  }
  define(op->getResult(0), std::move(result));
  return llvm::Error::success();
}
