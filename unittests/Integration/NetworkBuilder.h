//===- NetworkBuilder.h - the layers of random networks ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Used by RandomNetwork.cpp and RandomBlocks.cpp only. Images are
// [N, C, H, W], rows [N, C].
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_NETWORKBUILDER_H
#define COMPRESS_UNITTESTS_INTEGRATION_NETWORKBUILDER_H

#include "Compress/Import/Common/OpBuilder.h"
#include "RandomNetwork.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <map>

namespace oracle {

struct ConvShape {
  int64_t filters, kernel = 3, stride = 1, dilation = 1, pad = 1, groups = 1;
  bool transposed = false;
};

/// The channels of a layer that are to be the same number everywhere, and how.
struct DeadChannels {
  enum class By { Filter, Normalization, Product } by = By::Filter;
  std::vector<bool> which; // empty: none
  bool keepsBias = false;

  bool at(int64_t channel) const { return !which.empty() && which[channel]; }
};

enum class Bend {
  None,
  Relu,
  Clamp,
  HardSwish,
  HardSigmoid,
  Sigmoid,
  Silu,
  Leaky,
};

class NetworkBuilder {
public:
  using Tensor = mlir::compress::Tensor;

  NetworkBuilder(mlir::MLIRContext &context, uint32_t seed,
                 const NetworkOptions &options);
  RandomNetwork build();

private:
  // Layers (RandomNetwork.cpp).
  void begin(llvm::StringRef kind);
  template <typename T>
  T take(mlir::FailureOr<T> value);
  Tensor takeValue(mlir::FailureOr<mlir::Value> value);
  Tensor vector(int64_t count, double low, double high);
  DeadChannels pickDead(int64_t channels);
  Tensor weights(llvm::ArrayRef<int64_t> shape, unsigned dim, int64_t fanIn,
                 const DeadChannels &dead);
  Tensor bias(int64_t count, const DeadChannels &dead, bool integer);
  Tensor convolve(const Tensor &x, const Tensor &weight, const Tensor *bias,
                  const ConvShape &shape);
  Tensor normalizeBatch(const Tensor &x, const DeadChannels &dead);
  Tensor multiplyDead(const Tensor &x, const DeadChannels &dead);
  Tensor quantize(const Tensor &x);
  Tensor bend(const Tensor &x, Bend kind);
  /// Behind a convolution or product: normalization, mask, activation.
  Tensor finish(Tensor x, const DeadChannels &dead, bool hasNorm, Bend kind);
  Bend pickBend();
  Tensor add(const Tensor &a, const Tensor &b);
  Tensor multiply(const Tensor &a, const Tensor &b);
  Tensor layer(const Tensor &x, const ConvShape &shape, Bend kind);
  Tensor dense(const Tensor &x, int64_t columns, Bend kind);

  // Blocks (RandomBlocks.cpp).
  int64_t width() { return 2 * random.between(2, 4); }
  Tensor ofWidth(const Tensor &x, int64_t channels);
  Tensor shrink(const Tensor &x, int64_t most);
  Tensor plain(const Tensor &x);
  Tensor grouped(const Tensor &x);
  Tensor separable(const Tensor &x);
  Tensor transposed(const Tensor &x);
  Tensor residual(const Tensor &x);
  Tensor paddedShortcut(const Tensor &x);
  Tensor branches(const Tensor &x);
  Tensor split(const Tensor &x);
  Tensor shuffle(const Tensor &x);
  Tensor squeezeExcite(const Tensor &x);
  Tensor pool(const Tensor &x);
  Tensor sharedWeight(const Tensor &x);
  Tensor normalizeLayer(const Tensor &x, int64_t axis, bool isAffine = true);
  Tensor normalizeGroups(const Tensor &x);
  Tensor scale(const Tensor &x);
  Tensor gatePlaces(const Tensor &x);
  Tensor depthToSpace(const Tensor &x);
  Tensor reorder(const Tensor &x);
  Tensor channelsLast(const Tensor &x);
  Tensor attention(const Tensor &x);
  Tensor project(const Tensor &tokens, int64_t columns, Bend kind);
  Tensor block(const Tensor &x);
  Tensor head(const Tensor &x);

  mlir::compress::ModelOpBuilder b;
  Random random;
  NetworkOptions options;
  RandomNetwork network;
  std::map<int64_t, std::vector<bool>> deadOfWidth;
  int64_t numLayers = 0;
  float activationScale = 1.0f / 32; // of every quantized activation
  std::vector<float> filterScales; // of the last weights, one or one a channel
};

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_NETWORKBUILDER_H
