// RUN: compress-opt %s --compress-prepare-tosa --canonicalize | FileCheck %s
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=FORM

// The example of the description: one divisor where no window leaves the image.

// CHECK-LABEL: func @average
// CHECK-SAME:    %[[X:.+]]: tensor<1x8x8x16xf32>
// CHECK-DAG:     %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[COUNT:.+]] = arith.constant 6.400000e+01 : f32
// CHECK-DAG:     %[[WINDOW:.+]] = tensor.empty() : tensor<8x8xf32>
// CHECK:         %[[INIT:.+]] = linalg.fill ins(%[[ZERO]]
// CHECK:         %[[S:.+]] = linalg.pooling_nhwc_sum {dilations = dense<1> : tensor<2xi64>, strides = dense<8> : tensor<2xi64>} ins(%[[X]], %[[WINDOW]] : {{.*}}) outs(%[[INIT]]
// CHECK:         linalg.generic {{.*}} ins(%[[S]] : tensor<1x1x1x16xf32>)
// CHECK:           arith.divf %{{.+}}, %[[COUNT]]
// FORM-LABEL: func @average
// FORM-NOT:     tosa
// FORM-NOT:     linalg.index
// FORM:         linalg.pooling_nhwc_sum
func.func @average(%x: tensor<1x8x8x16xf32>) -> tensor<1x1x1x16xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.avg_pool2d %x, %zp, %zp {acc_type = f32, kernel = array<i64: 8, 8>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 8, 8>} : (tensor<1x8x8x16xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x16xf32>
  return %y : tensor<1x1x1x16xf32>
}

// Padding is not counted: 4 elements in the corners, 6 at the sides, 9 inside.

// CHECK-LABEL: func @average_padded
// CHECK-SAME:    %[[X:.+]]: tensor<1x3x3x2xf32>
// CHECK-DAG:     %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[COUNTS:.+]] = arith.constant dense<{{\[\[}}4.000000e+00, 6.000000e+00, 4.000000e+00], [6.000000e+00, 9.000000e+00, 6.000000e+00], [4.000000e+00, 6.000000e+00, 4.000000e+00]]> : tensor<3x3xf32>
// CHECK:         %[[P:.+]] = tensor.pad %[[X]] low[0, 1, 1, 0] high[0, 1, 1, 0]
// CHECK:           tensor.yield %[[ZERO]]
// CHECK:         %[[S:.+]] = linalg.pooling_nhwc_sum {{.*}} ins(%[[P]],
// CHECK:         linalg.generic {{.*}} ins(%[[S]], %[[COUNTS]] :
// CHECK:           arith.divf
// FORM-LABEL: func @average_padded
// FORM-NOT:     linalg.index
func.func @average_padded(%x: tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.avg_pool2d %x, %zp, %zp {acc_type = f32, kernel = array<i64: 3, 3>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x3x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x3x2xf32>
  return %y : tensor<1x3x3x2xf32>
}

// Top 1, bottom 0, left 0, right 1; stride 2: rows see 1 and 2, columns 2 and 2.

// CHECK-LABEL: func @average_one_sided
// CHECK-DAG:     arith.constant dense<{{\[\[}}2.000000e+00, 2.000000e+00], [4.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK:         tensor.pad %{{.+}} low[0, 1, 0, 0] high[0, 0, 0, 0]
func.func @average_one_sided(%x: tensor<1x3x4x1xf32>) -> tensor<1x2x2x1xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.avg_pool2d %x, %zp, %zp {acc_type = f32, kernel = array<i64: 2, 2>, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x3x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// A mean over the image is one sum.

// CHECK-LABEL: func @mean
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x5x3xf32>
// CHECK:         %[[S:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "reduction", "parallel"]} ins(%[[X]] : {{.*}}) outs(%{{.+}} : tensor<1x3xf32>)
// CHECK:           arith.addf
// CHECK:         %[[Y:.+]] = tensor.expand_shape %[[S]] {{\[\[}}0, 1, 2], [3]] output_shape [1, 1, 1, 3]
// CHECK:         return %[[Y]]
func.func @mean(%x: tensor<1x4x5x3xf32>) -> tensor<1x1x1x3xf32> {
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<1x4x5x3xf32>) -> tensor<1x1x5x3xf32>
  %y = tosa.reduce_sum %a {axis = 2 : i32} : (tensor<1x1x5x3xf32>) -> tensor<1x1x1x3xf32>
  return %y : tensor<1x1x1x3xf32>
}

// Leading dimensions have no kept one before them.

// CHECK-LABEL: func @sum_leading
// CHECK:         tensor.expand_shape %{{.+}} {{\[\[}}0, 1, 2]] output_shape [1, 1, 3] : tensor<3xf32> into tensor<1x1x3xf32>
func.func @sum_leading(%x: tensor<2x4x3xf32>) -> tensor<1x1x3xf32> {
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<2x4x3xf32>) -> tensor<2x1x3xf32>
  %y = tosa.reduce_sum %a {axis = 0 : i32} : (tensor<2x1x3xf32>) -> tensor<1x1x3xf32>
  return %y : tensor<1x1x3xf32>
}

// CHECK-LABEL: func @sum_all
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<f32>)
// CHECK:         tensor.expand_shape %{{.+}} [] output_shape [1, 1] : tensor<f32> into tensor<1x1xf32>
func.func @sum_all(%x: tensor<2x4xf32>) -> tensor<1x1xf32> {
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = tosa.reduce_sum %a {axis = 0 : i32} : (tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

//===----------------------------------------------------------------------===//
// What is left to upstream
//===----------------------------------------------------------------------===//

// The sum in between has another reader; and one dimension is upstream's.

// CHECK-LABEL: func @sum_used
// CHECK-COUNT-2: tosa.reduce_sum
func.func @sum_used(%x: tensor<1x4x5x3xf32>) -> (tensor<1x1x5x3xf32>, tensor<1x1x1x3xf32>) {
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<1x4x5x3xf32>) -> tensor<1x1x5x3xf32>
  %y = tosa.reduce_sum %a {axis = 2 : i32} : (tensor<1x1x5x3xf32>) -> tensor<1x1x1x3xf32>
  return %a, %y : tensor<1x1x5x3xf32>, tensor<1x1x1x3xf32>
}

// CHECK-LABEL: func @sum_int
// CHECK-COUNT-2: tosa.reduce_sum
func.func @sum_int(%x: tensor<1x4x5x3xi32>) -> tensor<1x1x1x3xi32> {
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<1x4x5x3xi32>) -> tensor<1x1x5x3xi32>
  %y = tosa.reduce_sum %a {axis = 2 : i32} : (tensor<1x1x5x3xi32>) -> tensor<1x1x1x3xi32>
  return %y : tensor<1x1x1x3xi32>
}

//===----------------------------------------------------------------------===//
// Averages
//===----------------------------------------------------------------------===//

// Integer averages keep TOSA's own rounding.

// CHECK-LABEL: func @average_int8
// CHECK:         tosa.avg_pool2d
// FORM-LABEL: func @average_int8
// FORM:         tosa.apply_scale {{.*}} {rounding_mode = SINGLE_ROUND}
func.func @average_int8(%x: tensor<1x8x8x16xi8>) -> tensor<1x1x1x16xi8> {
  %zp = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.avg_pool2d %x, %zp, %zp {acc_type = i32, kernel = array<i64: 8, 8>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 8, 8>} : (tensor<1x8x8x16xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x1x16xi8>
  return %y : tensor<1x1x1x16xi8>
}

// CHECK-LABEL: func @average_dynamic
// CHECK:         tosa.avg_pool2d
func.func @average_dynamic(%x: tensor<?x8x8x16xf32>) -> tensor<?x1x1x16xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.avg_pool2d %x, %zp, %zp {acc_type = f32, kernel = array<i64: 8, 8>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 8, 8>} : (tensor<?x8x8x16xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x16xf32>
  return %y : tensor<?x1x1x16xf32>
}

// CHECK-LABEL: func @maximum
// CHECK:         tosa.max_pool2d
// FORM-LABEL: func @maximum
// FORM:         linalg.pooling_nhwc_max
func.func @maximum(%x: tensor<1x8x8x16xf32>) -> tensor<1x1x1x16xf32> {
  %y = tosa.max_pool2d %x {kernel = array<i64: 8, 8>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 8, 8>} : (tensor<1x8x8x16xf32>) -> tensor<1x1x1x16xf32>
  return %y : tensor<1x1x1x16xf32>
}
