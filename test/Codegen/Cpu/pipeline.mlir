// RUN: compress-opt %s --compress-cpu-pipeline=features=+avx512f,+avx512vnni | FileCheck %s --check-prefixes=CHECK,KERNELS
// RUN: compress-opt %s --compress-cpu-pipeline=strategy=loops | FileCheck %s --check-prefixes=CHECK,LOOPS
// RUN: compress-opt %s "--compress-cpu-pipeline=features=+avx512f,+avx512vnni emulate-dot" --compress-check-code | FileCheck %s --check-prefix=EMULATED
// RUN: compress-opt %s "--compress-cpu-pipeline=features=+sse2,+avx512f,+avx512vnni,+amx-tile,+amx-int8 emulate-dot profile" | FileCheck %s --check-prefix=PROFILED

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

// A profile counts, and nothing stands for tiles, where instructions are emulated.
// PROFILED-NOT: amx.
// PROFILED-NOT: vpdpbusd
// PROFILED: llvm.call_intrinsic "llvm.readcyclecounter"

// The code form: kernels on memrefs, a public function that calls them, one
// arena. The sums of the first convolution go right into the padded input of
// the second.

// KERNELS: memref.global "private" constant @[[W:.+]] : memref<{{.+}}xi8>
// CHECK: func.func private @kernel_0_
// CHECK-NOT: linalg
// CHECK-NOT: tensor<
// CHECK-NOT: compress.requantize
// KERNELS: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// LOOPS-NOT: vector<
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%{{.+}}: memref<1x6x6x4xi8> {compress.name = "x"}, %{{.+}}: memref<1x6x6x16xi8> {compress.name = "y"}, %[[ARENA:.+]]: memref<{{[0-9]+}}xi8> {compress.live_bytes = {{[0-9]+}} : i64})
// CHECK-SAME: compress.num_inputs = 1
// CHECK-NOT: memref.alloc
// CHECK: memref.view %[[ARENA]]
// KERNELS: call @kernel_4_conv_2d_nhwc_hwcf
// KERNELS-NEXT: call @kernel_5_conv_2d_nhwc_hwcf
// CHECK: return{{$}}
// EMULATED-NOT: llvm.call_intrinsic
// EMULATED: vector.deinterleave
func.func @main(%x: tensor<1x6x6x4xi8> {compress.name = "x"}) -> (tensor<1x6x6x16xi8> {compress.name = "y"}) {
  %zp = arith.constant -3 : i8
  %zero = arith.constant 0 : i32
  %s = arith.constant 0.01 : f32
  %w1 = arith.constant dense<1> : tensor<1x1x4x16xi8>
  %w2 = arith.constant dense<2> : tensor<3x3x16x16xi8>
  %e = tensor.empty() : tensor<1x6x6x16xi32>
  %f = tensor.empty() : tensor<1x6x6x16xi8>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x6x6x16xi32>) -> tensor<1x6x6x16xi32>
  %a1 = linalg.conv_2d_nhwc_hwcf ins(%x, %w1 : tensor<1x6x6x4xi8>, tensor<1x1x4x16xi8>) outs(%i : tensor<1x6x6x16xi32>) -> tensor<1x6x6x16xi32>
  %q1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a1 : tensor<1x6x6x16xi32>) outs(%f : tensor<1x6x6x16xi8>) {
  ^bb0(%a: i32, %o: i8):
    %r = compress.requantize %a, %s zp(-3) range(-3, 127) : i32, f32 -> i8
    linalg.yield %r : i8
  } -> tensor<1x6x6x16xi8>
  %p = tensor.pad %q1 low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%j: index, %k: index, %l: index, %m: index):
    tensor.yield %zp : i8
  } : tensor<1x6x6x16xi8> to tensor<1x8x8x16xi8>
  %a2 = linalg.conv_2d_nhwc_hwcf ins(%p, %w2 : tensor<1x8x8x16xi8>, tensor<3x3x16x16xi8>) outs(%i : tensor<1x6x6x16xi32>) -> tensor<1x6x6x16xi32>
  %q2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a2, %q1 : tensor<1x6x6x16xi32>, tensor<1x6x6x16xi8>) outs(%f : tensor<1x6x6x16xi8>) {
  ^bb0(%a: i32, %b: i8, %o: i8):
    %r = compress.requantize %a, %s zp(0) range(-128, 127) : i32, f32 -> i8
    %t = arith.maxsi %r, %b : i8
    linalg.yield %t : i8
  } -> tensor<1x6x6x16xi8>
  return %q2 : tensor<1x6x6x16xi8>
}
