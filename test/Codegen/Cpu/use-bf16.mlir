// RUN: compress-opt %s --compress-use-bf16=features=+avx512vl,+avx512bf16 --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-use-bf16=features=+avx512vl,+avx512bf16 --split-input-file --remarks-filter=compress -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: compress-opt %s --compress-use-bf16=features=+avx2 --split-input-file | FileCheck %s --check-prefix=WITHOUT
// RUN: compress-opt %s --compress-use-bf16=features=+avx2 --split-input-file --remarks-filter=compress -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK-WITHOUT
// RUN: compress-opt %s --compress-use-bf16=features=+neon,+bf16 --split-input-file | FileCheck %s

// 1.00390625 is halfway between two bf16 and goes to the even one, 1; 257 too,
// to 256.

// CHECK-LABEL: func @example
// CHECK-SAME: (%[[X:.+]]: tensor<2x4xf32>)
// CHECK-DAG: %[[W:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.560000e+02, -5.000000e-01], {{.*}}> : tensor<4x3xbf16>
// CHECK-DAG: %[[N:.+]] = linalg.generic {{.+}} ins(%[[X]] : tensor<2x4xf32>) outs(%{{.+}} : tensor<2x4xbf16>)
// CHECK-DAG: arith.truncf %{{.+}} : f32 to bf16
// CHECK: linalg.generic {{.+}} ins(%[[N]], %[[W]] : tensor<2x4xbf16>, tensor<4x3xbf16>) outs(%{{.+}} : tensor<2x3xf32>)
// CHECK-COUNT-2: arith.extf %{{.+}} : bf16 to f32
// CHECK: arith.mulf %{{.+}} : f32
// CHECK: arith.addf %{{.+}} : f32
// WITHOUT-LABEL: func @example
// WITHOUT-NOT: bf16
// REMARK-WITHOUT: Bfloat16 {{.*}}Remark="stays f32: ", Remark="the target has no dot products of bf16"
func.func @example(%x: tensor<2x4xf32>) -> tensor<2x3xf32> {
  %w = arith.constant dense<[[1.00390625, 257.0, -0.5], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<4x3xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// What is only padded is rounded before, once for all that read it; the relu
// reads the rounded numbers as well.

// CHECK-LABEL: func @padded
// CHECK-SAME: (%[[X:.+]]: tensor<1x4x4x2xf32>)
// CHECK: %[[N:.+]] = linalg.generic {{.+}} ins(%[[X]] : tensor<1x4x4x2xf32>) outs(%{{.+}} : tensor<1x4x4x2xbf16>)
// CHECK: %[[PAD:.+]] = tensor.pad %[[N]] low[0, 1, 1, 0] high[0, 1, 1, 0]
// CHECK: tensor.yield %{{.+}} : bf16
// CHECK: } : tensor<1x4x4x2xbf16> to tensor<1x6x6x2xbf16>
// CHECK: linalg.generic {{.+}} ins(%[[PAD]], %{{.+}} : tensor<1x6x6x2xbf16>, tensor<3x3x2x5xbf16>)
// CHECK: linalg.generic {{.+}} ins(%[[N]], %{{.+}} : tensor<1x4x4x2xbf16>, tensor<1x4x4x2xf32>)
// CHECK: arith.extf
// CHECK: arith.maximumf
func.func @padded(%x: tensor<1x4x4x2xf32>) -> (tensor<1x4x4x5xf32>, tensor<1x4x4x2xf32>) {
  %c0 = arith.constant 0.0 : f32
  %w = arith.constant dense<0.25> : tensor<3x3x2x5xf32>
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %c0 : f32
  } : tensor<1x4x4x2xf32> to tensor<1x6x6x2xf32>
  %zero = arith.constant dense<0.0> : tensor<1x4x4x5xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%p, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x5xf32>) outs(%zero : tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %zeros = arith.constant dense<0.0> : tensor<1x4x4x2xf32>
  %r = linalg.max ins(%x, %zeros : tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %y, %r : tensor<1x4x4x5xf32>, tensor<1x4x4x2xf32>
}

// -----

// CHECK-LABEL: func @depthwise
// CHECK-NOT: bf16
// REMARK: Bfloat16 {{.*}}Remark="stays f32: ", Remark="no input serves two outputs, as in depthwise convolutions"
func.func @depthwise(%x: tensor<1x6x6x4xf32>) -> tensor<1x4x4x4xf32> {
  %w = arith.constant dense<0.25> : tensor<3x3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<1x4x4x4xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : tensor<1x6x6x4xf32>, tensor<3x3x4xf32>) outs(%zero : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %y : tensor<1x4x4x4xf32>
}

// -----

// CHECK-LABEL: func @activations
// CHECK-NOT: bf16
// REMARK: Bfloat16 {{.*}}Remark="stays f32: ", Remark="it multiplies two activations"
func.func @activations(%x: tensor<2x4xf32>, %w: tensor<4x3xf32>) -> tensor<2x3xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// Integers are no matter of this pass.

// CHECK-LABEL: func @integer
// CHECK-NOT: bf16
// REMARK-NOT: remark
func.func @integer(%x: tensor<2x4xi8>) -> tensor<2x3xi32> {
  %w = arith.constant dense<3> : tensor<4x3xi8>
  %zero = arith.constant dense<0> : tensor<2x3xi32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xi8>, tensor<4x3xi8>) outs(%zero : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %y : tensor<2x3xi32>
}
