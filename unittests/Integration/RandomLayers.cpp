//===- RandomLayers.cpp - layers of every kind ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomLayers.h"
#include "Random.h"
#include <algorithm>
#include <cmath>

using namespace oracle;

namespace {

/// The choices of one layer.
class Choice {
public:
  Choice(GraphBuilder &graph, uint32_t seed) : graph(graph), random(seed) {}
  std::string addLayer();

private:
  float scale(double low, double high);
  int32_t zeroPoint();
  CodeRange range();
  Image image(int64_t maxExtent, int64_t maxChannels);
  Activation input(Image image);
  /// Of results that are mostly within `reach`.
  Target target(double reach, bool mayClamp = true);
  Axis axis(int64_t extent, int64_t maxKernel);
  /// Weights, grids and bias for filters with `depth` channels.
  void fillWeights(ConvLayer &layer, int64_t depth);
  double reachOf(const Activation &x, const ConvLayer &layer, int64_t depth);

  Activation convolution(const Activation &x, bool mayPad = true);
  Activation depthwise(const Activation &x);
  Activation grouped(const Activation &x);
  Activation pointwise(const Activation &x);
  Activation matrix();
  Activation pool(const Activation &x);
  Activation binary(const Activation &a, const Activation &b);

  GraphBuilder &graph;
  Random random;
  std::string what;
};

} // namespace

static std::string text(const Image &image) {
  return list({image.n, image.h, image.w, image.c});
}

static std::string text(const Axis &axis) {
  return list(
      {axis.kernel, axis.stride, axis.dilation, axis.padBefore, axis.padAfter});
}

/// Evenly spread over the orders of magnitude.
float Choice::scale(double low, double high) {
  return static_cast<float>(low * std::pow(high / low, random.unit()));
}

int32_t Choice::zeroPoint() {
  if (random.chance(25))
    return 0;
  if (random.chance(15))
    return random.chance(50) ? -128 : 127;
  return static_cast<int32_t>(random.between(-128, 127));
}

CodeRange Choice::range() {
  if (random.chance(90))
    return {};
  return random.chance(50) ? CodeRange{-127, 127} : CodeRange{-128, 100};
}

Image Choice::image(int64_t maxExtent, int64_t maxChannels) {
  // Odd numbers of channels are where vectors end badly.
  int64_t c = random.chance(40) ? 8 * random.between(1, maxChannels / 8)
                                : random.between(1, maxChannels);
  return {random.chance(15) ? 2 : 1, random.between(1, maxExtent),
          random.between(1, maxExtent), c};
}

Activation Choice::input(Image image) {
  Grid grid{scale(1e-3, 1), zeroPoint()};
  CodeRange codes = range();
  // Zero is a code: padding needs one.
  grid.zeroPoint = std::clamp(grid.zeroPoint, codes.low, codes.high);
  Codes values = random.codes(image.size(), codes.low, codes.high);
  if (random.chance(15)) // nothing but the ends
    for (int8_t &code : values)
      code = static_cast<int8_t>(code < 0 ? codes.low : codes.high);
  what += " input" + text(image) + " zp " + std::to_string(grid.zeroPoint);
  return graph.input(image, grid, codes, values);
}

Target Choice::target(double reach, bool mayClamp) {
  Target result;
  double factor = random.chance(8) ? std::pow(10.0, random.between(-3, 3))
                                   : 0.3 + 2 * random.unit();
  result.range = range();
  result.grid.scale = static_cast<float>(reach * factor / 128);
  result.grid.zeroPoint =
      std::clamp(zeroPoint(), result.range.low, result.range.high);
  if (!mayClamp || random.chance(45))
    return result;
  Clamp &clamp = result.clamp;
  clamp.low = random.chance(85);
  clamp.high = !clamp.low || random.chance(40);
  // Mostly relu and relu6, else anywhere.
  clamp.lowest =
      random.chance(75) ? 0 : static_cast<float>(-reach * random.unit());
  clamp.highest = static_cast<float>(reach * random.unit());
  clamp.style = static_cast<ClampStyle>(random.between(0, 2));
  what += " clamped";
  return result;
}

Axis Choice::axis(int64_t extent, int64_t maxKernel) {
  Axis result;
  result.stride = random.chance(60) ? 1 : random.between(1, 3);
  result.dilation = random.chance(80) ? 1 : 2;
  result.kernel = random.between(1, maxKernel);
  auto reach = [&] { return result.dilation * (result.kernel - 1) + 1; };
  while (result.kernel > 1 && reach() > 2 * extent)
    --result.kernel;
  if (random.chance(55)) {
    result.padBefore = random.between(0, reach() / 2);
    result.padAfter = random.between(0, reach() / 2);
  }
  // One window at least.
  int64_t missing = reach() - extent - result.padBefore - result.padAfter;
  if (missing > 0)
    result.padAfter += missing;
  return result;
}

void Choice::fillWeights(ConvLayer &layer, int64_t depth) {
  int64_t taps = layer.y.kernel * layer.x.kernel * depth;
  // Two neighbours of up to 64 do not saturate pmaddubsw.
  int32_t most = random.chance(30) ? 64 : 127;
  layer.weights = random.codes(taps * layer.filters, -most, most);
  bool perFilter = random.chance(60), shifted = random.chance(10);
  for (int64_t f = 0; f < (perFilter ? layer.filters : 1); ++f) {
    Grid grid{scale(1e-3, 0.1), 0};
    if (shifted)
      grid.zeroPoint = static_cast<int32_t>(random.between(-20, 20));
    layer.weightGrid.push_back(grid);
  }
  if (random.chance(80))
    for (int64_t f = 0; f < layer.filters; ++f)
      layer.bias.push_back(static_cast<int32_t>(random.between(-20000, 20000)));
  what += most < 127 ? " small weights" : "";
  what += perFilter ? " per filter" : " per tensor";
  what += shifted ? " weight zp" : "";
}

/// About three standard deviations of the result, as a real number.
double Choice::reachOf(const Activation &x, const ConvLayer &layer,
                       int64_t depth) {
  double weight = 0;
  for (const Grid &grid : layer.weightGrid)
    weight += grid.scale / layer.weightGrid.size();
  double taps = layer.y.kernel * layer.x.kernel * depth;
  return 3 * std::sqrt(taps) * 75 * 75 * x.grid.scale * weight;
}

Activation Choice::convolution(const Activation &x, bool mayPad) {
  ConvLayer layer;
  layer.y = axis(x.image.h, 7);
  layer.x = axis(x.image.w, 7);
  if (!mayPad) // a residual branch: the extent stays
    layer.y = layer.x = {3, 1, 1, 1, 1};
  layer.filters = mayPad ? random.between(1, 40) : x.image.c;
  // Not more than some hundred thousand products.
  while (layer.filters > 1 &&
         layer.filters * layer.y.kernel * layer.x.kernel * x.image.size() >
             300000)
    layer.filters /= 2;
  what += " conv " + text(layer.y) + text(layer.x) + " to " +
          std::to_string(layer.filters);
  fillWeights(layer, x.image.c);
  Target result = target(reachOf(x, layer, x.image.c));
  bool channelsFirst = random.chance(20);
  what += channelsFirst ? " nchw" : "";
  return graph.convolve(x, layer, result, channelsFirst);
}

Activation Choice::depthwise(const Activation &x) {
  ConvLayer layer;
  layer.y = axis(x.image.h, 7);
  layer.x = axis(x.image.w, 7);
  layer.groups = x.image.c;
  layer.filters = x.image.c * (random.chance(75) ? 1 : random.between(2, 3));
  what += " depthwise " + text(layer.y) + text(layer.x) + " to " +
          std::to_string(layer.filters);
  fillWeights(layer, 1);
  return graph.convolve(x, layer, target(reachOf(x, layer, 1)));
}

Activation Choice::grouped(const Activation &x) {
  ConvLayer layer;
  layer.y = axis(x.image.h, 5);
  layer.x = axis(x.image.w, 5);
  layer.groups = 2;
  for (int64_t g : {3, 4, 5, 8})
    if (x.image.c % g == 0 && x.image.c != g && random.chance(50))
      layer.groups = g;
  layer.filters = layer.groups * random.between(1, 9);
  what += " " + std::to_string(layer.groups) + " groups " + text(layer.y) +
          text(layer.x) + " to " + std::to_string(layer.filters);
  int64_t depth = x.image.c / layer.groups;
  fillWeights(layer, depth);
  return graph.convolve(x, layer, target(reachOf(x, layer, depth)));
}

Activation Choice::pointwise(const Activation &x) {
  ConvLayer layer;
  layer.filters = random.between(1, 70);
  layer.y.stride = layer.x.stride = random.chance(80) ? 1 : 2;
  what += " pointwise to " + std::to_string(layer.filters);
  fillWeights(layer, x.image.c);
  return graph.convolve(x, layer, target(reachOf(x, layer, x.image.c)));
}

Activation Choice::matrix() {
  Image rows{1, 1, random.chance(50) ? 1 : random.between(2, 19),
             random.between(1, 300)};
  Activation x = input(rows);
  ConvLayer layer;
  layer.filters = random.between(1, 60);
  what += " matmul to " + std::to_string(layer.filters);
  fillWeights(layer, rows.c);
  return graph.multiplyMatrix(x, layer, target(reachOf(x, layer, rows.c)));
}

Activation Choice::pool(const Activation &x) {
  PoolLayer layer;
  layer.y = axis(x.image.h, 4);
  layer.x = axis(x.image.w, 4);
  // Every window has an element of the image.
  for (Axis *axis : {&layer.y, &layer.x}) {
    axis->dilation = 1;
    axis->padBefore = std::min(axis->padBefore, axis->kernel - 1);
    axis->padAfter = std::min(axis->padAfter, axis->kernel - 1);
  }
  layer.y.kernel = std::min(layer.y.kernel, x.image.h);
  layer.x.kernel = std::min(layer.x.kernel, x.image.w);
  layer.y.padBefore = std::min(layer.y.padBefore, layer.y.kernel - 1);
  layer.x.padBefore = std::min(layer.x.padBefore, layer.x.kernel - 1);
  layer.y.padAfter = std::min(layer.y.padAfter, layer.y.kernel - 1);
  layer.x.padAfter = std::min(layer.x.padAfter, layer.x.kernel - 1);
  double reach = 128 * x.grid.scale;
  switch (random.between(0, 2)) {
  case 0:
    what += " max pool " + text(layer.y) + text(layer.x);
    return graph.maxPool(x, layer);
  case 1:
    what += " average pool " + text(layer.y) + text(layer.x);
    layer.countPadding = random.chance(30);
    return graph.averagePool(x, layer, target(reach));
  default:
    what += " mean";
    return graph.mean(x, target(reach));
  }
}

Activation Choice::binary(const Activation &a, const Activation &b) {
  auto kind = static_cast<BinaryKind>(random.between(0, 2));
  double reach = 128 * (a.grid.scale + b.grid.scale);
  if (kind == BinaryKind::Multiply)
    reach = 75.0 * 75.0 * 2 * a.grid.scale * b.grid.scale;
  what += kind == BinaryKind::Add        ? " add"
          : kind == BinaryKind::Subtract ? " subtract"
                                         : " multiply";
  return graph.binary(kind, a, b, target(reach));
}

std::string Choice::addLayer() {
  int64_t kind = random.between(0, 99);
  if (kind < 26) {
    graph.output(convolution(input(image(13, 33))));
  } else if (kind < 40) {
    // Tiles of 64 channels have a way of their own.
    graph.output(depthwise(input(image(13, random.chance(30) ? 150 : 40))));
  } else if (kind < 50) {
    Image shape = image(9, 16);
    shape.c = random.between(2, 6) * random.between(2, 5);
    shape.c += shape.c % 2;
    graph.output(grouped(input(shape)));
  } else if (kind < 60) {
    graph.output(pointwise(input(image(9, 100))));
  } else if (kind < 69) {
    graph.output(matrix());
  } else if (kind < 78) {
    graph.output(pool(input(image(12, 35))));
  } else if (kind < 86) {
    Image shape = image(9, 40);
    Activation a = input(shape);
    graph.output(binary(a, input(shape)));
  } else if (kind < 90) {
    Image shape = image(7, 24);
    Activation a = input(shape);
    shape.c = random.between(1, 20);
    Activation b = input(shape);
    what += " concat";
    double reach = 128 * std::max(a.grid.scale, b.grid.scale);
    graph.output(graph.concat(a, b, target(reach)));
  } else if (kind < 94) { // a residual block
    Activation x = input(image(8, 16));
    Activation y = convolution(convolution(x, false), false);
    graph.output(binary(y, x));
  } else if (kind < 97) { // depthwise and pointwise
    graph.output(pointwise(depthwise(input(image(9, 24)))));
  } else {
    graph.output(pool(convolution(input(image(9, 16)))));
  }
  return what;
}

std::string oracle::addRandomLayer(GraphBuilder &graph, uint32_t seed) {
  return Choice(graph, seed).addLayer();
}
