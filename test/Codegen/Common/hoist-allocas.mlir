// RUN: compress-opt %s --compress-hoist-allocas --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func private @tiles(
// CHECK-NEXT:    %[[A:.+]] = memref.alloca() : memref<16xi32>
// CHECK-NEXT:    %[[B:.+]] = memref.alloca() {alignment = 64 : i64} : memref<4xi32>
// CHECK:         scf.for
// CHECK-NOT:     memref.alloca
// CHECK:         memref.store %{{[a-z0-9_]+}}, %[[A]]
// CHECK:         memref.store %{{[a-z0-9_]+}}, %[[B]]
func.func private @tiles(%n: index, %v: i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloca() : memref<16xi32>
    %b = memref.alloca() {alignment = 64 : i64} : memref<4xi32>
    memref.store %v, %a[%c0] : memref<16xi32>
    memref.store %v, %b[%c0] : memref<4xi32>
  }
  return
}

// -----

// One at the begin stays.

// CHECK-LABEL: func.func private @nothing(
// CHECK-NEXT:    arith.constant
// CHECK-NEXT:    memref.alloca
func.func private @nothing(%v: i32) {
  %c0 = arith.constant 0 : index
  %a = memref.alloca() : memref<16xi32>
  memref.store %v, %a[%c0] : memref<16xi32>
  return
}

// -----

func.func private @dynamic(%n: index) {
  // expected-error @below {{requires a static size; give the most it can be}}
  %a = memref.alloca(%n) : memref<?xi32>
  return
}
