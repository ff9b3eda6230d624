//===- EqualizeChannels.cpp - channels of like ranges ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor x with channels c becomes x[c] / s[c], s > 0: what makes it gives
// that, and what uses it multiplies by s again. Both go into weights. What is
// added, concatenated or sliced has the factors of the other tensors.
//
//===----------------------------------------------------------------------===//

#include "ChannelClasses.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "QuantizeWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace mlir::compress {
#define GEN_PASS_DEF_EQUALIZECHANNELSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;
using ::compress::ChannelScales;

/// Marks the classes whose channels a layer mixes: its weights have one scale
/// for all of them.
static std::vector<char> findMixed(const ChannelClasses &classes) {
  std::vector<char> mixed(classes.getNumNodes(), 0);
  for (const ScalableLayer &layer : classes.getLayers()) {
    bool mixes = false;
    for (auto [input, output] : llvm::zip_first(layer.inputChannelStride,
                                                layer.op.filterChannelStride))
      mixes |= input != 0 && output == 0;
    Value input = layer.op.input->get();
    for (unsigned c = 0, e = mixes ? classes.getNumChannels(input) : 0; c < e;
         ++c)
      mixed[classes.getClass(input, c)] = 1;
  }
  return mixed;
}

/// The factor of a channel is a root of its range, relative to that of the
/// tensor: the square root halves, in bits, what lesser channels lack. All the
/// way would leave no room for what other samples have, and the weights that a
/// factor makes smaller lose bits: so it is the cube root where a layer mixes
/// the channels. Where several tensors have them, as those of a residual stream
/// do, the geometric mean counts; what is lost there, every later layer sees,
/// and the square root is better.
std::vector<ChannelScales>
mlir::compress::chooseEqualization(func::FuncOp func,
                                   ArrayRef<ChannelScales> magnitudes) {
  // A channel that hardly occurs here may be greater in other data.
  constexpr double kLeast = 1.0 / 64;
  if (func.isExternal())
    return {};
  ChannelClasses classes(func);
  std::vector<double> sums(classes.getNumNodes(), 0);
  std::vector<unsigned> counts(classes.getNumNodes(), 0);
  SmallVector<ObserveOp> observers;
  func.walk([&](ObserveOp observer) {
    auto *found = llvm::find_if(magnitudes, [&](const ChannelScales &tensor) {
      return tensor.name == observer.getName();
    });
    if (found == magnitudes.end() || found->values.empty() ||
        found->values.size() != classes.getNumChannels(observer.getOutput()))
      return;
    double most = *llvm::max_element(found->values);
    if (!(most > 0) || !std::isfinite(most))
      return;
    observers.push_back(observer);
    for (auto [c, magnitude] : llvm::enumerate(found->values)) {
      unsigned channelClass = classes.getClass(observer.getOutput(), c);
      sums[channelClass] += std::log(std::max(magnitude / most, kLeast));
      ++counts[channelClass];
    }
  });
  std::vector<char> mixed = findMixed(classes);
  auto getFactor = [&](unsigned channelClass) {
    unsigned count = counts[channelClass];
    int root = mixed[channelClass] && count == 1 ? 3 : 2;
    return static_cast<float>(std::exp(sums[channelClass] / count / root));
  };
  std::vector<ChannelScales> result;
  for (ObserveOp observer : observers) {
    std::vector<double> factors;
    Value tensor = observer.getOutput();
    for (unsigned c = 0, e = classes.getNumChannels(tensor); c < e; ++c) {
      unsigned channelClass = classes.getClass(tensor, c);
      factors.push_back(classes.isFree(channelClass) ? getFactor(channelClass)
                                                     : 1);
    }
    if (llvm::any_of(factors, [](double factor) { return factor != 1; }))
      result.push_back({observer.getName().str(), std::move(factors)});
  }
  return result;
}

/// Multiplies the filter elements by `factors`, one for each.
static void scaleFilter(OpBuilder &b, const WeightedOp &op,
                        ArrayRef<double> factors) {
  FailureOr<ConstantData> data = readMovedConstant(op.filter->get());
  std::vector<float> values(data->size());
  for (auto [i, value] : llvm::enumerate(values))
    value =
        static_cast<float>(data->getReal(static_cast<int64_t>(i)) * factors[i]);
  auto type = cast<RankedTensorType>(op.filter->get().getType());
  op.filter->set(
      arith::ConstantOp::create(b, op.filter->get().getLoc(),
                                makeConstant(type, ArrayRef<float>(values))));
}

/// Divides the results of `op` by `factors`, one a channel.
static void divideResults(OpBuilder &b, const WeightedOp &op,
                          ArrayRef<double> factors) {
  std::vector<double> each(
      cast<RankedTensorType>(op.filter->get().getType()).getNumElements());
  op.forEachFilterElement(
      [&](int64_t i, int64_t c) { each[i] = 1 / factors[c]; });
  scaleFilter(b, op, each);
  std::optional<BiasSource> bias = matchBias(op);
  if (!bias->constant && bias->splat == 0)
    return;
  SmallVector<float> values;
  FailureOr<ConstantData> data = failure();
  if (bias->constant)
    data = readMovedConstant(bias->constant);
  for (auto [c, factor] : llvm::enumerate(factors)) {
    double value =
        bias->constant ? data->getReal(static_cast<int64_t>(c)) : bias->splat;
    values.push_back(static_cast<float>(value / factor));
  }
  Value constant =
      buildChannelConstant(b, op.op->getLoc(), op, ArrayRef<float>(values));
  op.init->set(buildBiasInit(b, op.op->getLoc(), op, constant));
}

/// Multiplies the filter of `layer` by the factors of its input's channels.
static void multiplyInputs(OpBuilder &b, const ScalableLayer &layer,
                           ArrayRef<double> factors) {
  std::vector<double> each(
      cast<RankedTensorType>(layer.op.filter->get().getType())
          .getNumElements());
  WeightedOp view = layer.op;
  view.filterChannelStride = layer.inputChannelStride;
  view.forEachFilterElement(
      [&](int64_t i, int64_t c) { each[i] = factors[c]; });
  scaleFilter(b, layer.op, each);
}

namespace {
struct EqualizeChannels
    : public mlir::compress::impl::EqualizeChannelsPassBase<EqualizeChannels> {
  using Base::Base;
  explicit EqualizeChannels(std::shared_ptr<const CalibrationTable> table)
      : table(std::move(table)) {}

  LogicalResult initialize(MLIRContext *context) override {
    return table ? success() : readRanges(context, ranges, table);
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal() || table->equalization.empty())
      return;
    llvm::StringMap<ObserveOp> observers;
    func.walk([&](ObserveOp op) { observers[op.getName()] = op; });
    if (observers.empty())
      return;
    ChannelClasses classes(func);
    unsigned equalized = 0;
    // 0: not said yet.
    std::vector<double> factors(classes.getNumNodes(), 0);
    for (const ChannelScales &scales : table->equalization) {
      ObserveOp observer = observers.lookup(scales.name);
      equalized += observer != nullptr;
      if (failed(observer ? collect(classes, observer, scales.values, factors)
                          : failToScale(scales.name, scales.values.size())))
        return signalPassFailure();
    }
    numEqualized += equalized;
    for (const ScalableLayer &layer : classes.getLayers())
      scale(classes, layer, factors);
    remark::passed(
        func.getLoc(),
        remark::RemarkOpts::name("EqualizeChannels").category("compress"))
        << (Twine(equalized) + " tensors have channels of like ranges").str();
  }

private:
  /// Notes the factors of the classes of a tensor's channels.
  LogicalResult collect(const ChannelClasses &classes, ObserveOp observer,
                        ArrayRef<double> values, std::vector<double> &factors) {
    Value tensor = observer.getOutput();
    auto isInRange = [](double value) {
      return std::isnormal(static_cast<float>(value));
    };
    if (!llvm::all_of(values, [&](double value) {
          return isInRange(value) && isInRange(1 / value);
        }))
      return getOperation().emitOpError("cannot divide tensor '")
             << observer.getName()
             << "' by factors that f32 has no inverse of; calibrate this "
                "network again";
    if (values.size() != classes.getNumChannels(tensor))
      return failToScale(observer.getName(), values.size());
    for (auto [c, value] : llvm::enumerate(values)) {
      unsigned channelClass = classes.getClass(tensor, c);
      if (!classes.isFree(channelClass) && value != 1)
        return failToScale(observer.getName(), values.size());
      double &factor = factors[channelClass];
      if (factor != 0 && factor != value)
        return getOperation().emitOpError("has channel ")
               << c << " of tensor '" << observer.getName()
               << "' in another that has another factor, as in a sum; "
                  "calibrate this network again";
      factor = value;
    }
    return success();
  }

  LogicalResult failToScale(StringRef name, size_t count) {
    return getOperation().emitOpError("has no tensor '")
           << name << "' of " << count
           << " channels that could be scaled; calibrate this network again";
  }

  /// The factors of the channels of `tensor`; empty where all are 1.
  static std::vector<double> getFactors(const ChannelClasses &classes,
                                        Value tensor,
                                        ArrayRef<double> factors) {
    std::vector<double> result;
    bool isTrivial = true;
    for (unsigned c = 0, e = classes.getNumChannels(tensor); c < e; ++c) {
      double factor = factors[classes.getClass(tensor, c)];
      result.push_back(factor == 0 ? 1 : factor);
      isTrivial &= result.back() == 1;
    }
    if (isTrivial)
      result.clear();
    return result;
  }

  static void scale(const ChannelClasses &classes, const ScalableLayer &layer,
                    ArrayRef<double> factors) {
    OpBuilder b(layer.op.op);
    std::vector<double> ofResults =
        getFactors(classes, layer.op.op->getResult(0), factors);
    if (!ofResults.empty())
      divideResults(b, layer.op, ofResults);
    if (layer.inputChannelStride.empty())
      return;
    std::vector<double> ofInputs =
        getFactors(classes, layer.op.input->get(), factors);
    if (!ofInputs.empty())
      multiplyInputs(b, layer, ofInputs);
  }

  std::shared_ptr<const CalibrationTable> table;
};
} // namespace

std::unique_ptr<Pass> mlir::compress::createEqualizeChannelsPass(
    std::shared_ptr<const CalibrationTable> table) {
  return std::make_unique<EqualizeChannels>(std::move(table));
}
