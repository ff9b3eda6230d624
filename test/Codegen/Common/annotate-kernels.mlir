// RUN: compress-opt %s --compress-annotate-kernels --split-input-file | FileCheck %s

// Two places in the arena, and an input of the network.

// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<32xf32> {llvm.align = 64 : i64, llvm.noalias},
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<32xf32> {llvm.align = 64 : i64, llvm.noalias},
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<4xi8> {llvm.noalias})
func.func private @kernel(%x: memref<32xf32>, %y: memref<32xf32>, %z: memref<4xi8>) {
  return
}
func.func @main(%in: memref<4xi8>, %out: memref<4xi8>, %arena: memref<256xi8>)
    attributes {compress.num_inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<32xf32>
  %b = memref.view %arena[%c128][] : memref<256xi8> to memref<32xf32>
  call @kernel(%a, %b, %in) : (memref<32xf32>, memref<32xf32>, memref<4xi8>) -> ()
  return
}

// -----

// Places that overlap in one of the calls; less alignment in another.

// CHECK-LABEL: func.func private @overlap(
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<32xf32> {llvm.align = 16 : i64},
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<32xf32> {llvm.align = 64 : i64})
func.func private @overlap(%x: memref<32xf32>, %y: memref<32xf32>) {
  return
}
func.func @main(%in: memref<4xi8>, %out: memref<4xi8>, %arena: memref<512xi8>)
    attributes {compress.num_inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c208 = arith.constant 208 : index
  %a = memref.view %arena[%c0][] : memref<512xi8> to memref<32xf32>
  %b = memref.view %arena[%c64][] : memref<512xi8> to memref<32xf32>
  %c = memref.view %arena[%c208][] : memref<512xi8> to memref<32xf32>
  call @overlap(%a, %b) : (memref<32xf32>, memref<32xf32>) -> ()
  call @overlap(%c, %a) : (memref<32xf32>, memref<32xf32>) -> ()
  return
}

// -----

// Constants may overlap one another. What a kernel passes on is known to be
// what it was given.

memref.global "private" constant @weights : memref<16xf32> = dense<1.0>
// CHECK: memref.global "private" constant @weights {{.*}} {alignment = 64 : i64}

// CHECK-LABEL: func.func private @inner(
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<16xf32> {llvm.align = 64 : i64, llvm.noalias},
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<16xf32> {llvm.align = 64 : i64, llvm.noalias},
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<16xf32> {llvm.align = 64 : i64, llvm.noalias})
func.func private @inner(%w: memref<16xf32>, %v: memref<16xf32>, %x: memref<16xf32>) {
  return
}
func.func private @outer(%x: memref<16xf32>) {
  %w = memref.get_global @weights : memref<16xf32>
  call @inner(%w, %w, %x) : (memref<16xf32>, memref<16xf32>, memref<16xf32>) -> ()
  return
}
func.func @main(%out: memref<16xf32>, %arena: memref<64xi8>)
    attributes {compress.num_inputs = 0 : i64} {
  %c0 = arith.constant 0 : index
  %a = memref.view %arena[%c0][] : memref<64xi8> to memref<16xf32>
  call @outer(%a) : (memref<16xf32>) -> ()
  return
}

// -----

// Subviews of one buffer: rows of it, apart.

// CHECK-LABEL: func.func private @rows(
// CHECK-SAME:    strided<[8, 1]>> {llvm.align = 64 : i64, llvm.noalias},
// CHECK-SAME:    offset: 8>> {llvm.align = 64 : i64, llvm.noalias})
func.func private @rows(%x: memref<1x8xi8, strided<[8, 1]>>,
                        %y: memref<1x8xi8, strided<[8, 1], offset: 8>>) {
  return
}
func.func @main(%out: memref<16xf32>, %arena: memref<64xi8>)
    attributes {compress.num_inputs = 0 : i64} {
  %c0 = arith.constant 0 : index
  %a = memref.view %arena[%c0][] : memref<64xi8> to memref<2x8xi8>
  %r0 = memref.subview %a[0, 0] [1, 8] [1, 1] : memref<2x8xi8> to memref<1x8xi8, strided<[8, 1]>>
  %r1 = memref.subview %a[1, 0] [1, 8] [1, 1] : memref<2x8xi8> to memref<1x8xi8, strided<[8, 1], offset: 8>>
  call @rows(%r0, %r1) : (memref<1x8xi8, strided<[8, 1]>>, memref<1x8xi8, strided<[8, 1], offset: 8>>) -> ()
  return
}

// -----

// Of a function that nobody calls nothing is known.

// CHECK-LABEL: func.func private @nobody(
// CHECK-NOT:     llvm.
func.func private @nobody(%x: memref<1x8xi8>) {
  return
}
