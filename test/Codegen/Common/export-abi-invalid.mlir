// RUN: compress-opt %s --compress-export-abi=name=net --split-input-file --verify-diagnostics

// expected-error @below {{has no public function with a body}}
module {
}

// -----

module {
  func.func @first(%arena: memref<0xi8>) { return }
  // expected-error @below {{a model has one public function, but 'first' is public as well; make all others private}}
  func.func @second(%arena: memref<0xi8>) { return }
}

// -----

// expected-error @below {{is not in the code form}}
func.func @main(%x: memref<4xf32>, %arena: memref<0xi8>) {
  return
}

// -----

// expected-error @below {{the input 0 has elements of type 'f64', for which the C interface has no type}}
func.func @main(%x: memref<4xf64>, %y: memref<4xf32>, %arena: memref<0xi8>)
    attributes {compress.num_inputs = 1 : i64} {
  return
}

// -----

// expected-error @below {{the output 0 has 9 dimensions, the C interface takes at most 8}}
func.func @main(%y: memref<1x1x1x1x1x1x1x1x1xf32>, %arena: memref<0xi8>)
    attributes {compress.num_inputs = 0 : i64} {
  return
}

// -----

// expected-error @below {{the last argument must be the arena}}
func.func @main(%y: memref<4xf32>, %arena: memref<4xf32>)
    attributes {compress.num_inputs = 0 : i64} {
  return
}

// -----

// expected-error @below {{argument 0 must be a memref of static shape and identity layout}}
func.func @main(%y: memref<?xf32>, %arena: memref<4xi8>)
    attributes {compress.num_inputs = 0 : i64} {
  return
}

// -----

// expected-error @below {{has no body}}
func.func private @outside()
func.func @main(%y: memref<4xf32>, %arena: memref<4xi8>)
    attributes {compress.num_inputs = 0 : i64} {
  return
}
