// RUN: compress-opt %s --compress-plan-arena --split-input-file --verify-diagnostics | FileCheck %s

func.func private @kernel(memref<100xi8>, memref<100xi8>)
func.func private @small(memref<10xi8>, memref<100xi8>)

// %a and %c never live at the same time, seen through the view: they share
// bytes. %b lies behind them, aligned to 64 bytes.

// CHECK-LABEL: func @main
// CHECK-SAME: (%{{.+}}: memref<100xi8> {compress.name = "x"}, %{{.+}}: memref<100xi8>, %[[ARENA:.+]]: memref<228xi8> {compress.live_bytes = 200 : i64})
// CHECK: %[[O0:.+]] = arith.constant 0 : index
// CHECK: %[[A:.+]] = memref.view %[[ARENA]][%[[O0]]][] : memref<228xi8> to memref<100xi8>
// CHECK: %[[O1:.+]] = arith.constant 128 : index
// CHECK: %[[B:.+]] = memref.view %[[ARENA]][%[[O1]]][] : memref<228xi8> to memref<100xi8>
// CHECK: %[[O2:.+]] = arith.constant 0 : index
// CHECK: %[[C:.+]] = memref.view %[[ARENA]][%[[O2]]][] : memref<228xi8> to memref<100xi8>
func.func @main(%x: memref<100xi8> {compress.name = "x"}, %y: memref<100xi8>) {
  %a = memref.alloc() : memref<100xi8>
  %b = memref.alloc() : memref<100xi8>
  %c = memref.alloc() : memref<100xi8>
  call @kernel(%x, %a) : (memref<100xi8>, memref<100xi8>) -> ()
  %v = memref.subview %a[0] [10] [1] : memref<100xi8> to memref<10xi8, strided<[1]>>
  %w = memref.cast %v : memref<10xi8, strided<[1]>> to memref<10xi8>
  call @small(%w, %b) : (memref<10xi8>, memref<100xi8>) -> ()
  call @kernel(%b, %c) : (memref<100xi8>, memref<100xi8>) -> ()
  call @kernel(%c, %y) : (memref<100xi8>, memref<100xi8>) -> ()
  return
}

// -----

// No more than 256 bytes live at a time, and the arena has no more.

// CHECK-LABEL: func @orders
// CHECK-SAME: memref<256xi8> {compress.live_bytes = 256 : i64}
func.func @orders(%x: memref<64xi8>, %y: memref<128xi8>) {
  %a = memref.alloc() : memref<64xi8>
  memref.copy %x, %a : memref<64xi8> to memref<64xi8>
  %b = memref.alloc() : memref<128xi8>
  memref.copy %y, %b : memref<128xi8> to memref<128xi8>
  %c = memref.alloc() : memref<64xi8>
  memref.copy %a, %c : memref<64xi8> to memref<64xi8>
  memref.copy %b, %y : memref<128xi8> to memref<128xi8>
  memref.copy %c, %x : memref<64xi8> to memref<64xi8>
  return
}

// -----

// An arena of no bytes where nothing is allocated.

// CHECK-LABEL: func @main
// CHECK-SAME: (%{{.+}}: memref<4xi8>, %{{.+}}: memref<0xi8> {compress.live_bytes = 0 : i64})
// CHECK-NEXT: return
func.func @main(%x: memref<4xi8>) {
  return
}

// -----

// LLVM stores 24 bits in 4 bytes.

// CHECK-LABEL: func @main
// CHECK-SAME: (%[[ARENA:.+]]: memref<40xi8> {compress.live_bytes = 40 : i64})
func.func private @kernel(memref<10xi24>)
func.func @main() {
  %a = memref.alloc() : memref<10xi24>
  call @kernel(%a) : (memref<10xi24>) -> ()
  return
}

// -----

func.func @main(%n: index) {
  // expected-error @+1 {{requires an allocation of static shape and identity layout}}
  %a = memref.alloc(%n) : memref<?xi8>
  return
}

// -----

func.func private @kernel() {
  // expected-error @+1 {{requires allocations in the block of the public function only}}
  %a = memref.alloc() : memref<4xi8>
  return
}
func.func @main() {
  return
}
