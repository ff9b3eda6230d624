// RUN: compress-opt %s --compress-export-abi=name=net | FileCheck %s

// A network with matrix instructions asks for tile registers first; where it
// gets none it returns the error and computes nothing.

// CHECK: llvm.func hidden @compress_enable_tiles() -> i32
// CHECK-LABEL: func.func @net_run(
// CHECK: %[[STATUS:.+]] = llvm.call @compress_enable_tiles() : () -> i32
// CHECK: %[[REFUSED:.+]] = llvm.icmp "ne" %[[STATUS]]
// CHECK: cf.cond_br %[[REFUSED]], ^[[STOP:.+]], ^[[GO:.+]]
// CHECK: ^[[GO]]:
// CHECK: call @net_network
// CHECK: ^[[STOP]]:
// CHECK-NEXT: return %[[STATUS]]
func.func private @kernel(%y: memref<256xi32>) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %z = amx.tile_zero : !amx.tile<16x16xi32>
  amx.tile_store %y[%c0], %z, %c16 : memref<256xi32>, !amx.tile<16x16xi32>
  return
}
func.func @main(%in: memref<4xf32>, %out: memref<256xi32>, %arena: memref<0xi8>)
    attributes {compress.num_inputs = 1 : i64} {
  call @kernel(%out) : (memref<256xi32>) -> ()
  return
}
