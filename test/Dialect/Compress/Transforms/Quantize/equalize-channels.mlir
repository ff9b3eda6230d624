// Factors go into the weights on both sides; the network stays what it is.
// RUN: rm -rf %t && split-file %s %t
// RUN: compress-opt %t/net.mlir --compress-equalize-channels=ranges=%t/good.json | FileCheck %s
// RUN: compress-opt %t/net.mlir --compress-equalize-channels=ranges=%t/none.json | FileCheck %s --check-prefix=NONE
// RUN: not compress-opt %t/net.mlir --compress-equalize-channels=ranges=%t/sum.json 2>&1 | FileCheck %s --check-prefix=SUM
// RUN: compress-opt %t/stream.mlir --compress-equalize-channels=ranges=%t/stream.json | FileCheck %s --check-prefix=STREAM
// RUN: not compress-opt %t/stream.mlir --compress-equalize-channels=ranges=%t/torn.json 2>&1 | FileCheck %s --check-prefix=TORN
// RUN: not compress-opt %t/stream.mlir --compress-equalize-channels=ranges=%t/tiny.json 2>&1 | FileCheck %s --check-prefix=TINY
// RUN: not compress-opt %t/pinned.mlir --split-input-file --compress-equalize-channels=ranges=%t/pinned.json 2>&1 | FileCheck %s --check-prefix=PINNED
// RUN: not compress-opt %t/net.mlir --compress-equalize-channels=ranges=%t/few.json 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not compress-opt %t/net.mlir --compress-equalize-channels 2>&1 | FileCheck %s --check-prefix=FILE

// CHECK-DAG: %[[W1:.*]] = arith.constant dense<{{\[\[\[\[}}2.000000e+00, 2.500000e-01, 3.000000e+00]]]]> : tensor<1x1x1x3xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[2.000000e+00, 1.000000e+00, 4.000000e+00]> : tensor<3xf32>
// CHECK: %[[INIT:.*]] = linalg.broadcast ins(%[[B]]
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%arg0, %[[W1]] : {{.*}}) outs(%[[INIT]]
// CHECK: %[[O:.*]] = compress.observe %{{.*}} {name = "relu"}
// CHECK: %[[P:.*]] = tensor.pad %[[O]]
// The filter of the depthwise convolution has the channels too.
// CHECK: %[[W2:.*]] = arith.constant dense<{{.*}}5.000000e-01, 4.000000e+00, 1.000000e+00]]]> : tensor<1x1x3xf32>
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc ins(%[[P]], %[[W2]]

// NONE: dense<{{\[\[\[\[}}1.000000e+00, 1.000000e+00, 3.000000e+00]]]]>

// A tensor that the function returns has none.
// SUM: error: {{.*}}'func.func' op has no tensor 'dw' of 3 channels that could be scaled; calibrate this network again
// FEW: error: {{.*}}'func.func' op has no tensor 'relu' of 2 channels that could be scaled; calibrate this network again
// FILE: error: there are no ranges; name a file with ranges=FILE

// Both summands have the factors of the sum; channel 1 of the slice is channel 0
// of what is read on.
// STREAM: arith.constant dense<{{\[\[}}2.000000e+00, 2.500000e-01]]> : tensor<1x2xf32>
// STREAM: arith.constant dense<{{\[\[}}6.000000e+00, 7.500000e-01]]> : tensor<1x2xf32>
// STREAM: arith.constant dense<2.000000e+01> : tensor<1x1xf32>
// TORN: error: {{.*}}'func.func' op has channel 0 of tensor 'part' in another that has another factor, as in a sum; calibrate this network again

// TINY: error: {{.*}}'func.func' op cannot divide tensor 'sum' by factors that f32 has no inverse of; calibrate this network again

// A bias that is an argument, weights of bytes, several blocks, a clamp with an
// upper bound: none can be scaled.
// PINNED-COUNT-4: error: {{.*}}'func.func' op has no tensor 't' of 2 channels that could be scaled
// PINNED-NOT: error

//--- pinned.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "t", "factors": [0.5, 4]}]}
//--- tiny.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "sum", "factors": [1e-60, 4]}]}
//--- pinned.mlir
func.func @bias(%x: tensor<8x2xf32>, %b: tensor<2xf32>) -> tensor<8x2xf32> {
  %w = arith.constant dense<3.0> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<8x2xf32>) dimensions = [0]
  %a = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%i : tensor<8x2xf32>) -> tensor<8x2xf32>
  %t = compress.observe %a {name = "t"} : tensor<8x2xf32>
  %y = linalg.matmul ins(%t, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}
// -----
func.func @bytes(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  %v = arith.constant dense<3> : tensor<2x2xi8>
  %w = arith.constant dense<3.0> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %a = linalg.matmul ins(%x, %v : tensor<8x2xf32>, tensor<2x2xi8>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %t = compress.observe %a {name = "t"} : tensor<8x2xf32>
  %y = linalg.matmul ins(%t, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}
// -----
func.func @blocks(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  %w = arith.constant dense<3.0> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %t = compress.observe %a {name = "t"} : tensor<8x2xf32>
  cf.br ^end
^end:
  return %t : tensor<8x2xf32>
}
// -----
func.func @clamp(%x: tensor<8x2xf32>) -> tensor<8x2xf32> {
  %w = arith.constant dense<3.0> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %e = tensor.empty() : tensor<8x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<8x2xf32>) outs(%e : tensor<8x2xf32>) {
  ^bb0(%p: f32, %o: f32):
    %m = arith.maximumf %p, %zero : f32
    %n = arith.minimumf %m, %six : f32
    linalg.yield %n : f32
  } -> tensor<8x2xf32>
  %t = compress.observe %r {name = "t"} : tensor<8x2xf32>
  %y = linalg.matmul ins(%t, %w : tensor<8x2xf32>, tensor<2x2xf32>) outs(%z : tensor<8x2xf32>) -> tensor<8x2xf32>
  return %y : tensor<8x2xf32>
}
//--- stream.mlir
func.func @main(%x: tensor<8x1xf32>) -> tensor<8x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<1.0> : tensor<1x2xf32>
  %w2 = arith.constant dense<3.0> : tensor<1x2xf32>
  %w3 = arith.constant dense<5.0> : tensor<1x1xf32>
  %e = tensor.empty() : tensor<8x2xf32>
  %f = tensor.empty() : tensor<8x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %j = linalg.fill ins(%zero : f32) outs(%f : tensor<8x1xf32>) -> tensor<8x1xf32>
  %a = linalg.matmul ins(%x, %w1 : tensor<8x1xf32>, tensor<1x2xf32>) outs(%i : tensor<8x2xf32>) -> tensor<8x2xf32>
  %b = linalg.matmul ins(%x, %w2 : tensor<8x1xf32>, tensor<1x2xf32>) outs(%i : tensor<8x2xf32>) -> tensor<8x2xf32>
  %s = linalg.add ins(%a, %b : tensor<8x2xf32>, tensor<8x2xf32>) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %o = compress.observe %s {name = "sum"} : tensor<8x2xf32>
  %p = tensor.extract_slice %o[0, 1] [8, 1] [1, 1] : tensor<8x2xf32> to tensor<8x1xf32>
  %q = compress.observe %p {name = "part"} : tensor<8x1xf32>
  %y = linalg.matmul ins(%q, %w3 : tensor<8x1xf32>, tensor<1x1xf32>) outs(%j : tensor<8x1xf32>) -> tensor<8x1xf32>
  return %y : tensor<8x1xf32>
}
//--- stream.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "sum", "factors": [0.5, 4]}, {"name": "part", "factors": [4]}]}
//--- torn.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "sum", "factors": [0.5, 4]}, {"name": "part", "factors": [2]}]}
//--- net.mlir
func.func @main(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[[[1.0, 1.0, 3.0]]]]> : tensor<1x1x1x3xf32>
  %b1 = arith.constant dense<[1.0, 4.0, 4.0]> : tensor<3xf32>
  %e = tensor.empty() : tensor<1x4x4x3xf32>
  %i = linalg.broadcast ins(%b1 : tensor<3xf32>) outs(%e : tensor<1x4x4x3xf32>) dimensions = [0, 1, 2]
  %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w1 : tensor<1x4x4x1xf32>, tensor<1x1x1x3xf32>) outs(%i : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%c : tensor<1x4x4x3xf32>) outs(%e : tensor<1x4x4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x3xf32>
  %o = compress.observe %r {name = "relu"} : tensor<1x4x4x3xf32>
  %p = tensor.pad %o low[0, 1, 1, 0] high[0, 0, 0, 0] {
  ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x3xf32> to tensor<1x5x5x3xf32>
  %w2 = arith.constant dense<[[[1.0, 1.0, 1.0]]]> : tensor<1x1x3xf32>
  %f = tensor.empty() : tensor<1x5x5x3xf32>
  %z = linalg.fill ins(%zero : f32) outs(%f : tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %d = linalg.depthwise_conv_2d_nhwc_hwc ins(%p, %w2 : tensor<1x5x5x3xf32>, tensor<1x1x3xf32>) outs(%z : tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %q = compress.observe %d {name = "dw"} : tensor<1x5x5x3xf32>
  %s = linalg.add ins(%q, %q : tensor<1x5x5x3xf32>, tensor<1x5x5x3xf32>) outs(%f : tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %y = tensor.extract_slice %s[0, 0, 0, 0] [1, 4, 4, 3] [1, 1, 1, 1] : tensor<1x5x5x3xf32> to tensor<1x4x4x3xf32>
  return %y : tensor<1x4x4x3xf32>
}
//--- good.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "relu", "factors": [0.5, 4, 1]}]}
//--- none.json
{"format": "compress-ranges", "version": 1, "tensors": []}
//--- sum.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "dw", "factors": [0.5, 4, 1]}]}
//--- few.json
{"format": "compress-ranges", "version": 1, "tensors": [], "equalization": [{"name": "relu", "factors": [0.5, 4]}]}
