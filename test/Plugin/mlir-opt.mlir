// Stock mlir-opt gets the dialect and the passes from the plugin.

// With sanitizers the plugin needs a runtime that stock mlir-opt does not have.
// UNSUPPORTED: asan

// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(func.func(compress-raise-qdq,canonicalize))' \
// RUN:   | FileCheck %s
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT

// CHECK-LABEL: func.func @activation
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK-NOT:     quant.
// CHECK:         %[[Y:.+]] = compress.fake_quant %[[X]]
// CHECK:         return %[[Y]]
// WITHOUT: Dialect `compress' not found for custom op 'compress.observe'
func.func @activation(%x: tensor<4xf32>) -> tensor<4xf32> {
  %o = compress.observe %x {name = "x"} : tensor<4xf32>
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 5.0e-01>>
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 5.0e-01>> to tensor<4xf32>
  return %y : tensor<4xf32>
}
