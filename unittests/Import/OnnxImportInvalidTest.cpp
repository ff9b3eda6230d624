//===- OnnxImportInvalidTest.cpp - models that are turned away -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DEFAULT_DATA_DIR is where real models are sought without COMPRESS_DATA_DIR.
//
//===----------------------------------------------------------------------===//

#include "OnnxTestModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// Expects one error with all of `texts`.
void expectError(const ImportResult &result, const Names &texts) {
  ASSERT_FALSE(result) << result.ir;
  ASSERT_EQ(result.errors.size(), 1u) << result.errors[0];
  for (const std::string &text : texts)
    EXPECT_NE(result.errors[0].find(text), std::string::npos)
        << text << "\nin\n"
        << result.errors[0];
}

/// A model of x [1, 4, 8, 8] and y, to be given nodes.
TestModel makeModel(int64_t opset = 13) {
  TestModel m(opset);
  m.input("x", {1, 4, 8, 8}).output("y");
  return m;
}

TEST(OnnxImportInvalid, File) {
  MLIRContext context;
  expectError(import("", context), {"no ONNX model"});
  expectError(import("not a model", context), {"no ONNX model"});
  TestModel m = makeModel();
  m.node("Relu", {"x"}, {"y"});
  std::string bytes = m.bytes();
  expectError(import(StringRef(bytes).drop_back(3), context),
              {"no ONNX model, or it is damaged"});
}

TEST(OnnxImportInvalid, Opset) {
  expectError(import(makeModel(0)), {"no version"});
  expectError(import(makeModel(99)), {"opset 99", "older are supported"});
  TestModel m = makeModel(5);
  m.node("Add", {"x", "x"}, {"y"});
  expectError(import(m), {"'onnx.Add' (node \"the Add\")", "in opset 5"});
}

TEST(OnnxImportInvalid, UnsupportedOps) {
  TestModel m = makeModel();
  m.node("Foo", {"x"}, {"y"});
  expectError(import(m), {"'onnx.Foo' (node \"the Foo\") is not supported"});
  TestModel other = makeModel();
  other.node("Relu", {"x"}, {"y"}).proto()->set_domain("my.ops");
  other.graph().mutable_node(0)->clear_name();
  expectError(import(other), {"my.ops", "of output \"y\"", "not supported"});
}

TEST(OnnxImportInvalid, Names) {
  TestModel undefined = makeModel();
  undefined.node("Relu", {"nothing"}, {"y"});
  expectError(import(undefined), {"reads \"nothing\"", "nothing defines"});

  TestModel cycle = makeModel();
  cycle.node("Add", {"x", "b"}, {"a"});
  cycle.node("Relu", {"a"}, {"b"});
  cycle.node("Relu", {"b"}, {"y"});
  expectError(import(cycle), {"reads \"b\"", "topological order"});

  TestModel twice = makeModel();
  twice.node("Relu", {"x"}, {"y"});
  twice.node("Relu", {"x"}, {"y"});
  expectError(import(twice), {"\"y\" is defined twice"});

  TestModel inputs = makeModel();
  inputs.input("x", {1});
  expectError(import(inputs), {"\"x\" is defined twice"});

  TestModel noOutput = makeModel();
  expectError(import(noOutput), {"the output \"y\"", "nothing defines"});

  TestModel mask = makeModel();
  mask.node("Dropout", {"x"}, {"a", "y"});
  expectError(import(mask), {"output \"y\"", "is not supported"});
}

TEST(OnnxImportInvalid, Inputs) {
  auto importInput = [](const Shape &shape, int type,
                        const OnnxImportOptions &options = {}) {
    TestModel m;
    m.input("x", shape, type).output("y");
    m.node("Relu", {"x"}, {"y"});
    return import(m, options);
  };
  expectError(importInput({1, 2}, 11), {"\"x\" has type float64", "float32"});
  expectError(importInput({1, 2}, 18), {"float8e4m3fnuz"});
  expectError(importInput({1, 2}, 77), {"type 77"});
  expectError(importInput({1, -1}, 1), {"leaves dimension 1 open"});
  expectError(importInput({int64_t(1) << 40, 1 << 20}, 1), {"too large"});
  OnnxImportOptions options;
  options.batch = 0;
  expectError(importInput({-1, 2}, 1, options), {"empty dimensions"});
  options.inputShapes.push_back({"", {1, 2, 3}});
  expectError(importInput({-1, 2}, 1, options), {"has 2 dimensions"});
  options.inputShapes[0] = {"typo", {1, 2}};
  expectError(importInput({1, 2}, 1, options), {"no input \"typo\""});
}

TEST(OnnxImportInvalid, Tensors) {
  auto importWeight = [](const std::function<void(pb::TensorProto *)> &edit) {
    TestModel m = makeModel();
    m.floats("w", {4, 4, 1, 1}, {1});
    m.node("Conv", {"x", "w"}, {"y"});
    edit(m.graph().mutable_initializer(0));
    return import(m);
  };
  using T = pb::TensorProto;
  expectError(importWeight([](T *t) { t->add_dims(3); }),
              {"'onnx.Conv'", "tensor \"w\"", "bytes of data"});
  expectError(importWeight([](T *t) { t->set_dims(0, -4); }),
              {"impossible dimensions"});
  expectError(importWeight([](T *t) {
                t->set_dims(0, int64_t(1) << 62);
                t->set_dims(1, 16);
              }),
              {"impossible dimensions"});
  expectError(importWeight([](T *t) { t->set_data_type(8); }), {"string"});
  expectError(importWeight([](T *t) { t->set_data_type(19); }), {"float8e5m2"});
  expectError(importWeight([](T *t) { t->set_data_type(-5); }), {"type -5"});
  expectError(importWeight([](T *t) { t->set_raw_data("abc"); }),
              {"3 bytes of data"});
  expectError(importWeight([](T *t) { t->set_data_location(T::EXTERNAL); }),
              {"outside of the file"});
  expectError(importWeight([](T *t) { t->mutable_segment(); }), {"segments"});
  expectError(importWeight([](T *t) {
                t->set_data_type(11);
                for (int i = 0; i < 16; ++i)
                  t->add_double_data(1);
              }),
              {"requires float32 operands, not float64"});
}

TEST(OnnxImportInvalid, Attributes) {
  auto importPool = [](const std::function<void(NodeBuilder)> &edit) {
    TestModel m = makeModel();
    edit(m.node("MaxPool", {"x"}, {"y"}));
    return import(m);
  };
  using N = NodeBuilder;
  expectError(importPool([](N n) {}), {"requires the attribute"});
  expectError(importPool([](N n) { n.attr("kernel_shape", 2); }),
              {"\"kernel_shape\" as a list of integers"});
  expectError(importPool([](N n) { n.ints("kernel_shape", {2}); }),
              {"requires 2 elements"});
  expectError(importPool([](N n) { n.ints("kernel_shape", {2, 0}); }),
              {"kernel of 1 or more"});
  expectError(importPool([](N n) { n.ints("kernel_shape", {2, 9}); }),
              {"window of 8 or fewer"});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).ints("strides", {0, 1});
              }),
              {"stride of 1 or more"});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).ints("pads", {0, -1, 0, 0});
              }),
              {"padding of 0 or more"});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).ints("pads", {2, 0, 0, 0});
              }),
              {"nothing but padding"});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).text("auto_pad", "MAYBE");
              }),
              {"unknown auto_pad"});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).attr("padding", 1);
              }),
              {"attribute \"padding\""});
  expectError(importPool([](N n) {
                n.ints("kernel_shape", {2, 2}).ints("kernel_shape", {2, 2});
              }),
              {"twice"});
}

TEST(OnnxImportInvalid, Operands) {
  TestModel arity = makeModel();
  arity.node("Relu", {"x", "x"}, {"y"});
  expectError(import(arity), {"requires 1 to 1 inputs, not 2"});

  TestModel missing = makeModel();
  missing.node("Add", {"x", ""}, {"y"});
  expectError(import(missing), {"requires input 1"});

  TestModel rank = makeModel();
  rank.floats("w", {2, 2}, {1});
  rank.node("Gemm", {"x", "w"}, {"y"});
  expectError(import(rank), {"requires matrices"});

  TestModel groups = makeModel();
  groups.floats("w", {4, 2, 1, 1}, {1});
  groups.node("Conv", {"x", "w"}, {"y"}).attr("group", 3);
  expectError(import(groups), {"channels / groups"});

  TestModel shapes = makeModel();
  shapes.floats("c", {3}, {1});
  shapes.node("Add", {"x", "c"}, {"y"});
  expectError(import(shapes), {"cannot broadcast"});

  TestModel reshape = makeModel();
  reshape.longs("shape", {3, -1});
  reshape.node("Reshape", {"x", "shape"}, {"y"});
  expectError(import(reshape), {"cannot reshape [1, 4, 8, 8] to [3, -1]"});

  TestModel dynamic = makeModel();
  dynamic.node("Reshape", {"x", "x"}, {"y"});
  expectError(import(dynamic), {"the shape (input \"x\")", "constant"});

  TestModel permutation = makeModel();
  permutation.node("Transpose", {"x"}, {"y"}).ints("perm", {0, 1, 1, 3});
  expectError(import(permutation), {"requires a permutation"});

  TestModel divide = makeModel();
  divide.longs("a", {1}).longs("b", {0});
  divide.node("Div", {"a", "b"}, {"c"});
  divide.node("Reshape", {"x", "c"}, {"y"});
  expectError(import(divide), {"divides by 0"});

  TestModel huge = makeModel();
  huge.longs("shape", {1 << 20, 1 << 19});
  huge.node("ConstantOfShape", {"shape"}, {"c"});
  huge.node("Add", {"x", "c"}, {"y"});
  expectError(import(huge), {"out of all proportion"});
}

TEST(OnnxImportInvalid, Quantization) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  auto importScale = [](float scale, bool constant) {
    TestModel m = makeModel();
    m.scale(scale, 1, 3).codes("w", {4, 4, 1, 1}, 3, {1});
    if (constant) {
      m.node("DequantizeLinear", {"w", "s", "z"}, {"d"});
      m.node("Conv", {"x", "d"}, {"y"});
    } else {
      m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
      m.node("DequantizeLinear", {"q", "s", "z"}, {"y"});
    }
    return import(m);
  };
  for (float scale : {-1.0f, infinity, std::nanf(""), 1e-40f}) {
    expectError(importScale(scale, false), {"QuantizeLinear", "\"s\""});
    expectError(importScale(scale, true), {"DequantizeLinear", "\"s\""});
  }
  expectError(importScale(0, false), {"above 0"});

  auto quantize = [](const std::function<void(TestModel &)> &edit) {
    TestModel m = makeModel(21);
    m.scale(0.5f, 1, 3);
    m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
    m.node("DequantizeLinear", {"q", "s", "z"}, {"y"});
    edit(m);
    return import(m);
  };
  using M = TestModel;
  expectError(
      quantize([](M &m) { m.graph().mutable_node(1)->set_input(0, "x"); }),
      {"of float32 is not supported; of quantized, integers"});
  expectError(
      quantize([](M &m) { m.graph().mutable_node(0)->set_input(1, "x"); }),
      {"scale (input \"x\")", "constant"});
  expectError(quantize([](M &m) {
                NodeBuilder(m.graph().mutable_node(0)).attr("block_size", 2);
              }),
              {"in blocks"});
  expectError(quantize([](M &m) {
                m.floats("t", {3}, {1}).codes("u", {3}, 3, {1});
                m.graph().mutable_node(0)->set_input(1, "t");
                m.graph().mutable_node(0)->set_input(2, "u");
              }),
              {"requires 4 scales and zero points, not 3"});
  expectError(quantize([](M &m) {
                m.graph().mutable_initializer(1)->set_data_type(6);
              }),
              {"to int32", "not supported"});
  expectError(quantize([](M &m) {
                m.node("Sigmoid", {"q"}, {"v"});
                m.graph().mutable_output(0)->set_name("v");
              }),
              {"'onnx.Sigmoid'", "of int8 codes is not supported"});
}

//===----------------------------------------------------------------------===//
// Damaged files
//===----------------------------------------------------------------------===//

/// A model with a bit of everything.
std::string makeVariedModel() {
  TestModel m(13);
  m.input("x", {1, 2, 6, 6}).output("y");
  m.floats("w", {2, 2, 3, 3}, {1, -2, 3}).floats("b", {2}, {1, 2});
  m.floats("s", {}, {0.5f}).codes("z", {}, 2, {7}).longs("shape", {1, -1});
  m.codes("v", {3, 18}, 3, {1, -2, 3}).floats("vs", {3}, {1, 2, 3});
  m.codes("vz", {3}, 3, {0});
  m.node("Conv", {"x", "w", "b"}, {"c"}).ints("pads", {1, 1, 1, 1});
  m.node("QuantizeLinear", {"c", "s", "z"}, {"q"});
  m.node("MaxPool", {"q"}, {"p"})
      .ints("kernel_shape", {2, 2})
      .ints("strides", {2, 2});
  m.node("DequantizeLinear", {"p", "s", "z"}, {"d"});
  m.node("Reshape", {"d", "shape"}, {"f"});
  m.node("DequantizeLinear", {"v", "vs", "vz"}, {"vd"}).attr("axis", 0);
  m.node("Gemm", {"f", "vd"}, {"g"}).attr("transB", 1);
  m.node("Softmax", {"g"}, {"y"});
  return m.bytes();
}

TEST(OnnxImportInvalid, Mutants) {
  std::string original = makeVariedModel();
  MLIRContext context(MLIRContext::Threading::DISABLED);
  ASSERT_TRUE(import(original, context));
  std::mt19937 random(20240607);
  auto below = [&](size_t end) { return random() % end; };
  int imported = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string mutant = original;
    switch (i % 4) {
    case 0: // one bit
      mutant[below(mutant.size())] ^= 1 << below(8);
      break;
    case 1: // a few bytes
      for (int k = 0; k < 4; ++k)
        mutant[below(mutant.size())] = static_cast<char>(random());
      break;
    case 2: // cut short
      mutant.resize(below(mutant.size()));
      break;
    case 3: { // a piece of the file over another one
      size_t size = 1 + below(16), from = below(mutant.size() - size);
      mutant.replace(below(mutant.size() - size), size, original, from, size);
      break;
    }
    }
    ImportResult result = import(mutant, context, {}, /*print=*/false);
    imported += static_cast<bool>(result);
    EXPECT_EQ(result.errors.size(), result ? 0u : 1u) << "mutant " << i;
  }
  EXPECT_GT(imported, 0);
  EXPECT_LT(imported, 2000);
}

TEST(OnnxImportInvalid, ManyEmptyMessagesTakeNoMemory) {
  // Two bytes a node: 400 MB once parsed.
  std::string nodes;
  for (int i = 0; i < 1 << 21; ++i)
    nodes += std::string("\x0A\x00", 2);
  std::string bytes = "\x3A"; // graph
  for (size_t size = nodes.size(); size; size >>= 7)
    bytes += static_cast<char>((size & 127) | (size >> 7 ? 128 : 0));
  MLIRContext context;
  expectError(import(bytes + nodes, context), {"no ONNX model"});
}

/// Every model of the shared data either comes in or is turned away by name.
TEST(OnnxImport, RealModels) {
  const char *folder = std::getenv("COMPRESS_DATA_DIR");
  if (!folder)
    folder = DEFAULT_DATA_DIR;
  if (!llvm::sys::fs::is_directory(folder))
    GTEST_SKIP() << "skipped: no data";
  std::error_code error;
  int imported = 0, count = 0;
  for (llvm::sys::fs::recursive_directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error)) {
    if (!StringRef(it->path()).ends_with(".onnx"))
      continue;
    auto buffer = llvm::MemoryBuffer::getFile(it->path());
    ASSERT_TRUE(static_cast<bool>(buffer)) << it->path();
    MLIRContext context(MLIRContext::Threading::DISABLED);
    ImportResult result =
        import((*buffer)->getBuffer(), context, {}, /*print=*/false);
    EXPECT_EQ(result.errors.size(), result ? 0u : 1u) << it->path();
    bool isNetwork = !StringRef(it->path()).contains("conformance") &&
                     !StringRef(it->path()).contains("scop");
    if (isNetwork)
      EXPECT_TRUE(result) << it->path();
    imported += static_cast<bool>(result);
    ++count;
  }
  RecordProperty("imported", imported);
  RecordProperty("models", count);
}

} // namespace
