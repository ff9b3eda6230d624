//===- ScoreGates.cpp - SCOP's gates as masks -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "PrunableLayer.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace mlir::compress {
#define GEN_PASS_DEF_SCOREGATESPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
struct ScoreGates
    : public mlir::compress::impl::ScoreGatesPassBase<ScoreGates> {
  using ScoreGatesPassBase::ScoreGatesPassBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (failed(checkPrunable(func)))
      return signalPassFailure();
    if (!(rate >= 0 && rate < 1)) {
      func.emitError("the rate is a number from 0 to below 1, not ")
          << rate.getValue();
      return signalPassFailure();
    }
    unsigned gates = 0;
    func.walk([&](ChannelGateOp gate) {
      ++gates;
      size_t count = gate.getBeta().size();
      SmallVector<double> scores;
      for (auto [beta, gamma] : llvm::zip(gate.getBeta(), gate.getGamma()))
        scores.push_back(
            std::abs(static_cast<double>(gamma)) *
            (static_cast<double>(beta) - (1 - static_cast<double>(beta))));
      auto order = llvm::to_vector(llvm::seq<size_t>(0, count));
      llvm::stable_sort(
          order, [&](size_t a, size_t b) { return scores[a] < scores[b]; });
      SmallVector<bool> mask(count, true);
      size_t dropped = static_cast<size_t>(rate * static_cast<double>(count));
      for (size_t index : ArrayRef(order).take_front(dropped))
        mask[index] = false;
      numMasked += dropped;
      OpBuilder builder(gate);
      auto op = ChannelMaskOp::create(
          builder, gate.getLoc(), gate.getOutput().getType(), gate.getInput(),
          gate.getAxisAttr(), builder.getDenseBoolArrayAttr(mask));
      gate.getOutput().replaceAllUsesWith(op.getOutput());
      gate.erase();
    });
    if (gates == 0)
      remark::missed(
          func.getLoc(),
          remark::RemarkOpts::name("ScoreGates").category("compress"))
          << "the network has no channel gates: nothing is pruned; train them, "
             "or rank its channels by --compress-select-channels";
  }
};
} // namespace
