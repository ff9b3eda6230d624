//===- RandomBlocks.cpp - the blocks of random networks -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace oracle;
using mlir::compress::ConstantTensor;
using mlir::compress::ReduceKind;
using mlir::compress::WindowAxis;

/// `x`, or a pointwise convolution of it that has `channels`.
NetworkBuilder::Tensor NetworkBuilder::ofWidth(const Tensor &x,
                                               int64_t channels) {
  if (x.shape[1] == channels)
    return x;
  return layer(x, {channels, 1, 1, 1, 0}, pickBend());
}

/// Pooled until rows and columns are no more than `most`.
NetworkBuilder::Tensor NetworkBuilder::shrink(const Tensor &x, int64_t most) {
  Tensor result = x;
  while (result.shape[2] > most || result.shape[3] > most) {
    begin("pool");
    SmallVector<WindowAxis> window;
    for (int64_t d : {2, 3}) {
      WindowAxis axis{result.shape[d], 2, 2};
      axis.padAfter = result.shape[d] % 2;
      std::string reason;
      if (failed(mlir::compress::resolveWindow(
              axis, mlir::compress::AutoPad::None, false, reason)))
        llvm::report_fatal_error(llvm::Twine(reason));
      window.push_back(axis);
    }
    result = takeValue(b.maxPool2d(result.value, window));
  }
  return result;
}

NetworkBuilder::Tensor NetworkBuilder::plain(const Tensor &x) {
  ConvShape shape{width()};
  shape.kernel = random.between(1, 3);
  shape.stride =
      std::min(x.shape[2], x.shape[3]) > 3 ? random.between(1, 2) : 1;
  shape.dilation = random.between(1, 2);
  shape.pad = random.between(0, 2);
  return layer(x, shape, pickBend());
}

NetworkBuilder::Tensor NetworkBuilder::grouped(const Tensor &x) {
  Tensor input = ofWidth(x, width());
  ConvShape shape{width()};
  shape.groups = 2;
  shape.kernel = random.chance(50) ? 1 : 3;
  shape.pad = random.chance(50) ? shape.kernel / 2 : 0;
  return layer(input, shape, pickBend());
}

NetworkBuilder::Tensor NetworkBuilder::separable(const Tensor &x) {
  Tensor result = ofWidth(x, width());
  ConvShape shape{result.shape[1]};
  shape.groups = shape.filters;
  if (random.chance(25))
    shape.filters *= 2; // two filters a channel
  shape.stride =
      std::min(x.shape[2], x.shape[3]) > 4 ? random.between(1, 2) : 1;
  shape.pad = random.between(0, 1);
  result = layer(result, shape, pickBend());
  return random.chance(80) ? layer(result, {width(), 1, 1, 1, 0}, pickBend())
                           : result;
}

NetworkBuilder::Tensor NetworkBuilder::transposed(const Tensor &x) {
  Tensor input = shrink(x, 4);
  ConvShape shape{width()};
  shape.kernel = random.between(2, 3);
  shape.stride = random.between(1, 2);
  shape.pad = random.between(0, 1);
  shape.transposed = true;
  if (random.chance(30)) {
    input = ofWidth(input, width());
    shape.groups = random.chance(50) ? 2 : input.shape[1];
    shape.filters = random.chance(50) ? 2 * shape.groups : input.shape[1];
  }
  return layer(input, shape, pickBend());
}

NetworkBuilder::Tensor NetworkBuilder::residual(const Tensor &x) {
  Tensor sum = x;
  int64_t stride = 1;
  if (random.chance(40)) {
    stride = std::min(x.shape[2], x.shape[3]) > 3 ? 2 : 1;
    sum = layer(x, {width(), 1, stride, 1, 0}, Bend::None);
  }
  for (int64_t i = random.between(1, 3); i > 0; --i) {
    Tensor branch = layer(x, {width(), 3, stride}, pickBend());
    branch = layer(branch, {sum.shape[1]}, Bend::None);
    if (random.chance(25))
      branch = squeezeExcite(branch);
    sum = random.chance(50) ? add(sum, branch) : add(branch, sum);
  }
  return random.chance(70) ? quantize(bend(sum, Bend::Relu)) : sum;
}

/// ResNet's option A: the identity at every second place, with channels of
/// zeros around its own.
NetworkBuilder::Tensor NetworkBuilder::paddedShortcut(const Tensor &x) {
  begin("shortcut");
  SmallVector<int64_t> sizes(x.shape), low(4, 0), high(4, 0);
  for (int64_t d : {2, 3})
    sizes[d] = (sizes[d] + 1) / 2;
  Tensor shortcut = take(b.slice(x, {0, 0, 0, 0}, sizes, {1, 1, 2, 2}));
  low[1] = random.between(0, 2);
  high[1] = random.between(1, 2);
  shortcut = take(b.pad(shortcut, low, high, 0.0));
  Tensor branch = layer(x, {width(), 3, 2}, pickBend());
  branch = layer(branch, {shortcut.shape[1]}, Bend::None);
  return quantize(bend(add(branch, shortcut), Bend::Relu));
}

NetworkBuilder::Tensor NetworkBuilder::branches(const Tensor &x) {
  SmallVector<Tensor> parts;
  for (int64_t i = random.between(2, 3); i > 0; --i) {
    int64_t kernel = random.chance(50) ? 1 : 3;
    parts.push_back(
        random.chance(15)
            ? x
            : layer(x, {width(), kernel, 1, 1, kernel / 2}, pickBend()));
  }
  begin("concat");
  Tensor joined = take(b.concat(parts, 1));
  return random.chance(60) ? layer(joined, {width(), 1, 1, 1, 0}, pickBend())
                           : joined;
}

NetworkBuilder::Tensor NetworkBuilder::split(const Tensor &x) {
  Tensor whole = ofWidth(x, width());
  begin("split");
  int64_t channels = whole.shape[1], cut = random.between(1, channels - 1);
  SmallVector<Tensor> parts;
  for (auto [from, to] :
       {std::make_pair(int64_t(0), cut), std::make_pair(cut, channels)}) {
    SmallVector<int64_t> sizes(whole.shape);
    sizes[1] = to - from;
    Tensor part = take(b.slice(whole, {0, from, 0, 0}, sizes, {1, 1, 1, 1}));
    parts.push_back(random.chance(60) ? layer(part, {width()}, pickBend())
                                      : quantize(bend(part, Bend::Relu)));
  }
  if (random.chance(50))
    std::swap(parts[0], parts[1]);
  begin("concat");
  return take(b.concat(parts, 1));
}

NetworkBuilder::Tensor NetworkBuilder::shuffle(const Tensor &x) {
  Tensor input = ofWidth(x, width());
  begin("shuffle");
  SmallVector<int64_t> shape(input.shape);
  int64_t channels = shape[1], groups = random.chance(70) ? 2 : channels / 2;
  Tensor apart = take(b.reshape(
      input, {shape[0], groups, channels / groups, shape[2], shape[3]}));
  Tensor turned = take(b.transpose(apart, {0, 2, 1, 3, 4}));
  Tensor result = take(b.reshape(turned, shape));
  ConvShape next{width()};
  next.groups = random.chance(60) ? 2 : 1;
  return layer(result, next, pickBend());
}

NetworkBuilder::Tensor NetworkBuilder::squeezeExcite(const Tensor &x) {
  begin("squeeze");
  Tensor mean =
      quantize(takeValue(b.reduce(ReduceKind::Mean, x.value, {2, 3}, true)));
  Tensor inner = layer(mean, {random.between(2, 4), 1, 1, 1, 0},
                       random.chance(50) ? Bend::Relu : pickBend());
  Tensor gate = layer(inner, {x.shape[1], 1, 1, 1, 0},
                      random.chance(50) ? Bend::Sigmoid : Bend::HardSigmoid);
  return random.chance(50) ? multiply(x, gate) : multiply(gate, x);
}

NetworkBuilder::Tensor NetworkBuilder::pool(const Tensor &x) {
  begin("pool");
  SmallVector<WindowAxis> window;
  int64_t kernel = random.between(2, 3), pad = random.between(0, 1);
  for (int64_t d : {2, 3}) {
    WindowAxis axis{x.shape[d], kernel, random.between(1, 2)};
    axis.padBefore = x.shape[d] < 3 ? 1 : pad;
    axis.padAfter = x.shape[d] < 3 ? 1 : random.between(0, pad);
    std::string reason;
    if (failed(mlir::compress::resolveWindow(
            axis, mlir::compress::AutoPad::None, random.chance(30), reason)))
      llvm::report_fatal_error(llvm::Twine(reason));
    window.push_back(axis);
  }
  if (random.chance(50))
    return takeValue(b.maxPool2d(x.value, window));
  return quantize(
      takeValue(b.averagePool2d(x.value, window, random.chance(50))));
}

/// One filter over two images.
NetworkBuilder::Tensor NetworkBuilder::sharedWeight(const Tensor &x) {
  ConvShape shape{width()};
  begin("shared");
  DeadChannels dead = pickDead(shape.filters);
  if (dead.by == DeadChannels::By::Normalization)
    dead.which.clear();
  Tensor weight =
      weights({shape.filters, x.shape[1], 3, 3}, 0, 9 * x.shape[1], dead);
  Tensor start = bias(shape.filters, dead, false);
  Tensor other = quantize(bend(x, Bend::Relu));
  Bend kind = pickBend();
  Tensor first = finish(convolve(x, weight, &start, shape), dead, false, kind);
  begin("shared");
  Tensor second =
      finish(convolve(other, weight, &start, shape), dead, false, kind);
  if (random.chance(50))
    return add(first, second);
  return take(b.concat({first, second}, 1));
}

/// (x - mean) / root(variance + epsilon) * gamma + beta along `axis`.
NetworkBuilder::Tensor
NetworkBuilder::normalizeLayer(const Tensor &x, int64_t axis, bool isAffine) {
  begin("layernorm");
  auto mean = [&](const Tensor &t) {
    return takeValue(b.reduce(ReduceKind::Mean, t.value, axis, true));
  };
  Tensor centered = takeValue(b.elementwise(
      {x, mean(x)}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::SubFOp::create(b, l, v[0], v[1]);
      }));
  Tensor squares = takeValue(b.elementwise(
      centered, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::MulFOp::create(b, l, v[0], v[0]);
      }));
  Tensor epsilon =
      Tensor::fromConstant(ConstantTensor::fromFloats({}, {1e-3f}));
  Tensor factor = takeValue(
      b.elementwise({mean(squares), epsilon},
                    [](OpBuilder &b, Location l, ValueRange v) -> Value {
                      Value sum = arith::AddFOp::create(b, l, v[0], v[1]);
                      return math::RsqrtOp::create(b, l, sum);
                    }));
  if (!isAffine)
    return quantize(multiply(centered, factor));
  SmallVector<int64_t> shape(x.getRank() - axis, 1);
  shape[0] = x.shape[axis];
  Tensor gamma = take(b.reshape(vector(shape[0], 0.5, 1.5), shape));
  Tensor beta = take(b.reshape(vector(shape[0], -0.5, 0.5), shape));
  return quantize(takeValue(
      b.elementwise({centered, factor, gamma, beta},
                    [](OpBuilder &b, Location l, ValueRange v) -> Value {
                      Value unit = arith::MulFOp::create(b, l, v[0], v[1]);
                      Value scaled = arith::MulFOp::create(b, l, unit, v[2]);
                      return arith::AddFOp::create(b, l, scaled, v[3]);
                    })));
}

/// In groups of channels, over their places.
NetworkBuilder::Tensor NetworkBuilder::normalizeGroups(const Tensor &x) {
  begin("groups");
  SmallVector<int64_t> shape(x.shape);
  int64_t groups = random.chance(50) && shape[1] % 2 == 0 ? 2 : shape[1];
  Tensor apart = take(b.reshape(
      x, {shape[0], groups, x.getNumElements() / (shape[0] * groups)}));
  Tensor normal = normalizeLayer(apart, 2, /*isAffine=*/false);
  return scale(take(b.reshape(normal, shape)));
}

/// A factor and an addend a channel.
NetworkBuilder::Tensor NetworkBuilder::scale(const Tensor &x) {
  begin("scale");
  int64_t channels = x.shape[1];
  DeadChannels dead = pickDead(channels);
  dead.by = DeadChannels::By::Filter;
  SmallVector<float> factors;
  for (int64_t c = 0; c < channels; ++c) {
    double factor = 0.5 + random.unit();
    factors.push_back(dead.at(c) ? 0.0f : static_cast<float>(factor));
  }
  Tensor factor = Tensor::fromConstant(
      ConstantTensor::fromFloats({channels, 1, 1}, factors));
  Tensor addend =
      take(b.reshape(bias(channels, dead, false), {channels, 1, 1}));
  return quantize(takeValue(b.elementwise(
      {x, factor, addend}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value product = arith::MulFOp::create(b, l, v[0], v[1]);
        return arith::AddFOp::create(b, l, product, v[2]);
      })));
}

/// A gate a place, from means and maxima over the channels.
NetworkBuilder::Tensor NetworkBuilder::gatePlaces(const Tensor &x) {
  begin("places");
  auto reduce = [&](ReduceKind kind) {
    return takeValue(b.reduce(kind, x.value, 1, true));
  };
  Tensor both =
      random.chance(50)
          ? take(b.concat({reduce(ReduceKind::Mean), reduce(ReduceKind::Max)},
                          1))
          : takeValue(b.softmax(x.value, 1, false));
  return multiply(x, layer(quantize(both), {1}, Bend::Sigmoid));
}

/// Channels become places.
NetworkBuilder::Tensor NetworkBuilder::depthToSpace(const Tensor &x) {
  Tensor input = ofWidth(shrink(x, 4), 8);
  begin("depthtospace");
  int64_t n = input.shape[0], h = input.shape[2], w = input.shape[3];
  bool isBlockFirst = random.chance(50);
  Tensor apart = take(b.reshape(input, {n, 2, 2, 2, h, w}));
  Tensor turned = take(
      b.transpose(apart, isBlockFirst ? ArrayRef<int64_t>({0, 3, 4, 1, 5, 2})
                                      : ArrayRef<int64_t>({0, 1, 4, 2, 5, 3})));
  return layer(take(b.reshape(turned, {n, 2, 2 * h, 2 * w})), {width()},
               pickBend());
}

/// The channels in another order, or every other one.
NetworkBuilder::Tensor NetworkBuilder::reorder(const Tensor &x) {
  Tensor input = ofWidth(x, width());
  begin("reorder");
  SmallVector<int64_t> positions;
  if (random.chance(50)) {
    SmallVector<int64_t> sizes(input.shape);
    sizes[1] /= 2;
    return layer(take(b.slice(input, {0, random.between(0, 1), 0, 0}, sizes,
                              {1, 2, 1, 1})),
                 {width()}, pickBend());
  }
  for (int64_t i = 0; i < input.shape[1]; ++i)
    positions.push_back(random.between(0, input.shape[1] - 1));
  Tensor chosen = take(
      b.gather(input, 1, positions, static_cast<int64_t>(positions.size())));
  return layer(chosen, {width()}, pickBend());
}

/// A dense layer over the channels of each place, as networks with the channels
/// last have it.
NetworkBuilder::Tensor NetworkBuilder::channelsLast(const Tensor &x) {
  begin("last");
  int64_t n = x.shape[0], c = x.shape[1], h = x.shape[2], w = x.shape[3];
  Tensor turned = take(b.transpose(x, {0, 2, 3, 1}));
  Tensor rows = take(b.reshape(turned, {n * h * w, c}));
  if (random.chance(30))
    rows = normalizeLayer(rows, 1);
  rows = dense(rows, width(), pickBend());
  if (random.chance(50))
    rows = dense(rows, width(), pickBend());
  Tensor image = take(b.reshape(rows, {n, h, w, rows.shape[1]}));
  return take(b.transpose(image, {0, 3, 1, 2}));
}

/// A dense layer on [N, T, D].
NetworkBuilder::Tensor NetworkBuilder::project(const Tensor &tokens,
                                               int64_t columns, Bend kind) {
  int64_t batch = tokens.shape[0], count = tokens.shape[1];
  Tensor rows = take(b.reshape(tokens, {batch * count, tokens.shape[2]}));
  return take(b.reshape(dense(rows, columns, kind), {batch, count, columns}));
}

/// A block of a transformer on the places of an image; the result is [N, T, D].
NetworkBuilder::Tensor NetworkBuilder::attention(const Tensor &x) {
  Tensor image = shrink(x, 3);
  begin("tokens");
  int64_t batch = image.shape[0], channels = image.shape[1];
  int64_t count = image.shape[2] * image.shape[3];
  Tensor tokens = take(
      b.transpose(take(b.reshape(image, {batch, channels, count})), {0, 2, 1}));
  int64_t heads = random.between(1, 3), size = random.between(2, 4);
  Tensor normal = random.chance(50) ? normalizeLayer(tokens, 2) : tokens;

  auto byHead = [&](bool transposes) {
    Tensor flat = project(normal, heads * size, Bend::None);
    begin("heads");
    Tensor apart = take(b.reshape(flat, {batch, count, heads, size}));
    Tensor turned =
        take(b.transpose(apart, transposes ? ArrayRef<int64_t>({0, 2, 3, 1})
                                           : ArrayRef<int64_t>({0, 2, 1, 3})));
    return take(
        b.reshape(turned, {batch * heads, turned.shape[2], turned.shape[3]}));
  };
  Tensor query = byHead(false), key = byHead(true), value = byHead(false);
  Tensor scores = takeValue(b.matmul(query.value, key, nullptr));
  Tensor scale = Tensor::fromConstant(
      ConstantTensor::fromFloats({}, {1 / std::sqrt(float(size))}));
  scores = multiply(scores, scale);
  Tensor shares = quantize(takeValue(b.softmax(scores.value, 2, false)));
  Tensor mixed = quantize(takeValue(b.matmul(shares.value, value, nullptr)));
  Tensor apart = take(b.reshape(mixed, {batch, heads, count, size}));
  Tensor joined = take(b.reshape(take(b.transpose(apart, {0, 2, 1, 3})),
                                 {batch, count, heads * size}));
  Tensor sum = add(tokens, project(joined, channels, Bend::None));
  if (random.chance(50)) {
    Tensor inner = random.chance(50) ? normalizeLayer(sum, 2) : sum;
    inner = project(inner, width(), pickBend());
    sum = add(sum, project(inner, channels, Bend::None));
  }
  return sum;
}

NetworkBuilder::Tensor NetworkBuilder::block(const Tensor &x) {
  using Block = Tensor (NetworkBuilder::*)(const Tensor &);
  static constexpr Block blocks[] = {
      &NetworkBuilder::plain,          &NetworkBuilder::grouped,
      &NetworkBuilder::separable,      &NetworkBuilder::transposed,
      &NetworkBuilder::residual,       &NetworkBuilder::residual,
      &NetworkBuilder::paddedShortcut, &NetworkBuilder::branches,
      &NetworkBuilder::split,          &NetworkBuilder::shuffle,
      &NetworkBuilder::pool,           &NetworkBuilder::sharedWeight,
      &NetworkBuilder::scale,          &NetworkBuilder::gatePlaces,
      &NetworkBuilder::depthToSpace,   &NetworkBuilder::reorder,
      &NetworkBuilder::channelsLast,   &NetworkBuilder::normalizeGroups};
  constexpr int64_t count = std::size(blocks);
  int64_t chosen = random.between(0, count + 1);
  if (chosen == count)
    return squeezeExcite(layer(x, {width()}, pickBend()));
  if (chosen > count)
    return normalizeLayer(x, 1);
  return (this->*blocks[chosen])(x);
}

/// A classifier, or nothing.
NetworkBuilder::Tensor NetworkBuilder::head(const Tensor &x) {
  Tensor rows;
  switch (random.between(0, 4)) {
  case 0:
    return layer(x, {random.between(1, 3), 1, 1, 1, 0}, Bend::None);
  case 1:
    rows = quantize(
        takeValue(b.reduce(ReduceKind::Mean, attention(x).value, 1, false)));
    break;
  case 2: {
    Tensor image = shrink(x, 3);
    rows = take(b.reshape(
        image, {image.shape[0], image.getNumElements() / image.shape[0]}));
    break;
  }
  default:
    rows =
        quantize(takeValue(b.reduce(ReduceKind::Mean, x.value, {2, 3}, false)));
  }
  for (int64_t i = random.between(0, 2); i > 0; --i)
    rows = dense(rows, width(), pickBend());
  return dense(rows, random.between(2, 5), Bend::None);
}
