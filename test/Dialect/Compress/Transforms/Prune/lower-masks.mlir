// RUN: compress-opt %s --compress-lower-masks | FileCheck %s
// RUN: compress-opt %s --compress-lower-masks --remarks-filter="compress" --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=NORMAL

// REMARK:     remark: [Missed] LowerMasks {{.*}}compress.channel_gate dropped: nobody scored its channels; run --scop-prune
// REMARK-NOT: remark:

// Nothing is left for the layout, but what has many runs: that follows it.
// NORMAL-NOT: compress.{{channel|scatter}}
// NORMAL:     compress.scatter_channels %{{.+}} {axis = 3 : i64
// NORMAL-NOT: compress.{{channel|scatter}}

// CHECK-DAG: #[[ALL:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[CHANNEL:.+]] = affine_map<(d0, d1, d2, d3) -> (d1)>

// CHECK-LABEL: func @gate
// CHECK-SAME:    %[[X:.+]]: tensor<1x2xf32>
// CHECK-NEXT:    return %[[X]]
func.func @gate(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 0.5, 1.0>, gamma = array<f32: 1.0, 2.0>} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The example of the description.

// CHECK-LABEL: func @mask_and_scatter
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x4xf32>
// CHECK:         %[[C:.+]] = arith.constant dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>
// CHECK:         %[[M:.+]] = linalg.generic {{.*}}indexing_maps = [#[[ALL]], #[[CHANNEL]], #[[ALL]]]{{.*}} ins(%[[X]], %[[C]] : {{.+}})
// CHECK:           arith.mulf %{{.+}}, %{{.+}} : f32
// CHECK:         %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK:         tensor.pad %[[M]] low[0, 1, 0, 0] high[0, 1, 0, 0]
// CHECK:           tensor.yield %[[ZERO]] : f32
func.func @mask_and_scatter(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> {
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2x4x4xf32>
  %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 1, 2>} : tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32>
  return %y : tensor<1x4x4x4xf32>
}

// Sums and codes.

// CHECK-LABEL: func @integers
// CHECK:         %[[C:.+]] = arith.constant dense<[1, 0]> : tensor<2xi32>
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %[[C]] : tensor<1x2xi32>, tensor<2xi32>)
// CHECK:           arith.muli %{{.+}}, %{{.+}} : i32
// CHECK:         %[[D:.+]] = arith.constant dense<[0, 1]> : tensor<2xi8>
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %[[D]] : tensor<1x2xi8>, tensor<2xi8>)
// CHECK:           arith.muli %{{.+}}, %{{.+}} : i8
func.func @integers(%x: tensor<1x2xi32>, %y: tensor<1x2xi8>) -> (tensor<1x2xi32>, tensor<1x2xi8>) {
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2xi32>
  %n = compress.channel_mask %y {axis = 1, mask = array<i1: false, true>} : tensor<1x2xi8>
  return %m, %n : tensor<1x2xi32>, tensor<1x2xi8>
}

// Zeros before a run are in its part, those at the end in the last.

// CHECK-LABEL: func @scatter_runs
// CHECK-SAME:    %[[X:.+]]: tensor<1x3x3x5xf32>
// CHECK:         %[[A:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, 3, 3, 2] [1, 1, 1, 1]
// CHECK:         %[[B:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 2] [1, 3, 3, 1] [1, 1, 1, 1]
// CHECK:         %[[PB:.+]] = tensor.pad %[[B]] low[0, 0, 0, 3] high[0, 0, 0, 0]
// CHECK:         %[[C:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 3] [1, 3, 3, 2] [1, 1, 1, 1]
// CHECK:         %[[PC:.+]] = tensor.pad %[[C]] low[0, 0, 0, 1] high[0, 0, 0, 2]
// CHECK:         tensor.concat dim(3) %[[A]], %[[PB]], %[[PC]] : (tensor<1x3x3x2xf32>, tensor<1x3x3x4xf32>, tensor<1x3x3x5xf32>) -> tensor<1x3x3x11xf32>
func.func @scatter_runs(%x: tensor<1x3x3x5xf32>) -> tensor<1x3x3x11xf32> {
  %y = compress.scatter_channels %x {axis = 3, indices = array<i64: 0, 1, 5, 7, 8>} : tensor<1x3x3x5xf32> -> tensor<1x3x3x11xf32>
  return %y : tensor<1x3x3x11xf32>
}

// Open dimensions beside the channels.

// CHECK-LABEL: func @open
// CHECK:         tensor.dim %{{.+}}, %c0
// CHECK:         tensor.empty(%{{.+}}) : tensor<?x2xf32>
// CHECK:         tensor.pad %{{.+}} low[0, 0] high[0, 1]
func.func @open(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: false, true>} : tensor<?x2xf32>
  %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 0, 1>} : tensor<?x2xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// CHECK-LABEL: func @no_channels
// CHECK:         tensor.pad %{{.+}} low[0, 0] high[0, 3]
func.func @no_channels(%x: tensor<1x0xf32>) -> tensor<1x3xf32> {
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64>} : tensor<1x0xf32> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Many runs are no slices.

// CHECK-LABEL: func @many_runs
// CHECK:         compress.scatter_channels %{{.+}} {axis = 1
func.func @many_runs(%x: tensor<1x10x4x4xf32>) -> tensor<1x18x3x3xf32> {
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 2, 4, 6, 8, 10, 12, 14, 16, 17>} : tensor<1x10x4x4xf32> -> tensor<1x18x4x4xf32>
  // A pool wants NHWC.
  %window = tensor.empty() : tensor<2x2xf32>
  %low = arith.constant dense<0xFF800000> : tensor<1x18x3x3xf32>
  %p = linalg.pooling_nchw_max ins(%y, %window : tensor<1x18x4x4xf32>, tensor<2x2xf32>) outs(%low : tensor<1x18x3x3xf32>) -> tensor<1x18x3x3xf32>
  return %p : tensor<1x18x3x3xf32>
}

// CHECK-LABEL: func @nothing_to_do
// CHECK-NEXT:    compress.fake_quant
// CHECK-NEXT:    return
func.func @nothing_to_do(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
