// RUN: compress-opt %s | compress-opt | FileCheck %s
// RUN: compress-opt %s --emit-bytecode | compress-opt | FileCheck %s

// Quantized types print through aliases.

// CHECK-DAG: !qtensor = !quant.uniform<i8:f32, 5.000000e-02:-3>
// CHECK-DAG: !qchannel = !quant.uniform<i8<-127:127>:f32:3, {5.000000e-01,2.500000e-01:7}>

// CHECK-LABEL: func @fake_quant_per_tensor
// CHECK:         compress.fake_quant %{{.+}} {type = !qtensor} : tensor<1x8x8x16xf32>
func.func @fake_quant_per_tensor(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.05:-3>} : tensor<1x8x8x16xf32>
  return %y : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: func @fake_quant_per_channel
// CHECK:         compress.fake_quant %{{.+}} {type = !qchannel} : tensor<?x?x?x2xf32>
func.func @fake_quant_per_channel(%x: tensor<?x?x?x2xf32>) -> tensor<?x?x?x2xf32> {
  %y = compress.fake_quant %x {type = !quant.uniform<i8<-127:127>:f32:3, {0.5, 0.25:7}>} : tensor<?x?x?x2xf32>
  return %y : tensor<?x?x?x2xf32>
}

// The narrowest and the widest storage.

// CHECK-LABEL: func @fake_quant_storage
// CHECK:         compress.fake_quant %{{.+}} {type = !qtensor{{[0-9]*}}}
// CHECK:         compress.fake_quant %{{.+}} {type = !qtensor{{[0-9]*}}}
func.func @fake_quant_storage(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i2:f32, 1.0>} : tensor<4xf32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i16:f32, 1.0:32767>} : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @observe
// CHECK:         compress.observe %{{.+}} {name = "layer1.relu"} : tensor<1x8x8x16xf32>
func.func @observe(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
  %y = compress.observe %x {name = "layer1.relu"} : tensor<1x8x8x16xf32>
  return %y : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: func @requantize_scalar
// CHECK:         compress.requantize %{{.+}}, %{{.+}} zp(-3) range(-3, 127) : i32, f32 -> i8
// CHECK:         compress.requantize %{{.+}}, %{{.+}} zp(0) range(-32768, 32767) : f32, f32 -> i16
func.func @requantize_scalar(%acc: i32, %v: f32, %scale: f32) -> (i8, i16) {
  %0 = compress.requantize %acc, %scale zp(-3) range(-3, 127) : i32, f32 -> i8
  %1 = compress.requantize %v, %scale zp(0) range(-32768, 32767) : f32, f32 -> i16
  return %0, %1 : i8, i16
}

// CHECK-LABEL: func @requantize_vector
// CHECK:         compress.requantize %{{.+}}, %{{.+}} zp(0) range(-128, 127) : vector<4x16xi32>, vector<4x16xf32> -> vector<4x16xi8>
func.func @requantize_vector(%acc: vector<4x16xi32>, %scale: vector<4x16xf32>) -> vector<4x16xi8> {
  %0 = compress.requantize %acc, %scale zp(0) range(-128, 127) : vector<4x16xi32>, vector<4x16xf32> -> vector<4x16xi8>
  return %0 : vector<4x16xi8>
}

// CHECK-LABEL: func @requantize_tensor
// CHECK:         compress.requantize %{{.+}}, %{{.+}} zp(0) range(-128, 127) : tensor<4xi32>, tensor<4xf32> -> tensor<4xi8>
func.func @requantize_tensor(%acc: tensor<4xi32>, %scale: tensor<4xf32>) -> tensor<4xi8> {
  %0 = compress.requantize %acc, %scale zp(0) range(-128, 127) : tensor<4xi32>, tensor<4xf32> -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// The place where it stands in the integer form.

// CHECK-LABEL: func @requantize_body
// CHECK:         linalg.generic
// CHECK:           compress.requantize %{{.+}}, %{{.+}} zp(1) range(-128, 127) : i32, f32 -> i8
func.func @requantize_body(%acc: tensor<4xi32>, %scales: tensor<4xf32>) -> tensor<4xi8> {
  %e = tensor.empty() : tensor<4xi8>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%acc, %scales : tensor<4xi32>, tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%a: i32, %s: f32, %out: i8):
    %q = compress.requantize %a, %s zp(1) range(-128, 127) : i32, f32 -> i8
    linalg.yield %q : i8
  } -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// CHECK-LABEL: func @channels
// CHECK:         compress.channel_gate %{{.+}} {axis = 1 : i64, beta = array<f32: {{.+}}>, gamma = array<f32: {{.+}}>} : tensor<1x2x8x8xf32>
// CHECK:         compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false>} : tensor<1x2x8x8xf32>
// CHECK:         compress.scatter_channels %{{.+}} {axis = 1 : i64, indices = array<i64: 0, 3>} : tensor<1x2x8x8xf32> -> tensor<1x4x8x8xf32>
func.func @channels(%x: tensor<1x2x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %0 = compress.channel_gate %x {axis = 1, beta = array<f32: 0.9, 0.2>, gamma = array<f32: 1.0, -0.5>} : tensor<1x2x8x8xf32>
  %1 = compress.channel_mask %0 {axis = 1, mask = array<i1: true, false>} : tensor<1x2x8x8xf32>
  %2 = compress.scatter_channels %1 {axis = 1, indices = array<i64: 0, 3>} : tensor<1x2x8x8xf32> -> tensor<1x4x8x8xf32>
  return %2 : tensor<1x4x8x8xf32>
}
