//===- MathTest.cpp - math functions as compiled --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Functions of f32 on every path against the C library's of f64, and the same
// bits wherever products and sums round apart.
//
//===----------------------------------------------------------------------===//

#include "ModuleRunner.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace oracle;

namespace {

struct MathFunction {
  const char *name, *text; // from %x to %r
  double (*expected)(double);
  float least, most; // arguments
  double error;      // relative to the result
};

const MathFunction functions[] = {
    {"exp", "%r = math.exp %x : f32", [](double x) { return std::exp(x); }, -87,
     88, 2.5e-7},
    {"sigmoid", R"(
      %n = arith.negf %x : f32
      %e = math.exp %n : f32
      %d = arith.addf %e, %one : f32
      %r = arith.divf %one, %d : f32)",
     [](double x) { return 1 / (1 + std::exp(-x)); }, -80, 80, 3e-7},
    {"tanh", "%r = math.tanh %x : f32", [](double x) { return std::tanh(x); },
     -20, 20, 4e-7},
    {"erf", "%r = math.erf %x : f32", [](double x) { return std::erf(x); }, -6,
     6, 6e-7}};

std::string network(const MathFunction &function, int64_t size) {
  std::string type = "tensor<" + std::to_string(size) + "xf32>";
  return R"(#id = affine_map<(i) -> (i)>
    func.func @main(%in: )" +
         type + ") -> " + type + R"( {
      %one = arith.constant 1.0 : f32
      %empty = tensor.empty() : )" +
         type + R"(
      %out = linalg.generic {indexing_maps = [#id, #id],
                             iterator_types = ["parallel"]}
          ins(%in : )" +
         type + ") outs(%empty : " + type + ") {\n^bb0(%x: f32, %old: f32):\n" +
         function.text + "\nlinalg.yield %r : f32\n} -> " + type +
         "\nreturn %out : " + type + "\n}\n";
}

class MathTest : public testing::TestWithParam<MathFunction> {
protected:
  std::vector<float> compute(const Path &path, const std::vector<float> &x) {
    auto size = static_cast<int64_t>(x.size());
    auto module = runner.parse(network(GetParam(), size));
    if (!module) {
      ADD_FAILURE() << runner.takeMessages();
      return {};
    }
    auto library = runner.compile(*module, path);
    if (!library) {
      ADD_FAILURE() << path.name << ": " << llvm::toString(library.takeError());
      return {};
    }
    auto results = run(**library, {HostTensor::of({size}, x)}, /*threads=*/1);
    if (!results) {
      ADD_FAILURE() << path.name << ": " << llvm::toString(results.takeError());
      return {};
    }
    return results->front().values<float>();
  }

  void check(const std::string &path, const std::vector<float> &x,
             const std::vector<float> &y) {
    const MathFunction &function = GetParam();
    ASSERT_EQ(x.size(), y.size()) << path;
    for (size_t i = 0; i + 1 < x.size(); ++i) {
      double expected = function.expected(x[i]);
      EXPECT_NEAR(y[i], expected,
                  function.error * std::max(std::abs(expected), 1e-38))
          << path << ": " << function.name << "(" << x[i] << ")";
    }
    EXPECT_TRUE(std::isnan(y.back())) << path;
  }

  ModuleRunner runner;
};

TEST_P(MathTest, IsExactToAFewDigits) {
  const MathFunction &function = GetParam();
  std::vector<float> x;
  constexpr int count = 5001;
  for (int i = 0; i < count; ++i)
    x.push_back(function.least + (function.most - function.least) *
                                     static_cast<float>(i) / (count - 1));
  for (float small : {1e-3f, -1e-3f, 1e-7f, 0.0f, -0.0f})
    x.push_back(small);
  x.push_back(std::numeric_limits<float>::quiet_NaN());
  std::vector<float> first;
  for (const Path &path : paths()) {
    std::vector<float> y = compute(path, x);
    check(path.name, x, y);
    if (first.empty())
      first = y;
    else if (y.size() == first.size())
      EXPECT_EQ(
          std::memcmp(first.data(), y.data(), (y.size() - 1) * sizeof(float)),
          0)
          << path.name;
  }
  for (const Path &path : fusedPaths())
    check(path.name + ", fused", x, compute(path, x));
}

/// Where the results have no normal numbers.
TEST(MathEndsTest, ExpAndPowers) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const MathFunction exp = functions[0];
  const MathFunction root = {"root",
                             "%half = arith.constant 0.5 : f32\n"
                             "%r = math.powf %x, %half : f32",
                             nullptr,
                             0,
                             0,
                             0};
  ModuleRunner runner;
  std::vector<Path> all = paths();
  llvm::append_range(all, fusedPaths());
  auto compute = [&](const Path &path, const MathFunction &function,
                     std::vector<float> x) {
    auto size = static_cast<int64_t>(x.size());
    auto module = runner.parse(network(function, size));
    EXPECT_TRUE(module) << runner.takeMessages();
    auto library = llvm::cantFail(runner.compile(*module, path));
    auto results =
        llvm::cantFail(run(*library, {HostTensor::of({size}, x)}, 1));
    return results.front().values<float>();
  };
  for (const Path &path : all) {
    std::vector<float> y =
        compute(path, exp, {88.7f, 89, 1000, infinity, -90, -1000, -infinity});
    EXPECT_NEAR(y[0], std::exp(88.7), 1e-5 * std::exp(88.7)) << path.name;
    EXPECT_EQ(y[1], infinity) << path.name;
    EXPECT_EQ(y[2], infinity) << path.name;
    EXPECT_EQ(y[3], infinity) << path.name;
    for (size_t i = 4; i < y.size(); ++i)
      EXPECT_EQ(y[i], 0) << path.name;
    y = compute(path, root, {0, infinity, 4});
    EXPECT_EQ(y[0], 0) << path.name;
    EXPECT_EQ(y[1], infinity) << path.name;
    EXPECT_NEAR(y[2], 2, 1e-5) << path.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, MathTest, testing::ValuesIn(functions),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

} // namespace
