// RUN: split-file %s %t
// RUN: compress-opt %t/example.mlir --compress-order-channels | FileCheck %t/example.mlir
// RUN: compress-opt %t/example.mlir --compress-order-channels --remarks-filter=compress --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: compress-opt %t/output.mlir --compress-order-channels | FileCheck %t/output.mlir
// REMARK: channels in another order: what is added to part of a sum goes there in 2 pieces, not 3

//--- example.mlir

// Of the four channels of the sum %s one branch goes to 0 and 2, the other to 1
// and 2. In the order 3, 1, 2, 0 of a Gray code both are side by side: the first
// at 2 and 3, the second at 1 and 2. The stem's columns, the branches' and the
// rows of what reads the sum follow.

// CHECK-LABEL: func @example
// CHECK-DAG: %[[STEM:.+]] = arith.constant dense<{{\[\[}}4.000000e+00, 2.000000e+00, 3.000000e+00, 1.000000e+00]]>
// CHECK-DAG: %[[FIRST:.+]] = arith.constant dense<{{\[\[}}6.000000e+00, 5.000000e+00]]>
// CHECK-DAG: %[[SECOND:.+]] = arith.constant dense<{{\[\[}}7.000000e+00, 8.000000e+00]]>
// CHECK-DAG: %[[HEAD:.+]] = arith.constant dense<{{\[\[}}1.300000e+01], [1.100000e+01], [1.200000e+01], [1.000000e+01]]>
// CHECK-DAG: %[[X:.+]] = linalg.matmul ins(%{{.+}}, %[[STEM]]
// CHECK-DAG: %[[A:.+]] = linalg.matmul ins(%{{.+}}, %[[FIRST]]
// CHECK-DAG: %[[B:.+]] = linalg.matmul ins(%{{.+}}, %[[SECOND]]
// CHECK-DAG: compress.scatter_channels %[[A]] {axis = 1 : i64, indices = array<i64: 2, 3>}
// CHECK-DAG: compress.scatter_channels %[[B]] {axis = 1 : i64, indices = array<i64: 1, 2>}
// CHECK: linalg.matmul ins(%{{.+}}, %[[HEAD]]
func.func @example(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %stem = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %first = arith.constant dense<[[5.0, 6.0]]> : tensor<1x2xf32>
  %second = arith.constant dense<[[7.0, 8.0]]> : tensor<1x2xf32>
  %head = arith.constant dense<[[10.0], [11.0], [12.0], [13.0]]> : tensor<4x1xf32>
  %e4 = tensor.empty() : tensor<1x4xf32>
  %i4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %e2 = tensor.empty() : tensor<1x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e1 = tensor.empty() : tensor<1x1xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %s0 = linalg.matmul ins(%x, %stem : tensor<1x1xf32>, tensor<1x4xf32>) outs(%i4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a = linalg.matmul ins(%x, %first : tensor<1x1xf32>, tensor<1x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %aw = compress.scatter_channels %a {axis = 1 : i64, indices = array<i64: 0, 2>} : tensor<1x2xf32> -> tensor<1x4xf32>
  %s1 = linalg.add ins(%s0, %aw : tensor<1x4xf32>, tensor<1x4xf32>) outs(%e4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %b = linalg.matmul ins(%x, %second : tensor<1x1xf32>, tensor<1x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %bw = compress.scatter_channels %b {axis = 1 : i64, indices = array<i64: 1, 2>} : tensor<1x2xf32> -> tensor<1x4xf32>
  %s = linalg.add ins(%s1, %bw : tensor<1x4xf32>, tensor<1x4xf32>) outs(%e4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = linalg.matmul ins(%s, %head : tensor<1x4xf32>, tensor<4x1xf32>) outs(%i1 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

//--- output.mlir

// The sum is an output: its channels keep their places.

// CHECK-LABEL: func @output
// CHECK: compress.scatter_channels %{{.+}} {axis = 1 : i64, indices = array<i64: 0, 2>}
func.func @output(%x: tensor<1x1xf32>) -> tensor<1x4xf32> {
  %zero = arith.constant 0.0 : f32
  %stem = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %first = arith.constant dense<[[5.0, 6.0]]> : tensor<1x2xf32>
  %e4 = tensor.empty() : tensor<1x4xf32>
  %i4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %e2 = tensor.empty() : tensor<1x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %s0 = linalg.matmul ins(%x, %stem : tensor<1x1xf32>, tensor<1x4xf32>) outs(%i4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a = linalg.matmul ins(%x, %first : tensor<1x1xf32>, tensor<1x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %aw = compress.scatter_channels %a {axis = 1 : i64, indices = array<i64: 0, 2>} : tensor<1x2xf32> -> tensor<1x4xf32>
  %s = linalg.add ins(%s0, %aw : tensor<1x4xf32>, tensor<1x4xf32>) outs(%e4 : tensor<1x4xf32>) -> tensor<1x4xf32>
  return %s : tensor<1x4xf32>
}
