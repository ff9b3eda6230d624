// RUN: compress-opt %s --compress-lower-masks-to-tosa | FileCheck %s
// RUN: compress-opt %s --compress-lower-masks-to-tosa --compress-normalize -o /dev/null

// The example of the description. Zeros before a run are in its part, those at
// the end in the last.

// CHECK-LABEL: func @runs
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x2x3xf32>
// CHECK-DAG:     %[[SA:.+]] = tosa.const_shape {values = dense<0> : tensor<4xindex>}
// CHECK-DAG:     %[[SB:.+]] = tosa.const_shape {values = dense<[0, 0, 0, 2]> : tensor<4xindex>}
// CHECK-DAG:     %[[P:.+]] = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 1, 0]> : tensor<8xindex>}
// CHECK-DAG:     %[[A:.+]] = tosa.slice %[[X]], %[[SA]], %{{.+}} : (tensor<1x2x2x3xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x2x2x2xf32>
// CHECK-DAG:     %[[B:.+]] = tosa.slice %[[X]], %[[SB]], %{{.+}} -> tensor<1x2x2x1xf32>
// CHECK:         %[[C:.+]] = tosa.pad %[[B]], %[[P]], %{{.+}} -> tensor<1x2x2x2xf32>
// CHECK:         tosa.concat %[[A]], %[[C]] {axis = 3 : i32} : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x4xf32>
func.func @runs(%x: tensor<1x2x2x3xf32>) -> tensor<1x2x2x4xf32> {
  %s = compress.scatter_channels %x {axis = 3, indices = array<i64: 0, 1, 3>} : tensor<1x2x2x3xf32> -> tensor<1x2x2x4xf32>
  %y = tosa.abs %s : (tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %y : tensor<1x2x2x4xf32>
}

// CHECK-LABEL: func @one_run_and_mask
// CHECK:         %[[F:.+]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00{{.*}}0.000000e+00{{.*}}> : tensor<1x2x1x1xf32>}>
// CHECK:         %[[M:.+]] = tosa.mul %{{.+}}, %[[F]], %{{.+}} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>, tensor<1xi8>) -> tensor<1x2x4x4xf32>
// CHECK:         tosa.const_shape {values = dense<[0, 0, 1, 1, 0, 0, 0, 0]> : tensor<8xindex>}
// CHECK:         tosa.pad %[[M]], {{.*}} -> tensor<1x4x4x4xf32>
func.func @one_run_and_mask(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> {
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2x4x4xf32>
  %s = compress.scatter_channels %m {axis = 1, indices = array<i64: 1, 2>} : tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32>
  %y = tosa.abs %s : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %y : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func @open
// CHECK:         tosa.const_shape {values = dense<[-1, 2]> : tensor<2xindex>}
// CHECK:         tosa.slice %{{.+}} -> tensor<?x2xf32>
// CHECK:         tosa.concat {{.*}} -> tensor<?x5xf32>
func.func @open(%x: tensor<?x3xf32>) -> tensor<?x5xf32> {
  %s = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 1, 4>} : tensor<?x3xf32> -> tensor<?x5xf32>
  %y = tosa.abs %s : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}

// Many runs: channel 10 of the padded operand is zero.

// CHECK-LABEL: func @many_runs
// CHECK:         %[[P:.+]] = tosa.pad %{{.+}} -> tensor<2x11x3x4xf32>
// CHECK:         %[[T:.+]] = tosa.transpose %[[P]] {perms = array<i32: 1, 0, 2, 3>} : (tensor<2x11x3x4xf32>) -> tensor<11x2x3x4xf32>
// CHECK:         %[[R:.+]] = tosa.reshape %[[T]], {{.*}} -> tensor<1x11x24xf32>
// CHECK:         %[[I:.+]] = "tosa.const"() <{values = dense<{{\[\[}}0, 10, 1, 10, 2, 10, 3, 10, 4, 10, 5, 10, 6, 10, 7, 10, 8, 9]]> : tensor<1x18xi32>}>
// CHECK:         %[[G:.+]] = tosa.gather %[[R]], %[[I]] : (tensor<1x11x24xf32>, tensor<1x18xi32>) -> tensor<1x18x24xf32>
// CHECK:         %[[B:.+]] = tosa.reshape %[[G]], {{.*}} -> tensor<18x2x3x4xf32>
// CHECK:         tosa.transpose %[[B]] {perms = array<i32: 1, 0, 2, 3>} : (tensor<18x2x3x4xf32>) -> tensor<2x18x3x4xf32>
func.func @many_runs(%x: tensor<2x10x3x4xf32>) -> tensor<2x18x3x4xf32> {
  %s = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 2, 4, 6, 8, 10, 12, 14, 16, 17>} : tensor<2x10x3x4xf32> -> tensor<2x18x3x4xf32>
  %y = tosa.abs %s : (tensor<2x18x3x4xf32>) -> tensor<2x18x3x4xf32>
  return %y : tensor<2x18x3x4xf32>
}

// The last dimension, of an open batch.

// CHECK-LABEL: func @many_runs_last
// CHECK:         tosa.transpose %{{.+}} {perms = array<i32: 2, 0, 1>} : (tensor<?x2x11xf32>) -> tensor<11x?x2xf32>
// CHECK:         tosa.reshape {{.*}} -> tensor<1x11x?xf32>
// CHECK:         tosa.gather {{.*}} -> tensor<1x18x?xf32>
// CHECK:         tosa.reshape {{.*}} -> tensor<18x?x2xf32>
// CHECK:         tosa.transpose %{{.+}} {perms = array<i32: 1, 2, 0>} : (tensor<18x?x2xf32>) -> tensor<?x2x18xf32>
func.func @many_runs_last(%x: tensor<?x2x10xf32>) -> tensor<?x2x18xf32> {
  %s = compress.scatter_channels %x {axis = 2, indices = array<i64: 0, 2, 4, 6, 8, 10, 12, 14, 16, 17>} : tensor<?x2x10xf32> -> tensor<?x2x18xf32>
  %y = tosa.abs %s : (tensor<?x2x18xf32>) -> tensor<?x2x18xf32>
  return %y : tensor<?x2x18xf32>
}

// TOSA has no empty tensors.

// CHECK-LABEL: func @no_channels
// CHECK:         compress.scatter_channels
func.func @no_channels(%x: tensor<1x0xf32>) -> tensor<1x3xf32> {
  %s = compress.scatter_channels %x {axis = 1, indices = array<i64>} : tensor<1x0xf32> -> tensor<1x3xf32>
  %y = tosa.abs %s : (tensor<1x3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// CHECK-LABEL: func @integers
// CHECK-DAG:     %[[C:.+]] = "tosa.const"() <{values = dense<{{.*}}true{{.*}}false{{.*}}> : tensor<1x2x1xi1>}>
// CHECK-DAG:     %[[Z:.+]] = "tosa.const"() <{values = dense<0> : tensor<1x1x1xi8>}>
// CHECK:         tosa.select %[[C]], %{{.+}}, %[[Z]] : (tensor<1x2x1xi1>, tensor<1x2x3xi8>, tensor<1x1x1xi8>) -> tensor<1x2x3xi8>
func.func @integers(%x: tensor<1x2x3xi8>) -> tensor<1x2x3xi8> {
  %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2x3xi8>
  %y = tosa.clamp %m {min_val = -3 : i8, max_val = 100 : i8} : (tensor<1x2x3xi8>) -> tensor<1x2x3xi8>
  return %y : tensor<1x2x3xi8>
}

// What is quantized, or linalg, goes on with Compress.

// CHECK-LABEL: func @quantized
// CHECK-NEXT:    compress.scatter_channels
func.func @quantized(%x: tensor<1x1xf32>) -> tensor<1x3xf32> {
  %s = compress.scatter_channels %x {axis = 1, indices = array<i64: 1>} : tensor<1x1xf32> -> tensor<1x3xf32>
  %q = compress.fake_quant %s {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x3xf32>
  %y = tosa.abs %q : (tensor<1x3xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
