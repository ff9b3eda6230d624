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

// Pixels that are 4096 bytes apart meet in one set of the first cache level: no
// more are read in turn than it has lines, in parts of equal lengths.

memref.global "private" constant @few : memref<1024x16xi8> = dense<1>

// CHECK-LABEL: func.func @far
// CHECK:         scf.for %{{.+}} = %{{.+}} to %c14{{.*}} step %c7
// CHECK-LABEL: func.func @near
// CHECK-NOT:     step %c7
func.func @far(%x: memref<14x4096xi8>, %y: memref<14x16xi32>) {
  %w = memref.get_global @few : memref<1024x16xi8>
  %near = memref.subview %x[0, 0] [14, 1024] [1, 1] : memref<14x4096xi8> to memref<14x1024xi8, strided<[4096, 1]>>
  linalg.matmul ins(%near, %w : memref<14x1024xi8, strided<[4096, 1]>>, memref<1024x16xi8>) outs(%y : memref<14x16xi32>)
  return
}
func.func @near(%x: memref<14x1024xi8>, %y: memref<14x16xi32>) {
  %w = memref.get_global @few : memref<1024x16xi8>
  linalg.matmul ins(%x, %w : memref<14x1024xi8>, memref<1024x16xi8>) outs(%y : memref<14x16xi32>)
  return
}
