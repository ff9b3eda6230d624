// RUN: compress-opt %s --compress-widen-channels --split-input-file | FileCheck %s

// Three channels of zeros, over a relu and a pad.
// CHECK-LABEL: @conv
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]> : tensor<8xf32>
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[\[\[}}6.000000e+00, 6.000000e+00, 6.000000e+00, 6.000000e+00, 6.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]]]]> : tensor<1x1x1x8xf32>
// CHECK-DAG: %[[V:.*]] = arith.constant dense<{{\[\[\[\[}}7.000000e+00], [7.000000e+00], [7.000000e+00], [7.000000e+00], [7.000000e+00], [0.000000e+00], [0.000000e+00], [0.000000e+00]]]]> : tensor<1x1x8x1xf32>
// CHECK: %[[C:.*]] = linalg.conv_2d_nhwc_hwcf ins(%{{.*}}, %[[W]] : {{.*}} -> tensor<1x4x4x8xf32>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[C]] : tensor<1x4x4x8xf32>)
// CHECK: %[[P:.*]] = tensor.pad %[[R]] low[0, 1, 1, 0] high[0, 0, 0, 0]
// CHECK: tensor<1x4x4x8xf32> to tensor<1x5x5x8xf32>
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%[[P]], %[[V]] : {{.*}} -> tensor<1x5x5x1xf32>
func.func @conv(%x: tensor<1x4x4x1xf32>) -> tensor<1x5x5x1xf32> {
  %zero = arith.constant 0.0 : f32
  %b = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
  %w = arith.constant dense<6.0> : tensor<1x1x1x5xf32>
  %v = arith.constant dense<7.0> : tensor<1x1x5x1xf32>
  %e = tensor.empty() : tensor<1x4x4x5xf32>
  %f = tensor.empty() : tensor<1x5x5x1xf32>
  %i = linalg.broadcast ins(%b : tensor<5xf32>) outs(%e : tensor<1x4x4x5xf32>) dimensions = [0, 1, 2]
  %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x1xf32>, tensor<1x1x1x5xf32>) outs(%i : tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%c : tensor<1x4x4x5xf32>) outs(%e : tensor<1x4x4x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x5xf32>
  %p = tensor.pad %r low[0, 1, 1, 0] high[0, 0, 0, 0] {
  ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x5xf32> to tensor<1x5x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%f : tensor<1x5x5x1xf32>) -> tensor<1x5x5x1xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%p, %v : tensor<1x5x5x5xf32>, tensor<1x1x5x1xf32>) outs(%z : tensor<1x5x5x1xf32>) -> tensor<1x5x5x1xf32>
  return %y : tensor<1x5x5x1xf32>
}

// -----

// Fours already, two readers, an input of the network.
// CHECK-LABEL: @stays
// CHECK: linalg.matmul {{.*}} -> tensor<8x4xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<8x5xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: linalg.matmul {{.*}}tensor<8x5xf32>
func.func @stays(%x: tensor<8x2xf32>, %in: tensor<8x5xf32>) -> (tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x5xf32>, tensor<8x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %w4 = arith.constant dense<1.0> : tensor<2x4xf32>
  %v4 = arith.constant dense<2.0> : tensor<4x2xf32>
  %w5 = arith.constant dense<3.0> : tensor<2x5xf32>
  %v5 = arith.constant dense<4.0> : tensor<5x2xf32>
  %e2 = tensor.empty() : tensor<8x2xf32>
  %e4 = tensor.empty() : tensor<8x4xf32>
  %e5 = tensor.empty() : tensor<8x5xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8x2xf32>) -> tensor<8x2xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<8x4xf32>) -> tensor<8x4xf32>
  %z5 = linalg.fill ins(%zero : f32) outs(%e5 : tensor<8x5xf32>) -> tensor<8x5xf32>
  %a = linalg.matmul ins(%x, %w4 : tensor<8x2xf32>, tensor<2x4xf32>) outs(%z4 : tensor<8x4xf32>) -> tensor<8x4xf32>
  %b = linalg.matmul ins(%a, %v4 : tensor<8x4xf32>, tensor<4x2xf32>) outs(%z2 : tensor<8x2xf32>) -> tensor<8x2xf32>
  %c = linalg.matmul ins(%x, %w5 : tensor<8x2xf32>, tensor<2x5xf32>) outs(%z5 : tensor<8x5xf32>) -> tensor<8x5xf32>
  %d = linalg.matmul ins(%c, %v5 : tensor<8x5xf32>, tensor<5x2xf32>) outs(%z2 : tensor<8x2xf32>) -> tensor<8x2xf32>
  %f = linalg.matmul ins(%in, %v5 : tensor<8x5xf32>, tensor<5x2xf32>) outs(%z2 : tensor<8x2xf32>) -> tensor<8x2xf32>
  return %b, %d, %c, %f : tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x5xf32>, tensor<8x2xf32>
}
