// RUN: compress-opt %s --compress-qdq-to-integer --canonicalize --split-input-file | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
#id = affine_map<(a, b, c, d) -> (a, b, c, d)>

// A pad with 0.0 fills with the zero point; quantizing twice to one type is
// quantizing once.

// CHECK-LABEL: func @pad
// CHECK-DAG:     %[[ZP:.+]] = arith.constant 3 : i8
// CHECK:         tensor.pad
// CHECK:           tensor.yield %[[ZP]] : i8
// CHECK:         } : tensor<1x4x4x2xi8> to tensor<1x6x6x2xi8>
// CHECK-NOT:     compress.requantize
func.func @pad(%x: tensor<1x4x4x2xf32>) -> tensor<1x6x6x2xf32> {
  %zero = arith.constant 0.0 : f32
  %q = compress.fake_quant %x {type = !act} : tensor<1x4x4x2xf32>
  %p = tensor.pad %q low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x2xf32> to tensor<1x6x6x2xf32>
  %y = compress.fake_quant %p {type = !act} : tensor<1x6x6x2xf32>
  return %y : tensor<1x6x6x2xf32>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!out = !quant.uniform<i8:f32, 0.25:0>

// Another type behind the pool: the codes are requantized first, then the
// maximum is taken of the new codes.

// CHECK-LABEL: func @max_pool
// CHECK:         linalg.pooling_nhwc_max {{.*}} tensor<1x4x4x2xi8>
// CHECK-SAME:      -> tensor<1x2x2x2xi8>
func.func @max_pool(%x: tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32> {
  %lowest = arith.constant 0xFF800000 : f32
  %q = compress.fake_quant %x {type = !act} : tensor<1x4x4x2xf32>
  %e = tensor.empty() : tensor<1x2x2x2xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %i = linalg.fill ins(%lowest : f32) outs(%e : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %p = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%q, %w : tensor<1x4x4x2xf32>, tensor<2x2xf32>) outs(%i : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %y = compress.fake_quant %p {type = !out} : tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.25:0>

// Operands of other scales are requantized; those of the result's are not.

// CHECK-LABEL: func @concat
// CHECK-COUNT-3: compress.requantize
// CHECK-NOT:     compress.requantize
// CHECK:         tensor.concat dim(3) {{.*}} : (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x4xi8>
func.func @concat(%x: tensor<1x4x4x2xf32>, %y: tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32> {
  %p = compress.fake_quant %x {type = !a} : tensor<1x4x4x2xf32>
  %q = compress.fake_quant %y {type = !b} : tensor<1x4x4x2xf32>
  %c = tensor.concat dim(3) %p, %q : (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32>
  %r = compress.fake_quant %c {type = !b} : tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>

// CHECK-LABEL: func @relu
// CHECK-DAG:     %[[ZP:.+]] = arith.constant 3 : i8
// CHECK:         arith.maxsi %{{.*}}, %[[ZP]] : i8
func.func @relu(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %zero = arith.constant 0.0 : f32
  %q = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%q : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.cmpf ugt, %in, %zero : f32
    %m = arith.select %c, %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}


// -----

!a = !quant.uniform<i8:f32, 0.5:3>

// Codes between numbers that are one code, as a transposed convolution reads
// its input; another number is no code.

// CHECK-LABEL: func @spread
// CHECK-DAG:     %[[ZP:.+]] = arith.constant 3 : i8
// CHECK-DAG:     %[[OTHER:.+]] = arith.constant 2.000000e-01 : f32
// CHECK:         %[[FILL:.+]] = linalg.fill ins(%[[ZP]] : i8)
// CHECK:         tensor.insert_slice %{{.+}} into %[[FILL]]{{.*}} : tensor<2x2xi8> into tensor<3x3xi8>
// CHECK:         %[[STAYS:.+]] = linalg.fill ins(%[[OTHER]] : f32)
// CHECK:         tensor.insert_slice %{{.+}} into %[[STAYS]]{{.*}} : tensor<2x2xf32> into tensor<3x3xf32>
func.func @spread(%x: tensor<2x2xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %zero = arith.constant 0.0 : f32
  %other = arith.constant 0.2 : f32
  %q = compress.fake_quant %x {type = !a} : tensor<2x2xf32>
  %e = tensor.empty() : tensor<3x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x3xf32>) -> tensor<3x3xf32>
  %s = tensor.insert_slice %q into %f[0, 0] [2, 2] [2, 2] : tensor<2x2xf32> into tensor<3x3xf32>
  %g = linalg.fill ins(%other : f32) outs(%e : tensor<3x3xf32>) -> tensor<3x3xf32>
  %t = tensor.insert_slice %q into %g[0, 0] [2, 2] [2, 2] : tensor<2x2xf32> into tensor<3x3xf32>
  return %s, %t : tensor<3x3xf32>, tensor<3x3xf32>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>

// Channels that come from nowhere hold the zero point.

// CHECK-LABEL: func @scatter
// CHECK-DAG:     %[[ZP:.+]] = arith.constant 3 : i8
// CHECK-DAG:     %[[TABLE:.+]] = arith.constant dense<[-1, 0, -1, 1]> : tensor<4xi32>
// CHECK:         %[[Q:.+]] = linalg.generic {{.*}}outs(%{{.+}} : tensor<1x3x3x2xi8>)
// CHECK:         linalg.generic {{.*}}ins(%[[TABLE]] : tensor<4xi32>) outs(%{{.+}} : tensor<1x3x3x4xi8>)
// CHECK:           %[[THERE:.+]] = arith.cmpi sge
// CHECK:           %[[CODE:.+]] = tensor.extract %[[Q]]
// CHECK:           arith.select %[[THERE]], %[[CODE]], %[[ZP]] : i8
// CHECK-NOT:     compress.requantize
func.func @scatter(%x: tensor<1x3x3x2xf32>) -> tensor<1x3x3x4xf32> {
  %q = compress.fake_quant %x {type = !act} : tensor<1x3x3x2xf32>
  %s = compress.scatter_channels %q {axis = 3, indices = array<i64: 1, 3>} : tensor<1x3x3x2xf32> -> tensor<1x3x3x4xf32>
  %y = compress.fake_quant %s {type = !act} : tensor<1x3x3x4xf32>
  return %y : tensor<1x3x3x4xf32>
}
