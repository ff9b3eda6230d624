// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+avx512f,+avx512vnni parallel=false' --split-input-file | FileCheck %s

// A plan by the description of the kernel: tiles of 12 pixels by two vectors in
// place of six by four.

// CHECK-NOT: compress.tuning
// CHECK-LABEL: func @chosen
// CHECK: scf.for %{{.+}} = %c0{{.*}} to %c64{{.*}} step %c32
// CHECK: %{{.+}}:24 = scf.for %{{.+}} = %c0{{.*}} to %c64{{.*}} step %c4
module attributes {compress.tuning = {"vpdpbusd.16 i8*i8->i32 p12/64 c64/0 r64/1" = "vectors 12x2"}} {
  func.func @chosen(%x: memref<12x64xi8>, %y: memref<12x64xi32>) {
    %zero = arith.constant 0 : i32
    %w = memref.get_global @w : memref<64x64xi8>
    linalg.fill ins(%zero : i32) outs(%y : memref<12x64xi32>)
    linalg.matmul ins(%x, %w : memref<12x64xi8>, memref<64x64xi8>) outs(%y : memref<12x64xi32>)
    return
  }
  memref.global "private" constant @w : memref<64x64xi8> = dense<1>
}

// -----

// The plan that is measured is noted, with how many there are.

// CHECK-NOT: compress.tuning_candidate
// CHECK-LABEL: func @measured
// CHECK-SAME: compress.plan = ["vpdpbusd.16 i8*i8->i32 p12/64 c64/0 r64/1", "vectors {{[0-9]+}}x1", {{[0-9]+}}]
module attributes {compress.tuning_candidate = 1 : i64} {
  func.func @measured(%x: memref<12x64xi8>, %y: memref<12x64xi32>) {
    %zero = arith.constant 0 : i32
    %w = memref.get_global @w : memref<64x64xi8>
    linalg.fill ins(%zero : i32) outs(%y : memref<12x64xi32>)
    linalg.matmul ins(%x, %w : memref<12x64xi8>, memref<64x64xi8>) outs(%y : memref<12x64xi32>)
    return
  }
  memref.global "private" constant @w : memref<64x64xi8> = dense<1>
}

// -----

// Depthwise products of 64 channels: rows of 64 bytes, whose bytes and pairs are
// put side by side by unpacking, so that channels 0, 1, 2, 3, 16, ... come
// first; the sums go back to their places.

// CHECK-LABEL: func @zipped
// CHECK-COUNT-3: vector.load %{{.+}} : memref<5184xi8>, vector<64xi8>
// CHECK: vector.shuffle %{{.+}}, %{{.+}} [0, 64, 1, 65, 2, 66, 3, 67, 4, 68, 5, 69, 6, 70, 7, 71, 16, 80,
// CHECK: vector.shuffle %{{.+}}, %{{.+}} [0, 1, 64, 65, 2, 3, 66, 67, 4, 5, 68, 69, 6, 7, 70, 71, 16, 17,
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK: vector.shuffle %{{.+}}, %{{.+}} [0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51, 4, 5,
// CHECK: vector.store %{{.+}} : memref<3136xi32>, vector<64xi32>
memref.global "private" constant @d : memref<3x3x64xi8> = dense<1>
func.func @zipped(%x: memref<1x9x9x64xi8>, %y: memref<1x7x7x64xi32>) {
  %w = memref.get_global @d : memref<3x3x64xi8>
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x9x9x64xi8>, memref<3x3x64xi8>) outs(%y : memref<1x7x7x64xi32>)
  return
}
