// RUN: compress-opt %s -split-input-file --compress-mark-fused-sums=features=+avx512f | FileCheck %s
// RUN: compress-opt %s -split-input-file --compress-mark-fused-sums=features=+sse2 | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: compress.fused_sums

// CHECK: module attributes {compress.fused_sums} {
module {
  func.func @float(%x: memref<4xf32>, %y: memref<4xf32>) {
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %n = arith.negf %in : f32
      linalg.yield %n : f32
    }
    return
  }
}

// -----

// An image of bytes and a mask are no codes that the network computes.

// CHECK: module attributes {compress.fused_sums} {
module {
  func.func @image(%x: memref<4xi8>, %m: memref<4xi1>, %y: memref<4xf32>) {
    %t = memref.alloc() : memref<4xi1>
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xi8>) outs(%y : memref<4xf32>) {
    ^bb0(%in: i8, %out: f32):
      %n = arith.uitofp %in : i8 to f32
      linalg.yield %n : f32
    }
    return
  }
}

// -----

// CHECK: module {
module {
  func.func @codes(%x: memref<4xf32>, %y: memref<4xi8>) {
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<4xi8>) {
    ^bb0(%in: f32, %out: i8):
      %n = arith.fptosi %in : f32 to i8
      linalg.yield %n : i8
    }
    return
  }
}

// -----

// CHECK: module {
module {
  memref.global "private" constant @weights : memref<2xi8> = dense<[1, 2]>
  func.func @weights_only(%y: memref<2xf32>) {
    %w = memref.get_global @weights : memref<2xi8>
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%w : memref<2xi8>) outs(%y : memref<2xf32>) {
    ^bb0(%in: i8, %out: f32):
      %n = arith.sitofp %in : i8 to f32
      linalg.yield %n : f32
    }
    return
  }
}

// -----

// Codes that are only in registers.

// CHECK: module {
module {
  func.func @fake_quant(%x: memref<4xf32>, %y: memref<4xf32>) {
    %s = arith.constant 0.5 : f32
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %q = compress.requantize %in, %s zp(0) range(-128, 127) : f32, f32 -> i8
      %r = arith.sitofp %q : i8 to f32
      linalg.yield %r : f32
    }
    return
  }
}
