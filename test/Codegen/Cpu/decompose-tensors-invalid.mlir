// RUN: compress-opt %s --pass-pipeline="builtin.module(func.func(compress-decompose-tensors))" --split-input-file --verify-diagnostics

func.func @arith_on_tensors(%x: tensor<2xi32>) -> tensor<2xi32> {
  // expected-error @+1 {{is an operation on tensors that has no code for CPUs; write it with linalg.generic}}
  %0 = arith.divsi %x, %x : tensor<2xi32>
  return %0 : tensor<2xi32>
}

// -----

func.func @quantized(%x: tensor<4x!quant.any<i8:f32>>) -> tensor<4xf32> {
  // expected-error @+1 {{is an operation on tensors that has no code for CPUs; write it with linalg.generic}}
  %0 = quant.dcast %x : tensor<4x!quant.any<i8:f32>> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @pad(%x: tensor<3xi8>, %n: index) -> tensor<6xi8> {
  %zp = arith.constant -3 : i8
  // expected-error @+1 {{requires padding that is constant}}
  %y = tensor.pad %x low[%n] high[1] {
  ^bb0(%i: index):
    tensor.yield %zp : i8
  } : tensor<3xi8> to tensor<6xi8>
  return %y : tensor<6xi8>
}
