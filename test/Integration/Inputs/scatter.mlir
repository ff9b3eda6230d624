func.func @main(%x: tensor<1x10x1x1xf32>) -> (tensor<1x19x1x1xf32>, tensor<1x19x1x1xf32>) {
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 2, 4, 6, 8, 10, 12, 14, 16, 17>} : tensor<1x10x1x1xf32> -> tensor<1x19x1x1xf32>
  %q = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5:-3>} : tensor<1x10x1x1xf32>
  %s = compress.scatter_channels %q {axis = 1, indices = array<i64: 0, 2, 4, 6, 8, 10, 12, 14, 16, 17>} : tensor<1x10x1x1xf32> -> tensor<1x19x1x1xf32>
  %z = compress.fake_quant %s {type = !quant.uniform<i8:f32, 0.5:-3>} : tensor<1x19x1x1xf32>
  return %y, %z : tensor<1x19x1x1xf32>, tensor<1x19x1x1xf32>
}
