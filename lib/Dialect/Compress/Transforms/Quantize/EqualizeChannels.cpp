//===- EqualizeChannels.cpp - channels of like ranges ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor x with channels c in its last dimension becomes x[c] / s[c], s > 0:
// what makes it gives that, and what uses it multiplies by s again. Both go
// into weights; so tensors that enter additions are left alone, where a factor
// would have to be computed.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "QuantizeWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

namespace {
/// A weighted op that takes the channels, with the place of each filter
/// element's channel.
struct Consumer {
  WeightedOp op;
  SmallVector<int64_t> channelStride; // of each filter dimension, or 0
};

/// An observed tensor whose channels can be scaled.
struct Site {
  WeightedOp producer;
  int64_t numChannels;
  std::vector<Consumer> consumers;
};
} // namespace

/// The op whose constant weights give the last dimension of `value`, which
/// nothing else reads; collapsed groups are one dimension.
static std::optional<WeightedOp> matchProducer(Value value) {
  if (!value.hasOneUse())
    return std::nullopt;
  int64_t channels = cast<RankedTensorType>(value.getType()).getShape().back();
  if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>()) {
    value = collapse.getSrc();
    if (!value.hasOneUse())
      return std::nullopt;
  }
  Operation *def = value.getDefiningOp();
  std::optional<WeightedOp> op = def ? matchWeightedOp(def) : std::nullopt;
  if (!op || op->op.getNumDpsInputs() != 2 || op->numChannels() != channels ||
      !matchBias(*op) || failed(readMovedConstant(op->filter->get())))
    return std::nullopt;
  // The channels are the last dimensions, in order.
  unsigned rank = cast<RankedTensorType>(value.getType()).getRank();
  for (auto [i, d] : llvm::enumerate(llvm::reverse(op->channelDims)))
    if (d != rank - 1 - i)
      return std::nullopt;
  return op;
}

/// Whether `move` leaves the channels in the last dimensions and multiplies
/// like its operand: elements that it adds are 0.
static bool keepsChannels(const Movement &move, Value operand) {
  auto from = cast<RankedTensorType>(operand.getType());
  auto to = cast<RankedTensorType>(move.op->getResult(0).getType());
  if (auto pad = dyn_cast<tensor::PadOp>(move.op))
    return move.filler == 0 && from.getShape().back() == to.getShape().back();
  if (move.isMax) // From 0 or less: a maximum of scaled elements is scaled.
    return isa<linalg::PoolingNhwcMaxOp>(move.op) &&
           (*move.filler == 0 || std::isinf(*move.filler));
  if (isa<tensor::ExpandShapeOp>(move.op)) {
    // Channels into groups.
    int64_t extent = 1, last = from.getShape().back();
    for (int64_t size : llvm::reverse(to.getShape())) {
      extent *= size;
      if (extent >= last)
        break;
    }
    return extent == last;
  }
  return false;
}

/// The op at `use` as one that multiplies the channels by weights.
static std::optional<Consumer> matchConsumer(OpOperand &use, int64_t channels) {
  std::optional<WeightedOp> op = matchWeightedOp(use.getOwner());
  if (!op || op->op.getNumDpsInputs() != 2 || op->input != &use ||
      failed(readMovedConstant(op->filter->get())) ||
      !getElementTypeOrSelf(op->init->get().getType()).isF32())
    return std::nullopt;
  AffineMap input = op->op.getMatchingIndexingMap(op->input);
  AffineMap filter = op->op.getMatchingIndexingMap(op->filter);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(use.get().getType()).getShape();
  Consumer consumer{*op, SmallVector<int64_t>(filter.getNumResults(), 0)};
  int64_t stride = 1;
  for (auto [expr, extent] : llvm::zip_equal(llvm::reverse(input.getResults()),
                                             llvm::reverse(shape))) {
    if (stride == channels)
      break;
    auto loop = dyn_cast<AffineDimExpr>(expr);
    std::optional<unsigned> place =
        loop ? filter.getResultPosition(loop) : std::nullopt;
    if (!place)
      return std::nullopt;
    consumer.channelStride[*place] = stride;
    stride *= extent;
  }
  if (stride != channels)
    return std::nullopt;
  return consumer;
}

/// Collects what uses `value`; false where something cannot be scaled.
static bool collectUses(Value value, Site &site) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (auto consumer = matchConsumer(use, site.numChannels)) {
      site.consumers.push_back(*consumer);
      continue;
    }
    std::optional<Movement> move = matchMovement(user);
    if (!move || move->data.size() != 1 || move->data[0] != &use ||
        !keepsChannels(*move, value) || !collectUses(user->getResult(0), site))
      return false;
  }
  return true;
}

static std::optional<Site> matchSite(ObserveOp observer) {
  auto type = dyn_cast<RankedTensorType>(observer.getType());
  if (!type || type.getRank() < 2 || !type.hasStaticShape() ||
      !type.getElementType().isF32() || type.getShape().back() < 2)
    return std::nullopt;
  Value value = observer.getInput();
  if (!value.hasOneUse())
    return std::nullopt;
  Operation *def = value.getDefiningOp();
  std::optional<Elementwise> relu = def ? matchElementwise(def) : std::nullopt;
  if (relu && relu->kind == BodyKind::Clamp) {
    // max(x, 0) / s is max(x / s, 0); other bounds would have to be scaled.
    if (relu->lo != 0 || !std::isinf(relu->hi) ||
        !cast<linalg::LinalgOp>(def)
             .getMatchingIndexingMap(relu->operands[0])
             .isIdentity())
      return std::nullopt;
    value = relu->operands[0]->get();
    def = value.getDefiningOp();
  }
  std::optional<WeightedOp> producer = matchProducer(value);
  if (!producer)
    return std::nullopt;
  Site site{*producer, type.getShape().back(), {}};
  if (!collectUses(observer.getOutput(), site) || site.consumers.empty())
    return std::nullopt;
  return site;
}

/// Calls fn(element, channel of the input) for each filter element.
static void
forEachInputChannel(const Consumer &consumer,
                    function_ref<void(int64_t element, int64_t channel)> fn) {
  WeightedOp view = consumer.op;
  view.filterChannelStride = consumer.channelStride;
  view.forEachFilterElement(fn);
}

/// The factors of one tensor: the square roots of the channels' ranges,
/// relative to the greatest. That halves, in bits, what lesser channels lack,
/// and takes less from the precision of the weights than making all alike
/// would.
static std::vector<double> chooseFactors(ArrayRef<double> magnitudes) {
  // A channel that hardly occurs here may be greater in other data.
  constexpr double kLeast = 1.0 / 64;
  double most = *llvm::max_element(magnitudes);
  if (!(most > 0) || !std::isfinite(most))
    return {};
  std::vector<double> factors;
  for (double magnitude : magnitudes)
    factors.push_back(
        static_cast<float>(std::sqrt(std::max(magnitude / most, kLeast))));
  return factors;
}

std::vector<ChannelScales>
mlir::compress::chooseEqualization(func::FuncOp func,
                                   ArrayRef<ChannelScales> magnitudes) {
  std::vector<ChannelScales> result;
  func.walk([&](ObserveOp observer) {
    auto *found = llvm::find_if(magnitudes, [&](const ChannelScales &tensor) {
      return tensor.name == observer.getName();
    });
    std::optional<Site> site = matchSite(observer);
    if (!site || found == magnitudes.end() ||
        static_cast<int64_t>(found->values.size()) != site->numChannels)
      return;
    std::vector<double> factors = chooseFactors(found->values);
    if (!factors.empty())
      result.push_back({found->name, std::move(factors)});
  });
  return result;
}

/// Multiplies the filter elements by fn(element).
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

static void equalize(const Site &site, ArrayRef<double> factors) {
  OpBuilder b(site.producer.op);
  divideResults(b, site.producer, factors);
  for (const Consumer &consumer : site.consumers) {
    b.setInsertionPoint(consumer.op.op);
    std::vector<double> each(
        cast<RankedTensorType>(consumer.op.filter->get().getType())
            .getNumElements());
    forEachInputChannel(consumer,
                        [&](int64_t i, int64_t c) { each[i] = factors[c]; });
    scaleFilter(b, consumer.op, each);
  }
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
    llvm::StringMap<ObserveOp> observers;
    getOperation().walk([&](ObserveOp op) { observers[op.getName()] = op; });
    if (observers.empty())
      return;
    for (const ChannelScales &scales : table->equalization) {
      auto found = observers.find(scales.name);
      std::optional<Site> site =
          found != observers.end() ? matchSite(found->second) : std::nullopt;
      if (!site ||
          static_cast<int64_t>(scales.values.size()) != site->numChannels) {
        getOperation().emitOpError("has no tensor '")
            << scales.name << "' of " << scales.values.size()
            << " channels that could be scaled; calibrate this network again";
        return signalPassFailure();
      }
      equalize(*site, scales.values);
      ++numEqualized;
    }
    if (numEqualized > 0)
      remark::passed(
          getOperation().getLoc(),
          remark::RemarkOpts::name("EqualizeChannels").category("compress"))
          << (Twine(table->equalization.size()) +
              " tensors have channels of like ranges")
                 .str();
  }

  std::shared_ptr<const CalibrationTable> table;
};
} // namespace

std::unique_ptr<Pass> mlir::compress::createEqualizeChannelsPass(
    std::shared_ptr<const CalibrationTable> table) {
  return std::make_unique<EqualizeChannels>(std::move(table));
}
