// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s

// Shapes that are not known leave ops as they are: reading a file makes them
// static.

// CHECK-LABEL: func @transpose_conv
// CHECK:         tosa.transpose_conv2d
func.func @transpose_conv(%x: tensor<?x3x3x2xf32>, %w: tensor<4x3x3x2xf32>, %b: tensor<4xf32>) -> tensor<?x7x7x4xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.transpose_conv2d %x, %w, %b, %z, %z {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<?x3x3x2xf32>, tensor<4x3x3x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x7x7x4xf32>
  return %y : tensor<?x7x7x4xf32>
}

// CHECK-LABEL: func @scatter
// CHECK:         tosa.scatter
func.func @scatter(%v: tensor<?x4x2xi8>, %i: tensor<?x3xi32>, %x: tensor<?x3x2xi8>) -> tensor<?x4x2xi8> {
  %y = tosa.scatter %v, %i, %x : (tensor<?x4x2xi8>, tensor<?x3xi32>, tensor<?x3x2xi8>) -> tensor<?x4x2xi8>
  return %y : tensor<?x4x2xi8>
}

// A pad needs its amounts only.

// CHECK-LABEL: func @pad
// CHECK:         tensor.pad %{{.+}} low[0, 1] high[0, 2]
func.func @pad(%x: tensor<?x4xi8>) -> tensor<?x7xi8> {
  %s = tosa.const_shape {values = dense<[0, 0, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.pad %x, %s, %z : (tensor<?x4xi8>, !tosa.shape<4>, tensor<1xi8>) -> tensor<?x7xi8>
  return %y : tensor<?x7xi8>
}
