// RUN: compress-opt %s --compress-profile-kernels=features=+sse2 --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-profile-kernels --split-input-file | FileCheck %s --check-prefix=STEADY

// The counter is read before the first kernel and after each. A product of 6x64
// by 64x16 has 6144 multiply-accumulates of bytes; operands are 384, 1024 and 384
// bytes. Others multiply nothing.

// CHECK: module attributes {compress.profile = [
// CHECK-SAME: {bytes = 1792 : i64, element = "i8", kernel = "kernel_0_matmul", macs = 6144 : i64, source = "fc1"}
// CHECK-SAME: {bytes = 768 : i64, element = "", kernel = "kernel_1_negate", macs = 0 : i64, source = "neg"}
// CHECK-SAME: compress.profile_ticks = @profile_ticks
// CHECK: llvm.mlir.global internal @profile_ticks(dense<0> : tensor<2xi64>)
// CHECK-LABEL: func @main
// CHECK: %[[T0:.+]] = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
// CHECK: call @kernel_0_matmul
// CHECK: %[[T1:.+]] = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
// CHECK: %[[D0:.+]] = arith.subi %[[T1]], %[[T0]] : i64
// CHECK: %[[SUM:.+]] = arith.addi %{{.+}}, %[[D0]] : i64
// CHECK: llvm.store %[[SUM]]
// CHECK: call @kernel_1_negate
// CHECK: %[[T2:.+]] = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
// CHECK: arith.subi %[[T2]], %[[T1]] : i64
// STEADY: llvm.call_intrinsic "llvm.readsteadycounter"
memref.global "private" constant @w : memref<64x16xi8> = dense<1>

func.func private @kernel_0_matmul(%x: memref<6x64xi8>, %y: memref<6x16xi32>) {
  %w = memref.get_global @w : memref<64x16xi8>
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y : memref<6x16xi32>)
  return
}
func.func private @kernel_1_negate(%x: memref<6x16xi32>, %y: memref<6x16xi32>) {
  linalg.copy ins(%x : memref<6x16xi32>) outs(%y : memref<6x16xi32>)
  return
}
func.func @main(%x: memref<6x64xi8>, %y: memref<6x16xi32>) {
  %a = memref.alloc() : memref<6x16xi32>
  call @kernel_0_matmul(%x, %a) : (memref<6x64xi8>, memref<6x16xi32>) -> () loc("fc1")
  call @kernel_1_negate(%a, %y) : (memref<6x16xi32>, memref<6x16xi32>) -> () loc("neg")
  return
}
