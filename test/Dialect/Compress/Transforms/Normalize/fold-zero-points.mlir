// RUN: compress-opt %s --compress-fold-zero-points --canonicalize --cse | FileCheck %s

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

// The example of the description. The bias of channel c is b[c] - zx * sum(w[c]):
// 10 - 2 * (1 + 3), 20 - 2 * (2 + 4).

// CHECK-LABEL: func @conv
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x4x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[2, 8]> : tensor<2xi32>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[\[\[}}1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8>
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[B]] : tensor<2xi32>) {{.*}} dimensions = [0, 1, 2]
// CHECK:         linalg.conv_2d_nhwc_hwcf {{.*}} ins(%[[X]], %[[W]] : {{.*}}) outs(%[[INIT]] : tensor<1x4x4x2xi32>)
func.func @conv(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi32> {
  %w = arith.constant dense<[[[[1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8>
  %bias = arith.constant dense<[10, 20]> : tensor<2xi32>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2xi32>
  %b = linalg.broadcast ins(%bias : tensor<2xi32>) outs(%e : tensor<1x4x4x2xi32>) dimensions = [0, 1, 2]
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x4x4x2xi8>, tensor<1x1x2x2xi8>, i32, i32) outs(%b : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %y : tensor<1x4x4x2xi32>
}

// A weight zero point goes to the weights; strides and dilations stay.

// CHECK-LABEL: func @conv_weight_zero_point
// CHECK-DAG:     arith.constant dense<{{\[\[\[\[}}0]], {{\[\[}}1]]], {{\[\[\[}}2]], {{\[\[}}3]]]]> : tensor<2x2x1x1xi8>
// CHECK-DAG:     arith.constant dense<-12> : tensor<1xi32>
// CHECK:         linalg.conv_2d_nhwc_hwcf {dilations = dense<2> : tensor<2xi64>, strides = dense<[1, 2]> : tensor<2xi64>}
func.func @conv_weight_zero_point(%x: tensor<1x4x5x1xi8>) -> tensor<1x2x2x1xi32> {
  %w = arith.constant dense<[[[[1]], [[2]]], [[[3]], [[4]]]]> : tensor<2x2x1x1xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 1 : i32
  %0 = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2x2x1xi32>
  %b = linalg.fill ins(%0 : i32) outs(%e : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<2> : tensor<2xi64>, strides = dense<[1, 2]> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x4x5x1xi8>, tensor<2x2x1x1xi8>, i32, i32) outs(%b : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}

// CHECK-LABEL: func @depthwise
// CHECK-DAG:     arith.constant dense<[-8, -12]> : tensor<2xi32>
// CHECK:         linalg.depthwise_conv_2d_nhwc_hwc
func.func @depthwise(%x: tensor<1x4x4x2xi8>) -> tensor<1x3x4x2xi32> {
  %w = arith.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x3x4x2xi32>
  %b = linalg.fill ins(%zw : i32) outs(%e : tensor<1x3x4x2xi32>) -> tensor<1x3x4x2xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x4x4x2xi8>, tensor<2x1x2xi8>, i32, i32) outs(%b : tensor<1x3x4x2xi32>) -> tensor<1x3x4x2xi32>
  return %y : tensor<1x3x4x2xi32>
}

// A multiplier gives channels along two dimensions.

// CHECK-LABEL: func @depthwise_multiplier
// CHECK-DAG:     arith.constant dense<{{\[\[}}-2, -4], [-6, -8]]> : tensor<2x2xi32>
// CHECK:         linalg.depthwise_conv_2d_nhwc_hwcm {{.*}} outs(%{{.+}} : tensor<1x4x4x2x2xi32>)
func.func @depthwise_multiplier(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2x2xi32> {
  %w = arith.constant dense<[[[[1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2x2xi32>
  %b = linalg.fill ins(%zw : i32) outs(%e : tensor<1x4x4x2x2xi32>) -> tensor<1x4x4x2x2xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwcm_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x4x4x2xi8>, tensor<1x1x2x2xi8>, i32, i32) outs(%b : tensor<1x4x4x2x2xi32>) -> tensor<1x4x4x2x2xi32>
  return %y : tensor<1x4x4x2x2xi32>
}

// CHECK-LABEL: func @matmul
// CHECK-DAG:     arith.constant dense<[-8, -12]> : tensor<2xi32>
// CHECK:         linalg.{{generic|matmul}} {{.*}}ins(%{{.+}}, %{{.+}} : tensor<1x2xi8>, tensor<2x2xi8>)
func.func @matmul(%x: tensor<1x2xi8>) -> tensor<1x2xi32> {
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2xi32>
  %b = linalg.fill ins(%zw : i32) outs(%e : tensor<1x2xi32>) -> tensor<1x2xi32>
  %y = linalg.quantized_matmul ins(%x, %w, %zx, %zw : tensor<1x2xi8>, tensor<2x2xi8>, i32, i32) outs(%b : tensor<1x2xi32>) -> tensor<1x2xi32>
  return %y : tensor<1x2xi32>
}

// The bias wraps modulo 2^32: -2147483648 - 1 * 1.

// CHECK-LABEL: func @wraps
// CHECK-DAG:     arith.constant dense<2147483647> : tensor<1xi32>
func.func @wraps(%x: tensor<1x1x1x1xi8>) -> tensor<1x1x1x1xi32> {
  %w = arith.constant dense<1> : tensor<1x1x1x1xi8>
  %zx = arith.constant 1 : i32
  %zw = arith.constant 0 : i32
  %min = arith.constant -2147483648 : i32
  %e = tensor.empty() : tensor<1x1x1x1xi32>
  %b = linalg.fill ins(%min : i32) outs(%e : tensor<1x1x1x1xi32>) -> tensor<1x1x1x1xi32>
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x1x1x1xi8>, tensor<1x1x1x1xi8>, i32, i32) outs(%b : tensor<1x1x1x1xi32>) -> tensor<1x1x1x1xi32>
  return %y : tensor<1x1x1x1xi32>
}

// An initial value that is no constant: the correction is added to it.

// CHECK-LABEL: func @variable_bias
// CHECK-SAME:    %{{.+}}: tensor<1x2x2x1xi8>, %[[B:.+]]: tensor<1x2x2x1xi32>
// CHECK:         %[[INIT:.+]] = linalg.generic {{.*}} ins(%[[B]]
// CHECK:           arith.addi
// CHECK:         linalg.conv_2d_nhwc_hwcf {{.*}} outs(%[[INIT]]
func.func @variable_bias(%x: tensor<1x2x2x1xi8>, %b: tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32> {
  %w = arith.constant dense<3> : tensor<1x1x1x1xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x2x2x1xi8>, tensor<1x1x1x1xi8>, i32, i32) outs(%b : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}

//===----------------------------------------------------------------------===//
// What stays
//===----------------------------------------------------------------------===//

// 127 - (-1) does not fit in i8.

// CHECK-LABEL: func @weights_leave_i8
// CHECK:         linalg.conv_2d_nhwc_hwcf_q
func.func @weights_leave_i8(%x: tensor<1x2x2x1xi8>, %b: tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32> {
  %w = arith.constant dense<127> : tensor<1x1x1x1xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant -1 : i32
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x2x2x1xi8>, tensor<1x1x1x1xi8>, i32, i32) outs(%b : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}

// CHECK-LABEL: func @variable_weights
// CHECK:         linalg.conv_2d_nhwc_hwcf_q
func.func @variable_weights(%x: tensor<1x2x2x1xi8>, %w: tensor<1x1x1x1xi8>, %b: tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32> {
  %zx = arith.constant 2 : i32
  %zw = arith.constant 0 : i32
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x2x2x1xi8>, tensor<1x1x1x1xi8>, i32, i32) outs(%b : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}

// CHECK-LABEL: func @variable_zero_point
// CHECK:         linalg.conv_2d_nhwc_hwcf_q
func.func @variable_zero_point(%x: tensor<1x2x2x1xi8>, %zx: i32, %b: tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32> {
  %w = arith.constant dense<3> : tensor<1x1x1x1xi8>
  %zw = arith.constant 0 : i32
  %y = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w, %zx, %zw : tensor<1x2x2x1xi8>, tensor<1x1x1x1xi8>, i32, i32) outs(%b : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}

// Four inputs alone make no zero points: this one adds them.

// CHECK-LABEL: func @other_body
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : tensor<2xi8>, tensor<2xi8>, i32, i32)
// CHECK:           arith.muli
func.func @other_body(%x: tensor<2xi8>) -> tensor<i32> {
  %w = arith.constant dense<[1, 2]> : tensor<2xi8>
  %zx = arith.constant 2 : i32
  %zw = arith.constant 1 : i32
  %b = arith.constant dense<0> : tensor<i32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x, %w, %zx, %zw : tensor<2xi8>, tensor<2xi8>, i32, i32) outs(%b : tensor<i32>) {
  ^bb0(%in: i8, %f: i8, %zi: i32, %zf: i32, %acc: i32):
    %a = arith.extsi %in : i8 to i32
    %c = arith.addi %a, %zi : i32
    %d = arith.extsi %f : i8 to i32
    %e = arith.subi %d, %zf : i32
    %g = arith.muli %c, %e : i32
    %h = arith.addi %acc, %g : i32
    linalg.yield %h : i32
  } -> tensor<i32>
  return %y : tensor<i32>
}
