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

// CHECK-LABEL: func @lookup
// CHECK:         compress.lookup %{{.+}} [127, 127, 126, {{.*}}, 126, 127] : i8
// CHECK:         compress.lookup %{{.+}} [127, {{.*}}] : vector<16xi8>
func.func @lookup(%x: i8, %v: vector<16xi8>) -> (i8, vector<16xi8>) {
  %0 = compress.lookup %x [127, 127, 126, 125, 124, 123, 122, 121, 120, 119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101, 100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 85, 84, 83, 82, 81, 80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 69, 68, 67, 66, 65, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127] : i8
  %1 = compress.lookup %v [127, 127, 126, 125, 124, 123, 122, 121, 120, 119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101, 100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 85, 84, 83, 82, 81, 80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 69, 68, 67, 66, 65, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127] : vector<16xi8>
  return %0, %1 : i8, vector<16xi8>
}
