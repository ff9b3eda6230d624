// RUN: compress-opt %s --compress-raise-qdq --verify-diagnostics --split-input-file

// The type is legal, but the scale is no normal f32 number.

!tiny = !quant.uniform<i8:f32, 1.0e-40>
func.func @tiny_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!tiny>
  // expected-error @+1 {{requires per-tensor or per-channel scales that are finite, normal f32 numbers above 0}}
  %y = quant.dcast %q : tensor<4x!tiny> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// What has a range, but no scale.
func.func @calibrated(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.calibrated<f32<-0.9:1.0>>>
  // expected-error @+1 {{requires a per-tensor or per-channel quantized type; calibrate the model first}}
  %1 = quant.dcast %0 : tensor<4x!quant.calibrated<f32<-0.9:1.0>>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Nobody could tell the numbers that these codes stand for.
func.func @tiny_scale_of_weights() -> tensor<2xf32> {
  %codes = arith.constant dense<[1, 2]> : tensor<2xi8>
  %q = quant.scast %codes : tensor<2xi8> to tensor<2x!quant.uniform<i8:f32, 1.0e-40>>
  // expected-error @+1 {{requires per-tensor or per-channel scales that are finite, normal f32 numbers above 0}}
  %y = quant.dcast %q : tensor<2x!quant.uniform<i8:f32, 1.0e-40>> to tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// Too wide for a fake_quant, and the next canonicalization would drop the pair.
func.func @wide_storage(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i32:f32, 0.1>>
  // expected-error @+1 {{requires a ranked f32 tensor and storage of at most 16 bits}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i32:f32, 0.1>> to tensor<4xf32>
  return %y : tensor<4xf32>
}
