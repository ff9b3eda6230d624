// RUN: compress-opt %s --compress-outline-parallel --split-input-file --verify-diagnostics | FileCheck %s
// RUN: compress-opt %s --compress-outline-parallel=threads=1 --split-input-file | FileCheck %s --check-prefix=SEQUENTIAL

// CHECK-LABEL: func.func private @kernel_share(
// CHECK-SAME:    %[[X:.+]]: memref<64xf32>, %[[BEGIN:.+]]: index, %[[END:.+]]: index)
// CHECK:         %[[ZERO:.+]] = arith.constant 0.0
// CHECK:         %[[ONE:.+]] = arith.constant 1 : index
// CHECK:         scf.for %[[I:.+]] = %[[BEGIN]] to %[[END]] step %[[ONE]] {
// CHECK:           memref.store %[[ZERO]], %[[X]][%[[I]]] : memref<64xf32>
// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME:    %[[X:.+]]: memref<64xf32>)
// CHECK-DAG:     %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG:     %[[N:.+]] = arith.constant 64 : index
// CHECK:         call @kernel_share(%[[X]], %[[C0]], %[[N]]) {compress.parallel}
// CHECK-NOT:     scf.forall

// SEQUENTIAL-LABEL: func.func private @kernel(
// SEQUENTIAL:         scf.for
// SEQUENTIAL-NOT:     call
func.func private @kernel(%x: memref<64xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (64) {
    memref.store %zero, %x[%i] : memref<64xf32>
  }
  return
}

// -----

// Globals and views are computed in the body; scalars are passed.

memref.global "private" constant @weights : memref<8xf32> = dense<1.0>

// CHECK-LABEL: func.func private @captures_share(
// CHECK-SAME:    %[[S:[a-z0-9]+]]: f32, %[[A:[a-z0-9]+]]: memref<64xi8>, %{{[a-z0-9_]+}}: index, %{{[a-z0-9_]+}}: index)
// CHECK-DAG:     memref.get_global @weights
// CHECK-DAG:     memref.view %[[A]]
// CHECK:         scf.for
// CHECK-LABEL: func.func private @captures(
// CHECK:         call @captures_share(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) {compress.parallel} : (f32, memref<64xi8>, index, index)
func.func private @captures(%arena: memref<64xi8>, %s: f32) {
  %w = memref.get_global @weights : memref<8xf32>
  %c32 = arith.constant 32 : index
  %y = memref.view %arena[%c32][] : memref<64xi8> to memref<8xf32>
  scf.forall (%i) in (8) {
    %v = memref.load %w[%i] : memref<8xf32>
    %p = arith.mulf %v, %s : f32
    memref.store %p, %y[%i] : memref<8xf32>
  }
  return
}

// -----

// A loop in a parallel loop is sequential, and so is one of one iteration.

// CHECK-LABEL: func.func private @nested_share(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK-LABEL: func.func private @nested(
// CHECK:         call @nested_share
// CHECK:         scf.for
// CHECK-NOT:     call
func.func private @nested(%x: memref<4x8xi8>, %b: i8) {
  scf.forall (%i) in (4) {
    scf.forall (%j) in (8) {
      memref.store %b, %x[%i, %j] : memref<4x8xi8>
    }
  }
  scf.forall (%i) in (1) {
    memref.store %b, %x[%i, %i] : memref<4x8xi8>
  }
  return
}

// -----

// Nothing to do.

// CHECK-LABEL: func.func @sequential(
// CHECK-NEXT:    return
func.func @sequential(%x: memref<4xi8>) {
  return
}
