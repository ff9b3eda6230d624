// RUN: compress-opt %s --compress-raise-integer-linalg --canonicalize --mlir-print-local-scope | FileCheck %s

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#channel = affine_map<(d0, d1, d2, d3) -> (d1)>
#column = affine_map<(d0, d1) -> (d1)>

// The example of the description, with zero points: u8 codes become s8 ones.
// The scale of the sum is 0.125, that of the input 0.5.

// CHECK-LABEL: func @conv
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x4xf32>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{.+}}> : tensor<3x2x2x2xi8>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[10, -20, 30]> : tensor<3xi32>
// CHECK:         %[[XQ:.+]] = compress.fake_quant %[[X]] {type = !quant.uniform<i8:f32, 5.000000e-01:-28>}
// CHECK-DAG:     %[[WS:.+]] = quant.scast %[[W]] : tensor<3x2x2x2xi8> to tensor<3x2x2x2x!quant.uniform<i8:f32, 2.500000e-01>>
// CHECK-DAG:     %[[WD:.+]] = quant.dcast %[[WS]]
// CHECK-DAG:     %[[BS:.+]] = quant.scast %[[B]] : tensor<3xi32> to tensor<3x!quant.uniform<i32:f32, 1.250000e-01>>
// CHECK-DAG:     %[[BD:.+]] = quant.dcast %[[BS]]
// CHECK:         %[[INIT:.+]] = linalg.broadcast ins(%[[BD]] : tensor<3xf32>) {{.*}} dimensions = [0, 2, 3]
// CHECK:         %[[C:.+]] = linalg.conv_2d_nchw_fchw {{.*}}strides = dense<2>{{.*}} ins(%[[XQ]], %[[WD]] : {{.*}}) outs(%[[INIT]] : {{.*}})
// CHECK:         %[[R:.+]] = linalg.generic {{.*}} ins(%[[C]] : tensor<1x3x2x2xf32>)
// CHECK:           arith.maximumf
// CHECK:         %[[Y:.+]] = compress.fake_quant %[[R]] {type = !quant.uniform<i8:f32, 2.500000e-01:-128>}
// CHECK:         return %[[Y]]
func.func @conv(%x: tensor<1x2x4x4xf32>) -> tensor<1x3x2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %most = arith.constant 255.0 : f32
  %sx = arith.constant 0.5 : f32
  %zx = arith.constant 100.0 : f32
  %half = arith.constant -128 : i8
  %zx8 = arith.constant -28 : i32
  %zw8 = arith.constant 0 : i32
  %s = arith.constant 0.125 : f64
  %sy = arith.constant 0.25 : f32
  %w = arith.constant dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[-1, 2], [-3, 4]], [[5, -6], [7, -8]]], [[[1, 0], [0, 4]], [[0, 6], [0, 8]]]]> : tensor<3x2x2x2xi8>
  %b = arith.constant dense<[10, -20, 30]> : tensor<3xi32>
  %eq = tensor.empty() : tensor<1x2x4x4xi8>
  %q = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x2x4x4xf32>) outs(%eq : tensor<1x2x4x4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %sx : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.addf %2, %zx : f32
    %4 = arith.maximumf %3, %zero : f32
    %5 = arith.minimumf %4, %most : f32
    %6 = arith.fptoui %5 : f32 to i8
    linalg.yield %6 : i8
  } -> tensor<1x2x4x4xi8>
  %signed = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<1x2x4x4xi8>) outs(%eq : tensor<1x2x4x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %1 = arith.addi %in, %half : i8
    linalg.yield %1 : i8
  } -> tensor<1x2x4x4xi8>
  %e = tensor.empty() : tensor<1x3x2x2xi32>
  %init = linalg.broadcast ins(%b : tensor<3xi32>) outs(%e : tensor<1x3x2x2xi32>) dimensions = [0, 2, 3]
  %c = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
      ins(%signed, %w, %zx8, %zw8 : tensor<1x2x4x4xi8>, tensor<3x2x2x2xi8>, i32, i32) outs(%init : tensor<1x3x2x2xi32>) -> tensor<1x3x2x2xi32>
  %relu = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c : tensor<1x3x2x2xi32>) outs(%e : tensor<1x3x2x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    %1 = arith.maxsi %in, %zw8 : i32
    linalg.yield %1 : i32
  } -> tensor<1x3x2x2xi32>
  %ef = tensor.empty() : tensor<1x3x2x2xf32>
  %real = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%relu : tensor<1x3x2x2xi32>) outs(%ef : tensor<1x3x2x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.truncf %s : f64 to f32
    %2 = arith.sitofp %in : i32 to f32
    %3 = arith.mulf %2, %1 : f32
    linalg.yield %3 : f32
  } -> tensor<1x3x2x2xf32>
  %ey = tensor.empty() : tensor<1x3x2x2xi8>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%real : tensor<1x3x2x2xf32>) outs(%ey : tensor<1x3x2x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %sy : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %zero : f32
    %4 = arith.minimumf %3, %most : f32
    %5 = arith.fptoui %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<1x3x2x2xi8>
  %yf = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<1x3x2x2xi8>) outs(%ef : tensor<1x3x2x2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.uitofp %in : i8 to f32
    %2 = arith.mulf %1, %sy : f32
    linalg.yield %2 : f32
  } -> tensor<1x3x2x2xf32>
  return %yf : tensor<1x3x2x2xf32>
}

// A scale a channel, a weight zero point, and sums of codes that the op does
// not centre: the bias makes up for it by -3 * sum(w - 1).

// CHECK-LABEL: func @per_channel
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[-9, -30]> : tensor<2xi32>
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{.+}}> : tensor<2x2xi8>
// CHECK:         %[[X:.+]] = compress.fake_quant %{{.+}} {type = !quant.uniform<i8:f32, 5.000000e-01:-3>}
// CHECK-DAG:     quant.scast %[[W]] : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32:1, {2.500000e-01:1,5.000000e-01:1}>>
// CHECK-DAG:     quant.scast %[[B]] : tensor<2xi32> to tensor<2x!quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>>
// CHECK:         %[[Y:.+]] = linalg.matmul ins(%[[X]], %{{.+}} : tensor<1x2xf32>, tensor<2x2xf32>)
// CHECK:         return %[[Y]]
func.func @per_channel(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %s = arith.constant dense<[0.125, 0.25]> : tensor<2xf32>
  %w = arith.constant dense<[[2, 3], [0, -8]]> : tensor<2x2xi8>
  %two = arith.constant 2.0 : f32
  %z = arith.constant -3 : i32
  %lo = arith.constant -128 : i32
  %hi = arith.constant 127 : i32
  %zx = arith.constant 0 : i32
  %zw = arith.constant 1 : i32
  %b = arith.constant dense<[-9, -51]> : tensor<2xi32>
  %e8 = tensor.empty() : tensor<1x2xi8>
  // The zero point and the bounds on integers, the scale as a factor.
  %q = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<1x2xf32>) outs(%e8 : tensor<1x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.mulf %in, %two : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i32
    %4 = arith.addi %3, %z : i32
    %5 = arith.cmpi slt, %4, %lo : i32
    %6 = arith.select %5, %lo, %4 : i32
    %7 = arith.minsi %6, %hi : i32
    %8 = arith.trunci %7 : i32 to i8
    linalg.yield %8 : i8
  } -> tensor<1x2xi8>
  %e = tensor.empty() : tensor<1x2xi32>
  %init = linalg.broadcast ins(%b : tensor<2xi32>) outs(%e : tensor<1x2xi32>) dimensions = [0]
  %c = linalg.quantized_matmul ins(%q, %w, %zx, %zw : tensor<1x2xi8>, tensor<2x2xi8>, i32, i32) outs(%init : tensor<1x2xi32>) -> tensor<1x2xi32>
  %ef = tensor.empty() : tensor<1x2xf32>
  %y = linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%c, %s : tensor<1x2xi32>, tensor<2xf32>) outs(%ef : tensor<1x2xf32>) {
  ^bb0(%in: i32, %scale: f32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %scale : f32
    linalg.yield %2 : f32
  } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Bounds before the zero point, by a comparison and by maxnumf; a scale operand.

// CHECK-LABEL: func @spellings
// CHECK-DAG:     compress.fake_quant %{{.+}} {type = !quant.uniform<i8<-100:127>:f32, 5.000000e-01:27>}
// CHECK-DAG:     compress.fake_quant %{{.+}} {type = !quant.uniform<i16:f32, 0.10000000149011612>}
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @spellings(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %lo = arith.constant -127.0 : f32
  %hi = arith.constant 100.0 : f32
  %z = arith.constant 27 : i64
  %e8 = tensor.empty() : tensor<4xi8>
  %ef = tensor.empty() : tensor<4xf32>
  %q = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%e8 : tensor<4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = arith.cmpf ogt, %1, %hi : f32
    %3 = arith.select %2, %hi, %1 : f32
    %4 = arith.maxnumf %3, %lo : f32
    %5 = math.roundeven %4 : f32
    %6 = arith.fptosi %5 : f32 to i64
    %7 = arith.addi %6, %z : i64
    %8 = arith.trunci %7 : i64 to i8
    linalg.yield %8 : i8
  } -> tensor<4xi8>
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%q : tensor<4xi8>) outs(%ef : tensor<4xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.extsi %in : i8 to i64
    %2 = arith.subi %1, %z : i64
    %3 = arith.sitofp %2 : i64 to f32
    %4 = arith.mulf %3, %s : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %t = arith.constant dense<0.1> : tensor<f32>
  %lo16 = arith.constant -32768.0 : f32
  %hi16 = arith.constant 32767.0 : f32
  %e16 = tensor.empty() : tensor<4xi16>
  %q16 = linalg.generic {indexing_maps = [#id1, affine_map<(d0) -> ()>, #id1], iterator_types = ["parallel"]}
      ins(%x, %t : tensor<4xf32>, tensor<f32>) outs(%e16 : tensor<4xi16>) {
  ^bb0(%in: f32, %scale: f32, %out: i16):
    %1 = arith.divf %in, %scale : f32
    %2 = arith.minimumf %1, %hi16 : f32
    %3 = arith.maximumf %2, %lo16 : f32
    %4 = math.roundeven %3 : f32
    %5 = arith.fptosi %4 : f32 to i16
    linalg.yield %5 : i16
  } -> tensor<4xi16>
  %y16 = linalg.generic {indexing_maps = [#id1, affine_map<(d0) -> ()>, #id1], iterator_types = ["parallel"]}
      ins(%q16, %t : tensor<4xi16>, tensor<f32>) outs(%ef : tensor<4xf32>) {
  ^bb0(%in: i16, %scale: f32, %out: f32):
    %1 = arith.sitofp %in : i16 to f32
    %2 = arith.mulf %scale, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %y, %y16 : tensor<4xf32>, tensor<4xf32>
}

// Constant codes that a generic dequantizes, with scales and zero points of
// their own: unsigned ones become signed.

// CHECK-LABEL: func @stored
// CHECK-DAG:     %[[S:.+]] = arith.constant dense<{{\[\[}}0, 1, 2], [-128, 127, 4]]> : tensor<2x3xi8>
// CHECK-DAG:     %[[U:.+]] = arith.constant dense<[-128, 127]> : tensor<2xi8>
// CHECK-DAG:     quant.scast %[[S]] : tensor<2x3xi8> to tensor<2x3x!quant.uniform<i8:f32:1, {5.000000e-01:1,2.500000e-01,1.250000e-01:-5}>>
// CHECK-DAG:     quant.scast %[[U]] : tensor<2xi8> to tensor<2x!quant.uniform<i8:f32, 5.000000e-01:2>>
func.func @stored() -> (tensor<2x3xf32>, tensor<2xf32>) {
  %codes = arith.constant dense<[[0, 1, 2], [-128, 127, 4]]> : tensor<2x3xi8>
  %unsigned = arith.constant dense<[0, 255]> : tensor<2xi8>
  %scales = arith.constant dense<[0.5, 0.25, 0.125]> : tensor<3xf32>
  %zeros = arith.constant dense<[1, 0, -5]> : tensor<3xi8>
  %z = arith.constant 130.0 : f32
  %s = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %y = linalg.generic {indexing_maps = [#id2, #column, #column, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%codes, %scales, %zeros : tensor<2x3xi8>, tensor<3xf32>, tensor<3xi8>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%in: i8, %scale: f32, %zero: i8, %out: f32):
    %1 = arith.extsi %in : i8 to i32
    %2 = arith.extsi %zero : i8 to i32
    %3 = arith.subi %1, %2 : i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.mulf %4, %scale : f32
    linalg.yield %5 : f32
  } -> tensor<2x3xf32>
  %e1 = tensor.empty() : tensor<2xf32>
  %u = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%unsigned : tensor<2xi8>) outs(%e1 : tensor<2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.uitofp %in : i8 to f32
    %2 = arith.subf %1, %z : f32
    %3 = arith.mulf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<2xf32>
  return %y, %u : tensor<2x3xf32>, tensor<2xf32>
}

// An input of codes: what is dequantized is quantized. Movements, a clamp and a
// maximum of codes are those of the f32 tensor.

// CHECK-LABEL: func @moved
// CHECK-SAME:    %[[X:.+]]: tensor<1x1x3x4xi8>
// CHECK-DAG:     %[[THREE:.+]] = arith.constant -1.500000e+00 : f32
// CHECK-DAG:     %[[LO:.+]] = arith.constant 5.000000e-01 : f32
// CHECK:         %[[F:.+]] = compress.fake_quant %{{.+}} {type = !quant.uniform<i8:f32, 5.000000e-01:3>}
// CHECK:         compress.fake_quant %{{.+}} {type = !quant.uniform<i8:f32, 5.000000e-01:3>}
// CHECK:         tensor.pad
// CHECK:           tensor.yield %[[THREE]] : f32
// CHECK:         linalg.generic {{.*}} "reduction"
// CHECK:           arith.maximumf
// CHECK:         linalg.transpose {{.*}} permutation = [0, 1, 3, 2]
// CHECK:         tensor.collapse_shape {{.*}}f32
// CHECK:         %[[Y:.+]] = linalg.generic
// CHECK:           arith.maximumf %{{.+}}, %[[LO]] : f32
// CHECK-NEXT:      linalg.yield
// CHECK:         return %[[F]], %[[Y]]
func.func @moved(%x: tensor<1x1x3x4xi8>, %f: tensor<1x1x3x4xf32>) -> (tensor<1x1x3x4xf32>, tensor<6xf32>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 3 : i8
  %zero = arith.constant 0 : i8
  %four = arith.constant 4 : i8
  %lowest = arith.constant -128 : i8
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %zf = arith.constant 3.0 : f32
  %e = tensor.empty() : tensor<1x1x3x4xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x1x3x4xi8>) outs(%e : tensor<1x1x3x4xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.sitofp %in : i8 to f32
    %2 = arith.subf %1, %zf : f32
    %3 = arith.mulf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<1x1x3x4xf32>
  %e8 = tensor.empty() : tensor<1x1x3x4xi8>
  %q = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%f : tensor<1x1x3x4xf32>) outs(%e8 : tensor<1x1x3x4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.addf %2, %zf : f32
    %4 = arith.maximumf %3, %lo : f32
    %5 = arith.minimumf %4, %hi : f32
    %6 = arith.fptosi %5 : f32 to i8
    linalg.yield %6 : i8
  } -> tensor<1x1x3x4xi8>
  %p = tensor.pad %q low[0, 0, 1, 0] high[0, 0, 0, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : i8
  } : tensor<1x1x3x4xi8> to tensor<1x1x4x4xi8>
  %em = tensor.empty() : tensor<1x1x2x3xi8>
  %window = tensor.empty() : tensor<3x2xi8>
  %init = linalg.fill ins(%lowest : i8) outs(%em : tensor<1x1x2x3xi8>) -> tensor<1x1x2x3xi8>
  %m = linalg.pooling_nchw_max {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
      ins(%p, %window : tensor<1x1x4x4xi8>, tensor<3x2xi8>) outs(%init : tensor<1x1x2x3xi8>) -> tensor<1x1x2x3xi8>
  %et = tensor.empty() : tensor<1x1x3x2xi8>
  %t = linalg.transpose ins(%m : tensor<1x1x2x3xi8>) outs(%et : tensor<1x1x3x2xi8>) permutation = [0, 1, 3, 2]
  %flat = tensor.collapse_shape %t [[0, 1, 2, 3]] : tensor<1x1x3x2xi8> into tensor<6xi8>
  %ec = tensor.empty() : tensor<6xi8>
  %c = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%flat : tensor<6xi8>) outs(%ec : tensor<6xi8>) {
  ^bb0(%in: i8, %out: i8):
    %1 = arith.maxsi %in, %four : i8
    linalg.yield %1 : i8
  } -> tensor<6xi8>
  %ef = tensor.empty() : tensor<6xf32>
  %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%c : tensor<6xi8>) outs(%ef : tensor<6xf32>) {
  ^bb0(%in: i8, %out: f32):
    %1 = arith.subi %in, %z : i8
    %wide = arith.extsi %in : i8 to i32
    %z32 = arith.extsi %z : i8 to i32
    %2 = arith.subi %wide, %z32 : i32
    %3 = arith.sitofp %2 : i32 to f32
    %4 = arith.mulf %3, %s : f32
    linalg.yield %4 : f32
  } -> tensor<6xf32>
  return %y, %r : tensor<1x1x3x4xf32>, tensor<6xf32>
}

// One body that dequantizes, clamps, adds and quantizes twice, as fusion leaves
// it, is taken apart.

// CHECK-LABEL: func @fused
// CHECK-SAME:    %[[X:.+]]: tensor<1x2xf32>, %[[Z:.+]]: tensor<1x2xf32>
// CHECK-DAG:     %[[ZQ:.+]] = compress.fake_quant %[[Z]] {type = !quant.uniform<i8:f32, 2.500000e-01>}
// CHECK-DAG:     %[[XQ:.+]] = compress.fake_quant %[[X]] {type = !quant.uniform<i8:f32, 5.000000e-01>}
// CHECK:         %[[M:.+]] = linalg.matmul ins(%[[XQ]], %{{.+}} : tensor<1x2xf32>, tensor<2x2xf32>)
// CHECK:         %[[R:.+]] = linalg.generic {{.*}} ins(%[[M]] : tensor<1x2xf32>)
// CHECK-NEXT:    ^bb0
// CHECK-NEXT:      arith.maximumf
// CHECK:         %[[MQ:.+]] = compress.fake_quant %[[R]] {type = !quant.uniform<i8:f32, 3.000000e+00:-128>}
// CHECK:         %[[S:.+]] = linalg.generic {{.*}} ins(%[[ZQ]], %[[MQ]] : tensor<1x2xf32>, tensor<1x2xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[C:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      arith.addf %[[C]], %[[A]]
// CHECK-NEXT:      linalg.yield
// CHECK:         %[[Y:.+]] = compress.fake_quant %[[S]] {type = !quant.uniform<i8:f32, 4.000000e+00:-128>}
// CHECK:         return %[[Y]]
func.func @fused(%x: tensor<1x2xf32>, %z: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>
  %b = arith.constant dense<[7, -9]> : tensor<2xi32>
  %s = arith.constant 0.5 : f32
  %quarter = arith.constant 0.25 : f32
  %three = arith.constant 3.0 : f32
  %four = arith.constant 4.0 : f32
  %acc = arith.constant 0.125 : f64
  %lo = arith.constant -128.0 : f32
  %hi = arith.constant 127.0 : f32
  %zero = arith.constant 0.0 : f32
  %most = arith.constant 255.0 : f32
  %c0 = arith.constant 0 : i32
  %e8 = tensor.empty() : tensor<1x2xi8>
  %ei = tensor.empty() : tensor<1x2xi32>
  %ef = tensor.empty() : tensor<1x2xf32>
  %q = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<1x2xf32>) outs(%e8 : tensor<1x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<1x2xi8>
  %qz = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%z : tensor<1x2xf32>) outs(%e8 : tensor<1x2xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %quarter : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.minimumf %3, %hi : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<1x2xi8>
  %init = linalg.broadcast ins(%b : tensor<2xi32>) outs(%ei : tensor<1x2xi32>) dimensions = [0]
  %m = linalg.matmul ins(%q, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%init : tensor<1x2xi32>) -> tensor<1x2xi32>
  %f = linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%m, %qz : tensor<1x2xi32>, tensor<1x2xi8>) outs(%ef : tensor<1x2xf32>) {
  ^bb0(%sum: i32, %code: i8, %out: f32):
    %1 = arith.maxsi %sum, %c0 : i32
    %2 = arith.truncf %acc : f64 to f32
    %3 = arith.sitofp %1 : i32 to f32
    %4 = arith.mulf %3, %2 : f32
    %5 = arith.divf %4, %three : f32
    %6 = math.roundeven %5 : f32
    %7 = arith.maximumf %6, %zero : f32
    %8 = arith.minimumf %7, %most : f32
    %9 = arith.fptoui %8 : f32 to i8
    %10 = arith.uitofp %9 : i8 to f32
    %11 = arith.mulf %10, %three : f32
    %12 = arith.sitofp %code : i8 to f32
    %13 = arith.mulf %12, %quarter : f32
    %14 = arith.addf %11, %13 : f32
    %15 = arith.divf %14, %four : f32
    %16 = math.roundeven %15 : f32
    %17 = arith.maximumf %16, %zero : f32
    %18 = arith.minimumf %17, %most : f32
    %19 = arith.fptosi %18 : f32 to i32
    %20 = arith.sitofp %19 : i32 to f32
    %21 = arith.mulf %20, %four : f32
    linalg.yield %21 : f32
  } -> tensor<1x2xf32>
  return %f : tensor<1x2xf32>
}

// Of an open batch, with the code of zero in a 0-D tensor, and groups.

// CHECK-LABEL: func @open
// CHECK-SAME:    %[[X:.+]]: tensor<?x4x3x3xf32>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<{{\[\[}}1, 2], [3, 4]]> : tensor<2x2xi32>
// CHECK-DAG:     %[[PAD:.+]] = arith.constant 0.000000e+00 : f32
// CHECK:         %[[XQ:.+]] = compress.fake_quant %[[X]] {type = !quant.uniform<i8:f32, 5.000000e-01:72>}
// CHECK:         %[[P:.+]] = tensor.pad %[[XQ]]
// CHECK:           tensor.yield %[[PAD]] : f32
// CHECK:         %[[E:.+]] = tensor.expand_shape %[[P]] {{.*}} into tensor<?x2x2x4x4xf32>
// CHECK:         quant.scast %[[B]] : tensor<2x2xi32> to tensor<2x2x!quant.uniform<i32:f32, 1.250000e-01>>
// CHECK:         linalg.generic {{.*}} ins(%[[E]], %{{.+}} : tensor<?x2x2x4x4xf32>, tensor<2x2x2x3x3xf32>)
// CHECK-NEXT:    ^bb0
// CHECK-NEXT:      arith.mulf
// CHECK-NEXT:      arith.addf
func.func @open(%x: tensor<?x4x3x3xf32>) -> tensor<?x4x2x2xf32> {
  %c0 = arith.constant 0 : index
  %s = arith.constant 0.5 : f32
  %acc = arith.constant 0.125 : f32
  %zf = arith.constant 200.0 : f32
  %zero = arith.constant 0.0 : f32
  %most = arith.constant 255.0 : f32
  %half = arith.constant -128 : i8
  %zx = arith.constant 72 : i32
  %zw = arith.constant 0 : i32
  %z64 = arith.constant dense<200.0> : tensor<f64>
  %w = arith.constant dense<[[[[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]], [[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]], [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]], [[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]]]> : tensor<2x2x2x3x3xi8>
  %b = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
  %n = tensor.dim %x, %c0 : tensor<?x4x3x3xf32>
  %e8 = tensor.empty(%n) : tensor<?x4x3x3xi8>
  %q = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<?x4x3x3xf32>) outs(%e8 : tensor<?x4x3x3xi8>) {
  ^bb0(%in: f32, %out: i8):
    %1 = arith.divf %in, %s : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.addf %2, %zf : f32
    %4 = arith.maximumf %3, %zero : f32
    %5 = arith.minimumf %4, %most : f32
    %6 = arith.fptoui %5 : f32 to i8
    linalg.yield %6 : i8
  } -> tensor<?x4x3x3xi8>
  // As torch-mlir writes an unsigned code of zero.
  %z = tensor.extract %z64[] : tensor<f64>
  %code = arith.fptosi %z : f64 to i8
  %p = tensor.pad %q low[0, 0, 1, 0] high[0, 0, 0, 1] {
  ^bb0(%a0: index, %a1: index, %a2: index, %a3: index):
    tensor.yield %code : i8
  } : tensor<?x4x3x3xi8> to tensor<?x4x4x4xi8>
  %ep = tensor.empty(%n) : tensor<?x4x4x4xi8>
  %signed = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p : tensor<?x4x4x4xi8>) outs(%ep : tensor<?x4x4x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %1 = arith.addi %in, %half : i8
    linalg.yield %1 : i8
  } -> tensor<?x4x4x4xi8>
  %eg = tensor.empty(%n) : tensor<?x2x2x2x2xi32>
  %be = linalg.broadcast ins(%b : tensor<2x2xi32>) outs(%eg : tensor<?x2x2x2x2xi32>) dimensions = [0, 3, 4]
  %g = tensor.expand_shape %signed [[0], [1, 2], [3], [4]] output_shape [%n, 2, 2, 4, 4] : tensor<?x4x4x4xi8> into tensor<?x2x2x4x4xi8>
  %c = linalg.conv_2d_ngchw_gfchw_q ins(%g, %w, %zx, %zw : tensor<?x2x2x4x4xi8>, tensor<2x2x2x3x3xi8>, i32, i32) outs(%be : tensor<?x2x2x2x2xi32>) -> tensor<?x2x2x2x2xi32>
  %flat = tensor.collapse_shape %c [[0], [1, 2], [3], [4]] : tensor<?x2x2x2x2xi32> into tensor<?x4x2x2xi32>
  %ef = tensor.empty(%n) : tensor<?x4x2x2xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%flat : tensor<?x4x2x2xi32>) outs(%ef : tensor<?x4x2x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %1 = arith.sitofp %in : i32 to f32
    %2 = arith.mulf %1, %acc : f32
    linalg.yield %2 : f32
  } -> tensor<?x4x2x2xf32>
  return %y : tensor<?x4x2x2xf32>
}
