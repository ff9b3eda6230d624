//===- ReferenceLayers.h - layers from their parameters ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the integer form of a layer must compute, from the layer's parameters
// alone: no compiler, no intermediate form. Everything is NHWC and row major.
//
// Scales are f32; those of a result are computed in f64 and rounded once.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_REFERENCELAYERS_H
#define COMPRESS_UNITTESTS_EVALUATOR_REFERENCELAYERS_H

#include "Arithmetic.h"
#include <cstdint>
#include <vector>

namespace oracle {

using Codes = std::vector<int8_t>;

/// The extents of an image batch.
struct Image {
  int64_t n = 1, h = 1, w = 1, c = 1;
  int64_t size() const { return n * h * w * c; }
};

/// A window along one dimension.
struct Axis {
  int64_t kernel = 1, stride = 1, dilation = 1, padBefore = 0, padAfter = 0;
  /// How many windows fit in an extent; 0 where none does.
  int64_t outputs(int64_t extent) const;
};

/// Convolution, plain, grouped or depthwise (groups == input.c); a product of
/// matrices is one of 1x1 kernels. Padding is the real number 0.
struct ConvLayer {
  Image input;
  Axis y, x;
  int64_t filters = 1, groups = 1;
  Grid in, out;
  Codes weights; // [y.kernel][x.kernel][input.c / groups][filters]
  std::vector<Grid> weightGrid; // one, or one a filter
  std::vector<int32_t> bias;    // in units of in.scale * weight scale; or none
  CodeRange range;              // of the result, a fused clamp included
  Image output() const;
};
Codes convolve(const ConvLayer &layer, const Codes &x);

/// Sums before requantization, modulo 2^32.
std::vector<int32_t> convolveSums(const ConvLayer &layer, const Codes &x);

struct PoolLayer {
  Image input;
  Axis y, x;
  Grid in, out;
  bool countPadding = false; // padding counts in an average
  CodeRange range;
  Image output() const;
};
/// The exact sum times in.scale / (out.scale * count); windows over the border
/// have counts of their own.
Codes averagePool(const PoolLayer &layer, const Codes &x);
/// Of the codes; the grid stays that of the input. Padding never wins.
Codes maxPool(const PoolLayer &layer, const Codes &x);

/// Elementwise layers of two tensors of `size` codes.
struct BinaryLayer {
  Grid a, b, out;
  CodeRange range;
};
Codes add(const BinaryLayer &layer, const Codes &a, const Codes &b);
Codes subtract(const BinaryLayer &layer, const Codes &a, const Codes &b);
Codes multiply(const BinaryLayer &layer, const Codes &a, const Codes &b);

/// Codes of one grid in another one. Equal grids leave them alone.
Codes rescale(const Codes &x, Grid from, Grid to, CodeRange range = {});

/// Along the channels of images that agree in the rest, each rescaled.
struct ConcatLayer {
  Image a, b; // differ in c only
  Grid gridA, gridB, out;
  CodeRange range;
};
Codes concat(const ConcatLayer &layer, const Codes &a, const Codes &b);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_REFERENCELAYERS_H
