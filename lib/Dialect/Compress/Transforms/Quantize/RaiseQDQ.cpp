//===- RaiseQDQ.cpp - quant.dcast(quant.qcast) to fake_quant -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RAISEQDQPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// `type` with signed storage: codes and zero points move by half the range.
static Type toSignedStorage(quant::QuantizedType type) {
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

namespace {
struct RaiseQDQ : public mlir::compress::impl::RaiseQDQPassBase<RaiseQDQ> {
  void runOnOperation() override {
    SmallVector<quant::DequantizeCastOp> casts;
    getOperation().walk([&](quant::DequantizeCastOp op) { casts.push_back(op); });
    for (quant::DequantizeCastOp dcast : casts) {
      auto qcast = dcast.getInput().getDefiningOp<quant::QuantizeCastOp>();
      if (!qcast)
        continue;
      auto tensor = dyn_cast<RankedTensorType>(qcast.getInput().getType());
      auto type = dyn_cast<quant::QuantizedType>(
          getElementTypeOrSelf(qcast.getResult().getType()));
      if (!tensor || !tensor.getElementType().isF32() || !type)
        continue;
      Type raised = toSignedStorage(type);
      if (failed(getQuantParams(raised))) {
        dcast.emitError("requires per-tensor or per-channel scales that are "
                        "finite, normal f32 numbers above 0");
        return signalPassFailure();
      }
      OpBuilder builder(dcast);
      Value fake = FakeQuantOp::create(builder, qcast.getLoc(), tensor,
                                       qcast.getInput(), TypeAttr::get(raised));
      dcast.getResult().replaceAllUsesWith(fake);
      dcast.erase();
      if (qcast->use_empty())
        qcast.erase();
      ++numRaised;
    }
    getOperation().walk([&](quant::QuantizeCastOp op) {
      remark::missed(op.getLoc(), remark::RemarkOpts::name("RaiseQDQ")
                                      .category("compress"))
          << "quant.qcast stays: its codes are used by something other than "
             "quant.dcast";
    });
  }
};
} // namespace
