//===- GraphBuilder.h - networks with known answers -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Writes layers as MLIR text in the qdq form, as an importer would, and
// computes beside it what they must give, by the reference layers. Every layer
// of a graph ends in a fake_quant. A float graph has the same layers without
// quantization, and no answers.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_GRAPHBUILDER_H
#define COMPRESS_UNITTESTS_INTEGRATION_GRAPHBUILDER_H

#include "HostTensor.h"
#include "ReferenceLayers.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace oracle {

/// An f32 value in the text whose elements are those of codes.
struct Activation {
  std::string value; // its name, without the %
  Image image;
  Grid grid;
  CodeRange range;
  Codes codes; // NHWC
};

/// How a fused activation function is spelled.
enum class ClampStyle { Maximum, MaxNum, Select };

/// What follows a layer before its result is quantized.
struct Clamp {
  bool low = false, high = false;
  float lowest = 0, highest = 0;
  ClampStyle style = ClampStyle::Maximum;
};

/// The result of a layer.
struct Target {
  Grid grid;
  CodeRange range; // of the quantized type
  Clamp clamp;
};

enum class BinaryKind { Add, Subtract, Multiply };

class GraphBuilder {
public:
  explicit GraphBuilder(bool quantized = true) : quantized(quantized) {}

  Activation input(Image image, Grid grid, CodeRange range, Codes codes);
  /// The layer's input, in, out and range are those of `x` and `target`;
  /// bias codes are in f32(in.scale * weight scale). With `channelsFirst` the
  /// text has NCHW around it.
  Activation convolve(const Activation &x, ConvLayer layer, Target target,
                      bool channelsFirst = false);
  /// Rows are all of the image but its channels.
  Activation multiplyMatrix(const Activation &x, ConvLayer layer,
                            Target target);
  Activation averagePool(const Activation &x, PoolLayer layer, Target target);
  /// Over the whole image, as a reduction of two dimensions.
  Activation mean(const Activation &x, Target target);
  Activation maxPool(const Activation &x, PoolLayer layer);
  Activation binary(BinaryKind kind, const Activation &a, const Activation &b,
                    Target target);
  Activation concat(const Activation &a, const Activation &b, Target target);
  void output(const Activation &x);

  std::string module() const;
  /// The inputs and the results that are known, as f32 or as codes.
  std::vector<HostTensor> inputs(bool integer) const;
  std::vector<HostTensor> expected(bool integer) const;
  size_t numOutputs() const { return outputs.size(); }

private:
  std::string name();
  std::string type(const Image &image, llvm::StringRef element = "f32") const;
  /// The value of padding around an image.
  std::string pad(const std::string &x, Image &image, const Axis &y,
                  const Axis &x2, llvm::StringRef value);
  std::string fill(const Image &image, llvm::StringRef value);
  std::string constant(const std::vector<float> &values,
                       const std::string &type);
  std::string weights(const ConvLayer &layer, llvm::StringRef dims,
                      const Codes &codes, int axis);
  /// What the sums start from: the bias, in `shape`, repeated along `dims`.
  std::string bias(const ConvLayer &layer, llvm::StringRef resultType,
                   llvm::StringRef dims, llvm::ArrayRef<int64_t> shape = {});
  std::string clamp(const std::string &x, const std::string &type,
                    const Clamp &clamp);
  std::string transpose(const std::string &x, llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<int64_t> permutation);
  std::string convolveGroups(const std::string &x, const Image &image,
                             const ConvLayer &layer);
  std::string convolveDepthwise(const std::string &x, const Image &image,
                                const ConvLayer &layer);
  std::string convolvePlain(const std::string &x, const Image &image,
                            const ConvLayer &layer, bool channelsFirst);
  /// Clamps, quantizes and names the result.
  Activation finish(const std::string &x, const std::string &type,
                    const Image &image, const Target &target, Codes codes);
  CodeRange rangeOf(const Target &target) const;

  bool quantized;
  std::string body;
  int64_t nextName = 0;
  std::vector<Activation> arguments, outputs;
};

/// "1.25e-01", as MLIR takes it.
std::string number(double value);
/// "[1, 2]".
std::string list(llvm::ArrayRef<int64_t> values);
/// "dense<...>" of raw little endian elements.
std::string hexDense(llvm::ArrayRef<char> bytes);
/// The per-tensor or per-channel type of 8 or 32 bits.
std::string quantType(unsigned bits, const std::vector<Grid> &grids, int axis,
                      CodeRange range = {});

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_GRAPHBUILDER_H
