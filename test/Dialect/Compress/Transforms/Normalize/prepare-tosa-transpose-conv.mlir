// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=FORM

// Stride 2, kernel 3: four phases of kernels of 2 x 2. Phase (0, 0) has all of
// positions 0 and 2 of the kernel, last first; what phase (1, 1) lacks is zero.

// CHECK-LABEL: func @strided
// CHECK-SAME:    %[[X:.+]]: tensor<1x3x3x1xi8>
// CHECK-DAG:     %[[W:.+]] = "tosa.const"() <{values = dense<{{\[\[\[\[}}9], [7]], {{\[\[}}3], [1]]], {{\[\[\[}}0], [8]], {{\[\[}}0], [2]]], {{\[\[\[}}0], [0]], {{\[\[}}6], [4]]], {{\[\[\[}}0], [0]], {{\[\[}}0], [5]]]]> : tensor<4x2x2x1xi8>}>
// CHECK-DAG:     %[[B:.+]] = "tosa.const"() <{values = dense<11> : tensor<4xi32>}>
// CHECK:         %[[C:.+]] = tosa.conv2d %[[X]], %[[W]], %[[B]], %{{.+}}, %{{.+}} {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : {{.*}} -> tensor<1x4x4x4xi32>
// CHECK:         %[[R:.+]] = tosa.reshape %[[C]], %{{.+}} -> tensor<1x4x4x2x2x1xi32>
// CHECK:         %[[T:.+]] = tosa.transpose %[[R]] {perms = array<i32: 0, 1, 3, 2, 4, 5>}
// CHECK:         %[[Y:.+]] = tosa.reshape %[[T]], %{{.+}} -> tensor<1x8x8x1xi32>
// CHECK:         tosa.slice %[[Y]], %{{.+}} -> tensor<1x7x7x1xi32>
// FORM-LABEL: func @strided
// FORM-NOT:     tosa
// FORM:         linalg.conv_2d_nhwc_hwcf
func.func @strided(%x: tensor<1x3x3x1xi8>) -> tensor<1x7x7x1xi32> {
  %w = "tosa.const"() <{values = dense<[[[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]]> : tensor<1x3x3x1xi8>}> : () -> tensor<1x3x3x1xi8>
  %b = "tosa.const"() <{values = dense<11> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zx = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zw = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.transpose_conv2d %x, %w, %b, %zx, %zw {acc_type = i32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x3x3x1xi8>, tensor<1x3x3x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x7x7x1xi32>
  return %y : tensor<1x7x7x1xi32>
}

// What padding of the output takes away is not computed: rows -1 to 2 of the
// blocks become rows 0 to 2. Missing weights are their zero point.

// CHECK-LABEL: func @cropped
// CHECK-DAG:     "tosa.const"() <{values = dense<{{\[\[\[\[}}2, 3]]], {{\[\[\[}}5, 5]]]]> : tensor<2x1x1x2xi8>}>
// CHECK:         tosa.conv2d {{.*}} pad = array<i64: 0, 0, 0, 0>
// CHECK:         %[[Y:.+]] = tosa.reshape %{{.+}} -> tensor<1x3x4x1xi32>
// CHECK:         return %[[Y]]
func.func @cropped(%x: tensor<1x3x2x2xi8>) -> tensor<1x3x4x1xi32> {
  %w = "tosa.const"() <{values = dense<[[[[2, 3]]]]> : tensor<1x1x1x2xi8>}> : () -> tensor<1x1x1x2xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zx = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zw = "tosa.const"() <{values = dense<5> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.transpose_conv2d %x, %w, %b, %zx, %zw {acc_type = i32, out_pad = array<i64: 0, 0, 0, 1>, stride = array<i64: 1, 2>} : (tensor<1x3x2x2xi8>, tensor<1x1x1x2xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x3x4x1xi32>
  return %y : tensor<1x3x4x1xi32>
}

// Weights that are not known are brought in order at run time, a bias too.

// CHECK-LABEL: func @variable
// CHECK-SAME:    %[[X:.+]]: tensor<1x3x3x2xf32>, %[[W:.+]]: tensor<4x3x3x2xf32>, %[[B:.+]]: tensor<4xf32>
// CHECK:         %[[P:.+]] = tosa.pad %[[W]], %{{.+}} -> tensor<4x4x4x2xf32>
// CHECK:         tosa.transpose %{{.+}} {perms = array<i32: 2, 4, 0, 1, 3, 5>}
// CHECK:         tosa.reverse %{{.+}} {axis = 1 : i32}
// CHECK:         %[[R:.+]] = tosa.reverse %{{.+}} {axis = 2 : i32} : (tensor<16x2x2x2xf32>)
// CHECK:         %[[BB:.+]] = tosa.tile %[[B]], %{{.+}} -> tensor<16xf32>
// CHECK:         tosa.conv2d %[[X]], %[[R]], %[[BB]]
func.func @variable(%x: tensor<1x3x3x2xf32>, %w: tensor<4x3x3x2xf32>, %b: tensor<4xf32>) -> tensor<1x7x7x4xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.transpose_conv2d %x, %w, %b, %z, %z {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x3x3x2xf32>, tensor<4x3x3x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x7x7x4xf32>
  return %y : tensor<1x7x7x4xf32>
}

// The stride of a single input would make phases without elements.

// CHECK-LABEL: func @single
// CHECK:         tosa.conv2d {{.*}} pad = array<i64: 1, 1, 1, 1>{{.*}} -> tensor<1x2x2x1xi32>
func.func @single(%x: tensor<1x1x1x1xi8>) -> tensor<1x2x2x1xi32> {
  %w = "tosa.const"() <{values = dense<[[[[2], [3]], [[4], [5]]]]> : tensor<1x2x2x1xi8>}> : () -> tensor<1x2x2x1xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.transpose_conv2d %x, %w, %b, %z, %z {acc_type = i32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 8000, 8000>} : (tensor<1x1x1x1xi8>, tensor<1x2x2x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}
