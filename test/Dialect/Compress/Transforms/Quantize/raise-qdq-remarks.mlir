// RUN: compress-opt %s --compress-raise-qdq --remarks-filter="compress" --remark-format=emitRemark -o %t 2>&1 | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5>

// CHECK: raise-qdq-remarks.mlir:[[# @LINE + 5]]:{{.*}} remark: {{\[}}Passed] RaiseQDQ | Category:compress | Remark="quant.qcast and quant.dcast made compress.fake_quant"
// CHECK: Remark="fake quantized constant stored as codes"
// CHECK: {{\[}}Missed] RaiseQDQ {{.*}} Remark="quant.qcast stays: its codes are used by something other than quant.dcast"
func.func @raised(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4x!q>) {
  %w = arith.constant dense<1.0> : tensor<4xf32>
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!q>
  %1 = quant.dcast %0 : tensor<4x!q> to tensor<4xf32>
  %2 = compress.fake_quant %w {type = !q} : tensor<4xf32>
  %3 = quant.qcast %2 : tensor<4xf32> to tensor<4x!q>
  return %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4x!q>
}
