// Ops of TOSA in f32, exported and compiled again, give the bits that they gave.
// RUN: rm -rf %t && mkdir %t && head -c 2880 %digits/digits_float.onnx > %t/bytes
// RUN: compressc %s --emit=onnx -q -o %t/ops.onnx
// RUN: compress-run compare %s %t/ops.onnx --data=raw:%t/bytes,10x9x8x4 --mean=128 --std=64 | FileCheck %s
// CHECK-COUNT-10: sqnr_db=inf max_abs=0
// CHECK: agreement=100.00 sqnr_db=inf max_abs=0 n=10

func.func @main(%x: tensor<1x9x8x4xf32>) -> (tensor<1x5x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x9x8x8xf32>, tensor<1x18x16x3xf32>, tensor<1x9x32xf32>, tensor<1x9x1x4xf32>, tensor<1x10x8x8xf32>, tensor<1x17x15x4xf32>, tensor<1x9x8xi32>, tensor<1x9x8x8xf32>) {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %a = tosa.avg_pool2d %x, %zp, %zp {acc_type = f32, kernel = array<i64: 3, 2>, pad = array<i64: 1, 1, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x9x8x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x4x4xf32>
  %b = tosa.max_pool2d %x {kernel = array<i64: 3, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>, nan_mode = PROPAGATE} : (tensor<1x9x8x4xf32>) -> tensor<1x4x4x4xf32>
  %dw = "tosa.const"() <{values = dense<[[[[1.0, 2.0], [3.0, 4.0], [0.5, -1.0], [2.0, 0.25]]]]> : tensor<1x1x4x2xf32>}> : () -> tensor<1x1x4x2xf32>
  %db = "tosa.const"() <{values = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>}> : () -> tensor<8xf32>
  %c = tosa.depthwise_conv2d %x, %dw, %db, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x9x8x4xf32>, tensor<1x1x4x2xf32>, tensor<8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x9x8x8xf32>
  %tw = "tosa.const"() <{values = dense<0.25> : tensor<3x2x2x4xf32>}> : () -> tensor<3x2x2x4xf32>
  %tb = "tosa.const"() <{values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>}> : () -> tensor<3xf32>
  %d = tosa.transpose_conv2d %x, %tw, %tb, %zp, %zp {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x9x8x4xf32>, tensor<3x2x2x4xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x18x16x3xf32>
  %sh = tosa.const_shape {values = dense<[1, 9, 32]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %e = tosa.reshape %x, %sh : (tensor<1x9x8x4xf32>, !tosa.shape<3>) -> tensor<1x9x32xf32>
  %e1 = tosa.sigmoid %e : (tensor<1x9x32xf32>) -> tensor<1x9x32xf32>
  %e2 = tosa.tanh %e1 : (tensor<1x9x32xf32>) -> tensor<1x9x32xf32>
  %e3 = tosa.exp %e2 : (tensor<1x9x32xf32>) -> tensor<1x9x32xf32>
  %f = tosa.reduce_sum %x {axis = 2 : i32} : (tensor<1x9x8x4xf32>) -> tensor<1x9x1x4xf32>
  %fa = tosa.abs %f : (tensor<1x9x1x4xf32>) -> tensor<1x9x1x4xf32>
  %f3 = tosa.add %f, %fa : (tensor<1x9x1x4xf32>, tensor<1x9x1x4xf32>) -> tensor<1x9x1x4xf32>
  %pads = tosa.const_shape {values = dense<[0, 0, 1, 0, 0, 0, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %g = tosa.concat %x, %x {axis = 3 : i32} : (tensor<1x9x8x4xf32>, tensor<1x9x8x4xf32>) -> tensor<1x9x8x8xf32>
  %g1 = tosa.pad %g, %pads, %zp : (tensor<1x9x8x8xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x10x8x8xf32>
  %sc = tosa.const_shape {values = dense<[16, 8, 14, 7]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %of = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %h = tosa.resize %x, %sc, %of, %of {mode = BILINEAR} : (tensor<1x9x8x4xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x17x15x4xf32>
  %i = tosa.argmax %x {axis = 3 : i32, nan_mode = PROPAGATE} : (tensor<1x9x8x4xf32>) -> tensor<1x9x8xi32>
  %rv = tosa.reverse %g {axis = 1 : i32} : (tensor<1x9x8x8xf32>) -> tensor<1x9x8x8xf32>
  %cmp = tosa.greater %rv, %c : (tensor<1x9x8x8xf32>, tensor<1x9x8x8xf32>) -> tensor<1x9x8x8xi1>
  %j = tosa.select %cmp, %rv, %g : (tensor<1x9x8x8xi1>, tensor<1x9x8x8xf32>, tensor<1x9x8x8xf32>) -> tensor<1x9x8x8xf32>
  return %a, %b, %c, %d, %e3, %f3, %g1, %h, %i, %j : tensor<1x5x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x9x8x8xf32>, tensor<1x18x16x3xf32>, tensor<1x9x32xf32>, tensor<1x9x1x4xf32>, tensor<1x10x8x8xf32>, tensor<1x17x15x4xf32>, tensor<1x9x8xi32>, tensor<1x9x8x8xf32>
}
