// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx512f winograd=always parallel=false' | FileCheck %s
// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx512f winograd=never' | FileCheck %s --check-prefix=DIRECT
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512f | FileCheck %s --check-prefix=DIRECT
// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx2 winograd=always' | FileCheck %s --check-prefix=DIRECT

// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx512f winograd=always winograd-tile=4 parallel=false' | FileCheck %s --check-prefix=LARGE
// RUN: not compress-opt %s --compress-lower-weighted-kernels='features=+avx512f winograd-tile=3' 2>&1 | FileCheck %s --check-prefix=ODD

// 16 products for 2x2 outputs instead of 36; its caller has the memory for it.
// One image of 2x2 outputs with one channel is not worth it, and 16 registers
// are not enough.

// Three outputs take vectors of four lanes, also where there are 16.

// CHECK: memref.global "private" constant @w_winograd : memref<896xf32>
// CHECK: func.func @main
// 16 * (2 tiles * 16 channels + 16) + 16 * (2 tiles * 4 outputs + 16).
// CHECK:   %[[MEMORY:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1152xf32>
// CHECK:   call @kernel_0(%{{.*}}, %[[MEMORY]])
// CHECK: func.func private @kernel_0
// CHECK:   llvm.intr.fma{{.*}} vector<4xf32>
// 36 products for 4x4 outputs, here of a tile that is not whole:
// 36 * (1 tile * 16 channels + 16) + 36 * (1 tile * 4 outputs + 16).
// LARGE: memref.global "private" constant @w_winograd : memref<2016xf32>
// LARGE: memref.alloc() {alignment = 64 : i64} : memref<1872xf32>
// ODD: error: tiles of Winograd's algorithm have 2 or 4 outputs along a side, not 3
// DIRECT-NOT: winograd
// DIRECT: @w_packed
// DIRECT-NOT: memref.alloc
// DIRECT: llvm.intr.fma{{.*}} vector<4xf32>
module attributes {compress.fused_sums} {
  memref.global "private" constant @w : memref<3x3x14x3xf32> = dense<1.0>
  func.func @main(%x: memref<1x4x5x14xf32>, %y: memref<1x2x3x3xf32>) {
    call @kernel_0(%x, %y) : (memref<1x4x5x14xf32>, memref<1x2x3x3xf32>) -> ()
    return
  }
  func.func private @kernel_0(%x: memref<1x4x5x14xf32>, %y: memref<1x2x3x3xf32>) {
    %w = memref.get_global @w : memref<3x3x14x3xf32>
    linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x4x5x14xf32>, memref<3x3x14x3xf32>)
      outs(%y : memref<1x2x3x3xf32>)
    return
  }
}
