// RUN: compress-opt %s --compress-lower-weighted-kernels='features=+neon,+dotprod,+i8mm parallel=false' | FileCheck %s

// Two pixels take an instruction; one alone, or two channels, are left to sdot,
// which has lanes for them, and so are depthwise convolutions.

memref.global "private" constant @w : memref<12x6xi8> = dense<1>
memref.global "private" constant @narrow : memref<12x2xi8> = dense<1>
memref.global "private" constant @window : memref<3x3x8xi8> = dense<1>

// Of three pixels the last is its own neighbour. Four of the twelve inputs are
// a group of their own, which begins earlier, with weights of zero; the last two
// of six channels are a vector of their own.

// CHECK: @w_packed : memref<128xi8>
// CHECK-LABEL: func @odd
// CHECK-NOT: neon.sdot
// CHECK-COUNT-8: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
func.func @odd(%x: memref<3x12xi8>, %y: memref<3x6xi32>) {
  %w = memref.get_global @w : memref<12x6xi8>
  linalg.matmul ins(%x, %w : memref<3x12xi8>, memref<12x6xi8>) outs(%y : memref<3x6xi32>)
  return
}

// CHECK-LABEL: func @one_pixel
// CHECK-NOT: neon.smmla
// CHECK: neon.sdot
func.func @one_pixel(%x: memref<1x12xi8>, %y: memref<1x6xi32>) {
  %w = memref.get_global @w : memref<12x6xi8>
  linalg.matmul ins(%x, %w : memref<1x12xi8>, memref<12x6xi8>) outs(%y : memref<1x6xi32>)
  return
}

// CHECK-LABEL: func @two_channels
// CHECK-NOT: neon.smmla
// CHECK: neon.sdot
func.func @two_channels(%x: memref<4x12xi8>, %y: memref<4x2xi32>) {
  %w = memref.get_global @narrow : memref<12x2xi8>
  linalg.matmul ins(%x, %w : memref<4x12xi8>, memref<12x2xi8>) outs(%y : memref<4x2xi32>)
  return
}

// CHECK-LABEL: func @depthwise
// CHECK-NOT: neon.smmla
// CHECK: neon.sdot
func.func @depthwise(%x: memref<1x5x6x8xi8>, %y: memref<1x3x4x8xi32>) {
  %w = memref.get_global @window : memref<3x3x8xi8>
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x5x6x8xi8>, memref<3x3x8xi8>) outs(%y : memref<1x3x4x8xi32>)
  return
}
