// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512vnni | FileCheck %s
// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx512vnni parallel=false' | FileCheck %s --check-prefix=ALONE

// Threads have pixels of their own: each part of them is computed for all
// channels, whole blocks of vectors first, then those that are left over.

memref.global "private" constant @w : memref<512x80xi8> = dense<1>

// CHECK-LABEL: func.func @pixels
// CHECK:         scf.forall (%[[PART:.*]]) in (64)
// CHECK:           %[[PIXEL:.*]] = arith.muli %[[PART]], %{{.*}} : index
// CHECK:           scf.for %[[INNER:[a-z0-9]+]] = %{{[^ ]+}} to %{{[^ ]+}} step %{{[^ ]+}} {
// CHECK-NEXT:        arith.addi %[[PIXEL]], %[[INNER]] : index
// CHECK:           scf.for %[[OTHER:[a-z0-9]+]] = %{{[^ ]+}} to %{{[^ ]+}} step %{{[^ ]+}} {
// CHECK-NEXT:        arith.addi %[[PIXEL]], %[[OTHER]] : index

// ALONE-LABEL: func.func @pixels
// ALONE-NOT:     scf.forall
func.func @pixels(%x: memref<1536x512xi8>, %y: memref<1536x80xi32>) {
  %w = memref.get_global @w : memref<512x80xi8>
  linalg.matmul ins(%x, %w : memref<1536x512xi8>, memref<512x80xi8>) outs(%y : memref<1536x80xi32>)
  return
}
