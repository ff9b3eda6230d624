// RUN: compress-opt %s --compress-fold-constants | FileCheck %s
// RUN: compress-opt %s --compress-fold-constants=integers-only | FileCheck %s --check-prefix=INTEGERS
// RUN: compress-opt %s --compress-fold-constants=max-cost=20 | FileCheck %s --check-prefix=BUDGET

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#swap = affine_map<(d0, d1) -> (d1, d0)>

// The example of the description.

// CHECK-LABEL: func @dequantize
// CHECK-NEXT:    %[[Y:.+]] = arith.constant dense<[2.000000e+00, -3.000000e+00]> : tensor<2xf32>
// CHECK-NEXT:    return %[[Y]]
// INTEGERS-LABEL: func @dequantize
// INTEGERS:         linalg.generic
func.func @dequantize() -> tensor<2xf32> {
  %c = arith.constant dense<[4, -6]> : tensor<2xi32>
  %s = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%c : tensor<2xi32>) outs(%e : tensor<2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %s : f32
    linalg.yield %2 : f32
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// A bias that is dequantized and quantized again: what is between is computed
// too. 3 * 0.5 / 0.2 = 7.5, and halves go to even.

// CHECK-LABEL: func @requantize
// CHECK-NEXT:    arith.constant dense<[8, -8, 2]> : tensor<3xi32>
// CHECK-NEXT:    return
// INTEGERS-LABEL: func @requantize
// INTEGERS-NEXT:    arith.constant dense<[8, -8, 2]> : tensor<3xi32>
// INTEGERS-NEXT:    return
// BUDGET-LABEL: func @requantize
// BUDGET:         linalg.generic
// BUDGET:         linalg.generic
func.func @requantize() -> tensor<3xi32> {
  %c = arith.constant dense<[3, -3, 1]> : tensor<3xi16>
  %half = arith.constant 0.5 : f32
  %s = arith.constant 0.2 : f64
  %e = tensor.empty() : tensor<3xf32>
  %f = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%c : tensor<3xi16>) outs(%e : tensor<3xf32>) {
  ^bb0(%in: i16, %out: f32):
    %1 = arith.sitofp %in : i16 to f32
    %2 = arith.mulf %1, %half : f32
    linalg.yield %2 : f32
  } -> tensor<3xf32>
  %ei = tensor.empty() : tensor<3xi32>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%f : tensor<3xf32>) outs(%ei : tensor<3xi32>) {
  ^bb0(%in: f32, %out: i32):
    %1 = arith.truncf %s : f64 to f32
    %2 = arith.divf %in, %1 : f32
    %3 = math.roundeven %2 : f32
    %4 = arith.fptosi %3 : f32 to i32
    linalg.yield %4 : i32
  } -> tensor<3xi32>
  return %q : tensor<3xi32>
}

// Weights that are quantized when the network runs, one scale a row; read in
// another order, and transposed.

// CHECK-LABEL: func @weights
// CHECK-NEXT:    arith.constant dense<{{\[\[}}2, 127], [-8, -128], [12, 0]]> : tensor<3x2xi8>
// CHECK-NEXT:    return
func.func @weights() -> tensor<3x2xi8> {
  %w = arith.constant dense<[[1.0, 200.0], [-4.0, -300.0], [6.0, 0.25]]> : tensor<3x2xf32>
  %s = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<2x3xi8>
  %q = linalg.generic {indexing_maps = [#swap, #row, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%w, %s : tensor<3x2xf32>, tensor<2xf32>) outs(%e : tensor<2x3xi8>) {
  ^bb0(%in: f32, %scale: f32, %out: i8):
    %1 = arith.divf %in, %scale : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<2x3xi8>
  %et = tensor.empty() : tensor<3x2xi8>
  %t = linalg.transpose ins(%q : tensor<2x3xi8>) outs(%et : tensor<3x2xi8>) permutation = [1, 0]
  return %t : tensor<3x2xi8>
}

// A filter that is turned around, as a transposed convolution reads it.

// CHECK-LABEL: func @turned
// CHECK-NEXT:    arith.constant dense<{{\[\[}}6, 5], [4, 3], [2, 1]]> : tensor<3x2xi8>
// CHECK-NEXT:    return
func.func @turned() -> tensor<3x2xi8> {
  %w = arith.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %e = tensor.empty() : tensor<3x2xi8>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<3x2xi8>) outs(%e : tensor<3x2xi8>) {
  ^bb0(%in: i8, %out: i8):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.subi %c2, %i : index
    %l = arith.subi %c1, %j : index
    %r = tensor.extract %w[%k, %l] : tensor<3x2xi8>
    linalg.yield %r : i8
  } -> tensor<3x2xi8>
  return %y : tensor<3x2xi8>
}

// An average that computes from the place how many elements a window has, of
// an open batch: 2 at the ends and 3 between.

// CHECK-LABEL: func @counts
// CHECK-SAME:    %[[X:.+]]: tensor<?x4xf32>
// CHECK:         %[[C:.+]] = arith.constant dense<[2.000000e+00, 3.000000e+00, 3.000000e+00, 2.000000e+00]> : tensor<4xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[X]], %[[C]] : tensor<?x4xf32>, tensor<4xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      %[[Y:.+]] = arith.divf %[[A]], %[[B]] : f32
// CHECK-NEXT:      linalg.yield %[[Y]]
// INTEGERS-LABEL: func @counts
// INTEGERS:         linalg.index
func.func @counts(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1 : i64
  %two = arith.constant 2 : i64
  %three = arith.constant 3 : i64
  %none = arith.constant 0 : i64
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %i = linalg.index 1 : index
    %j = arith.index_cast %i : index to i64
    %first = arith.subi %j, %one : i64
    %lo = arith.maxsi %first, %none : i64
    %last = arith.addi %j, %one : i64
    %hi = arith.minsi %last, %three : i64
    %d = arith.subi %hi, %lo : i64
    %count = arith.addi %d, %one : i64
    %f = arith.sitofp %count : i64 to f32
    %r = arith.divf %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A fill that is written as a generic, with an operand or without.

// CHECK-LABEL: func @fills
// CHECK-SAME:    %[[S:.+]]: f32
// CHECK-DAG:     %[[C:.+]] = arith.constant 2.500000e-01 : f32
// CHECK:         %[[A:.+]] = linalg.fill ins(%[[S]] : f32)
// CHECK:         %[[B:.+]] = linalg.fill ins(%[[C]] : f32)
// CHECK:         return %[[A]], %[[B]]
func.func @fills(%s: f32) -> (tensor<4xf32>, tensor<4xf32>) {
  %c = arith.constant 0.25 : f32
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(d0) -> ()>, #id1], iterator_types = ["parallel"]} ins(%s : f32) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [#id1], iterator_types = ["parallel"]} outs(%e : tensor<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %c : f32
  } -> tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// A scale that is read from a tensor, and rounded before the body.

// CHECK-LABEL: func @captured
// CHECK-NEXT:    arith.constant dense<[8, -8]> : tensor<2xi8>
// CHECK-NEXT:    return
func.func @captured() -> tensor<2xi8> {
  %x = arith.constant dense<[1.5, -1.5]> : tensor<2xf32>
  %t = arith.constant dense<0.2> : tensor<1xf64>
  %c0 = arith.constant 0 : index
  %d = tensor.extract %t[%c0] : tensor<1xf64>
  %s = arith.truncf %d : f64 to f32
  %e = tensor.empty() : tensor<2xi8>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%e : tensor<2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i8
    linalg.yield %3 : i8
  } -> tensor<2xi8>
  return %q : tensor<2xi8>
}

// What only repeats numbers stays; what reads a value that is not known too.

// CHECK-LABEL: func @stays
// CHECK:         linalg.fill
// CHECK:         linalg.broadcast
// CHECK:         linalg.add
func.func @stays(%x: tensor<2xi32>) -> (tensor<2xi32>, tensor<2x2xi32>, tensor<2xi32>) {
  %c = arith.constant dense<[1, 2]> : tensor<2xi32>
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<2xi32>
  %e2 = tensor.empty() : tensor<2x2xi32>
  %f = linalg.fill ins(%z : i32) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  %b = linalg.broadcast ins(%c : tensor<2xi32>) outs(%e2 : tensor<2x2xi32>) dimensions = [0]
  %a = linalg.add ins(%x, %c : tensor<2xi32>, tensor<2xi32>) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  return %f, %b, %a : tensor<2xi32>, tensor<2x2xi32>, tensor<2xi32>
}
