// RUN: compress-opt %s --compress-outline-parallel --split-input-file --verify-diagnostics

func.func private @two_dimensions(%x: memref<4x8xi8>, %b: i8) {
  // expected-error @below {{requires one dimension that begins at 0 and steps by 1, and no results; normalize it first}}
  scf.forall (%i, %j) in (4, 8) {
    memref.store %b, %x[%i, %j] : memref<4x8xi8>
  }
  return
}

// -----

func.func private @steps(%x: memref<8xi8>, %b: i8) {
  // expected-error @below {{requires one dimension}}
  scf.forall (%i) = (0) to (8) step (2) {
    memref.store %b, %x[%i] : memref<8xi8>
  }
  return
}

// -----

func.func private @dynamic(%x: memref<?xi8>, %b: i8) {
  // expected-error @below {{captures a value of type 'memref<?xi8>'; a memref must have static shape, strides and offset}}
  scf.forall (%i) in (8) {
    memref.store %b, %x[%i] : memref<?xi8>
  }
  return
}
