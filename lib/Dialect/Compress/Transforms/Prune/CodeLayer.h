//===- CodeLayer.h - biases of layers on codes ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer of the qdq form sums (q - z) * w in integers once it is lowered: q
// the codes of its input and z their zero point, w the weights less theirs.
// What a channel of one code adds to the sums is an integer, and goes into the
// bias as such: then the lowered networks have the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CODELAYER_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CODELAYER_H

#include "Compress/Dialect/Compress/Utils/QuantizedLayer.h"
#include <map>

namespace mlir::compress {

/// The scale and zero point of an f32 value that is 8-bit codes once it is
/// lowered: a fake_quant, whatever moves its elements, masks or clamps them.
std::optional<QuantParams> findGrid(Value value);

/// The largest scale of a filter that is stored as codes; none where it is not.
std::optional<double> findFilterScale(Value filter);

class CodeLayer {
public:
  /// Recognizes `op`; `reason` says what is missing. Of a layer that was one
  /// before it lost channels, what stands behind it is not looked at again.
  static std::optional<CodeLayer> match(Operation *op, std::string &reason,
                                        bool wasOne = false);

  /// sum((q - z) * w) for each channel, over the elements of the filter whose
  /// dimension `dim` has `index`, where the input is `number`.
  SmallVector<double> sumCodes(unsigned dim, unsigned index, double number);

  /// Integers that all channels together may add to a bias: beyond it, a pass
  /// behind that has the bias in f32 rounds it.
  double getBiasLimit() const;

  /// Adds integers to the bias, one for each channel. The bias becomes i32
  /// codes whose scale is that of the sums; an addition behind sums that start
  /// at zero goes into it. They fit, as match() proves.
  void addToBias(ArrayRef<double> integers);

private:
  explicit CodeLayer(WeightedOp op) : weighted(std::move(op)) {}
  bool findBias(Value &bias, std::string &reason, bool wasOne);

  WeightedOp weighted;
  QuantParams input;
  QuantizedWeights weights;
  std::vector<double> bias;      // codes, one a channel
  Operation *addition = nullptr; // that adds the bias
  bool isBiasRead = false;       // a product behind takes it through f32
  std::map<unsigned, std::vector<int64_t>> sums; // by filter dimension
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CODELAYER_H
