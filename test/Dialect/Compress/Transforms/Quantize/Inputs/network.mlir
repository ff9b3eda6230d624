func.func @main(%x: tensor<1x6x6x2xf32> {compress.name = "image"}) -> tensor<1x3xf32> {
  %w1 = arith.constant dense<[[[[0.5, -0.25, 1.0, 0.125], [1.0, 0.5, -1.0, 0.25]]]]> : tensor<1x1x2x4xf32>
  %b1 = arith.constant dense<[0.5, 0.0, -0.5, 1.0]> : tensor<4xf32>
  %e1 = tensor.empty() : tensor<1x6x6x4xf32>
  %i1 = linalg.broadcast ins(%b1 : tensor<4xf32>) outs(%e1 : tensor<1x6x6x4xf32>) dimensions = [0, 1, 2]
  %c1 = linalg.conv_2d_nhwc_hwcf ins(%x, %w1 : tensor<1x6x6x2xf32>, tensor<1x1x2x4xf32>) outs(%i1 : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32> loc("conv1")
  %r1 = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%c1 : tensor<1x6x6x4xf32>) outs(%e1 : tensor<1x6x6x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %z = arith.constant 0.0 : f32
    %m = arith.maximumf %a, %z : f32
    linalg.yield %m : f32
  } -> tensor<1x6x6x4xf32> loc("relu1")
  %w2 = arith.constant dense<0.25> : tensor<1x1x4x4xf32>
  %z2 = arith.constant 0.0 : f32
  %i2 = linalg.fill ins(%z2 : f32) outs(%e1 : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %c2 = linalg.conv_2d_nhwc_hwcf ins(%r1, %w2 : tensor<1x6x6x4xf32>, tensor<1x1x4x4xf32>) outs(%i2 : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32> loc("conv2")
  %s = linalg.add ins(%c2, %r1 : tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) outs(%e1 : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32> loc("add")
  %ep = tensor.empty() : tensor<1x4xf32>
  %ip = linalg.fill ins(%z2 : f32) outs(%ep : tensor<1x4xf32>) -> tensor<1x4xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, d)>], iterator_types = ["parallel", "reduction", "reduction", "parallel"]} ins(%s : tensor<1x6x6x4xf32>) outs(%ip : tensor<1x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.addf %a, %o : f32
    linalg.yield %m : f32
  } -> tensor<1x4xf32> loc("pool")
  %w3 = arith.constant dense<[[0.5, -0.25, 1.0], [0.125, 1.0, 0.5], [-1.0, 0.25, 0.75], [0.1, 0.2, 0.3]]> : tensor<4x3xf32>
  %e3 = tensor.empty() : tensor<1x3xf32>
  %i3 = linalg.fill ins(%z2 : f32) outs(%e3 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %y = linalg.matmul ins(%p, %w3 : tensor<1x4xf32>, tensor<4x3xf32>) outs(%i3 : tensor<1x3xf32>) -> tensor<1x3xf32> loc("dense")
  return %y : tensor<1x3xf32>
}
