// RUN: compress-opt %s --split-input-file --verify-diagnostics --compress-expose-observed | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME: -> (tensor<4xf32> {compress.name = "y"}, tensor<4xf32> {compress.name = "x"}, tensor<4xf32> {compress.name = "sum"})
// CHECK-NEXT: tensor.empty
// CHECK-NEXT: %[[S:.*]] = linalg.add ins(%arg0, %arg0
// CHECK-NEXT: return %[[S]], %arg0, %[[S]]
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32> {compress.name = "y"}) {
  %o = compress.observe %x {name = "x"} : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %s = linalg.add ins(%o, %o : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %t = compress.observe %s {name = "sum"} : tensor<4xf32>
  return %t : tensor<4xf32>
}

// -----

// expected-error @below {{has observed tensors in branches, which are not always computed}}
func.func @branch(%c: i1, %x: tensor<4xf32>) -> tensor<4xf32> {
  cf.cond_br %c, ^bb1, ^bb2(%x : tensor<4xf32>)
^bb1:
  %o = compress.observe %x {name = "x"} : tensor<4xf32>
  cf.br ^bb2(%o : tensor<4xf32>)
^bb2(%y: tensor<4xf32>):
  return %y : tensor<4xf32>
}
