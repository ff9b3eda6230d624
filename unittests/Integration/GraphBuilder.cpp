//===- GraphBuilder.cpp - networks with known answers ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"

using namespace oracle;

/// "3x3x8x16".
static std::string dims(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t extent : shape)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

static std::string windowAttributes(const ConvLayer &layer) {
  return "{strides = dense<" + list({layer.y.stride, layer.x.stride}) +
         "> : tensor<2xi64>, dilations = dense<" +
         list({layer.y.dilation, layer.x.dilation}) + "> : tensor<2xi64>}";
}

static std::string windowAttributes(const PoolLayer &layer) {
  ConvLayer window;
  window.y = layer.y;
  window.x = layer.x;
  return windowAttributes(window);
}

//===----------------------------------------------------------------------===//
// Borders
//===----------------------------------------------------------------------===//

Activation GraphBuilder::input(Image image, Grid grid, CodeRange range,
                               Codes codes) {
  Activation argument{"in" + std::to_string(arguments.size()), image, grid,
                      range, std::move(codes)};
  arguments.push_back(argument);
  return finish(argument.value, type(image), image, {grid, range, {}},
                argument.codes);
}

void GraphBuilder::output(const Activation &x) { outputs.push_back(x); }

static HostTensor tensorOf(const Activation &x, bool integer) {
  std::vector<int64_t> shape{x.image.n, x.image.h, x.image.w, x.image.c};
  if (integer)
    return HostTensor::of(shape, x.codes);
  std::vector<float> values;
  for (int8_t code : x.codes)
    values.push_back(dequantize(code, x.grid));
  return HostTensor::of(shape, values);
}

std::vector<HostTensor> GraphBuilder::inputs(bool integer) const {
  std::vector<HostTensor> result;
  for (const Activation &x : arguments)
    result.push_back(tensorOf(x, integer));
  return result;
}

std::vector<HostTensor> GraphBuilder::expected(bool integer) const {
  std::vector<HostTensor> result;
  for (const Activation &x : outputs)
    result.push_back(tensorOf(x, integer));
  return result;
}

CodeRange GraphBuilder::rangeOf(const Target &target) const {
  CodeRange range = target.range;
  if (target.clamp.low)
    range.low = quantize(target.clamp.lowest, target.grid, target.range);
  if (target.clamp.high)
    range.high = quantize(target.clamp.highest, target.grid, target.range);
  return range;
}

Activation GraphBuilder::finish(const std::string &x, const std::string &type,
                                const Image &image, const Target &target,
                                Codes codes) {
  Activation result{clamp(x, type, target.clamp), image, target.grid,
                    target.range, std::move(codes)};
  if (!quantized)
    return result;
  std::string value = name();
  llvm::raw_string_ostream(body)
      << "  %" << value << " = compress.fake_quant %" << result.value
      << " {type = " << quantType(8, {target.grid}, -1, target.range)
      << "} : " << type << "\n";
  result.value = value;
  return result;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Element [f][...] of filters that come first, of weights that end in them.
static Codes filtersFirst(const Codes &weights, int64_t filters) {
  Codes result;
  int64_t taps = static_cast<int64_t>(weights.size()) / filters;
  for (int64_t f = 0; f < filters; ++f)
    for (int64_t t = 0; t < taps; ++t)
      result.push_back(weights[t * filters + f]);
  return result;
}

std::string GraphBuilder::convolvePlain(const std::string &x,
                                        const Image &image,
                                        const ConvLayer &layer,
                                        bool channelsFirst) {
  Image out = layer.output();
  int64_t kh = layer.y.kernel, kw = layer.x.kernel, f = layer.filters;
  std::string result = name();
  if (!channelsFirst) {
    std::string filter =
        weights(layer, dims({kh, kw, image.c, f}), layer.weights, 3);
    std::string init = bias(layer, type(out), "0, 1, 2");
    llvm::raw_string_ostream(body)
        << "  %" << result << " = linalg.conv_2d_nhwc_hwcf "
        << windowAttributes(layer) << " ins(%" << x << ", %" << filter << " : "
        << type(image) << ", tensor<" << dims({kh, kw, image.c, f})
        << "xf32>) outs(%" << init << " : " << type(out) << ") -> " << type(out)
        << "\n";
    return result;
  }
  // [kh * kw][c][f] to [f][c][kh * kw].
  Codes codes;
  for (int64_t filter = 0; filter < f; ++filter)
    for (int64_t c = 0; c < image.c; ++c)
      for (int64_t tap = 0; tap < kh * kw; ++tap)
        codes.push_back(layer.weights[(tap * image.c + c) * f + filter]);
  std::string source =
      transpose(x, {image.n, image.h, image.w, image.c}, {0, 3, 1, 2});
  std::string filter = weights(layer, dims({f, image.c, kh, kw}), codes, 0);
  Image swapped{out.n, f, out.h, out.w};
  std::string init = bias(layer, type(swapped), "0, 2, 3");
  llvm::raw_string_ostream(body)
      << "  %" << result << " = linalg.conv_2d_nchw_fchw "
      << windowAttributes(layer) << " ins(%" << source << ", %" << filter
      << " : " << type({image.n, image.c, image.h, image.w}) << ", tensor<"
      << dims({f, image.c, kh, kw}) << "xf32>) outs(%" << init << " : "
      << type(swapped) << ") -> " << type(swapped) << "\n";
  return transpose(result, {out.n, f, out.h, out.w}, {0, 2, 3, 1});
}

std::string GraphBuilder::convolveGroups(const std::string &x,
                                         const Image &image,
                                         const ConvLayer &layer) {
  Image out = layer.output();
  int64_t kh = layer.y.kernel, kw = layer.x.kernel, g = layer.groups;
  int64_t depth = image.c / g, f = layer.filters / g;
  std::string filter = weights(layer, dims({layer.filters, kh, kw, depth}),
                               filtersFirst(layer.weights, layer.filters), 0);
  std::string in5 =
      "tensor<" + dims({image.n, image.h, image.w, g, depth}) + "xf32>";
  std::string filter5 = "tensor<" + dims({g, f, kh, kw, depth}) + "xf32>";
  std::string out5 = "tensor<" + dims({out.n, out.h, out.w, g, f}) + "xf32>";
  std::string init = bias(layer, out5, "0, 1, 2", {g, f});
  std::string xs = name(), ws = name(), r = name(), result = name();
  llvm::raw_string_ostream(body)
      << "  %" << xs << " = tensor.expand_shape %" << x
      << " [[0], [1], [2], [3, 4]] output_shape "
      << list({image.n, image.h, image.w, g, depth}) << " : " << type(image)
      << " into " << in5 << "\n  %" << ws << " = tensor.expand_shape %"
      << filter << " [[0, 1], [2], [3], [4]] output_shape "
      << list({g, f, kh, kw, depth}) << " : tensor<"
      << dims({layer.filters, kh, kw, depth}) << "xf32> into " << filter5
      << "\n  %" << r << " = linalg.conv_2d_nhwgc_gfhwc "
      << windowAttributes(layer) << " ins(%" << xs << ", %" << ws << " : "
      << in5 << ", " << filter5 << ") outs(%" << init << " : " << out5
      << ") -> " << out5 << "\n  %" << result << " = tensor.collapse_shape %"
      << r << " [[0], [1], [2], [3, 4]] : " << out5 << " into " << type(out)
      << "\n";
  return result;
}

std::string GraphBuilder::convolveDepthwise(const std::string &x,
                                            const Image &image,
                                            const ConvLayer &layer) {
  Image out = layer.output();
  int64_t kh = layer.y.kernel, kw = layer.x.kernel;
  int64_t multiplier = layer.filters / layer.groups;
  std::string filterDims = dims({kh, kw, layer.filters});
  std::string filter = weights(layer, filterDims, layer.weights, 2);
  std::string result = name();
  if (multiplier == 1) {
    std::string init = bias(layer, type(out), "0, 1, 2");
    llvm::raw_string_ostream(body)
        << "  %" << result << " = linalg.depthwise_conv_2d_nhwc_hwc "
        << windowAttributes(layer) << " ins(%" << x << ", %" << filter << " : "
        << type(image) << ", tensor<" << filterDims << "xf32>) outs(%" << init
        << " : " << type(out) << ") -> " << type(out) << "\n";
    return result;
  }
  std::string filter4 =
      "tensor<" + dims({kh, kw, image.c, multiplier}) + "xf32>";
  std::string out5 =
      "tensor<" + dims({out.n, out.h, out.w, image.c, multiplier}) + "xf32>";
  std::string init = bias(layer, out5, "0, 1, 2", {image.c, multiplier});
  std::string ws = name(), r = name();
  llvm::raw_string_ostream(body)
      << "  %" << ws << " = tensor.expand_shape %" << filter
      << " [[0], [1], [2, 3]] output_shape "
      << list({kh, kw, image.c, multiplier}) << " : tensor<" << filterDims
      << "xf32> into " << filter4 << "\n  %" << r
      << " = linalg.depthwise_conv_2d_nhwc_hwcm " << windowAttributes(layer)
      << " ins(%" << x << ", %" << ws << " : " << type(image) << ", " << filter4
      << ") outs(%" << init << " : " << out5 << ") -> " << out5 << "\n  %"
      << result << " = tensor.collapse_shape %" << r
      << " [[0], [1], [2], [3, 4]] : " << out5 << " into " << type(out) << "\n";
  return result;
}

Activation GraphBuilder::convolve(const Activation &x, ConvLayer layer,
                                  Target target, bool channelsFirst) {
  layer.input = x.image;
  layer.in = x.grid;
  layer.out = target.grid;
  layer.range = rangeOf(target);
  Image padded = x.image;
  std::string source = pad(x.value, padded, layer.y, layer.x, "0.0");
  std::string result;
  if (layer.groups == 1)
    result = convolvePlain(source, padded, layer, channelsFirst);
  else if (layer.groups == x.image.c)
    result = convolveDepthwise(source, padded, layer);
  else
    result = convolveGroups(source, padded, layer);
  return finish(result, type(layer.output()), layer.output(), target,
                oracle::convolve(layer, x.codes));
}

Activation GraphBuilder::multiplyMatrix(const Activation &x, ConvLayer layer,
                                        Target target) {
  layer.input = x.image;
  layer.in = x.grid;
  layer.out = target.grid;
  layer.range = rangeOf(target);
  Image out = layer.output();
  int64_t rows = x.image.n * x.image.h * x.image.w, c = x.image.c;
  std::string flat = "tensor<" + dims({rows, c}) + "xf32>";
  std::string flatOut = "tensor<" + dims({rows, layer.filters}) + "xf32>";
  std::string wide = "tensor<" + dims({c, layer.filters}) + "xf32>";
  std::string filter =
      weights(layer, dims({c, layer.filters}), layer.weights, 1);
  std::string init = bias(layer, flatOut, "0");
  std::string collapsed = name(), product = name(), result = name();
  llvm::raw_string_ostream(body)
      << "  %" << collapsed << " = tensor.collapse_shape %" << x.value
      << " [[0, 1, 2], [3]] : " << type(x.image) << " into " << flat << "\n  %"
      << product << " = linalg.matmul ins(%" << collapsed << ", %" << filter
      << " : " << flat << ", " << wide << ") outs(%" << init << " : " << flatOut
      << ") -> " << flatOut << "\n  %" << result << " = tensor.expand_shape %"
      << product << " [[0, 1, 2], [3]] output_shape "
      << list({out.n, out.h, out.w, out.c}) << " : " << flatOut << " into "
      << type(out) << "\n";
  return finish(result, type(out), out, target,
                oracle::convolve(layer, x.codes));
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

Activation GraphBuilder::averagePool(const Activation &x, PoolLayer layer,
                                     Target target) {
  layer.input = x.image;
  layer.in = x.grid;
  layer.out = target.grid;
  layer.range = rangeOf(target);
  Image padded = x.image, out = layer.output();
  std::string source = pad(x.value, padded, layer.y, layer.x, "0.0");
  std::string init = fill(out, "0.0");
  std::string window = name(), sum = name(), result = name(), empty = name();
  std::string windowType =
      "tensor<" + dims({layer.y.kernel, layer.x.kernel}) + "xf32>";
  llvm::raw_string_ostream os(body);
  os << "  %" << window << " = tensor.empty() : " << windowType << "\n  %"
     << sum << " = linalg.pooling_nhwc_sum " << windowAttributes(layer)
     << " ins(%" << source << ", %" << window << " : " << type(padded) << ", "
     << windowType << ") outs(%" << init << " : " << type(out) << ") -> "
     << type(out) << "\n  %" << empty << " = tensor.empty() : " << type(out)
     << "\n";
  // The number of elements in every window: one, or one a pixel.
  std::string divisor = name();
  int64_t all = layer.y.kernel * layer.x.kernel;
  bool counts = padded.h != x.image.h || padded.w != x.image.w;
  if (!counts || layer.countPadding) {
    os << "  %" << divisor << " = arith.constant " << number(all)
       << " : f32\n  %" << result
       << " = linalg.generic {indexing_maps = [#id, #id], iterator_types = "
          "[\"parallel\", \"parallel\", \"parallel\", \"parallel\"]} ins(%"
       << sum << " : " << type(out) << ") outs(%" << empty << " : " << type(out)
       << ") {\n  ^bb0(%a: f32, %o: f32):\n    %r = arith.divf "
       << "%a, %" << divisor << " : f32\n";
  } else {
    auto inside = [](const Axis &axis, int64_t extent, int64_t at) {
      float count = 0;
      for (int64_t k = 0; k < axis.kernel; ++k) {
        int64_t place = at * axis.stride + k * axis.dilation - axis.padBefore;
        count += place >= 0 && place < extent;
      }
      return count;
    };
    std::vector<float> values;
    for (int64_t h = 0; h < out.h; ++h)
      for (int64_t w = 0; w < out.w; ++w)
        values.push_back(inside(layer.y, x.image.h, h) *
                         inside(layer.x, x.image.w, w));
    llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                               values.size() * 4);
    std::string pixels = "tensor<" + dims({out.h, out.w}) + "xf32>";
    os << "  %" << divisor << " = arith.constant " << hexDense(bytes) << " : "
       << pixels << "\n  %" << result
       << " = linalg.generic {indexing_maps = [#id, #pixel, #id], "
          "iterator_types = [\"parallel\", \"parallel\", \"parallel\", "
          "\"parallel\"]} ins(%"
       << sum << ", %" << divisor << " : " << type(out) << ", " << pixels
       << ") outs(%" << empty << " : " << type(out)
       << ") {\n  ^bb0(%a: f32, %b: f32, %o: f32):\n"
       << "    %r = arith.divf %a, %b : f32\n";
  }
  os << "    linalg.yield %r : f32\n  } -> " << type(out) << "\n";
  return finish(result, type(out), out, target,
                oracle::averagePool(layer, x.codes));
}

Activation GraphBuilder::mean(const Activation &x, Target target) {
  PoolLayer layer;
  layer.input = x.image;
  layer.y.kernel = x.image.h;
  layer.x.kernel = x.image.w;
  layer.in = x.grid;
  layer.out = target.grid;
  layer.range = rangeOf(target);
  Image out{x.image.n, 1, 1, x.image.c};
  std::string flat = "tensor<" + dims({x.image.n, x.image.c}) + "xf32>";
  std::string zero = name(), empty = name(), init = name(), sum = name();
  std::string wide = name(), divisor = name(), last = name(), result = name();
  llvm::raw_string_ostream(body)
      << "  %" << zero << " = arith.constant 0.0 : f32\n  %" << empty
      << " = tensor.empty() : " << flat << "\n  %" << init
      << " = linalg.fill ins(%" << zero << " : f32) outs(%" << empty << " : "
      << flat << ") -> " << flat << "\n  %" << sum
      << " = linalg.generic {indexing_maps = [#id, #channel], iterator_types "
         "= [\"parallel\", \"reduction\", \"reduction\", \"parallel\"]} ins(%"
      << x.value << " : " << type(x.image) << ") outs(%" << init << " : "
      << flat << ") {\n  ^bb0(%a: f32, %o: f32):\n    %r = arith.addf %o, %a "
      << ": f32\n    linalg.yield %r : f32\n  } -> " << flat << "\n  %" << wide
      << " = tensor.expand_shape %" << sum << " [[0, 1, 2], [3]] output_shape "
      << list({out.n, 1, 1, out.c}) << " : " << flat << " into " << type(out)
      << "\n  %" << divisor << " = arith.constant "
      << number(x.image.h * x.image.w) << " : f32\n  %" << last
      << " = tensor.empty() : " << type(out) << "\n  %" << result
      << " = linalg.generic {indexing_maps = [#id, #id], iterator_types = "
         "[\"parallel\", \"parallel\", \"parallel\", \"parallel\"]} ins(%"
      << wide << " : " << type(out) << ") outs(%" << last << " : " << type(out)
      << ") {\n  ^bb0(%a: f32, %o: f32):\n    %r = arith.divf %a, %" << divisor
      << " : f32\n    linalg.yield %r : f32\n  } -> " << type(out) << "\n";
  return finish(result, type(out), out, target,
                oracle::averagePool(layer, x.codes));
}

Activation GraphBuilder::maxPool(const Activation &x, PoolLayer layer) {
  layer.input = x.image;
  layer.range = x.range;
  Image padded = x.image, out = layer.output();
  std::string source = pad(x.value, padded, layer.y, layer.x, "0xFF800000");
  std::string init = fill(out, "0xFF800000");
  std::string window = name(), result = name();
  std::string windowType =
      "tensor<" + dims({layer.y.kernel, layer.x.kernel}) + "xf32>";
  llvm::raw_string_ostream(body)
      << "  %" << window << " = tensor.empty() : " << windowType << "\n  %"
      << result << " = linalg.pooling_nhwc_max " << windowAttributes(layer)
      << " ins(%" << source << ", %" << window << " : " << type(padded) << ", "
      << windowType << ") outs(%" << init << " : " << type(out) << ") -> "
      << type(out) << "\n";
  return finish(result, type(out), out, {x.grid, x.range, {}},
                oracle::maxPool(layer, x.codes));
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Activation GraphBuilder::binary(BinaryKind kind, const Activation &a,
                                const Activation &b, Target target) {
  BinaryLayer layer{a.grid, b.grid, target.grid, rangeOf(target)};
  std::string empty = name(), result = name(), t = type(a.image);
  llvm::StringRef op = kind == BinaryKind::Add        ? "addf"
                       : kind == BinaryKind::Subtract ? "subf"
                                                      : "mulf";
  llvm::raw_string_ostream(body)
      << "  %" << empty << " = tensor.empty() : " << t << "\n  %" << result
      << " = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types "
         "= [\"parallel\", \"parallel\", \"parallel\", \"parallel\"]} ins(%"
      << a.value << ", %" << b.value << " : " << t << ", " << t << ") outs(%"
      << empty << " : " << t
      << ") {\n  ^bb0(%a: f32, %b: f32, %o: f32):\n    %r = arith." << op
      << " %a, %b : f32\n    linalg.yield %r : f32\n  } -> " << t << "\n";
  Codes codes = kind == BinaryKind::Add ? add(layer, a.codes, b.codes)
                : kind == BinaryKind::Subtract
                    ? subtract(layer, a.codes, b.codes)
                    : multiply(layer, a.codes, b.codes);
  return finish(result, t, a.image, target, codes);
}

Activation GraphBuilder::concat(const Activation &a, const Activation &b,
                                Target target) {
  ConcatLayer layer{a.image, b.image,     a.grid,
                    b.grid,  target.grid, rangeOf(target)};
  Image out = a.image;
  out.c += b.image.c;
  std::string result = name();
  llvm::raw_string_ostream(body)
      << "  %" << result << " = tensor.concat dim(3) %" << a.value << ", %"
      << b.value << " : (" << type(a.image) << ", " << type(b.image) << ") -> "
      << type(out) << "\n";
  return finish(result, type(out), out, target,
                oracle::concat(layer, a.codes, b.codes));
}
