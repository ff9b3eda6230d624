// Models that are odd, but can be read. Each function is one.

func.func @argument_as_result(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %x : tensor<2x3xf32>
}

func.func @constant_as_result() -> tensor<2xf32> {
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  return %c : tensor<2xf32>
}

func.func @unused_input(%x: tensor<2xf32>, %y: tensor<3xf32>) -> tensor<2xf32> {
  %e = tensor.empty() : tensor<2xf32>
  %0 = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @same_twice(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %e = tensor.empty() : tensor<2xf32>
  %0 = linalg.exp ins(%x : tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %0, %0 : tensor<2xf32>, tensor<2xf32>
}

func.func @swapped(%x: tensor<2xf32>, %y: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  return %y, %x : tensor<2xf32>, tensor<2xf32>
}

func.func @uninitialized() -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  return %e : tensor<4xf32>
}

func.func @no_results(%x: tensor<2xf32>) {
  return
}

func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %e = tensor.empty() : tensor<f32>
  %0 = linalg.exp ins(%x : tensor<f32>) outs(%e : tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

func.func @scalar_quantized(%x: tensor<f32>) -> tensor<f32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<f32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i8:f32, 0.25:3>} : tensor<f32>
  return %1 : tensor<f32>
}

func.func @plain_scalar(%x: f32) -> f32 {
  return %x : f32
}

func.func @memory(%x: memref<2xf32>) {
  return
}

func.func @empty(%x: tensor<0xf32>) -> tensor<0xf32> {
  return %x : tensor<0xf32>
}

func.func @empty_inside(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.extract_slice %x[0] [0] [1] : tensor<4xf32> to tensor<0xf32>
  %1 = tensor.concat dim(0) %0, %x : (tensor<0xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func @doubles(%x: tensor<2x2xf64>) -> tensor<2x2xf64> {
  %e = tensor.empty() : tensor<2x2xf64>
  %0 = linalg.matmul ins(%x, %x : tensor<2x2xf64>, tensor<2x2xf64>) outs(%e : tensor<2x2xf64>) -> tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

func.func @halves(%x: tensor<2x2xf16>) -> tensor<2x2xf16> {
  %e = tensor.empty() : tensor<2x2xf16>
  %0 = linalg.exp ins(%x : tensor<2x2xf16>) outs(%e : tensor<2x2xf16>) -> tensor<2x2xf16>
  return %0 : tensor<2x2xf16>
}

func.func @brain(%x: tensor<2x2xbf16>) -> tensor<2x2xbf16> {
  %e = tensor.empty() : tensor<2x2xbf16>
  %0 = linalg.add ins(%x, %x : tensor<2x2xbf16>, tensor<2x2xbf16>) outs(%e : tensor<2x2xbf16>) -> tensor<2x2xbf16>
  return %0 : tensor<2x2xbf16>
}

func.func @halves_inside(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %e = tensor.empty() : tensor<2x2xf16>
  %h = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x2xf32>) outs(%e : tensor<2x2xf16>) {
  ^bb0(%a: f32, %b: f16):
    %t = arith.truncf %a : f32 to f16
    linalg.yield %t : f16
  } -> tensor<2x2xf16>
  %f = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%h : tensor<2x2xf16>) outs(%f : tensor<2x2xf32>) {
  ^bb0(%a: f16, %b: f32):
    %t = arith.extf %a : f16 to f32
    linalg.yield %t : f32
  } -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

func.func @bools(%x: tensor<5xi1>) -> tensor<5xi1> {
  %e = tensor.empty() : tensor<5xi1>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<5xi1>) outs(%e : tensor<5xi1>) {
  ^bb0(%a: i1, %b: i1):
    %true = arith.constant true
    %t = arith.xori %a, %true : i1
    linalg.yield %t : i1
  } -> tensor<5xi1>
  return %0 : tensor<5xi1>
}

func.func @longs(%x: tensor<3xi64>) -> tensor<3xi64> {
  %e = tensor.empty() : tensor<3xi64>
  %0 = linalg.add ins(%x, %x : tensor<3xi64>, tensor<3xi64>) outs(%e : tensor<3xi64>) -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

func.func @nibbles(%x: tensor<3xi4>) -> tensor<3xi4> {
  return %x : tensor<3xi4>
}

func.func @indices(%x: tensor<3xindex>) -> tensor<3xindex> {
  return %x : tensor<3xindex>
}

func.func @complex(%x: tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>> {
  return %x : tensor<3xcomplex<f32>>
}

func.func @quantized_border(%x: tensor<3x!quant.uniform<i8:f32, 0.5>>) -> tensor<3x!quant.uniform<i8:f32, 0.5>> {
  return %x : tensor<3x!quant.uniform<i8:f32, 0.5>>
}

func.func @huge(%x: tensor<1000000x1000000xf32>) -> tensor<1000000x1000000xf32> {
  %e = tensor.empty() : tensor<1000000x1000000xf32>
  %0 = linalg.exp ins(%x : tensor<1000000x1000000xf32>) outs(%e : tensor<1000000x1000000xf32>) -> tensor<1000000x1000000xf32>
  return %0 : tensor<1000000x1000000xf32>
}

func.func @huge_splat(%x: tensor<1x65536xf32>) -> tensor<1x65536xf32> {
  %w = arith.constant dense<1.5> : tensor<65536x65536xf32>
  %e = arith.constant dense<0.0> : tensor<1x65536xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<1x65536xf32>, tensor<65536x65536xf32>) outs(%e : tensor<1x65536xf32>) -> tensor<1x65536xf32>
  return %0 : tensor<1x65536xf32>
}

func.func @overflowing(%x: tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32> {
  return %x : tensor<4294967296x4294967296xf32>
}

func.func @many_dimensions(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>) -> tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32> {
  %e = tensor.empty() : tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>
  %0 = linalg.exp ins(%x : tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>) outs(%e : tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>) -> tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>
  return %0 : tensor<1x1x1x1x1x1x1x1x1x1x1x2xf32>
}

func.func @not_finite(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[0x7FC00000, 1.0], [0x7F800000, 2.0], [-0.0, 1.0e-45], [0xFF800000, 3.4e38]]> : tensor<4x2xf32>
  %e = arith.constant dense<0.0> : tensor<1x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<1x4xf32>, tensor<4x2xf32>) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

func.func @not_finite_quantized(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<[[0x7FC00000, 1.0], [0x7F800000, 2.0], [-0.0, 1.0e-45], [0xFF800000, 3.4e38]]> : tensor<4x2xf32>
  %q = compress.fake_quant %w {type = !quant.uniform<i8:f32, 0.5>} : tensor<4x2xf32>
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x4xf32>
  %e = arith.constant dense<0x7FC00000> : tensor<1x2xf32>
  %0 = linalg.matmul ins(%y, %q : tensor<1x4xf32>, tensor<4x2xf32>) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i8:f32, 0.5>} : tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

func.func @zero_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.0>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @negative_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32, -1.0>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @tiny_scales(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<1> : tensor<4x2xi8>
  %s = quant.scast %w : tensor<4x2xi8> to tensor<4x2x!quant.uniform<i8:f32:1, {1.0e-38, 1.2e-38}>>
  %d = quant.dcast %s : tensor<4x2x!quant.uniform<i8:f32:1, {1.0e-38, 1.2e-38}>> to tensor<4x2xf32>
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 1.2e-38>} : tensor<1x4xf32>
  %e = arith.constant dense<0.0> : tensor<1x2xf32>
  %0 = linalg.matmul ins(%y, %d : tensor<1x4xf32>, tensor<4x2xf32>) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i8:f32, 3.0e38>} : tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

func.func @large_scales(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense<1> : tensor<4x2xi8>
  %s = quant.scast %w : tensor<4x2xi8> to tensor<4x2x!quant.uniform<i8:f32, 3.0e38>>
  %d = quant.dcast %s : tensor<4x2x!quant.uniform<i8:f32, 3.0e38>> to tensor<4x2xf32>
  %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 3.0e38>} : tensor<1x4xf32>
  %e = arith.constant dense<0.0> : tensor<1x2xf32>
  %0 = linalg.matmul ins(%y, %d : tensor<1x4xf32>, tensor<4x2xf32>) outs(%e : tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i8:f32, 1.2e-38>} : tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

func.func @axis_out_of_range(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32:7, {0.5, 0.5}>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @too_few_scales(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32:0, {0.5, 0.5}>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @zero_point_out_of_range(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5:4000>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @wide_codes(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i32:f32, 0.5>} : tensor<4xf32>
  %1 = compress.fake_quant %0 {type = !quant.uniform<i16:f32, 0.5>} : tensor<4xf32>
  %2 = compress.fake_quant %1 {type = !quant.uniform<u8:f32, 0.5:255>} : tensor<4xf32>
  %3 = compress.fake_quant %2 {type = !quant.uniform<i4:f32, 0.5>} : tensor<4xf32>
  return %3 : tensor<4xf32>
}

func.func @narrow_range(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = compress.fake_quant %x {type = !quant.uniform<i8<-1:1>:f32, 0.5>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @quantile(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5:1>>
  %1 = quant.dcast %0 : tensor<4x!quant.uniform<i8:f32, 0.5:1>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func @calibrated(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.calibrated<f32<-0.9:1.0>>>
  %1 = quant.dcast %0 : tensor<4x!quant.calibrated<f32<-0.9:1.0>>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func @any_quantized(%x: tensor<4x!quant.any<i8:f32>>) -> tensor<4xf32> {
  %1 = quant.dcast %x : tensor<4x!quant.any<i8:f32>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func @recursive(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = func.call @recursive(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @no_body(%x: tensor<2xf32>) -> tensor<2xf32>

func.func @blocks(%x: tensor<2xf32>) -> tensor<2xf32> {
  cf.br ^next
^next:
  return %x : tensor<2xf32>
}

func.func @loop(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %0 = scf.for %i = %c0 to %c9 step %c1 iter_args(%a = %x) -> tensor<2xf32> {
    %e = tensor.empty() : tensor<2xf32>
    %1 = linalg.exp ins(%a : tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
    scf.yield %1 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

func.func @other_dialects(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = shape.shape_of %x : tensor<2xf32> -> tensor<1xindex>
  %1 = gpu.thread_id x
  %2 = async.runtime.num_worker_threads : index
  return %x : tensor<2xf32>
}

func.func @effects(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %m = memref.alloc() : memref<2xf32>
  %v = tensor.extract %x[%c0] : tensor<2xf32>
  memref.store %v, %m[%c0] : memref<2xf32>
  vector.print %v : f32
  %0 = bufferization.to_tensor %m restrict : memref<2xf32> to tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @out_of_bounds(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c9 = arith.constant 9 : index
  %v = tensor.extract %x[%c9] : tensor<2xf32>
  %0 = tensor.splat %v : tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @divides_by_zero(%x: tensor<2xi32>) -> tensor<2xi32> {
  %z = arith.constant dense<0> : tensor<2xi32>
  %0 = arith.divsi %x, %z : tensor<2xi32>
  return %0 : tensor<2xi32>
}

func.func @open(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%d) : tensor<?x4xf32>
  %0 = linalg.exp ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

func.func @open_inside(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
}

func.func @no_rank(%x: tensor<*xf32>) -> tensor<*xf32> {
  return %x : tensor<*xf32>
}

func.func @open_result(%x: tensor<4xf32>, %n: tensor<i32>) -> tensor<?xf32> {
  %i = tensor.extract %n[] : tensor<i32>
  %d = arith.index_cast %i : i32 to index
  %0 = tensor.extract_slice %x[0] [%d] [1] : tensor<4xf32> to tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @layout(%x: tensor<4x4xf32, "any encoding">) -> tensor<4x4xf32, "any encoding"> {
  return %x : tensor<4x4xf32, "any encoding">
}

func.func @names(%x: tensor<2xf32> {compress.name = "a"}, %y: tensor<2xf32> {compress.name = "a"}) -> (tensor<2xf32> {compress.name = "a"}, tensor<2xf32> {compress.name = ""}) {
  %e = tensor.empty() : tensor<2xf32>
  %0 = linalg.add ins(%x, %y : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %0, %x : tensor<2xf32>, tensor<2xf32>
}

func.func @name_is_number(%x: tensor<2xf32> {compress.name = 7 : i32}) -> (tensor<2xf32> {compress.name = "\00\1B[31m\FF"}) {
  %e = tensor.empty() : tensor<2xf32>
  %0 = linalg.exp ins(%x : tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @type_is_number(%x: tensor<2xi8> {compress.type = 7 : i32}) -> (tensor<2xi8> {compress.type = !quant.uniform<i32:f32, 0.5>}) {
  return %x : tensor<2xi8>
}

func.func @foreign_attributes(%x: tensor<2xf32> {bufferization.writable = false}) -> tensor<2xf32> attributes {compress.num_inputs = 99 : i64, llvm.emit_c_interface} {
  %e = tensor.empty() : tensor<2xf32>
  %0 = linalg.exp {secret.secret, compress.convert} ins(%x : tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

func.func @"name with \22quotes\22 and \0A breaks"(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

func.func @missing_data(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense_resource<not_there> : tensor<2xf32>
  return %c : tensor<2xf32>
}

func.func @sparse(%x: tensor<2xf32>) -> tensor<3xf32> {
  %c = arith.constant sparse<[[0], [2]], [1.0, 2.0]> : tensor<3xf32>
  return %c : tensor<3xf32>
}

func.func @window_larger_than_image(%x: tensor<1x2x2x3xf32>) -> tensor<1x1x1x3xf32> {
  %p = tensor.empty() : tensor<2x2xf32>
  %i = arith.constant dense<0xFF800000> : tensor<1x1x1x3xf32>
  %0 = linalg.pooling_nhwc_max {strides = dense<100> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %p : tensor<1x2x2x3xf32>, tensor<2x2xf32>) outs(%i : tensor<1x1x1x3xf32>) -> tensor<1x1x1x3xf32>
  return %0 : tensor<1x1x1x3xf32>
}

func.func @reversed_map(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (-i + 3)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @captured(%x: tensor<4xf32>, %y: tensor<f32>) -> tensor<4xf32> {
  %v = tensor.extract %y[] : tensor<f32>
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %i = linalg.index 0 : index
    %w = tensor.extract %x[%i] : tensor<4xf32>
    %s = arith.addf %w, %v : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @sum_of_everything(%x: tensor<3x4xf32>) -> tensor<f32> {
  %z = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%x : tensor<3x4xf32>) outs(%z : tensor<f32>) dimensions = [0, 1]
  return %0 : tensor<f32>
}

func.func @tosa_oddities(%x: tensor<1x4x4x3xi8>) -> tensor<1x4x4x3xi8> {
  %m = "tosa.const"() {values = dense<[2147483647]> : tensor<1xi32>} : () -> tensor<1xi32>
  %s = "tosa.const"() {values = dense<[62]> : tensor<1xi8>} : () -> tensor<1xi8>
  %z = "tosa.const"() {values = dense<[-128]> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %m, %s, %z, %z {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = DOUBLE_ROUND, scale32 = true} : (tensor<1x4x4x3xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x3xi8>
  %1 = tosa.reverse %0 {axis = 3 : i32} : (tensor<1x4x4x3xi8>) -> tensor<1x4x4x3xi8>
  %2 = tosa.clamp %1 {max_val = 3 : i8, min_val = -3 : i8} : (tensor<1x4x4x3xi8>) -> tensor<1x4x4x3xi8>
  return %2 : tensor<1x4x4x3xi8>
}

func.func @tosa_table(%x: tensor<7xi8>) -> tensor<7xi8> {
  %t = "tosa.const"() {values = dense<1> : tensor<256xi8>} : () -> tensor<256xi8>
  %0 = tosa.table %x, %t : (tensor<7xi8>, tensor<256xi8>) -> tensor<7xi8>
  return %0 : tensor<7xi8>
}

func.func @tosa_floats(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = tosa.sigmoid %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = tosa.pow %0, %x : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = tosa.rsqrt %1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = tosa.erf %2 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
