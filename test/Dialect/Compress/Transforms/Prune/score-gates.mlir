// RUN: split-file %s %t
// RUN: compress-opt %t/gates.mlir --compress-score-gates=rate=0.5 | FileCheck %t/gates.mlir
// RUN: compress-opt %t/gates.mlir --compress-score-gates=rate=0 | FileCheck %t/gates.mlir --check-prefix=ALL
// RUN: compress-opt %t/gates.mlir --compress-score-gates | FileCheck %t/gates.mlir --check-prefix=DEFAULT
// RUN: compress-opt %t/none.mlir --compress-score-gates --remarks-filter=compress --remark-format=emitRemark 2>&1 \
// RUN:   | FileCheck %t/none.mlir
// RUN: not compress-opt %t/gates.mlir --compress-score-gates=rate=1 -o %t/nothing 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not compress-opt %t/gates.mlir --compress-score-gates=rate=-0.1 -o %t/nothing 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not compress-opt %t/gates.mlir --compress-score-gates=rate=nan -o %t/nothing 2>&1 | FileCheck %s --check-prefix=RATE
// RATE:    error: the rate is a number from 0 to below 1, not
// RUN: not compress-opt %t/integer.mlir --compress-score-gates -o %t/nothing 2>&1 | FileCheck %s --check-prefix=INTEGER
// INTEGER: error: {{.*}}the network is in its integer form, in which scores and gates are gone; prune before --int8-lower
// RUN: not ls %t/nothing

//--- gates.mlir

// The example of the description: 1 * 0.8 and 0.5 * -0.6.

// CHECK-LABEL:   func @example
// CHECK-SAME:      %[[X:.+]]: tensor<1x2xf32>
// CHECK-NEXT:      %[[Y:.+]] = compress.channel_mask %[[X]] {axis = 1 : i64, mask = array<i1: true, false>} : tensor<1x2xf32>
// CHECK-NEXT:      return %[[Y]]
// ALL-LABEL:     func @example
// ALL:             compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, true>}
// DEFAULT-LABEL: func @example
// DEFAULT:         compress.channel_mask %{{.+}} {axis = 1 : i64, mask = array<i1: true, true>}
func.func @example(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %y = compress.channel_gate %x {axis = 1, beta = array<f32: 0.9, 0.2>, gamma = array<f32: 1.0, -0.5>} : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Scores 0.5, 0.5, 1, 0 and -1: of equal ones the one with the lower number
// goes. int(0.5 * 5) is 2, int(0.35 * 5) is 1. Each gate for itself.

// CHECK-LABEL:   func @each_for_itself
// CHECK:           compress.channel_mask %{{.+}} {axis = 3 : i64, mask = array<i1: true, true, true, false, false>}
// CHECK-NEXT:      compress.channel_mask %{{.+}} {axis = 3 : i64, mask = array<i1: false, true, true, false, true>}
// DEFAULT-LABEL: func @each_for_itself
// DEFAULT:         compress.channel_mask %{{.+}} {axis = 3 : i64, mask = array<i1: true, true, true, true, false>}
// DEFAULT-NEXT:    compress.channel_mask %{{.+}} {axis = 3 : i64, mask = array<i1: true, true, true, false, true>}
func.func @each_for_itself(%x: tensor<1x2x2x5xf32>) -> tensor<1x2x2x5xf32> {
  %y = compress.channel_gate %x {axis = 3, beta = array<f32: 1.0, 0.75, 1.0, 0.5, 0.0>, gamma = array<f32: 0.5, -1.0, 1.0, 8.0, 1.0>} : tensor<1x2x2x5xf32>
  %z = compress.channel_gate %y {axis = 3, beta = array<f32: 1.0, 1.0, 1.0, 1.0, 1.0>, gamma = array<f32: 1.0, 1.0, -2.0, 0.0, 1.0>} : tensor<1x2x2x5xf32>
  return %z : tensor<1x2x2x5xf32>
}

//--- none.mlir

// CHECK:       remark: [Missed] ScoreGates {{.*}}the network has no channel gates: nothing is pruned; train them, or rank its channels by --compress-select-channels
// CHECK:       module {
// CHECK-NEXT:    func.func @none
// CHECK-NEXT:      return
func.func @none(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  return %x : tensor<1x2xf32>
}

//--- integer.mlir

func.func @integer(%x: i32, %s: f32) -> i8 {
  %y = compress.requantize %x, %s zp(0) range(-128, 127) : i32, f32 -> i8
  return %y : i8
}
