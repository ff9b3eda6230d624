// Ranges become scales; weights and biases become codes.
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-quantize-observed=ranges=%S/Inputs/ranges.json | FileCheck %s --implicit-check-not=compress.observe
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-quantize-observed="ranges=%S/Inputs/ranges.json keep-observers=true" | FileCheck %s --check-prefix=KEPT
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-quantize-observed=ranges=%S/Inputs/ranges.json --compress-check-qdq --int8-lower | FileCheck %s --check-prefix=INTEGER
// RUN: sed 's/"corrections": .*/"rounding": [{"name": "conv1", "steps": "aAab000B"}], &/' %S/Inputs/ranges.json > %t.json
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-quantize-observed=ranges=%t.json | FileCheck %s --check-prefix=STEPS
// RUN: compress-opt %S/Inputs/network.mlir --compress-place-observers --compress-probe-errors=ranges=%t.json | FileCheck %s --check-prefix=STEPS

// CHECK-DAG: !qchannel = !quant.uniform<i8<-127:127>:f32:3, {0.0078740157186985015,0.0039370078593492508,0.0078740157186985015,0.0019685039296746254}>
// CHECK-DAG: !qtensor = !quant.uniform<i8:f32, 0.0099999997764825821:-28>
// CHECK-DAG: !qtensor1 = !quant.uniform<i8:f32, 0.0099999997764825821:-128>
// CHECK-DAG: !qtensor2 = !quant.uniform<i8:f32, 0.019999999552965164:-128>
// CHECK-DAG: !qtensor3 = !quant.uniform<i8:f32, 1.000000e+00:-1>
// CHECK: %[[X:.*]] = compress.fake_quant %arg0 {type = !qtensor}
// CHECK: %[[CODES:.*]] = arith.constant dense<{{\[\[\[\[}}64, -64, 127, 64], [127, 127, -127, 127]]]]> : tensor<1x1x2x4xi8>
// CHECK: %[[STORED:.*]] = quant.scast %[[CODES]] : {{.*}} to tensor<1x1x2x4x!qchannel>
// CHECK: %[[W:.*]] = quant.dcast %[[STORED]]
// CHECK: arith.constant dense<[6350, 0, -6350, 50800]> : tensor<4xi32>
// CHECK: linalg.conv_2d_nhwc_hwcf ins(%[[X]], %[[W]]
// CHECK: compress.fake_quant %{{.*}} {type = !qtensor1}
// The correction is all the bias of conv2.
// CHECK: arith.constant dense<[25400, 0, 0, -25400]> : tensor<4xi32>
// CHECK: %[[S:.*]] = linalg.add
// CHECK: compress.fake_quant %[[S]] {type = !qtensor2}
// CHECK: compress.fake_quant %{{.*}} {type = !qtensor3}
// CHECK: %[[Y:.*]] = linalg.matmul
// CHECK: return %[[Y]]

// Steps from the nearest codes, which end at 127.
// STEPS: arith.constant dense<{{\[\[\[\[}}65, -65, 127, 66], [127, 127, -127, 125]]]]> : tensor<1x1x2x4xi8>

// KEPT: %[[X:.*]] = compress.fake_quant %arg0
// KEPT: %[[O:.*]] = compress.observe %[[X]] {name = "image"}
// KEPT: linalg.conv_2d_nhwc_hwcf ins(%[[O]],

// INTEGER: linalg.conv_2d_nhwc_hwcf {{.*}}ins(%{{.*}} : tensor<1x6x6x2xi8>, tensor<1x1x2x4xi8>)
// INTEGER: compress.requantize
// INTEGER: linalg.matmul {{.*}}ins(%{{.*}} : tensor<1x4xi8>, tensor<4x3xi8>)
