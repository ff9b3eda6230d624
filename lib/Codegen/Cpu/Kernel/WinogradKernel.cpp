//===- WinogradKernel.cpp - which convolutions take fewer products --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parallel.h"
#include "WeightPrefetch.h"
#include "WinogradTile.h"
#include "WinogradTransform.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

/// What a block of rows may take of the second cache level, in bytes, beside
/// the weights that it meets.
static constexpr int64_t kBlockBytes = 384 * 1024;
/// The same where weights do not stay in that level. Each block reads them all,
/// so it is better to let some of the blocks go to the third.
static constexpr int64_t kLargeBlockBytes = 1200 * 1024;
/// Items that threads share; each has memory of its own.
static constexpr int64_t kItems = 8;
/// Tiles that share weights, at least.
static constexpr int64_t kLeastTiles = 16;
/// Elements that keep the parts of a tile from meeting in one set of a
/// cache, whose ways are fewer.
static constexpr int64_t kSkew = 16;

int64_t WinogradKernel::getOuterCount() const {
  int64_t count = 1;
  for (unsigned loop : outer)
    count *= getExtent(loop);
  return count;
}

int64_t WinogradKernel::getRowBlocks() const {
  return llvm::divideCeil(rowTiles, blockRows);
}

int64_t WinogradKernel::getVectors() const {
  return llvm::divideCeil(getExtent(lane), lanes);
}

int64_t WinogradKernel::getVectorTiles() const {
  return llvm::divideCeil(getVectors(), shape.vectors);
}

int64_t WinogradKernel::getWeightBytes() const {
  return 4 * getParts() * getExtent(channel) * getVectors() * lanes;
}

int64_t WinogradKernel::getInputWidth() const {
  return llvm::alignTo(getExtent(channel), lanes);
}

int64_t WinogradKernel::getInputSize() const {
  return getTiles() * getInputWidth() + kSkew;
}

int64_t WinogradKernel::getSumSize() const {
  return getTiles() * shape.vectors * lanes + kSkew;
}

int64_t WinogradKernel::getScratchSize() const {
  return getParts() * (getInputSize() + getSumSize());
}

/// Finds what the loops are; false where they are something else.
static bool matchLoops(WinogradKernel &w) {
  const Access &input = w.getInput();
  const Access &weights = w.kernel.root.operands[w.operands.weights];
  std::optional<unsigned> lane = findLaneLoop(w.kernel);
  if (!lane || input.strides[*lane] != 0 || weights.strides[*lane] == 0)
    return false;
  w.lane = *lane;
  SmallVector<unsigned> window;
  std::optional<unsigned> channel;
  for (unsigned loop = 0; loop < w.kernel.loops.size(); ++loop) {
    if (!w.kernel.loops[loop].reduction)
      continue;
    if (input.strides[loop] == 1 && !channel)
      channel = loop;
    else
      window.push_back(loop);
  }
  if (!channel || window.size() != 2 || w.getExtent(window[0]) != 3 ||
      w.getExtent(window[1]) != 3)
    return false;
  w.channel = *channel;
  w.windowRow = window[0];
  w.windowColumn = window[1];
  std::optional<unsigned> row, column;
  for (unsigned loop = 0; loop < w.kernel.loops.size(); ++loop) {
    if (w.kernel.loops[loop].reduction || loop == w.lane)
      continue;
    if (weights.strides[loop] != 0)
      return false;
    if (!row && input.strides[loop] == input.strides[w.windowRow])
      row = loop;
    else if (!column && input.strides[loop] == input.strides[w.windowColumn])
      column = loop;
    else
      w.outer.push_back(loop);
  }
  if (!row || !column)
    return false;
  w.row = *row;
  w.column = *column;
  return true;
}

namespace {
/// Vectors of products in a cycle, of which there can be two, and the cycles
/// that a transform takes for a vector of inputs or of sums of a tile.
constexpr double kDirectRate = 2 * 0.85;
constexpr double kProductRate = 2 * 0.75;
constexpr double kTransform = 36, kLargeTransform = 130;
/// Bytes of weights that memory gives in a cycle where they are used once.
constexpr double kMemoryRate = 7;
} // namespace

/// Weights count once, as with one block (kLargeBlockBytes).
static double withMemory(double cycles, double weightBytes) {
  return weightBytes > static_cast<double>(kSecondLevelBytes)
             ? std::max(cycles, weightBytes / kMemoryRate)
             : cycles;
}

static void estimateCycles(WinogradKernel &w) {
  // Whatever blocks they are cut into: the number of threads changes no bit.
  double tiles = static_cast<double>(w.rowTiles * w.columnTiles);
  double outputs = static_cast<double>(w.getExtent(w.row)) *
                   static_cast<double>(w.getExtent(w.column));
  double vectors = static_cast<double>(w.getVectors());
  double inputs = static_cast<double>(w.getExtent(w.channel));
  double inputVectors = static_cast<double>(w.getInputWidth() / w.lanes);
  double weights = inputs * vectors * static_cast<double>(w.lanes) * 4;
  double parts = static_cast<double>(w.getParts());
  double transform = w.outputs == 2 ? kTransform : kLargeTransform;
  w.directCycles =
      withMemory(outputs * 9 * inputs * vectors / kDirectRate, 9 * weights);
  w.cycles = withMemory(tiles * (parts * inputs * vectors / kProductRate +
                                 transform * (inputVectors + vectors)),
                        parts * weights);
}

std::optional<WinogradKernel>
mlir::compress::analyzeWinograd(const Kernel &kernel,
                                const VectorTarget &target, bool threads,
                                int64_t outputs) {
  std::optional<ProductOperands> operands = matchProduct(kernel);
  if (!operands ||
      !kernel.root.operands[operands->input].getElementType().isF32())
    return std::nullopt;
  WinogradKernel w;
  w.kernel = kernel;
  w.operands = *operands;
  w.lanes = target.lanes;
  w.outputs = outputs;
  if (!hasWinograd(target) || !matchLoops(w))
    return std::nullopt;
  w.rowTiles = llvm::divideCeil(w.getExtent(w.row), outputs);
  w.columnTiles = llvm::divideCeil(w.getExtent(w.column), outputs);
  int64_t vectors = std::min<int64_t>(w.getVectors(), 4);
  int64_t tileBytes =
      w.getParts() * 4 * (w.getInputWidth() + vectors * w.lanes);
  // The most rows that fit, then as few as make the same number of blocks.
  int64_t blockBytes =
      w.getWeightBytes() > kSecondLevelBytes ? kLargeBlockBytes : kBlockBytes;
  w.blockRows = std::clamp<int64_t>(blockBytes / (tileBytes * w.columnTiles), 1,
                                    w.rowTiles);
  int64_t instructions = w.rowTiles * w.columnTiles * w.getParts() *
                         w.getExtent(w.channel) * w.getVectors();
  threads = threads && isWorthThreads(instructions);
  // Blocks for several threads, as long as weights serve enough tiles.
  if (threads)
    w.blockRows = std::min<int64_t>(
        w.blockRows,
        std::max<int64_t>(llvm::divideCeil(w.rowTiles, kItems / 2),
                          llvm::divideCeil(kLeastTiles, w.columnTiles)));
  w.blockRows = llvm::divideCeil(w.rowTiles, w.getRowBlocks());
  w.shape = chooseTileShape(w.getTiles(), w.getExtent(w.lane), w.lanes,
                            target.registers,
                            {/*perProduct=*/1, /*perPixel=*/0.5,
                             /*perVector=*/0.5});
  if (threads) {
    w.outerItems = std::min(w.getOuterCount(), kItems);
    w.rowItems = std::min(w.getRowBlocks(), kItems / w.outerItems);
    w.vectorItems =
        std::min(w.getVectorTiles(), kItems / (w.outerItems * w.rowItems));
  }
  estimateCycles(w);
  return w;
}

std::vector<char>
mlir::compress::packWinogradWeights(const WinogradKernel &w,
                                    const ConstantData &data) {
  const Access &access = w.kernel.root.operands[w.operands.weights];
  int64_t channels = w.getExtent(w.channel), outputs = w.getExtent(w.lane);
  int64_t parts = w.getParts();
  std::vector<float> packed(w.getVectors() * w.lanes * channels * parts, 0);
  for (int64_t output = 0; output < outputs; ++output) {
    int64_t vector = output / w.lanes, lane = output % w.lanes;
    int64_t tile = vector / w.shape.vectors;
    int64_t width =
        std::min(w.shape.vectors, w.getVectors() - tile * w.shape.vectors);
    int64_t base = tile * w.shape.vectors * w.lanes * channels * parts;
    for (int64_t channel = 0; channel < channels; ++channel) {
      double g[9];
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 3; ++j)
          g[3 * i + j] =
              data.getReal(access.offset + output * access.strides[w.lane] +
                           channel * access.strides[w.channel] +
                           i * access.strides[w.windowRow] +
                           j * access.strides[w.windowColumn]);
      for (auto [part, weight] :
           llvm::enumerate(transformWeights(w.outputs, g))) {
        int64_t at =
            base +
            ((static_cast<int64_t>(part) * channels + channel) * width +
             vector % w.shape.vectors) *
                w.lanes +
            lane;
        packed[at] = static_cast<float>(weight);
      }
    }
  }
  std::vector<char> bytes(packed.size() * sizeof(float));
  std::memcpy(bytes.data(), packed.data(), bytes.size());
  return bytes;
}
