//===- CompressOps.cpp - ops of the compress dialect ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// One identity map for the operand and one for the result.
static SmallVector<AffineMap> identityMaps(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return SmallVector<AffineMap>(
      2, AffineMap::getMultiDimIdentityMap(type.getRank(), value.getContext()));
}

//===----------------------------------------------------------------------===//
// FakeQuantOp
//===----------------------------------------------------------------------===//

quant::QuantizedType FakeQuantOp::getQuantizedType() {
  return cast<quant::QuantizedType>(getType());
}

SmallVector<AffineMap> FakeQuantOp::getDimensionMaps() {
  return identityMaps(getInput());
}

LogicalResult FakeQuantOp::verify() {
  auto type = dyn_cast<quant::QuantizedType>(getType());
  if (!type ||
      !isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(
          type))
    return emitOpError("requires a per-tensor or per-channel quantized type, "
                       "not ")
           << getType();
  if (!type.getExpressedType().isF32())
    return emitOpError("requires f32 as the expressed type, not ")
           << type.getExpressedType();
  unsigned bits = type.getStorageTypeIntegralWidth();
  if (!type.isSigned())
    return emitOpError("requires signed storage; write codes q of u")
           << bits << " as q - " << (1u << (bits - 1))
           << " and shift the zero point alike";
  if (bits < 2 || bits > 16)
    return emitOpError("requires storage of 2 to 16 bits, not ") << bits;
  FailureOr<QuantParams> params = getQuantParams(type);
  if (failed(params))
    return emitOpError("requires scales that are finite, normal f32 numbers "
                       "above 0, and zero points of 32 bits");
  for (int32_t zp : params->zeroPoints)
    if (zp < -32768 || zp > 32767)
      return emitOpError("requires zero points in [-32768, 32767], not ") << zp;
  if (!params->axis)
    return success();
  auto tensor = cast<RankedTensorType>(getInput().getType());
  int32_t axis = *params->axis;
  if (axis < 0 || axis >= tensor.getRank())
    return emitOpError("quantized dimension ")
           << axis << " is outside rank " << tensor.getRank();
  int64_t extent = tensor.getDimSize(axis);
  int64_t count = params->scales.size();
  if (!ShapedType::isDynamic(extent) && extent != count)
    return emitOpError("has ") << count << " scales for " << extent
                               << " channels of dimension " << axis;
  return success();
}

OpFoldResult FakeQuantOp::fold(FoldAdaptor) {
  // Quantizing twice to the same grid is quantizing once. A constant stays:
  // folded, nobody would know its codes any more.
  if (auto inner = getInput().getDefiningOp<FakeQuantOp>())
    if (inner.getType() == getType())
      return getInput();
  return {};
}

//===----------------------------------------------------------------------===//
// ObserveOp
//===----------------------------------------------------------------------===//

SmallVector<AffineMap> ObserveOp::getDimensionMaps() {
  return identityMaps(getInput());
}

LogicalResult ObserveOp::verify() {
  if (getName().empty())
    return emitOpError("requires a name that is not empty");
  return success();
}

OpFoldResult ObserveOp::fold(FoldAdaptor) {
  if (auto inner = getInput().getDefiningOp<ObserveOp>())
    if (inner.getName() == getName())
      return getInput();
  return {};
}

//===----------------------------------------------------------------------===//
// ChannelGateOp, ChannelMaskOp, ScatterChannelsOp
//===----------------------------------------------------------------------===//

/// Checks that dimension `axis` of `value` has `count` elements, one for each
/// of what `what` names.
static LogicalResult checkChannels(Operation *op, Value value, int64_t axis,
                                   int64_t count, StringRef what) {
  auto type = cast<RankedTensorType>(value.getType());
  if (axis < 0 || axis >= type.getRank())
    return op->emitOpError("axis ")
           << axis << " is outside rank " << type.getRank();
  if (type.isDynamicDim(axis))
    return op->emitOpError("requires a static extent of dimension ") << axis;
  if (type.getDimSize(axis) != count)
    return op->emitOpError("has ")
           << count << " " << what << " for " << type.getDimSize(axis)
           << " channels of dimension " << axis;
  return success();
}

SmallVector<AffineMap> ChannelGateOp::getDimensionMaps() {
  return identityMaps(getInput());
}

LogicalResult ChannelGateOp::verify() {
  if (failed(checkChannels(*this, getInput(), getAxis(), getBeta().size(),
                           "numbers in beta")) ||
      failed(checkChannels(*this, getInput(), getAxis(), getGamma().size(),
                           "numbers in gamma")))
    return failure();
  auto isFinite = [](float x) { return std::isfinite(x); };
  if (!llvm::all_of(getBeta(), isFinite) || !llvm::all_of(getGamma(), isFinite))
    return emitOpError("requires finite gates: a channel without a score "
                       "cannot be ranked");
  return success();
}

SmallVector<AffineMap> ChannelMaskOp::getDimensionMaps() {
  return identityMaps(getInput());
}

LogicalResult ChannelMaskOp::verify() {
  return checkChannels(*this, getInput(), getAxis(), getMask().size(), "bits");
}

OpFoldResult ChannelMaskOp::fold(FoldAdaptor) {
  if (llvm::all_of(getMask(), [](bool keep) { return keep; }))
    return getInput();
  return {};
}

SmallVector<AffineMap> ScatterChannelsOp::getDimensionMaps() {
  SmallVector<AffineMap> maps = identityMaps(getInput());
  // The channels of both sides are not the same ones.
  AffineExpr none = getAffineConstantExpr(0, getContext());
  SmallVector<AffineExpr> results(maps[0].getResults());
  results[getAxis()] = none;
  AffineMap map =
      AffineMap::get(maps[0].getNumDims(), 0, results, getContext());
  return {map, map};
}

LogicalResult ScatterChannelsOp::verify() {
  if (failed(checkChannels(*this, getInput(), getAxis(), getIndices().size(),
                           "indices")))
    return failure();
  auto in = cast<RankedTensorType>(getInput().getType());
  auto out = cast<RankedTensorType>(getOutput().getType());
  int64_t axis = getAxis();
  if (in.getRank() != out.getRank() || out.isDynamicDim(axis))
    return emitOpError("requires a result of the same rank, with a static "
                       "extent of dimension ")
           << axis;
  for (int64_t dim = 0; dim < in.getRank(); ++dim)
    if (dim != axis && in.getDimSize(dim) != out.getDimSize(dim))
      return emitOpError("requires operand and result to differ in dimension ")
             << axis << " only";
  int64_t last = -1;
  for (int64_t index : getIndices()) {
    if (index <= last || index >= out.getDimSize(axis))
      return emitOpError("requires ascending indices below ")
             << out.getDimSize(axis);
    last = index;
  }
  return success();
}

OpFoldResult ScatterChannelsOp::fold(FoldAdaptor) {
  if (getInput().getType() == getOutput().getType())
    return getInput();
  return {};
}

//===----------------------------------------------------------------------===//
// RequantizeOp
//===----------------------------------------------------------------------===//

/// `zp(-3) range(-128, 127)`.
static ParseResult parseRequantizeRange(OpAsmParser &parser, IntegerAttr &zp,
                                        IntegerAttr &qmin, IntegerAttr &qmax) {
  Type i32 = parser.getBuilder().getI32Type();
  return failure(parser.parseKeyword("zp") || parser.parseLParen() ||
                 parser.parseAttribute(zp, i32) || parser.parseRParen() ||
                 parser.parseKeyword("range") || parser.parseLParen() ||
                 parser.parseAttribute(qmin, i32) || parser.parseComma() ||
                 parser.parseAttribute(qmax, i32) || parser.parseRParen());
}

static void printRequantizeRange(OpAsmPrinter &printer, Operation *,
                                 IntegerAttr zp, IntegerAttr qmin,
                                 IntegerAttr qmax) {
  printer << "zp(" << zp.getInt() << ") range(" << qmin.getInt() << ", "
          << qmax.getInt() << ")";
}

LogicalResult RequantizeOp::verify() {
  int64_t bits =
      getElementTypeOrSelf(getCode().getType()).getIntOrFloatBitWidth();
  int64_t lo = -(int64_t(1) << (bits - 1)), hi = (int64_t(1) << (bits - 1)) - 1;
  int64_t qmin = static_cast<int32_t>(getQmin());
  int64_t qmax = static_cast<int32_t>(getQmax());
  int64_t zp = static_cast<int32_t>(getZeroPoint());
  if (qmin > qmax || qmin < lo || qmax > hi)
    return emitOpError("requires a range within [")
           << lo << ", " << hi << "], not [" << qmin << ", " << qmax << "]";
  if (zp < -32768 || zp > 32767)
    return emitOpError("requires a zero point in [-32768, 32767], not ") << zp;
  FloatAttr scale;
  if (matchPattern(getScale(), m_Constant(&scale)) &&
      !scale.getValue().isFinite())
    return emitOpError("requires a finite scale");
  return success();
}

OpFoldResult RequantizeOp::fold(FoldAdaptor adaptor) {
  auto scale = dyn_cast_or_null<FloatAttr>(adaptor.getScale());
  if (!scale || !adaptor.getAcc())
    return {};
  float s = scale.getValue().convertToFloat();
  int32_t zp = getZeroPoint(), qmin = getQmin(), qmax = getQmax();
  if (auto acc = dyn_cast<IntegerAttr>(adaptor.getAcc()))
    return IntegerAttr::get(
        getCode().getType(),
        requantize(static_cast<int32_t>(acc.getInt()), s, zp, qmin, qmax));
  if (auto acc = dyn_cast<FloatAttr>(adaptor.getAcc()))
    return IntegerAttr::get(
        getCode().getType(),
        requantize(acc.getValue().convertToFloat(), s, zp, qmin, qmax));
  return {};
}

//===----------------------------------------------------------------------===//
// LookupOp
//===----------------------------------------------------------------------===//

LogicalResult LookupOp::verify() {
  if (getTable().size() != 256)
    return emitOpError("requires a table of 256 entries, one for each code "
                       "from -128 to 127, not ")
           << getTable().size();
  return success();
}

OpFoldResult LookupOp::fold(FoldAdaptor adaptor) {
  auto code = dyn_cast_or_null<IntegerAttr>(adaptor.getCode());
  if (!code)
    return {};
  return IntegerAttr::get(code.getType(), getTable()[code.getInt() + 128]);
}

#define GET_OP_CLASSES
#include "Compress/Dialect/Compress/IR/CompressOps.cpp.inc"
