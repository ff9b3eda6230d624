// RUN: compress-opt %s -split-input-file --compress-lower-weighted-kernels='features=+avx512f parallel=false' | FileCheck %s

// Sums keep the order of the loops, and are rounded after each product where
// the network is not marked: its results are the same bits everywhere.

// CHECK-LABEL: func.func @order
// CHECK-NOT:     intr.fma
// CHECK:         %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// CHECK-NEXT:    arith.addf %{{.*}}, %[[P]] : vector<16xf32>
memref.global "private" constant @w : memref<8x16xf32> = dense<1.0>
func.func @order(%x: memref<4x8xf32>, %y: memref<4x16xf32>) {
  %w = memref.get_global @w : memref<8x16xf32>
  linalg.matmul ins(%x, %w : memref<4x8xf32>, memref<8x16xf32>) outs(%y : memref<4x16xf32>)
  return
}

// -----

// All pixels use the weights of some channels; each pass over them asks for its
// share of the next ones.

// CHECK-LABEL: func.func @prefetch
// CHECK:         memref.prefetch %{{.*}}, read, locality<2>, data : memref<65536xf32>
// CHECK:         llvm.intr.fma
module attributes {compress.fused_sums} {
  memref.global "private" constant @w : memref<256x256xf32> = dense<1.0>
  func.func @prefetch(%x: memref<64x256xf32>, %y: memref<64x256xf32>) {
    %w = memref.get_global @w : memref<256x256xf32>
    linalg.matmul ins(%x, %w : memref<64x256xf32>, memref<256x256xf32>) outs(%y : memref<64x256xf32>)
    return
  }
}

// -----

// A factor that is no element of the weights stays what it is.

// CHECK-LABEL: func.func @scalar
// CHECK:         linalg.generic
memref.global "private" constant @unused : memref<8x16xf32> = dense<1.0>
func.func @scalar(%x: memref<4x8xf32>, %s: f32, %y: memref<4x16xf32>) {
  %w = memref.get_global @unused : memref<8x16xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %w : memref<4x8xf32>, memref<8x16xf32>) outs(%y : memref<4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %p = arith.mulf %a, %s : f32
    %t = arith.addf %acc, %p : f32
    linalg.yield %t : f32
  }
  return
}
