// RUN: compress-opt %s --compress-lower-tiles | FileCheck %s

// A loop that carries a tile carries one of LLVM's, other loops stay.

// CHECK-LABEL: func @product
// CHECK: %[[ZERO:.+]] = llvm.call_intrinsic "llvm.x86.tilezero.internal"
// CHECK: %[[SUM:.+]] = scf.for {{.*}} iter_args(%[[S:.+]] = %[[ZERO]]) -> (!llvm.x86_amx)
// CHECK: %[[X:.+]] = llvm.call_intrinsic "llvm.x86.tileloadd64.internal"
// CHECK: %[[Y:.+]] = llvm.call_intrinsic "llvm.x86.tileloadd64.internal"
// CHECK: %[[T:.+]] = llvm.call_intrinsic "llvm.x86.tdpbusd.internal"(%{{.+}}, %{{.+}}, %{{.+}}, %[[S]], %[[X]], %[[Y]])
// CHECK: scf.yield %[[T]]
// CHECK: llvm.call_intrinsic "llvm.x86.tilestored64.internal"({{.*}}, %[[SUM]])
// CHECK: scf.for %{{.+}} = %c0 to %c4 step %c1 {
// CHECK-NOT: amx.
func.func @product(%a: memref<16x64xi8>, %w: memref<4096xi8>, %o: memref<256xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %one = arith.constant 1 : i32
  %z = amx.tile_zero : !amx.tile<16x16xi32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%s = %z) -> (!amx.tile<16x16xi32>) {
    %x = amx.tile_load %a[%c0, %c0] : memref<16x64xi8> into !amx.tile<16x64xi8>
    %y = amx.tile_load %w[%i], %c64 : memref<4096xi8> into !amx.tile<16x64xi8>
    %t = amx.tile_muli %x zext, %y, %s : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
    scf.yield %t : !amx.tile<16x16xi32>
  }
  amx.tile_store %o[%c0], %r, %c16 : memref<256xi32>, !amx.tile<16x16xi32>
  scf.for %i = %c0 to %c4 step %c1 {
    memref.store %one, %o[%i] : memref<256xi32>
  }
  return
}
