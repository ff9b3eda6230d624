// RUN: compress-opt %s --compress-layout-nhwc --canonicalize | FileCheck %s

// How layouts pass through the ops between convolutions. A 2x2 pool stands for
// a convolution: it wants NHWC as well.

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#c = affine_map<(d0, d1, d2, d3) -> (d1)>
#sq = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>
#nc = affine_map<(d0, d1, d2, d3) -> (d0, d1)>
#pn = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3, d1)>

// CHECK-DAG: #[[ID:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[C:.+]] = affine_map<(d0, d1, d2, d3) -> (d3)>
// CHECK-DAG: ![[Q:.+]] = !quant.uniform<i8:f32:3, {5.000000e-01,2.500000e-01:1}>
// CHECK-DAG: ![[QW:.+]] = !quant.uniform<i8:f32:3, {5.000000e-01,2.500000e-01}>

// A residual add: the sum of two NHWC values, no transpose but at the borders.

// CHECK-LABEL: func @residual
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 3, 1]
// CHECK-NOT:     linalg.transpose
// CHECK:         %[[A:.+]] = linalg.pooling_nhwc_max
// CHECK:         %[[B:.+]] = linalg.pooling_nhwc_sum
// CHECK:         %[[S:.+]] = linalg.generic {{.*}} ins(%[[A]], %[[B]] : tensor<1x4x4x3xf32>, tensor<1x4x4x3xf32>)
// CHECK:         linalg.pooling_nhwc_max {{.*}} ins(%[[S]],
// CHECK:         linalg.transpose {{.*}} permutation = [0, 3, 1, 2]
func.func @residual(%x: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>, %i: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %a = linalg.pooling_nchw_max ins(%x, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %b = linalg.pooling_nchw_sum ins(%a, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %b : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %0 = arith.addf %p, %q : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  %y = linalg.pooling_nchw_max ins(%s, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// A residual that comes from outside is transposed once, at the border.

// CHECK-LABEL: func @residual_argument
// CHECK-SAME:    %[[X:[^:]+]]: tensor<1x3x4x4xf32>, %[[R:[^:]+]]: tensor<1x3x4x4xf32>
// CHECK-DAG:     linalg.transpose ins(%[[X]]
// CHECK-DAG:     %[[RT:.+]] = linalg.transpose ins(%[[R]]
// CHECK:         %[[A:.+]] = linalg.pooling_nhwc_max
// CHECK:         linalg.generic {{.*}} ins(%[[A]], %[[RT]] :
func.func @residual_argument(%x: tensor<1x3x4x4xf32>, %r: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>) -> tensor<1x3x4x4xf32> {
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %a = linalg.pooling_nchw_max ins(%x, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %r : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %0 = arith.addf %p, %q : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  return %s : tensor<1x3x4x4xf32>
}

// Pads, slices, fake quantizations (the axis moves) and annotations follow.

// CHECK-LABEL: func @select
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 3, 1]
// CHECK:         tensor.pad %{{.+}} low[0, 1, 2, 0] high[0, 3, 4, 0]
// CHECK:         : tensor<1x4x4x3xf32> to tensor<1x8x10x3xf32>
// CHECK:         tensor.extract_slice %{{.+}}[0, 0, 1, 0] [1, 4, 9, 2] [1, 2, 1, 1] : tensor<1x8x10x3xf32> to tensor<1x4x9x2xf32>
// CHECK:         compress.fake_quant %{{.+}} {type = ![[Q]]} : tensor<1x4x9x2xf32>
// CHECK:         compress.observe %{{.+}} {name = "a"} : tensor<1x4x9x2xf32>
// CHECK:         tensor.concat dim(3) {{.*}} : (tensor<1x4x9x2xf32>, tensor<1x4x9x2xf32>) -> tensor<1x4x9x4xf32>
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.pooling_nhwc_max
func.func @select(%x: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>) -> tensor<1x4x4x9xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x9xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  %p = tensor.pad %x low[0, 0, 1, 2] high[0, 0, 3, 4] {
  ^bb0(%a0: index, %a1: index, %a2: index, %a3: index):
    %pad = arith.constant 1.0 : f32
    tensor.yield %pad : f32
  } : tensor<1x3x4x4xf32> to tensor<1x3x8x10xf32>
  %s = tensor.extract_slice %p[0, 0, 0, 1] [1, 2, 4, 9] [1, 1, 2, 1] : tensor<1x3x8x10xf32> to tensor<1x2x4x9xf32>
  %q = compress.fake_quant %s {type = !quant.uniform<i8:f32:1, {0.5, 0.25:1}>} : tensor<1x2x4x9xf32>
  %o = compress.observe %q {name = "a"} : tensor<1x2x4x9xf32>
  %c = tensor.concat dim(1) %s, %o : (tensor<1x2x4x9xf32>, tensor<1x2x4x9xf32>) -> tensor<1x4x4x9xf32>
  %y = linalg.pooling_nchw_max ins(%c, %k : tensor<1x4x4x9xf32>, tensor<1x1xf32>) outs(%f : tensor<1x4x4x9xf32>) -> tensor<1x4x4x9xf32>
  return %y : tensor<1x4x4x9xf32>
}

// Constants of lower rank keep their values, and maps find their dimensions.

// CHECK-LABEL: func @per_channel
// CHECK:         linalg.generic {indexing_maps = [#[[ID]], #[[C]], #[[ID]]]
func.func @per_channel(%x: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>, %s: tensor<3xf32>) -> tensor<1x3x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %a = linalg.pooling_nchw_max ins(%x, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %s : tensor<1x3x4x4xf32>, tensor<3xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %0 = arith.mulf %p, %q : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// Weights behind quant.scast and quant.dcast; the axis moves with them.

// CHECK-LABEL: func @stored_weights
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[\[\[}}1, 3], [2, 4]]]]> : tensor<1x1x2x2xi8>
// CHECK:         %[[S:.+]] = quant.scast %[[W]] : tensor<1x1x2x2xi8> to tensor<1x1x2x2x![[QW]]>
// CHECK:         %[[D:.+]] = quant.dcast %[[S]]
// CHECK:         linalg.conv_2d_nhwc_hwcf {{.*}} ins(%{{.+}}, %[[D]] :
func.func @stored_weights(%x: tensor<1x2x4x4xf32>, %b: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %q = arith.constant dense<[[[[1]], [[2]]], [[[3]], [[4]]]]> : tensor<2x2x1x1xi8>
  %s = quant.scast %q : tensor<2x2x1x1xi8> to tensor<2x2x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
  %w = quant.dcast %s : tensor<2x2x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>> to tensor<2x2x1x1xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%b : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}

// The model's own transposes are names: NHWC convolutions around NCHW ops.

// CHECK-LABEL: func @own_transposes
// CHECK-NOT:     linalg.transpose
// CHECK:         return
func.func @own_transposes(%x: tensor<1x4x4x3xf32>, %k: tensor<1x1xf32>, %i: tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %et = tensor.empty() : tensor<1x4x4x3xf32>
  %a = linalg.pooling_nhwc_max ins(%x, %k : tensor<1x4x4x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %t = linalg.transpose ins(%a : tensor<1x4x4x3xf32>) outs(%e : tensor<1x3x4x4xf32>) permutation = [0, 3, 1, 2]
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%t : tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %out: f32):
    %0 = arith.maximumf %p, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  %u = linalg.transpose ins(%r : tensor<1x3x4x4xf32>) outs(%et : tensor<1x4x4x3xf32>) permutation = [0, 2, 3, 1]
  %y = linalg.pooling_nhwc_max ins(%u, %k : tensor<1x4x4x3xf32>, tensor<1x1xf32>) outs(%i : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return %y : tensor<1x4x4x3xf32>
}

// A mean over the image: the maps take the permutation, and [n, c, 1, 1] is
// [n, 1, 1, c] for nothing. Squeeze and excitation multiplies with it.

// CHECK-LABEL: func @squeeze
// CHECK:         linalg.transpose
// CHECK:         %[[A:.+]] = linalg.pooling_nhwc_max
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "reduction", "parallel"]} ins(%[[A]] : tensor<1x4x4x3xf32>) outs(%{{.+}} : tensor<1x3xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[A]], %{{.+}} : tensor<1x4x4x3xf32>, tensor<1x{{.*}}xf32>) outs(%{{.+}} : tensor<1x4x4x3xf32>)
// CHECK:         linalg.pooling_nhwc_max
func.func @squeeze(%x: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>) -> tensor<1x3x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %en = tensor.empty() : tensor<1x3xf32>
  %fn = linalg.fill ins(%zero : f32) outs(%en : tensor<1x3xf32>) -> tensor<1x3xf32>
  %a = linalg.pooling_nchw_max ins(%x, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %m = linalg.reduce ins(%a : tensor<1x3x4x4xf32>) outs(%fn : tensor<1x3xf32>) dimensions = [2, 3]
    (%in: f32, %acc: f32) {
      %0 = arith.addf %acc, %in : f32
      linalg.yield %0 : f32
    }
  %g = tensor.expand_shape %m [[0], [1, 2, 3]] output_shape [1, 3, 1, 1] : tensor<1x3xf32> into tensor<1x3x1x1xf32>
  %s = linalg.generic {indexing_maps = [#id, #sq, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %g : tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %0 = arith.mulf %p, %q : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  %y = linalg.pooling_nchw_max ins(%s, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// A body that asks for its indices depends on the order.

// CHECK-LABEL: func @index
// CHECK:         linalg.pooling_nhwc_max
// CHECK:         linalg.transpose
// CHECK:         linalg.generic
// CHECK:           linalg.index 1
func.func @index(%x: tensor<1x3x4x4xf32>, %k: tensor<1x1xf32>) -> tensor<1x3x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %a = linalg.pooling_nchw_max ins(%x, %k : tensor<1x3x4x4xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a : tensor<1x3x4x4xf32>) outs(%e : tensor<1x3x4x4xf32>) {
  ^bb0(%p: f32, %out: f32):
    %i = linalg.index 1 : index
    %j = arith.index_cast %i : index to i32
    %v = arith.sitofp %j : i32 to f32
    %0 = arith.addf %p, %v : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// Two layouts of one value meet: one is transposed.

// CHECK-LABEL: func @elementwise_of_two_layouts
// CHECK:         %[[T:.+]] = linalg.transpose
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %[[T]] :
func.func @elementwise_of_two_layouts(%x: tensor<1x3x3x3xf32>, %k: tensor<1x1xf32>) -> tensor<1x3x3x3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x3x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  %a = linalg.pooling_nhwc_max ins(%x, %k : tensor<1x3x3x3xf32>, tensor<1x1xf32>) outs(%f : tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  %y = linalg.generic {indexing_maps = [#id, #pn, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %a : tensor<1x3x3x3xf32>, tensor<1x3x3x3xf32>) outs(%e : tensor<1x3x3x3xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %0 = arith.addf %p, %q : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x3x3xf32>
  return %y : tensor<1x3x3x3xf32>
}
