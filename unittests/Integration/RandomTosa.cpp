//===- RandomTosa.cpp - networks of TOSA ops ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Written as text, in NHWC, as converters from other frameworks write it.
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"
#include "RandomNetwork.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Parser/Parser.h"
#include <cmath>

using namespace mlir;
using namespace oracle;

namespace {
using Shape = std::vector<int64_t>;

struct Node {
  std::string name;
  Shape shape;
  int64_t channels() const { return shape.back(); }
};

class TosaWriter {
public:
  TosaWriter(uint32_t seed, const NetworkOptions &options)
      : random(seed), options(options) {}
  RandomNetwork build(MLIRContext &context);

private:
  static std::string type(const Shape &shape, llvm::StringRef element = "f32");
  std::string define(llvm::StringRef text);
  Node op(llvm::StringRef name, llvm::ArrayRef<Node> operands,
          llvm::StringRef attributes, Shape shape);
  Node constant(const Shape &shape, llvm::function_ref<float(int64_t)> value);
  Node uniform(const Shape &shape, double bound);
  std::string shapeOf(const Shape &values);
  Node shaped(llvm::StringRef name, const Node &x,
              llvm::ArrayRef<Shape> arguments, Shape shape);
  std::vector<bool> pickDead(int64_t channels);
  Node convolve(const Node &x, int64_t filters, int64_t kernel,
                int64_t stride = 1);
  Node depthwise(const Node &x);
  Node transposed(const Node &x);
  Node pool(const Node &x);
  Node bend(const Node &x);
  Node multiply(const Node &a, const Node &b, Shape shape);
  Node residual(const Node &x);
  Node split(const Node &x);
  Node shuffle(const Node &x);
  Node squeezeExcite(const Node &x);
  Node head(const Node &x);
  int64_t window(int64_t extent, int64_t reach, int64_t stride, int64_t &low,
                 int64_t &high);
  int64_t width() { return 2 * random.between(2, 4); }

  Random random;
  NetworkOptions options;
  std::string body;
  Node zero, shift;
  int64_t next = 0;
};
} // namespace

std::string TosaWriter::type(const Shape &shape, llvm::StringRef element) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element.str() + ">";
}

std::string TosaWriter::define(llvm::StringRef text) {
  std::string name = "%v" + std::to_string(next++);
  body += "  " + name + " = " + text.str() + "\n";
  return name;
}

Node TosaWriter::op(llvm::StringRef name, llvm::ArrayRef<Node> operands,
                    llvm::StringRef attributes, Shape shape) {
  std::string names, types;
  for (const Node &operand : operands) {
    names += (names.empty() ? "" : ", ") + operand.name;
    types +=
        (types.empty() ? "" : ", ") +
        (operand.name == shift.name ? "tensor<1xi8>" : type(operand.shape));
  }
  return {define(("tosa." + name + " " + names + " " + attributes + " : (" +
                  types + ") -> " + type(shape))
                     .str()),
          shape};
}

Node TosaWriter::constant(const Shape &shape,
                          llvm::function_ref<float(int64_t)> value) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(value(i));
  llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                             values.size() * sizeof(float));
  return {define("\"tosa.const\"() {values = " + hexDense(bytes) + " : " +
                 type(shape) + "} : () -> " + type(shape)),
          shape};
}

Node TosaWriter::uniform(const Shape &shape, double bound) {
  return constant(shape, [&](int64_t) {
    return static_cast<float>(bound * (2 * random.unit() - 1));
  });
}

std::string TosaWriter::shapeOf(const Shape &values) {
  std::string rank = std::to_string(values.size());
  return define("tosa.const_shape {values = dense<" + list(values) +
                "> : tensor<" + rank + "xindex>} : () -> !tosa.shape<" + rank +
                ">");
}

/// An op with operands that are shapes; a pad has its number behind them.
Node TosaWriter::shaped(llvm::StringRef name, const Node &x,
                        llvm::ArrayRef<Shape> arguments, Shape shape) {
  std::string names = x.name, types = type(x.shape);
  for (const Shape &argument : arguments) {
    names += ", " + shapeOf(argument);
    types += ", !tosa.shape<" + std::to_string(argument.size()) + ">";
  }
  if (name == "pad") {
    names += ", " + zero.name;
    types += ", tensor<1xf32>";
  }
  return {define(("tosa." + name + " " + names + " : (" + types + ") -> " +
                  type(shape))
                     .str()),
          shape};
}

std::vector<bool> TosaWriter::pickDead(int64_t channels) {
  std::vector<bool> dead(channels);
  if (options.zeroed && random.chance(70))
    for (int64_t c = 0; c < channels; ++c)
      dead[c] = random.chance(40);
  return dead;
}

/// Windows end where the padded image does.
int64_t TosaWriter::window(int64_t extent, int64_t reach, int64_t stride,
                           int64_t &low, int64_t &high) {
  while (extent + low + high < reach || (extent + low + high - reach) % stride)
    ++high;
  return (extent + low + high - reach) / stride + 1;
}

static std::string windowAttributes(const Shape &kernel, const Shape &pad,
                                    int64_t stride, int64_t dilation) {
  auto array = [](llvm::StringRef name, const Shape &values) {
    std::string text = list(values);
    return (name + " = array<i64: " + text.substr(1, text.size() - 2) + ">")
        .str();
  };
  std::string text = "{";
  if (!kernel.empty())
    text += array("kernel", kernel) + ", ";
  else
    text += "acc_type = f32, ";
  if (dilation)
    text += array("dilation", {dilation, dilation}) + ", ";
  return text + array(dilation || !kernel.empty() ? "pad" : "out_pad", pad) +
         ", " + array("stride", {stride, stride}) + "}";
}

Node TosaWriter::convolve(const Node &x, int64_t filters, int64_t kernel,
                          int64_t stride) {
  int64_t dilation = kernel > 1 ? random.between(1, 2) : 1;
  int64_t pad = random.chance(70) ? dilation * (kernel - 1) / 2 : 0;
  Shape pads{pad, pad, pad, pad};
  int64_t reach = dilation * (kernel - 1) + 1;
  int64_t h = window(x.shape[1], reach, stride, pads[0], pads[1]);
  int64_t w = window(x.shape[2], reach, stride, pads[2], pads[3]);
  std::vector<bool> dead = pickDead(filters);
  int64_t taps = kernel * kernel * x.channels();
  double bound = 1.5 * std::sqrt(3.0 / static_cast<double>(taps));
  Node weight =
      constant({filters, kernel, kernel, x.channels()}, [&](int64_t i) {
        double value = bound * (2 * random.unit() - 1);
        return dead[i / taps] ? 0.0f : static_cast<float>(value);
      });
  bool keepsBias = options.biased && random.chance(50);
  int64_t biases = random.chance(10) ? 1 : filters;
  Node bias = constant({biases}, [&](int64_t i) {
    double value = 2 * random.unit() - 1;
    bool isZero = !keepsBias && (dead[i] || (biases == 1 && options.zeroed));
    return isZero ? 0.0f : static_cast<float>(value);
  });
  return op("conv2d", {x, weight, bias, zero, zero},
            windowAttributes({}, pads, stride, dilation),
            {x.shape[0], h, w, filters});
}

Node TosaWriter::depthwise(const Node &x) {
  int64_t multiple = random.chance(25) ? 2 : 1, channels = x.channels();
  Shape pads(4, random.between(0, 1));
  int64_t h = window(x.shape[1], 3, 1, pads[0], pads[1]);
  int64_t w = window(x.shape[2], 3, 1, pads[2], pads[3]);
  Node weight = uniform({3, 3, channels, multiple}, 0.8);
  Node bias = uniform({channels * multiple}, random.chance(50) ? 0.0 : 0.5);
  return op("depthwise_conv2d", {x, weight, bias, zero, zero},
            windowAttributes({}, pads, 1, 1),
            {x.shape[0], h, w, channels * multiple});
}

Node TosaWriter::transposed(const Node &x) {
  int64_t filters = width(), kernel = random.between(2, 3);
  int64_t stride = random.between(1, 2), out = random.between(-1, 1);
  int64_t h = (x.shape[1] - 1) * stride + kernel + 2 * out;
  int64_t w = (x.shape[2] - 1) * stride + kernel + 2 * out;
  if (h < 1 || w < 1)
    return x;
  Node weight = uniform({filters, kernel, kernel, x.channels()}, 0.5);
  Node bias = uniform({filters}, 0.5);
  return op("transpose_conv2d", {x, weight, bias, zero, zero},
            windowAttributes({}, Shape(4, out), stride, 0),
            {x.shape[0], h, w, filters});
}

Node TosaWriter::pool(const Node &x) {
  int64_t stride = random.between(1, 2);
  Shape pads(4, random.between(0, 1));
  int64_t h = window(x.shape[1], 2, stride, pads[0], pads[1]);
  int64_t w = window(x.shape[2], 2, stride, pads[2], pads[3]);
  // A window of padding alone has no maximum.
  if (llvm::any_of(pads, [](int64_t pad) { return pad > 1; }))
    return x;
  std::string attributes = windowAttributes({2, 2}, pads, stride, 0);
  Shape shape{x.shape[0], h, w, x.channels()};
  if (random.chance(50))
    return op("max_pool2d", {x}, attributes, shape);
  return op("avg_pool2d", {x, zero, zero},
            "{acc_type = f32, " + attributes.substr(1), shape);
}

Node TosaWriter::bend(const Node &x) {
  switch (random.between(0, 5)) {
  case 0:
    return x;
  case 1:
    return op("sigmoid", {x}, "", x.shape);
  case 2:
    return op("tanh", {x}, "", x.shape);
  case 3:
    return multiply(x, op("sigmoid", {x}, "", x.shape), x.shape);
  default:
    return op("clamp", {x}, "{min_val = 0.0 : f32, max_val = 2.0 : f32}",
              x.shape);
  }
}

Node TosaWriter::multiply(const Node &a, const Node &b, Shape shape) {
  return op("mul", {a, b, shift}, "", std::move(shape));
}

Node TosaWriter::residual(const Node &x) {
  Node sum = x;
  for (int64_t i = random.between(1, 2); i > 0; --i) {
    Node branch = bend(convolve(x, width(), 1));
    branch = convolve(branch, x.channels(), 1);
    sum = op("add", {sum, branch}, "", x.shape);
  }
  return bend(sum);
}

Node TosaWriter::split(const Node &x) {
  int64_t cut = random.between(1, x.channels() - 1);
  Shape front = x.shape, back = x.shape;
  front.back() = cut;
  back.back() = x.channels() - cut;
  Node first = shaped("slice", x, {{0, 0, 0, 0}, front}, front);
  Node second = shaped("slice", x, {{0, 0, 0, cut}, back}, back);
  if (random.chance(60))
    first = bend(convolve(first, width(), 1));
  Shape wide = second.shape;
  wide.back() += 3;
  if (random.chance(60))
    second = shaped("pad", second, {{0, 0, 0, 0, 0, 0, 1, 2}}, wide);
  Shape joined = x.shape;
  joined.back() = first.channels() + second.channels();
  return op("concat", {first, second}, "{axis = 3 : i32}", joined);
}

Node TosaWriter::shuffle(const Node &x) {
  const Shape &s = x.shape;
  if (s[3] % 2)
    return x;
  Shape apart{s[0], s[1], s[2], 2, s[3] / 2};
  Shape turned{s[0], s[1], s[2], s[3] / 2, 2};
  Node grouped = shaped("reshape", x, {apart}, apart);
  Node swapped =
      op("transpose", {grouped}, "{perms = array<i32: 0, 1, 2, 4, 3>}", turned);
  return shaped("reshape", swapped, {s}, s);
}

Node TosaWriter::squeezeExcite(const Node &x) {
  Shape rows = x.shape, one = x.shape;
  rows[1] = one[1] = one[2] = 1;
  Node sum = op("reduce_sum", {x}, "{axis = 1 : i32}", rows);
  sum = op("reduce_sum", {sum}, "{axis = 2 : i32}", one);
  Node gate = bend(convolve(sum, 3, 1));
  gate = op("sigmoid", {convolve(gate, x.channels(), 1)}, "", one);
  return random.chance(50) ? multiply(x, gate, x.shape)
                           : multiply(gate, x, x.shape);
}

Node TosaWriter::head(const Node &x) {
  int64_t columns = random.between(2, 4);
  Shape flat{1, 1, x.shape[1] * x.shape[2] * x.channels()};
  Node rows;
  if (random.chance(50)) {
    rows = shaped("reshape", x, {flat}, flat);
  } else {
    flat = {1, x.shape[1] * x.shape[2], x.channels()};
    rows = shaped("reshape", x, {flat}, flat);
  }
  Node weight = uniform({1, flat[2], columns}, 0.5);
  return op("matmul", {rows, weight, zero, zero}, "", {1, flat[1], columns});
}

RandomNetwork TosaWriter::build(MLIRContext &context) {
  RandomNetwork network;
  Shape shape{1, random.between(4, 6), random.between(4, 6),
              random.between(1, 3)};
  HostTensor input(Kind::F32, shape);
  for (int64_t i = 0; i < input.size(); ++i)
    input.data<float>()[i] = static_cast<float>(2 * random.unit() - 1);
  network.inputs.push_back(input);
  zero = constant({1}, [](int64_t) { return 0.0f; });
  shift.name =
      define("\"tosa.const\"() {values = dense<0> : tensor<1xi8>} : () "
             "-> tensor<1xi8>");
  Node x = bend(convolve({"%x", shape}, width(), 3));
  using Block = Node (TosaWriter::*)(const Node &);
  static constexpr Block blocks[] = {
      &TosaWriter::depthwise,    &TosaWriter::transposed, &TosaWriter::pool,
      &TosaWriter::residual,     &TosaWriter::split,      &TosaWriter::shuffle,
      &TosaWriter::squeezeExcite};
  for (int64_t i = random.between(2, 4); i > 0; --i) {
    int64_t chosen = random.between(0, std::size(blocks) - 1);
    network.description += " " + std::to_string(chosen);
    x = bend((this->*blocks[chosen])(x));
    if (random.chance(50))
      x = bend(
          convolve(x, width(), random.between(1, 3), random.between(1, 2)));
  }
  Node y = head(x);
  std::string text = "func.func @main(%x: " + type(shape) + ") -> " +
                     type(y.shape) + " {\n" + body + "  return " + y.name +
                     " : " + type(y.shape) + "\n}\n";
  network.module = parseSourceString<ModuleOp>(text, &context);
  if (!network.module)
    llvm::report_fatal_error("a random network does not parse: " +
                             llvm::Twine(text));
  network.module->walk([&](Operation *op) {
    if (isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, tosa::TransposeConv2DOp>(
            op))
      network.places.push_back({op->getResult(0), 3});
  });
  return network;
}

RandomNetwork oracle::buildRandomTosaNetwork(MLIRContext &context,
                                             uint32_t seed,
                                             const NetworkOptions &options) {
  return TosaWriter(seed, options).build(context);
}
