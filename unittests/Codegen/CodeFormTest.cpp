//===- CodeFormTest.cpp - compiling the code form in tests ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeFormTest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace compress::test;

const char *const compress::test::kCodeForm = R"mlir(
memref.global "private" constant @bias : memref<64xf32> = dense<0.5>
func.func private @scale(%x: memref<64xf32>, %t: memref<64xf32>) {
  %two = arith.constant 2.0 : f32
  scf.forall (%i) in (64) {
    %v = memref.load %x[%i] : memref<64xf32>
    %w = arith.mulf %v, %two : f32
    memref.store %w, %t[%i] : memref<64xf32>
  }
  return
}
func.func private @add_bias(%t: memref<64xf32>, %y: memref<64xf32>) {
  %b = memref.get_global @bias : memref<64xf32>
  scf.forall (%tile) in (8) {
    %c8 = arith.constant 8 : index
    %i = arith.muli %tile, %c8 : index
    %v = vector.load %t[%i] : memref<64xf32>, vector<8xf32>
    %w = vector.load %b[%i] : memref<64xf32>, vector<8xf32>
    %s = arith.addf %v, %w : vector<8xf32>
    vector.store %s, %y[%i] : memref<64xf32>, vector<8xf32>
  }
  return
}
func.func private @increment(%x: memref<2x3xi8>, %y: memref<2x3xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %one = arith.constant 1 : i8
  scf.forall (%i) in (2) {
    scf.for %j = %c0 to %c3 step %c1 {
      %v = memref.load %x[%i, %j] : memref<2x3xi8>
      %w = arith.addi %v, %one : i8
      memref.store %w, %y[%i, %j] : memref<2x3xi8>
    }
  }
  return
}
func.func @main(%x: memref<64xf32> {compress.name = "pixels"},
                %q: memref<2x3xi8> {compress.type = !quant.uniform<i8:f32, 0.25:-3>},
                %y: memref<64xf32> {compress.name = "scores"},
                %p: memref<2x3xi8>, %arena: memref<320xi8>)
    attributes {compress.num_inputs = 2 : i64} {
  %c64 = arith.constant 64 : index
  %t = memref.view %arena[%c64][] : memref<320xi8> to memref<64xf32>
  call @scale(%x, %t) : (memref<64xf32>, memref<64xf32>) -> ()
  call @add_bias(%t, %y) : (memref<64xf32>, memref<64xf32>) -> ()
  call @increment(%q, %p) : (memref<2x3xi8>, memref<2x3xi8>) -> ()
  return
}
)mlir";

CodeFormTest::CodeFormTest() {
  mlir::DialectRegistry registry;
  registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
                  mlir::vector::VectorDialect, mlir::quant::QuantDialect>();
  mlir::compress::registerLlvmTranslations(registry);
  context.appendDialectRegistry(registry);
  // Attributes of arguments need not belong to a dialect that is known.
  context.allowUnregisteredDialects();
  context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
    diagnostics += diagnostic.str() + "\n";
  });
}

mlir::OwningOpRef<mlir::ModuleOp> CodeFormTest::parse(llvm::StringRef text) {
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

bool CodeFormTest::lower(mlir::ModuleOp module, llvm::StringRef name,
                         unsigned threads, llvm::StringRef target) {
  mlir::PassManager pm(&context);
  mlir::compress::LlvmPipelineOptions options;
  options.name = name.str();
  options.threads = threads;
  options.target = target.str();
  options.producer = "test 1.0";
  mlir::compress::buildLlvmPipeline(pm, options);
  return succeeded(pm.run(module));
}

std::unique_ptr<llvm::MemoryBuffer>
CodeFormTest::compile(llvm::StringRef text, llvm::StringRef name,
                      unsigned threads, llvm::StringRef cpuName) {
  mlir::OwningOpRef<mlir::ModuleOp> module = parse(text);
  EXPECT_TRUE(module) << diagnostics;
  if (!module)
    return nullptr;
  auto cpu = valueOf(mlir::compress::TargetCpu::get(cpuName));
  EXPECT_TRUE(lower(*module, name, threads, cpu.description())) << diagnostics;
  llvm::LLVMContext llvmContext;
  auto ir = mlir::compress::buildLlvmIr(*module, cpu, llvmContext);
  EXPECT_TRUE(succeeded(ir)) << diagnostics;
  if (failed(ir))
    return nullptr;
  auto object = valueOf(mlir::compress::emitObject(**ir, cpu));
  return valueOf(
      mlir::compress::linkShared(llvm::StringRef(object.data(), object.size()),
                                 {name.str(), name.str() + ".so"}));
}
