// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512f,+avx512vnni --split-input-file | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx2 --split-input-file | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: compress-opt %s --compress-lower-weighted-kernels=features=+avx512f,+avx512vnni,+amx-tile,+amx-int8 --split-input-file | FileCheck %s --check-prefix=AMX
// RUN: compress-opt %s --compress-lower-weighted-kernels --split-input-file | FileCheck %s --check-prefix=NONE

memref.global "private" constant @w : memref<64x16xi8> = dense<127>

// Weights in groups of 4 for vpdpbusd and 2 for pmaddwd. The inputs of vpdpbusd
// are flipped to unsigned; sums begin 128 * 64 * 127 lower.

// VNNI: memref.global "private" constant @w_packed_start : memref<16xi32> = dense<-1040384>
// CHECK: memref.global "private" constant @w_packed : memref<1024xi8> = dense<127>
// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[X:.+]]: memref<6x64xi8>, %[[Y:.+]]: memref<6x16xi32>)
// VNNI-COUNT-6: vector.load %{{.+}} : memref<16xi32>, vector<16xi32>
// VNNI: scf.for %[[K:.+]] = %{{.+}} to %c64{{.*}} step %c4{{.*}} iter_args
// VNNI: %[[W:.+]] = vector.load %{{.+}} : memref<1024xi8>, vector<64xi8>
// VNNI: vector.load %{{.+}} : memref<384xi8>, vector<4xi8>
// VNNI: arith.xori
// VNNI-COUNT-6: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{.+}}, %{{.+}}, %[[W]])
// VNNI-COUNT-6: vector.store %{{.+}} : memref<96xi32>, vector<16xi32>
// AVX2: scf.for %[[K:.+]] = %{{.+}} to %c64{{.*}} step %c2{{.*}} iter_args
// AVX2: vector.load %{{.+}} : memref<1024xi8>, vector<16xi8>
// AVX2: arith.extsi %{{.+}} : vector<16xi8> to vector<16xi16>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT: linalg
// CHECK: return
// Without dot products nothing changes.
// NONE-LABEL: func @matmul
// NONE: linalg.matmul
func.func @matmul(%x: memref<6x64xi8>, %y: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<64x16xi8>
  linalg.fill ins(%zero : i32) outs(%y : memref<6x16xi32>)
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y : memref<6x16xi32>)
  return
}

// -----

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#c = affine_map<(d0, d1, d2, d3) -> (d3)>

memref.global "private" constant @w : memref<3x3x3x20xi8> = dense<1>
memref.global "private" constant @b : memref<20xi32> = dense<1>
memref.global "private" constant @s : memref<20xf32> = dense<1.0>

// The stem of a network: three channels times three columns are contiguous, so
// that 9 inputs are two whole groups and one more that begins at 5, with weights
// of 0 for the three that it has in common. The rest of 20 channels is
// computed in a whole vector and stored as four. Bias and requantization happen
// in registers: no buffer of sums is left.

// VNNI-LABEL: func @stem
// VNNI-NOT: memref.alloc
// VNNI: scf.for %{{.+}} = %c0{{.*}} to %c3{{.*}} step %c1{{.*}} iter_args
// VNNI: scf.for %{{.+}} = %c0{{.*}} to %c8{{.*}} step %c4{{.*}} iter_args
// VNNI: vector.load %{{.+}} : memref<507xi8>, vector<4xi8>
// VNNI: vector.load %{{.+}} : memref<507xi8>, vector<4xi8>
// VNNI: compress.requantize {{.*}} : vector<16xi32>, vector<16xf32> -> vector<16xi8>
// VNNI: vector.store {{.*}} : memref<2420xi8>, vector<16xi8>
// VNNI: compress.requantize {{.*}} : vector<4xi32>, vector<4xf32> -> vector<4xi8>
// VNNI: vector.store {{.*}} : memref<2420xi8>, vector<4xi8>
// VNNI-NOT: linalg
// AVX2-LABEL: func @stem
func.func @stem(%x: memref<1x13x13x3xi8>, %y: memref<1x11x11x20xi8>) {
  %w = memref.get_global @w : memref<3x3x3x20xi8>
  %b = memref.get_global @b : memref<20xi32>
  %s = memref.get_global @s : memref<20xf32>
  %acc = memref.alloc() : memref<1x11x11x20xi32>
  linalg.broadcast ins(%b : memref<20xi32>) outs(%acc : memref<1x11x11x20xi32>) dimensions = [0, 1, 2]
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x13x13x3xi8>, memref<3x3x3x20xi8>) outs(%acc : memref<1x11x11x20xi32>)
  linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%acc, %s : memref<1x11x11x20xi32>, memref<20xf32>) outs(%y : memref<1x11x11x20xi8>) {
  ^bb0(%a: i32, %f: f32, %o: i8):
    %q = compress.requantize %a, %f zp(3) range(3, 127) : i32, f32 -> i8
    linalg.yield %q : i8
  }
  return
}

// -----

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#x = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>
#w = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>
#y = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>

memref.global "private" constant @w : memref<3x3x16x4xi8> = dense<1>

// Four channels have four lanes each of an instruction with 16: a step takes 16
// inputs, which are stored as q + 128 and not flipped. Lanes are added for 16
// pixels at once, whose codes lie side by side.

// VNNI: memref.global "private" constant @w_packed_start : memref<4xi32> = dense<-18432>
// VNNI: memref.global "private" constant @w_packed : memref<576xi8>
// VNNI-LABEL: func @few_channels
// VNNI: scf.for %{{.+}} = %c0{{.*}} to %c48{{.*}} step %c16
// VNNI: vector.load %{{.+}} : memref<576xi8>, vector<64xi8>
// VNNI: vector.load %{{.+}} : memref<5184xi8>, vector<16xi8>
// VNNI-NOT: arith.xori
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// VNNI: arith.addi %{{.+}}, %{{.+}} : vector<128xi32>
// VNNI: arith.addi %{{.+}}, %{{.+}} : vector<64xi32>
// VNNI: compress.requantize {{.*}} : vector<64xi32>, vector<64xf32> -> vector<64xi8>
// VNNI: vector.store {{.*}} : memref<1024xi8>, vector<64xi8>
// AVX2-LABEL: func @few_channels
func.func @few_channels(%x: memref<1x18x18x16xi8>, %y: memref<1x16x16x4xi8>) {
  %zero = arith.constant 0 : i32
  %f = arith.constant 0.01 : f32
  %w = memref.get_global @w : memref<3x3x16x4xi8>
  %acc = memref.alloc() : memref<1x16x16x4xi32>
  linalg.fill ins(%zero : i32) outs(%acc : memref<1x16x16x4xi32>)
  linalg.generic {indexing_maps = [#x, #w, #y],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : memref<1x18x18x16xi8>, memref<3x3x16x4xi8>) outs(%acc : memref<1x16x16x4xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %shift = arith.constant -128 : i32
    %u = arith.extui %a : i8 to i32
    %q = arith.addi %u, %shift : i32
    %v = arith.extsi %b : i8 to i32
    %p = arith.muli %q, %v : i32
    %s = arith.addi %sum, %p : i32
    linalg.yield %s : i32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%acc : memref<1x16x16x4xi32>) outs(%y : memref<1x16x16x4xi8>) {
  ^bb0(%a: i32, %o: i8):
    %q = compress.requantize %a, %f zp(3) range(3, 127) : i32, f32 -> i8
    linalg.yield %q : i8
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

memref.global "private" constant @w : memref<96x48xi8> = dense<1>

// 49 pixels are three registers of 16 rows, two of them a tile, and one pixel
// that fills none. 96 inputs are two steps of 48. 48 channels are a tile of two
// vectors and one of one. Inputs are stored signed: nothing is to be corrected.
// Sums go by way of memory to the epilogue, four pixels at a time.

// AMX-LABEL: func @tiles
// AMX-COUNT-4: amx.tile_zero : !amx.tile<16x16xi32>
// AMX: scf.for %{{.+}} = %c0{{.*}} to %c96 step %c48 {{.*}}-> (!amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>)
// AMX-COUNT-2: amx.tile_load %{{.+}}[%{{.+}}], %c128{{.*}} : memref<4608xi8> into !amx.tile<12x64xi8>
// AMX: amx.tile_load %{{.+}}[%{{.+}}], %c96{{.*}} : memref<4704xi8> into !amx.tile<16x48xi8>
// AMX-COUNT-2: amx.tile_muli
// AMX-NOT: zext
// AMX: amx.tile_load
// AMX-COUNT-2: amx.tile_muli
// AMX: %[[SCRATCH:.+]] = memref.alloca() {alignment = 64 : i64} : memref<1024xi32>
// AMX-COUNT-4: amx.tile_store %[[SCRATCH]]
// AMX: scf.for %{{.+}} = %c0{{.*}} to %c16{{.*}} step %c4
// AMX-COUNT-8: vector.load %[[SCRATCH]]
// AMX: compress.requantize {{.*}} : vector<32xi32>
// AMX: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// AMX: !amx.tile<16x48xi8>
// AMX: return
func.func @tiles(%x: memref<49x96xi8>, %y: memref<49x48xi8>) {
  %zero = arith.constant 0 : i32
  %f = arith.constant 0.01 : f32
  %w = memref.get_global @w : memref<96x48xi8>
  %acc = memref.alloc() : memref<49x48xi32>
  linalg.fill ins(%zero : i32) outs(%acc : memref<49x48xi32>)
  linalg.matmul ins(%x, %w : memref<49x96xi8>, memref<96x48xi8>) outs(%acc : memref<49x48xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : memref<49x48xi32>) outs(%y : memref<49x48xi8>) {
  ^bb0(%a: i32, %o: i8):
    %q = compress.requantize %a, %f zp(3) range(3, 127) : i32, f32 -> i8
    linalg.yield %q : i8
  }
  return
}

// -----

#x = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>
#w = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>
#y = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>

memref.global "private" constant @w : memref<3x3x64x32xi8> = dense<1>

// Rows of an image that are short: two of them a tile, seven pixels each. The
// last row is alone. Inputs are stored as q + 128.

// AMX-LABEL: func @short_rows
// AMX: scf.for %{{.+}} = %c0{{.*}} to %c6{{.*}} step %c2
// AMX-COUNT-4: amx.tile_zero : !amx.tile<7x16xi32>
// AMX: amx.tile_muli %{{.+}} zext, %{{.+}}, %{{.+}} : !amx.tile<7x64xi8>, !amx.tile<16x64xi8>, !amx.tile<7x16xi32>
// AMX: amx.tile_zero : !amx.tile<7x16xi32>
// AMX: return
func.func @short_rows(%x: memref<1x9x9x64xi8>, %y: memref<1x7x7x32xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<3x3x64x32xi8>
  linalg.fill ins(%zero : i32) outs(%y : memref<1x7x7x32xi32>)
  linalg.generic {indexing_maps = [#x, #w, #y],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : memref<1x9x9x64xi8>, memref<3x3x64x32xi8>) outs(%y : memref<1x7x7x32xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %shift = arith.constant -128 : i32
    %u = arith.extui %a : i8 to i32
    %q = arith.addi %u, %shift : i32
    %v = arith.extsi %b : i8 to i32
    %p = arith.muli %q, %v : i32
    %s = arith.addi %sum, %p : i32
    linalg.yield %s : i32
  }
  return
}

// -----

memref.global "private" constant @w : memref<32x32xi16> = dense<300>

// Weights of more than 8 bits go by pmaddwd only.

// VNNI-LABEL: func @wide_weights
// VNNI: linalg.matmul
// AVX2-LABEL: func @wide_weights
// AVX2: vector.load %{{.+}} : memref<1024xi16>, vector<16xi16>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
func.func @wide_weights(%x: memref<8x32xi8>, %y: memref<8x32xi32>) {
  %w = memref.get_global @w : memref<32x32xi16>
  linalg.matmul ins(%x, %w : memref<8x32xi8>, memref<32x32xi16>) outs(%y : memref<8x32xi32>)
  return
}

// -----

memref.global "private" constant @w : memref<3x3x16xi8> = dense<127>

// Channels that share no input: of seven pixels in a row nine columns of three
// rows are put together, with one more row that is multiplied by 0, and used
// where seven windows of three columns have them.
// Not taken: weights that are no constant, f32.

// VNNI: memref.global "private" constant @w_packed : memref<192xi8>
// VNNI-LABEL: func @depthwise
// VNNI: scf.for
// VNNI-COUNT-3: vector.load %{{.+}} : memref<1296xi8>, vector<16xi8>
// VNNI: vector.shuffle {{.*}}[0, 16, 32, 48, 1, 17, 33, 49,
// VNNI-COUNT-21: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// VNNI-NOT: llvm.call_intrinsic
// VNNI: vector.store
// VNNI-NOT: linalg
// AVX2-LABEL: func @depthwise
// AVX2: vector.shuffle {{.*}}[0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// AVX2-NOT: linalg
// CHECK-LABEL: func @activations
// CHECK: linalg.matmul
// CHECK-LABEL: func @float
// CHECK: linalg.matmul
func.func @depthwise(%x: memref<1x9x9x16xi8>, %y: memref<1x7x7x16xi32>) {
  %w = memref.get_global @w : memref<3x3x16xi8>
  linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : memref<1x9x9x16xi8>, memref<3x3x16xi8>) outs(%y : memref<1x7x7x16xi32>)
  return
}
func.func @activations(%x: memref<8x32xi8>, %w: memref<32x32xi8>, %y: memref<8x32xi32>) {
  linalg.matmul ins(%x, %w : memref<8x32xi8>, memref<32x32xi8>) outs(%y : memref<8x32xi32>)
  return
}
func.func @float(%x: memref<8x32xf32>, %w: memref<32x32xf32>, %y: memref<8x32xf32>) {
  linalg.matmul ins(%x, %w : memref<8x32xf32>, memref<32x32xf32>) outs(%y : memref<8x32xf32>)
  return
}
