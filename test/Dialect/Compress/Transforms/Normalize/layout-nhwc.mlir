// RUN: compress-opt %s --compress-layout-nhwc | FileCheck %s

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#c = affine_map<(d0, d1, d2, d3) -> (d1)>

// CHECK: #[[GROUPS:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 + d5, d2 + d6, d3, d7)>

// The example of the description. The weights [f, c, 1, 1] = [[1, 2], [3, 4]]
// become [1, 1, c, f] = [[1, 3], [2, 4]].

// CHECK-LABEL: func @conv
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x5xf32>
// CHECK:         %[[XT:.+]] = linalg.transpose ins(%[[X]] : {{.*}}) outs(%{{.+}} : tensor<1x4x5x2xf32>) permutation = [0, 2, 3, 1]
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[\[\[}}1.000000e+00, 3.000000e+00], [2.000000e+00, 4.000000e+00]]]]> : tensor<1x1x2x2xf32>
// CHECK-DAG:     %[[B:.+]] = linalg.broadcast ins(%{{.+}} : tensor<2xf32>) outs(%{{.+}} : tensor<1x4x5x2xf32>) dimensions = [0, 1, 2]
// CHECK:         %[[YT:.+]] = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} ins(%[[XT]], %[[W]] : {{.*}}) outs(%[[B]]
// CHECK:         %[[Y:.+]] = linalg.transpose ins(%[[YT]] : {{.*}}) outs(%{{.+}} : tensor<1x2x4x5xf32>) permutation = [0, 3, 1, 2]
// CHECK:         return %[[Y]]
func.func @conv(%x: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32> {
  %w = arith.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %bias = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<1x2x4x5xf32>
  %b = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<1x2x4x5xf32>) dimensions = [0, 2, 3]
  %y = linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x2x4x5xf32>, tensor<2x2x1x1xf32>) outs(%b : tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  return %y : tensor<1x2x4x5xf32>
}

// Strides, dilations and the user's attributes stay; so does the op's element
// type.

// CHECK-LABEL: func @conv_int8
// CHECK:         linalg.conv_2d_nhwc_hwcf {dilations = dense<2> : tensor<2xi64>, my.name = "c1", strides = dense<[1, 3]> : tensor<2xi64>} ins(%{{.+}}, %{{.+}} : tensor<1x8x9x2xi8>, tensor<3x3x2x4xi8>) outs(%{{.+}} : tensor<1x4x2x4xi32>)
func.func @conv_int8(%x: tensor<1x2x8x9xi8>, %w: tensor<4x2x3x3xi8>, %b: tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32> {
  %y = linalg.conv_2d_nchw_fchw {my.name = "c1", dilations = dense<2> : tensor<2xi64>, strides = dense<[1, 3]> : tensor<2xi64>}
       ins(%x, %w : tensor<1x2x8x9xi8>, tensor<4x2x3x3xi8>) outs(%b : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %y : tensor<1x4x4x2xi32>
}

// NHWC already, but the filter is not HWCF.

// CHECK-LABEL: func @conv_fhwc
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x4x2xf32>
// CHECK:         linalg.transpose {{.*}} permutation = [1, 2, 3, 0]
// CHECK:         %[[Y:.+]] = linalg.conv_2d_nhwc_hwcf {{.*}} ins(%[[X]],
// CHECK:         return %[[Y]]
func.func @conv_fhwc(%x: tensor<1x4x4x2xf32>, %w: tensor<4x3x3x2xf32>, %b: tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> {
  %y = linalg.conv_2d_nhwc_fhwc {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<4x3x3x2xf32>) outs(%b : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %y : tensor<1x2x2x4xf32>
}

// CHECK-LABEL: func @conv_zero_points
// CHECK:         linalg.conv_2d_nhwc_hwcf_q {{.*}} ins(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : tensor<1x4x4x2xi8>, tensor<3x3x2x4xi8>, i32, i32)
func.func @conv_zero_points(%x: tensor<1x2x4x4xi8>, %w: tensor<4x2x3x3xi8>, %zx: i32, %zw: i32, %b: tensor<1x4x2x2xi32>) -> tensor<1x4x2x2xi32> {
  %y = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x2x4x4xi8>, tensor<4x2x3x3xi8>, i32, i32) outs(%b : tensor<1x4x2x2xi32>) -> tensor<1x4x2x2xi32>
  return %y : tensor<1x4x2x2xi32>
}

// CHECK-LABEL: func @depthwise
// CHECK:         linalg.depthwise_conv_2d_nhwc_hwc {{.*}} ins(%{{.+}}, %{{.+}} : tensor<1x4x4x2xf32>, tensor<3x3x2xf32>)
func.func @depthwise(%x: tensor<1x2x4x4xf32>, %w: tensor<2x3x3xf32>, %b: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %y = linalg.depthwise_conv_2d_nchw_chw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x2x4x4xf32>, tensor<2x3x3xf32>) outs(%b : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// Grouped: NHWGC and GHWCF, in a generic. The channels split and merge where
// they stand.

// CHECK-LABEL: func @grouped
// CHECK-SAME:    %[[X:.+]]: tensor<1x6x5x5xf32>, %[[W:.+]]: tensor<3x4x2x3x3xf32>
// CHECK-DAG:     %[[XT:.+]] = linalg.transpose ins(%[[X]] : {{.*}} permutation = [0, 2, 3, 1]
// CHECK-DAG:     %[[WT:.+]] = linalg.transpose ins(%[[W]] : {{.*}}) outs(%{{.+}} : tensor<3x3x3x2x4xf32>) permutation = [0, 3, 4, 2, 1]
// CHECK-DAG:     %[[XG:.+]] = tensor.expand_shape %[[XT]] {{\[\[}}0], [1], [2], [3, 4]] {{.*}} into tensor<1x5x5x3x2xf32>
// Of the reductions channels, which lie side by side, are the innermost.
// CHECK:         %[[Y:.+]] = linalg.generic {indexing_maps = [#[[GROUPS]], {{.*}} iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%[[XG]], %[[WT]] : {{.*}}) outs(%{{.+}} : tensor<1x3x3x3x4xf32>)
// CHECK:         %[[YC:.+]] = tensor.collapse_shape %[[Y]] {{\[\[}}0], [1], [2], [3, 4]] {{.*}} into tensor<1x3x3x12xf32>
// CHECK:         linalg.transpose ins(%[[YC]]
func.func @grouped(%x: tensor<1x6x5x5xf32>, %w: tensor<3x4x2x3x3xf32>) -> tensor<1x12x3x3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x4x3x3xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x3x3xf32>) -> tensor<1x3x4x3x3xf32>
  %xg = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [1, 3, 2, 5, 5] : tensor<1x6x5x5xf32> into tensor<1x3x2x5x5xf32>
  %y = linalg.conv_2d_ngchw_gfchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%xg, %w : tensor<1x3x2x5x5xf32>, tensor<3x4x2x3x3xf32>) outs(%b : tensor<1x3x4x3x3xf32>) -> tensor<1x3x4x3x3xf32>
  %yc = tensor.collapse_shape %y [[0], [1, 2], [3], [4]] : tensor<1x3x4x3x3xf32> into tensor<1x12x3x3xf32>
  return %yc : tensor<1x12x3x3xf32>
}

// CHECK-LABEL: func @conv_1d
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%{{.+}}, %{{.+}} : tensor<1x8x2xf32>, tensor<3x2x4xf32>) outs(%{{.+}} : tensor<1x6x4xf32>)
func.func @conv_1d(%x: tensor<1x2x8xf32>, %w: tensor<4x2x3xf32>, %b: tensor<1x4x6xf32>) -> tensor<1x4x6xf32> {
  %y = linalg.conv_1d_ncw_fcw {dilations = dense<1> : tensor<1xi64>, strides = dense<1> : tensor<1xi64>}
       ins(%x, %w : tensor<1x2x8xf32>, tensor<4x2x3xf32>) outs(%b : tensor<1x4x6xf32>) -> tensor<1x4x6xf32>
  return %y : tensor<1x4x6xf32>
}

// CHECK-LABEL: func @conv_3d
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %{{.+}} : tensor<1x5x6x7x2xf32>, tensor<3x3x3x2x4xf32>) outs(%{{.+}} : tensor<1x3x4x5x4xf32>)
func.func @conv_3d(%x: tensor<1x2x5x6x7xf32>, %w: tensor<4x2x3x3x3xf32>, %b: tensor<1x4x3x4x5xf32>) -> tensor<1x4x3x4x5xf32> {
  %y = linalg.conv_3d_ncdhw_fcdhw {dilations = dense<1> : tensor<3xi64>, strides = dense<1> : tensor<3xi64>}
       ins(%x, %w : tensor<1x2x5x6x7xf32>, tensor<4x2x3x3x3xf32>) outs(%b : tensor<1x4x3x4x5xf32>) -> tensor<1x4x3x4x5xf32>
  return %y : tensor<1x4x3x4x5xf32>
}

// CHECK-LABEL: func @pools
// CHECK:         %[[XT:.+]] = linalg.transpose {{.*}} permutation = [0, 2, 3, 1]
// CHECK:         linalg.pooling_nhwc_max {{.*}}strides = dense<2> {{.*}} ins(%[[XT]], %{{.+}} : tensor<1x4x4x3xf32>, tensor<2x2xf32>) outs(%{{.+}} : tensor<1x2x2x3xf32>)
// CHECK:         linalg.pooling_nhwc_sum {{.*}} ins(%[[XT]],
func.func @pools(%x: tensor<1x3x4x4xf32>) -> (tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %k = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x3x2x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %y = linalg.pooling_nchw_max {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>} ins(%x, %k : tensor<1x3x4x4xf32>, tensor<2x2xf32>) outs(%b : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %z = linalg.pooling_nchw_sum {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>} ins(%x, %k : tensor<1x3x4x4xf32>, tensor<2x2xf32>) outs(%b : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  return %y, %z : tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>
}

// A depthwise filter with a multiplier of 1 is HWC.

// CHECK-LABEL: func @depthwise_no_multiplier
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x4x2xi8>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[\[}}1, 2]]]> : tensor<1x1x2xi8>
// CHECK:         %[[Y:.+]] = linalg.depthwise_conv_2d_nhwc_hwc_q {{.*}} ins(%[[X]], %[[W]], %{{.+}}, %{{.+}} : {{.*}}) outs(%{{.+}} : tensor<1x4x4x2xi32>)
// CHECK-NOT:     tensor.collapse_shape
// CHECK:         linalg.generic {{.*}} ins(%[[Y]], %{{.+}} : tensor<1x4x4x2xi32>, tensor<2xi32>)
func.func @depthwise_no_multiplier(%x: tensor<1x4x4x2xi8>, %zx: i32, %bias: tensor<2xi32>) -> tensor<1x4x4x2xi32> {
  %w = arith.constant dense<[[[[1], [2]]]]> : tensor<1x1x2x1xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2x1xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x4x4x2x1xi32>) -> tensor<1x4x4x2x1xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwcm_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zero : tensor<1x4x4x2xi8>, tensor<1x1x2x1xi8>, i32, i32) outs(%f : tensor<1x4x4x2x1xi32>) -> tensor<1x4x4x2x1xi32>
  %c = tensor.collapse_shape %y [[0], [1], [2], [3, 4]] : tensor<1x4x4x2x1xi32> into tensor<1x4x4x2xi32>
  %e4 = tensor.empty() : tensor<1x4x4x2xi32>
  %b = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (d3)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%c, %bias : tensor<1x4x4x2xi32>, tensor<2xi32>) outs(%e4 : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %v: i32, %out: i32):
    %0 = arith.addi %in, %v : i32
    linalg.yield %0 : i32
  } -> tensor<1x4x4x2xi32>
  return %b : tensor<1x4x4x2xi32>
}

// With a multiplier the channels lie along two dimensions; the bias that is
// added to the merged ones comes to the convolution.

// CHECK-LABEL: func @depthwise_multiplier_bias
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<{{\[\[}}1, 2], [3, 4]]> : tensor<2x2xi32>
// CHECK:         %[[Y:.+]] = linalg.depthwise_conv_2d_nhwc_hwcm
// CHECK:         %[[S:.+]] = linalg.generic {{.*}} ins(%[[Y]], %[[B]] : tensor<1x4x4x2x2xi32>, tensor<2x2xi32>)
// CHECK:         tensor.collapse_shape %[[S]]
func.func @depthwise_multiplier_bias(%x: tensor<1x4x4x2xi8>, %w: tensor<1x1x2x2xi8>, %f: tensor<1x4x4x2x2xi32>) -> tensor<1x4x4x4xi32> {
  %bias = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwcm {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xi8>, tensor<1x1x2x2xi8>) outs(%f : tensor<1x4x4x2x2xi32>) -> tensor<1x4x4x2x2xi32>
  %c = tensor.collapse_shape %y [[0], [1], [2], [3, 4]] : tensor<1x4x4x2x2xi32> into tensor<1x4x4x4xi32>
  %e = tensor.empty() : tensor<1x4x4x4xi32>
  %b = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (d3)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%c, %bias : tensor<1x4x4x4xi32>, tensor<4xi32>) outs(%e : tensor<1x4x4x4xi32>) {
  ^bb0(%in: i32, %v: i32, %out: i32):
    %0 = arith.addi %in, %v : i32
    linalg.yield %0 : i32
  } -> tensor<1x4x4x4xi32>
  return %b : tensor<1x4x4x4xi32>
}

// The batch may be dynamic.

// CHECK-LABEL: func @dynamic
// CHECK:         linalg.conv_2d_nhwc_hwcf {{.*}} ins(%{{.+}}, %{{.+}} : tensor<?x4x4x2xf32>, tensor<3x3x2x4xf32>) outs(%{{.+}} : tensor<?x2x2x4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%{{.+}} : tensor<?x2x2x4xf32>)
// CHECK:         linalg.transpose {{.*}} outs(%{{.+}} : tensor<?x4x2x2xf32>)
func.func @dynamic(%x: tensor<?x2x4x4xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<?x4x2x2xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x2x4x4xf32>
  %e = tensor.empty(%n) : tensor<?x4x2x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4x2x2xf32>) -> tensor<?x4x2x2xf32>
  %y = linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<?x2x4x4xf32>, tensor<4x2x3x3xf32>) outs(%b : tensor<?x4x2x2xf32>) -> tensor<?x4x2x2xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y : tensor<?x4x2x2xf32>) outs(%e : tensor<?x4x2x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %in, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<?x4x2x2xf32>
  return %r : tensor<?x4x2x2xf32>
}

//===----------------------------------------------------------------------===//
// What stays
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @nhwc_already
// CHECK-NEXT:    linalg.conv_2d_nhwc_hwcf
// CHECK-NEXT:    return
func.func @nhwc_already(%x: tensor<1x4x4x2xf32>, %w: tensor<3x3x2x4xf32>, %b: tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> {
  %y = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<3x3x2x4xf32>) outs(%b : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %y : tensor<1x2x2x4xf32>
}

// A depthwise filter with a multiplier is HWCM.

// CHECK-LABEL: func @depthwise_multiplier
// CHECK-NEXT:    linalg.depthwise_conv_2d_nhwc_hwcm
// CHECK-NEXT:    return
func.func @depthwise_multiplier(%x: tensor<1x4x4x2xf32>, %w: tensor<3x3x2x4xf32>, %b: tensor<1x2x2x2x4xf32>) -> tensor<1x2x2x2x4xf32> {
  %y = linalg.depthwise_conv_2d_nhwc_hwcm {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<3x3x2x4xf32>) outs(%b : tensor<1x2x2x2x4xf32>) -> tensor<1x2x2x2x4xf32>
  return %y : tensor<1x2x2x2x4xf32>
}

// No convolution, no wish: a matrix product and a transpose are what they are.

// CHECK-LABEL: func @nothing
// CHECK:         linalg.transpose {{.*}} permutation = [1, 0]
// CHECK:         linalg.matmul
func.func @nothing(%x: tensor<4x2xf32>, %w: tensor<4x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %t = linalg.transpose ins(%x : tensor<4x2xf32>) outs(%e : tensor<2x4xf32>) permutation = [1, 0]
  %y = linalg.matmul ins(%t, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%b : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: func private @external
func.func private @external(tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>

// CHECK-LABEL: func @branches
// CHECK:         linalg.pooling_nchw_max
func.func @branches(%p: i1, %x: tensor<1x3x4x4xf32>, %k: tensor<2x2xf32>, %b: tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> {
  cf.cond_br %p, ^bb1, ^bb2
^bb1:
  %y = linalg.pooling_nchw_max {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>} ins(%x, %k : tensor<1x3x4x4xf32>, tensor<2x2xf32>) outs(%b : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  return %y : tensor<1x3x2x2xf32>
^bb2:
  return %b : tensor<1x3x2x2xf32>
}
