// RUN: compress-opt %s --compress-remove-channels | FileCheck %s
// RUN: compress-opt %s --compress-remove-channels --remarks-filter="compress" --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Layers on codes: what a masked channel still holds is a code, and what it
// adds to the sums of the next layer an integer.

// REMARK:      {{.*}}1 masked channels stay: it adds to a sum what is not known to be zero
// REMARK:      {{.*}}1 masked channels stay: it adds a number that no bias can take: what is computed behind it goes into its weights and bias
// REMARK:      {{.*}}1 masked channels stay: it adds a number that no bias can take: the sum of channel 1 may not fit in i32
// REMARK:      {{.*}}1 masked channels stay: it adds a number that no bias can take: its input is not quantized to 8 bits with one scale
// REMARK-NOT:  remark:

// CHECK:       [[T:!.+]] = !quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>
// CHECK-NOT:   = !quant.uniform<i32

#all = affine_map<(n, c) -> (n, c)>
#channel = affine_map<(n, c) -> (c)>
!q = !quant.uniform<i8:f32, 5.0e-01:3>
!w = !quant.uniform<i8:f32:1, {2.5e-01,5.0e-01}>
!b = !quant.uniform<i32:f32:0, {1.25e-01,2.5e-01}>

// Channel 1 holds 1.0, which is code 5: 2 above the zero point; its weights are
// -3 and 7. The bias becomes [10 + 2 * -3, 20 + 2 * 7].

// CHECK-LABEL: func @bias_of_codes
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}1, 2], [4, 5]]> : tensor<2x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[4, 34]> : tensor<2xi32>
// CHECK:         %[[BS:.+]] = quant.scast %[[B]] : tensor<2xi32> to tensor<2x[[T]]>
// CHECK:         %[[BD:.+]] = quant.dcast %[[BS]]
// CHECK:         %[[I:.+]] = linalg.broadcast ins(%[[BD]] : tensor<2xf32>)
// CHECK:         %[[Y:.+]] = linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x2xf32>, tensor<2x2xf32>) outs(%[[I]] : tensor<1x2xf32>)
// CHECK-NOT:     linalg
// CHECK:         compress.fake_quant %[[Y]]
func.func @bias_of_codes(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %bi = arith.constant dense<[10, 20]> : tensor<2xi32>
  %bs = quant.scast %bi : tensor<2xi32> to tensor<2x!b>
  %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
  %be = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%be : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %out = compress.fake_quant %y {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// A bias is made.

// CHECK-LABEL: func @no_bias
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}1, 2], [4, 5]]> : tensor<2x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[-6, 14]> : tensor<2xi32>
// CHECK:         %[[BS:.+]] = quant.scast %[[B]] : tensor<2xi32> to tensor<2x[[T]]>
// CHECK:         %[[BD:.+]] = quant.dcast %[[BS]]
// CHECK:         %[[I:.+]] = linalg.broadcast ins(%[[BD]] : tensor<2xf32>)
// CHECK:         %[[Y:.+]] = linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x2xf32>, tensor<2x2xf32>) outs(%[[I]] : tensor<1x2xf32>)
// CHECK-NOT:     linalg
// CHECK:         compress.fake_quant %[[Y]]
func.func @no_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %i = arith.constant dense<0.0> : tensor<1x2xf32>
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %out = compress.fake_quant %y {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// The addition is the bias: 1.0 / 0.125 and 2.0 / 0.25 more. It is the bias of
// the layer from here on.

// CHECK-LABEL: func @bias_behind
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}1, 2], [4, 5]]> : tensor<2x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[2, 22]> : tensor<2xi32>
// CHECK:         %[[BS:.+]] = quant.scast %[[B]] : tensor<2xi32> to tensor<2x[[T]]>
// CHECK:         %[[BD:.+]] = quant.dcast %[[BS]]
// CHECK:         %[[I:.+]] = linalg.broadcast ins(%[[BD]] : tensor<2xf32>)
// CHECK:         %[[Y:.+]] = linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x2xf32>, tensor<2x2xf32>) outs(%[[I]] : tensor<1x2xf32>)
// CHECK-NOT:     linalg
// CHECK:         compress.fake_quant %[[Y]]
func.func @bias_behind(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %i = arith.constant dense<0.0> : tensor<1x2xf32>
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %z_e = tensor.empty() : tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%y, %c : tensor<1x2xf32>, tensor<2xf32>) outs(%z_e : tensor<1x2xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x2xf32>
  %out = compress.fake_quant %z {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// 0.25 is between codes 3 and 4: the f32 network takes the even one, and the
// integers may be on the other side.

// CHECK-LABEL: func @tie
// CHECK:         linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x3xf32>, tensor<3x2xf32>)
func.func @tie(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<0.25> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %bi = arith.constant dense<[10, 20]> : tensor<2xi32>
  %bs = quant.scast %bi : tensor<2xi32> to tensor<2x!b>
  %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
  %be = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%be : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %out = compress.fake_quant %y {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// Lowering folds the product into the weights and, in f32, into the bias.

// CHECK-LABEL: func @affine_behind
// CHECK:         linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x3xf32>, tensor<3x2xf32>)
func.func @affine_behind(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %bi = arith.constant dense<[10, 20]> : tensor<2xi32>
  %bs = quant.scast %bi : tensor<2xi32> to tensor<2x!b>
  %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
  %be = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%be : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %c = arith.constant dense<[1.5, 2.0]> : tensor<2xf32>
  %z_e = tensor.empty() : tensor<1x2xf32>
  %z = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%y, %c : tensor<1x2xf32>, tensor<2xf32>) outs(%z_e : tensor<1x2xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.mulf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x2xf32>
  %out = compress.fake_quant %z {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// Sums may reach the bias and 131 * (2 + 7 + 5).

// CHECK-LABEL: func @overflow
// CHECK:         linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x3xf32>, tensor<3x2xf32>)
func.func @overflow(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !q} : tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %bi = arith.constant dense<[0, 2147483000]> : tensor<2xi32>
  %bs = quant.scast %bi : tensor<2xi32> to tensor<2x!b>
  %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
  %be = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%be : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%q, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %out = compress.fake_quant %y {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}

// No codes, no integers.

// CHECK-LABEL: func @not_quantized
// CHECK:         linalg.matmul ins(%{{.+}}, %{{.+}} : tensor<1x3xf32>, tensor<3x2xf32>)
func.func @not_quantized(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %number = arith.constant dense<1.0> : tensor<3xf32>
  %codes = arith.constant dense<[[1, 2], [-3, 7], [4, 5]]> : tensor<3x2xi8>
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %h = linalg.matmul ins(%x, %w1 : tensor<1x2xf32>, tensor<2x3xf32>) outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>} : tensor<1x3xf32>
  %s_e = tensor.empty() : tensor<1x3xf32>
  %s = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel"]} ins(%m, %number : tensor<1x3xf32>, tensor<3xf32>) outs(%s_e : tensor<1x3xf32>) {
  ^bb0(%l: f32, %k: f32, %o: f32):
    %r = arith.addf %l, %k : f32
    linalg.yield %r : f32
  } -> tensor<1x3xf32>
  %ws = quant.scast %codes : tensor<3x2xi8> to tensor<3x2x!w>
  %w = quant.dcast %ws : tensor<3x2x!w> to tensor<3x2xf32>
  %bi = arith.constant dense<[10, 20]> : tensor<2xi32>
  %bs = quant.scast %bi : tensor<2xi32> to tensor<2x!b>
  %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
  %be = tensor.empty() : tensor<1x2xf32>
  %i = linalg.broadcast ins(%b : tensor<2xf32>) outs(%be : tensor<1x2xf32>) dimensions = [0]
  %y = linalg.matmul ins(%s, %w : tensor<1x3xf32>, tensor<3x2xf32>) outs(%i : tensor<1x2xf32>) -> tensor<1x2xf32>
  %out = compress.fake_quant %y {type = !q} : tensor<1x2xf32>
  return %out : tensor<1x2xf32>
}
