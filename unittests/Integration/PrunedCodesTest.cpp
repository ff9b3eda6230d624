//===- PrunedCodesTest.cpp - pruned int8 TOSA is masked -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Random int8 TOSA networks of which sums or codes are masked, or whose filters
// hold the zero point alone: what is left of them has the same bits.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "GraphBuilder.h"
#include "IntegerEvaluator.h"
#include "ModuleRunner.h"
#include "Random.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Verifier.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oracle;
namespace mc = mlir::compress;

namespace {
using Shape = std::vector<int64_t>;

struct Node {
  std::string name;
  Shape shape;
  int64_t zeroPoint = 0; // of i8
};

class Writer {
public:
  explicit Writer(uint32_t seed) : random(seed) {}
  std::string build(HostTensor &input);

private:
  static std::string type(const Shape &shape, llvm::StringRef element) {
    std::string text = "tensor<";
    for (int64_t extent : shape)
      text += std::to_string(extent) + "x";
    return text + element.str() + ">";
  }
  std::string define(const std::string &text) {
    std::string name = "%v" + std::to_string(next++);
    body += "  " + name + " = " + text + "\n";
    return name;
  }
  template <typename T>
  std::string constant(const Shape &shape, const std::vector<T> &values) {
    llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                               values.size() * sizeof(T));
    std::string kind = type(shape, "i" + std::to_string(8 * sizeof(T)));
    return define("\"tosa.const\"() {values = " + hexDense(bytes) + " : " +
                  kind + "} : () -> " + kind);
  }
  std::string code(int64_t number) {
    return constant<int8_t>({1}, {static_cast<int8_t>(number)});
  }
  Node mask(const Node &x, llvm::StringRef element);
  Node rescale(const Node &x, llvm::StringRef from, llvm::StringRef to);
  Node layer(const Node &x, bool isDepthwise, int64_t filters);
  Node bend(const Node &x);
  Node residual(const Node &x);

  Random random;
  std::string body;
  int64_t next = 0;
  /// Biases are as small as codes, so that it matters how sums are rounded.
  bool isFine = false;
};

/// Some channels set to zero, or none.
Node Writer::mask(const Node &x, llvm::StringRef element) {
  if (random.chance(60))
    return x;
  std::string bits;
  for (int64_t c = 0; c < x.shape.back(); ++c)
    bits += std::string(c ? ", " : "") + (random.chance(60) ? "true" : "false");
  Node result = x;
  result.name = define("compress.channel_mask " + x.name +
                       " {axis = 3, mask = array<i1: " + bits +
                       ">} : " + type(x.shape, element));
  return result;
}

Node Writer::rescale(const Node &x, llvm::StringRef from, llvm::StringRef to) {
  Node result = x;
  result.zeroPoint = to == "i8" ? random.between(-20, 20) : 0;
  bool perChannel = random.chance(50), isDouble = random.chance(50);
  int64_t count = perChannel ? x.shape.back() : 1;
  std::vector<int32_t> multipliers;
  std::vector<int8_t> shifts;
  for (int64_t i = 0; i < count; ++i) {
    multipliers.push_back(
        static_cast<int32_t>(random.between(1 << 30, INT32_MAX)));
    // Sums of some thousands to codes; codes to sums.
    shifts.push_back(static_cast<int8_t>(
        to == "i32"     ? 22
        : from == "i32" ? random.between(36, 38) - (isFine ? 4 : 0)
                        : 31));
  }
  std::string m = constant<int32_t>({count}, multipliers);
  std::string s = constant<int8_t>({count}, shifts);
  auto zero = [&](llvm::StringRef element, int64_t number) {
    return element == "i8"
               ? code(number)
               : constant<int32_t>({1}, {static_cast<int32_t>(number)});
  };
  std::string zi = zero(from, x.zeroPoint), zo = zero(to, result.zeroPoint);
  result.name = define(
      "tosa.rescale " + x.name + ", " + m + ", " + s + ", " + zi + ", " + zo +
      " {input_unsigned = false, output_unsigned = false, per_channel = " +
      (perChannel ? "true" : "false") +
      ", rounding_mode = " + (isDouble ? "DOUBLE_ROUND" : "SINGLE_ROUND") +
      ", scale32 = true} : (" + type(x.shape, from) + ", " +
      type({count}, "i32") + ", " + type({count}, "i8") + ", " +
      type({1}, from) + ", " + type({1}, to) + ") -> " + type(x.shape, to));
  return result;
}

Node Writer::layer(const Node &x, bool isDepthwise, int64_t filters) {
  int64_t channels = x.shape.back(), kernel = random.chance(60) ? 1 : 3;
  int64_t pad = kernel / 2;
  filters = isDepthwise ? channels : filters;
  int64_t weightZero = random.chance(30) ? random.between(-3, 3) : 0;
  Shape shape = isDepthwise ? Shape{kernel, kernel, channels, 1}
                            : Shape{filters, kernel, kernel, channels};
  int64_t taps = kernel * kernel * (isDepthwise ? 1 : channels);
  isFine = random.chance(40);
  std::vector<bool> dead;
  for (int64_t c = 0; c < filters; ++c)
    dead.push_back(random.chance(30));
  std::vector<int8_t> weights;
  for (int64_t i = 0; i < taps * filters; ++i) {
    int64_t channel = isDepthwise ? i % channels : i / taps;
    weights.push_back(static_cast<int8_t>(
        dead[channel] ? weightZero : random.between(-100, 100)));
  }
  std::vector<int32_t> biases;
  for (int64_t c = 0; c < filters; ++c)
    biases.push_back(static_cast<int32_t>(random.chance(30) ? 0
                                          : isFine
                                              ? random.between(-200, 200)
                                              : random.between(-6000, 6000)));
  std::string w = constant<int8_t>(shape, weights);
  std::string b = constant<int32_t>({filters}, biases);
  std::string zx = code(x.zeroPoint), zw = code(weightZero);
  std::string pads = std::to_string(pad);
  Node sums{"", x.shape};
  sums.shape.back() = filters;
  sums.name = define(
      std::string("tosa.") + (isDepthwise ? "depthwise_conv2d " : "conv2d ") +
      x.name + ", " + w + ", " + b + ", " + zx + ", " + zw +
      " {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: " +
      pads + ", " + pads + ", " + pads + ", " + pads +
      ">, stride = array<i64: 1, 1>} : (" + type(x.shape, "i8") + ", " +
      type(shape, "i8") + ", " + type({filters}, "i32") +
      ", tensor<1xi8>, tensor<1xi8>) -> " + type(sums.shape, "i32"));
  Node codes = rescale(mask(sums, "i32"), "i32", "i8");
  isFine = false;
  return random.chance(30) ? mask(codes, "i8") : codes;
}

Node Writer::bend(const Node &x) {
  Node result = x;
  std::string kind = type(x.shape, "i8");
  switch (random.between(0, 3)) {
  case 0:
    result.name = define(
        "tosa.clamp " + x.name + " {min_val = " + std::to_string(x.zeroPoint) +
        " : i8, max_val = 100 : i8} : (" + kind + ") -> " + kind);
    break;
  case 1: {
    std::string table = constant<int8_t>({256}, random.codes(256));
    result.name = define("tosa.table " + x.name + ", " + table + " : (" + kind +
                         ", tensor<256xi8>) -> " + kind);
    break;
  }
  case 2: {
    Shape half = x.shape;
    half[1] /= 2;
    half[2] /= 2;
    if (x.shape[1] % 2 || x.shape[2] % 2 || half[1] == 0 || half[2] == 0)
      return x;
    std::string window = "kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, "
                         "0>, stride = array<i64: 2, 2>} : (";
    if (random.chance(50)) {
      result.name = define("tosa.max_pool2d " + x.name + " {" + window + kind +
                           ") -> " + type(half, "i8"));
    } else {
      std::string zero = code(x.zeroPoint);
      result.name =
          define("tosa.avg_pool2d " + x.name + ", " + zero + ", " + zero +
                 " {acc_type = i32, " + window + kind +
                 ", tensor<1xi8>, tensor<1xi8>) -> " + type(half, "i8"));
    }
    result.shape = half;
    break;
  }
  default:
    break;
  }
  return result;
}

Node Writer::residual(const Node &x) {
  Node branch =
      layer(bend(layer(x, false, random.between(3, 6))), false, x.shape.back());
  if (branch.shape != x.shape)
    return branch;
  Node a = rescale(x, "i8", "i32"), b = rescale(branch, "i8", "i32");
  std::string kind = type(x.shape, "i32");
  Node sum = a;
  sum.name = define("tosa.add " + a.name + ", " + b.name + " : (" + kind +
                    ", " + kind + ") -> " + kind);
  return rescale(sum, "i32", "i8");
}

std::string Writer::build(HostTensor &input) {
  Node x{"%x", {1, random.between(4, 6), random.between(4, 6), 2}, -5};
  input = HostTensor(Kind::I8, x.shape);
  for (int64_t i = 0; i < input.size(); ++i)
    input.data<int8_t>()[i] = static_cast<int8_t>(random.between(-128, 127));
  std::string argument = type(x.shape, "i8");
  x = layer(x, false, random.between(3, 6));
  for (int64_t i = random.between(1, 3); i > 0; --i) {
    int64_t kind = random.between(0, 3);
    x = kind == 0 ? residual(x)
                  : bend(layer(x, kind == 1, random.between(3, 6)));
  }
  x = layer(x, false, 3);
  std::string result = type(x.shape, "i8");
  return "func.func @main(%x: " + argument + ") -> " + result + " {\n" + body +
         "  return " + x.name + " : " + result + "\n}\n";
}

/// The integers of all biases, of which new ones are sums.
std::multiset<int64_t> biasesOf(ModuleOp module) {
  std::multiset<int64_t> numbers;
  module.walk([&](Operation *op) {
    if (!isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp>(op))
      return;
    auto bias = op->getOperand(2).getDefiningOp<tosa::ConstOp>();
    llvm::Expected<HostTensor> value = fromAttribute(bias.getValues());
    if (!value)
      return llvm::consumeError(value.takeError());
    for (int32_t number : value->values<int32_t>())
      numbers.insert(number);
  });
  return numbers;
}

TEST(PrunedCodesTest, HaveTheBitsOfMaskedOnes) {
  ModuleRunner runner;
  int64_t channels = 0, moved = 0, networks = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    HostTensor input(Kind::I8, {1});
    std::string text = Writer(seed).build(input);
    SCOPED_TRACE("network " + std::to_string(seed));
    OwningOpRef<ModuleOp> masked = runner.parse(text);
    ASSERT_TRUE(masked) << runner.takeMessages() << text;
    OwningOpRef<ModuleOp> pruned = masked->clone();
    PassManager pm(&runner.context);
    pm.addNestedPass<func::FuncOp>(mc::createRemoveChannelsPass());
    ASSERT_TRUE(succeeded(pm.run(*pruned))) << runner.takeMessages();
    std::multiset<int64_t> before = biasesOf(*masked),
                           after = biasesOf(*pruned);
    channels += static_cast<int64_t>(before.size() - after.size());
    moved += llvm::count_if(after, [&](int64_t n) { return !before.count(n); });
    std::vector<HostTensor> results[2];
    for (auto [module, found] :
         llvm::zip_equal(SmallVector<ModuleOp>{*masked, *pruned}, results)) {
      if (llvm::Error error = runner.lower(module))
        FAIL() << llvm::toString(std::move(error)) << text;
      auto evaluated = evaluate(module, {input});
      ASSERT_TRUE(bool(evaluated)) << llvm::toString(evaluated.takeError());
      found = evaluated->results;
    }
    ASSERT_EQ(difference(results[0], results[1]), "") << text;
    ++networks;
  }
  // They are not left alone.
  EXPECT_GT(channels, networks);
  EXPECT_GT(moved, networks);
}
} // namespace
