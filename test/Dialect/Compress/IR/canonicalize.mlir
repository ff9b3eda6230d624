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
