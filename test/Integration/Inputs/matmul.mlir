// A quantized dense layer in the qdq form.
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %xq = compress.fake_quant %x {type = !quant.uniform<i8:f32, 5.0e-01:-3>} : tensor<1x4xf32>
  %wi = arith.constant dense<[[1, -2], [3, 4], [-5, 6], [7, -8]]> : tensor<4x2xi8>
  %ws = quant.scast %wi : tensor<4x2xi8> to tensor<4x2x!quant.uniform<i8<-127:127>:f32, 2.5e-01>>
  %w = quant.dcast %ws : tensor<4x2x!quant.uniform<i8<-127:127>:f32, 2.5e-01>> to tensor<4x2xf32>
  %zero = arith.constant dense<0.0> : tensor<1x2xf32>
  %y = linalg.matmul ins(%xq, %w : tensor<1x4xf32>, tensor<4x2xf32>)
                     outs(%zero : tensor<1x2xf32>) -> tensor<1x2xf32>
  %yq = compress.fake_quant %y {type = !quant.uniform<i8:f32, 1.0:5>} : tensor<1x2xf32>
  return %yq : tensor<1x2xf32>
}
