// RUN: compress-opt %s --compress-fold-channel-pads --split-input-file | FileCheck %s

// CHECK-LABEL: @pad
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}0.000000e+00, 1.000000e+00, 2.000000e+00], [0.000000e+00, 3.000000e+00, 4.000000e+00]]> : tensor<2x3xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[0.000000e+00, 5.000000e+00, 5.000000e+00]> : tensor<3xf32>
// CHECK: %[[I:.*]] = linalg.broadcast ins(%[[B]] : tensor<3xf32>) outs(%{{.*}} : tensor<8x3xf32>) dimensions = [0]
// CHECK: %[[Y:.*]] = linalg.matmul ins(%{{.*}}, %[[W]] : tensor<8x2xf32>, tensor<2x3xf32>) outs(%[[I]] : tensor<8x3xf32>)
// CHECK-NOT: linalg.matmul
// CHECK: return %[[Y]]
func.func @pad(%x: tensor<8x2xf32>) -> tensor<8x3xf32> {
  %zero = arith.constant 0.0 : f32
  %five = arith.constant 5.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %b = linalg.fill ins(%five : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%b : tensor<8x2xf32>) -> tensor<8x2xf32>
  %p = tensor.pad %y low[0, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x2xf32> to tensor<8x3xf32>
  return %p : tensor<8x3xf32>
}

// -----

// A scatter of two runs.
// CHECK-LABEL: @runs
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[\[\[}}1.000000e+00, 0.000000e+00, 2.000000e+00, 0.000000e+00]]]]> : tensor<1x1x1x4xf32>
// CHECK: %[[Y:.*]] = linalg.conv_2d_nhwc_hwcf {{.*}}ins(%{{.*}}, %[[W]] : tensor<1x4x4x1xf32>, tensor<1x1x1x4xf32>)
// CHECK-NOT: linalg.conv
// CHECK: return %[[Y]]
func.func @runs(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x1xf32>, tensor<1x1x1x2xf32>) outs(%b : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %s0 = tensor.extract_slice %y[0, 0, 0, 0] [1, 4, 4, 1] [1, 1, 1, 1] : tensor<1x4x4x2xf32> to tensor<1x4x4x1xf32>
  %s1 = tensor.extract_slice %y[0, 0, 0, 1] [1, 4, 4, 1] [1, 1, 1, 1] : tensor<1x4x4x2xf32> to tensor<1x4x4x1xf32>
  %p = tensor.pad %s1 low[0, 0, 0, 1] high[0, 0, 0, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x1xf32> to tensor<1x4x4x3xf32>
  %c = tensor.concat dim(3) %s0, %p : (tensor<1x4x4x1xf32>, tensor<1x4x4x3xf32>) -> tensor<1x4x4x4xf32>
  return %c : tensor<1x4x4x4xf32>
}

// -----

// Three vectors of 16 in place of one are more than 1.5 times as many.
// CHECK-LABEL: @costly
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.pad
func.func @costly(%x: tensor<8x2xf32>, %b: tensor<8x2xf32>) -> tensor<8x33xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %p = tensor.pad %y low[0, 31] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x2xf32> to tensor<8x33xf32>
  return %p : tensor<8x33xf32>
}

// -----

// Others read the narrow layer; a pad with another number; a depthwise
// convolution, which would need wider inputs.
// CHECK-LABEL: @stays
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.pad
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.pad
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc {{.*}} -> tensor<1x4x4x2xf32>
// CHECK: tensor.pad
func.func @stays(%x: tensor<8x2xf32>, %d: tensor<1x4x4x2xf32>) -> (tensor<8x2xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x4x4x3xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %v = arith.constant dense<2.0> : tensor<2x2xf32>
  %u = arith.constant dense<1.0> : tensor<1x1x2xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %f = tensor.empty() : tensor<1x4x4x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %p = tensor.pad %y low[0, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x2xf32> to tensor<8x3xf32>
  %t = linalg.matmul ins(%x, %v : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %q = tensor.pad %t low[0, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %one : f32
  } : tensor<8x2xf32> to tensor<8x3xf32>
  %a = linalg.fill ins(%zero : f32) outs(%f : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %g = linalg.depthwise_conv_2d_nhwc_hwc ins(%d, %u : tensor<1x4x4x2xf32>, tensor<1x1x2xf32>) outs(%a : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %r = tensor.pad %g low[0, 0, 0, 1] high[0, 0, 0, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x2xf32> to tensor<1x4x4x3xf32>
  return %y, %p, %q, %r : tensor<8x2xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x4x4x3xf32>
}

// -----

// Open extents, no channels at all, a pad that shifts rows, a layer outside of
// the loop, weights that are computed, channels that stand twice.
// CHECK-LABEL: @others
// CHECK: tensor.pad
// CHECK: tensor.pad
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.pad
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: scf.for
// CHECK: tensor.pad
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.pad
// CHECK: linalg.matmul {{.*}} -> tensor<8x2xf32>
// CHECK: tensor.concat
func.func @others(%x: tensor<8x2xf32>, %v: tensor<2x2xf32>, %open: tensor<8x?xf32>, %scalar: tensor<f32>, %n: index) -> (tensor<8x3xf32>, tensor<f32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %g = tensor.empty() : tensor<8x3xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %p = tensor.pad %open low[0, %n] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x?xf32> to tensor<8x3xf32>
  %q = tensor.pad %scalar low[] high[] {
  ^bb0:
    tensor.yield %zero : f32
  } : tensor<f32> to tensor<f32>
  %y = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%b : tensor<8x2xf32>) -> tensor<8x2xf32>
  %r = tensor.pad %y low[1, 1] high[-1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x2xf32> to tensor<8x3xf32>
  %z = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%b : tensor<8x2xf32>) -> tensor<8x2xf32>
  %s = scf.for %k = %c0 to %n step %c1 iter_args(%a = %g) -> tensor<8x3xf32> {
    %t = tensor.pad %z low[0, 1] high[0, 0] {
    ^bb0(%i: index, %j: index):
      tensor.yield %zero : f32
    } : tensor<8x2xf32> to tensor<8x3xf32>
    scf.yield %t : tensor<8x3xf32>
  }
  %m = linalg.matmul ins(%x, %v : tensor<8x2xf32>, tensor<2x2xf32>) outs(%b : tensor<8x2xf32>) -> tensor<8x2xf32>
  %u = tensor.pad %m low[0, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x2xf32> to tensor<8x3xf32>
  %h = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%b : tensor<8x2xf32>) -> tensor<8x2xf32>
  %o = tensor.concat dim(1) %h, %h : (tensor<8x2xf32>, tensor<8x2xf32>) -> tensor<8x4xf32>
  return %p, %q, %r, %s, %u, %o : tensor<8x3xf32>, tensor<f32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x4xf32>
}
