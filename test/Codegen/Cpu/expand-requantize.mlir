// RUN: compress-opt %s --compress-expand-requantize --split-input-file --verify-diagnostics | FileCheck %s

// 1.5 * 2^23 is 0x4B400000: the last bits of the sum are those of the rounded
// value. An odd zero point is added to them.

// CHECK-LABEL: func @scalar
// CHECK-SAME: (%[[ACC:.+]]: i32, %[[SCALE:.+]]: f32)
// CHECK-NOT: fastmath
// CHECK: %[[REAL:.+]] = arith.sitofp %[[ACC]] : i32 to f32
// CHECK: %[[V:.+]] = arith.mulf %[[REAL]], %[[SCALE]] : f32
// CHECK: %[[LO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[HI:.+]] = arith.constant 1.300000e+02 : f32
// CHECK: %[[ABOVE:.+]] = arith.cmpf ogt, %[[V]], %[[LO]] : f32
// CHECK: %[[A:.+]] = arith.select %[[ABOVE]], %[[V]], %[[LO]] : f32
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
