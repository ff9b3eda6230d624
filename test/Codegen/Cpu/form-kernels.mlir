// RUN: compress-opt %s --compress-form-kernels --split-input-file --verify-diagnostics | FileCheck %s
// RUN: compress-opt %s --compress-form-kernels=fuse=false --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=APART

#id = affine_map<(d0, d1) -> (d0, d1)>
memref.global "private" constant @weights : memref<8x6xi8> = dense<1>

// A sum, what initializes it and what reads it form one kernel; the sums are
// a buffer of the kernel, the weights a constant in it.

// CHECK-LABEL: func.func private @kernel_0_matmul
// CHECK-SAME: (%[[X:.+]]: memref<4x8xi8>, %[[Y:.+]]: memref<4x6xi8, strided<[8, 1], offset: 2>>, %[[S:.+]]: f32)
// CHECK-DAG: %[[W:.+]] = memref.get_global @weights
// CHECK-DAG: %[[ACC:.+]] = memref.alloc() : memref<4x6xi32>
// CHECK: linalg.fill {{.*}} outs(%[[ACC]]
// CHECK: linalg.matmul ins(%[[X]], %[[W]] {{.*}} outs(%[[ACC]]
// CHECK: linalg.generic {{.*}} ins(%[[ACC]] {{.*}} outs(%[[Y]]
// CHECK: compress.requantize %{{.+}}, %[[S]]
// CHECK: return
// CHECK: func.func private @kernel_1_copy
// CHECK: linalg.copy
// CHECK-LABEL: func.func @main
// CHECK-NOT: memref.alloc
// CHECK: %[[V:.+]] = memref.subview
// CHECK: call @kernel_0_matmul(%{{.+}}, %[[V]], %{{.+}})
// CHECK: call @kernel_1_copy
// CHECK-NEXT: return

// APART: func.func private @kernel_0_fill
// APART: func.func private @kernel_1_matmul
// APART: func.func private @kernel_2_generic
// APART: func.func private @kernel_3_copy
// APART-LABEL: func.func @main
// APART: %[[ACC:.+]] = memref.alloc() : memref<4x6xi32>
// APART: call @kernel_0_fill(%[[ACC]])
func.func @main(%x: memref<4x8xi8>, %s: f32, %y: memref<4x8xi8>, %z: memref<4x8xi8>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @weights : memref<8x6xi8>
  %acc = memref.alloc() : memref<4x6xi32>
  linalg.fill ins(%zero : i32) outs(%acc : memref<4x6xi32>)
  linalg.matmul ins(%x, %w : memref<4x8xi8>, memref<8x6xi8>) outs(%acc : memref<4x6xi32>)
  %v = memref.subview %y[0, 2] [4, 6] [1, 1] : memref<4x8xi8> to memref<4x6xi8, strided<[8, 1], offset: 2>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : memref<4x6xi32>) outs(%v : memref<4x6xi8, strided<[8, 1], offset: 2>>) {
  ^bb0(%a: i32, %o: i8):
    %r = compress.requantize %a, %s zp(0) range(-128, 127) : i32, f32 -> i8
    linalg.yield %r : i8
  }
  memref.copy %y, %z : memref<4x8xi8> to memref<4x8xi8>
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// The epilogue writes in place of an input of the sum: it must wait for the
// whole sum.

// CHECK-LABEL: func.func private @kernel_0_matmul
// CHECK: linalg.fill
// CHECK: linalg.matmul
// CHECK-LABEL: func.func private @kernel_1_generic
// CHECK-LABEL: func.func @main
// CHECK: memref.alloc
// APART-LABEL: func.func @main
func.func @main(%x: memref<8x8xi8>, %w: memref<8x8xi8>) {
  %zero = arith.constant 0 : i32
  %acc = memref.alloc() : memref<8x8xi32>
  linalg.fill ins(%zero : i32) outs(%acc : memref<8x8xi32>)
  linalg.matmul ins(%x, %w : memref<8x8xi8>, memref<8x8xi8>) outs(%acc : memref<8x8xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : memref<8x8xi32>) outs(%x : memref<8x8xi8>) {
  ^bb0(%a: i32, %o: i8):
    %r = arith.trunci %a : i32 to i8
    linalg.yield %r : i8
  }
  return
}

// -----

func.func private @other()
func.func @main() {
  // expected-error @+1 {{requires linalg ops, copies and views of static shape; this op has no code for CPUs}}
  call @other() : () -> ()
  return
}
