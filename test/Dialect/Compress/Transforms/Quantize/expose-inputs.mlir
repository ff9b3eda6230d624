// The results are what quantized products will read.
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-expose-inputs=ranges=%S/Inputs/ranges.json | FileCheck %s --implicit-check-not=compress.observe
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers "--compress-expose-inputs=ranges=%S/Inputs/ranges.json names=conv2" --canonicalize | FileCheck %s --check-prefix=ONE --implicit-check-not=linalg.matmul
// RUN: not compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-expose-inputs 2>&1 | FileCheck %s --check-prefix=NOFILE

// CHECK: !qtensor = !quant.uniform<i8:f32, 0.0099999997764825821:-28>
// CHECK: func.func @main({{.*}}) -> (tensor<1x6x6x2xf32> {compress.name = "conv1"}, tensor<1x6x6x4xf32> {compress.name = "conv2"}, tensor<1x4xf32> {compress.name = "dense"})
// CHECK: %[[X:.*]] = compress.fake_quant %arg0 {type = !qtensor}
// The exact network goes on without quantization.
// CHECK: %[[C1:.*]] = linalg.conv_2d_nhwc_hwcf ins(%arg0,
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[C1]] :
// CHECK: %[[RQ:.*]] = compress.fake_quant %[[R]]
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%[[R]],
// CHECK: %[[P:.*]] = compress.fake_quant
// CHECK: return %[[X]], %[[RQ]], %[[P]]

// ONE: func.func @main({{.*}}) -> (tensor<1x6x6x4xf32> {compress.name = "conv2"})
// ONE: %[[RQ:.*]] = compress.fake_quant
// ONE: return %[[RQ]]

// NOFILE: error: there are no ranges; name a file with ranges=FILE
