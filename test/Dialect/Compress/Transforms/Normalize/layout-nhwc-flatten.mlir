// RUN: compress-opt %s --compress-layout-nhwc --canonicalize | FileCheck %s

// What a flatten of an image costs: nothing, where its readers multiply with
// constants. The image has 2 channels, 1 row and 3 columns: feature 3 c + x of
// the model is feature 2 x + c in NHWC.

#id2 = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func @dense
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}0.000000e+00], [3.000000e+00], [1.000000e+00], [4.000000e+00], [2.000000e+00], [5.000000e+00]]> : tensor<6x1xf32>
// CHECK:         %[[P:.+]] = linalg.pooling_nhwc_max
// CHECK:         %[[F:.+]] = tensor.collapse_shape %[[P]] {{\[\[}}0], [1, 2, 3]] : tensor<1x1x3x2xf32> into tensor<1x6xf32>
// CHECK:         linalg.matmul ins(%[[F]], %[[W]]
func.func @dense(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = arith.constant dense<[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]> : tensor<6x1xf32>
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  %y = linalg.matmul ins(%f, %w : tensor<1x6xf32>, tensor<6x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Activations and fake quantizations in between move before the flatten, and
// quantized weights behind a transpose are reordered as codes.

// CHECK-LABEL: func @quantized
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}0], [3], [1], [4], [2], [5]]> : tensor<6x1xi8>
// CHECK:         %[[P:.+]] = linalg.pooling_nhwc_max
// CHECK:         %[[R:.+]] = linalg.generic {{.*}} ins(%[[P]] : tensor<1x1x3x2xf32>)
// CHECK:         %[[Q:.+]] = compress.fake_quant %[[R]] {{.*}} : tensor<1x1x3x2xf32>
// CHECK:         %[[F:.+]] = tensor.collapse_shape %[[Q]] {{\[\[}}0], [1, 2, 3]]
// CHECK:         %[[S:.+]] = quant.scast %[[W]]
// CHECK:         %[[D:.+]] = quant.dcast %[[S]]
// CHECK:         linalg.matmul ins(%[[F]], %[[D]]
func.func @quantized(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %wq = arith.constant dense<[[0, 1, 2, 3, 4, 5]]> : tensor<1x6xi8>
  %ws = quant.scast %wq : tensor<1x6xi8> to tensor<1x6x!quant.uniform<i8:f32, 0.5>>
  %wd = quant.dcast %ws : tensor<1x6x!quant.uniform<i8:f32, 0.5>> to tensor<1x6xf32>
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  %e = tensor.empty() : tensor<1x6xf32>
  %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%f : tensor<1x6xf32>) outs(%e : tensor<1x6xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %in, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<1x6xf32>
  %q = compress.fake_quant %r {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x6xf32>
  %et = tensor.empty() : tensor<6x1xf32>
  %w = linalg.transpose ins(%wd : tensor<1x6xf32>) outs(%et : tensor<6x1xf32>) permutation = [1, 0]
  %y = linalg.matmul ins(%q, %w : tensor<1x6xf32>, tensor<6x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Every reader takes its own weights.

// CHECK-LABEL: func @two_readers
// CHECK:         linalg.pooling_nhwc_max
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
func.func @two_readers(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>, %b: tensor<1x1xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = arith.constant dense<[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]> : tensor<6x1xf32>
  %v = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]> : tensor<1x6xf32>
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  %y = linalg.matmul ins(%f, %w : tensor<1x6xf32>, tensor<6x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%v, %f : tensor<1x6xf32>, tensor<1x6xf32>) outs(%b : tensor<1x1xf32>) {
  ^bb0(%c: f32, %in: f32, %acc: f32):
    %0 = arith.mulf %c, %in : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x1xf32>
  return %y, %z : tensor<1x1xf32>, tensor<1x1xf32>
}

//===----------------------------------------------------------------------===//
// Where the order counts, the image is transposed
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @variable_weights
// CHECK:         linalg.pooling_nhwc_max
// CHECK:         linalg.transpose
// CHECK:         linalg.matmul
func.func @variable_weights(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>, %w: tensor<6x1xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  %y = linalg.matmul ins(%f, %w : tensor<1x6xf32>, tensor<6x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func @returned
// CHECK:         linalg.pooling_nhwc_max
// CHECK:         linalg.transpose
// CHECK:         tensor.collapse_shape
func.func @returned(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>) -> tensor<1x6xf32> {
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  return %f : tensor<1x6xf32>
}

// The scales of the weights lie along the flattened dimension.

// CHECK-LABEL: func @scales_along_features
// CHECK:         linalg.transpose
// CHECK:         linalg.matmul
func.func @scales_along_features(%x: tensor<1x2x1x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x2x1x3xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %wq = arith.constant dense<[[0], [1], [2], [3], [4], [5]]> : tensor<6x1xi8>
  %ws = quant.scast %wq : tensor<6x1xi8> to tensor<6x1x!quant.uniform<i8:f32:0, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}>>
  %w = quant.dcast %ws : tensor<6x1x!quant.uniform<i8:f32:0, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}>> to tensor<6x1xf32>
  %p = linalg.pooling_nchw_max ins(%x, %k : tensor<1x2x1x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x2x1x3xf32>) -> tensor<1x2x1x3xf32>
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<1x2x1x3xf32> into tensor<1x6xf32>
  %y = linalg.matmul ins(%f, %w : tensor<1x6xf32>, tensor<6x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
