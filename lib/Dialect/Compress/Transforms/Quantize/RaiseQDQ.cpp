//===- RaiseQDQ.cpp - quant.dcast(quant.qcast) to fake_quant -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RAISEQDQPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// `type` with signed storage: codes and zero points move by half the range.
static quant::QuantizedType toSignedStorage(quant::QuantizedType type) {
  if (type.isSigned())
    return type;
  unsigned bits = type.getStorageTypeIntegralWidth();
  int64_t shift = int64_t(1) << (bits - 1);
  auto storage = IntegerType::get(type.getContext(), bits);
  int64_t lo = type.getStorageTypeMin() - shift;
  int64_t hi = type.getStorageTypeMax() - shift;
  if (auto tensor = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, storage, type.getExpressedType(),
        tensor.getScale(), tensor.getZeroPoint() - shift, lo, hi);
  if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
    SmallVector<int64_t> zeroPoints(axis.getZeroPoints());
    for (int64_t &zp : zeroPoints)
      zp -= shift;
    return quant::UniformQuantizedPerAxisType::get(
        quant::QuantizationFlags::Signed, storage, type.getExpressedType(),
        axis.getScales(), zeroPoints, axis.getQuantizedDimension(), lo, hi);
  }
  return type;
}

/// fake_quant of a constant, with its codes as the constant:
///
///   %codes = arith.constant : tensor<NxiB>
///   %q = quant.scast %codes : tensor<NxiB> to tensor<Nx!quant.uniform<iB...>>
///   %y = quant.dcast %q
static Value buildStored(OpBuilder &b, FakeQuantOp op) {
  FailureOr<ConstantData> data = readConstant(op.getInput());
  FailureOr<QuantParams> params = getQuantParams(op.getType());
  quant::QuantizedType type = op.getQuantizedType();
  // Codes of odd widths have no raw form; they stay fake quantized.
  if (failed(data) || failed(params) ||
      (params->bits != 8 && params->bits != 16))
    return {};
  ArrayRef<int64_t> shape = data->type.getShape();
  int64_t inner = 1, extent = 1;
  if (params->isPerAxis()) {
    extent = shape[*params->axis];
    for (int64_t size : shape.drop_front(*params->axis + 1))
      inner *= size;
  }
  std::vector<char> bytes;
  for (int64_t i = 0, e = data->size(); i < e; ++i) {
    int64_t channel = i / inner % extent;
    int32_t code =
        quantize(static_cast<float>(data->getReal(i)), params->scale(channel),
                 params->zeroPoint(channel), params->qmin, params->qmax);
    for (unsigned byte = 0; byte < params->bits / 8; ++byte)
      bytes.push_back(static_cast<char>(code >> (8 * byte)));
  }
  Value codes = arith::ConstantOp::create(
      b, op.getLoc(),
      makeConstant(data->type.clone(type.getStorageType()), bytes));
  Value stored = quant::StorageCastOp::create(
      b, op.getLoc(), data->type.clone(Type(type)), codes);
  return quant::DequantizeCastOp::create(b, op.getLoc(), data->type, stored);
}

/// Constant codes of unsigned storage become signed ones: q - 2^(bits - 1),
/// which is the flip of their highest bit.
static void makeSigned(quant::DequantizeCastOp dcast) {
  auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
  auto tensor = dyn_cast<RankedTensorType>(dcast.getInput().getType());
  auto type = dyn_cast<quant::QuantizedType>(
      getElementTypeOrSelf(dcast.getInput().getType()));
  if (!scast || !tensor || !type || type.isSigned() ||
      type.getStorageTypeIntegralWidth() % 8 != 0)
    return;
  FailureOr<ConstantData> data = readConstant(scast.getInput());
  if (failed(data))
    return;
  unsigned width = data->elementBytes();
  for (size_t i = width - 1; i < data->bytes.size(); i += width)
    data->bytes[i] = static_cast<char>(data->bytes[i] ^ 0x80);
  OpBuilder b(dcast);
  Value codes = arith::ConstantOp::create(
      b, scast.getLoc(), makeConstant(data->type, data->bytes));
  Value stored = quant::StorageCastOp::create(
      b, scast.getLoc(), tensor.clone(toSignedStorage(type)), codes);
  dcast.getInputMutable().assign(stored);
}

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("RaiseQDQ").category("compress");
}

namespace {
struct RaiseQDQ : public mlir::compress::impl::RaiseQDQPassBase<RaiseQDQ> {
  void runOnOperation() override {
    if (failed(raisePairs()))
      return signalPassFailure();
    storeConstants();
    getOperation().walk([&](quant::QuantizeCastOp op) {
      remark::missed(op.getLoc(), named())
          << "quant.qcast stays: its codes are used by something other than "
             "quant.dcast";
    });
  }

private:
  LogicalResult raisePairs() {
    SmallVector<quant::DequantizeCastOp> casts;
    getOperation().walk(
        [&](quant::DequantizeCastOp op) { casts.push_back(op); });
    for (quant::DequantizeCastOp dcast : casts) {
      auto type = dyn_cast<quant::QuantizedType>(
          getElementTypeOrSelf(dcast.getInput().getType()));
      // Types that say less: of a range, or nothing at all.
      if (!isa_and_nonnull<quant::UniformQuantizedType,
                           quant::UniformQuantizedPerAxisType>(type))
        return dcast.emitError("requires a per-tensor or per-channel quantized "
                               "type; calibrate the model first");
      if (failed(getQuantParams(type)))
        return dcast.emitError("requires per-tensor or per-channel scales that "
                               "are finite, normal f32 numbers above 0, and "
                               "zero points of 32 bits");
      auto qcast = dcast.getInput().getDefiningOp<quant::QuantizeCastOp>();
      if (!qcast) {
        makeSigned(dcast);
        continue;
      }
      auto tensor = dyn_cast<RankedTensorType>(qcast.getInput().getType());
      if (!tensor || !tensor.getElementType().isF32() ||
          type.getStorageTypeIntegralWidth() > 16)
        return dcast.emitError("requires a ranked f32 tensor and storage of at "
                               "most 16 bits behind a quant.qcast; upstream "
                               "folds any other pair to its operand");
      Type raised = toSignedStorage(type);
      OpBuilder builder(dcast);
      Value fake = FakeQuantOp::create(builder, qcast.getLoc(), tensor,
                                       qcast.getInput(), TypeAttr::get(raised));
      dcast.getResult().replaceAllUsesWith(fake);
      dcast.erase();
      if (qcast->use_empty())
        qcast.erase();
      ++numRaised;
      remark::passed(fake.getLoc(), named())
          << "quant.qcast and quant.dcast made compress.fake_quant";
    }
    return success();
  }

  void storeConstants() {
    SmallVector<FakeQuantOp> fakes;
    getOperation().walk([&](FakeQuantOp op) { fakes.push_back(op); });
    for (FakeQuantOp fake : fakes) {
      OpBuilder builder(fake);
      Value stored = buildStored(builder, fake);
      if (!stored)
        continue;
      fake.getOutput().replaceAllUsesWith(stored);
      Operation *constant = fake.getInput().getDefiningOp();
      fake.erase();
      if (isOpTriviallyDead(constant))
        constant->erase();
      ++numStored;
      remark::passed(stored.getLoc(), named())
          << "fake quantized constant stored as codes";
    }
  }
};
} // namespace
