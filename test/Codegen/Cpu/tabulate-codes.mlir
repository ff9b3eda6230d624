// RUN: compress-opt %s --compress-tabulate-codes=features=+avx512vbmi | FileCheck %s
// RUN: compress-opt %s --compress-tabulate-codes | FileCheck %s --check-prefix=LOADS
// RUN: compress-opt %s --compress-tabulate-codes=features=+avx512vbmi --remarks-filter=compress -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

#id = affine_map<(i) -> (i)>

// Behind a convolution: what follows the code is a function of it, though it
// goes through another code and uses the first one twice.

// CHECK-LABEL: func @chain
// CHECK: %[[Q:.+]] = compress.requantize %{{.*}}, %{{.*}} zp(2)
// CHECK-NEXT: %[[Y:.+]] = compress.lookup %[[Q]] [
// CHECK-NEXT: linalg.yield %[[Y]]
// LOADS-LABEL: func @chain
// LOADS: compress.lookup
func.func @chain(%acc: tensor<64xi32>, %s: tensor<64xf32>) -> tensor<64xi8> {
  %one = arith.constant 1.0 : f32
  %t = arith.constant 0.03 : f32
  %c2 = arith.constant 2 : i32
  %c256 = arith.constant 256.0 : f32
  %e = tensor.empty() : tensor<64xi8>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%acc, %s : tensor<64xi32>, tensor<64xf32>) outs(%e : tensor<64xi8>) {
  ^bb0(%a: i32, %scale: f32, %out: i8):
    %q = compress.requantize %a, %scale zp(2) range(-128, 127) : i32, f32 -> i8
    %w = arith.extsi %q : i8 to i32
    %i = arith.subi %w, %c2 : i32
    %f = arith.sitofp %i : i32 to f32
    %x = arith.mulf %f, %t : f32
    %h = math.tanh %x : f32
    %r = compress.requantize %h, %c256 zp(-128) range(-128, 127) : f32, f32 -> i8
    %u = arith.extsi %r : i8 to i32
    %m = arith.muli %i, %u : i32
    %z = compress.requantize %m, %t zp(5) range(-128, 127) : i32, f32 -> i8
    linalg.yield %z : i8
  } -> tensor<64xi8>
  return %y : tensor<64xi8>
}

// A table of TOSA, which is read element by element: here 7 for all codes.

// CHECK-LABEL: func @extract
// CHECK: compress.lookup %{{.*}} [7, 7, {{.*}}, 7] : i8
// CHECK-NOT: tensor.extract
// CHECK: return
func.func @extract(%x: tensor<64xi8>) -> tensor<64xi8> {
  %table = arith.constant dense<7> : tensor<256xi8>
  %c128 = arith.constant 128 : index
  %e = tensor.empty() : tensor<64xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xi8>) outs(%e : tensor<64xi8>) {
  ^bb0(%code: i8, %out: i8):
    %i = arith.index_cast %code : i8 to index
    %j = arith.addi %i, %c128 : index
    %r = tensor.extract %table[%j] : tensor<256xi8>
    linalg.yield %r : i8
  } -> tensor<64xi8>
  return %y : tensor<64xi8>
}

// Of two codes there would be 65536 entries; what depends on the place is no
// function of a code; a clamp is cheaper than 16 loads.

// CHECK-LABEL: func @none
// CHECK-NOT: compress.lookup
// CHECK: return
func.func @none(%x: tensor<64xi8>, %y: tensor<64xi8>) -> (tensor<64xi8>, tensor<64xi8>) {
  %e = tensor.empty() : tensor<64xi8>
  %sum = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<64xi8>, tensor<64xi8>) outs(%e : tensor<64xi8>) {
  ^bb0(%a: i8, %b: i8, %out: i8):
    %r = arith.addi %a, %b : i8
    linalg.yield %r : i8
  } -> tensor<64xi8>
  %placed = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xi8>) outs(%e : tensor<64xi8>) {
  ^bb0(%a: i8, %out: i8):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i8
    %r = arith.addi %a, %j : i8
    linalg.yield %r : i8
  } -> tensor<64xi8>
  return %sum, %placed : tensor<64xi8>, tensor<64xi8>
}

// CHECK-LABEL: func @cheap
// CHECK: compress.lookup
// LOADS-LABEL: func @cheap
// LOADS: arith.maxsi
// LOADS-NOT: compress.lookup
func.func @cheap(%x: tensor<64xi8>) -> tensor<64xi8> {
  %c0 = arith.constant 0 : i8
  %c9 = arith.constant 9 : i8
  %e = tensor.empty() : tensor<64xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xi8>) outs(%e : tensor<64xi8>) {
  ^bb0(%code: i8, %out: i8):
    %a = arith.maxsi %code, %c0 : i8
    %r = arith.minsi %a, %c9 : i8
    linalg.yield %r : i8
  } -> tensor<64xi8>
  return %y : tensor<64xi8>
}

// Counts of bits are not evaluated.

// CHECK-LABEL: func @counts
// CHECK-NOT: compress.lookup
// CHECK: return
// REMARK: remark: [Missed] Tabulate {{.*}}this function of one code is computed each time, not looked up
// REMARK-NEXT: arith.muli
// REMARK-NOT: remark:
func.func @counts(%x: tensor<64xi8>) -> tensor<64xi8> {
  %e = tensor.empty() : tensor<64xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xi8>) outs(%e : tensor<64xi8>) {
  ^bb0(%code: i8, %out: i8):
    %ones = math.ctpop %code : i8
    %low = math.cttz %ones : i8
    %high = math.ctlz %low : i8
    %both = arith.xori %ones, %high : i8
    %r = arith.muli %both, %low : i8
    linalg.yield %r : i8
  } -> tensor<64xi8>
  return %y : tensor<64xi8>
}
