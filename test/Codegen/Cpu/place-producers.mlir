// RUN: compress-opt %s --compress-place-producers --split-input-file | FileCheck %s

// The sum and its initialization move right before the op that reads the sum.

// CHECK-LABEL: func @move
// CHECK: tensor.insert_slice
// CHECK-NEXT: %[[E:.+]] = tensor.empty() : tensor<4x6xf32>
// CHECK-NEXT: %[[I:.+]] = linalg.fill {{.*}} outs(%[[E]]
// CHECK-NEXT: %[[A:.+]] = linalg.matmul {{.*}} outs(%[[I]]
// CHECK-NEXT: %[[F:.+]] = tensor.empty() : tensor<4x6xf32>
// CHECK-NEXT: linalg.negf ins(%[[A]] {{.*}} outs(%[[F]]
func.func @move(%x: tensor<4x8xf32>, %w: tensor<8x6xf32>, %z: tensor<8xf32>, %u: tensor<2xf32>) -> (tensor<4x6xf32>, tensor<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x6xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  %a = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%i : tensor<4x6xf32>) -> tensor<4x6xf32>
  %s = tensor.insert_slice %u into %z[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  %y = linalg.negf ins(%a : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %y, %s : tensor<4x6xf32>, tensor<8xf32>
}

// -----

// One initialization of two sums is repeated.

// CHECK-LABEL: func @repeat
// CHECK: %[[I:.+]] = linalg.fill
// CHECK-NEXT: linalg.matmul {{.*}} outs(%[[I]]
// CHECK: %[[J:.+]] = linalg.fill
// CHECK-NEXT: linalg.matmul {{.*}} outs(%[[J]]
func.func @repeat(%x: tensor<4x8xf32>, %w: tensor<8x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x6xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  %a = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%i : tensor<4x6xf32>) -> tensor<4x6xf32>
  %b = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%i : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %a, %b : tensor<4x6xf32>, tensor<4x6xf32>
}

// -----

// A sum with two readers stays where it is.

// CHECK-LABEL: func @two_readers
// CHECK: linalg.matmul
// CHECK-NEXT: tensor.insert_slice
func.func @two_readers(%x: tensor<4x8xf32>, %w: tensor<8x6xf32>, %i: tensor<4x6xf32>, %z: tensor<8xf32>, %u: tensor<2xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<4x6xf32>
  %a = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%i : tensor<4x6xf32>) -> tensor<4x6xf32>
  %s = tensor.insert_slice %u into %z[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  %y = linalg.negf ins(%a : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %y, %a, %s : tensor<4x6xf32>, tensor<4x6xf32>, tensor<8xf32>
}
