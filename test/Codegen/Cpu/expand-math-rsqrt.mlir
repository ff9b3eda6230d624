// RUN: compress-opt %s --compress-expand-math | FileCheck %s

// Upstream approximates vectors of 8 by an instruction of one CPU.
// CHECK-LABEL: func.func @rsqrt
func.func @rsqrt(%x: vector<8xf32>, %y: vector<2x16xf32>, %z: f32) -> (vector<8xf32>, vector<2x16xf32>, f32) {
  // CHECK-NOT: rsqrt
  // CHECK-DAG: math.sqrt %{{.+}} : vector<8xf32>
  // CHECK-DAG: arith.divf %{{.+}} : vector<8xf32>
  // CHECK-DAG: math.sqrt %{{.+}} : vector<2x16xf32>
  // CHECK-DAG: math.sqrt %{{.+}} : f32
  %0 = math.rsqrt %x : vector<8xf32>
  %1 = math.rsqrt %y : vector<2x16xf32>
  %2 = math.rsqrt %z : f32
  return %0, %1, %2 : vector<8xf32>, vector<2x16xf32>, f32
}
