// RUN: compress-opt %s --compress-spread-calls --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: llvm.func hidden @compress_parallel_for(!llvm.ptr, !llvm.ptr, i64) attributes {dso_local}

llvm.func internal @kernel_share(%x: !llvm.ptr, %s: f32, %begin: i64, %end: i64) {
  llvm.return
}

// CHECK-LABEL: llvm.func internal @kernel_share_call(
// CHECK-SAME:    %[[CONTEXT:.+]]: !llvm.ptr, %[[BEGIN:.+]]: i64, %[[END:.+]]: i64)
// CHECK:         %[[X:.+]] = llvm.load %{{[a-z0-9_]+}} : !llvm.ptr -> !llvm.ptr
// CHECK:         %[[S:.+]] = llvm.load %{{[a-z0-9_]+}} : !llvm.ptr -> f32
// CHECK:         llvm.call @kernel_share(%[[X]], %[[S]], %[[BEGIN]], %[[END]])
// CHECK-LABEL: llvm.func internal @kernel(
// CHECK-SAME:    %[[X:.+]]: !llvm.ptr, %[[S:.+]]: f32)
// CHECK:         %[[CONTEXT:.+]] = llvm.alloca %{{[a-z0-9_]+}} x !llvm.struct<(ptr, f32)>
// CHECK:         %[[N:.+]] = llvm.mlir.constant(64 : i64)
// CHECK:         llvm.store %[[X]], %{{[a-z0-9_]+}} : !llvm.ptr, !llvm.ptr
// CHECK:         llvm.store %[[S]], %{{[a-z0-9_]+}} : f32, !llvm.ptr
// CHECK:         %[[FN:.+]] = llvm.mlir.addressof @kernel_share_call
// CHECK:         llvm.call @compress_parallel_for(%[[FN]], %[[CONTEXT]], %[[N]])
llvm.func internal @kernel(%x: !llvm.ptr, %s: f32) {
  %c0 = llvm.mlir.constant(0 : i64) : i64
  %c64 = llvm.mlir.constant(64 : i64) : i64
  llvm.call @kernel_share(%x, %s, %c0, %c64) {compress.parallel} : (!llvm.ptr, f32, i64, i64) -> ()
  llvm.return
}

// -----

// Other calls stay.

llvm.func @other(%x: !llvm.ptr)
// CHECK-LABEL: llvm.func @calls(
// CHECK-NEXT:    llvm.call @other
llvm.func @calls(%x: !llvm.ptr) {
  llvm.call @other(%x) : (!llvm.ptr) -> ()
  llvm.return
}

// -----

llvm.func @share(%begin: i64, %end: i64)
llvm.func @from_one() {
  %c1 = llvm.mlir.constant(1 : i64) : i64
  %c64 = llvm.mlir.constant(64 : i64) : i64
  // expected-error @below {{marked 'compress.parallel' requires a direct call without results whose last arguments are 0 and an i64 count}}
  llvm.call @share(%c1, %c64) {compress.parallel} : (i64, i64) -> ()
  llvm.return
}
