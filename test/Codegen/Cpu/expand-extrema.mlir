// RUN: compress-opt %s --compress-expand-extrema | FileCheck %s
// RUN: compress-opt %s --compress-expand-extrema --convert-to-llvm \
// RUN:   --reconcile-unrealized-casts | mlir-translate --mlir-to-llvmir \
// RUN:   | llc -mtriple=x86_64 -mattr=+avx512f | FileCheck %s --check-prefix=X86

// One instruction on x86, which gives its last operand where one is no number.
// CHECK-LABEL: func @relu
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.0
// CHECK: %[[TAKES:.*]] = arith.cmpf ogt, %[[ZERO]], %[[X:.*]] : vector<16xf32>
// CHECK: arith.select %[[TAKES]], %[[ZERO]], %[[X]]
// X86-LABEL: relu:
// X86-NOT: vcmp
// X86: vmaxps
// X86-NEXT: retq
func.func @relu(%x: vector<16xf32>) -> vector<16xf32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %y = arith.maximumf %x, %zero : vector<16xf32>
  return %y : vector<16xf32>
}

// CHECK-LABEL: func @relu6
// CHECK: arith.cmpf ogt
// CHECK: arith.select
// CHECK: arith.cmpf olt
// CHECK: arith.select
// X86-LABEL: relu6:
// X86-NOT: vcmp
// X86: vmaxps
// X86: vminps
// X86-NEXT: retq
func.func @relu6(%x: vector<16xf32>) -> vector<16xf32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %six = arith.constant dense<6.0> : vector<16xf32>
  %y = arith.maximumf %x, %zero : vector<16xf32>
  %z = arith.minimumf %six, %y : vector<16xf32>
  return %z : vector<16xf32>
}

// Either may be NaN here: left to upstream's expansion.
// CHECK-LABEL: func @variables
// CHECK: arith.maximumf
// CHECK: arith.minimumf
func.func @variables(%x: f32, %y: f32) -> f32 {
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.maximumf %x, %y : f32
  %w = arith.minimumf %z, %nan : f32
  return %w : f32
}
