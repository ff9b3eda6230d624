// RUN: compress-opt %s --compress-remove-channels | FileCheck %s
// RUN: compress-opt %s --compress-remove-channels --remarks-filter="compress" --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: at the border of the padded image it adds another number than within
// REMARK-NOT:  remark:

// TOSA stays TOSA.

// CHECK-LABEL: func @conv2d
// CHECK-DAG:     %[[W1:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00, 2.000000e+00]]], {{\[\[\[}}5.000000e+00, 6.000000e+00]]]]> : tensor<2x1x1x2xf32>}>
// CHECK-DAG:     %[[B1:.+]] = "tosa.const"() <{values = dense<[1.000000e+00, 3.000000e+00]> : tensor<2xf32>}>
// CHECK-DAG:     %[[W2:.+]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1x3x3x2xf32>}>
// CHECK:         %[[H:.+]] = tosa.conv2d %{{.+}}, %[[W1]], %[[B1]], {{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    tosa.conv2d %[[H]], %[[W2]], {{.*}} -> tensor<1x4x4x1xf32>
func.func @conv2d(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x1xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]], [[[5.0, 6.0]]]]> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b1 = "tosa.const"() {values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %w2 = "tosa.const"() {values = dense<0.5> : tensor<1x3x3x3xf32>} : () -> tensor<1x3x3x3xf32>
  %b2 = "tosa.const"() {values = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x3xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false, true>} : tensor<1x4x4x3xf32>
  %y = tosa.conv2d %m, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x4x4x3xf32>, tensor<1x3x3x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x1xf32>
  return %y : tensor<1x4x4x1xf32>
}

// CHECK-LABEL: func @depthwise
// CHECK-DAG:     %[[WD:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00], [3.000000e+00]]]]> : tensor<1x1x2x1xf32>}>
// CHECK-DAG:     %[[BD:.+]] = "tosa.const"() <{values = dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>}>
// CHECK-DAG:     %[[W2:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00, 3.000000e+00]]], {{\[\[\[}}4.000000e+00, 6.000000e+00]]]]> : tensor<2x1x1x2xf32>}>
// CHECK:         %[[H:.+]] = tosa.conv2d {{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    %[[D:.+]] = tosa.depthwise_conv2d %[[H]], %[[WD]], %[[BD]], {{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    %[[C:.+]] = tosa.clamp %[[D]] {{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    tosa.conv2d %[[C]], %[[W2]], {{.*}} -> tensor<1x4x4x2xf32>
func.func @depthwise(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]], [[[5.0, 6.0]]]]> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b1 = "tosa.const"() {values = dense<0.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %wd = "tosa.const"() {values = dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>} : () -> tensor<1x1x3x1xf32>
  %bd = "tosa.const"() {values = dense<[0.5, 0.0, 0.25]> : tensor<3xf32>} : () -> tensor<3xf32>
  %w2 = "tosa.const"() {values = dense<[[[[1.0, 2.0, 3.0]]], [[[4.0, 5.0, 6.0]]]]> : tensor<2x1x1x3xf32>} : () -> tensor<2x1x1x3xf32>
  %b2 = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x3xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false, true>} : tensor<1x4x4x3xf32>
  %d = tosa.depthwise_conv2d %m, %wd, %bd, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x3xf32>, tensor<1x1x3x1xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x3xf32>
  %c = tosa.clamp %d {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %y = tosa.conv2d %c, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x3xf32>, tensor<2x1x1x3xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func @transposed
// CHECK-DAG:     %[[W2:.+]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1x2x2x2xf32>}>
// CHECK:         %[[H:.+]] = tosa.transpose_conv2d {{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    tosa.transpose_conv2d %[[H]], %[[W2]], {{.*}} -> tensor<1x8x8x1xf32>
func.func @transposed(%x: tensor<1x4x4x2xf32>) -> tensor<1x8x8x1xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]], [[[5.0, 6.0]]]]> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b1 = "tosa.const"() {values = dense<0.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %w2 = "tosa.const"() {values = dense<0.5> : tensor<1x2x2x3xf32>} : () -> tensor<1x2x2x3xf32>
  %b2 = "tosa.const"() {values = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.transpose_conv2d %x, %w1, %b1, %z, %z {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x3xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false, true>} : tensor<1x4x4x3xf32>
  %y = tosa.transpose_conv2d %m, %w2, %b2, %z, %z {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x3xf32>, tensor<1x2x2x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x8x1xf32>
  return %y : tensor<1x8x8x1xf32>
}
// Concatenation, slice, pad and reshape in front of a product.

// CHECK-LABEL: func @movements
// CHECK-SAME:    %[[X:.+]]: tensor<1x1x1x2xf32>
// CHECK:         %[[W2:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00], [9.000000e+00, 1.000000e+01]]]> : tensor<1x3x2xf32>}>
// CHECK:         %[[H:.+]] = tosa.conv2d {{.*}} -> tensor<1x1x1x2xf32>
// CHECK:         tosa.const_shape {values = dense<[0, 0, 0, 1]> : tensor<4xindex>}
// CHECK:         %[[START:.+]] = tosa.const_shape {values = dense<[0, 0, 0, 1]> : tensor<4xindex>}
// CHECK-NEXT:    %[[SIZE:.+]] = tosa.const_shape {values = dense<1> : tensor<4xindex>}
// CHECK-NEXT:    %[[S:.+]] = tosa.slice %[[H]], %[[START]], %[[SIZE]] : {{.*}} -> tensor<1x1x1x1xf32>
// CHECK:         %[[PADDING:.+]] = tosa.const_shape {values = dense<0> : tensor<8xindex>}
// CHECK-NEXT:    %[[P:.+]] = tosa.pad %[[S]], %[[PADDING]], %{{.+}} : {{.*}} -> tensor<1x1x1x1xf32>
// CHECK-NEXT:    %[[C:.+]] = tosa.concat %[[X]], %[[P]] {{.*}} -> tensor<1x1x1x3xf32>
// CHECK:         %[[SHAPE:.+]] = tosa.const_shape {values = dense<[1, 1, 3]> : tensor<3xindex>}
// CHECK-NEXT:    %[[R:.+]] = tosa.reshape %[[C]], %[[SHAPE]] : {{.*}} -> tensor<1x1x3xf32>
// CHECK-NEXT:    tosa.matmul %[[R]], %[[W2]], {{.*}} -> tensor<1x1x2xf32>
func.func @movements(%x: tensor<1x1x1x2xf32>) -> tensor<1x1x2xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]], [[[5.0, 6.0]]]]> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b1 = "tosa.const"() {values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w2 = "tosa.const"() {values = dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x6x2xf32>} : () -> tensor<1x6x2xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x1x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x3xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false, true>} : tensor<1x1x1x3xf32>
  %start = tosa.const_shape {values = dense<[0, 0, 0, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK-NOT:     tosa.slice : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 1, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %s = tosa.slice %m, %start, %size : (tensor<1x1x1x3xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x1x1x2xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 1, 1]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %p = tosa.pad %s, %padding, %z : (tensor<1x1x1x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x1x1x4xf32>
  %c = tosa.concat %x, %p {axis = 3 : i32} : (tensor<1x1x1x2xf32>, tensor<1x1x1x4xf32>) -> tensor<1x1x1x6xf32>
  %shape = tosa.const_shape {values = dense<[1, 1, 6]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %r = tosa.reshape %c, %shape : (tensor<1x1x1x6xf32>, !tosa.shape<3>) -> tensor<1x1x6xf32>
  %y = tosa.matmul %r, %w2, %z, %z : (tensor<1x1x6xf32>, tensor<1x6x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// sigmoid(0) is 0.5 within the image and 0 around it.

// CHECK-LABEL: func @border
// CHECK:         compress.channel_mask %{{.+}} {axis = 3 : i64, mask = array<i1: true, false>}
func.func @border(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %w2 = "tosa.const"() {values = dense<0.5> : tensor<1x3x3x2xf32>} : () -> tensor<1x3x3x2xf32>
  %b2 = "tosa.const"() {values = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false>} : tensor<1x2x2x2xf32>
  %s = tosa.sigmoid %m : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %y = tosa.conv2d %s, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<1x3x3x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// sigmoid(0) is 0.5: its half of the weights moves into the bias.

// CHECK-LABEL: func @bias
// CHECK-DAG:     %[[W2:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00]]], {{\[\[\[}}3.000000e+00]]]]> : tensor<2x1x1x1xf32>}>
// CHECK:         %[[S:.+]] = tosa.sigmoid %{{.+}} -> tensor<1x2x2x1xf32>
// CHECK:         %[[B:.+]] = "tosa.const"() <{values = dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>}>
// CHECK:         tosa.conv2d %[[S]], %[[W2]], %[[B]], {{.*}} -> tensor<1x2x2x2xf32>
func.func @bias(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x2xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %w2 = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b2 = "tosa.const"() {values = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %m = compress.channel_mask %h {axis = 3, mask = array<i1: true, false>} : tensor<1x2x2x2xf32>
  %s = tosa.sigmoid %m : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %y = tosa.conv2d %s, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// Constants of bits are cut, too.

// CHECK-LABEL: func @choice
// CHECK:         %[[C:.+]] = "tosa.const"() <{values = dense<true> : tensor<1x1x1x2xi1>}>
// CHECK:         tosa.select %[[C]], %{{.+}} -> tensor<1x2x2x2xf32>
func.func @choice(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w1 = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]]]> : tensor<3x1x1x1xf32>} : () -> tensor<3x1x1x1xf32>
  %b1 = "tosa.const"() {values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %c = "tosa.const"() {values = dense<[[[[true, false, true]]]]> : tensor<1x1x1x3xi1>} : () -> tensor<1x1x1x3xi1>
  %w2 = "tosa.const"() {values = dense<0.5> : tensor<1x1x1x3xf32>} : () -> tensor<1x1x1x3xf32>
  %b2 = "tosa.const"() {values = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %h = tosa.conv2d %x, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<3x1x1x1xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x3xf32>
  %n = tosa.negate %h, %z, %z : (tensor<1x2x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x3xf32>
  %s = tosa.select %c, %h, %n : (tensor<1x1x1x3xi1>, tensor<1x2x2x3xf32>, tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32>
  %m = compress.channel_mask %s {axis = 3, mask = array<i1: true, false, true>} : tensor<1x2x2x3xf32>
  %y = tosa.conv2d %m, %w2, %b2, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x3xf32>, tensor<1x1x1x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}
