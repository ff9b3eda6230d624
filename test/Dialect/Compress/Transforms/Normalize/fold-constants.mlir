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

// What only repeats numbers stays; what reads a value that is not known too.

// CHECK-LABEL: func @stays
// CHECK:         linalg.fill
// CHECK:         linalg.broadcast
// CHECK:         linalg.generic
// CHECK:           linalg.index
// CHECK:         linalg.add
func.func @stays(%x: tensor<2xi32>) -> (tensor<2xi32>, tensor<2x2xi32>, tensor<2xi32>, tensor<2xi32>) {
  %c = arith.constant dense<[1, 2]> : tensor<2xi32>
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<2xi32>
  %e2 = tensor.empty() : tensor<2x2xi32>
  %f = linalg.fill ins(%z : i32) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  %b = linalg.broadcast ins(%c : tensor<2xi32>) outs(%e2 : tensor<2x2xi32>) dimensions = [0]
  %i = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%c : tensor<2xi32>) outs(%e : tensor<2xi32>) {
  ^bb0(%in: i32, %out: i32):
    %1 = linalg.index 0 : index
    %2 = arith.index_cast %1 : index to i32
    %3 = arith.addi %2, %in : i32
    linalg.yield %3 : i32
  } -> tensor<2xi32>
  %a = linalg.add ins(%x, %c : tensor<2xi32>, tensor<2xi32>) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  return %f, %b, %i, %a : tensor<2xi32>, tensor<2x2xi32>, tensor<2xi32>, tensor<2xi32>
}
