// RUN: compress-opt %s --compress-emulate-dot --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @vpdpbusd
// CHECK-SAME: (%[[ACC:.+]]: vector<16xi32>, %[[A:.+]]: vector<64xi8>, %[[B:.+]]: vector<64xi8>)
// CHECK: %[[X:.+]] = arith.extui %[[A]] : vector<64xi8> to vector<64xi32>
// CHECK: %[[W:.+]] = arith.extsi %[[B]] : vector<64xi8> to vector<64xi32>
// CHECK: %[[P:.+]] = arith.muli
// CHECK: %[[E0:.+]], %[[O0:.+]] = vector.deinterleave %[[P]]
// CHECK: %[[S0:.+]] = arith.addi %[[E0]], %[[O0]] : vector<32xi32>
// CHECK: %[[E1:.+]], %[[O1:.+]] = vector.deinterleave %[[S0]]
// CHECK: %[[S1:.+]] = arith.addi %[[E1]], %[[O1]] : vector<16xi32>
// CHECK: %[[R:.+]] = arith.addi %[[ACC]], %[[S1]] : vector<16xi32>
// CHECK: return %[[R]]
func.func @vpdpbusd(%acc: vector<16xi32>, %a: vector<64xi8>, %b: vector<64xi8>) -> vector<16xi32> {
  %r = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%acc, %a, %b) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
  return %r : vector<16xi32>
}

// -----

// Rows of the first operand by rows of the second: 0 by 0, 0 by 1, 1 by 0, 1 by 1.

// CHECK-LABEL: func @smmla
// CHECK-SAME: (%[[ACC:.+]]: vector<4xi32>, %[[A:.+]]: vector<16xi8>, %[[B:.+]]: vector<16xi8>)
// CHECK-DAG: %[[AR:.+]] = vector.shuffle %[[A]], %[[A]] [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
// CHECK-DAG: %[[BR:.+]] = vector.shuffle %[[B]], %[[B]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// CHECK: arith.muli %{{.+}}, %{{.+}} : vector<32xi32>
// CHECK-COUNT-3: vector.deinterleave
// CHECK: %[[R:.+]] = arith.addi %[[ACC]], %{{.+}} : vector<4xi32>
// CHECK: return %[[R]]
func.func @smmla(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %r = llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"(%acc, %a, %b) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
  return %r : vector<4xi32>
}

// -----

// CHECK-LABEL: func @pmaddwd
// CHECK: %[[P:.+]] = arith.muli %{{.+}}, %{{.+}} : vector<16xi32>
// CHECK: %[[EVEN:.+]], %[[ODD:.+]] = vector.deinterleave %[[P]] : vector<16xi32> -> vector<8xi32>
// CHECK: %[[R:.+]] = arith.addi %[[EVEN]], %[[ODD]] : vector<8xi32>
func.func @pmaddwd(%a: vector<16xi16>, %b: vector<16xi16>) -> vector<8xi32> {
  %r = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%a, %b) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
  return %r : vector<8xi32>
}

// -----

// Sums of two products, saturated; then sums of two of those.

// CHECK-LABEL: func @pmaddubsw
// CHECK: arith.extui %{{.+}} : vector<32xi8> to vector<32xi32>
// CHECK: arith.extsi %{{.+}} : vector<32xi8> to vector<32xi32>
// CHECK: arith.addi %{{.+}}, %{{.+}} : vector<16xi32>
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.trunci %{{.+}} : vector<16xi32> to vector<16xi16>
func.func @pmaddubsw(%a: vector<32xi8>, %b: vector<32xi8>) -> vector<16xi16> {
  %r = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%a, %b) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
  return %r : vector<16xi16>
}

// -----

// CHECK-LABEL: func @vdpbf16ps
// CHECK-COUNT-2: arith.extf %{{.+}} : vector<32xbf16> to vector<32xf32>
// CHECK: %[[P:.+]] = arith.mulf %{{.+}}, %{{.+}} : vector<32xf32>
// CHECK: %[[EVEN:.+]], %[[ODD:.+]] = vector.deinterleave %[[P]] : vector<32xf32> -> vector<16xf32>
// CHECK: %[[SUM:.+]] = arith.addf %[[EVEN]], %[[ODD]] : vector<16xf32>
// CHECK: arith.addf %{{.+}}, %[[SUM]] : vector<16xf32>
func.func @vdpbf16ps(%acc: vector<16xf32>, %a: vector<32xbf16>, %b: vector<32xbf16>) -> vector<16xf32> {
  %r = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%acc, %a, %b) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
  return %r : vector<16xf32>
}

// -----

// CHECK-LABEL: func @bfdot
// CHECK-COUNT-2: arith.extf %{{.+}} : vector<8xbf16> to vector<8xf32>
// CHECK: arith.addf %{{.+}}, %{{.+}} : vector<4xf32>
func.func @bfdot(%acc: vector<4xf32>, %a: vector<8xbf16>, %b: vector<8xbf16>) -> vector<4xf32> {
  %r = llvm.call_intrinsic "llvm.aarch64.neon.bfdot.v4f32.v8bf16"(%acc, %a, %b) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
  return %r : vector<4xf32>
}

// -----

// Both are signed.

// CHECK-LABEL: func @sdot
// CHECK-COUNT-2: arith.extsi %{{.+}} : vector<16xi8> to vector<16xi32>
// CHECK: arith.addi %{{.+}}, %{{.+}} : vector<4xi32>
func.func @sdot(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %r = llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%acc, %a, %b) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
  return %r : vector<4xi32>
}

// -----

// What is far from 0 saturates anyway.

// CHECK-LABEL: func @cvtps2dq
// CHECK: arith.minimumf
// CHECK: arith.maximumf
// CHECK: arith.fptosi
func.func @cvtps2dq(%a: vector<8xf32>) -> vector<8xi32> {
  %r = llvm.call_intrinsic "llvm.x86.avx.cvt.ps2dq.256"(%a) : (vector<8xf32>) -> vector<8xi32>
  return %r : vector<8xi32>
}

// -----

// CHECK-LABEL: func @packssdw
// CHECK: vector.shuffle {{.*}}[0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
// CHECK: arith.maxsi {{.*}} : vector<16xi32>
// CHECK: arith.minsi
// CHECK: arith.trunci {{.*}} : vector<16xi32> to vector<16xi16>
func.func @packssdw(%a: vector<8xi32>, %b: vector<8xi32>) -> vector<16xi16> {
  %r = llvm.call_intrinsic "llvm.x86.avx2.packssdw"(%a, %b) : (vector<8xi32>, vector<8xi32>) -> vector<16xi16>
  return %r : vector<16xi16>
}

// -----

// CHECK-LABEL: func @packuswb
// CHECK: %[[MOST:.+]] = arith.constant dense<255> : vector<16xi16>
// CHECK: arith.minsi %{{.+}}, %[[MOST]]
func.func @packuswb(%a: vector<8xi16>) -> vector<16xi8> {
  %r = llvm.call_intrinsic "llvm.x86.sse2.packuswb.128"(%a, %a) : (vector<8xi16>, vector<8xi16>) -> vector<16xi8>
  return %r : vector<16xi8>
}

// -----

func.func @other(%a: vector<8xf32>) -> vector<8xf32> {
  // expected-error @+1 {{requires vpdpbusd, vdpbf16ps, pmaddubsw, pmaddwd, cvtps2dq or a pack, or sdot, smmla, bfdot, fcvtns or sqxtn; no other instruction is emulated}}
  %r = llvm.call_intrinsic "llvm.x86.avx.rcp.ps.256"(%a) : (vector<8xf32>) -> vector<8xf32>
  return %r : vector<8xf32>
}
