//===- ModelReaderTest.cpp - tests of reading model files -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/ModelReader.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class ModelReaderTest : public testing::Test {
protected:
  ModelReaderTest() {
    DialectRegistry registry;
    registry
        .insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                quant::QuantDialect, tensor::TensorDialect, tosa::TosaDialect,
                CompressDialect>();
    func::registerInlinerExtension(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
    context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      diagnostics += diagnostic.str() + "\n";
    });
  }

  /// The type of the network's function; null after an error.
  FunctionType read(StringRef text, const ReadOptions &options = {}) {
    result =
        readModel(text, "test.mlir", ModelFormat::MlirText, &context, options);
    if (!result.module)
      return {};
    return findNetworkFunction(*result.module)->getFunctionType();
  }
  /// What is wrong with a model.
  std::string error(StringRef text, const ReadOptions &options = {}) {
    diagnostics.clear();
    EXPECT_FALSE(read(text, options));
    return diagnostics;
  }
  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, Float32Type::get(&context));
  }

  MLIRContext context;
  std::string diagnostics;
  ReadResult result;
};

bool has(StringRef text, StringRef part) { return text.contains(part); }

std::string formatError(StringRef bytes) {
  auto format = detectModelFormat(bytes);
  return format ? "" : llvm::toString(format.takeError());
}

TEST(ModelFormat, IsToldByContent) {
  auto is = [](StringRef bytes, ModelFormat wanted) {
    auto format = detectModelFormat(bytes);
    return format ? *format == wanted
                  : (llvm::consumeError(format.takeError()), false);
  };
  EXPECT_TRUE(is("module {}", ModelFormat::MlirText));
  EXPECT_TRUE(is("// comment\n\tfunc.func", ModelFormat::MlirText));
  EXPECT_TRUE(is("ML\xefR\x06", ModelFormat::MlirBytecode));
  EXPECT_TRUE(is(StringRef("\x08\x07\x12\x00", 4), ModelFormat::Onnx));
  EXPECT_TRUE(is(StringRef("\x0a\x03"
                           "1.1\x3a\x00",
                           7),
                 ModelFormat::MindIR));
  EXPECT_TRUE(has(formatError(StringRef("\x1c\0\0\0MSL2", 8)),
                  "is a model of MindSpore Lite; name the MindIR"));
  EXPECT_TRUE(has(formatError(""), "is empty"));
  EXPECT_TRUE(has(formatError(" \n"), "is empty"));
  EXPECT_TRUE(has(formatError("\x7f"
                              "ELF"),
                  "is a compiled library"));
  EXPECT_TRUE(has(formatError(StringRef("\x1c\0\0\0TFL3", 8)),
                  "tosa-converter-for-tflite"));
  EXPECT_TRUE(has(formatError("PK\3\4..."), "export the model to ONNX"));
  EXPECT_TRUE(has(formatError(StringRef("\0\0\0\0", 4)), "no format"));
}

TEST_F(ModelReaderTest, NothingButMindIRIsRepaired) {
  ReadOptions options;
  options.mindirAsWritten = true;
  EXPECT_TRUE(has(error("func.func @net() { return }", options),
                  "is MLIR text, of which nothing is repaired; leave out "
                  "--mindir-as-written"));
}

TEST_F(ModelReaderTest, OpenBatchOfTosa) {
  StringRef text = R"mlir(
    func.func @net(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %y = tosa.abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    })mlir";
  EXPECT_EQ(read(text).getResult(0), f32({1, 4})) << diagnostics;
  ReadOptions options;
  options.batch = 3;
  EXPECT_EQ(read(text, options).getResult(0), f32({3, 4})) << diagnostics;
}

// Ops on whole tensors, and no other op of the tensor dialect.
TEST_F(ModelReaderTest, OpenBatchOfArith) {
  StringRef text = R"mlir(
    func.func @net(%x: tensor<?x4xf32>, %z: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %a = arith.negf %x : tensor<?x4xf32>
      %y = arith.addf %a, %z : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    })mlir";
  ReadOptions options;
  options.batch = 3;
  EXPECT_EQ(read(text, options).getResult(0), f32({3, 4})) << diagnostics;
}

// Quantizations must survive the simplification that shapes need.
TEST_F(ModelReaderTest, OpenBatchOfLinalg) {
  FunctionType type = read(R"mlir(
    func.func @net(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %q = quant.qcast %x : tensor<?x4xf32> to tensor<?x4x!quant.uniform<i8:f32, 0.5>>
      %d = quant.dcast %q : tensor<?x4x!quant.uniform<i8:f32, 0.5>> to tensor<?x4xf32>
      %c0 = arith.constant 0 : index
      %n = tensor.dim %d, %c0 : tensor<?x4xf32>
      %e = tensor.empty(%n) : tensor<?x4xf32>
      %y = linalg.abs ins(%d : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    })mlir");
  ASSERT_TRUE(type) << diagnostics;
  EXPECT_EQ(type.getResult(0), f32({1, 4}));
  bool quantized = false;
  result.module->walk([&](FakeQuantOp) { quantized = true; });
  EXPECT_TRUE(quantized);
}

TEST_F(ModelReaderTest, OpenBatchOfChannels) {
  FunctionType type = read(R"mlir(
    func.func @net(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
      %g = compress.channel_gate %x {axis = 1, beta = array<f32: 0.5, 1.0>, gamma = array<f32: 1.0, 1.0>} : tensor<?x2xf32>
      %m = compress.channel_mask %g {axis = 1, mask = array<i1: true, false>} : tensor<?x2xf32>
      %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 0, 2>} : tensor<?x2xf32> -> tensor<?x3xf32>
      return %y : tensor<?x3xf32>
    })mlir");
  ASSERT_TRUE(type) << diagnostics;
  EXPECT_EQ(type.getResult(0), f32({1, 3}));
}

TEST_F(ModelReaderTest, Shapes) {
  StringRef text = R"mlir(
    func.func @net(%x: tensor<?x?xf32> {compress.name = "image"}) -> tensor<?x?xf32> {
      %y = tosa.abs %x : (tensor<?x?xf32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    })mlir";
  EXPECT_TRUE(has(error(text), "the input 'image' leaves dimension 1 open"));
  ReadOptions options;
  options.inputShapes.push_back({"image", {2, 5}});
  EXPECT_EQ(read(text, options).getResult(0), f32({2, 5})) << diagnostics;
  options.inputShapes = {{"", {2, 5}}};
  EXPECT_EQ(read(text, options).getResult(0), f32({2, 5})) << diagnostics;
  options.inputShapes = {{"other", {2, 5}}};
  EXPECT_TRUE(has(error(text, options), "there is no input 'other'"));
  options.inputShapes = {{"image", {2}}};
  EXPECT_TRUE(has(error(text, options), "[2] does not fit"));
}

TEST_F(ModelReaderTest, FixedBatch) {
  ReadOptions options;
  options.batch = 4;
  StringRef text = R"mlir(
    func.func @net(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
      return %x : tensor<1x4xf32>
    })mlir";
  EXPECT_TRUE(has(error(text, options), "has a batch of 1, not of 4"));
}

TEST_F(ModelReaderTest, ForeignAttributesAndOps) {
  EXPECT_TRUE(read(R"mlir(
    func.func @net(%x: tensor<4xf32> {secret.secret}) -> tensor<4xf32> attributes {domain_upper = 3.0 : f64} {
      return {foo.bar = "x"} %x : tensor<4xf32>
    })mlir"))
      << diagnostics;
  EXPECT_TRUE(has(error(R"mlir(
    func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = "foo.bar"(%x) : (tensor<4xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    })mlir"),
                  "uses 'foo.bar', an operation that is not known here"));
}

TEST_F(ModelReaderTest, CallsAreInlined) {
  ASSERT_TRUE(read(R"mlir(
    func.func private @half(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = tosa.abs %x : (tensor<4xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = call @half(%x) : (tensor<4xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    })mlir"))
      << diagnostics;
  EXPECT_TRUE(
      llvm::hasSingleElement(result.module->getBody()->getOps<func::FuncOp>()));
  EXPECT_TRUE(has(error(R"mlir(
    func.func private @outside(%x: tensor<4xf32>) -> tensor<4xf32>
    func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = call @outside(%x) : (tensor<4xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    })mlir"),
                  "cannot be inlined"));
}

TEST_F(ModelReaderTest, NotModels) {
  EXPECT_TRUE(has(error("module {}"), "has no public function with a body"));
  EXPECT_TRUE(has(error("func.func @f() { return }"), "returns nothing"));
  EXPECT_TRUE(has(error("func.func @f(%x: f32) -> f32 { return %x : f32 }"),
                  "a model takes and returns tensors"));
  EXPECT_TRUE(has(error(R"mlir(
    func.func @f() -> tensor<4xf32> {
      %0 = arith.constant dense_resource<__elided__> : tensor<4xf32>
      return %0 : tensor<4xf32>
    })mlir"),
                  "has no data"));
  EXPECT_TRUE(has(error(R"mlir(
    func.func @f(%x: tensor<9999999999x9999999999xf32>) -> tensor<4xf32> {
      %0 = arith.constant dense<0.0> : tensor<4xf32>
      return %0 : tensor<4xf32>
    })mlir"),
                  "larger than any memory"));
}

// Text so deeply nested that the parser's stack does not suffice.
TEST_F(ModelReaderTest, Crashes) {
  std::string text = "module attributes {a = " + std::string(400000, '[');
  EXPECT_TRUE(has(error(text), "malformed MLIR text"));
  EXPECT_TRUE(result.crashed);
}

} // namespace
