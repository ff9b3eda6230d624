//===- Passes.td - code generation passes ------------------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_PASSES_TD
#define COMPRESS_CODEGEN_COMMON_PASSES_TD

include "mlir/Pass/PassBase.td"

def OutlineParallelPass
    : Pass<"compress-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "Moves the bodies of scf.forall into functions of a range";
  let description = [{
    Every outermost `scf.forall` becomes a private function of what the body
    captures and of a range of iterations, and a call of it for the whole
    range. The call is marked `compress.parallel`: whoever knows of threads may
    split the range (`--compress-spread-calls`), and whoever does not computes
    the same. Loops inside a parallel loop become sequential. Constants,
    globals and views are computed in the body again rather than captured.

    With `threads=1` every `scf.forall` becomes an `scf.for`.

    Constraints: an `scf.forall` has one dimension, starts at 0, steps by 1 and
    has no results; what it captures is a scalar, a vector or a memref of
    static shape, strides and offset.

    Example (`test/Codegen/Common/outline-parallel.mlir`):

    ```mlir
    func.func private @kernel(%x: memref<64xf32>) {
      scf.forall (%i) in (64) {
        memref.store %zero, %x[%i] : memref<64xf32>
      }
      return
    }
    // becomes
    func.func private @kernel_share(%x: memref<64xf32>, %begin: index,
                                    %end: index) {
      scf.for %i = %begin to %end step %c1 {
        memref.store %zero, %x[%i] : memref<64xf32>
      }
      return
    }
    func.func private @kernel(%x: memref<64xf32>) {
      call @kernel_share(%x, %c0, %c64) {compress.parallel}
      return
    }
    ```
  }];
  let options = [Option<"threads", "threads", "unsigned", "0",
                        "the most threads that will run the code; 1 leaves "
                        "only sequential loops, 0 is any number">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics =
      [Statistic<"numOutlined", "outlined", "loops made functions">,
       Statistic<"numSequential", "sequential", "loops made sequential">];
}

def HoistAllocasPass
    : Pass<"compress-hoist-allocas", "::mlir::func::FuncOp"> {
  let summary = "Moves memref.alloca out of loops";
  let description = [{
    A stack allocation in a loop takes new memory in every iteration and frees
    none until the function returns. Those of static size move to the begin of
    the function; the iterations of a sequential loop take turns in using them.
    One of dynamic size is an error: the stack would not be bounded.

    Example (`test/Codegen/Common/hoist-allocas.mlir`):

    ```mlir
    scf.for %i = %c0 to %n step %c1 {
      %tile = memref.alloca() : memref<16xi32>
      ...
    }
    // becomes
    %tile = memref.alloca() : memref<16xi32>
    scf.for %i = %c0 to %n step %c1 {
      ...
    }
    ```
  }];
  let statistics = [Statistic<"numHoisted", "hoisted", "allocations moved">];
}

def AnnotateKernelsPass
    : Pass<"compress-annotate-kernels", "::mlir::ModuleOp"> {
  let summary = "Says of kernels' arguments what LLVM cannot find out";
  let description = [{
    Marks memref arguments of private functions `llvm.noalias` where no call
    passes memory that another argument overlaps, unless both are constants,
    and `llvm.align` where every call passes memory that is so aligned. Memory
    is a constant global, an input or output of the network, or a view of the
    arena at a constant offset; anything else may be anything. Globals of 64
    bytes and more are aligned to 64.

    Example (`test/Codegen/Common/annotate-kernels.mlir`):

    ```mlir
    %a = memref.view %arena[%c0][] : memref<256xi8> to memref<32xf32>
    %b = memref.view %arena[%c128][] : memref<256xi8> to memref<32xf32>
    call @kernel(%a, %b) : (memref<32xf32>, memref<32xf32>) -> ()
    func.func private @kernel(%x: memref<32xf32>, %y: memref<32xf32>)
    // becomes
    func.func private @kernel(
        %x: memref<32xf32> {llvm.align = 64 : i64, llvm.noalias},
        %y: memref<32xf32> {llvm.align = 64 : i64, llvm.noalias})
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics =
      [Statistic<"numNoAlias", "noalias", "arguments marked noalias">,
       Statistic<"numAligned", "aligned", "arguments marked aligned">];
}

def ExportAbiPass : Pass<"compress-export-abi", "::mlir::ModuleOp"> {
  let summary = "Adds the C functions of a compiled network";
  let description = [{
    Takes a module in the code form and adds the two functions that a compiled
    network exports (`Compress/Runtime/Abi.h`): `NAME_run`, which calls the
    module's public function, and `NAME_info`, which returns the description of
    the network, a constant. Everything else becomes internal; the public
    function is renamed to `NAME_network`.

    Where a call is marked `compress.parallel` the run is put between
    `compress_begin_run` and `compress_end_run`; else the network says that it
    uses one thread.

    Inputs and outputs are described by their memref types and by the argument
    attributes `compress.name` and `compress.type` (a `!quant.uniform` type:
    how stored integers stand for real numbers).

    Example (`test/Codegen/Common/export-abi.mlir`), with `name=net`:

    ```mlir
    func.func @main(%in: memref<4xf32>, %out: memref<4xf32>,
                    %arena: memref<0xi8>)
        attributes {compress.num_inputs = 1 : i64} {...}
    // becomes
    func.func private @net_network(...)
    func.func @net_run(%inputs: !llvm.ptr, %outputs: !llvm.ptr,
                       %arena: !llvm.ptr, %threads: i32) -> i32 {...}
    llvm.func @net_info() -> !llvm.ptr {...}
    ```
  }];
  let options = [
    Option<"name", "name", "std::string", "\"network\"",
           "the prefix of the exported functions, a C identifier">,
    Option<"threads", "threads", "unsigned", "1",
           "the most threads that one run uses">,
    Option<"target", "target", "std::string", "\"generic\"",
           "the CPU and its features, for the description">,
    Option<"producer", "producer", "std::string", "\"\"",
           "name and version of the compiler, for the description">];
  let statistics =
      [Statistic<"numTensors", "tensors", "inputs and outputs described">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::func::FuncDialect"];
}

def SpreadCallsPass : Pass<"compress-spread-calls", "::mlir::ModuleOp"> {
  let summary = "Spreads calls marked compress.parallel over threads";
  let description = [{
    Turns an `llvm.call` of a function of a range, marked `compress.parallel`,
    into a call of `compress_parallel_for` (`Compress/Runtime/Parallel.h`): the
    arguments go through a structure on the stack, from which a small function
    takes them. The last two arguments are the range, which begins at 0.

    Example (`test/Codegen/Common/spread-calls.mlir`):

    ```mlir
    llvm.call @kernel_share(%x, %c0, %c64) {compress.parallel}
        : (!llvm.ptr, i64, i64) -> ()
    // becomes
    llvm.store %x, %context : !llvm.ptr, !llvm.ptr
    llvm.call @compress_parallel_for(%kernel_share_call, %context, %c64)
        : (!llvm.ptr, !llvm.ptr, i64) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numSpread", "spread", "calls spread">];
}

def LowerTilesPass : Pass<"compress-lower-tiles"> {
  let summary = "Lowers the amx dialect to LLVM, with the loops that carry tiles";
  let description = [{
    Tiles become values of LLVM's `x86_amx` type and the ops of the `amx` dialect
    calls of intrinsics, by upstream's patterns; so do the iteration arguments
    of `scf.for`. Memrefs are taken as descriptors, by casts that the conversion
    of the rest takes away.

    Example (`test/Codegen/Common/lower-tiles.mlir`):

    ```mlir
    %t = scf.for ... iter_args(%sum = %zero) -> (!amx.tile<16x16xi32>) {
      %s = amx.tile_muli %a zext, %b, %sum : ...
    // becomes
    %t = scf.for ... iter_args(%sum = %zero) -> (!llvm.x86_amx) {
      %s = llvm.call_intrinsic "llvm.x86.tdpbusd.internal"(...)
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numLowered", "lowered", "matrix instructions lowered">];
}

#endif // COMPRESS_CODEGEN_COMMON_PASSES_TD
