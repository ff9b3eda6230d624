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
// REMARK-WITHOUT: Bfloat16 {{.*}}Remark="1 layer stays f32: the target has no dot products of bf16"
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
// REMARK: Bfloat16 {{.*}}Remark="stays f32: ", Remark="none of what it multiplies is a constant: two activations, or weights that are computed"
func.func @activations(%x: tensor<2x4xf32>, %w: tensor<4x3xf32>) -> tensor<2x3xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// A pool reads what a layer reads, and another layer reads the pool.

// CHECK-LABEL: func @pool
// CHECK-SAME: (%[[X:.+]]: tensor<1x6x6x4xf32>)
// CHECK: %[[N:.+]] = linalg.generic {{.+}} ins(%[[X]] : tensor<1x6x6x4xf32>) outs(%{{.+}} : tensor<1x6x6x4xbf16>)
// CHECK: linalg.generic {{.+}} ins(%[[N]], %{{.+}} : tensor<1x6x6x4xbf16>, tensor<1x1x4x5xbf16>)
// CHECK: %[[P:.+]] = linalg.generic {{.+}} ins(%[[N]], %{{.+}} : tensor<1x6x6x4xbf16>, tensor<3x3xf32>) outs(%{{.+}} : tensor<1x4x4x4xf32>)
// CHECK: %[[M:.+]] = linalg.generic {{.+}} ins(%[[P]] : tensor<1x4x4x4xf32>) outs(%{{.+}} : tensor<1x4x4x4xbf16>)
// CHECK: linalg.generic {{.+}} ins(%[[M]], %{{.+}} : tensor<1x4x4x4xbf16>, tensor<1x1x4x5xbf16>)
func.func @pool(%x: tensor<1x6x6x4xf32>) -> (tensor<1x6x6x5xf32>, tensor<1x4x4x5xf32>) {
  %w = arith.constant dense<0.25> : tensor<1x1x4x5xf32>
  %zero = arith.constant dense<0.0> : tensor<1x6x6x5xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x6x6x4xf32>, tensor<1x1x4x5xf32>) outs(%zero : tensor<1x6x6x5xf32>) -> tensor<1x6x6x5xf32>
  %least = arith.constant dense<0xFF800000> : tensor<1x4x4x4xf32>
  %window = tensor.empty() : tensor<3x3xf32>
  %p = linalg.pooling_nhwc_max ins(%x, %window : tensor<1x6x6x4xf32>, tensor<3x3xf32>) outs(%least : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %none = arith.constant dense<0.0> : tensor<1x4x4x5xf32>
  %z = linalg.conv_2d_nhwc_hwcf ins(%p, %w : tensor<1x4x4x4xf32>, tensor<1x1x4x5xf32>) outs(%none : tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  return %y, %z : tensor<1x6x6x5xf32>, tensor<1x4x4x5xf32>
}

// -----

// What has no static shape before it is padded is rounded after.

// CHECK-LABEL: func @dynamic_pad
// CHECK: %[[PAD:.+]] = tensor.pad
// CHECK: } : tensor<?x4xf32> to tensor<8x4xf32>
// CHECK: linalg.generic {{.+}} ins(%[[PAD]] : tensor<8x4xf32>) outs(%{{.+}} : tensor<8x4xbf16>)
func.func @dynamic_pad(%x: tensor<?x4xf32>, %n: index) -> tensor<8x3xf32> {
  %c0 = arith.constant 0.0 : f32
  %w = arith.constant dense<0.25> : tensor<4x3xf32>
  %p = tensor.pad %x low[0, 0] high[%n, 0] {
  ^bb0(%a: index, %b: index):
    tensor.yield %c0 : f32
  } : tensor<?x4xf32> to tensor<8x4xf32>
  %zero = arith.constant dense<0.0> : tensor<8x3xf32>
  %y = linalg.matmul ins(%p, %w : tensor<8x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<8x3xf32>) -> tensor<8x3xf32>
  return %y : tensor<8x3xf32>
}

// -----

// A difference may leave what was lost only; integers are exact or not.

// CHECK-LABEL: func @exact
// CHECK-SAME: (%[[X:.+]]: tensor<4x8xf32>)
// CHECK: linalg.generic {{.+}} ins(%{{.+}}, %{{.+}} : tensor<4x8xbf16>, tensor<8x8xbf16>)
// CHECK: arith.subf %[[X]]
// CHECK: linalg.generic {{.+}} ins(%[[X]] : tensor<4x8xf32>) outs(%{{.+}} : tensor<4x8xi32>)
// CHECK: linalg.generic {{.+}} ins(%[[X]], %{{.+}} : tensor<4x8xf32>, tensor<8xf32>)
func.func @exact(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xi32>, tensor<4x8xf32>) {
  %w = arith.constant dense<0.25> : tensor<8x8xf32>
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%zero : tensor<4x8xf32>) -> tensor<4x8xf32>
  %k = arith.constant dense<1000.0> : tensor<4x8xf32>
  %d = arith.subf %x, %k : tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xi32>
  %i = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xi32>) {
  ^bb0(%in: f32, %out: i32):
    %t = arith.fptosi %in : f32 to i32
    linalg.yield %t : i32
  } -> tensor<4x8xi32>
  %c = arith.constant dense<-1000.0> : tensor<8xf32>
  %f = tensor.empty() : tensor<4x8xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %c : tensor<4x8xf32>, tensor<8xf32>) outs(%f : tensor<4x8xf32>) {
  ^bb0(%in: f32, %shift: f32, %out: f32):
    %t = arith.addf %in, %shift : f32
    linalg.yield %t : f32
  } -> tensor<4x8xf32>
  return %y, %d, %i, %s : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xi32>, tensor<4x8xf32>
}

// -----

// Weights may come first, serve two layers, and lie behind a reshape.

// CHECK-LABEL: func @shared
// CHECK-SAME: (%[[X:.+]]: tensor<2x2x3xf32>, %[[Y:.+]]: tensor<4x3xf32>)
// CHECK-DAG: %[[W:.+]] = arith.constant dense<2.500000e-01> : tensor<5x4xbf16>
// CHECK-DAG: %[[N:.+]] = linalg.generic {{.+}} ins(%[[X]] : tensor<2x2x3xf32>) outs(%{{.+}} : tensor<2x2x3xbf16>)
// CHECK: %[[C:.+]] = tensor.collapse_shape %[[N]] {{.+}} : tensor<2x2x3xbf16> into tensor<4x3xbf16>
// CHECK: linalg.generic {{.+}} ins(%[[W]], %[[C]] : tensor<5x4xbf16>, tensor<4x3xbf16>)
// CHECK: linalg.generic {{.+}} ins(%[[W]], %{{.+}} : tensor<5x4xbf16>, tensor<4x3xbf16>)
func.func @shared(%x: tensor<2x2x3xf32>, %y: tensor<4x3xf32>) -> (tensor<5x3xf32>, tensor<5x3xf32>) {
  %w = arith.constant dense<0.25> : tensor<5x4xf32>
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x2x3xf32> into tensor<4x3xf32>
  %zero = arith.constant dense<0.0> : tensor<5x3xf32>
  %a = linalg.matmul ins(%w, %c : tensor<5x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  %b = linalg.matmul ins(%w, %y : tensor<5x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %a, %b : tensor<5x3xf32>, tensor<5x3xf32>
}

// -----

// CHECK-LABEL: func @open
// CHECK-NOT: bf16
// REMARK: Bfloat16 {{.*}}Remark="its shape is dynamic"
func.func @open(%x: tensor<?x4xf32>, %zero: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<0.25> : tensor<4x3xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>) outs(%zero : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Integers are no matter of this pass.

// CHECK-LABEL: func @integer
// CHECK-NOT: bf16
// REMARK: Bfloat16 {{.*}}Remark="has no layer of f32 whose weights are constant"
func.func @integer(%x: tensor<2x4xi8>) -> tensor<2x3xi32> {
  %w = arith.constant dense<3> : tensor<4x3xi8>
  %zero = arith.constant dense<0> : tensor<2x3xi32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xi8>, tensor<4x3xi8>) outs(%zero : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %y : tensor<2x3xi32>
}
