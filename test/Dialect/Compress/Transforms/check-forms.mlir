// RUN: split-file %s %t
// RUN: compress-opt %t/model.mlir --compress-check-model --compress-check-pruned | FileCheck %t/model.mlir
// RUN: compress-opt %t/not-model.mlir --compress-check-model --split-input-file --verify-diagnostics
// RUN: compress-opt %t/not-pruned.mlir --compress-check-pruned --split-input-file --verify-diagnostics
// RUN: compress-opt %t/qdq.mlir --compress-check-qdq | FileCheck %t/qdq.mlir
// RUN: compress-opt %t/not-qdq.mlir --compress-check-qdq --split-input-file --verify-diagnostics
// RUN: compress-opt %t/integer.mlir --compress-check-integer | FileCheck %t/integer.mlir
// RUN: compress-opt %t/not-integer.mlir --compress-check-integer --split-input-file --verify-diagnostics
// RUN: compress-opt %t/code.mlir --compress-check-code | FileCheck %t/code.mlir
// RUN: compress-opt %t/not-code.mlir --compress-check-code --split-input-file --verify-diagnostics

//--- model.mlir

// The pass changes nothing.

// CHECK-LABEL: func @main
// CHECK:         tosa.clamp
// CHECK:         math.exp
// CHECK:         compress.fake_quant
// CHECK:         compress.observe
// CHECK:         tensor.extract_slice
func.func @main(%x: tensor<?x4xf32>) -> tensor<1x4xf32> {
  %e = tensor.empty() : tensor<1x4xf32>
  %0 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = math.exp %0 : tensor<?x4xf32>
  %2 = compress.fake_quant %1 {type = !quant.uniform<i8:f32, 0.5>} : tensor<?x4xf32>
  %3 = compress.observe %2 {name = "a"} : tensor<?x4xf32>
  %4 = tensor.extract_slice %3[0, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<1x4xf32>
  return %4 : tensor<1x4xf32>
}

// An int8 model of TOSA.

// CHECK-LABEL: func @int8
func.func @int8(%x: tensor<4xi8>) -> tensor<4xi8> {
  %0 = tosa.clamp %x {min_val = 0 : i8, max_val = 6 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

//--- not-model.mlir

// expected-error @+1 {{'func.func' op breaks the contract of the model form, which holds no memref; start from the model before bufferization}}
func.func @memref(%x: memref<4xf32>) {
  return
}

// -----

func.func @loop(%n: index, %x: tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{'scf.for' op breaks the contract of the model form, which holds no loop or branch; import the model as tensor ops}}
  scf.for %i = %c0 to %n step %c1 {
  }
  return
}

// -----

func.func @qcast(%x: tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5>> {
  // expected-error @+1 {{'quant.qcast' op breaks the contract of the model form, which holds no quant.qcast; run --compress-raise-qdq first}}
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<4x!quant.uniform<i8:f32, 0.5>>
}

// -----

func.func @requantize(%x: tensor<4xi32>, %s: tensor<4xf32>) -> tensor<4xi8> {
  // expected-error @+1 {{'compress.requantize' op breaks the contract of the model form, which holds of compress only annotations}}
  %0 = compress.requantize %x, %s zp(0) range(-128, 127) : tensor<4xi32>, tensor<4xf32> -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

func.func @vector(%x: vector<4xf32>) -> vector<4xf32> {
  // expected-error @+1 {{'vector.shuffle' op breaks the contract of the model form, which holds tosa, linalg, arith, math, tensor, quant and compress; import the model as one of them}}
  %0 = vector.shuffle %x, %x [0, 1, 2, 3] : vector<4xf32>, vector<4xf32>
  return %0 : vector<4xf32>
}

// -----

// expected-error @+1 {{'func.func' op breaks the contract of the model form, which holds f32 and integer tensors; export the model in f32}}
func.func @half(%x: tensor<4xf16>) -> tensor<4xf16> {
  return %x : tensor<4xf16>
}

//--- not-pruned.mlir

func.func @qcast(%x: tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5>> {
  // expected-error @+1 {{'quant.qcast' op breaks the contract of the pruned form, which holds no quant.qcast; run --compress-raise-qdq first}}
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<4x!quant.uniform<i8:f32, 0.5>>
}

//--- qdq.mlir

// CHECK-LABEL: func @main
// CHECK:         quant.dcast
// CHECK:         linalg.matmul
func.func @main(%x: tensor<1x2xf32>, %b: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %0 = quant.scast %w : tensor<2x2xi8> to tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %1 = quant.dcast %0 : tensor<2x2x!quant.uniform<i8:f32, 0.5>> to tensor<2x2xf32>
  %2 = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x2xf32>
  %3 = linalg.matmul ins(%2, %1 : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}

// CHECK-LABEL: func @scatter
// CHECK:         compress.scatter_channels
func.func @scatter(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 1, 3>} : tensor<1x2xf32> -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

//--- not-qdq.mlir

func.func @tosa(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'tosa.clamp' op breaks the contract of the qdq form, which holds no tosa; run --compress-normalize first}}
  %0 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @variable_codes(%x: tensor<4xi8>) -> tensor<4xf32> {
  %0 = quant.scast %x : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  // expected-error @+1 {{'quant.dcast' op breaks the contract of the qdq form, which dequantizes only a quant.scast of an integer constant; quantize activations by compress.fake_quant}}
  %1 = quant.dcast %0 : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// expected-error @+1 {{'func.func' op breaks the contract of the qdq form, which holds tensors of static shape; fix the batch with --batch}}
func.func @dynamic(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// -----

func.func @integer(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>, %b: tensor<1x2xi32>) -> tensor<1x2xi32> {
  // expected-error @+1 {{'linalg.matmul' op breaks the contract of the qdq form, which computes on f32 tensors; write integer ops as f32 ops between compress.fake_quant}}
  %0 = linalg.matmul ins(%x, %w : tensor<1x2xi8>, tensor<2x2xi8>) outs(%b : tensor<1x2xi32>) -> tensor<1x2xi32>
  return %0 : tensor<1x2xi32>
}

//--- integer.mlir

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: func @main
// CHECK:         compress.requantize
// CHECK:         tosa.apply_scale
// CHECK:         compress.convert
// CHECK:         compress.float
func.func @main(%x: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xf32>) {
  %s = arith.constant dense<[0.5, 0.25, 0.125, 1.0]> : tensor<4xf32>
  %m = arith.constant 1073741824 : i32
  %sh = arith.constant 30 : i8
  %e = tensor.empty() : tensor<4xi8>
  %ei = tensor.empty() : tensor<4xi32>
  %ef = tensor.empty() : tensor<4xf32>
  %q = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%x, %s : tensor<4xi32>, tensor<4xf32>) outs(%e : tensor<4xi8>) {
  ^bb0(%a: i32, %f: f32, %o: i8):
    %0 = compress.requantize %a, %f zp(0) range(-128, 127) : i32, f32 -> i8
    linalg.yield %0 : i8
  } -> tensor<4xi8>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%q : tensor<4xi8>) outs(%ei : tensor<4xi32>) {
  ^bb0(%a: i8, %o: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = tosa.apply_scale %0, %m, %sh {rounding_mode = SINGLE_ROUND} : (i32, i32, i8) -> i32
    linalg.yield %1 : i32
  } -> tensor<4xi32>
  %d = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%q : tensor<4xi8>) outs(%ef : tensor<4xf32>) attrs = {compress.convert} {
  ^bb0(%a: i8, %o: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%d : tensor<4xf32>) outs(%ef : tensor<4xf32>) attrs = {compress.float = "it has no integer form"} {
  ^bb0(%a: f32, %o: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  return %r, %g : tensor<4xi32>, tensor<4xf32>
}

//--- not-integer.mlir

func.func @quantized() {
  %w = arith.constant dense<[1, 2]> : tensor<2xi8>
  // expected-error @+1 {{'quant.scast' op breaks the contract of the integer form, which holds no quantized types; run --int8-lower first}}
  %0 = quant.scast %w : tensor<2xi8> to tensor<2x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @fake_quant(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'compress.fake_quant' op breaks the contract of the integer form, which holds no compress.fake_quant; run --int8-lower first}}
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @tosa(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error @+1 {{'tosa.clamp' op breaks the contract of the integer form, which holds no tosa but tosa.apply_scale; run --compress-normalize first}}
  %0 = tosa.clamp %x {min_val = 0 : i8, max_val = 6 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

// expected-error @+1 {{'func.func' op breaks the contract of the integer form, which holds tensors of static shape; fix the batch with --batch}}
func.func @dynamic(%x: tensor<?xi8>) -> tensor<?xi8> {
  return %x : tensor<?xi8>
}

// -----

func.func @float(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>, %b: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // expected-error @+1 {{'linalg.matmul' op breaks the contract of the integer form, which computes on f32 tensors only where compress.float gives the reason or compress.convert marks a conversion}}
  %0 = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%b : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// expected-error @+1 {{'func.func' op breaks the contract of the integer form, which holds no memref}}
func.func @memref(%x: memref<4xi8>) {
  return
}

//--- code.mlir

memref.global "private" constant @w : memref<4xi8> = dense<[1, 2, 3, 4]>

// CHECK-LABEL: func @main
// CHECK:         memref.view
// CHECK:         memref.alloca
func.func @main(%x: memref<4xi8>, %y: memref<4xi8>, %arena: memref<64xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %w = memref.get_global @w : memref<4xi8>
  %t = memref.view %arena[%c0][] : memref<64xi8> to memref<4xi32>
  %s = memref.alloca() : memref<1xi32>
  scf.for %i = %c0 to %c4 step %c1 {
    %v = memref.subview %w[%i] [1] [1] : memref<4xi8> to memref<1xi8, strided<[1], offset: ?>>
    %a = memref.load %v[%c0] : memref<1xi8, strided<[1], offset: ?>>
    memref.store %a, %y[%i] : memref<4xi8>
  }
  return
}

//--- not-code.mlir

// expected-error @+1 {{'func.func' op breaks the contract of the code form, which holds no tensors; bufferize first}}
func.func @tensor(%x: tensor<4xi8>) {
  return
}

// -----

func.func @linalg(%x: memref<4xi8>, %y: memref<4xi8>) {
  // expected-error @+1 {{'linalg.copy' op breaks the contract of the code form, which holds loops, vectors and scalars only; lower the op to loops first}}
  linalg.copy ins(%x : memref<4xi8>) outs(%y : memref<4xi8>)
  return
}

// -----

func.func @requantize(%x: vector<4xi32>, %s: vector<4xf32>) -> vector<4xi8> {
  // expected-error @+1 {{'compress.requantize' op breaks the contract of the code form, which holds loops, vectors and scalars only}}
  %0 = compress.requantize %x, %s zp(0) range(-128, 127) : vector<4xi32>, vector<4xf32> -> vector<4xi8>
  return %0 : vector<4xi8>
}

// -----

// expected-error @+1 {{'func.func' op breaks the contract of the code form, which holds memrefs of static shape; fix the batch with --batch}}
func.func @dynamic(%x: memref<?xi8>) {
  return
}

// -----

func.func @alloc() {
  // expected-error @+1 {{'memref.alloc' op breaks the contract of the code form, which allocates nothing; place the buffer in the arena}}
  %0 = memref.alloc() : memref<4xi8>
  return
}

// -----

func.func @dealloc(%x: memref<4xi8>) {
  // expected-error @+1 {{'memref.dealloc' op breaks the contract of the code form, which allocates nothing}}
  memref.dealloc %x : memref<4xi8>
  return
}
