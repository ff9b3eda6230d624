// RUN: compress-opt %s --compress-prove-sums --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @fits
func.func @fits(%x: tensor<1x4xi8>) -> tensor<1x2xi32> {
  %w = arith.constant dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2xi32>
  %b = linalg.fill ins(%zero : i32) outs(%e : tensor<1x2xi32>) -> tensor<1x2xi32>
  %y = linalg.matmul ins(%x, %w : tensor<1x4xi8>, tensor<4x2xi8>) outs(%b : tensor<1x2xi32>) -> tensor<1x2xi32>
  return %y : tensor<1x2xi32>
}

// -----

// Both 2^31 - 1 and the bound of the products are within i32, their sum is not.

func.func @bias_does_not_fit(%x: tensor<1x2xi8>) -> tensor<1x2xi32> {
  %w = arith.constant dense<[[1, -1], [1, 1]]> : tensor<2x2xi8>
  %bias = arith.constant dense<[2147483647, 0]> : tensor<2xi32>
  %e = tensor.empty() : tensor<1x2xi32>
  %b = linalg.broadcast ins(%bias : tensor<2xi32>) outs(%e : tensor<1x2xi32>) dimensions = [0]
  // expected-error @below {{requires sums that fit in i32, but channel 0 may reach}}
  %y = linalg.matmul ins(%x, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%b : tensor<1x2xi32>) -> tensor<1x2xi32>
  return %y : tensor<1x2xi32>
}
