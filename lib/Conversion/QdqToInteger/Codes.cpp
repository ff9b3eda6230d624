//===- Codes.cpp - values that are codes ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<Codes> mlir::compress::matchActivation(Value value) {
  std::optional<Codes> codes = matchCodes(value);
  if (!codes || codes->params.isPerAxis() || codes->params.bits != 8)
    return std::nullopt;
  return codes;
}

Value mlir::compress::buildDequantized(OpBuilder &b, Location loc, Value codes,
                                       quant::QuantizedType type) {
  auto tensor = cast<RankedTensorType>(codes.getType());
  Value cast = quant::StorageCastOp::create(b, loc, tensor.clone(type), codes);
  return quant::DequantizeCastOp::create(
      b, loc, tensor.clone(type.getExpressedType()), cast);
}

/// Constants of the scales and zero points of `params` and the map by which a
/// tensor of `rank` reads them.
static AffineMap paramMap(const QuantParams &params, int64_t rank,
                          MLIRContext *ctx) {
  SmallVector<AffineExpr> results;
  if (params.isPerAxis())
    results.push_back(getAffineDimExpr(*params.axis, ctx));
  return AffineMap::get(rank, 0, results, ctx);
}

/// A generic over `x` whose body also gets scale and zero point of its element.
static Value buildElementwise(
    OpBuilder &b, Location loc, Value x, Type element,
    quant::QuantizedType type,
    function_ref<Value(OpBuilder &, Location, Value x, Value scale, Value zp)>
        body) {
  FailureOr<QuantParams> params = getQuantParams(type);
  auto tensor = cast<RankedTensorType>(x.getType());
  int64_t rank = tensor.getRank();
  SmallVector<Value> inputs = {x};
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps = {identity};
  Value scale, zp;
  if (params->isPerAxis()) {
    inputs.push_back(buildVector(b, loc, ArrayRef<float>(params->scales)));
    inputs.push_back(
        buildVector(b, loc, ArrayRef<int32_t>(params->zeroPoints)));
    maps.append(2, paramMap(*params, rank, b.getContext()));
  } else {
    scale =
        arith::ConstantOp::create(b, loc, b.getF32FloatAttr(params->scales[0]));
    zp = arith::ConstantOp::create(b, loc,
                                   b.getI32IntegerAttr(params->zeroPoints[0]));
  }
  maps.push_back(identity);
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, x), element);
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{tensor.clone(element)}, inputs, ValueRange{empty}, maps,
      SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value s = params->isPerAxis() ? args[1] : scale;
        Value z = params->isPerAxis() ? args[2] : zp;
        linalg::YieldOp::create(b, loc, body(b, loc, args[0], s, z));
      });
  generic->setAttr(kConvertAttr, TypeAttr::get(type));
  return generic.getResult(0);
}

Value mlir::compress::buildQuantize(OpBuilder &b, Location loc, Value x,
                                    quant::QuantizedType type) {
  FailureOr<QuantParams> params = getQuantParams(type);
  Type element = b.getIntegerType(params->bits <= 8 ? 8 : 16);
  Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1));
  bool oneZeroPoint = llvm::all_equal(params->zeroPoints);
  auto fits = [](int32_t zp) { return std::abs(zp) <= 32000; };
  if (!oneZeroPoint &&
      (params->bits > 8 || !llvm::all_of(params->zeroPoints, fits)))
    return {};
  return buildElementwise(
      b, loc, x, element, type,
      [&](OpBuilder &b, Location loc, Value x, Value scale, Value zp) -> Value {
        Value v = arith::DivFOp::create(b, loc, x, scale);
        if (oneZeroPoint)
          return RequantizeOp::create(b, loc, element, v, one,
                                      params->zeroPoints[0], params->qmin,
                                      params->qmax);
        // A zero point a channel: round to 16 bits first, then shift and clamp.
        // What 16 bits cut off lies beyond any 8-bit range as well.
        Value rounded = RequantizeOp::create(b, loc, b.getI16Type(), v, one, 0,
                                             INT16_MIN, INT16_MAX);
        Value code = arith::ExtSIOp::create(b, loc, b.getI32Type(), rounded);
        code = arith::AddIOp::create(b, loc, code, zp);
        auto bound = [&](int32_t value) -> Value {
          return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
        };
        code = arith::MaxSIOp::create(b, loc, code, bound(params->qmin));
        code = arith::MinSIOp::create(b, loc, code, bound(params->qmax));
        return arith::TruncIOp::create(b, loc, element, code);
      });
}

Value mlir::compress::buildDequantize(OpBuilder &b, Location loc, Value codes,
                                      quant::QuantizedType type) {
  Type f32 = b.getF32Type();
  return buildElementwise(
      b, loc, codes, f32, type,
      [&](OpBuilder &b, Location loc, Value q, Value scale, Value zp) -> Value {
        Value wide =
            q.getType().isInteger(32)
                ? q
                : Value(arith::ExtSIOp::create(b, loc, b.getI32Type(), q));
        Value centred = arith::SubIOp::create(b, loc, wide, zp);
        Value real = arith::SIToFPOp::create(b, loc, f32, centred);
        return arith::MulFOp::create(b, loc, real, scale);
      });
}
