// RUN: compress-opt %s --compress-expand-requantize --split-input-file --verify-diagnostics | FileCheck %s
// RUN: compress-opt %s --compress-expand-requantize=features=+avx512f,+avx512bw --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=PACK
// RUN: compress-opt %s --compress-expand-requantize=features=+sse2 --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=SSE
// RUN: compress-opt %s --compress-expand-requantize=features=+neon --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=NEON

// 1.5 * 2^23 is 0x4B400000: the last bits of the sum are those of the rounded
// value. An odd zero point is added to them.

// CHECK-LABEL: func @scalar
// CHECK-SAME: (%[[ACC:.+]]: i32, %[[SCALE:.+]]: f32)
// CHECK-NOT: fastmath
// CHECK: %[[REAL:.+]] = arith.sitofp %[[ACC]] : i32 to f32
// CHECK: %[[V:.+]] = arith.mulf %[[REAL]], %[[SCALE]] : f32
// CHECK: %[[LO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[V]], %[[LO]] : f32
// CHECK: %[[A:.+]] = arith.select %[[ABOVE]], %[[V]], %[[LO]] : f32
// CHECK: %[[HI:.+]] = arith.constant 1.300000e+02 : f32
// CHECK: %[[BELOW:.+]] = arith.cmpf olt, %[[A]], %[[HI]] : f32
// CHECK: %[[B:.+]] = arith.select %[[BELOW]], %[[A]], %[[HI]] : f32
// CHECK: %[[MAGIC:.+]] = arith.constant 0x4B400000 : f32
// CHECK: %[[SUM:.+]] = arith.addf %[[B]], %[[MAGIC]] : f32
// CHECK: %[[BITS:.+]] = arith.bitcast %[[SUM]] : f32 to i32
// CHECK: %[[SHIFT:.+]] = arith.constant -3 : i32
// CHECK: %[[CODE:.+]] = arith.addi %[[BITS]], %[[SHIFT]] : i32
// CHECK: %[[Q:.+]] = arith.trunci %[[CODE]] : i32 to i8
// CHECK: return %[[Q]]
func.func @scalar(%acc: i32, %scale: f32) -> i8 {
  %q = compress.requantize %acc, %scale zp(-3) range(-3, 127) : i32, f32 -> i8
  return %q : i8
}

// -----

// A NaN becomes the zero point. This one is even: 0x4B400064 is 1.5 * 2^23 + 100.

// CHECK-LABEL: func @vector
// CHECK: %[[V:.+]] = arith.mulf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK: %[[NAN:.+]] = arith.cmpf uno, %[[V]], %[[V]] : vector<16xf32>
// CHECK: arith.select %[[NAN]]
// CHECK: %[[MAGIC:.+]] = arith.constant dense<0x4B400064> : vector<16xf32>
// CHECK: %[[SUM:.+]] = arith.addf %{{.+}}, %[[MAGIC]]
// CHECK: %[[BITS:.+]] = arith.bitcast %[[SUM]]
// CHECK-NOT: arith.addi
// CHECK: arith.trunci %{{.+}} : vector<16xi32> to vector<16xi16>
func.func @vector(%acc: vector<16xf32>, %scale: vector<16xf32>) -> vector<16xi16> {
  %q = compress.requantize %acc, %scale zp(100) range(-32768, 32767)
     : vector<16xf32>, vector<16xf32> -> vector<16xi16>
  return %q : vector<16xi16>
}

// -----

func.func @tensor(%acc: tensor<4xi32>, %scale: tensor<4xf32>) -> tensor<4xi8> {
  // expected-error @+1 {{requires scalars or vectors; write the op in the body of a linalg.generic}}
  %q = compress.requantize %acc, %scale zp(0) range(-128, 127)
     : tensor<4xi32>, tensor<4xf32> -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// A code that is only stored with its highest bit flipped, as q + 128, has the
// zero point -128 + 128.

// CHECK-LABEL: func @flipped
// CHECK: %[[SUM:.+]] = arith.addf
// CHECK: %[[BITS:.+]] = arith.bitcast %[[SUM]]
// CHECK-NEXT: %[[Q:.+]] = arith.trunci %[[BITS]]
// CHECK-NEXT: return %[[Q]]
func.func @flipped(%acc: vector<16xi32>, %scale: vector<16xf32>) -> vector<16xi8> {
  %sign = arith.constant dense<-128> : vector<16xi8>
  %q = compress.requantize %acc, %scale zp(-128) range(-128, 127)
     : vector<16xi32>, vector<16xf32> -> vector<16xi8>
  %stored = arith.xori %q, %sign : vector<16xi8>
  return %stored : vector<16xi8>
}

// -----

// The real number of a code is the rounded one: the zero point of the code and
// that which is taken off meet, 7 - 4 are left. A sum of products of integers
// and finite scales is never NaN.

// CHECK-LABEL: func @real
// CHECK: %[[SUM:.+]] = arith.addf %{{.+}}, %[[MAGIC:.+]] :
// CHECK: %[[R:.+]] = arith.subf %[[SUM]], %[[MAGIC]]
// CHECK: %[[THREE:.+]] = arith.constant dense<3.000000e+00>
// CHECK: %[[REAL:.+]] = arith.addf %[[R]], %[[THREE]]
// CHECK: %[[P:.+]] = arith.mulf %[[REAL]]
// CHECK-NOT: arith.cmpf uno
// CHECK: return
func.func @real(%acc: vector<16xi32>, %scale: vector<16xf32>, %b: vector<16xi8>) -> vector<16xi8> {
  %four = arith.constant dense<4> : vector<16xi32>
  %one = arith.constant dense<1.0> : vector<16xf32>
  %s = arith.constant dense<0.7> : vector<16xf32>
  %q = compress.requantize %acc, %scale zp(7) range(-128, 127)
     : vector<16xi32>, vector<16xf32> -> vector<16xi8>
  %wide = arith.extsi %q : vector<16xi8> to vector<16xi32>
  %shifted = arith.subi %wide, %four : vector<16xi32>
  %real = arith.sitofp %shifted : vector<16xi32> to vector<16xf32>
  %p = arith.mulf %real, %s : vector<16xf32>
  %bw = arith.extui %b : vector<16xi8> to vector<16xi32>
  %br = arith.sitofp %bw : vector<16xi32> to vector<16xf32>
  %bp = arith.mulf %br, %s : vector<16xf32>
  %sum = arith.addf %p, %bp : vector<16xf32>
  %r = compress.requantize %sum, %one zp(0) range(-128, 127)
     : vector<16xf32>, vector<16xf32> -> vector<16xi8>
  return %r : vector<16xi8>
}

// -----

// Four registers of codes are packed; what remains to clamp is the upper end,
// which the conversion does not saturate. The lower end is clamped where it is
// not the type's, or where a negative zero point would wrap around.

// CHECK-LABEL: func @four
// CHECK-NOT: llvm.call_intrinsic
// PACK-LABEL: func @four
// PACK: %[[V:.+]] = arith.mulf
// PACK: arith.cmpf ogt, %[[V]]
// PACK: arith.cmpf olt
// PACK-COUNT-4: llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"
// PACK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// PACK: llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"
// PACK: vector.shuffle {{.*}}[0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
// PACK-LABEL: func @positive
// PACK: %[[V:.+]] = arith.mulf
// PACK-NOT: arith.cmpf ogt
// PACK: arith.cmpf olt, %[[V]]
// SSE-LABEL: func @four
// SSE-NOT: llvm.call_intrinsic
func.func @four(%acc: vector<64xi32>, %scale: vector<64xf32>) -> vector<64xi8> {
  %q = compress.requantize %acc, %scale zp(-3) range(-128, 127)
     : vector<64xi32>, vector<64xf32> -> vector<64xi8>
  return %q : vector<64xi8>
}
func.func @positive(%acc: vector<64xi32>, %scale: vector<64xf32>) -> vector<64xi8> {
  %q = compress.requantize %acc, %scale zp(3) range(-128, 127)
     : vector<64xi32>, vector<64xf32> -> vector<64xi8>
  return %q : vector<64xi8>
}

// -----

// Two registers of unsigned codes from the zero point 0 on.

// SSE-LABEL: func @two
// SSE: arith.cmpf ogt
// SSE: arith.cmpf olt
// SSE-COUNT-2: llvm.call_intrinsic "llvm.x86.sse2.cvtps2dq"
// SSE-NOT: arith.addi
// SSE: %[[W:.+]] = llvm.call_intrinsic "llvm.x86.sse2.packssdw.128"
// SSE: llvm.call_intrinsic "llvm.x86.sse2.packuswb.128"(%[[W]], %[[W]])
// SSE: vector.shuffle {{.*}}[0, 1]
// SSE-NOT: arith.xori
// SSE: return
// NEON-LABEL: func @two
// NEON-COUNT-2: llvm.call_intrinsic "llvm.aarch64.neon.fcvtns.v4i32.v4f32"
// NEON-COUNT-2: llvm.call_intrinsic "llvm.aarch64.neon.sqxtn.v4i16"
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.sqxtun.v8i8"
func.func @two(%acc: vector<8xi32>, %scale: vector<8xf32>) -> vector<8xi8> {
  %sign = arith.constant dense<-128> : vector<8xi8>
  %q = compress.requantize %acc, %scale zp(-128) range(-127, 127)
     : vector<8xi32>, vector<8xf32> -> vector<8xi8>
  %stored = arith.xori %q, %sign : vector<8xi8>
  return %stored : vector<8xi8>
}

// -----

// Each of two quantizations of reals tells NaN apart.

// CHECK-LABEL: func @twice
// CHECK: arith.cmpf uno
// CHECK: arith.cmpf uno
// CHECK: return
// PACK-LABEL: func @twice
// PACK: arith.cmpf uno
// PACK: arith.cmpf uno
func.func @twice(%a: vector<16xf32>, %b: vector<16xf32>, %s: vector<16xf32>) -> (vector<16xi8>, vector<16xi8>) {
  %q = compress.requantize %a, %s zp(4) range(-128, 127)
     : vector<16xf32>, vector<16xf32> -> vector<16xi8>
  %r = compress.requantize %b, %s zp(4) range(-128, 127)
     : vector<16xf32>, vector<16xf32> -> vector<16xi8>
  return %q, %r : vector<16xi8>, vector<16xi8>
}
