// RUN: compress-opt %s --compress-expand-math --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @tanh
// CHECK-NOT: math.tanh
// CHECK-NOT: math.fma
// CHECK: arith.mulf
// CHECK: arith.divf
func.func @tanh(%x: f32) -> f32 {
  %y = math.tanh %x : f32
  return %y : f32
}

// -----

// CHECK-LABEL: func @functions
// CHECK-NOT: math.{{exp|log|rsqrt|fma|floor|ceil|roundeven|erf}}
// CHECK: return
func.func @functions(%x: vector<8xf32>) -> vector<8xf32> {
  %a = math.exp %x : vector<8xf32>
  %b = math.log %a : vector<8xf32>
  %c = math.rsqrt %b : vector<8xf32>
  %d = math.floor %c : vector<8xf32>
  %e = math.ceil %d : vector<8xf32>
  %f = math.roundeven %e : vector<8xf32>
  %g = math.erf %f : vector<8xf32>
  return %g : vector<8xf32>
}

// -----

// What is an instruction everywhere stays.

// CHECK-LABEL: func @instructions
// CHECK-NEXT: math.sqrt
// CHECK-NEXT: math.absf
// CHECK-NEXT: return
func.func @instructions(%x: f32) -> f32 {
  %a = math.sqrt %x : f32
  %b = math.absf %a : f32
  return %b : f32
}

// -----

func.func @no_expansion(%x: f32, %y: f32) -> f32 {
  // expected-error @+1 {{requires a math function with an expansion to arithmetic; generated code calls no library}}
  %r = arith.remf %x, %y : f32
  return %r : f32
}

// -----

// A power of a small constant is a product; any other one looks at the sign of
// the base and the parity of the exponent.
// CHECK-LABEL: func @powers
// CHECK:         %[[SQUARE:.+]] = arith.mulf %[[X:.+]], %[[X]] : f32
// CHECK:         %[[CUBE:.+]] = arith.mulf %[[X]], %[[SQUARE]] : f32
// CHECK:         math.copysign
// CHECK:         arith.negf
// CHECK:         arith.select
// CHECK-NOT:     math.powf
func.func @powers(%x: f32, %y: f32) -> (f32, f32) {
  %three = arith.constant 3.0 : f32
  %a = math.powf %x, %three : f32
  %b = math.powf %x, %y : f32
  return %a, %b : f32, f32
}

// -----

// No conversion of a number that does not fit, not even where it is not used:
// it would have no value.
// CHECK-LABEL: func @defined
// CHECK:         %[[FITS:.+]] = arith.cmpf olt, %{{.+}}, %{{.+}} : f32
// CHECK:         %[[SAFE:.+]] = arith.select %[[FITS]], %{{.+}}, %{{.+}} : f32
// CHECK:         arith.fptosi %[[SAFE]]
func.func @defined(%x: f32) -> f32 {
  %y = math.floor %x : f32
  return %y : f32
}

// -----

// Three clamps, the rounding to a power of 2 by one addition, a polynomial.
// CHECK-LABEL: func @exponential
// CHECK-COUNT-3: arith.select
// CHECK-NOT:     arith.fptosi
// CHECK:         arith.bitcast
// CHECK-NEXT:    arith.shli
// CHECK-NEXT:    arith.bitcast
// CHECK-NEXT:    arith.mulf
// CHECK-NEXT:    return
func.func @exponential(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp %x : vector<8xf32>
  return %y : vector<8xf32>
}

// -----

// Rounded once, but for the sums that were there.
// CHECK-LABEL: func @plane
// CHECK-NOT:     llvm.intr.fma
// CHECK-LABEL: func @fused
// CHECK:         arith.mulf %arg0, %arg0
// CHECK-NEXT:    arith.addf
// CHECK-COUNT-9: llvm.intr.fma
// CHECK-NOT:     llvm.intr.fma
// CHECK:         return
module attributes {compress.fused_sums} {
  // Of more dimensions there is no such instruction.
  func.func @plane(%x: vector<2x4xf32>) -> vector<2x4xf32> {
    %y = math.exp %x : vector<2x4xf32>
    return %y : vector<2x4xf32>
  }
  func.func @fused(%x: f32) -> f32 {
    %a = arith.mulf %x, %x : f32
    %b = arith.addf %a, %x : f32
    %y = math.exp %b : f32
    return %y : f32
  }
}
