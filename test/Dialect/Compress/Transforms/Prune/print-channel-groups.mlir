// RUN: split-file %s %t
// RUN: compress-opt %t/residual.mlir --compress-print-channel-groups -o /dev/null | FileCheck %t/residual.mlir
// RUN: compress-opt %t/residual.mlir --compress-print-channel-groups=output=%t/groups.txt -o %t/same.mlir
// RUN: FileCheck %t/residual.mlir < %t/groups.txt
// RUN: compress-opt %t/residual.mlir | diff - %t/same.mlir
// RUN: compress-opt %t/residual.mlir --compress-print-channel-groups=format=dot -o /dev/null | FileCheck %t/residual.mlir --check-prefix=DOT
// RUN: compress-opt %t/flattened.mlir --compress-print-channel-groups -o /dev/null | FileCheck %t/flattened.mlir
// RUN: compress-opt %t/tosa.mlir --compress-print-channel-groups -o /dev/null | FileCheck %t/tosa.mlir
// RUN: not compress-opt %t/residual.mlir --compress-print-channel-groups=format=svg -o %t/none 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not compress-opt %t/residual.mlir --compress-print-channel-groups=output=%t/none/groups.txt -o %t/none 2>&1 | FileCheck %s --check-prefix=OUTPUT
// FORMAT: error: format is text or dot, not svg
// OUTPUT: error: {{.*}}groups.txt
// RUN: not ls %t/none

//--- residual.mlir

// Layers that are added make one group; what their sum goes through makes none.

// CHECK:      group 'conv1': 4 channels of 1 element
// CHECK-NEXT:   made by conv1, conv3
// CHECK-NEXT:   read by conv2, fc
// CHECK-NEXT: group 'conv2': 3 channels of 1 element
// CHECK-NEXT:   made by conv2
// CHECK-NEXT:   read by conv3
// CHECK-NEXT: group 'fc': 2 channels of 1 element, pinned: an output of the network has it
// CHECK-NEXT:   by func.return [[#]]:3
// CHECK-NEXT:   made by fc

// DOT:      digraph groups {
// DOT:        group0 [label="conv1
// DOT-NEXT: 4"]
// DOT:        [[CONV1:layer[0-9]+]] [shape=box, label="conv1"]
// DOT:        [[CONV1]] -> group0
// DOT:        [[CONV3:layer[0-9]+]] [shape=box, label="conv3"]
// DOT:        [[CONV3]] -> group0
// DOT:        group0 -> [[CONV2:layer[0-9]+]]
// DOT:        group1 [label="conv2
// DOT:        [[CONV2]] -> group1
// DOT:        group1 -> [[CONV3]]
// DOT:        group2 [label="fc
// DOT-NEXT: 2
// DOT-NEXT: an output of the network has it", style=filled, fillcolor=grey85]
// DOT:      }
func.func @residual(%x: tensor<1x3x2x2xf32>) -> tensor<1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<0.1> : tensor<4x3x1x1xf32>
  %w2 = arith.constant dense<0.2> : tensor<3x4x1x1xf32>
  %w3 = arith.constant dense<0.3> : tensor<4x3x1x1xf32>
  %w4 = arith.constant dense<0.4> : tensor<4x2xf32>
  %e = tensor.empty() : tensor<1x4x2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %a = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x3x2x2xf32>, tensor<4x3x1x1xf32>) outs(%i : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("conv1")
  %e2 = tensor.empty() : tensor<1x3x2x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %b = linalg.conv_2d_nchw_fchw ins(%a, %w2 : tensor<1x4x2x2xf32>, tensor<3x4x1x1xf32>) outs(%i2 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> loc("conv2")
  %c = linalg.conv_2d_nchw_fchw ins(%b, %w3 : tensor<1x3x2x2xf32>, tensor<4x3x1x1xf32>) outs(%i : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("conv3")
  %s = linalg.add ins(%a, %c : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) outs(%e : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %e3 = tensor.empty() : tensor<1x4xf32>
  %i3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %m = linalg.reduce ins(%s : tensor<1x4x2x2xf32>) outs(%i3 : tensor<1x4xf32>) dimensions = [2, 3]
    (%p: f32, %q: f32) {
      %sum = arith.addf %q, %p : f32
      linalg.yield %sum : f32
    }
  %e4 = tensor.empty() : tensor<1x2xf32>
  %i4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.matmul ins(%m, %w4 : tensor<1x4xf32>, tensor<4x2xf32>) outs(%i4 : tensor<1x2xf32>) -> tensor<1x2xf32> loc("fc")
  return %y : tensor<1x2xf32>
}

//--- flattened.mlir

// A depthwise layer goes on with the channels that it gets; behind a flattening
// a channel is as many elements as it had places. Two layers of one name are
// told apart; a group that no mask can take out says why.

// CHECK:      group 'conv': 3 channels of 4 elements
// CHECK-NEXT:   made by conv, depthwise
// CHECK-NEXT:   read by conv
// CHECK-NEXT: group 'conv#2': 2 channels of 1 element, stays: it adds a number that no bias can take
// CHECK-NEXT:   made by conv
// CHECK-NOT:  group
func.func @flattened(%x: tensor<1x2x2x2xf32>) -> tensor<1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<0.1> : tensor<3x2x1x1xf32>
  %w2 = arith.constant dense<0.2> : tensor<3x1x1xf32>
  %w3 = arith.constant dense<0.3> : tensor<12x2xf32>
  %e = tensor.empty() : tensor<1x3x2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %a = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x2x2x2xf32>, tensor<3x2x1x1xf32>) outs(%i : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> loc("conv")
  %d = linalg.depthwise_conv_2d_nchw_chw ins(%a, %w2 : tensor<1x3x2x2xf32>, tensor<3x1x1xf32>) outs(%i : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> loc("depthwise")
  %f = tensor.collapse_shape %d [[0], [1, 2, 3]] : tensor<1x3x2x2xf32> into tensor<1x12xf32>
  %e2 = tensor.empty() : tensor<1x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%f, %w3 : tensor<1x12xf32>, tensor<12x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32> loc("conv")
  %p = linalg.exp ins(%h : tensor<1x2xf32>) outs(%e2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e1 = tensor.empty() : tensor<1xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1xf32>) -> tensor<1xf32>
  %y = linalg.reduce ins(%p : tensor<1x2xf32>) outs(%i1 : tensor<1xf32>) dimensions = [1]
    (%q: f32, %r: f32) {
      %sum = arith.addf %r, %q : f32
      linalg.yield %sum : f32
    }
  return %y : tensor<1xf32>
}

//--- tosa.mlir

// CHECK:      group 'conv1': 2 channels of 1 element
// CHECK-NEXT:   made by conv1
// CHECK-NEXT:   read by conv2
// CHECK-NEXT: group 'conv2': 3 channels of 1 element, pinned: an output of the network has it
func.func @tosa(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x3xf32> {
  %w1 = "tosa.const"() {values = dense<0.5> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() {values = dense<0.1> : tensor<2xf32>} : () -> tensor<2xf32>
  %w2 = "tosa.const"() {values = dense<0.25> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b2 = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32> loc("conv1")
  %y = tosa.conv2d %h, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<3x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x3xf32> loc("conv2")
  return %y : tensor<1x2x2x3xf32>
}
