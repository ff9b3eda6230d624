// RUN: compress-opt %s --compress-fold-batch-norm --canonicalize --cse | FileCheck %s

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#c = affine_map<(d0, d1, d2, d3) -> (d3)>
#c4 = affine_map<(d0, d1, d2, d3) -> (d0, 0, 0, d3)>
#s = affine_map<(d0, d1, d2, d3) -> ()>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d1)>

// The type of @masked, below.
// CHECK: ![[MASKED:.+]] = !quant.uniform<i8:f32:1, {5.000000e-01:3,2.500000e-01:3}>

// The example of the description: (x - mean) / sqrt(var + 0) * gamma + beta with
// mean (1, 2), var (4, 16), gamma (2, 8), beta (5, 6) is x + 4, 2 x + 2.

// CHECK-LABEL: func @batch_norm
// CHECK-SAME:    %[[X:.+]]: tensor<1x4x4x2xf32>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[\[\[}}1.000000e+00, 4.000000e+00], [3.000000e+00, 8.000000e+00]]]]> : tensor<1x1x2x2xf32>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[4.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[B]] : tensor<2xf32>) {{.*}} dimensions = [0, 1, 2]
// CHECK:         %[[Y:.+]] = linalg.conv_2d_nhwc_hwcf {{.*}} ins(%[[X]], %[[W]] : {{.*}}) outs(%[[INIT]]
// CHECK:         return %[[Y]]
func.func @batch_norm(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %gamma = arith.constant dense<[2.0, 8.0]> : tensor<2xf32>
  %beta = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %mean = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %var = arith.constant dense<[4.0, 16.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %a = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>) outs(%b : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %y = linalg.generic {indexing_maps = [#id, #c, #c, #c, #c, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%a, %gamma, %beta, %mean, %var : tensor<1x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%in: f32, %g: f32, %be: f32, %m: f32, %v: f32, %out: f32):
    %0 = arith.subf %in, %m : f32
    %1 = arith.addf %v, %zero : f32
    %2 = math.rsqrt %1 : f32
    %3 = arith.mulf %0, %2 : f32
    %4 = arith.mulf %g, %3 : f32
    %5 = arith.addf %be, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// One op a step, as TOSA writes it, and constants of rank 4: 2 (x + 1) - 3 and
// 4 (x + 1) - 3, after a bias of (10, 20).

// CHECK-LABEL: func @step_by_step
// CHECK-DAG:     arith.constant dense<{{\[\[\[\[}}2.000000e+00, 8.000000e+00], [6.000000e+00, 1.600000e+01]]]]> : tensor<1x1x2x2xf32>
// CHECK-DAG:     arith.constant dense<[1.900000e+01, 8.100000e+01]> : tensor<2xf32>
// CHECK:         linalg.conv_2d_nhwc_hwcf
// CHECK-NEXT:    return
func.func @step_by_step(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %bias = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %one = arith.constant dense<1.0> : tensor<1x1x1x1xf32>
  %scale = arith.constant dense<[[[[2.0, 4.0]]]]> : tensor<1x1x1x2xf32>
  %three = arith.constant 3.0 : f32
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %b = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<1x4x4x2xf32>) dimensions = [0, 1, 2]
  %a = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>) outs(%b : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %p = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (0, 0, 0, 0)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%a, %one : tensor<1x4x4x2xf32>, tensor<1x1x1x1xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%in: f32, %c: f32, %out: f32):
    %0 = arith.addf %in, %c : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x2xf32>
  %q = linalg.generic {indexing_maps = [#c4, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%scale, %p : tensor<1x1x1x2xf32>, tensor<1x4x4x2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%c: f32, %in: f32, %out: f32):
    %0 = arith.mulf %c, %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x2xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%q : tensor<1x4x4x2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.subf %in, %three : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func @depthwise
// CHECK-DAG:     arith.constant dense<{{\[\[\[}}2.000000e+00, 6.000000e+00]]]> : tensor<1x1x2xf32>
// CHECK:         linalg.depthwise_conv_2d_nhwc_hwc
// CHECK-NEXT:    return
func.func @depthwise(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = arith.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %scale = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %a = linalg.depthwise_conv_2d_nhwc_hwc {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
       ins(%x, %w : tensor<1x4x4x2xf32>, tensor<1x1x2xf32>) outs(%b : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %y = linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
       ins(%a, %scale : tensor<1x4x4x2xf32>, tensor<2xf32>) outs(%e : tensor<1x4x4x2xf32>) {
  ^bb0(%in: f32, %s: f32, %out: f32):
    %0 = arith.mulf %in, %s : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}

// The matrix product stays a named one.

// CHECK-LABEL: func @matmul_bias
// CHECK-SAME:    %[[X:.+]]: tensor<1x2xf32>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[5.000000e-01, 1.500000e+00]> : tensor<2xf32>
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[B]]
// CHECK:         %[[Y:.+]] = linalg.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[INIT]]
// CHECK-NEXT:    return %[[Y]]
func.func @matmul_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %bias = arith.constant dense<[0.5, 1.5]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #n, #id2], iterator_types = ["parallel", "parallel"]}
       ins(%a, %bias : tensor<1x2xf32>, tensor<2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%in: f32, %c: f32, %out: f32):
    %0 = arith.addf %in, %c : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A bias folds whatever the weights are, and its codes stay codes.

// CHECK-LABEL: func @quantized_bias
// CHECK:         %[[WS:.+]] = quant.scast %{{.+}} : tensor<2x2xi8>
// CHECK:         %[[W:.+]] = quant.dcast %[[WS]]
// CHECK:         %[[BS:.+]] = quant.scast %{{.+}} : tensor<2xi32>
// CHECK:         %[[B:.+]] = quant.dcast %[[BS]]
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[B]]
// CHECK:         linalg.matmul ins(%{{.+}}, %[[W]] : {{.*}}) outs(%[[INIT]]
// CHECK-NEXT:    return
func.func @quantized_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %bq = arith.constant dense<[5, 6]> : tensor<2xi32>
  %ws = quant.scast %wq : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %w = quant.dcast %ws : tensor<2x2x!quant.uniform<i8:f32, 0.5>> to tensor<2x2xf32>
  %bs = quant.scast %bq : tensor<2xi32> to tensor<2x!quant.uniform<i32:f32, 0.25>>
  %bias = quant.dcast %bs : tensor<2x!quant.uniform<i32:f32, 0.25>> to tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#n, #id2, #id2], iterator_types = ["parallel", "parallel"]}
       ins(%bias, %a : tensor<2xf32>, tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%c: f32, %in: f32, %out: f32):
    %0 = arith.addf %c, %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Dimensions of extent 1 are no others.

// CHECK-LABEL: func @batch_matmul_bias
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<{{\[\[}}5.000000e-01, 1.500000e+00]]> : tensor<1x2xf32>
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[B]] : tensor<1x2xf32>)
// CHECK:         linalg.batch_matmul {{.*}} outs(%[[INIT]]
// CHECK-NEXT:    return
func.func @batch_matmul_bias(%x: tensor<1x3x2xf32>, %w: tensor<1x2x2xf32>) -> tensor<1x3x2xf32> {
  %bias = arith.constant dense<[[[0.5, 1.5]]]> : tensor<1x1x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x3x2xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
  %a = linalg.batch_matmul ins(%x, %w : tensor<1x3x2xf32>, tensor<1x2x2xf32>) outs(%b : tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, 0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]}
       ins(%a, %bias : tensor<1x3x2xf32>, tensor<1x1x2xf32>) outs(%e : tensor<1x3x2xf32>) {
  ^bb0(%in: f32, %c: f32, %out: f32):
    %0 = arith.addf %in, %c : f32
    linalg.yield %0 : f32
  } -> tensor<1x3x2xf32>
  return %y : tensor<1x3x2xf32>
}

// Integer biases add up modulo 2^32.

// CHECK-LABEL: func @integer_bias
// CHECK-DAG:     arith.constant dense<[-2147483648, 30]> : tensor<2xi32>
// CHECK:         linalg.matmul
// CHECK-NEXT:    return
func.func @integer_bias(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi32> {
  %first = arith.constant dense<[2147483647, 10]> : tensor<2xi32>
  %second = arith.constant dense<[1, 20]> : tensor<2xi32>
  %e = tensor.empty() : tensor<1x2xi32>
  %b = linalg.broadcast ins(%first : tensor<2xi32>) outs(%e : tensor<1x2xi32>) dimensions = [0]
  %a = linalg.matmul ins(%x, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%b : tensor<1x2xi32>) -> tensor<1x2xi32>
  %y = linalg.generic {indexing_maps = [#id2, #n, #id2], iterator_types = ["parallel", "parallel"]}
       ins(%a, %second : tensor<1x2xi32>, tensor<2xi32>) outs(%e : tensor<1x2xi32>) {
  ^bb0(%in: i32, %c: i32, %out: i32):
    %0 = arith.addi %in, %c : i32
    linalg.yield %0 : i32
  } -> tensor<1x2xi32>
  return %y : tensor<1x2xi32>
}

//===----------------------------------------------------------------------===//
// What stays
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @relu
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
// CHECK:           arith.maximumf
func.func @relu(%x: tensor<1x2xf32>, %b: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %in, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Never across a fake quantization.

// CHECK-LABEL: func @fake_quant_between
// CHECK:         linalg.matmul
// CHECK:         compress.fake_quant
// CHECK:         arith.mulf
func.func @fake_quant_between(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %two = arith.constant 2.0 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2xf32>) -> tensor<1x2xf32>
  %q = compress.fake_quant %a {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%q : tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %two : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @two_users
// CHECK:         linalg.matmul
// CHECK:         arith.mulf
func.func @two_users(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %two = arith.constant 2.0 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %two : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %a, %y : tensor<1x2xf32>, tensor<1x2xf32>
}

// One value for each input row is none for each channel.

// CHECK-LABEL: func @along_rows
// CHECK:         linalg.matmul
// CHECK:         arith.mulf
func.func @along_rows(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %scale = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, affine_map<(d0, d1) -> (d0)>, #id2], iterator_types = ["parallel", "parallel"]} ins(%a, %scale : tensor<2x2xf32>, tensor<2xf32>) outs(%e : tensor<2x2xf32>) {
  ^bb0(%in: f32, %s: f32, %out: f32):
    %0 = arith.mulf %in, %s : f32
    linalg.yield %0 : f32
  } -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// A variance of zero would make infinite weights.

// CHECK-LABEL: func @infinite
// CHECK:         linalg.matmul
// CHECK:         arith.divf
func.func @infinite(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %scale = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #n, #id2], iterator_types = ["parallel", "parallel"]} ins(%a, %scale : tensor<1x2xf32>, tensor<2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%in: f32, %s: f32, %out: f32):
    %0 = arith.divf %in, %s : f32
    linalg.yield %0 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Finite factors whose products are not.

// CHECK-LABEL: func @overflows
// CHECK:         linalg.matmul
// CHECK:         arith.mulf
func.func @overflows(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = arith.constant dense<1.0e30> : tensor<1x1xf32>
  %scale = arith.constant 1.0e30 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %a = linalg.matmul ins(%x, %w : tensor<1x1xf32>, tensor<1x1xf32>) outs(%f : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<1x1xf32>) outs(%e : tensor<1x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %scale : f32
    linalg.yield %0 : f32
  } -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// An op with zero points would lose them.

// CHECK-LABEL: func @zero_points
// CHECK:         linalg.conv_2d_nhwc_hwcf_q
// CHECK:         arith.addi
func.func @zero_points(%x: tensor<1x4x4x2xi8>, %w: tensor<1x1x2x3xi8>) -> tensor<1x4x4x3xi32> {
  %zero = arith.constant 0 : i32
  %zx = arith.constant 5 : i32
  %b = arith.constant dense<[1, 2, 3]> : tensor<3xi32>
  %e = tensor.empty() : tensor<1x4x4x3xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  %s = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} ins(%x, %w, %zx, %zx : tensor<1x4x4x2xi8>, tensor<1x1x2x3xi8>, i32, i32) outs(%f : tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  %y = linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %b : tensor<1x4x4x3xi32>, tensor<3xi32>) outs(%e : tensor<1x4x4x3xi32>) {
  ^bb0(%in: i32, %add: i32, %out: i32):
    %0 = arith.addi %in, %add : i32
    linalg.yield %0 : i32
  } -> tensor<1x4x4x3xi32>
  return %y : tensor<1x4x4x3xi32>
}

// Quantization-aware training divides by what it has scaled the weights with.
// The factors go into the scales, a minus sign into the codes.
// CHECK-LABEL: func @trained_scales
// CHECK-DAG:     %[[CODES:.+]] = arith.constant dense<{{\[\[}}1, -2], [3, -4]]> : tensor<2x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[5.000000e-01, -1.500000e+00]> : tensor<2xf32>
// CHECK:         %[[WS:.+]] = quant.scast %[[CODES]] : tensor<2x2xi8> to tensor<2x2x!{{.+}}>
// CHECK:         %[[W:.+]] = quant.dcast %[[WS]]
// CHECK:         linalg.matmul ins(%{{.+}}, %[[W]] : {{.*}})
// CHECK-NEXT:    return
#qrow = affine_map<(d0, d1) -> (d1)>
#qboth = affine_map<(d0, d1) -> (d0, d1)>
func.func @trained_scales(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %factor = arith.constant dense<[2.0, -0.5]> : tensor<2xf32>
  %offset = arith.constant dense<[0.5, -1.5]> : tensor<2xf32>
  %ws = quant.scast %wq : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %w = quant.dcast %ws : tensor<2x2x!quant.uniform<i8:f32, 0.5>> to tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<1x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#qboth, #qrow, #qrow, #qboth], iterator_types = ["parallel", "parallel"]}
      ins(%y, %factor, %offset : tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<1x2xf32>) {
    ^bb0(%a: f32, %f: f32, %o: f32, %out: f32):
      %d = arith.divf %a, %f : f32
      %s = arith.addf %d, %o : f32
      linalg.yield %s : f32
  } -> tensor<1x2xf32>
  return %z : tensor<1x2xf32>
}

// -128 has no negative among the codes.
// CHECK-LABEL: func @no_negative
// CHECK:         linalg.matmul
// CHECK:         arith.mulf
func.func @no_negative(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, -128]]> : tensor<2x2xi8>
  %factor = arith.constant dense<[2.0, -0.5]> : tensor<2xf32>
  %ws = quant.scast %wq : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %w = quant.dcast %ws : tensor<2x2x!quant.uniform<i8:f32, 0.5>> to tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<1x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#qboth, #qrow, #qboth], iterator_types = ["parallel", "parallel"]}
      ins(%y, %factor : tensor<1x2xf32>, tensor<2xf32>) outs(%e : tensor<1x2xf32>) {
    ^bb0(%a: f32, %f: f32, %out: f32):
      %d = arith.mulf %a, %f : f32
      linalg.yield %d : f32
  } -> tensor<1x2xf32>
  return %z : tensor<1x2xf32>
}

// A masked channel gets codes of 0 and keeps its scale.
// CHECK-LABEL: func @masked
// CHECK-DAG:     arith.constant dense<{{\[\[}}1, 3], [3, 3]]> : tensor<2x2xi8>
// CHECK-DAG:     arith.constant dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>
// CHECK:         quant.scast %{{.+}} : tensor<2x2xi8> to tensor<2x2x![[MASKED]]>
// CHECK:         linalg.matmul
// CHECK-NEXT:    return
func.func @masked(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, -128]]> : tensor<2x2xi8>
  %mask = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %ws = quant.scast %wq : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32:1, {0.5:3, 0.25:3}>>
  %w = quant.dcast %ws : tensor<2x2x!quant.uniform<i8:f32:1, {0.5:3, 0.25:3}>> to tensor<2x2xf32>
  %bias = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = tensor.empty() : tensor<1x2xf32>
  %b = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%i : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#qboth, #qrow, #qboth], iterator_types = ["parallel", "parallel"]}
      ins(%y, %mask : tensor<1x2xf32>, tensor<2xf32>) outs(%e : tensor<1x2xf32>) {
    ^bb0(%a: f32, %f: f32, %out: f32):
      %d = arith.mulf %a, %f : f32
      linalg.yield %d : f32
  } -> tensor<1x2xf32>
  return %z : tensor<1x2xf32>
}
