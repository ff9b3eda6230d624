// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=FORM

// With a bias for each channel the zero point goes into the bias.

// CHECK-LABEL: func @shared_bias
// CHECK:         %[[B:.+]] = "tosa.const"() <{values = dense<7> : tensor<2xi32>}>
// CHECK:         tosa.conv2d %{{.+}}, %{{.+}}, %[[B]],
// FORM-LABEL: func @shared_bias
// FORM:         arith.constant dense<[1, -2]> : tensor<2xi32>
// FORM:         linalg.conv_2d_nhwc_hwcf {
func.func @shared_bias(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x2xi32> {
  %w = "tosa.const"() <{values = dense<[[[[2]]], [[[3]]]]> : tensor<2x1x1x1xi8>}> : () -> tensor<2x1x1x1xi8>
  %b = "tosa.const"() <{values = dense<7> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zx = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zw = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.conv2d %x, %w, %b, %zx, %zw {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x2x2xi32>
  return %y : tensor<1x2x2x2xi32>
}

// CHECK-LABEL: func @depthwise
// CHECK:         "tosa.const"() <{values = dense<7> : tensor<2xi32>}>
func.func @depthwise(%x: tensor<1x2x2x2xi8>, %w: tensor<1x1x2x1xi8>) -> tensor<1x2x2x2xi32> {
  %b = "tosa.const"() <{values = dense<7> : tensor<1xi32>}> : () -> tensor<1xi32>
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xi8>, tensor<1x1x2x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x2x2xi32>
  return %y : tensor<1x2x2x2xi32>
}

// A bias that is not known stays shared.

// CHECK-LABEL: func @variable
// CHECK-SAME:    %[[B:[^:]+]]: tensor<1xi32>)
// CHECK:         tosa.conv2d %{{.+}}, %{{.+}}, %[[B]],
func.func @variable(%x: tensor<1x2x2x1xi8>, %w: tensor<2x1x1x1xi8>, %b: tensor<1xi32>) -> tensor<1x2x2x2xi32> {
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x2x2xi32>
  return %y : tensor<1x2x2x2xi32>
}

// Weights of 4 bits become i8, and the bias is repeated all the same.

// CHECK-LABEL: func @int4
// CHECK-DAG:     %[[W:.+]] = "tosa.const"() <{values = dense<{{\[\[\[\[}}-7]]], {{\[\[\[}}3]]]]> : tensor<2x1x1x1xi8>}>
// CHECK-DAG:     %[[Z:.+]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK-DAG:     %[[B:.+]] = "tosa.const"() <{values = dense<7> : tensor<2xi32>}>
// CHECK:         tosa.conv2d %{{.+}}, %[[W]], %[[B]], %{{.+}}, %[[Z]]
func.func @int4(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x2xi32> {
  %w = "tosa.const"() <{values = dense<[[[[-7]]], [[[3]]]]> : tensor<2x1x1x1xi4>}> : () -> tensor<2x1x1x1xi4>
  %b = "tosa.const"() <{values = dense<7> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zx = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zw = "tosa.const"() <{values = dense<0> : tensor<1xi4>}> : () -> tensor<1xi4>
  %y = tosa.conv2d %x, %w, %b, %zx, %zw {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi4>, tensor<1xi32>, tensor<1xi8>, tensor<1xi4>) -> tensor<1x2x2x2xi32>
  return %y : tensor<1x2x2x2xi32>
}

// Any rounding will do, so the exact one does.

// CHECK-LABEL: func @inexact
// CHECK:         tosa.rescale {{.*}}rounding_mode = SINGLE_ROUND
func.func @inexact(%x: tensor<4xi32>) -> tensor<4xi8> {
  %m = "tosa.const"() <{values = dense<1073741824> : tensor<1xi32>}> : () -> tensor<1xi32>
  %s = "tosa.const"() <{values = dense<38> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zi = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zo = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.rescale %x, %m, %s, %zi, %zo {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = INEXACT_ROUND, scale32 = true} : (tensor<4xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<4xi8>
  return %y : tensor<4xi8>
}
