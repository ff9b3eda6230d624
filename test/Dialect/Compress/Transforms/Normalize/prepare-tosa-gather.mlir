// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s

// x[:, :, 1::2, :] of [1, 2, 4, 3]: the batches are dimensions that are merged.
// CHECK-LABEL: func @strided
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x3xf32>
// CHECK:         %[[S:.+]] = tensor.extract_slice %[[X]][0, 0, 1, 0] [1, 2, 2, 3] [1, 1, 2, 1] : tensor<1x2x4x3xf32> to tensor<1x2x2x3xf32>
// CHECK:         tosa.reshape %[[S]], %{{.+}} -> tensor<2x2x3xf32>
// CHECK-NOT:     tosa.gather
func.func @strided(%x: tensor<1x2x4x3xf32>) -> tensor<2x2x3xf32> {
  %shape = tosa.const_shape {values = dense<[2, 4, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %row = "tosa.const"() {values = dense<[[1, 3]]> : tensor<1x2xi32>} : () -> tensor<1x2xi32>
  %times = tosa.const_shape {values = dense<[2, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %indices = tosa.tile %row, %times : (tensor<1x2xi32>, !tosa.shape<2>) -> tensor<2x2xi32>
  %v = tosa.reshape %x, %shape : (tensor<1x2x4x3xf32>, !tosa.shape<3>) -> tensor<2x4x3xf32>
  %y = tosa.gather %v, %indices : (tensor<2x4x3xf32>, tensor<2x2xi32>) -> tensor<2x2x3xf32>
  return %y : tensor<2x2x3xf32>
}

// CHECK-LABEL: func @plain
// CHECK:         tensor.extract_slice %{{.+}}[0, 0, 0] [1, 3, 2] [1, 1, 1]
func.func @plain(%x: tensor<1x4x2xf32>) -> tensor<1x3x2xf32> {
  %indices = "tosa.const"() {values = dense<[[0, 1, 2]]> : tensor<1x3xi32>} : () -> tensor<1x3xi32>
  %y = tosa.gather %x, %indices : (tensor<1x4x2xf32>, tensor<1x3xi32>) -> tensor<1x3x2xf32>
  return %y : tensor<1x3x2xf32>
}

// Indices that do not ascend evenly, differ from batch to batch, or lie outside.
// CHECK-LABEL: func @no_slices
// CHECK-NOT:     tensor.extract_slice
// CHECK-COUNT-3: tosa.gather
// CHECK-NOT:     tensor.extract_slice
func.func @no_slices(%x: tensor<2x4x2xf32>) -> (tensor<2x3x2xf32>, tensor<2x2x2xf32>, tensor<2x2x2xf32>) {
  %uneven = "tosa.const"() {values = dense<[[0, 1, 3], [0, 1, 3]]> : tensor<2x3xi32>} : () -> tensor<2x3xi32>
  %differ = "tosa.const"() {values = dense<[[0, 1], [1, 2]]> : tensor<2x2xi32>} : () -> tensor<2x2xi32>
  %outside = "tosa.const"() {values = dense<[[2, 4], [2, 4]]> : tensor<2x2xi32>} : () -> tensor<2x2xi32>
  %a = tosa.gather %x, %uneven : (tensor<2x4x2xf32>, tensor<2x3xi32>) -> tensor<2x3x2xf32>
  %b = tosa.gather %x, %differ : (tensor<2x4x2xf32>, tensor<2x2xi32>) -> tensor<2x2x2xf32>
  %c = tosa.gather %x, %outside : (tensor<2x4x2xf32>, tensor<2x2xi32>) -> tensor<2x2x2xf32>
  return %a, %b, %c : tensor<2x3x2xf32>, tensor<2x2x2xf32>, tensor<2x2x2xf32>
}
