//===- RandomNetwork.cpp - the layers of random networks ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomNetwork.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "NetworkBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include <cmath>

using namespace mlir;
using namespace oracle;
using mlir::compress::ConstantTensor;
using mlir::compress::ElementType;
using mlir::compress::Quantization;
using mlir::compress::WindowAxis;

NetworkBuilder::NetworkBuilder(MLIRContext &context, uint32_t seed,
                               const NetworkOptions &options)
    : b(UnknownLoc::get(&context), int64_t(64) << 20), random(seed),
      options(options) {
  if (options.oddScales)
    activationScale = static_cast<float>(0.02 + 0.03 * random.unit());
}

/// Networks are made so that they build.
template <typename T>
T NetworkBuilder::take(FailureOr<T> value) {
  if (failed(value))
    llvm::report_fatal_error("a random network does not build: " +
                             llvm::Twine(network.description));
  return std::move(*value);
}
template Value NetworkBuilder::take(FailureOr<Value>);
template mlir::compress::Tensor
    NetworkBuilder::take(FailureOr<mlir::compress::Tensor>);

NetworkBuilder::Tensor NetworkBuilder::takeValue(FailureOr<Value> value) {
  return Tensor::fromValue(take(value));
}

/// Names what follows, and each layer differently.
void NetworkBuilder::begin(llvm::StringRef kind) {
  std::string name = kind.str() + std::to_string(numLayers++);
  network.description += " " + name;
  b.setSubject(name, NameLoc::get(StringAttr::get(b.getContext(), name)));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static mlir::compress::Tensor constant(ArrayRef<int64_t> shape,
                                       ArrayRef<float> values) {
  return mlir::compress::Tensor::fromConstant(
      ConstantTensor::fromFloats(shape, values));
}

NetworkBuilder::Tensor NetworkBuilder::vector(int64_t count, double low,
                                              double high) {
  SmallVector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(low + (high - low) * random.unit()));
  return constant(count, values);
}

/// Layers of the same width mostly lose the same channels, so that sums of
/// several of them do.
DeadChannels NetworkBuilder::pickDead(int64_t channels) {
  DeadChannels dead;
  if (!options.zeroed || channels < 2 || random.chance(25))
    return dead;
  dead.by = static_cast<DeadChannels::By>(random.between(0, 2));
  dead.keepsBias = options.biased && random.chance(50);
  auto choose = [&] {
    std::vector<bool> which(channels);
    int percent = random.chance(3) ? 100 : 40;
    for (int64_t c = 0; c < channels; ++c)
      which[c] = random.chance(percent);
    return which;
  };
  if (random.chance(25)) {
    dead.which = choose();
    return dead;
  }
  auto [place, isNew] = deadOfWidth.try_emplace(channels);
  if (isNew)
    place->second = choose();
  dead.which = place->second;
  return dead;
}

NetworkBuilder::Tensor NetworkBuilder::weights(ArrayRef<int64_t> shape,
                                               unsigned dim, int64_t fanIn,
                                               const DeadChannels &dead) {
  int64_t count = 1, inner = 1;
  for (auto [d, extent] : llvm::enumerate(shape)) {
    count *= extent;
    inner *= d > dim ? extent : 1;
  }
  bool zeroes = dead.by == DeadChannels::By::Filter;
  auto isDead = [&](int64_t i) {
    return zeroes && dead.at(i / inner % shape[dim]);
  };
  double bound = 1.5 * std::sqrt(3.0 / static_cast<double>(fanIn));
  if (!options.quantized) {
    SmallVector<float> values;
    for (int64_t i = 0; i < count; ++i) {
      double w = bound * (2 * random.unit() - 1);
      values.push_back(isDead(i) ? 0.0f : static_cast<float>(w));
    }
    return constant(shape, values);
  }
  auto scale = static_cast<float>(
      options.oddScales ? bound / 127
                        : std::exp2(std::ceil(std::log2(bound / 127))));
  Quantization quant;
  quant.storage = ElementType::I8;
  quant.scales = {scale};
  quant.zeroPoints = {0};
  if (random.chance(70)) {
    quant.axis = dim;
    quant.scales.assign(shape[dim], scale);
    quant.zeroPoints.assign(shape[dim], 0);
    for (float &each : quant.scales)
      each = random.chance(30) ? each / 2 : each;
  }
  filterScales.assign(quant.scales.begin(), quant.scales.end());
  SmallVector<int64_t> codes;
  for (int64_t i = 0; i < count; ++i) {
    int64_t code = random.between(-100, 100);
    codes.push_back(isDead(i) ? 0 : code);
  }
  Tensor result = Tensor::fromConstant(
      ConstantTensor::fromInts(ElementType::I8, shape, codes));
  result.type = ElementType::F32;
  result.quant = std::make_shared<Quantization>(quant);
  return result;
}

/// As f32, or as i32 codes on a fine grid.
NetworkBuilder::Tensor
NetworkBuilder::bias(int64_t count, const DeadChannels &dead, bool integer) {
  constexpr float kGrid = 1.0f / 1024;
  std::vector<float> scales = {kGrid};
  if (options.oddScales && random.chance(50)) {
    // That of the sums.
    scales = filterScales;
    for (float &each : scales)
      each *= activationScale;
  }
  bool zeroes = dead.by == DeadChannels::By::Filter && !dead.keepsBias;
  SmallVector<int64_t> codes;
  SmallVector<float> values;
  for (int64_t i = 0; i < count; ++i) {
    int64_t code = random.between(-600, 600);
    codes.push_back(zeroes && dead.at(i) ? 0 : code);
    values.push_back(static_cast<float>(codes.back()) * kGrid);
  }
  if (!integer)
    return constant(count, values);
  Quantization quant;
  quant.storage = ElementType::I32;
  quant.scales.assign(scales.begin(), scales.end());
  quant.zeroPoints.assign(scales.size(), 0);
  if (scales.size() > 1)
    quant.axis = 0;
  Tensor result = Tensor::fromConstant(
      ConstantTensor::fromInts(ElementType::I32, count, codes));
  result.type = ElementType::F32;
  result.quant = std::make_shared<Quantization>(quant);
  return result;
}

//===----------------------------------------------------------------------===//
// Parts of layers
//===----------------------------------------------------------------------===//

NetworkBuilder::Tensor NetworkBuilder::convolve(const Tensor &x,
                                                const Tensor &weight,
                                                const Tensor *bias,
                                                const ConvShape &shape) {
  Tensor input = x;
  int64_t stride = shape.stride, pad = shape.pad;
  if (shape.transposed) {
    // With zeros between the elements, as ConvTranspose is imported.
    input = take(b.insertZeros(x, {stride, stride}));
    pad = shape.dilation * (shape.kernel - 1) - std::min(pad, shape.kernel - 1);
    stride = 1;
  }
  // An image is left whatever the window.
  int64_t extent = shape.dilation * (shape.kernel - 1) + 1;
  while (std::min(input.shape[2], input.shape[3]) + 2 * pad < extent)
    ++pad;
  SmallVector<WindowAxis> window;
  for (int64_t d : {2, 3}) {
    WindowAxis axis;
    axis.input = input.shape[d];
    axis.kernel = shape.kernel;
    axis.stride = stride;
    axis.dilation = shape.dilation;
    axis.padBefore = pad;
    axis.padAfter = pad;
    std::string reason;
    if (failed(mlir::compress::resolveWindow(
            axis, mlir::compress::AutoPad::None, false, reason)))
      llvm::report_fatal_error(llvm::Twine(reason));
    window.push_back(axis);
  }
  return takeValue(b.conv2d(input.value, weight, bias, shape.groups, window));
}

NetworkBuilder::Tensor
NetworkBuilder::normalizeBatch(const Tensor &x, const DeadChannels &dead) {
  int64_t channels = x.shape[1];
  Tensor mean = vector(channels, -0.2, 0.2);
  Tensor variance = vector(channels, 0.5, 2);
  SmallVector<float> gamma, beta;
  for (int64_t c = 0; c < channels; ++c) {
    bool isDead = dead.at(c) && dead.by != DeadChannels::By::Product;
    double factor = (random.chance(50) ? 1 : -1) * (0.5 + random.unit());
    double offset = random.unit() - 0.5;
    gamma.push_back(isDead ? 0.0f : static_cast<float>(factor));
    beta.push_back(isDead && !dead.keepsBias ? 0.0f
                                             : static_cast<float>(offset));
  }
  return takeValue(b.batchNorm(x.value, constant(channels, gamma),
                               constant(channels, beta), mean, variance,
                               1e-5f));
}

static Value createProduct(OpBuilder &b, Location l, ValueRange v) {
  return arith::MulFOp::create(b, l, v[0], v[1]);
}

/// A constant of zeros and ones, a number a channel or as large as `x`.
NetworkBuilder::Tensor NetworkBuilder::multiplyDead(const Tensor &x,
                                                    const DeadChannels &dead) {
  SmallVector<int64_t> shape(x.shape);
  shape[0] = 1;
  if (random.chance(50))
    for (int64_t &extent : llvm::drop_begin(shape, 2))
      extent = 1;
  int64_t count = 1, inner = 1;
  for (auto [d, extent] : llvm::enumerate(shape)) {
    count *= extent;
    inner *= d > 1 ? extent : 1;
  }
  SmallVector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(dead.at(i / inner % shape[1]) ? 0.0f : 1.0f);
  return takeValue(b.elementwise({x, constant(shape, values)}, createProduct));
}

NetworkBuilder::Tensor NetworkBuilder::quantize(const Tensor &x) {
  if (!options.quantized)
    return x;
  Quantization quant;
  quant.storage = ElementType::I8;
  quant.scales = {activationScale};
  quant.zeroPoints = {random.between(-40, 40)};
  return takeValue(b.fakeQuant(x.value, quant));
}

Bend NetworkBuilder::pickBend() {
  if (random.chance(40))
    return Bend::Relu;
  if (options.quantized) // the others have their own tests in integers
    return random.chance(50) ? Bend::None : Bend::Clamp;
  return static_cast<Bend>(random.between(0, 7));
}

NetworkBuilder::Tensor NetworkBuilder::bend(const Tensor &x, Bend kind) {
  auto apply = [&](ArrayRef<float> numbers,
                   mlir::compress::ScalarBody body) -> Tensor {
    SmallVector<Tensor> operands{x};
    for (float each : numbers)
      operands.push_back(constant({}, each));
    return takeValue(b.elementwise(operands, body));
  };
  auto sigmoid = [](OpBuilder &b, Location l, Value x, Value one) -> Value {
    Value power = math::ExpOp::create(b, l, arith::NegFOp::create(b, l, x));
    Value sum = arith::AddFOp::create(b, l, one, power);
    return arith::DivFOp::create(b, l, one, sum);
  };
  bool multiplies = kind == Bend::HardSwish || kind == Bend::Silu;
  switch (kind) {
  case Bend::None:
    return x;
  case Bend::Relu:
    return apply(0.0f, [](OpBuilder &b, Location l, ValueRange v) -> Value {
      return arith::MaximumFOp::create(b, l, v[0], v[1]);
    });
  case Bend::Clamp:
    return apply({random.chance(50) ? 0.0f : -1.0f, 1.5f},
                 [](OpBuilder &b, Location l, ValueRange v) -> Value {
                   Value low = arith::MaximumFOp::create(b, l, v[0], v[1]);
                   return arith::MinimumFOp::create(b, l, low, v[2]);
                 });
  case Bend::HardSwish:
  case Bend::HardSigmoid:
    return apply({1.0f / 6, 0.5f, 0.0f, 1.0f},
                 [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                   Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
                   Value shifted = arith::AddFOp::create(b, l, scaled, v[2]);
                   Value low = arith::MaximumFOp::create(b, l, shifted, v[3]);
                   Value gate = arith::MinimumFOp::create(b, l, low, v[4]);
                   return multiplies ? arith::MulFOp::create(b, l, v[0], gate)
                                     : gate;
                 });
  case Bend::Sigmoid:
  case Bend::Silu:
    return apply(1.0f, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value gate = sigmoid(b, l, v[0], v[1]);
      return multiplies ? arith::MulFOp::create(b, l, v[0], gate) : gate;
    });
  case Bend::Leaky:
    return apply(
        {0.125f, 0.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
          Value isPositive = arith::CmpFOp::create(
              b, l, arith::CmpFPredicate::OGE, v[0], v[2]);
          Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
          return arith::SelectOp::create(b, l, isPositive, v[0], scaled);
        });
  }
  llvm_unreachable("no such activation");
}

NetworkBuilder::Tensor NetworkBuilder::finish(Tensor x,
                                              const DeadChannels &dead,
                                              bool hasNorm, Bend kind) {
  if (hasNorm)
    x = normalizeBatch(x, dead);
  network.places.push_back({x.value, 1});
  bool bendsFirst = random.chance(30);
  if (bendsFirst)
    x = bend(x, kind);
  if (!dead.which.empty() && dead.by == DeadChannels::By::Product)
    x = multiplyDead(x, dead);
  return quantize(bendsFirst ? x : bend(x, kind));
}

NetworkBuilder::Tensor NetworkBuilder::add(const Tensor &first,
                                           const Tensor &second) {
  return quantize(takeValue(b.elementwise(
      {first, second}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::AddFOp::create(b, l, v[0], v[1]);
      })));
}

NetworkBuilder::Tensor NetworkBuilder::multiply(const Tensor &first,
                                                const Tensor &second) {
  return quantize(takeValue(b.elementwise({first, second}, createProduct)));
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

NetworkBuilder::Tensor
NetworkBuilder::layer(const Tensor &x, const ConvShape &given, Bend kind) {
  begin("conv");
  ConvShape shape = given;
  // What pads its input keeps channels of other numbers than zero.
  if (options.quantized && options.biased && !shape.transposed &&
      shape.dilation * (shape.kernel - 1) == 2 * shape.pad &&
      random.chance(60)) {
    shape.kernel = 1;
    shape.pad = 0;
  }
  DeadChannels dead = pickDead(shape.filters);
  int64_t depth = x.shape[1] / shape.groups;
  Tensor weight = weights({shape.filters, depth, shape.kernel, shape.kernel}, 0,
                          depth * shape.kernel * shape.kernel, dead);
  // Behind codes they are folded into scales, which are odd then.
  bool hasNorm = options.quantized ? options.oddScales && random.chance(25)
                                   : random.chance(60);
  if (dead.by == DeadChannels::By::Normalization && !hasNorm)
    dead.which.clear();
  bool hasBias = !hasNorm || random.chance(20);
  Tensor start;
  if (hasBias)
    start = bias(shape.filters, dead, options.quantized && random.chance(50));
  return finish(convolve(x, weight, hasBias ? &start : nullptr, shape), dead,
                hasNorm, kind);
}

NetworkBuilder::Tensor NetworkBuilder::dense(const Tensor &x, int64_t columns,
                                             Bend kind) {
  begin("dense");
  DeadChannels dead = pickDead(columns);
  Tensor weight = weights({x.shape[1], columns}, 1, x.shape[1], dead);
  bool hasNorm = !options.quantized && random.chance(20);
  if (dead.by == DeadChannels::By::Normalization && !hasNorm)
    dead.which.clear();
  Tensor start = bias(columns, dead, options.quantized && random.chance(50));
  return finish(takeValue(b.matmul(x.value, weight,
                                   random.chance(80) ? &start : nullptr)),
                dead, hasNorm, kind);
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

RandomNetwork NetworkBuilder::build() {
  MLIRContext *context = b.getContext();
  Location loc = UnknownLoc::get(context);
  network.module = ModuleOp::create(loc);
  b.ir().setInsertionPointToStart(network.module->getBody());
  std::vector<int64_t> shape{random.chance(15) ? 2 : 1, random.between(1, 4),
                             random.between(5, 8), random.between(5, 8)};
  auto type = RankedTensorType::get(shape, b.ir().getF32Type());
  auto function = func::FuncOp::create(b.ir(), loc, "main",
                                       FunctionType::get(context, type, {}));
  b.ir().setInsertionPointToStart(function.addEntryBlock());
  HostTensor input(Kind::F32, shape);
  for (int64_t i = 0; i < input.size(); ++i)
    input.data<float>()[i] =
        static_cast<float>(random.between(-64, 64)) * activationScale;
  network.inputs.push_back(input);

  Tensor x = quantize(Tensor::fromValue(function.getArgument(0)));
  x = layer(x, {width()}, pickBend());
  SmallVector<Value> results;
  for (int64_t i = random.between(2, 4); i > 0; --i) {
    x = block(x);
    if (random.chance(10))
      results.push_back(x.value);
  }
  results.push_back(head(x).value);
  func::ReturnOp::create(b.ir(), loc, results);
  function.setType(
      FunctionType::get(context, type, ValueRange(results).getTypes()));
  if (failed(verify(*network.module)))
    llvm::report_fatal_error("a random network does not verify");
  return std::move(network);
}

RandomNetwork oracle::buildRandomNetwork(MLIRContext &context, uint32_t seed,
                                         const NetworkOptions &options) {
  return NetworkBuilder(context, seed, options).build();
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

void oracle::insertRandomMasks(ModuleOp module, ArrayRef<MaskPlace> places,
                               Random &random) {
  SmallVector<MaskPlace> chosen;
  for (const MaskPlace &place : places)
    if (random.chance(50))
      chosen.push_back(place);
  module.walk([&](Operation *op) {
    if (op->getNumResults() != 1 || op->hasTrait<OpTrait::ConstantLike>() ||
        isa<tensor::EmptyOp, tensor::PadOp, linalg::FillOp>(op))
      return;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (type && type.getElementType().isF32() && type.getRank() > 0 &&
        random.chance(6))
      chosen.push_back(
          {op->getResult(0), random.between(0, type.getRank() - 1)});
  });
  std::map<int64_t, std::vector<bool>> keepOfWidth;
  for (auto [value, dim] : chosen) {
    auto type = cast<RankedTensorType>(value.getType());
    int64_t extent = type.getDimSize(dim);
    std::vector<bool> keep = keepOfWidth[extent];
    if (keep.empty() || random.chance(20)) {
      keep.clear();
      for (int64_t i = 0; i < extent; ++i)
        keep.push_back(random.chance(extent == 1 ? 95 : 60));
      keepOfWidth.try_emplace(extent, keep);
      if (keepOfWidth[extent].empty())
        keepOfWidth[extent] = keep;
    }
    SmallVector<bool> mask(keep.begin(), keep.end());
    OpBuilder builder(module.getContext());
    builder.setInsertionPointAfterValue(value);
    auto op = compress::ChannelMaskOp::create(
        builder, value.getLoc(), type, value, builder.getI64IntegerAttr(dim),
        builder.getDenseBoolArrayAttr(mask));
    value.replaceAllUsesExcept(op.getOutput(), op);
  }
}
