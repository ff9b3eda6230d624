// Weights that are codes already stay what they are; the bias gets their scale.
// RUN: compress-opt %s --compress-place-observers -o %t.mlir
// RUN: echo '{"format": "compress-ranges", "version": 1, "tensors": [{"name": "x", "min": 0, "max": 2.55}]}' > %t.json
// RUN: compress-opt %t.mlir --compress-quantize-observed=ranges=%t.json | FileCheck %s
// RUN: compress-opt %t.mlir --compress-quantize-observed=ranges=%t.json --int8-lower | FileCheck %s --check-prefix=INTEGER

// CHECK-DAG: ![[LEVELS:.+]] = !quant.uniform<i8<-3:3>:f32, 5.000000e-01>
// CHECK: func @levels
// CHECK: %[[CODES:.+]] = arith.constant dense<{{\[\[}}3, -1], [1, -3]]> : tensor<2x2xi8>
// CHECK: %[[STORED:.+]] = quant.scast %[[CODES]] : tensor<2x2xi8> to tensor<2x2x![[LEVELS]]>
// CHECK: %[[W:.+]] = quant.dcast %[[STORED]]
// 1.0 / (0.01 * 0.5) and -0.5 / (0.01 * 0.5).
// CHECK: arith.constant dense<[200, -100]> : tensor<2xi32>
// CHECK: linalg.matmul ins(%{{.+}}, %[[W]]

// INTEGER: linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x2xi8>, tensor<2x2xi8>)
func.func @levels(%x: tensor<1x2xf32> {compress.name = "x"}) -> tensor<1x2xf32> {
  %codes = arith.constant dense<[[3, -1], [1, -3]]> : tensor<2x2xi8>
  %stored = quant.scast %codes : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8<-3:3>:f32, 5.0e-01>>
  %w = quant.dcast %stored : tensor<2x2x!quant.uniform<i8<-3:3>:f32, 5.0e-01>> to tensor<2x2xf32>
  %bias = arith.constant dense<[1.0, -0.5]> : tensor<2xf32>
  %empty = tensor.empty() : tensor<1x2xf32>
  %init = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%empty : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%init : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
