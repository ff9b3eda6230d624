// RUN: compress-opt %s --compress-raise-qdq | FileCheck %s
// RUN: compress-opt %s --compress-raise-qdq --canonicalize --compress-raise-qdq | FileCheck %s --check-prefix=STAYS

!q = !quant.uniform<i8:f32, 0.5>
!u = !quant.uniform<u8:f32, 0.5:128>
!n = !quant.uniform<u8<1:255>:f32, 0.5:130>
!c = !quant.uniform<i8:f32:1, {0.5, 0.25:3}>
!cu = !quant.uniform<u8:f32:0, {0.5:128, 0.25:131}>

// CHECK-DAG: ![[Q:.+]] = !quant.uniform<i8:f32, 5.000000e-01>
// CHECK-DAG: ![[N:.+]] = !quant.uniform<i8<-127:127>:f32, 5.000000e-01:2>
// CHECK-DAG: ![[C:.+]] = !quant.uniform<i8:f32:1, {5.000000e-01,2.500000e-01:3}>
// CHECK-DAG: ![[CU:.+]] = !quant.uniform<i8:f32:0, {5.000000e-01,2.500000e-01:3}>

// The example of the description.

// CHECK-LABEL: func @pair
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK-NEXT:    %[[Y:.+]] = compress.fake_quant %[[X]] {type = ![[Q]]} : tensor<4xf32>
// CHECK-NEXT:    return %[[Y]]
// STAYS-LABEL: func @pair
// STAYS:         compress.fake_quant
func.func @pair(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!q>
  %y = quant.dcast %q : tensor<4x!q> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// u8 codes q are s8 codes q - 128: zero point 128 is 0.

// CHECK-LABEL: func @unsigned
// CHECK:         compress.fake_quant %{{.+}} {type = ![[Q]]}
func.func @unsigned(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!u>
  %y = quant.dcast %q : tensor<4x!u> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func @unsigned_narrow
// CHECK:         compress.fake_quant %{{.+}} {type = ![[N]]}
func.func @unsigned_narrow(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!n>
  %y = quant.dcast %q : tensor<4x!n> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func @per_channel
// CHECK:         compress.fake_quant %{{.+}} {type = ![[C]]} : tensor<4x2xf32>
func.func @per_channel(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %q = quant.qcast %x : tensor<4x2xf32> to tensor<4x2x!c>
  %y = quant.dcast %q : tensor<4x2x!c> to tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// CHECK-LABEL: func @per_channel_unsigned
// CHECK:         compress.fake_quant %{{.+}} {type = ![[CU]]} : tensor<2x4xf32>
func.func @per_channel_unsigned(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q = quant.qcast %x : tensor<2x4xf32> to tensor<2x4x!cu>
  %y = quant.dcast %q : tensor<2x4x!cu> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// Both readers of the codes get a fake_quant.

// CHECK-LABEL: func @two_dcasts
// CHECK-NOT:     quant.qcast
// CHECK-COUNT-2: compress.fake_quant
func.func @two_dcasts(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!q>
  %y = quant.dcast %q : tensor<4x!q> to tensor<4xf32>
  %z = quant.dcast %q : tensor<4x!q> to tensor<4xf32>
  return %y, %z : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @dynamic
// CHECK:         compress.fake_quant %{{.+}} : tensor<?x4xf32>
func.func @dynamic(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %q = quant.qcast %x : tensor<?x4xf32> to tensor<?x4x!q>
  %y = quant.dcast %q : tensor<?x4x!q> to tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Constants become codes: halves to even, saturated, NaN is the zero point.

// CHECK-LABEL: func @constant
// CHECK-NEXT:    %[[W:.+]] = arith.constant dense<[1, 2, 127, -128, 0]> : tensor<5xi8>
// CHECK-NEXT:    %[[S:.+]] = quant.scast %[[W]] : tensor<5xi8> to tensor<5x![[Q]]>
// CHECK-NEXT:    %[[Y:.+]] = quant.dcast %[[S]]
// CHECK-NEXT:    return %[[Y]]
// STAYS-LABEL: func @constant
// STAYS:         quant.scast
// STAYS-NEXT:    quant.dcast
func.func @constant() -> tensor<5xf32> {
  %x = arith.constant dense<[0.5, 1.25, 1.0e10, -1.0e10, 0x7FC00000]> : tensor<5xf32>
  %q = quant.qcast %x : tensor<5xf32> to tensor<5x!q>
  %y = quant.dcast %q : tensor<5x!q> to tensor<5xf32>
  return %y : tensor<5xf32>
}

// CHECK-LABEL: func @constant_per_channel
// CHECK-NEXT:    arith.constant dense<{{\[\[}}2, 7], [4, 11]]> : tensor<2x2xi8>
func.func @constant_per_channel() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 1.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %y = compress.fake_quant %x {type = !c} : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: func @constant_splat
// CHECK-NEXT:    arith.constant dense<2> : tensor<3xi16>
func.func @constant_splat() -> tensor<3xf32> {
  %x = arith.constant dense<1.0> : tensor<3xf32>
  %y = compress.fake_quant %x {type = !quant.uniform<i16:f32, 0.5>} : tensor<3xf32>
  return %y : tensor<3xf32>
}

//===----------------------------------------------------------------------===//
// What stays
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @nothing
// CHECK-NEXT:    return
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func @stored_constant
// CHECK:         quant.scast
// CHECK:         quant.dcast
// CHECK-NOT:     compress.fake_quant
func.func @stored_constant() -> tensor<2xf32> {
  %w = arith.constant dense<[1, 2]> : tensor<2xi8>
  %q = quant.scast %w : tensor<2xi8> to tensor<2x!q>
  %y = quant.dcast %q : tensor<2x!q> to tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: func @codes_are_used
// CHECK:         quant.qcast
// CHECK:         compress.fake_quant
func.func @codes_are_used(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4x!q>) {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!q>
  %y = quant.dcast %q : tensor<4x!q> to tensor<4xf32>
  return %y, %q : tensor<4xf32>, tensor<4x!q>
}

// Stored codes of unsigned types become signed: 1 - 128 and 200 - 128, the zero
// point 120 - 128.

// CHECK-LABEL: func @unsigned_constant
// CHECK:         %[[C:.+]] = arith.constant dense<[-127, 72]> : tensor<2xi8>
// CHECK:         quant.scast %[[C]] : tensor<2xi8> to tensor<2x!{{.*}}>
func.func @unsigned_constant() -> tensor<2xf32> {
  %codes = arith.constant dense<[1, 200]> : tensor<2xi8>
  %q = quant.scast %codes : tensor<2xi8> to tensor<2x!quant.uniform<u8:f32, 0.5:120>>
  %y = quant.dcast %q : tensor<2x!quant.uniform<u8:f32, 0.5:120>> to tensor<2xf32>
  return %y : tensor<2xf32>
}
