// RUN: compress-opt %s --canonicalize | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5:-3>
!r = !quant.uniform<i8:f32, 0.25:-3>

// A fake quantization is no identity, however it looks.

// CHECK-LABEL: func @fake_quant_stays
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK:         %[[Y:.+]] = compress.fake_quant %[[X]]
// CHECK:         return %[[Y]]
func.func @fake_quant_stays(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = compress.fake_quant %x {type = !q} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// Twice to the same grid is once.

// CHECK-LABEL: func @fake_quant_twice
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK-NEXT:    %[[Y:.+]] = compress.fake_quant %[[X]]
// CHECK-NEXT:    return %[[Y]]
func.func @fake_quant_twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = compress.fake_quant %x {type = !q} : tensor<4xf32>
  %z = compress.fake_quant %y {type = !q} : tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func @fake_quant_other_grid
// CHECK:         compress.fake_quant
// CHECK:         compress.fake_quant
func.func @fake_quant_other_grid(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = compress.fake_quant %x {type = !q} : tensor<4xf32>
  %z = compress.fake_quant %y {type = !r} : tensor<4xf32>
  return %z : tensor<4xf32>
}

// Folded, a constant would hide its codes.

// CHECK-LABEL: func @fake_quant_constant_stays
// CHECK:         compress.fake_quant
func.func @fake_quant_constant_stays() -> tensor<2xf32> {
  %x = arith.constant dense<[0.3, 0.8]> : tensor<2xf32>
  %y = compress.fake_quant %x {type = !q} : tensor<2xf32>
  return %y : tensor<2xf32>
}

// Nobody reads it: it has no effect.

// CHECK-LABEL: func @fake_quant_dead
// CHECK-NEXT:    return
func.func @fake_quant_dead(%x: tensor<4xf32>) {
  %y = compress.fake_quant %x {type = !q} : tensor<4xf32>
  return
}

// CHECK-LABEL: func @observe_twice
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK-NEXT:    %[[Y:.+]] = compress.observe %[[X]] {name = "a"}
// CHECK-NEXT:    return %[[Y]]
func.func @observe_twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = compress.observe %x {name = "a"} : tensor<4xf32>
  %z = compress.observe %y {name = "a"} : tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func @observe_two_names
// CHECK:         compress.observe %{{.+}} {name = "a"}
// CHECK:         compress.observe %{{.+}} {name = "b"}
func.func @observe_two_names(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = compress.observe %x {name = "a"} : tensor<4xf32>
  %z = compress.observe %y {name = "b"} : tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func @all_channels
// CHECK-SAME:    %[[X:.+]]: tensor<1x2xf32>
// CHECK-NEXT:    return %[[X]]
func.func @all_channels(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %y = compress.channel_mask %x {axis = 1, mask = array<i1: true, true>} : tensor<1x2xf32>
  %z = compress.scatter_channels %y {axis = 1, indices = array<i64: 0, 1>} : tensor<1x2xf32> -> tensor<1x2xf32>
  return %z : tensor<1x2xf32>
}

// A gate waits for whoever scores its channels.

// CHECK-LABEL: func @gate_stays
// CHECK:         compress.channel_gate
func.func @gate_stays(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 1.0, 1.0>, gamma = array<f32: 1.0, 1.0>} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Halves round to even: 2.5 and 3.5, -2.5 and -3.5.

// CHECK-LABEL: func @requantize_ties
// CHECK-DAG:     %[[A:.+]] = arith.constant 2 : i8
// CHECK-DAG:     %[[B:.+]] = arith.constant 4 : i8
// CHECK-DAG:     %[[C:.+]] = arith.constant -2 : i8
// CHECK-DAG:     %[[D:.+]] = arith.constant -4 : i8
// CHECK:         return %[[A]], %[[B]], %[[C]], %[[D]]
func.func @requantize_ties() -> (i8, i8, i8, i8) {
  %half = arith.constant 0.5 : f32
  %5 = arith.constant 5 : i32
  %7 = arith.constant 7 : i32
  %m5 = arith.constant -5 : i32
  %m7 = arith.constant -7 : i32
  %a = compress.requantize %5, %half zp(0) range(-128, 127) : i32, f32 -> i8
  %b = compress.requantize %7, %half zp(0) range(-128, 127) : i32, f32 -> i8
  %c = compress.requantize %m5, %half zp(0) range(-128, 127) : i32, f32 -> i8
  %d = compress.requantize %m7, %half zp(0) range(-128, 127) : i32, f32 -> i8
  return %a, %b, %c, %d : i8, i8, i8, i8
}

// The zero point is added after rounding: 2.5 + 1 is 3, not 4.

// CHECK-LABEL: func @requantize_zero_point
// CHECK:         %[[A:.+]] = arith.constant 3 : i8
// CHECK:         return %[[A]]
func.func @requantize_zero_point() -> i8 {
  %half = arith.constant 0.5 : f32
  %5 = arith.constant 5 : i32
  %a = compress.requantize %5, %half zp(1) range(-128, 127) : i32, f32 -> i8
  return %a : i8
}

// Far beyond the range of i32, and infinities, clamp; NaN becomes the zero
// point.

// CHECK-LABEL: func @requantize_saturates
// CHECK-DAG:     %[[LO:.+]] = arith.constant -100 : i8
// CHECK-DAG:     %[[HI:.+]] = arith.constant 127 : i8
// CHECK-DAG:     %[[ZP:.+]] = arith.constant -3 : i8
// CHECK:         return %[[HI]], %[[LO]], %[[HI]], %[[ZP]]
func.func @requantize_saturates() -> (i8, i8, i8, i8) {
  %big = arith.constant 1.0e30 : f32
  %one = arith.constant 1.0 : f32
  %inf = arith.constant 0x7F800000 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %max = arith.constant 2147483647 : i32
  %min = arith.constant -2147483648 : i32
  %a = compress.requantize %max, %big zp(-3) range(-100, 127) : i32, f32 -> i8
  %b = compress.requantize %min, %big zp(-3) range(-100, 127) : i32, f32 -> i8
  %c = compress.requantize %inf, %one zp(-3) range(-100, 127) : f32, f32 -> i8
  %d = compress.requantize %nan, %one zp(-3) range(-100, 127) : f32, f32 -> i8
  return %a, %b, %c, %d : i8, i8, i8, i8
}

// CHECK-LABEL: func @requantize_variable_stays
// CHECK:         compress.requantize
func.func @requantize_variable_stays(%acc: i32) -> i8 {
  %one = arith.constant 1.0 : f32
  %a = compress.requantize %acc, %one zp(0) range(-128, 127) : i32, f32 -> i8
  return %a : i8
}

// Constants of vectors do not fold element by element.

// CHECK-LABEL: func @requantize_vector_stays
// CHECK:         compress.requantize
func.func @requantize_vector_stays() -> vector<2xi8> {
  %acc = arith.constant dense<[1, 2]> : vector<2xi32>
  %one = arith.constant dense<1.0> : vector<2xf32>
  %a = compress.requantize %acc, %one zp(0) range(-128, 127) : vector<2xi32>, vector<2xf32> -> vector<2xi8>
  return %a : vector<2xi8>
}

// CHECK-LABEL: func @lookup
// CHECK:         %[[Y:.+]] = arith.constant 100 : i8
// CHECK:         return %[[Y]]
func.func @lookup() -> i8 {
  %x = arith.constant -100 : i8
  %y = compress.lookup %x [127, 127, 126, 125, 124, 123, 122, 121, 120, 119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101, 100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 85, 84, 83, 82, 81, 80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 69, 68, 67, 66, 65, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127] : i8
  return %y : i8
}
