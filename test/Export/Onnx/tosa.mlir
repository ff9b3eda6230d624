// TOSA is exported too: convolutions in NHWC become ones in NCHW, and the
// transposes around them are gone.
// RUN: compressc %s --emit=onnx -q -o %t.onnx
// RUN: compressc %t.onnx --emit=model -q -o - | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME:    %[[X:.+]]: tensor<1x3x8x8xf32> {compress.name = "image"}
// CHECK:         %[[PAD:.+]] = tensor.pad %[[X]] low[0, 0, 1, 1] high[0, 0, 1, 1]
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.conv_2d_nchw_fchw {{.*}} ins(%[[PAD]], %{{.+}} : tensor<1x3x10x10xf32>, tensor<4x3x3x3xf32>)
// CHECK:         arith.maximumf
// CHECK-NOT:     linalg.transpose
// CHECK:         return
func.func @main(%x: tensor<1x3x8x8xf32> {tosa.tensor_name = "image"}) -> tensor<1x4x8x8xf32> {
  %w = "tosa.const"() <{values = dense<0.5> : tensor<4x3x3x3xf32>}> : () -> tensor<4x3x3x3xf32>
  %b = "tosa.const"() <{values = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}> : () -> tensor<4xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %n = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  %c = tosa.conv2d %n, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x8x4xf32>
  %r = tosa.clamp %c {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %t = tosa.transpose %r {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x8x8xf32>
  return %t : tensor<1x4x8x8xf32>
}
