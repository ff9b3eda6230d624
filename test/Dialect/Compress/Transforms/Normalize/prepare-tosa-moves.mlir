// RUN: compress-opt %s --compress-prepare-tosa | FileCheck %s
// RUN: compress-opt %s --compress-normalize | FileCheck %s --check-prefix=FORM

// CHECK-LABEL: func @pad
// CHECK-SAME:    %[[X:.+]]: tensor<2x3xi8>
// CHECK:         %[[V:.+]] = arith.constant -7 : i8
// CHECK:         %[[Y:.+]] = tensor.pad %[[X]] low[1, 0] high[2, 4]
// CHECK:           tensor.yield %[[V]]
// CHECK:         return %[[Y]] : tensor<5x7xi8>
// FORM-LABEL: func @pad
// FORM:         tensor.pad %{{.+}} low[1, 0] high[2, 4]
func.func @pad(%x: tensor<2x3xi8>) -> tensor<5x7xi8> {
  %s = tosa.const_shape {values = dense<[1, 2, 0, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %z = "tosa.const"() <{values = dense<-7> : tensor<1xi8>}> : () -> tensor<1xi8>
  %y = tosa.pad %x, %s, %z : (tensor<2x3xi8>, !tosa.shape<4>, tensor<1xi8>) -> tensor<5x7xi8>
  return %y : tensor<5x7xi8>
}

// The value may be an input.

// CHECK-LABEL: func @pad_variable
// CHECK-SAME:    %[[Z:[^:]+]]: tensor<1xf32>)
// CHECK:         %[[V:.+]] = tensor.extract %[[Z]][%{{.+}}]
// CHECK:         tensor.pad %{{.+}} low[1] high[0]
// CHECK:           tensor.yield %[[V]]
func.func @pad_variable(%x: tensor<3xf32>, %z: tensor<1xf32>) -> tensor<4xf32> {
  %s = tosa.const_shape {values = dense<[1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.pad %x, %s, %z : (tensor<3xf32>, !tosa.shape<2>, tensor<1xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func @scatter
// CHECK-SAME:    %[[V:.+]]: tensor<1x4x2xi8>, %[[I:.+]]: tensor<1x3xi32>, %[[X:.+]]: tensor<1x3x2xi8>
// CHECK-DAG:     %[[NONE:.+]] = arith.constant -1 : i32
// CHECK:         %[[INIT:.+]] = linalg.fill ins(%[[NONE]] : i32)
// CHECK:         %[[W:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[I]] : tensor<1x3xi32>) outs(%[[INIT]] : tensor<1x4xi32>)
// CHECK:           arith.cmpi eq
// CHECK:         linalg.generic {{.*}} ins(%[[W]], %[[V]] :
// CHECK:           %[[E:.+]] = tensor.extract %[[X]]
// CHECK:           arith.select %{{.+}}, %{{.+}}, %[[E]] : i8
// FORM-LABEL: func @scatter
// FORM-NOT:     tosa
func.func @scatter(%v: tensor<1x4x2xi8>, %i: tensor<1x3xi32>, %x: tensor<1x3x2xi8>) -> tensor<1x4x2xi8> {
  %y = tosa.scatter %v, %i, %x : (tensor<1x4x2xi8>, tensor<1x3xi32>, tensor<1x3x2xi8>) -> tensor<1x4x2xi8>
  return %y : tensor<1x4x2xi8>
}
