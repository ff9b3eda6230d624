//===- QuantizeObserved.cpp - from ranges to the qdq form -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "Compress/Support/InputFile.h"
#include "QuantizeWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

namespace mlir::compress {
#define GEN_PASS_DEF_QUANTIZEOBSERVEDPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;

LogicalResult
mlir::compress::readRanges(MLIRContext *context, StringRef path,
                           std::shared_ptr<const CalibrationTable> &table) {
  auto fail = [&](llvm::Error error) {
    return emitError(UnknownLoc::get(context))
           << llvm::toString(std::move(error));
  };
  if (path.empty())
    return emitError(UnknownLoc::get(context))
           << "there are no ranges; name a file with ranges=FILE";
  auto file = ::compress::openInputFile(path);
  if (!file)
    return fail(file.takeError());
  auto parsed = CalibrationTable::parse((*file)->getBuffer(), path);
  if (!parsed)
    return fail(parsed.takeError());
  table = std::make_shared<const CalibrationTable>(std::move(*parsed));
  return success();
}

static std::string constantRemark(const ::compress::CalibrationEntry &entry) {
  std::string text;
  llvm::raw_string_ostream(text)
      << "tensor '" << entry.name << "' was "
      << llvm::format("%g", entry.observedMin) << " throughout";
  return text;
}

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("QuantizeObserved").category("compress");
}

/// The scale of the activation `value`, if it is quantized per tensor: itself,
/// or what is moved to it.
static std::optional<float> scaleOf(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (auto fake = dyn_cast<FakeQuantOp>(def)) {
      FailureOr<QuantParams> params = getQuantParams(fake.getQuantizedType());
      if (failed(params) || params->isPerAxis() || params->bits > 8)
        return std::nullopt;
      return params->scales[0];
    }
    std::optional<Movement> move = matchMovement(def);
    if (auto observer = dyn_cast<ObserveOp>(def))
      value = observer.getInput();
    else if (move && move->data.size() == 1)
      value = move->data[0]->get();
    else
      break;
  }
  return std::nullopt;
}

namespace {
struct QuantizeObserved
    : public mlir::compress::impl::QuantizeObservedPassBase<QuantizeObserved> {
  using Base::Base;
  QuantizeObserved(std::shared_ptr<const CalibrationTable> table,
                   const QuantizeObservedPassOptions &options)
      : Base(options), table(std::move(table)) {}

  LogicalResult initialize(MLIRContext *context) override {
    return table ? success() : readRanges(context, ranges, table);
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<ObserveOp> observers;
    func.walk([&](ObserveOp op) { observers.push_back(op); });
    if (observers.empty()) {
      if (func.isExternal() || func.isPrivate() || table->entries.empty())
        return;
      func.emitOpError("has no observed tensor for the ranges; run "
                       "--compress-place-observers first");
      return signalPassFailure();
    }
    if (failed(checkNames(observers)))
      return signalPassFailure();
    for (ObserveOp observer : observers)
      quantizeTensor(observer);
    if (failed(quantizeWeights()))
      return signalPassFailure();
    // The f32 weights and biases, users before what they use.
    func.walk<WalkOrder::PostOrder, mlir::ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }

private:
  LogicalResult checkNames(ArrayRef<ObserveOp> observers) {
    llvm::StringSet<> names;
    for (ObserveOp observer : observers) {
      names.insert(observer.getName());
      if (!table->find(observer.getName()))
        return observer.emitOpError("has no range for tensor '")
               << observer.getName()
               << "'; calibrate this network, with these options, again";
    }
    for (const auto &entry : table->entries)
      if (!names.contains(entry.name))
        return getOperation().emitOpError("has no tensor '")
               << entry.name
               << "' to quantize, for which there is a range; take the line "
                  "out, or calibrate this network again";
    return success();
  }

  void quantizeTensor(ObserveOp observer) {
    const ::compress::CalibrationEntry &entry =
        *table->find(observer.getName());
    if (entry.observedMin == entry.observedMax)
      remark::analysis(observer.getLoc(), named()) << constantRemark(entry);
    OpBuilder b(observer);
    Type type = getActivationType(&getContext(), entry.range, table->symmetric);
    Value fake =
        FakeQuantOp::create(b, observer.getLoc(), observer.getInput().getType(),
                            observer.getInput(), TypeAttr::get(type));
    ++numTensors;
    if (keepObservers) {
      observer.getInputMutable().assign(fake);
      return;
    }
    observer.getOutput().replaceAllUsesWith(fake);
    observer.erase();
  }

  /// Whether each of `entries` is for one of the ops that are quantized.
  template <typename T>
  LogicalResult checkUsed(const std::vector<T> &entries,
                          const llvm::StringSet<> &quantized, StringRef what) {
    for (const T &entry : entries)
      if (!quantized.contains(entry.name))
        return getOperation().emitOpError("has no convolution or product '")
               << entry.name << "' that is quantized, for a " << what
               << " in the ranges; calibrate this network again";
    return success();
  }

  LogicalResult quantizeWeights() {
    llvm::StringSet<> quantized;
    for (auto &[op, name] : nameWeightedOps(getOperation())) {
      std::optional<float> scale = scaleOf(op.input->get());
      if (!scale || op.op->hasAttr(kFloatAttr))
        continue;
      quantized.insert(name);
      ArrayRef<double> correction;
      if (const auto *found = table->findCorrection(name))
        correction = found->values;
      if (!correction.empty() &&
          static_cast<int64_t>(correction.size()) != op.numChannels())
        return op.op.emitOpError("has ")
               << op.numChannels() << " channels, and corrections for "
               << correction.size() << "; calibrate this network again";
      ArrayRef<int8_t> steps = getSteps(*table, name);
      int64_t numWeights =
          cast<RankedTensorType>(op.filter->get().getType()).getNumElements();
      if (!steps.empty() && static_cast<int64_t>(steps.size()) != numWeights)
        return op.op.emitOpError("has ")
               << numWeights << " weights, and roundings for " << steps.size()
               << "; calibrate this network again";
      OpBuilder b(op.op);
      std::string reason;
      FailureOr<QuantizedOperands> operands =
          quantizeOperands(b, op, *scale, weights, correction, steps, reason);
      if (failed(operands)) {
        remark::missed(op.op.getLoc(), named())
            << ("weights stay f32: " + reason);
        continue;
      }
      op.filter->set(operands->filter);
      op.init->set(operands->init);
      ++this->numWeights;
    }
    if (failed(checkUsed(table->corrections, quantized, "correction")) ||
        failed(checkUsed(table->rounding, quantized, "rounding")))
      return failure();
    return success();
  }

  std::shared_ptr<const CalibrationTable> table;
};
} // namespace

std::unique_ptr<Pass> mlir::compress::createQuantizeObservedPass(
    std::shared_ptr<const CalibrationTable> table,
    const QuantizeObservedPassOptions &options) {
  return std::make_unique<QuantizeObserved>(std::move(table), options);
}
