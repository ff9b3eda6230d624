// RUN: compress-opt %s --compress-raise-integer-linalg --remarks-filter="compress" --remark-format=emitRemark -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=STAYS < %t

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>

// Each function breaks one condition, so that what it says stays.

// CHECK:       Remark="linalg.generic stays as it is: does not give the codes of clamp(roundeven(x / scale) + zero point) for every x"
// STAYS-LABEL: func @truncates
// STAYS-NOT:     compress.fake_quant
// STAYS:         arith.fptosi
func.func @truncates(%x: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<4xi8>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = arith.maximumf %1, %lo : f32
    %3 = arith.minimumf %2, %hi : f32
    %4 = arith.fptosi %3 : f32 to i8
    linalg.yield %4 : i8
  } -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// Its reciprocal is rounded: the product differs from the quotient at some ties.

// CHECK:       Remark="linalg.generic stays as it is: does not give the codes of
// STAYS-LABEL: func @reciprocal
// STAYS-NOT:     compress.fake_quant
func.func @reciprocal(%x: tensor<4xf32>) -> tensor<4xi8> {
  %r = arith.constant 9.3 : f32
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<4xi8>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.mulf %in, %r : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// CHECK:       Remark="linalg.generic stays as it is: does not divide, round and clamp"
// STAYS-LABEL: func @wraps
// STAYS-NOT:     compress.fake_quant
func.func @wraps(%x: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<4xi8>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i32
    %4 = arith.trunci %3 : i32 to i8
    linalg.yield %4 : i8
  } -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// CHECK:       Remark="linalg.generic stays as it is: depends on more than one tensor"
// STAYS-LABEL: func @two_tensors
// STAYS-NOT:     compress.fake_quant
func.func @two_tensors(%x: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<4xi8> {
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %e = tensor.empty() : tensor<4xi8>
  %q = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%x, %s : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%in: f32, %scale: f32, %out: i8):
    %1 = arith.divf %in, %scale : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// The codes are unsigned, and read as signed: those above 127 become negative.

// CHECK:       Remark="linalg.generic stays as it is: its integers are not the codes of one scale"
// STAYS-LABEL: func @other_sign
// STAYS:         compress.fake_quant
// STAYS:         arith.sitofp
func.func @other_sign(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = arith.constant 0.5 : f32
  %lo = arith.constant 0.0 : f32
  %hi = arith.constant 255.0 : f32
  %e = tensor.empty() : tensor<4xi8>
  %ef = tensor.empty() : tensor<4xf32>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptoui %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<4xi8>
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%q : tensor<4xi8>) outs(%ef : tensor<4xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.sitofp %in : i8 to f32
    %2 = arith.mulf %1, %s : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK:       Remark="linalg.generic stays as it is: of its sum, its weights are no i8 constant"
// STAYS-LABEL: func @no_weights
// STAYS:         linalg.matmul {{.*}}xi8>) outs
func.func @no_weights(%x: tensor<1x2xf32>, %w: tensor<2x2xi8>) -> tensor<1x2xf32> {
  %s = arith.constant 0.5 : f32
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2xi8>
  %ei = tensor.empty() : tensor<1x2xi32>
  %ef = tensor.empty() : tensor<1x2xf32>
  %q = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<1x2xf32>) outs(%e : tensor<1x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<1x2xi8>
  %init = linalg.fill ins(%zero : i32) outs(%ei : tensor<1x2xi32>) -> tensor<1x2xi32>
  %m = linalg.matmul ins(%q, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%init : tensor<1x2xi32>) -> tensor<1x2xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<1x2xi32>) outs(%ef : tensor<1x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %s : f32
    linalg.yield %2 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// One sum with two scales: the first is taken.

// CHECK:       Remark="linalg.generic stays as it is: of its sum, it is multiplied by several scales"
// STAYS-LABEL: func @two_scales
// STAYS:         linalg.matmul {{.*}}xi8>) outs
// STAYS:         linalg.matmul {{.*}}xf32>) outs
func.func @two_scales(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2xi8>
  %ei = tensor.empty() : tensor<1x2xi32>
  %ef = tensor.empty() : tensor<1x2xf32>
  %q = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<1x2xf32>) outs(%e : tensor<1x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<1x2xi8>
  %init = linalg.fill ins(%zero : i32) outs(%ei : tensor<1x2xi32>) -> tensor<1x2xi32>
  %m = linalg.matmul ins(%q, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%init : tensor<1x2xi32>) -> tensor<1x2xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<1x2xi32>) outs(%ef : tensor<1x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %s : f32
    linalg.yield %2 : f32
  } -> tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<1x2xi32>) outs(%ef : tensor<1x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %t : f32
    linalg.yield %2 : f32
  } -> tensor<1x2xf32>
  return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
}
