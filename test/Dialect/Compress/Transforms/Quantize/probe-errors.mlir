// Each product beside its quantized twin; the results are mean differences.
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-probe-errors=ranges=%S/Inputs/ranges.json | FileCheck %s --implicit-check-not=compress.observe

// CHECK: func.func @main({{.*}}) -> (tensor<4xf32> {compress.name = "conv1"}, tensor<4xf32> {compress.name = "conv2"}, tensor<3xf32> {compress.name = "dense"})
// CHECK: %[[Y:.*]] = linalg.conv_2d_nhwc_hwcf ins(%arg0, %cst
// CHECK: %[[X:.*]] = compress.fake_quant %arg0
// CHECK: %[[Q:.*]] = linalg.conv_2d_nhwc_hwcf ins(%[[X]],
// CHECK: %[[E:.*]] = linalg.generic {{.*}} ins(%[[Y]], %[[Q]] : {{.*}}) outs(%{{.*}} : tensor<4xf32>)
// CHECK: %[[D:.*]] = arith.subf
// CHECK: %[[T:.*]] = arith.mulf %[[D]], %{{.*}}
// CHECK: arith.addf %{{.*}}, %[[T]]
// The exact network goes on without quantization.
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[Y]] :
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%[[R]],
// CHECK: return %[[E]], %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>, tensor<3xf32>
