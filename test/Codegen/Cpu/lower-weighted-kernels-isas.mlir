// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+ssse3,+avx2 --split-input-file | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+sse2,+ssse3 --split-input-file | FileCheck %s --check-prefixes=CHECK,SSSE3
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512f,+avx512bw --split-input-file | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx2,+avxvnni --split-input-file | FileCheck %s --check-prefix=AVXVNNI
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512f,+avx512bw,+amx-tile,+amx-int8 --split-input-file | FileCheck %s --check-prefix=TILES
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+neon,+dotprod --split-input-file | FileCheck %s --check-prefix=NEON
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+neon,+dotprod,+i8mm --split-input-file | FileCheck %s --check-prefix=I8MM

memref.global "private" constant @w : memref<64x16xi8> = dense<64>

// Two weights of 64 and inputs of 255 are 32640: pmaddubsw can hold that. Its
// inputs are unsigned, so that sums begin 128 * 64 * 64 lower; sdot's are not.

// CHECK: @w_packed_start : memref<16xi32> = dense<-524288>
// CHECK-LABEL: func @small_weights
// AVX2: %[[ONES:.+]] = arith.constant dense<1> : vector<16xi16>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%{{.+}}, %{{.+}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// SSSE3: llvm.call_intrinsic "llvm.x86.ssse3.pmadd.ub.sw.128"
// SSSE3: llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
// AVXVNNI-LABEL: func @small_weights
// AVXVNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// NEON-NOT: _start
// NEON-LABEL: func @small_weights
// NEON: vector.load %{{.+}} : memref<384xi8>, vector<4xi8>
// NEON-NOT: xori
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// Two pixels of eight inputs by two of four channels, twice for all of them.
// I8MM-LABEL: func @small_weights
// I8MM: vector.shuffle %{{.+}}, %{{.+}} [0, 1, 4, 5] : vector<4xi32>, vector<4xi32>
// I8MM: vector.load %{{.+}} : memref<384xi8>, vector<8xi8>
// I8MM: vector.load %{{.+}} : memref<384xi8>, vector<8xi8>
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
func.func @small_weights(%x: memref<6x64xi8>, %y: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<64x16xi8>
  linalg.fill ins(%zero : i32) outs(%y : memref<6x16xi32>)
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y : memref<6x16xi32>)
  return
}

// -----

memref.global "private" constant @w : memref<64x16xi8> = dense<-65>

// -33150 would saturate. Weights in pairs are none for matrix instructions, which
// want fours.

// TILES-LABEL: func @large_weights
// TILES-NOT: amx.
// TILES: llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
// TILES-NOT: amx.
// TILES: return

// CHECK-LABEL: func @large_weights
// CHECK-NOT: pmadd.ub.sw
// CHECK-NOT: pmaddubs
// CHECK: llvm.call_intrinsic "llvm.x86.{{.*}}pmadd{{w?}}.{{w?}}d
// CHECK-NOT: pmadd.ub.sw
// CHECK-NOT: pmaddubs
// CHECK: return
func.func @large_weights(%x: memref<6x64xi8>, %y: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<64x16xi8>
  linalg.fill ins(%zero : i32) outs(%y : memref<6x16xi32>)
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y : memref<6x16xi32>)
  return
}
