func.func @main(%x: tensor<1x4x1x2xf32>) -> tensor<1x7x1x2xf32> {
  %g = compress.channel_gate %x {axis = 1, beta = array<f32: 0.9, 0.1, 0.8, 0.7>, gamma = array<f32: 1.0, 1.0, 1.0, 1.0>} : tensor<1x4x1x2xf32>
  %m = compress.channel_mask %g {axis = 1, mask = array<i1: true, false, true, true>} : tensor<1x4x1x2xf32>
  %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 0, 2, 3, 6>} : tensor<1x4x1x2xf32> -> tensor<1x7x1x2xf32>
  return %y : tensor<1x7x1x2xf32>
}
