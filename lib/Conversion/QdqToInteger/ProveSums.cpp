//===- ProveSums.cpp - no integer sum overflows ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Conversion/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/IR/Remarks.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PROVESUMSPASS
#include "Compress/Conversion/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// All values from lo to hi; wide enough for any sum of a tensor.
struct Interval {
  __int128 lo, hi;
  bool fits() const { return lo >= INT32_MIN && hi <= INT32_MAX; }
};
} // namespace

/// The codes that an operand can have, from its type; nullopt where the sums
/// cannot be bounded from that.
static std::optional<Interval> codeRange(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  if (!element.isInteger(8) && !element.isInteger(16))
    return std::nullopt;
  __int128 half = __int128(1) << (element.getIntOrFloatBitWidth() - 1);
  return Interval{-half, half - 1};
}

static int64_t reductionCount(linalg::LinalgOp op) {
  int64_t count = 1;
  for (auto [extent, kind] :
       llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction)
      count *= extent;
  return count;
}

/// The bounds of every channel's final sum of products.
static std::optional<std::vector<Interval>>
boundProducts(const WeightedOp &op) {
  // Zero points that are operands are not bounded here.
  linalg::LinalgOp linalgOp = op.op;
  if (linalgOp.getNumDpsInputs() != 2)
    return std::nullopt;
  std::optional<Interval> input = codeRange(op.input->get());
  std::optional<BiasSource> bias = matchBias(op);
  FailureOr<ConstantData> biasData = failure();
  if (bias && bias->constant)
    biasData = readConstant(bias->constant);
  if (!input || !bias || (bias->constant && failed(biasData)))
    return std::nullopt;
  std::vector<Interval> bounds(op.numChannels());
  for (auto [c, bound] : llvm::enumerate(bounds)) {
    __int128 start = bias->constant ? biasData->getInt(c)
                                    : static_cast<int64_t>(bias->splat);
    bound = {start, start};
  }
  FailureOr<ConstantData> weights = readConstant(op.filter->get());
  if (succeeded(weights)) {
    op.forEachFilterElement([&](int64_t i, int64_t c) {
      __int128 w = weights->getInt(i);
      bounds[c].lo += w * (w < 0 ? input->hi : input->lo);
      bounds[c].hi += w * (w < 0 ? input->lo : input->hi);
    });
    return bounds;
  }
  std::optional<Interval> filter = codeRange(op.filter->get());
  if (!filter)
    return std::nullopt;
  __int128 count = reductionCount(linalgOp);
  for (Interval &bound : bounds) {
    bound.lo +=
        count * std::min(input->lo * filter->hi, input->hi * filter->lo);
    bound.hi += count * input->lo * filter->lo;
  }
  return bounds;
}

/// The bounds of a sum of codes.
static std::optional<std::vector<Interval>> boundSum(linalg::LinalgOp op) {
  std::optional<Interval> input = codeRange(op.getDpsInputOperand(0)->get());
  std::optional<double> init = matchSplat(op.getDpsInits()[0]);
  if (!input || !init)
    return std::nullopt;
  __int128 count = reductionCount(op), start = static_cast<int64_t>(*init);
  return std::vector<Interval>{
      {start + count * input->lo, start + count * input->hi}};
}

namespace {
struct ProveSums : public mlir::compress::impl::ProveSumsPassBase<ProveSums> {
  using Base::Base;

  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](linalg::LinalgOp op) {
      return failed(prove(op)) ? WalkResult::interrupt()
                               : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult prove(linalg::LinalgOp op) {
    if (op.getNumReductionLoops() == 0 || op->getNumResults() != 1 ||
        !getElementTypeOrSelf(op->getResult(0).getType()).isInteger(32) ||
        op.hasDynamicShape())
      return success();
    std::optional<std::vector<Interval>> bounds;
    if (std::optional<WeightedOp> weighted = matchWeightedOp(op))
      bounds = boundProducts(*weighted);
    else if (matchCombiner(op) == CombinerKind::Add)
      bounds = boundSum(op);
    else if (matchCombiner(op) != CombinerKind::MulAdd)
      return success();
    if (!bounds) {
      remark::missed(op.getLoc(),
                     remark::RemarkOpts::name("Overflow").category("compress"))
          << (op->getName().getStringRef() +
              " may wrap: its operands are no codes, or it starts from no "
              "constant, so that nothing bounds its sum")
                 .str();
      return success();
    }
    for (auto [c, bound] : llvm::enumerate(*bounds))
      if (!bound.fits())
        return op.emitOpError("requires sums that fit in i32, but channel ")
               << c << " may reach "
               << static_cast<double>(bound.hi > -bound.lo ? bound.hi
                                                           : bound.lo)
               << "; keep the layer in f32 or use smaller weights";
    ++numProved;
    return success();
  }
};
} // namespace
