// RUN: compress-opt %s --compress-raise-integer-linalg --canonicalize --mlir-print-local-scope | FileCheck %s

// Fake quantizations that are written in f32, as torch-mlir writes those of
// quantization aware training.

#id = affine_map<(d0) -> (d0)>
#one = affine_map<(d0) -> (0)>

// One op each; the bounds are operands. An open shape.

// CHECK-LABEL: func @chain
// CHECK-SAME:    %[[X:.+]]: tensor<?xf32>
// CHECK-NEXT:    %[[Y:.+]] = compress.fake_quant %[[X]] {type = !quant.uniform<i8:f32, 5.000000e-01:-25>}
// CHECK-NEXT:    return %[[Y]]
func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %s = arith.constant 0.5 : f64
  %z = arith.constant 103.0 : f32
  %lo = arith.constant dense<0> : tensor<1xi64>
  %hi = arith.constant dense<255> : tensor<1xi64>
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %f = arith.truncf %s : f64 to f32
    %r = arith.divf %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%1 : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = math.roundeven %in : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%2 : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.addf %in, %z : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %4 = linalg.generic {indexing_maps = [#id, #one, #id], iterator_types = ["parallel"]} ins(%3, %lo : tensor<?xf32>, tensor<1xi64>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %b: i64, %out: f32):
    %f = arith.sitofp %b : i64 to f32
    %c = arith.cmpf ogt, %in, %f : f32
    %r = arith.select %c, %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %5 = linalg.generic {indexing_maps = [#id, #one, #id], iterator_types = ["parallel"]} ins(%4, %hi : tensor<?xf32>, tensor<1xi64>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %b: i64, %out: f32):
    %f = arith.sitofp %b : i64 to f32
    %c = arith.cmpf olt, %in, %f : f32
    %r = arith.select %c, %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %6 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%5 : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.subf %in, %z : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %7 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%6 : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %f = arith.truncf %s : f64 to f32
    %r = arith.mulf %in, %f : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %7 : tensor<?xf32>
}

// One body; of a constant the codes are stored.

// CHECK-LABEL: func @constant
// CHECK-DAG:     %[[C:.+]] = arith.constant dense<[2, -4, 127, -127]> : tensor<4xi8>
// CHECK:         %[[S:.+]] = quant.scast %[[C]] : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 5.000000e-01>>
// CHECK:         %[[Y:.+]] = quant.dcast %[[S]]
// CHECK:         return %[[Y]]
func.func @constant() -> tensor<4xf32> {
  %w = arith.constant dense<[1.25, -2.0, 100.0, -100.0]> : tensor<4xf32>
  %s = arith.constant 0.5 : f32
  %lo = arith.constant -127.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%w : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.mulf %4, %s : f32
    linalg.yield %5 : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// The scales differ, or there are no bounds, or what is rounded is used besides.

// CHECK-LABEL: func @stays
// CHECK-NOT:     compress.fake_quant
// CHECK-NOT:     quant.scast
// CHECK:         return
func.func @stays(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %lo = arith.constant -127.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.mulf %4, %t : f32
    linalg.yield %5 : f32
  } -> tensor<4xf32>
  %u = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %5 = arith.mulf %2, %s : f32
    linalg.yield %5 : f32
  } -> tensor<4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %f = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%r : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.mulf %in, %s : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %y, %u, %r, %f : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
