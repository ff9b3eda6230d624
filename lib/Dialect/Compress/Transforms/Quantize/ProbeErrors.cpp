//===- ProbeErrors.cpp - what quantization changes on average -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "QuantizeWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PROBEERRORSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;

/// The mean of `exact` - `quantized` over all dimensions but the channels.
static Value buildMeanError(OpBuilder &b, const WeightedOp &op, Value exact,
                            Value quantized) {
  Location loc = exact.getLoc();
  auto type = cast<RankedTensorType>(exact.getType());
  auto result = RankedTensorType::get(op.channelShape, b.getF32Type());
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
  Value empty =
      tensor::EmptyOp::create(b, loc, op.channelShape, b.getF32Type());
  Value init = linalg::FillOp::create(b, loc, zero, empty)->getResult(0);
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::reduction);
  for (unsigned d : op.channelDims)
    iterators[d] = utils::IteratorType::parallel;
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  auto part = static_cast<float>(static_cast<double>(op.numChannels()) /
                                 static_cast<double>(type.getNumElements()));
  return linalg::GenericOp::create(
             b, loc, TypeRange{result}, ValueRange{exact, quantized},
             ValueRange{init},
             ArrayRef<AffineMap>{identity, identity, op.channelMap()},
             iterators,
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value error = arith::SubFOp::create(b, loc, args[0], args[1]);
               Value factor =
                   arith::ConstantOp::create(b, loc, b.getF32FloatAttr(part));
               Value term = arith::MulFOp::create(b, loc, error, factor);
               linalg::YieldOp::create(
                   b, loc,
                   arith::AddFOp::create(b, loc, args[2], term).getResult());
             })
      ->getResult(0);
}

namespace {
struct ProbeErrors
    : public mlir::compress::impl::ProbeErrorsPassBase<ProbeErrors> {
  using Base::Base;
  ProbeErrors(std::shared_ptr<const CalibrationTable> table,
              const ProbeErrorsPassOptions &options)
      : Base(options), table(std::move(table)) {}

  LogicalResult initialize(MLIRContext *context) override {
    return table ? success() : readRanges(context, ranges, table);
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    if (failed(checkStraight(func)))
      return signalPassFailure();
    SmallVector<Value> results;
    SmallVector<std::string> names;
    for (auto &[op, name] : nameWeightedOps(func)) {
      if (op.op->hasAttr(kFloatAttr))
        continue;
      OpBuilder b(&getContext());
      b.setInsertionPointAfter(op.op);
      float scale;
      Value input = buildQuantizedInput(b, op.input->get(), *table, scale);
      std::string reason;
      if (!input)
        continue;
      FailureOr<QuantizedOperands> operands = quantizeOperands(
          b, op, scale, weights, {}, getSteps(*table, name), reason);
      if (failed(operands)) // Quantizing says why.
        continue;
      linalg::LinalgOp twin =
          cloneWithOperands(b, op, input, operands->filter, operands->init);
      results.push_back(
          buildMeanError(b, op, op.op->getResult(0), twin->getResult(0)));
      names.push_back(name);
    }
    replaceResults(func, results, names);
    dropObservers(func);
    numProbed += results.size();
  }

  std::shared_ptr<const CalibrationTable> table;
};
} // namespace

std::unique_ptr<Pass> mlir::compress::createProbeErrorsPass(
    std::shared_ptr<const CalibrationTable> table,
    const ProbeErrorsPassOptions &options) {
  return std::make_unique<ProbeErrors>(std::move(table), options);
}
