// RUN: compress-opt %s --compress-qdq-to-integer --canonicalize --split-input-file | FileCheck %s

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.25:-7>
!y = !quant.uniform<i8:f32, 0.125:1>
#id = affine_map<(a, b) -> (a, b)>

// f32(a - za) * (sa / sy) + f32(b - zb) * (sb / sy), rounded with scale 1.

// CHECK-LABEL: func @add
// CHECK-DAG:     %[[SA:.+]] = arith.constant 4.000000e+00 : f32
// CHECK-DAG:     %[[SB:.+]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG:     %[[ONE:.+]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[FA:.+]] = arith.sitofp
// CHECK:         %[[VA:.+]] = arith.mulf %[[FA]], %[[SA]]
// CHECK:         %[[FB:.+]] = arith.sitofp
// CHECK:         %[[VB:.+]] = arith.mulf %[[FB]], %[[SB]]
// CHECK:         arith.addf %[[VA]], %[[VB]]
// CHECK:         compress.requantize %{{.+}}, %[[ONE]] zp(1) range(-128, 127) : f32, f32 -> i8
func.func @add(%x: tensor<4x2xf32>, %y: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %p = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %q = compress.fake_quant %y {type = !b} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %s = linalg.add ins(%p, %q : tensor<4x2xf32>, tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %r = compress.fake_quant %s {type = !y} : tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.25:-7>
!y = !quant.uniform<i8:f32, 0.125:1>

// CHECK-LABEL: func @mul
// CHECK-DAG:     %[[S:.+]] = arith.constant 1.000000e+00 : f32
// CHECK:         arith.muli %{{.*}}, %{{.*}} : i32
// CHECK:         compress.requantize %{{.+}}, %[[S]] zp(1) range(-128, 127) : i32, f32 -> i8
func.func @mul(%x: tensor<4x2xf32>, %y: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %p = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %q = compress.fake_quant %y {type = !b} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %s = linalg.mul ins(%p, %q : tensor<4x2xf32>, tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %r = compress.fake_quant %s {type = !y} : tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!y = !quant.uniform<i8:f32, 0.25:1>

// An average is an exact integer sum that starts from -zp * count; its divisor
// is in the scale: 0.5 / 16 / 0.25.

// CHECK-LABEL: func @average
// CHECK-DAG:     %[[START:.+]] = arith.constant -48 : i32
// CHECK-DAG:     %[[S:.+]] = arith.constant 1.250000e-01 : f32
// CHECK:         %[[INIT:.+]] = linalg.fill ins(%[[START]] : i32)
// CHECK:         linalg.pooling_nhwc_sum {{.*}} outs(%[[INIT]] : tensor<1x1x1x2xi32>)
// CHECK:         compress.requantize %{{.+}}, %[[S]] zp(1) range(-128, 127) : i32, f32 -> i8
func.func @average(%x: tensor<1x4x4x2xf32>) -> tensor<1x1x1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %count = arith.constant 16.0 : f32
  %p = compress.fake_quant %x {type = !a} : tensor<1x4x4x2xf32>
  %e = tensor.empty() : tensor<1x1x1x2xf32>
  %w = tensor.empty() : tensor<4x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  %s = linalg.pooling_nhwc_sum {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%p, %w : tensor<1x4x4x2xf32>, tensor<4x4xf32>) outs(%i : tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s : tensor<1x1x1x2xf32>) outs(%e : tensor<1x1x1x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %d = arith.divf %in, %count : f32
    linalg.yield %d : f32
  } -> tensor<1x1x1x2xf32>
  %r = compress.fake_quant %m {type = !y} : tensor<1x1x1x2xf32>
  return %r : tensor<1x1x1x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.25:-7>
!y = !quant.uniform<i8:f32, 0.125:1>

// A constant that multiplies an addition is the scale of its requantization.

// CHECK-LABEL: func @scaled_add
// CHECK-DAG:     %[[S:.+]] = arith.constant 7.500000e-01 : f32
// CHECK:         arith.addf
// CHECK:         compress.requantize %{{.+}}, %[[S]] zp(1) range(-128, 127) : f32, f32 -> i8
func.func @scaled_add(%x: tensor<4x2xf32>, %y: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %factor = arith.constant 0.75 : f32
  %p = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %q = compress.fake_quant %y {type = !b} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %s = linalg.add ins(%p, %q : tensor<4x2xf32>, tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %f = arith.mulf %in, %factor : f32
    linalg.yield %f : f32
  } -> tensor<4x2xf32>
  %r = compress.fake_quant %m {type = !y} : tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}
