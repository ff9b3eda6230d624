// RUN: compress-opt %s --compress-qdq-to-integer --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-qdq-to-integer --split-input-file --remarks-filter=compress -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!a = !quant.uniform<i8:f32, 0.5:3>

// What has no integer form stays f32, between a dequantization and a
// quantization, and a remark says why.

// REMARK: Float{{.*}}stays f32: it has no integer form
// CHECK-LABEL: func @exp
// CHECK:         compress.float = "it has no integer form"
// CHECK:         math.exp
// CHECK:         compress.requantize
func.func @exp(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %q = compress.fake_quant %x {type = !a} : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%q : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = math.exp %in : f32
    linalg.yield %m : f32
  } -> tensor<4x2xf32>
  %y = compress.fake_quant %r {type = !a} : tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:-128>
!y = !quant.uniform<i8:f32, 0.25:1>
!w = !quant.uniform<i8:f32, 0.5>

// 140,000 products of 255 * 127 do not fit in i32.

// REMARK: Float{{.*}}which does not fit in i32
// CHECK-LABEL: func @overflow
func.func @overflow(%x: tensor<1x140000xf32>) -> tensor<1x1xf32> {
  %wq = arith.constant dense<127> : tensor<140000x1xi8>
  %zero = arith.constant 0.0 : f32
  %ws = quant.scast %wq : tensor<140000x1xi8> to tensor<140000x1x!w>
  %wf = quant.dcast %ws : tensor<140000x1x!w> to tensor<140000x1xf32>
  %q = compress.fake_quant %x {type = !a} : tensor<1x140000xf32>
  %e = tensor.empty() : tensor<1x1xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %c = linalg.matmul ins(%q, %wf : tensor<1x140000xf32>, tensor<140000x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = compress.fake_quant %c {type = !y} : tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// Nothing is quantized: nothing changes.

// CHECK-LABEL: func @nothing
// CHECK-NEXT:    return %arg0
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i32:f32, 0.5>

// Weights that i16 does not hold are not cut.

// REMARK: Float{{.*}}stays f32: its weights less their zero point do not fit in 16 bits
// CHECK-LABEL: func @wide_weights
// CHECK:         linalg.matmul{{.*}}compress.float = "its weights
func.func @wide_weights(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %wq = arith.constant dense<[[100000], [3]]> : tensor<2x1xi32>
  %zero = arith.constant 0.0 : f32
  %ws = quant.scast %wq : tensor<2x1xi32> to tensor<2x1x!w>
  %wf = quant.dcast %ws : tensor<2x1x!w> to tensor<2x1xf32>
  %q = compress.fake_quant %x {type = !a} : tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x1xf32>
  %b = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %c = linalg.matmul ins(%q, %wf : tensor<1x2xf32>, tensor<2x1xf32>) outs(%b : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %c : tensor<1x1xf32>
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.5>

// A bias that is no number has no code.

// REMARK: Float{{.*}}its bias is not finite
// CHECK-LABEL: func @nan_bias
// CHECK:         linalg.matmul
func.func @nan_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %wq = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %nan = arith.constant 0x7FC00000 : f32
  %ws = quant.scast %wq : tensor<2x2xi8> to tensor<2x2x!w>
  %wf = quant.dcast %ws : tensor<2x2x!w> to tensor<2x2xf32>
  %q = compress.fake_quant %x {type = !a} : tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x2xf32>
  %b = linalg.fill ins(%nan : f32) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %c = linalg.matmul ins(%q, %wf : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = compress.fake_quant %c {type = !a} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
