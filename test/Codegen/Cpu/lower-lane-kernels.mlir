// RUN: compress-opt %s --compress-lower-lane-kernels=features=+avx512f --split-input-file | FileCheck %s

// All loops are one; four vectors a step.

// CHECK-LABEL: func @elementwise
// CHECK: scf.for %[[I:.+]] = %c0{{.*}} to %c128{{.*}} step %c64
// CHECK-COUNT-4: arith.negf %{{.+}} : vector<16xf32>
// CHECK-NOT: arith.negf
// CHECK-NOT: linalg
func.func @elementwise(%x: memref<4x32xf32>, %y: memref<4x32xf32>) {
  linalg.negf ins(%x : memref<4x32xf32>) outs(%y : memref<4x32xf32>)
  return
}

// -----

// Lanes are channels; sums stay in registers over the window and keep its
// order. Five channels are a vector of five.

// CHECK-LABEL: func @depthwise
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %{{.+}}) -> (vector<5xi32>
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %{{.+}}) -> (vector<5xi32>
// CHECK: vector.load %{{.+}} : memref<{{.+}}xi8>, vector<5xi8>
// CHECK: arith.muli {{.*}} : vector<5xi32>
// CHECK: vector.store {{.*}} : memref<245xi32>, vector<5xi32>
// CHECK-NOT: linalg
func.func @depthwise(%x: memref<1x9x9x5xi8>, %w: memref<3x3x5xi8>, %y: memref<1x7x7x5xi32>) {
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x9x9x5xi8>, memref<3x3x5xi8>) outs(%y : memref<1x7x7x5xi32>)
  return
}

// -----

// Bytes alone: 64 lanes.

// CHECK-LABEL: func @max_pool
// CHECK: arith.maxsi {{.*}} : vector<64xi8>
func.func @max_pool(%x: memref<1x8x8x64xi8>, %window: memref<2x2xi8>, %y: memref<1x4x4x64xi8>) {
  linalg.pooling_nhwc_max {strides = dense<2> : vector<2xi64>} ins(%x, %window : memref<1x8x8x64xi8>, memref<2x2xi8>) outs(%y : memref<1x4x4x64xi8>)
  return
}

// -----

// Constant weights with channels outermost are rearranged.

memref.global "private" constant @w : memref<2x3xf32> = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]>

// CHECK: memref.global "private" constant @w_lanes : memref<6xf32> = dense<[1.000000e+00, 4.000000e+00, 2.000000e+00, 5.000000e+00, 3.000000e+00, 6.000000e+00]>
// CHECK-LABEL: func @transposed_weights
// CHECK: arith.mulf {{.*}} : vector<2xf32>
// CHECK: arith.addf {{.*}} : vector<2xf32>
func.func @transposed_weights(%x: memref<4x3xf32>, %y: memref<4x2xf32>) {
  %w = memref.get_global @w : memref<2x3xf32>
  linalg.matmul indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
    ins(%x, %w : memref<4x3xf32>, memref<2x3xf32>) outs(%y : memref<4x2xf32>)
  return
}

// -----

// Planes become pixels of three: vectors run along the planes.

// CHECK-LABEL: func @planes
// CHECK: scf.for %{{.+}} = %c0{{.*}} to %c64{{.*}} step %c16
// CHECK-COUNT-3: vector.load %{{.+}} : memref<192xf32>, vector<16xf32>
// CHECK: %[[P:.+]] = vector.shuffle %{{.+}}, %{{.+}} [0, 16, 32, 1, 17, 33, {{.*}}] : vector<32xf32>, vector<32xf32>
// CHECK: vector.store %[[P]], %{{.+}} : memref<192xf32>, vector<48xf32>
func.func @planes(%x: memref<3x64xf32>, %y: memref<64x3xf32>) {
  linalg.transpose ins(%x : memref<3x64xf32>) outs(%y : memref<64x3xf32>) permutation = [1, 0]
  return
}

// -----

// Much work is spread over threads.

// CHECK-LABEL: func @parallel
// CHECK: scf.forall (%{{.+}}) in ({{[0-9]+}}) {
func.func @parallel(%x: memref<512x512xf32>, %y: memref<512x512xf32>) {
  linalg.exp ins(%x : memref<512x512xf32>) outs(%y : memref<512x512xf32>)
  return
}

// -----

// Left alone: nothing is contiguous along a loop of outputs; elements of less
// than a byte; a body that knows where it is.

// CHECK-LABEL: func @rows
// CHECK: linalg.reduce
// CHECK-LABEL: func @transpose
// CHECK: linalg.transpose
// CHECK-LABEL: func @booleans
// CHECK: linalg.copy
// CHECK-LABEL: func @packed
// CHECK: linalg.generic
// CHECK-LABEL: func @index
// CHECK: linalg.generic
func.func @rows(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  linalg.reduce {arith.addf} ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) dimensions = [1]
  return
}
func.func @transpose(%x: memref<5x8xf32>, %y: memref<8x5xf32>) {
  linalg.transpose ins(%x : memref<5x8xf32>) outs(%y : memref<8x5xf32>) permutation = [1, 0]
  return
}
func.func @booleans(%x: memref<64xi1>, %y: memref<64xi1>) {
  linalg.copy ins(%x : memref<64xi1>) outs(%y : memref<64xi1>)
  return
}
// A vector of i48 has 6 bytes an element, memory 8.
func.func @packed(%x: memref<64xi48>, %y: memref<64xi16>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<64xi48>) outs(%y : memref<64xi16>) {
  ^bb0(%in: i48, %out: i16):
    %t = arith.trunci %in : i48 to i16
    linalg.yield %t : i16
  }
  return
}
func.func @index(%y: memref<64xindex>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%y : memref<64xindex>) {
  ^bb0(%o: index):
    %i = linalg.index 0 : index
    linalg.yield %i : index
  }
  return
}

// -----

// Rows are reduced side by side, each in its order: squares of 16 rows and
// columns are transposed. The last columns are those of a square that overlaps,
// the last rows are less than a vector.

// CHECK-LABEL: func @rows
// CHECK: scf.for %[[ROW:.+]] = %c0{{.*}} to %c32{{.*}} step %c16
// CHECK: scf.for %[[COLUMN:.+]] = %c0{{.*}} to %c32{{.*}} step %c16{{.*}} -> (vector<16xf32>)
// CHECK-COUNT-16: vector.load %{{.+}} : memref<{{.+}}xf32>, vector<16xf32>
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: arith.maximumf {{.*}} : vector<16xf32>
// CHECK: scf.yield
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-5: arith.maximumf {{.*}} : vector<16xf32>
// CHECK-NOT: arith.maximumf
// CHECK: vector.store {{.*}} vector<16xf32>
// CHECK: arith.maximumf {{.*}} : vector<3xf32>
// CHECK-NOT: linalg
func.func @rows(%x: memref<35x37xf32>, %y: memref<35xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<35x37xf32>) outs(%y : memref<35xf32>) {
  ^bb0(%a: f32, %old: f32):
    %r = arith.maximumf %old, %a : f32
    linalg.yield %r : f32
  }
  return
}
