// RUN: compress-opt %s --compress-export-abi=name=net | FileCheck %s
// RUN: compress-opt %s '--compress-export-abi=name=net threads=4 target=znver3 producer=test' | FileCheck %s --check-prefix=THREADS
// RUN: not compress-opt %s --compress-export-abi=name=main 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not compress-opt %s '--compress-export-abi=name=net threads=0' 2>&1 | FileCheck %s --check-prefix=NONE

// NAME: cannot export a network named 'main'; the name must be a C identifier
// NONE: cannot export a network for 0 threads; give 1 or more

// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME:    attributes {llvm.linkage = #llvm.linkage<internal>}
func.func private @kernel(%x: memref<4xf32>, %y: memref<4xf32>, %b: index, %e: index) {
  return
}

// CHECK-LABEL: func.func private @net_network(
// CHECK-SAME:    %{{[a-z0-9_]+}}: memref<4xf32>, %{{[a-z0-9_]+}}: memref<4xf32>, %{{[a-z0-9_]+}}: memref<0xi8>)
// CHECK-SAME:    attributes {llvm.linkage = #llvm.linkage<internal>}
func.func @main(%in: memref<4xf32> {compress.name = "x"},
                %out: memref<4xf32> {other.note = "gone"}, %arena: memref<0xi8>)
    attributes {compress.num_inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  call @kernel(%in, %out, %c0, %c4) {compress.parallel} : (memref<4xf32>, memref<4xf32>, index, index) -> ()
  return
}

// CHECK: llvm.mlir.global internal constant @net_name("x\00")
// CHECK: llvm.mlir.global internal constant @net_dims(dense<4> : tensor<1xi64>)
// CHECK: llvm.mlir.global internal constant @net_inputs()
// CHECK: llvm.mlir.global internal constant @{{.+}}("output0\00")
// CHECK: llvm.mlir.global internal constant @net_target("generic\00")
// CHECK: llvm.mlir.global internal constant @net_model()
// CHECK: llvm.func @net_info() -> !llvm.ptr
// CHECK-LABEL: func.func @net_run(
// CHECK-SAME:    %{{[a-z0-9_]+}}: !llvm.ptr, %{{[a-z0-9_]+}}: !llvm.ptr, %{{[a-z0-9_]+}}: !llvm.ptr, %{{[a-z0-9_]+}}: i32) -> i32
// CHECK-NOT:     compress_begin_run
// CHECK:         call @net_network

// THREADS-DAG: llvm.mlir.global internal constant @net_target("znver3\00")
// THREADS-DAG: llvm.mlir.global internal constant @net_producer("test\00")
// THREADS-LABEL: func.func @net_run(
// THREADS:         llvm.call @compress_begin_run
// THREADS:         call @net_network
// THREADS:         llvm.call @compress_end_run
