// RUN: compress-opt %s --compress-fuse-elementwise --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>

// A requantization and the op that alone reads it become one.

// CHECK-LABEL: func @chain
// CHECK-SAME: (%[[ACC:.+]]: tensor<4x8xi32>, %[[X:.+]]: tensor<4x8xi8>)
// CHECK: %[[Y:.+]] = linalg.generic {{.*}} ins(%[[ACC]], %[[X]] :
// CHECK: compress.requantize
// CHECK: arith.addi
// CHECK-NOT: linalg.generic
// CHECK: return %[[Y]]
func.func @chain(%acc: tensor<4x8xi32>, %x: tensor<4x8xi8>) -> tensor<4x8xi8> {
  %s = arith.constant 0.01 : f32
  %e = tensor.empty() : tensor<4x8xi8>
  %q = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : tensor<4x8xi32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%a: i32, %o: i8):
    %r = compress.requantize %a, %s zp(0) range(-128, 127) : i32, f32 -> i8
    linalg.yield %r : i8
  } -> tensor<4x8xi8>
  %y = linalg.add ins(%q, %x : tensor<4x8xi8>, tensor<4x8xi8>) outs(%e : tensor<4x8xi8>) -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// What two ops read is not computed twice.

// CHECK-LABEL: func @two_users
// CHECK-COUNT-3: linalg.generic
func.func @two_users(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %e = tensor.empty() : tensor<4x8xf32>
  %a = linalg.exp ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = linalg.negf ins(%a : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %c = linalg.abs ins(%a : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %b, %c : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Of two sums only one becomes an operand of a fused op: the other is reduced
// to few bits before it goes to memory.

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func @two_sums
// CHECK-COUNT-2: linalg.matmul
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
func.func @two_sums(%x: tensor<4x8xi8>, %w: tensor<8x8xi8>, %i: tensor<4x8xi32>) -> tensor<4x8xi8> {
  %s = arith.constant 0.01 : f32
  %e = tensor.empty() : tensor<4x8xi8>
  %m = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%i : tensor<4x8xi32>) -> tensor<4x8xi32>
  %n = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%m : tensor<4x8xi32>) -> tensor<4x8xi32>
  %p = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%i : tensor<4x8xi32>) -> tensor<4x8xi32>
  %q = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%n : tensor<4x8xi32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%a: i32, %o: i8):
    %r = compress.requantize %a, %s zp(0) range(-128, 127) : i32, f32 -> i8
    linalg.yield %r : i8
  } -> tensor<4x8xi8>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p : tensor<4x8xi32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%a: i32, %o: i8):
    %t = compress.requantize %a, %s zp(0) range(-128, 127) : i32, f32 -> i8
    linalg.yield %t : i8
  } -> tensor<4x8xi8>
  %y = linalg.add ins(%q, %r : tensor<4x8xi8>, tensor<4x8xi8>) outs(%e : tensor<4x8xi8>) -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}

// -----

// A transpose would break up the vectors of the other op.

// CHECK-LABEL: func @transpose
// CHECK-COUNT-2: linalg.generic
func.func @transpose(%x: tensor<5x8xf32>) -> tensor<8x5xf32> {
  %e = tensor.empty() : tensor<5x8xf32>
  %t = tensor.empty() : tensor<8x5xf32>
  %a = linalg.exp ins(%x : tensor<5x8xf32>) outs(%e : tensor<5x8xf32>) -> tensor<5x8xf32>
  %y = linalg.transpose ins(%a : tensor<5x8xf32>) outs(%t : tensor<8x5xf32>) permutation = [1, 0]
  return %y : tensor<8x5xf32>
}

// -----

// Not so where the rows of the result are shorter than vectors.

// CHECK-LABEL: func @planes
// CHECK: linalg.generic
// CHECK-NOT: linalg.generic
func.func @planes(%x: tensor<3x8xf32>) -> tensor<8x3xf32> {
  %t = tensor.empty() : tensor<8x3xf32>
  %u = tensor.empty() : tensor<8x3xf32>
  %a = linalg.transpose ins(%x : tensor<3x8xf32>) outs(%t : tensor<8x3xf32>) permutation = [1, 0]
  %y = linalg.exp ins(%a : tensor<8x3xf32>) outs(%u : tensor<8x3xf32>) -> tensor<8x3xf32>
  return %y : tensor<8x3xf32>
}

// -----

// What initializes a sum keeps its name.

// CHECK-LABEL: func @bias
// CHECK: linalg.broadcast
// CHECK: linalg.matmul
func.func @bias(%x: tensor<4x8xi8>, %w: tensor<8x6xi8>, %b: tensor<6xi32>) -> tensor<4x6xi32> {
  %e = tensor.empty() : tensor<4x6xi32>
  %i = linalg.broadcast ins(%b : tensor<6xi32>) outs(%e : tensor<4x6xi32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<4x8xi8>, tensor<8x6xi8>) outs(%i : tensor<4x6xi32>) -> tensor<4x6xi32>
  return %y : tensor<4x6xi32>
}

// -----

// A number goes into all that read it.

// CHECK-LABEL: func @number
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<4x8xf32>)
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<4x8xf32>)
// CHECK-NOT: linalg.generic
func.func @number(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %half = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %s = tensor.empty() : tensor<f32>
  %n = linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%s : tensor<f32>) {
  ^bb0(%o: f32):
    linalg.yield %half : f32
  } -> tensor<f32>
  %a = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %n : tensor<4x8xf32>, tensor<f32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %r = arith.addf %u, %v : f32
    linalg.yield %r : f32
  } -> tensor<4x8xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%y, %n : tensor<4x8xf32>, tensor<f32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %r = arith.mulf %u, %v : f32
    linalg.yield %r : f32
  } -> tensor<4x8xf32>
  return %a, %b : tensor<4x8xf32>, tensor<4x8xf32>
}
