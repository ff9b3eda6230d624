// RUN: compress-opt %s --compress-normalize | FileCheck %s

// Arithmetic on whole tensors, as some exporters write it, is linalg like all
// else.
// CHECK-LABEL: func.func @divide
func.func @divide(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: linalg.generic {{.*}}ins(%{{.+}}, %{{.+}} : tensor<4xf32>, tensor<4xf32>)
  // CHECK: arith.divf %{{.+}}, %{{.+}} : f32
  %0 = arith.divf %x, %y : tensor<4xf32>
  return %0 : tensor<4xf32>
}
