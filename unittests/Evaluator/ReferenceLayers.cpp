//===- ReferenceLayers.cpp - layers from their parameters -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceLayers.h"
#include <algorithm>

using namespace oracle;

int64_t Axis::outputs(int64_t extent) const {
  int64_t reach = dilation * (kernel - 1) + 1;
  int64_t room = extent + padBefore + padAfter - reach;
  return room < 0 ? 0 : room / stride + 1;
}

Image ConvLayer::output() const {
  return {input.n, y.outputs(input.h), x.outputs(input.w), filters};
}

Image PoolLayer::output() const {
  return {input.n, y.outputs(input.h), x.outputs(input.w), input.c};
}

static int64_t offset(const Image &image, int64_t n, int64_t h, int64_t w,
                      int64_t c) {
  return ((n * image.h + h) * image.w + w) * image.c + c;
}

/// Calls fn(n, h, w, c) for every element, row major.
template <typename Fn>
static void forEach(const Image &image, Fn fn) {
  for (int64_t n = 0; n < image.n; ++n)
    for (int64_t h = 0; h < image.h; ++h)
      for (int64_t w = 0; w < image.w; ++w)
        for (int64_t c = 0; c < image.c; ++c)
          fn(n, h, w, c);
}

/// A scale that is computed in f64 and rounded once.
static float rounded(double scale) { return static_cast<float>(scale); }

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

static Grid gridOf(const ConvLayer &layer, int64_t filter) {
  return layer.weightGrid[layer.weightGrid.size() == 1 ? 0 : filter];
}

std::vector<int32_t> oracle::convolveSums(const ConvLayer &layer,
                                          const Codes &x) {
  Image in = layer.input, out = layer.output();
  int64_t depth = in.c / layer.groups, perGroup = layer.filters / layer.groups;
  std::vector<int32_t> sums;
  forEach(out, [&](int64_t n, int64_t oh, int64_t ow, int64_t f) {
    // Unsigned: the sum is one modulo 2^32.
    uint32_t sum = layer.bias.empty() ? 0 : layer.bias[f];
    int32_t zw = gridOf(layer, f).zeroPoint;
    for (int64_t kh = 0; kh < layer.y.kernel; ++kh)
      for (int64_t kw = 0; kw < layer.x.kernel; ++kw)
        for (int64_t d = 0; d < depth; ++d) {
          int64_t ih =
              oh * layer.y.stride + kh * layer.y.dilation - layer.y.padBefore;
          int64_t iw =
              ow * layer.x.stride + kw * layer.x.dilation - layer.x.padBefore;
          if (ih < 0 || ih >= in.h || iw < 0 || iw >= in.w)
            continue; // padding is 0
          int64_t c = f / perGroup * depth + d;
          int32_t value = x[offset(in, n, ih, iw, c)] - layer.in.zeroPoint;
          int64_t k = ((kh * layer.x.kernel + kw) * depth + d) * layer.filters;
          int32_t weight = layer.weights[k + f] - zw;
          sum += static_cast<uint32_t>(value) * static_cast<uint32_t>(weight);
        }
    sums.push_back(static_cast<int32_t>(sum));
  });
  return sums;
}

Codes oracle::convolve(const ConvLayer &layer, const Codes &x) {
  Codes result;
  for (int32_t sum : convolveSums(layer, x)) {
    int64_t filter = result.size() % layer.filters;
    double scale = static_cast<double>(layer.in.scale) *
                   gridOf(layer, filter).scale / layer.out.scale;
    result.push_back(
        requantize(sum, rounded(scale), layer.out.zeroPoint, layer.range));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// Calls fn(codes, padded): those of every window in the image, and how many
/// positions it has on the image and its padding together.
template <typename Fn>
static void forEachWindow(const PoolLayer &layer, const Codes &x, Fn fn) {
  Image in = layer.input;
  forEach(layer.output(), [&](int64_t n, int64_t oh, int64_t ow, int64_t c) {
    Codes window;
    for (int64_t kh = 0; kh < layer.y.kernel; ++kh)
      for (int64_t kw = 0; kw < layer.x.kernel; ++kw) {
        int64_t ih =
            oh * layer.y.stride + kh * layer.y.dilation - layer.y.padBefore;
        int64_t iw =
            ow * layer.x.stride + kw * layer.x.dilation - layer.x.padBefore;
        if (ih >= 0 && ih < in.h && iw >= 0 && iw < in.w)
          window.push_back(x[offset(in, n, ih, iw, c)]);
      }
    fn(window, layer.y.kernel * layer.x.kernel);
  });
}

Codes oracle::averagePool(const PoolLayer &layer, const Codes &x) {
  Codes result;
  forEachWindow(layer, x, [&](const Codes &window, int64_t all) {
    int32_t sum = 0;
    for (int8_t code : window)
      sum += code - layer.in.zeroPoint;
    int64_t count = layer.countPadding ? all : window.size();
    double scale = layer.in.scale / (static_cast<double>(layer.out.scale) *
                                     static_cast<double>(count));
    result.push_back(
        requantize(sum, rounded(scale), layer.out.zeroPoint, layer.range));
  });
  return result;
}

Codes oracle::maxPool(const PoolLayer &layer, const Codes &x) {
  Codes result;
  forEachWindow(layer, x, [&](const Codes &window, int64_t) {
    int8_t best = layer.range.low;
    for (int8_t code : window)
      best = std::max(best, code);
    result.push_back(std::min<int32_t>(best, layer.range.high));
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// f32(code - zero point) * (scale / out scale).
static float inUnitsOf(const Grid &out, int8_t code, const Grid &grid) {
  float ratio = rounded(static_cast<double>(grid.scale) / out.scale);
  return static_cast<float>(code - grid.zeroPoint) * ratio;
}

Codes oracle::add(const BinaryLayer &layer, const Codes &a, const Codes &b) {
  Codes result;
  for (size_t i = 0; i < a.size(); ++i) {
    float sum = inUnitsOf(layer.out, a[i], layer.a) +
                inUnitsOf(layer.out, b[i], layer.b);
    result.push_back(requantize(sum, 1.0f, layer.out.zeroPoint, layer.range));
  }
  return result;
}

Codes oracle::subtract(const BinaryLayer &layer, const Codes &a,
                       const Codes &b) {
  Codes result;
  for (size_t i = 0; i < a.size(); ++i) {
    float difference = inUnitsOf(layer.out, a[i], layer.a) -
                       inUnitsOf(layer.out, b[i], layer.b);
    result.push_back(
        requantize(difference, 1.0f, layer.out.zeroPoint, layer.range));
  }
  return result;
}

Codes oracle::multiply(const BinaryLayer &layer, const Codes &a,
                       const Codes &b) {
  double scale =
      static_cast<double>(layer.a.scale) * layer.b.scale / layer.out.scale;
  Codes result;
  for (size_t i = 0; i < a.size(); ++i) {
    int32_t product = (a[i] - layer.a.zeroPoint) * (b[i] - layer.b.zeroPoint);
    result.push_back(
        requantize(product, rounded(scale), layer.out.zeroPoint, layer.range));
  }
  return result;
}

Codes oracle::rescale(const Codes &x, Grid from, Grid to, CodeRange range) {
  Codes result;
  for (int8_t code : x) {
    if (from.scale == to.scale && from.zeroPoint == to.zeroPoint) {
      int32_t same = std::max<int32_t>(code, range.low);
      result.push_back(std::min(same, range.high));
      continue;
    }
    float ratio = rounded(static_cast<double>(from.scale) / to.scale);
    int32_t steps = code - from.zeroPoint;
    result.push_back(requantize(steps, ratio, to.zeroPoint, range));
  }
  return result;
}

Codes oracle::concat(const ConcatLayer &layer, const Codes &a, const Codes &b) {
  Codes first = rescale(a, layer.gridA, layer.out, layer.range);
  Codes second = rescale(b, layer.gridB, layer.out, layer.range);
  Codes result;
  for (int64_t i = 0; i < layer.a.n * layer.a.h * layer.a.w; ++i) {
    auto partA = first.begin() + i * layer.a.c;
    auto partB = second.begin() + i * layer.b.c;
    result.insert(result.end(), partA, partA + layer.a.c);
    result.insert(result.end(), partB, partB + layer.b.c);
  }
  return result;
}
