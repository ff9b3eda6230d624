// RUN: compress-opt %s --compress-widen-integers --split-input-file --verify-diagnostics | FileCheck %s

// The example of the description.

// CHECK-LABEL: func @extend
// CHECK-SAME:    %[[X:.+]]: tensor<4xi16>, %[[O:.+]]: tensor<4xi64>) -> tensor<4xi64>
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : tensor<4xi16>) outs(%[[O]] : tensor<4xi64>)
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: i16, %{{.+}}: i64):
// CHECK:           arith.extsi %[[IN]] : i16 to i64
// CHECK:         return %{{.+}} : tensor<4xi64>
#id = affine_map<(d0) -> (d0)>
func.func @extend(%x: tensor<4xi16>, %o: tensor<4xi48>) -> tensor<4xi48> {
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xi16>) outs(%o : tensor<4xi48>) {
  ^bb0(%in: i16, %out: i48):
    %e = arith.extsi %in : i16 to i48
    linalg.yield %e : i48
  } -> tensor<4xi48>
  return %y : tensor<4xi48>
}

// Constants keep their values, negative ones too.

// CHECK-LABEL: func @constants
// CHECK-DAG:     arith.constant dense<[1, -2, 140737488355327, -140737488355328]> : tensor<4xi64>
// CHECK-DAG:     arith.constant dense<-5> : tensor<3xi64>
// CHECK-DAG:     arith.constant -3 : i64
func.func @constants() -> (tensor<4xi48>, tensor<3xi48>, i48) {
  %a = arith.constant dense<[1, -2, 140737488355327, -140737488355328]> : tensor<4xi48>
  %b = arith.constant dense<-5> : tensor<3xi48>
  %c = arith.constant -3 : i48
  return %a, %b, %c : tensor<4xi48>, tensor<3xi48>, i48
}

// An i64 that loses bits still does; the way back has nothing left to do.

// CHECK-LABEL: func @round_trip
// CHECK-SAME:    %[[X:.+]]: i64
// CHECK:         %[[BY:.+]] = arith.constant 16 : i64
// CHECK:         %[[L:.+]] = arith.shli %[[X]], %[[BY]] : i64
// CHECK:         %[[R:.+]] = arith.shrsi %[[L]], %[[BY]] : i64
// CHECK-NEXT:    return %[[R]] : i64
func.func @round_trip(%x: i64) -> i64 {
  %n = arith.trunci %x : i64 to i48
  %w = arith.extsi %n : i48 to i64
  return %w : i64
}

// Callers and functions without a body change alike; other widths stay.

// CHECK-LABEL: func private @callee(tensor<2xi64>, i24) -> i64
// CHECK-LABEL: func @caller
// CHECK:         call @callee(%{{.+}}, %{{.+}}) : (tensor<2xi64>, i24) -> i64
func.func private @callee(tensor<2xi48>, i24) -> i48
func.func @caller(%x: tensor<2xi48>, %n: i24) -> i48 {
  %y = func.call @callee(%x, %n) : (tensor<2xi48>, i24) -> i48
  return %y : i48
}

// -----

// An unsigned number of 48 bits is another one in 64.

func.func @unsigned(%x: i48) -> i64 {
  // expected-error @+1 {{'arith.extui' op takes an i48 as unsigned; convert it to i64 before}}
  %y = arith.extui %x : i48 to i64
  return %y : i64
}

// -----

func.func @compare(%x: i48, %y: i48) -> i1 {
  // expected-error @+1 {{takes an i48 as unsigned}}
  %c = arith.cmpi ult, %x, %y : i48
  return %c : i1
}
