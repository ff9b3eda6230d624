//===- ModelCostTest.cpp - tests of costs and reports ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/ModelCost.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Report/CompilationReport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/JSON.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class CostTest : public testing::Test {
protected:
  CostTest() {
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        linalg::LinalgDialect, quant::QuantDialect,
                        tensor::TensorDialect, tosa::TosaDialect,
                        CompressDialect>();
  }

  ModelCost cost(StringRef body) {
    auto module = parseSourceString<ModuleOp>(body, &context);
    EXPECT_TRUE(module);
    return module ? computeCost(*module) : ModelCost();
  }

  MLIRContext context;
};

TEST_F(CostTest, Matmul) {
  ModelCost result = cost(R"mlir(
    func.func @main(%x: tensor<2x3xf32>, %init: tensor<2x4xf32>) -> tensor<2x4xf32> {
      %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
      %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>) outs(%init : tensor<2x4xf32>) -> tensor<2x4xf32> loc("fc")
      return %y : tensor<2x4xf32>
    })mlir");
  EXPECT_EQ(result.macs, 24);
  EXPECT_EQ(result.integerMacs, 0);
  EXPECT_EQ(result.parameters, 12);
  EXPECT_EQ(result.parameterBytes, 48);
  ASSERT_EQ(result.layers.size(), 1u);
  EXPECT_EQ(result.layers[0].op, "linalg.matmul");
  EXPECT_EQ(result.layers[0].name, "fc");
  EXPECT_EQ(result.layers[0].elementType, "f32");
  EXPECT_EQ(result.layers[0].outputBytes, 32);
}

// Weights are found behind the ops that only say how to read them, and a
// constant that two layers share counts once.
TEST_F(CostTest, QuantizedWeightsAreShared) {
  ModelCost result = cost(R"mlir(
    func.func @main(%x: tensor<2x2xf32>, %init: tensor<2x2xf32>) -> tensor<2x2xf32> {
      %c = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
      %s = quant.scast %c : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32, 0.5>>
      %w = quant.dcast %s : tensor<2x2x!quant.uniform<i8:f32, 0.5>> to tensor<2x2xf32>
      %y = linalg.matmul ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
      %z = linalg.matmul ins(%y, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
      return %z : tensor<2x2xf32>
    })mlir");
  EXPECT_EQ(result.macs, 16);
  EXPECT_EQ(result.parameters, 4);
  EXPECT_EQ(result.parameterBytes, 4);
  ASSERT_EQ(result.layers.size(), 2u);
  EXPECT_EQ(result.layers[1].parameters, 4);
}

TEST_F(CostTest, TosaConvolution) {
  ModelCost result = cost(R"mlir(
    func.func @main(%x: tensor<1x8x8x3xi8>, %b: tensor<4xi32>) -> tensor<1x6x6x4xi32> {
      %zp = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
      %w = "tosa.const"() <{values = dense<1> : tensor<4x3x3x3xi8>}> : () -> tensor<4x3x3x3xi8>
      %y = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x8x8x3xi8>, tensor<4x3x3x3xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x6x6x4xi32>
      return %y : tensor<1x6x6x4xi32>
    })mlir");
  EXPECT_EQ(result.macs, 6 * 6 * 4 * 27);
  EXPECT_EQ(result.integerMacs, result.macs);
  // A constant of one number is no data of a model.
  EXPECT_EQ(result.parameters, 0);
}

TEST_F(CostTest, PoolsMultiplyNothing) {
  ModelCost result = cost(R"mlir(
    func.func @main(%x: tensor<1x8x8x3xf32>, %window: tensor<8x8xf32>, %init: tensor<1x1x1x3xf32>) -> tensor<1x1x1x3xf32> {
      %y = linalg.pooling_nhwc_sum ins(%x, %window : tensor<1x8x8x3xf32>, tensor<8x8xf32>) outs(%init : tensor<1x1x1x3xf32>) -> tensor<1x1x1x3xf32>
      return %y : tensor<1x1x1x3xf32>
    })mlir");
  EXPECT_EQ(result.macs, 0);
  EXPECT_EQ(result.layers.size(), 1u);
}

TEST_F(CostTest, Places) {
  EXPECT_EQ(placeOf(UnknownLoc::get(&context)), "");
  EXPECT_EQ(placeOf(FileLineColLoc::get(&context, "x.mlir", 3, 7)), "3:7");
  EXPECT_EQ(placeOf(FileLineColLoc::get(&context, "x.onnx", 0, 0)), "");
  Location named = NameLoc::get(StringAttr::get(&context, "conv1"));
  EXPECT_EQ(placeOf(named), "conv1");
  EXPECT_EQ(
      placeOf(FusedLoc::get(&context, {UnknownLoc::get(&context), named})),
      "conv1");
}

TEST(Remarks, AreCollectedOnceAndSorted) {
  RemarkCollector collector;
  MLIRContext context;
  ASSERT_TRUE(succeeded(collector.attach(context)));
  Location loc = NameLoc::get(StringAttr::get(&context, "relu"));
  auto emit = [&](StringRef message, StringRef category) {
    remark::missed(loc, remark::RemarkOpts::name("Test").category(category))
        << message;
  };
  emit("stays f32", "compress");
  emit("another", "compress");
  emit("stays f32", "compress");
  emit("not ours", "elsewhere");
  auto remarks = collector.sorted();
  ASSERT_EQ(remarks.size(), 2u);
  EXPECT_EQ(remarks[0].message, "another");
  EXPECT_EQ(remarks[1].message, "stays f32");
  EXPECT_EQ(remarks[1].kind, "missed");
  EXPECT_EQ(remarks[1].name, "Test");
  EXPECT_EQ(remarks[1].place, "relu");
}

TEST(CompilationReport, IsJson) {
  CompilationReport report;
  report.producer = "test";
  report.model = "a \"b\" \xff.onnx";
  report.emit = "shared";
  report.imported.parameters = 10;
  report.made.emplace();
  report.made->parameters = 5;
  report.made->layers.emplace_back();
  report.remarks.push_back({"missed", "Float", "relu", "line\nbreak"});
  report.network.emplace();
  report.network->arenaBytes = 64;
  std::string text;
  llvm::raw_string_ostream os(text);
  report.writeJson(os);
  auto json = llvm::json::parse(text);
  ASSERT_TRUE(static_cast<bool>(json)) << llvm::toString(json.takeError());
  const llvm::json::Object &object = *json->getAsObject();
  EXPECT_EQ(object.getInteger("parameters"), 5);
  EXPECT_EQ(object.getObject("imported")->getInteger("parameters"), 10);
  EXPECT_EQ(object.getInteger("arena_bytes"), 64);
  EXPECT_EQ(object.getArray("layers")->size(), 1u);
  EXPECT_EQ(object.getArray("remarks")->size(), 1u);
  EXPECT_TRUE(StringRef(report.summary()).starts_with("f32: 5 parameters"));
}

} // namespace
