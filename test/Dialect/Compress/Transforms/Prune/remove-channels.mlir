// RUN: compress-opt %s --compress-remove-channels | FileCheck %s
// RUN: compress-opt %s --compress-remove-channels --remarks-filter="compress" --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK:      remark: [Missed] RemoveChannels {{.*}}2 masked channels stay: an input of the network has it
// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: an output of the network has it
// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: nothing else would be left of its tensor
// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: it adds to a sum what is not known to be zero
// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: an input of the network has it
// REMARK:      remark: [Missed] RemoveChannels {{.*}}1 masked channels stay: its elements are not there
// REMARK-NOT:  remark:

// The example of the description.

// CHECK-LABEL: func @example
// CHECK-SAME:    %[[X:.+]]: tensor<1x4xf32>
// CHECK-DAG:     %[[W1:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [4.000000e+00, 6.000000e+00], [7.000000e+00, 9.000000e+00], [1.000000e+01, 1.200000e+01]]> : tensor<4x2xf32>
// CHECK-DAG:     %[[W2:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [5.000000e+00, 6.000000e+00]]> : tensor<2x2xf32>
// CHECK:         %[[H:.+]] = linalg.matmul ins(%[[X]], %[[W1]] : tensor<1x4xf32>, tensor<4x2xf32>)
// CHECK-NOT:     channel_mask
// CHECK:         linalg.matmul ins(%[[H]], %[[W2]] : tensor<1x2xf32>, tensor<2x2xf32>)
func.func @example(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]> : tensor<4x3xf32>
  %w2 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x4xf32>, tensor<4x3xf32>) outs(%i1 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %e2 = tensor.empty() : tensor<1x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = linalg.matmul ins(%m, %w2 : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The bias goes with the channel; the shape of the windows does not matter.

// CHECK-LABEL: func @conv
// CHECK-DAG:     arith.constant dense<[2.000000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK-DAG:     arith.constant dense<{{\[\[\[\[}}3.000000e+00]], {{\[\[}}4.000000e+00]]], {{\[\[\[}}5.000000e+00]], {{\[\[}}6.000000e+00]]]]> : tensor<2x2x1x1xf32>
// CHECK-DAG:     arith.constant dense<5.000000e-01> : tensor<2x2x3x3xf32>
// CHECK:         linalg.broadcast ins(%{{.+}} : tensor<2xf32>) outs(%{{.+}} : tensor<1x2x6x6xf32>) dimensions = [0, 2, 3]
// CHECK:         linalg.conv_2d_nchw_fchw {{.*}} -> tensor<1x2x6x6xf32>
// CHECK-NOT:     channel_mask
// CHECK:         linalg.conv_2d_nchw_fchw {strides = dense<2> : vector<2xi64>} {{.*}} -> tensor<1x2x2x2xf32>
func.func @conv(%x: tensor<1x2x6x6xf32>) -> tensor<1x2x2x2xf32> {
  %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %w1 = arith.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]]]> : tensor<3x2x1x1xf32>
  %w2 = arith.constant dense<0.5> : tensor<2x3x3x3xf32>
  %zero = arith.constant 0.0 : f32
  %e1 = tensor.empty() : tensor<1x3x6x6xf32>
  %i1 = linalg.broadcast ins(%b : tensor<3xf32>) outs(%e1 : tensor<1x3x6x6xf32>) dimensions = [0, 2, 3]
  %h = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x2x6x6xf32>, tensor<3x2x1x1xf32>) outs(%i1 : tensor<1x3x6x6xf32>) -> tensor<1x3x6x6xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: false, true, true>} : tensor<1x3x6x6xf32>
  %e2 = tensor.empty() : tensor<1x2x2x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<2> : vector<2xi64>} ins(%m, %w2 : tensor<1x3x6x6xf32>, tensor<2x3x3x3xf32>) outs(%i2 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// A filter of zeros with a bias makes a number, which moves into the next bias:
// relu(3) * 5 and relu(3) * 6.

// CHECK-LABEL: func @bias_moves
// CHECK-DAG:     arith.constant dense<{{\[\[}}1.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>
// CHECK-DAG:     %[[W2:.+]] = arith.constant dense<{{\[\[}}7.000000e+00, 8.000000e+00]]> : tensor<1x2xf32>
// CHECK:         %[[R:.+]] = linalg.generic
// CHECK:         %[[B:.+]] = arith.constant dense<[1.550000e+01, 1.825000e+01]> : tensor<2xf32>
// CHECK:         %[[I:.+]] = linalg.broadcast ins(%[[B]] : tensor<2xf32>)
// CHECK:         linalg.matmul ins(%[[R]], %[[W2]] : tensor<1x1xf32>, tensor<1x2xf32>) outs(%[[I]] : tensor<1x2xf32>)
func.func @bias_moves(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 0.0], [2.0, 0.0]]> : tensor<2x2xf32>
  %b1 = arith.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %w2 = arith.constant dense<[[7.0, 8.0], [5.0, 6.0]]> : tensor<2x2xf32>
  %b2 = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i1 = linalg.broadcast ins(%b1 : tensor<2xf32>) outs(%e : tensor<1x2xf32>) dimensions = [0]
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i1 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%h : tensor<1x2xf32>) outs(%e : tensor<1x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %a, %zero : f32
    linalg.yield %v : f32
  } -> tensor<1x2xf32>
  %i2 = linalg.broadcast ins(%b2 : tensor<2xf32>) outs(%e : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%r, %w2 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i2 : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A product with zeros and ones is a mask; where it is ones alone it goes.

// CHECK-LABEL: func @product
// CHECK-DAG:     arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [4.000000e+00, 5.000000e+00]]> : tensor<2x2xf32>
// CHECK:         %[[H:.+]] = linalg.matmul {{.*}} -> tensor<1x2xf32>
// CHECK-NOT:     linalg.generic
// CHECK:         linalg.matmul ins(%[[H]], %{{.+}} : tensor<1x2xf32>, tensor<2x1xf32>)
func.func @product(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %ones = arith.constant dense<[1.0, 1.0, 0.0]> : tensor<3xf32>
  %w2 = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %e1 = tensor.empty() : tensor<1x3xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%i1 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%h, %ones : tensor<1x3xf32>, tensor<3xf32>) outs(%e1 : tensor<1x3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %v = arith.mulf %a, %b : f32
    linalg.yield %v : f32
  } -> tensor<1x3xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%m, %w2 : tensor<1x3xf32>, tensor<3x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Concatenations, slices and pads lose the places that the channels had.

// CHECK-LABEL: func @movements
// CHECK-DAG:     arith.constant dense<{{.*}}1.000000e+00]], {{\[\[}}2.000000e+00]]], {{\[\[\[}}5.000000e+00]], {{\[\[}}6.000000e+00]]]]> : tensor<2x2x1x1xf32>
// CHECK-DAG:     arith.constant dense<{{.*}}1.000000e+00]], {{\[\[}}2.000000e+00]], {{\[\[}}5.000000e+00]]]]> : tensor<1x3x1x1xf32>
// CHECK:         %[[H:.+]] = linalg.conv_2d_nchw_fchw {{.*}} -> tensor<1x2x2x2xf32>
// CHECK:         %[[P:.+]] = tensor.extract_slice %[[H]][0, 1, 0, 0] [1, 1, 2, 2] [1, 1, 1, 1]
// CHECK:         %[[Q:.+]] = tensor.pad %[[P]] low[0, 0, 0, 0] high[0, 0, 0, 0]
// CHECK:         tensor.concat dim(1) %{{.+}}, %[[Q]] : (tensor<1x2x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x3x2x2xf32>
func.func @movements(%x: tensor<1x4x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]]]> : tensor<4x2x1x1xf32>
  %w3 = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]]> : tensor<1x7x1x1xf32>
  %s = tensor.extract_slice %x[0, 0, 0, 0] [1, 2, 2, 2] [1, 1, 1, 1] : tensor<1x4x2x2xf32> to tensor<1x2x2x2xf32>
  %e1 = tensor.empty() : tensor<1x4x2x2xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %h = linalg.conv_2d_nchw_fchw ins(%s, %w1 : tensor<1x2x2x2xf32>, tensor<4x2x1x1xf32>) outs(%i1 : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true, false>} : tensor<1x4x2x2xf32>
  %p = tensor.extract_slice %m[0, 1, 0, 0] [1, 3, 2, 2] [1, 1, 1, 1] : tensor<1x4x2x2xf32> to tensor<1x3x2x2xf32>
  %q = tensor.pad %p low[0, 1, 0, 0] high[0, 1, 0, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x3x2x2xf32> to tensor<1x5x2x2xf32>
  %j = tensor.concat dim(1) %s, %q : (tensor<1x2x2x2xf32>, tensor<1x5x2x2xf32>) -> tensor<1x7x2x2xf32>
  %e2 = tensor.empty() : tensor<1x1x2x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%j, %w3 : tensor<1x7x2x2xf32>, tensor<1x7x1x1xf32>) outs(%i2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// So does what an input has.

// CHECK-LABEL: func @inputs
// CHECK:         compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false, false>}
func.func @inputs(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false, false>} : tensor<1x3xf32>
  %e = tensor.empty() : tensor<1x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%m, %w : tensor<1x3xf32>, tensor<3x1xf32>) outs(%i : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// What an output has stays.

// CHECK-LABEL: func @output
// CHECK:         %[[M:.+]] = compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false>}
// CHECK-NEXT:    return %[[M]]
func.func @output(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = compress.channel_mask %h {axis = 1, mask = array<i1: true, false>} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// One channel stays of every tensor, masked.

// CHECK-LABEL: func @all
// CHECK:         %[[H:.+]] = linalg.matmul {{.*}} -> tensor<1x1xf32>
// CHECK:         %[[M:.+]] = compress.channel_mask %[[H]] {axis = 1 : i64, mask = array<i1: false>} : tensor<1x1xf32>
// CHECK:         linalg.matmul ins(%[[M]], %{{.+}} : tensor<1x1xf32>, tensor<1x1xf32>)
func.func @all(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w2 = arith.constant dense<[[5.0], [6.0]]> : tensor<2x1xf32>
  %e1 = tensor.empty() : tensor<1x2xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%i1 : tensor<1x2xf32>) -> tensor<1x2xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: false, false>} : tensor<1x2xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%m, %w2 : tensor<1x2xf32>, tensor<2x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// exp(0) is 1 at the pixels and 0 around them.
// CHECK-LABEL: func @border
// CHECK:         compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false>} : tensor<1x2x2x2xf32>
func.func @border(%x: tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %w2 = arith.constant dense<0.5> : tensor<1x2x3x3xf32>
  %e1 = tensor.empty() : tensor<1x2x2x2xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %h = linalg.conv_2d_nchw_fchw ins(%x, %w1 : tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) outs(%i1 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false>} : tensor<1x2x2x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%m : tensor<1x2x2x2xf32>) outs(%e1 : tensor<1x2x2x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = math.exp %a : f32
    linalg.yield %v : f32
  } -> tensor<1x2x2x2xf32>
  %p = tensor.pad %r low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x2x2x2xf32> to tensor<1x2x4x4xf32>
  %e2 = tensor.empty() : tensor<1x1x2x2xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%p, %w2 : tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) outs(%i2 : tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// A branch of which fewer channels are left than the sum has is scattered.

// CHECK-LABEL: func @residual
// CHECK-SAME:    %[[X:.+]]: tensor<1x3xf32>, %[[S:.+]]: tensor<1x3xf32>
// CHECK:         %[[H:.+]] = linalg.matmul {{.*}} -> tensor<1x1xf32>
// CHECK:         %[[P:.+]] = compress.scatter_channels %[[H]] {axis = 1 : i64, indices = array<i64: 1>} : tensor<1x1xf32> -> tensor<1x3xf32>
// CHECK:         linalg.add ins(%[[P]], %[[S]] : tensor<1x3xf32>, tensor<1x3xf32>)
func.func @residual(%x: tensor<1x3xf32>, %s: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %e = tensor.empty() : tensor<1x3xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3xf32>) -> tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x3xf32>, tensor<3x3xf32>) outs(%i1 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: false, true, false>} : tensor<1x3xf32>
  %y = linalg.add ins(%m, %s : tensor<1x3xf32>, tensor<1x3xf32>) outs(%e : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// The second mask sets a row of a channel that holds 2 to zero: it holds two
// numbers then, and adds neither to all sums.

// CHECK-LABEL: func @mask_across
// CHECK:         %[[S:.+]] = linalg.add {{.*}} -> tensor<2x2xf32>
// CHECK:         %[[R:.+]] = compress.channel_mask %[[S]] {axis = 0 : i64, mask = array<i1: true, false>} : tensor<2x2xf32>
// CHECK:         %[[I:.+]] = linalg.fill
// CHECK:         linalg.matmul ins(%[[R]], %{{.+}} : tensor<2x2xf32>, tensor<2x1xf32>) outs(%[[I]] : tensor<2x1xf32>)
func.func @mask_across(%x: tensor<2x3xf32>) -> tensor<2x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w1 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %two = arith.constant dense<2.0> : tensor<2xf32>
  %w2 = arith.constant dense<[[5.0], [6.0]]> : tensor<2x1xf32>
  %e1 = tensor.empty() : tensor<2x2xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<2x3xf32>, tensor<3x2xf32>) outs(%i1 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false>} : tensor<2x2xf32>
  %b = linalg.broadcast ins(%two : tensor<2xf32>) outs(%e1 : tensor<2x2xf32>) dimensions = [0]
  %s = linalg.add ins(%m, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e1 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = compress.channel_mask %s {axis = 0, mask = array<i1: true, false>} : tensor<2x2xf32>
  %e2 = tensor.empty() : tensor<2x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<2x1xf32>) -> tensor<2x1xf32>
  %y = linalg.matmul ins(%r, %w2 : tensor<2x2xf32>, tensor<2x1xf32>) outs(%i2 : tensor<2x1xf32>) -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// A constant whose elements the text left out is not cut.

// CHECK-LABEL: func @elided
// CHECK:         compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, false, true>} : tensor<1x3xf32>
func.func @elided(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<__elided__> : tensor<2x3xf32>
  %w2 = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %e = tensor.empty() : tensor<1x3xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x3xf32>) -> tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x3xf32>) outs(%i : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %e2 = tensor.empty() : tensor<1x1xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = linalg.matmul ins(%m, %w2 : tensor<1x3xf32>, tensor<3x1xf32>) outs(%i2 : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func @nothing_to_do
// CHECK-SAME:    %[[X:.+]]: tensor<1x2xf32>
// CHECK-NEXT:    return %[[X]]
func.func @nothing_to_do(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  return %x : tensor<1x2xf32>
}
