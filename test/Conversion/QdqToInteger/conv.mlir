// RUN: compress-opt %s --compress-qdq-to-integer --canonicalize --split-input-file | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
!out = !quant.uniform<i8:f32, 0.25:-5>
!w = !quant.uniform<i8:f32:3, {0.5, 0.25}>

// The codes of the weights; the input's zero point goes to the bias:
// (1.0 / (0.5 * 0.5) - 3 * (1 + 3), -2.0 / (0.5 * 0.25) - 3 * (2 + 4)).
// The scale is sx * sw / sy; the relu is the range of the requantization.

// CHECK-LABEL: func @conv
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x4x2xf32>
// CHECK-DAG:     %[[W:[^ ]+]] = arith.constant dense<{{\[\[\[\[}}1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8>
// CHECK-DAG:     %[[B:[^ ]+]] = arith.constant dense<[-8, -34]> : tensor<2xi32>
// CHECK-DAG:     %[[S:[^ ]+]] = arith.constant dense<[1.000000e+00, 5.000000e-01]> : tensor<2xf32>
// CHECK:         %[[QX:[^ ]+]] = linalg.generic {{.*}} ins(%[[X]] : tensor<1x4x4x2xf32>)
// CHECK:           compress.requantize {{.*}} zp(3) range(-128, 127) : f32, f32 -> i8
// CHECK:         %[[INIT:[^ ]+]] = linalg.broadcast ins(%[[B]]
// CHECK:         %[[ACC:[^ ]+]] = linalg.conv_2d_nhwc_hwcf {{.*}} ins(%[[QX]], %[[W]] : {{.*}}) outs(%[[INIT]] : tensor<1x4x4x2xi32>)
// CHECK:         linalg.generic {{.*}} ins(%[[ACC]], %[[S]] :
// CHECK:           compress.requantize {{.*}} zp(-5) range(-5, 127) : i32, f32 -> i8
// CHECK:         linalg.generic
// CHECK:           arith.sitofp
// CHECK:           arith.mulf
func.func @conv(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %wq = arith.constant dense<[[[[1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8>
  %bias = arith.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %ws = quant.scast %wq : tensor<1x1x2x2xi8> to tensor<1x1x2x2x!w>
  %wf = quant.dcast %ws : tensor<1x1x2x2x!w> to tensor<1x1x2x2xf32>
  %q = compress.fake_quant %x {type = !act} : tensor<1x4x4x2xf32>
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %b = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<1x4x4x2xf32>) dimensions = [0, 1, 2]
  %c = linalg.conv_2d_nhwc_hwcf ins(%q, %wf : tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>) outs(%b : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x4x4x2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x2xf32>
  %y = compress.fake_quant %r {type = !out} : tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.5>

// A result that is not quantized: integer sums, dequantized.

// CHECK-LABEL: func @matmul_to_float
// CHECK:         %[[ACC:[^ ]+]] = linalg.matmul ins({{.*}} : tensor<1x4xi8>, tensor<4x2xi8>)
// CHECK:         linalg.generic {{.*}} ins(%[[ACC]] :
// CHECK:           arith.sitofp
// CHECK:           arith.mulf %{{.*}}, %{{.*}} : f32
func.func @matmul_to_float(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %zero = arith.constant 0.0 : f32
  %ws = quant.scast %wq : tensor<4x2xi8> to tensor<4x2x!w>
  %wf = quant.dcast %ws : tensor<4x2x!w> to tensor<4x2xf32>
  %q = compress.fake_quant %x {type = !act} : tensor<1x4xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %c = linalg.matmul ins(%q, %wf : tensor<1x4xf32>, tensor<4x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %c : tensor<1x2xf32>
}
