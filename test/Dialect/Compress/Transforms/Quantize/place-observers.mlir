// What is quantized, on a small network with a residual addition and a mean.
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers | FileCheck %s --implicit-check-not=compress.observe
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers=results=true | FileCheck %s --check-prefix=RESULTS
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers=keep-float=den* | FileCheck %s --check-prefix=FLOAT --implicit-check-not=compress.observe
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers=input-share=0.4 | FileCheck %s --check-prefix=SHARE --implicit-check-not=compress.observe
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers=input-share=0.3 | FileCheck %s
// RUN: not compress-opt %S/Inputs/network.mlir --compress-place-observers=keep-float=none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: compress-opt %s --split-input-file --verify-diagnostics --compress-place-observers | FileCheck %s --check-prefix=MORE

// The sums of conv2 enter the addition as they are; the relu is shared.
// CHECK: %[[X:.*]] = compress.observe %arg0 {name = "image"}
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%[[X]],
// CHECK: %[[RELU:.*]] = linalg.generic
// CHECK: arith.maximumf
// CHECK: %[[R:.*]] = compress.observe %{{.*}} {name = "relu1"}
// CHECK: %[[C2:.*]] = linalg.conv_2d_nhwc_hwcf ins(%[[R]],
// CHECK: %[[SUM:.*]] = linalg.add ins(%[[C2]], %[[R]]
// CHECK: %[[S:.*]] = compress.observe %[[SUM]] {name = "add"}
// CHECK: linalg.generic {{.*}} ins(%[[S]]
// CHECK: %[[P:.*]] = compress.observe %{{.*}} {name = "pool"}
// CHECK: linalg.matmul ins(%[[P]],

// RESULTS: %[[Y:.*]] = linalg.matmul
// RESULTS: %[[O:.*]] = compress.observe %[[Y]] {name = "dense"}
// RESULTS: return %[[O]]

// Without a dense layer of integers nothing asks for the mean in integers.
// FLOAT: compress.observe %arg0
// FLOAT: compress.observe %{{.*}} {name = "relu1"}
// FLOAT: linalg.matmul {compress.float = "keep-float names it"}

// conv1 has 288 of 876 products, a share of 0.33, and alone reads the input.
// SHARE: linalg.conv_2d_nhwc_hwcf {compress.float = "it reads the network's input and costs little"} ins(%arg0,
// SHARE: compress.observe %{{.*}} {name = "relu1"}
// SHARE: compress.observe %{{.*}} {name = "add"}
// SHARE: compress.observe %{{.*}} {name = "pool"}

// NONE: error: keep-float: 'none' names no convolution or matrix product with constant weights

// A max pool and a pad are moved over: the relu before them is quantized.
// MORE-LABEL: func.func @moved
// MORE: arith.maximumf
// MORE: %[[R:.*]] = compress.observe
// MORE: tensor.pad %[[R]]
#id = affine_map<(a, b, c, d) -> (a, b, c, d)>
func.func @moved(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x4x4x2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x4x4x2xf32>
  %p = tensor.pad %r low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x2xf32> to tensor<1x6x6x2xf32>
  %w = arith.constant dense<0.5> : tensor<3x3x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc ins(%p, %w : tensor<1x6x6x2xf32>, tensor<3x3x2xf32>) outs(%i : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// -----

// The parts of a concatenation are rounded once, to its scale; an op without an
// integer form ends the search.
// MORE-LABEL: func.func @concat
// MORE-NOT: compress.observe
// MORE: %[[C:.*]] = tensor.concat
// MORE: %[[O:.*]] = compress.observe %[[C]]
// MORE: linalg.matmul ins(%[[O]],
// MORE-NOT: compress.observe
// MORE: return
#id2 = affine_map<(a, b) -> (a, b)>
func.func @concat(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %t = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<2x3xf32>
  %s = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<2x3xf32>
  %c = tensor.concat dim(1) %t, %s : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  %w = arith.constant dense<0.5> : tensor<6x2xf32>
  %f = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  %m = linalg.matmul ins(%c, %w : tensor<2x6xf32>, tensor<6x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %m : tensor<2x2xf32>
}

// -----

// Names that are there already must be different.
func.func @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = compress.observe %x {name = "x"} : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %s = linalg.exp ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  // expected-error @below {{has the name of another observed tensor: 'x'}}
  %b = compress.observe %s {name = "x"} : tensor<4xf32>
  return %b : tensor<4xf32>
}

// -----

func.func @integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @below {{requires an f32 tensor of static shape, outside of branches, to be quantized}}
  %a = compress.observe %x {name = "x"} : tensor<4xi32>
  return %a : tensor<4xi32>
}

// -----

// expected-error @below {{has branches; only straight networks are quantized}}
func.func @branches(%c: i1, %x: tensor<4xf32>) -> tensor<4xf32> {
  cf.cond_br %c, ^bb1, ^bb1
^bb1:
  return %x : tensor<4xf32>
}

// -----

// 50 has no code of its own in the range of %x: the padded tensor is quantized.
// MORE-LABEL: func.func @filler
// MORE-NOT: compress.observe %arg0
// MORE: %[[P:.*]] = tensor.pad %arg0
// MORE: compress.observe %[[P]]
func.func @filler(%x: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %fifty = arith.constant 50.0 : f32
  %p = tensor.pad %x low[0, 0] high[0, 1] {
  ^bb0(%a: index, %b: index):
    tensor.yield %fifty : f32
  } : tensor<2x3xf32> to tensor<2x4xf32>
  %w = arith.constant dense<0.5> : tensor<4x2xf32>
  %f = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  %m = linalg.matmul ins(%p, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %m : tensor<2x2xf32>
}

// -----

// No activation is quantized for products that cannot be: of another tensor's
// values, with a bias that is computed, without channels.
// MORE-LABEL: func.func @unfit
// MORE-NOT: compress.observe
// MORE: linalg.matmul {compress.float = "its weights are no constant"}
// MORE: linalg.matmul {compress.float = "its bias is not one constant a channel"}
// MORE: linalg.dot {compress.float = "all its results have the same weights, so that there is no channel"}
// MORE: return
func.func @unfit(%x: tensor<2x2xf32>, %b: tensor<2x2xf32>, %v: tensor<4xf32>, %s: f32) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<f32>, tensor<2x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<2x2xf32>
  %u = arith.constant dense<0.5> : tensor<4xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %l = linalg.matmul ins(%x, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%i : tensor<2x2xf32>) -> tensor<2x2xf32>
  %m = linalg.matmul ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%b : tensor<2x2xf32>) -> tensor<2x2xf32>
  %g = tensor.empty() : tensor<f32>
  %j = linalg.fill ins(%zero : f32) outs(%g : tensor<f32>) -> tensor<f32>
  %d = linalg.dot ins(%v, %u : tensor<4xf32>, tensor<4xf32>) outs(%j : tensor<f32>) -> tensor<f32>
  %k = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> ()>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<2x2xf32>, f32) outs(%e : tensor<2x2xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %n = arith.mulf %a, %c : f32
    linalg.yield %n : f32
  } -> tensor<2x2xf32>
  return %l, %m, %d, %k : tensor<2x2xf32>, tensor<2x2xf32>, tensor<f32>, tensor<2x2xf32>
}
