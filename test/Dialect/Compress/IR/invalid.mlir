// RUN: compress-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// fake_quant
//===----------------------------------------------------------------------===//

func.func @not_quantized(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires a per-tensor or per-channel quantized type, not 'i8'}}
  %y = compress.fake_quant %x {type = i8} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @any_quantized(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires a per-tensor or per-channel quantized type}}
  %y = compress.fake_quant %x {type = !quant.any<i8:f32>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @no_f32_operand(%x: tensor<4xf16>) -> tensor<4xf16> {
  // expected-error @+1 {{operand #0 must be ranked tensor of 32-bit float values}}
  %y = "compress.fake_quant"(%x) {type = !quant.uniform<i8:f32, 1.0>} : (tensor<4xf16>) -> tensor<4xf16>
  return %y : tensor<4xf16>
}

// -----

func.func @no_f32_expressed(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires f32 as the expressed type, not 'f16'}}
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f16, 1.0>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @unsigned(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires signed storage; write codes q of u8 as q - 128 and shift the zero point alike}}
  %y = compress.fake_quant %x {type = !quant.uniform<u8:f32, 1.0>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @too_wide(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires storage of 2 to 16 bits, not 32}}
  %y = compress.fake_quant %x {type = !quant.uniform<i32:f32, 1.0>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @too_narrow(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires storage of 2 to 16 bits, not 1}}
  %y = compress.fake_quant %x {type = !quant.uniform<i1:f32, 1.0>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// The type itself allows it, but it is no normal f32 number.
func.func @tiny_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires scales that are finite, normal f32 numbers above 0}}
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 1.0e-40>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @far_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires zero points in [-32768, 32767], not 40000}}
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 1.0:40000>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @axis_outside(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{quantized dimension 1 is outside rank 1}}
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32:1, {1.0, 2.0}>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @too_few_scales(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // expected-error @+1 {{has 2 scales for 3 channels of dimension 1}}
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32:1, {1.0, 2.0}>} : tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// -----

func.func @other_result(%x: tensor<4xf32>) -> tensor<5xf32> {
  // expected-error @+1 {{failed to verify that all of {input, output} have same type}}
  %y = "compress.fake_quant"(%x) {type = !quant.uniform<i8:f32, 1.0>} : (tensor<4xf32>) -> tensor<5xf32>
  return %y : tensor<5xf32>
}

// -----

//===----------------------------------------------------------------------===//
// observe
//===----------------------------------------------------------------------===//

func.func @no_name(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{requires a name that is not empty}}
  %y = compress.observe %x {name = ""} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

//===----------------------------------------------------------------------===//
// channel_gate, channel_mask, scatter_channels
//===----------------------------------------------------------------------===//

func.func @gate_length(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{has 3 numbers in beta for 2 channels of dimension 1}}
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 0.5, 0.5, 0.5>, gamma = array<f32: 1.0, 1.0>} : tensor<1x2xf32>
  return
}

// -----

func.func @gate_gamma_length(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{has 1 numbers in gamma for 2 channels of dimension 1}}
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 0.5, 0.5>, gamma = array<f32: 1.0>} : tensor<1x2xf32>
  return
}

// -----

func.func @gate_axis(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %y = compress.channel_gate %x {axis = 2, beta = array<f32: 0.5, 0.5>, gamma = array<f32: 1.0, 1.0>} : tensor<1x2xf32>
  return
}

// -----

func.func @gate_nan(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{requires finite gates}}
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 0x7FC00000, 0.5>, gamma = array<f32: 1.0, 1.0>} : tensor<1x2xf32>
  return
}

// -----

func.func @mask_length(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{has 1 bits for 2 channels of dimension 1}}
  %y = compress.channel_mask %x {axis = 1, mask = array<i1: true>} : tensor<1x2xf32>
  return
}

// -----

func.func @mask_open(%x: tensor<1x?xf32>) {
  // expected-error @+1 {{requires a static extent of dimension 1}}
  %y = compress.channel_mask %x {axis = 1, mask = array<i1: true>} : tensor<1x?xf32>
  return
}

// -----

func.func @scatter_order(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{requires ascending indices below 4}}
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 2, 1>} : tensor<1x2xf32> -> tensor<1x4xf32>
  return
}

// -----

func.func @scatter_range(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{requires ascending indices below 4}}
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 2, 4>} : tensor<1x2xf32> -> tensor<1x4xf32>
  return
}

// -----

func.func @scatter_count(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{has 3 indices for 2 channels of dimension 1}}
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 1, 2>} : tensor<1x2xf32> -> tensor<1x4xf32>
  return
}

// -----

func.func @scatter_shape(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{requires operand and result to differ in dimension 1 only}}
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 1>} : tensor<1x2xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @scatter_rank(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{requires a result of the same rank}}
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 1>} : tensor<1x2xf32> -> tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// requantize
//===----------------------------------------------------------------------===//

func.func @range_beyond_type(%acc: i32, %s: f32) -> i8 {
  // expected-error @+1 {{requires a range within [-128, 127], not [-128, 255]}}
  %q = compress.requantize %acc, %s zp(0) range(-128, 255) : i32, f32 -> i8
  return %q : i8
}

// -----

func.func @empty_range(%acc: i32, %s: f32) -> i8 {
  // expected-error @+1 {{requires a range within [-128, 127], not [5, 4]}}
  %q = compress.requantize %acc, %s zp(0) range(5, 4) : i32, f32 -> i8
  return %q : i8
}

// -----

func.func @requantize_far_zero_point(%acc: i32, %s: f32) -> i16 {
  // expected-error @+1 {{requires a zero point in [-32768, 32767], not 32768}}
  %q = compress.requantize %acc, %s zp(32768) range(0, 1) : i32, f32 -> i16
  return %q : i16
}

// -----

func.func @infinite_scale(%acc: i32) -> i8 {
  %s = arith.constant 0x7F800000 : f32
  // expected-error @+1 {{requires a finite scale}}
  %q = compress.requantize %acc, %s zp(0) range(-128, 127) : i32, f32 -> i8
  return %q : i8
}

// -----

func.func @wide_accumulator(%acc: i64, %s: f32) -> i8 {
  // expected-error @+1 {{operand #0 must be accumulator-like (i32 or f32)}}
  %q = compress.requantize %acc, %s zp(0) range(-128, 127) : i64, f32 -> i8
  return %q : i8
}

// -----

func.func @wide_code(%acc: i32, %s: f32) -> i32 {
  // expected-error @+1 {{result #0 must be code-like (i8 or i16)}}
  %q = compress.requantize %acc, %s zp(0) range(-128, 127) : i32, f32 -> i32
  return %q : i32
}

// -----

func.func @mixed_shapes(%acc: vector<4xi32>, %s: vector<8xf32>) -> vector<4xi8> {
  // expected-error @+1 {{all non-scalar operands/results must have the same shape and base type}}
  %q = compress.requantize %acc, %s zp(0) range(-128, 127) : vector<4xi32>, vector<8xf32> -> vector<4xi8>
  return %q : vector<4xi8>
}

// -----

func.func @no_zero_point(%acc: i32, %s: f32) -> i8 {
  // expected-error @+1 {{expected 'zp'}}
  %q = compress.requantize %acc, %s range(-128, 127) : i32, f32 -> i8
  return %q : i8
}

// -----

func.func @short_table(%x: i8) -> i8 {
  // expected-error @+1 {{requires a table of 256 entries, one for each code from -128 to 127, not 3}}
  %y = compress.lookup %x [1, 2, 3] : i8
  return %y : i8
}
