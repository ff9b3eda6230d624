// RUN: compress-opt %s --compress-lower-kernel-loops --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @fill
// CHECK-SAME: (%[[Y:.+]]: memref<4xi32>)
// CHECK: scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step %{{.+}} {
// CHECK: memref.store %{{.+}}, %[[Y]][
// CHECK-NOT: linalg
func.func @fill(%y: memref<4xi32>) {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<4xi32>)
  return
}

// -----

// CHECK-LABEL: func @copy
// CHECK: scf.for
// CHECK: memref.load
// CHECK: memref.store
func.func @copy(%x: memref<4x4xf32, strided<[1, 4]>>, %y: memref<4x4xf32>) {
  memref.copy %x, %y : memref<4x4xf32, strided<[1, 4]>> to memref<4x4xf32>
  return
}

// -----

// The outermost loop of much work is spread over threads; a reduction is not.

// CHECK-LABEL: func @parallel
// CHECK: scf.forall (%{{.+}}) in (64)
// CHECK: scf.for
// CHECK-LABEL: func @reduction
// CHECK-NOT: scf.forall
func.func @parallel(%x: memref<64x2048xf32>, %y: memref<64x2048xf32>) {
  linalg.exp ins(%x : memref<64x2048xf32>) outs(%y : memref<64x2048xf32>)
  return
}
func.func @reduction(%x: memref<64x2048xf32>, %y: memref<2048xf32>) {
  linalg.reduce {arith.addf} ins(%x : memref<64x2048xf32>) outs(%y : memref<2048xf32>) dimensions = [0]
  return
}

// -----

func.func @tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires buffers of static shape; bufferize first}}
  %y = linalg.exp ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
