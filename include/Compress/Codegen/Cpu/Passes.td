//===- Passes.td - code generation for CPUs ----------------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_PASSES_TD
#define COMPRESS_CODEGEN_CPU_PASSES_TD

include "Compress/Codegen/Cpu/ExpandPasses.td"
include "Compress/Codegen/Cpu/TensorPasses.td"
include "mlir/Pass/PassBase.td"

def BufferInterfacePass : Pass<"compress-buffer-interface", "::mlir::ModuleOp"> {
  let summary = "Gives the public function memrefs for its inputs and outputs";
  let description = [{
    The one public function takes tensors and returns tensors. Afterwards it
    takes memrefs only, inputs first, then one for every result, which it
    writes; `compress.num_inputs` says where the outputs begin. Attributes of
    the results move to the output arguments. Inputs are never written.

    Dynamic shapes are rejected.

    Example (`test/Codegen/Cpu/buffer-interface.mlir`):

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32>
    // becomes
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>)
        attributes {compress.num_inputs = 1 : i64}
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
  let statistics = [Statistic<"numBuffers", "buffers", "arguments made memrefs">];
}

//===----------------------------------------------------------------------===//
// On memrefs
//===----------------------------------------------------------------------===//

def StoreUnsignedPass : Pass<"compress-store-unsigned", "::mlir::ModuleOp"> {
  let summary = "Stores 8-bit codes as q + 128 where dot products take unsigned inputs";
  let description = [{
    `vpdpbusd` multiplies unsigned inputs with signed weights. A buffer of the
    public function that such a product reads holds q + 128 from here on, which
    is q with the highest bit flipped: what writes it flips each element once,
    instead of every product each input again. Its other readers flip elements
    back; in i32 `extui(x) - 128` meets their zero point, and maximum and minimum
    become the unsigned ones. Values do not change.

    Stays as it is: a buffer that anything but linalg ops, copies, views and
    loads in their bodies touches, the inputs and outputs of the network, and
    everything where `features` name no such instruction.

    An op with a name becomes a `linalg.generic` that remembers the name
    (`compress.kernel_name`).

    Example (`test/Codegen/Cpu/store-unsigned.mlir`):

    ```mlir
    linalg.generic ... outs(%x : memref<6x64xi8>) { ... linalg.yield %code }
    linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y)
    // becomes, with features=+avx512vnni
    linalg.generic ... outs(%x) { ... %u = arith.xori %code, %c-128
                                  linalg.yield %u }
    linalg.generic ins(%x, %w) outs(%y) { ^bb0(%in: i8, %weight: i8, %acc: i32):
      %u = arith.extui %in : i8 to i32
      %q = arith.addi %u, %c-128 ... }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512vnni, avxvnni">];
  let statistics = [
    Statistic<"numFlipped", "flipped", "buffers that hold q + 128">];
}

def FormKernelsPass : Pass<"compress-form-kernels", "::mlir::ModuleOp"> {
  let summary = "Moves every computation of the public function into a kernel";
  let description = [{
    Each linalg op or copy becomes the body of a private function of its own,
    whose arguments have exactly the static strides of the buffers it is called
    with. With `fuse`, a sum is taken together with the op that initializes its
    accumulators and the elementwise op that alone reads them, and the
    accumulators stay inside the kernel. Constants move into the kernel; the
    public function keeps allocations, views and calls.

    Any other op is rejected.

    Example (`test/Codegen/Cpu/form-kernels.mlir`):

    ```mlir
    linalg.fill ins(%zero : i32) outs(%y : memref<4x8xi32>)
    linalg.matmul ins(%a, %b : ...) outs(%y : memref<4x8xi32>)
    // becomes
    call @kernel_0_matmul(%a, %b, %y)
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let options = [
    Option<"fuse", "fuse", "bool", "true",
           "take sums together with their initialization and epilogue">];
  let statistics = [
    Statistic<"numKernels", "kernels", "kernels formed">,
    Statistic<"numFused", "fused", "ops fused into a sum's kernel">];
}

def ProfileKernelsPass : Pass<"compress-profile-kernels", "::mlir::ModuleOp"> {
  let summary = "Counts the time of each kernel";
  let description = [{
    The public function reads the time stamp counter of the CPU around every call
    of a kernel and adds the difference to a global array, `profile_ticks`. The
    module says in `compress.profile` what each element is of: the kernel, the
    place in the model, and, as far as linalg ops still tell, the
    multiply-accumulates with the type of their elements and the bytes of all
    operands. `--compress-export-abi` exports both as NAME_profile.

    Not for several runs at a time: the array is not guarded.

    Example (`test/Codegen/Cpu/profile-kernels.mlir`):

    ```mlir
    call @kernel_0_matmul(%a, %b, %y)
    // becomes
    %before = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
    call @kernel_0_matmul(%a, %b, %y)
    %after = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
    %ticks = arith.subi %after, %before : i64
    ... // added to the first element
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: sse2 for the counter of x86">];
  let statistics = [
    Statistic<"numProfiled", "profiled", "kernels whose time is counted">];
}

def LowerWeightedKernelsPass : Pass<"compress-lower-weighted-kernels", "::mlir::ModuleOp"> {
  let summary = "Computes sums of products with packed constant weights";
  let description = [{
    Takes linalg ops on buffers that compute `acc + extsi(input) *
    extsi(weight)` in i32 with constant weights: convolutions and products of
    any layout, stride, dilation and grouping are the same loops with other
    strides. In depthwise ones each lane has inputs of its own: the rows of a
    column of the window are put side by side, once for all pixels of the tile
    whose windows have that column.

    Weights are packed into a new constant in the order in which the instruction
    reads them, as many inputs together as it takes: 4 for `vpdpbusd`, 2 for
    `pmaddwd`, 8 for `smmla`, which takes two pixels at once; the rest is padded
    with zeros. A tile of pixels and vectors of channels keeps its sums in registers
    over all reductions; inputs that are contiguous over several loops are one.
    Where there are fewer channels than half of the lanes, each channel has two or
    four lanes, which sum different groups of inputs and are added in the end.
    `vpdpbusd` takes unsigned inputs: it gets q + 128, which
    `--compress-store-unsigned` leaves in memory, and sums begin 128 * sum(weights)
    lower. What initializes the sums and what reads them is computed in registers,
    as in `--compress-lower-lane-kernels`.

    With `amx-int8`, pixels are the rows of matrices in tile registers, up to two
    by two of them at a time, multiplied by `tdpbusd` (`tdpbssd` for inputs that
    are stored signed); the weights are packed in the same way.

    Ops that compute `acc + input * weight` in f32 are packed and tiled likewise,
    one input at a time; each sum keeps the order of the loops, and is fused with
    its product in a module with `compress.fused_sums`.

    With `winograd`, convolutions of such a module with a 3x3 window and neither
    stride nor dilation are computed by Winograd's F(2x2, 3x3) where a model of
    products, transforms and memory says that it is faster: 16 products a channel
    for 2x2 outputs, not 36. With `winograd-tile=4` there may also be tiles of 4x4
    outputs, F(4x4, 3x3): 36 products, not 144, and larger errors
    (`docs/numerics.md`). Blocks of rows pass through memory that the caller
    of the kernel allocates.

    Does nothing with integers where `features` name no such instruction.

    Example (`test/Codegen/Cpu/lower-weighted-kernels.mlir`):

    ```mlir
    linalg.matmul ins(%x, %w : memref<6x64xi8>, memref<64x16xi8>) outs(%y)
    // becomes, with features=+avx512vnni
    scf.for %k = %c0 to %c64 step %c4 iter_args(%a0 = ..., %a5 = ...) {
      %w = vector.load %packed[...] : memref<1024xi8>, vector<64xi8>
      ... // a group of inputs in every lane
      %s = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%a0, %x0, %w)
    ```
  }];
  let dependentDialects = ["::mlir::amx::AMXDialect", "::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: amx-int8, avx512vnni, avxvnni, avx512bw, avx512bf16, avx2, fma, ssse3, sse2, dotprod, i8mm, bf16">,
    Option<"parallel", "parallel", "bool", "true", "spread large kernels over threads">,
    Option<"winograd", "winograd", "::mlir::compress::WinogradUse",
           "::mlir::compress::WinogradUse::WhereFaster",
           "3x3 convolutions with fewer products in f32 networks", [{::llvm::cl::values(
             clEnumValN(::mlir::compress::WinogradUse::Never, "never", "in no layer"),
             clEnumValN(::mlir::compress::WinogradUse::WhereFaster, "where-faster",
                        "as a model of the target says"),
             clEnumValN(::mlir::compress::WinogradUse::Always, "always",
                        "where the window can, in the largest tiles"))}]>,
    Option<"winogradTile", "winograd-tile", "int64_t", "2",
           "the most outputs along a side of a tile of Winograd's algorithm: 2 or 4">];
  let statistics = [
    Statistic<"numLowered", "lowered", "kernels computed with dot products">,
    Statistic<"numMatrix", "matrix", "of these, kernels computed by matrix instructions">,
    Statistic<"numWinograd", "winograd", "of these, convolutions by Winograd's algorithm">,
    Statistic<"numParallel", "parallel", "kernels spread over threads">,
    Statistic<"numPackedBytes", "packed-bytes", "bytes of packed weights">];
}

def EmulateDotPass : Pass<"compress-emulate-dot"> {
  let summary = "Computes instructions of a target with plain vector arithmetic";
  let description = [{
    Replaces the calls of `vpdpbusd`, `pmaddubsw`, `pmaddwd`, `vpdpbf16ps`, `sdot`,
    `smmla` and `bfdot` that `--compress-lower-weighted-kernels` makes, and those of
    `cvtps2dq`, `packssdw`, `packsswb`, `packuswb`, `fcvtns` and `sqxtn` that
    `--compress-expand-requantize` makes, by vector arithmetic of the same meaning,
    so that the code for one machine can be run and compared on any other. A test
    aid: the result is slow.

    Example (`test/Codegen/Cpu/emulate-dot.mlir`):

    ```mlir
    %s = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%a, %b)
    // becomes
    %p = arith.muli %wide_a, %wide_b : vector<16xi32>
    %even, %odd = vector.deinterleave %p : vector<16xi32> -> vector<8xi32>
    %s = arith.addi %even, %odd : vector<8xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
  let statistics = [Statistic<"numEmulated", "emulated", "instructions replaced">];
}

def MarkFusedSumsPass : Pass<"compress-mark-fused-sums", "::mlir::ModuleOp"> {
  let summary = "Lets an f32 network fuse products with their sums";
  let description = [{
    The results of a quantized network are the same bits on every target, also
    on those that round a product before it is added. A network without codes
    (results or constants of integers of 2 to 16 bits) is f32 throughout and has
    a tolerance: where `features` have a fused multiply-add, the module gets the
    attribute `compress.fused_sums`, which the passes behind this one read, and
    without which such an instruction is an error.

    Example (`test/Codegen/Cpu/mark-fused-sums.mlir`):

    ```mlir
    module {
    // becomes, with features=+avx512f, where nothing in it is i8
    module attributes {compress.fused_sums} {
    ```
  }];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512f, fma, neon">];
  let statistics = [Statistic<"numMarked", "marked", "f32 networks">];
}

def LowerLaneKernelsPass : Pass<"compress-lower-lane-kernels", "::mlir::ModuleOp"> {
  let summary = "Computes linalg ops along one loop with vectors";
  let description = [{
    Takes linalg ops on buffers whose output is contiguous along a loop, and
    whose inputs are contiguous along it too or the same for all its
    iterations: elementwise ops, depthwise convolutions, pools, products with
    weights that are contiguous by channel. The body is evaluated on vectors;
    sums stay in registers, in tiles of several pixels and vectors, and keep
    the order of the reduction loops. An op that fills the accumulators and
    an elementwise op that alone reads them are computed in registers as well.
    Constants are rearranged where they are not contiguous.

    Reductions of contiguous rows, as of softmax and normalizations, take a row
    a lane: squares of elements are transposed in registers.

    Elementwise ops whose output is contiguous only along a few elements, such
    as the colors of a pixel, run along another loop and interleave what they
    store. Loops whose strides allow it are collapsed. With `parallel`, the outermost
    loops over tiles become one `scf.forall` where there is enough work. Ops of
    any other kind are left alone.

    Example (`test/Codegen/Cpu/lower-lane-kernels.mlir`):

    ```mlir
    linalg.generic ins(%x : memref<4x32xf32>) outs(%y : memref<4x32xf32>) { negf }
    // becomes, with features=+avx512f
    scf.for %i = %c0 to %c128 step %c64 {
      %v = vector.load %flat_x[%i] : memref<128xf32>, vector<16xf32>
      %n = arith.negf %v : vector<16xf32>
      vector.store %n, %flat_y[%i] : memref<128xf32>, vector<16xf32>
      ... // three more
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512f, avx2, fma, neon">,
    Option<"parallel", "parallel", "bool", "true", "spread large kernels over threads">];
  let statistics = [
    Statistic<"numLowered", "lowered", "kernels computed with vectors">,
    Statistic<"numParallel", "parallel", "kernels spread over threads">,
    Statistic<"numPacked", "packed", "constants rearranged">];
}

def LowerKernelLoopsPass : Pass<"compress-lower-kernel-loops", "::mlir::func::FuncOp"> {
  let summary = "Computes the linalg ops and copies that are left with scalar loops";
  let description = [{
    Every `linalg` op and `memref.copy` becomes nested loops in the order of its
    iterators, one element at a time. With `parallel`, the outermost loop of
    a kernel becomes `scf.forall` where it is parallel and there is enough work.

    Example (`test/Codegen/Cpu/lower-kernel-loops.mlir`):

    ```mlir
    linalg.fill ins(%zero : i32) outs(%y : memref<4xi32>)
    // becomes
    scf.for %i = %c0 to %c4 step %c1 { memref.store %zero, %y[%i] }
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let options = [
    Option<"parallel", "parallel", "bool", "true", "make large outermost loops parallel">];
  let statistics = [
    Statistic<"numLowered", "lowered", "ops lowered to loops">,
    Statistic<"numParallel", "parallel", "outermost loops made parallel">];
}

def PlanArenaPass : Pass<"compress-plan-arena", "::mlir::ModuleOp"> {
  let summary = "Gives every buffer its place in one arena";
  let description = [{
    The allocations of the public function become views of one byte buffer, its
    new last argument. A buffer lives from its first to its last use, views of
    it included; buffers that do not live at the same time share bytes. Each is
    placed at the lowest free offset, aligned to 64 bytes: in several orders, of
    which the one is taken that makes the smallest arena. The attribute
    `compress.live_bytes` of the argument says what no arena could be smaller
    than. An argument of type `memref<0xi8>` is added where nothing is allocated.

    Example (`test/Codegen/Cpu/plan-arena.mlir`):

    ```mlir
    func.func @main(%x: memref<64xi8>, %y: memref<64xi8>) {
      %t = memref.alloc() : memref<64xi8>
    // becomes
    func.func @main(%x: memref<64xi8>, %y: memref<64xi8>, %arena: memref<64xi8>) {
      %t = memref.view %arena[%c0][] : memref<64xi8> to memref<64xi8>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numBuffers", "buffers", "buffers placed">,
    Statistic<"numBytes", "bytes", "bytes of the arena">,
    Statistic<"numLiveBytes", "live-bytes", "the most bytes that live at a time">];
}

#endif // COMPRESS_CODEGEN_CPU_PASSES_TD
