// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=FORM

// Twice the size, centers aligned. Outputs lie at -1/4, 1/4, 3/4, 5/4: the first
// one between inputs -1, which is 0, and 0, with 3/4 of the way gone.

// CHECK-LABEL: func @bilinear
// CHECK-SAME:    %[[X:.+]]: tensor<1x1x2x3xi8>
// CHECK-DAG:     %[[FIRST:.+]] = arith.constant dense<[0, 0, 0, 1]> : tensor<4xi32>
// CHECK-DAG:     %[[SECOND:.+]] = arith.constant dense<[0, 1, 1, 1]> : tensor<4xi32>
// CHECK-DAG:     %[[DISTANCE:.+]] = arith.constant dense<[3, 1, 3, 1]> : tensor<4xi32>
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %{{.+}}, %{{.+}}, %[[FIRST]], %[[SECOND]], %[[DISTANCE]] :
// CHECK-COUNT-4:   tensor.extract %[[X]]
// FORM-LABEL: func @bilinear
// FORM-NOT:     tosa
// FORM-NOT:     divsi
func.func @bilinear(%x: tensor<1x1x2x3xi8>) -> tensor<1x2x4x3xi32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[5, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR} : (tensor<1x1x2x3xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x2x4x3xi32>
  return %y : tensor<1x2x4x3xi32>
}

// FORM-LABEL: func @nearest
// CHECK-LABEL: func @nearest
// CHECK-DAG:     %[[ROWS:.+]] = arith.constant dense<0> : tensor<2xi32>
// CHECK-DAG:     %[[COLUMNS:.+]] = arith.constant dense<[0, 0, 1, 1]> : tensor<4xi32>
// CHECK:         linalg.generic {{.*}} ins(%[[ROWS]], %[[COLUMNS]] :
// CHECK-COUNT-1:   tensor.extract
// CHECK-NEXT:      linalg.yield %{{.+}} : i16
func.func @nearest(%x: tensor<1x1x2x3xi16>) -> tensor<1x2x4x3xi16> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[5, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = NEAREST_NEIGHBOR} : (tensor<1x1x2x3xi16>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x2x4x3xi16>
  return %y : tensor<1x2x4x3xi16>
}

// Floats are upstream's.

// CHECK-LABEL: func @float
// CHECK:         tosa.resize
func.func @float(%x: tensor<1x1x2x3xf32>) -> tensor<1x2x4x3xf32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[5, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR} : (tensor<1x1x2x3xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x2x4x3xf32>
  return %y : tensor<1x2x4x3xf32>
}
