// RUN: compress-opt %s --compress-store-unsigned=features=+avx512f,+avx512vnni --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-store-unsigned=features=+sse2 --split-input-file | FileCheck %s --check-prefix=NONE
// RUN: compress-opt %s --compress-store-unsigned=features=+avx512f,+avx512vnni --compress-form-kernels --split-input-file | FileCheck %s --check-prefix=NAMES

#id = affine_map<(d0, d1) -> (d0, d1)>
#c = affine_map<(d0, d1) -> (d1)>

memref.global "private" constant @w : memref<64x16xi8> = dense<1>
memref.global "private" constant @s : memref<64xf32> = dense<1.0>

// What writes the input of the product flips each code; the product then takes
// what is stored as it is. The other reader takes 128 into its zero point. The
// network's own input, its output and what no product reads stay as they are.

// CHECK-LABEL: func @product
// CHECK-SAME: (%[[IN:.+]]: memref<6x64xi32>, %[[OUT:.+]]: memref<6x64xi8>, %[[SUMS:.+]]: memref<6x16xi32>)
// CHECK: %[[X:.+]] = memref.alloc() : memref<6x64xi8>
// CHECK: linalg.generic
// CHECK-SAME: outs(%[[X]]
// CHECK: %[[Q:.+]] = compress.requantize
// CHECK: %[[STORED:.+]] = arith.xori %[[Q]], %c-128_i8
// CHECK: linalg.yield %[[STORED]]
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[X]], %{{.+}} : memref<6x64xi8>, memref<64x16xi8>) outs(%[[SUMS]]
// CHECK-SAME: compress.kernel_name = "matmul"
// CHECK: ^bb0(%[[A:.+]]: i8, %[[B:.+]]: i8, %[[ACC:.+]]: i32):
// CHECK-DAG: %[[U:.+]] = arith.extui %[[A]] : i8 to i32
// CHECK-DAG: %[[E:.+]] = arith.addi %[[U]], %c-128_i32
// CHECK-DAG: %[[W:.+]] = arith.extsi %[[B]] : i8 to i32
// CHECK: arith.muli %[[E]], %[[W]]
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[X]] : memref<6x64xi8>) outs(%[[OUT]]
// CHECK: %[[U:.+]] = arith.extui
// CHECK: arith.addi %[[U]], %c-121_i32
// CHECK-NOT: xori
// CHECK: return
// NONE-LABEL: func @product
// NONE-NOT: xori
// NONE: linalg.matmul
// NONE-NOT: extui
// NONE: return
// NAMES: func private @kernel_1_matmul(
func.func @product(%in: memref<6x64xi32>, %out: memref<6x64xi8>, %sums: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<64x16xi8>
  %s = memref.get_global @s : memref<64xf32>
  %x = memref.alloc() : memref<6x64xi8>
  linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel"]}
      ins(%in, %s : memref<6x64xi32>, memref<64xf32>) outs(%x : memref<6x64xi8>) {
  ^bb0(%acc: i32, %scale: f32, %o: i8):
    %q = compress.requantize %acc, %scale zp(3) range(-128, 127) : i32, f32 -> i8
    linalg.yield %q : i8
  }
  linalg.fill ins(%zero : i32) outs(%sums : memref<6x16xi32>)
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%sums : memref<6x16xi32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<6x64xi8>) outs(%out : memref<6x64xi8>) {
  ^bb0(%q: i8, %o: i8):
    %seven = arith.constant 7 : i32
    %wide = arith.extsi %q : i8 to i32
    %shifted = arith.addi %wide, %seven : i32
    %narrow = arith.trunci %shifted : i32 to i8
    linalg.yield %narrow : i8
  }
  return
}

// -----

memref.global "private" constant @w : memref<3x3x8x16xi8> = dense<1>

// The border is filled with the flipped zero point, the inside is a copy from
// the input of the network, which is not flipped.

// CHECK-LABEL: func @padded
// CHECK: linalg.generic
// CHECK-SAME: compress.kernel_name = "fill"
// CHECK: ^bb0(%[[ZP:.+]]: i8, %{{.+}}: i8):
// CHECK: %[[F:.+]] = arith.xori %[[ZP]], %c-128_i8
// CHECK: linalg.yield %[[F]]
// CHECK: linalg.generic
// CHECK-SAME: compress.kernel_name = "copy"
// CHECK: arith.xori
// CHECK: linalg.generic
// CHECK-SAME: compress.kernel_name = "conv_2d_nhwc_hwcf"
// CHECK: arith.extui
// NONE-LABEL: func @padded
// NONE: memref.copy
// NONE: linalg.conv_2d_nhwc_hwcf
// NAMES: func private @kernel_0_fill(
// NAMES: func private @kernel_1_copy(
// NAMES: func private @kernel_2_conv_2d_nhwc_hwcf(
func.func @padded(%in: memref<1x4x4x8xi8>, %sums: memref<1x4x4x16xi32>) {
  %zero = arith.constant 0 : i32
  %zp = arith.constant -5 : i8
  %w = memref.get_global @w : memref<3x3x8x16xi8>
  %x = memref.alloc() : memref<1x6x6x8xi8>
  linalg.fill ins(%zp : i8) outs(%x : memref<1x6x6x8xi8>)
  %inside = memref.subview %x[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : memref<1x6x6x8xi8> to memref<1x4x4x8xi8, strided<[288, 48, 8, 1], offset: 56>>
  memref.copy %in, %inside : memref<1x4x4x8xi8> to memref<1x4x4x8xi8, strided<[288, 48, 8, 1], offset: 56>>
  linalg.fill ins(%zero : i32) outs(%sums : memref<1x4x4x16xi32>)
  linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%x, %w : memref<1x6x6x8xi8>, memref<3x3x8x16xi8>) outs(%sums : memref<1x4x4x16xi32>)
  return
}

// -----

memref.global "private" constant @w : memref<64x16xi8> = dense<1>

// The maximum of flipped codes is that of unsigned ones; a load in a body is
// flipped back.

// CHECK-LABEL: func @pool
// CHECK: linalg.generic
// CHECK: ^bb0(%[[A:.+]]: i8, %[[B:.+]]: i8):
// CHECK-NEXT: %[[MAX:.+]] = arith.maxui %{{.+}}, %{{.+}} : i8
// CHECK-NEXT: linalg.yield %[[MAX]]
// CHECK: %[[LOADED:.+]] = memref.load
// CHECK: arith.xori %[[LOADED]]
func.func @pool(%out: memref<6x64xi8>, %sums: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %w = memref.get_global @w : memref<64x16xi8>
  %a = memref.alloc() : memref<6x64xi8>
  %x = memref.alloc() : memref<6x64xi8>
  linalg.fill ins(%zero : i32) outs(%sums : memref<6x16xi32>)
  linalg.matmul ins(%a, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%sums : memref<6x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<6x64xi8>) outs(%x : memref<6x64xi8>) {
  ^bb0(%q: i8, %o: i8):
    %max = arith.maxsi %q, %o : i8
    linalg.yield %max : i8
  }
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%sums : memref<6x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      outs(%out : memref<6x64xi8>) {
  ^bb0(%o: i8):
    %i = linalg.index 0 : index
    %q = memref.load %x[%i, %i] : memref<6x64xi8>
    linalg.yield %q : i8
  }
  return
}

// -----

memref.global "private" constant @w : memref<64x16xi8> = dense<1>

// Bodies that have nothing to do with flipped codes stay as they are.

// CHECK-LABEL: func @other
// CHECK: arith.maxsi {{.*}} : i32
func.func @other(%i: memref<6x64xi32>, %o: memref<6x64xi32>, %sums: memref<6x16xi32>) {
  %zero = arith.constant 0 : i32
  %zp = arith.constant 3 : i8
  %w = memref.get_global @w : memref<64x16xi8>
  %x = memref.alloc() : memref<6x64xi8>
  linalg.fill ins(%zp : i8) outs(%x : memref<6x64xi8>)
  linalg.fill ins(%zero : i32) outs(%sums : memref<6x16xi32>)
  linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%sums : memref<6x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%i : memref<6x64xi32>) outs(%o : memref<6x64xi32>) {
  ^bb0(%a: i32, %b: i32):
    %sign = arith.constant 0x80000000 : i32
    %fa = arith.xori %a, %sign : i32
    %fb = arith.xori %b, %sign : i32
    %max = arith.maxsi %fa, %fb : i32
    linalg.yield %max : i32
  }
  return
}
