// RUN: compress-opt %s --compress-buffer-interface --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @main
// CHECK-SAME: (%[[X:.+]]: memref<4xf32> {compress.name = "image"}, %[[Y:.+]]: memref<4xf32> {compress.name = "logits"})
// CHECK-SAME: compress.num_inputs = 1
// CHECK: %[[T:.+]] = bufferization.to_tensor %[[X]] restrict : memref<4xf32>
// CHECK: %[[R:.+]] = linalg.exp ins(%[[T]]
// CHECK: bufferization.materialize_in_destination %[[R]] in restrict writable %[[Y]]
// CHECK: return{{$}}
func.func @main(%x: tensor<4xf32> {compress.name = "image"}) -> (tensor<4xf32> {compress.name = "logits"}) {
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// Private functions keep their interface.
// CHECK: func private @helper(tensor<4xf32>)
func.func private @helper(tensor<4xf32>)

// -----

// expected-error @+1 {{requires inputs and outputs that are tensors of static shape, not 'tensor<?xf32>'; use --batch}}
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

func.func @first(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
// expected-error @+1 {{requires one public function; make @second or @first private}}
func.func @second(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{requires a public function}}
module {
}
