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

// CHECK-LABEL: func @pmaddwd
// CHECK: %[[P:.+]] = arith.muli %{{.+}}, %{{.+}} : vector<16xi32>
// CHECK: %[[EVEN:.+]], %[[ODD:.+]] = vector.deinterleave %[[P]] : vector<16xi32> -> vector<8xi32>
// CHECK: %[[R:.+]] = arith.addi %[[EVEN]], %[[ODD]] : vector<8xi32>
func.func @pmaddwd(%a: vector<16xi16>, %b: vector<16xi16>) -> vector<8xi32> {
  %r = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%a, %b) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
  return %r : vector<8xi32>
}

// -----

func.func @other(%a: vector<8xf32>) -> vector<8xf32> {
  // expected-error @+1 {{requires vpdpbusd or pmaddwd; no other instruction is emulated}}
  %r = llvm.call_intrinsic "llvm.x86.avx.rcp.ps.256"(%a) : (vector<8xf32>) -> vector<8xf32>
  return %r : vector<8xf32>
}
