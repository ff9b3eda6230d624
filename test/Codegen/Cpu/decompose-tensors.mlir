// RUN: compress-opt %s --compress-decompose-tensors --split-input-file --verify-diagnostics | FileCheck %s

// The border is filled before the producer, so that it can write in place.

// CHECK-LABEL: func @pad
// CHECK: tensor.empty() : tensor<8xi8>
// CHECK: %[[ZP:.+]] = arith.constant -3 : i8
// CHECK: %[[E:.+]] = tensor.empty() : tensor<10xi8>
// CHECK: %[[LOW:.+]] = tensor.extract_slice %[[E]][0] [1] [1]
// CHECK: %[[F0:.+]] = linalg.fill ins(%[[ZP]] : i8) outs(%[[LOW]] : tensor<1xi8>)
// CHECK: %[[I0:.+]] = tensor.insert_slice %[[F0]] into %[[E]][0] [1] [1]
// CHECK: %[[HIGH:.+]] = tensor.extract_slice %[[I0]][9] [1] [1]
// CHECK: %[[F1:.+]] = linalg.fill ins(%[[ZP]] : i8) outs(%[[HIGH]] : tensor<1xi8>)
// CHECK: %[[I1:.+]] = tensor.insert_slice %[[F1]] into %[[I0]][9] [1] [1]
// CHECK: %[[X:.+]] = linalg.add
// CHECK: %[[Y:.+]] = tensor.insert_slice %[[X]] into %[[I1]][1] [8] [1]
// CHECK: return %[[Y]]
func.func @pad(%a: tensor<8xi8>, %b: tensor<8xi8>) -> tensor<10xi8> {
  %zp = arith.constant -3 : i8
  %e = tensor.empty() : tensor<8xi8>
  %x = linalg.add ins(%a, %b : tensor<8xi8>, tensor<8xi8>) outs(%e : tensor<8xi8>) -> tensor<8xi8>
  %y = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zp : i8
  } : tensor<8xi8> to tensor<10xi8>
  return %y : tensor<10xi8>
}

// -----

// What takes a part of the source reads it from within the border: then both are
// one buffer.

// CHECK-LABEL: func @cut
// CHECK: %[[X:.+]] = linalg.add
// CHECK: %[[P:.+]] = tensor.insert_slice %[[X]] into %{{.+}}[1] [8] [1]
// CHECK: %[[V:.+]] = tensor.extract_slice %[[P]][1] [8] [1]
// CHECK: tensor.extract_slice %[[V]][0] [4] [2]
func.func @cut(%a: tensor<8xi8>, %b: tensor<8xi8>) -> (tensor<10xi8>, tensor<4xi8>) {
  %zp = arith.constant -3 : i8
  %e = tensor.empty() : tensor<8xi8>
  %x = linalg.add ins(%a, %b : tensor<8xi8>, tensor<8xi8>) outs(%e : tensor<8xi8>) -> tensor<8xi8>
  %c = tensor.extract_slice %x[0] [4] [2] : tensor<8xi8> to tensor<4xi8>
  %y = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zp : i8
  } : tensor<8xi8> to tensor<10xi8>
  return %y, %c : tensor<10xi8>, tensor<4xi8>
}

// -----

// Amounts may be operands that are constants.

// CHECK-LABEL: func @pad_operands
// CHECK: tensor.insert_slice %{{.+}} into %{{.+}}[0] [2] [1]
// CHECK: tensor.insert_slice %{{.+}} into %{{.+}}[5] [1] [1]
// CHECK: tensor.insert_slice %{{.+}} into %{{.+}}[2] [3] [1]
func.func @pad_operands(%x: tensor<3xi8>) -> tensor<6xi8> {
  %zp = arith.constant -3 : i8
  %low = arith.constant 2 : index
  %high = arith.constant 1 : index
  %y = tensor.pad %x low[%low] high[%high] {
  ^bb0(%i: index):
    tensor.yield %zp : i8
  } : tensor<3xi8> to tensor<6xi8>
  return %y : tensor<6xi8>
}

// -----

// Sources are inserted in the order in which they are computed.

// CHECK-LABEL: func @concat
// CHECK-SAME: (%[[A:.+]]: tensor<2xf32>)
// CHECK: %[[E:.+]] = tensor.empty() : tensor<5xf32>
// CHECK: %[[I0:.+]] = tensor.insert_slice %{{.+}} into %[[E]]
// CHECK-NOT: tensor.concat
func.func @concat(%a: tensor<2xf32>) -> tensor<5xf32> {
  %x = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = tensor.concat dim(0) %x, %a : (tensor<3xf32>, tensor<2xf32>) -> tensor<5xf32>
  return %y : tensor<5xf32>
}

// -----

// CHECK-LABEL: func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: arith.maxnumf
// CHECK: math.exp
// CHECK: arith.divf
func.func @softmax(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %e = tensor.empty() : tensor<2x8xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<2x8xf32>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

// Other ops stay.

// CHECK-LABEL: func @nothing
// CHECK-NEXT: return
func.func @nothing(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// -----

func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  // expected-error @+1 {{requires a static shape; use --batch}}
  %y = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// Channels are looked up; those that come from nowhere are zero.

// CHECK-LABEL: func @scatter
// CHECK-SAME:    %[[X:.+]]: tensor<3x2xf32>
// CHECK:         %[[TABLE:.+]] = arith.constant dense<[0, -1, 1]> : tensor<3xi32>
// CHECK:         linalg.generic {{.*}}ins(%[[TABLE]] : tensor<3xi32>) outs(%{{.+}} : tensor<3x3xf32>)
// CHECK:           tensor.extract %[[X]][%{{.+}}, %{{.+}}] : tensor<3x2xf32>
// CHECK:           arith.constant 0.000000e+00 : f32
// CHECK:           arith.select
func.func @scatter(%x: tensor<3x2xf32>) -> tensor<3x3xf32> {
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 2>} : tensor<3x2xf32> -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}
