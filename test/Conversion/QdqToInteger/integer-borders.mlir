// RUN: compress-opt %s --compress-qdq-to-integer --compress-integer-borders --canonicalize --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-qdq-to-integer --compress-integer-borders --canonicalize --split-input-file --remarks-filter=compress -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!a = !quant.uniform<i8:f32, 0.5:3>

// CHECK-LABEL: func @codes
// CHECK-SAME:    (%[[X:.+]]: tensor<4x2xi8> {compress.type = !qtensor{{.*}}}) -> (tensor<2x4xi8> {compress.type = !qtensor{{.*}}})
// CHECK:         linalg.transpose ins(%[[X]] : tensor<4x2xi8>)
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @codes(%x: tensor<4x2xf32>) -> tensor<2x4xf32> {
  %q = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %t = linalg.transpose ins(%q : tensor<4x2xf32>) outs(%e : tensor<2x4xf32>) permutation = [1, 0]
  return %t : tensor<2x4xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>

// REMARK: input 0 stays f32: it is used otherwise than quantized with one scale
// CHECK-LABEL: func @used_otherwise
// CHECK-SAME:    tensor<4x2xf32>) -> (tensor<4x2xi8> {{.*}}, tensor<4x2xf32>)
func.func @used_otherwise(%x: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  %q = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  return %q, %x : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>

// What only moves elements moves codes as well, before and behind.
// CHECK-LABEL: func @behind_moves
// CHECK-SAME:    (%[[X:.+]]: tensor<1x2x3xi8> {compress.type = !qtensor{{.*}}}) -> (tensor<6x1xi8> {compress.type = !qtensor{{.*}}})
// CHECK-NOT:     f32
// CHECK:         return
func.func @behind_moves(%x: tensor<1x2x3xf32>) -> tensor<6x1xf32> {
  %c = tensor.collapse_shape %x [[0], [1, 2]] : tensor<1x2x3xf32> into tensor<1x6xf32>
  %e = tensor.empty() : tensor<6x1xf32>
  %t = linalg.transpose ins(%c : tensor<1x6xf32>) outs(%e : tensor<6x1xf32>) permutation = [1, 0]
  %q = compress.fake_quant %t {type = !a} : tensor<6x1xf32>
  return %q : tensor<6x1xf32>
}
