// RUN: compressc %s --emit=model -q -o - | FileCheck %s
// RUN: compressc %s -q -o %t.so && compress-run info %t.so | FileCheck %s --check-prefix=INFO

// Arm's converters name inputs and outputs; a name of ours goes first.

// CHECK-LABEL: func.func @main
// CHECK-SAME:    (%{{.+}}: tensor<3xi8> {compress.name = "pixels"}, %{{.+}}: tensor<3xi8> {compress.name = "ours"})
// CHECK-SAME:    -> (tensor<3xi8> {compress.name = "sum"})
// INFO:      input:     pixels: i8[3]
// INFO-NEXT: input:     ours: i8[3]
// INFO-NEXT: output:    sum: i8[3]
func.func @main(%x: tensor<3xi8> {tosa.tensor_name = "pixels"},
                %y: tensor<3xi8> {tosa.tensor_name = "theirs", compress.name = "ours"})
    -> (tensor<3xi8> {tosa.tensor_name = "sum"}) {
  %z = tosa.maximum %x, %y : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  return %z : tensor<3xi8>
}
