//===- OnnxExportInvalidTest.cpp - what cannot be written as ONNX ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExportedModel.h"
#include "gtest/gtest.h"

using namespace mlir::compress::test;

namespace {

/// Expects one error with `text`.
void expectError(const std::string &source, const std::string &text) {
  ExportedModel m(source);
  EXPECT_TRUE(m.bytes.empty());
  EXPECT_EQ(llvm::StringRef(m.errors).count('\n'), 1u) << m.errors;
  EXPECT_NE(m.errors.find(text), std::string::npos) << m.errors;
}

TEST(OnnxExportInvalid, BodyWithoutOperator) {
  expectError(R"(
    #id = affine_map<(d0) -> (d0)>
    func.func @main(%x: tensor<4xi32>) -> tensor<4xi32> {
      %e = tensor.empty() : tensor<4xi32>
      %y = linalg.generic {indexing_maps = [#id, #id],
          iterator_types = ["parallel"]}
          ins(%x : tensor<4xi32>) outs(%e : tensor<4xi32>) {
      ^bb0(%a: i32, %o: i32):
        %0 = arith.shli %a, %a : i32
        linalg.yield %0 : i32
      } -> tensor<4xi32>
      return %y : tensor<4xi32>
    })",
              "'linalg.generic' op cannot be written as ONNX: its body holds "
              "'arith.shli'");
}

TEST(OnnxExportInvalid, IntegerProduct) {
  expectError(R"(
    func.func @main(%x: tensor<2x3xi8>, %w: tensor<3x2xi8>)
        -> tensor<2x2xi32> {
      %c0 = arith.constant 0 : i32
      %e = tensor.empty() : tensor<2x2xi32>
      %z = linalg.fill ins(%c0 : i32) outs(%e : tensor<2x2xi32>)
          -> tensor<2x2xi32>
      %y = linalg.matmul ins(%x, %w : tensor<2x3xi8>, tensor<3x2xi8>)
          outs(%z : tensor<2x2xi32>) -> tensor<2x2xi32>
      return %y : tensor<2x2xi32>
    })",
              "give the model as it was before it was lowered to integers");
}

TEST(OnnxExportInvalid, OpenShape) {
  expectError("func.func @main(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {\n"
              "  return %x : tensor<?x3xf32>\n}",
              "its input 0 is no tensor of static shape");
}

TEST(OnnxExportInvalid, ControlFlow) {
  expectError(R"(
    func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %y = scf.for %i = %c0 to %c1 step %c1 iter_args(%a = %x)
          -> tensor<3xf32> {
        scf.yield %a : tensor<3xf32>
      }
      return %y : tensor<3xf32>
    })",
              "'scf.for' op cannot be written as ONNX: it has no operator");
}

TEST(OnnxExportInvalid, FoldedQuantization) {
  expectError(R"(
    !q = !quant.uniform<i8:f32, 1.0>
    func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
      %a = quant.qcast %x : tensor<3xf32> to tensor<3x!q>
      %y = quant.dcast %a : tensor<3x!q> to tensor<3xf32>
      return %y : tensor<3xf32>
    })",
              "'quant.qcast' op cannot be written as ONNX");
}

TEST(OnnxExportInvalid, UnknownReduction) {
  expectError(R"(
    #id = affine_map<(d0, d1) -> (d0, d1)>
    #r = affine_map<(d0, d1) -> (d0)>
    func.func @main(%x: tensor<2x3xf32>, %z: tensor<2xf32>) -> tensor<2xf32> {
      %y = linalg.generic {indexing_maps = [#id, #r],
          iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<2x3xf32>) outs(%z : tensor<2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.divf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<2xf32>
      return %y : tensor<2xf32>
    })",
              "it reduces by something else than a sum");
}

TEST(OnnxExportInvalid, NoFunction) {
  ExportedModel m("module {}");
  EXPECT_TRUE(m.bytes.empty());
  EXPECT_FALSE(m.errors.empty());
}

} // namespace
