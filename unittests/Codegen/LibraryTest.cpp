//===- LibraryTest.cpp - tests of compiled networks -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeFormTest.h"
#include "Compress/Support/NdArray.h"
#include "llvm/Object/ELFObjectFile.h"
#include <set>

using namespace compress;
using namespace compress::test;

namespace {

using LibraryTest = CodeFormTest;

/// The names of the dynamic symbols that are defined, or are not.
std::set<std::string> dynamicSymbols(const llvm::MemoryBuffer &library,
                                     bool undefined) {
  auto file = valueOf(llvm::object::ObjectFile::createObjectFile(library));
  std::set<std::string> names;
  for (const auto &symbol : llvm::cast<llvm::object::ELFObjectFileBase>(*file)
                                .getDynamicSymbolIterators()) {
    std::string name = valueOf(symbol.getName()).str();
    bool isUndefined =
        valueOf(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined;
    if (isUndefined == undefined && !name.empty())
      names.insert(name);
  }
  return names;
}

/// The libraries that it needs.
std::string neededLibraries(const llvm::MemoryBuffer &library) {
  auto file = valueOf(llvm::object::ELF64LEFile::create(library.getBuffer()));
  std::string needed;
  llvm::StringRef strings;
  for (const auto &section : valueOf(file.sections()))
    if (section.sh_type == llvm::ELF::SHT_DYNSYM)
      strings = valueOf(file.getStringTableForSymtab(section));
  for (const auto &entry : valueOf(file.dynamicEntries()))
    if (entry.d_tag == llvm::ELF::DT_NEEDED)
      needed += strings.substr(entry.getVal()).split('\0').first.str() + " ";
  return needed;
}

/// Loads a library, runs it once and checks the results of kCodeForm.
void checkResults(const llvm::MemoryBuffer &library, int32_t threads) {
  TempFolder folder;
  auto network =
      valueOf(ModelLibrary::open(folder.write("x.so", library.getBuffer())));
  std::vector<float> x(64), y(64);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i) - 20.0f;
  int8_t q[6] = {1, 2, 3, 127, -128, 0}, p[6] = {};
  EXPECT_EQ(messageOf(network->run({x.data(), q}, {y.data(), p}, threads)), "");
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(y[i], 2.0f * x[i] + 0.5f) << i;
  EXPECT_EQ(std::vector<int>(p, p + 6),
            (std::vector<int>{2, 3, 4, -128, -127, 1}));
}

TEST_F(LibraryTest, OneThread) {
  auto library = compile(kCodeForm, "net", 1);
  ASSERT_TRUE(library);
  EXPECT_EQ(dynamicSymbols(*library, false),
            (std::set<std::string>{"net_info", "net_run"}));
  EXPECT_EQ(dynamicSymbols(*library, true), std::set<std::string>());
  EXPECT_EQ(neededLibraries(*library), "");
  checkResults(*library, 1);
}

TEST_F(LibraryTest, Threads) {
  auto library = compile(kCodeForm, "net", 4);
  ASSERT_TRUE(library);
  EXPECT_EQ(dynamicSymbols(*library, false),
            (std::set<std::string>{"net_info", "net_run"}));
  EXPECT_EQ(neededLibraries(*library), "libc.so.6 ");
  for (int32_t threads : {0, 1, 2, 3, 4})
    checkResults(*library, threads);
}

TEST_F(LibraryTest, Generic) {
  auto library = compile(kCodeForm, "net", 2, "generic");
  ASSERT_TRUE(library);
  checkResults(*library, 0);
}

TEST_F(LibraryTest, Info) {
  auto library = compile(kCodeForm, "net", 3);
  ASSERT_TRUE(library);
  TempFolder folder;
  auto network =
      valueOf(ModelLibrary::open(folder.write("x.so", library->getBuffer())));
  const compress_model_info &info = network->info();
  EXPECT_EQ(network->name(), "net");
  EXPECT_EQ(info.abi_version, unsigned(COMPRESS_ABI_VERSION));
  EXPECT_EQ(info.max_threads, 3u);
  EXPECT_EQ(info.arena_bytes, 320);
  EXPECT_EQ(info.constant_bytes, 256);
  EXPECT_STREQ(info.producer, "test 1.0");
  ASSERT_EQ(network->inputs().size(), 2u);
  ASSERT_EQ(network->outputs().size(), 2u);
  const compress_tensor_info &x = network->inputs()[0];
  EXPECT_STREQ(x.name, "pixels");
  EXPECT_EQ(x.dtype, COMPRESS_F32);
  EXPECT_EQ(shapeString(dimsOf(x)), "[64]");
  EXPECT_EQ(x.bytes, 256);
  EXPECT_EQ(x.quantized, 0);
  const compress_tensor_info &q = network->inputs()[1];
  EXPECT_STREQ(q.name, "input1");
  EXPECT_EQ(q.dtype, COMPRESS_I8);
  EXPECT_EQ(shapeString(dimsOf(q)), "[2,3]");
  EXPECT_EQ(q.quantized, 1);
  EXPECT_EQ(q.scale, 0.25f);
  EXPECT_EQ(q.zero_point, -3);
  EXPECT_STREQ(network->outputs()[0].name, "scores");
  EXPECT_EQ(network->outputs()[1].quantized, 0);
}

TEST_F(LibraryTest, SameBytesEveryTime) {
  auto first = compile(kCodeForm, "net", 2);
  auto second = compile(kCodeForm, "net", 2);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->getBuffer() == second->getBuffer());
}

TEST_F(LibraryTest, LibmIsAnError) {
  auto module = parse(R"mlir(
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %arena: memref<0xi8>)
        attributes {compress.num_inputs = 1 : i64} {
      %c0 = arith.constant 0 : index
      %a = memref.load %x[%c0] : memref<4xf32>
      %b = arith.remf %a, %a : f32
      memref.store %b, %y[%c0] : memref<4xf32>
      return
    })mlir");
  ASSERT_TRUE(module) << diagnostics;
  ASSERT_TRUE(lower(*module, "net", 1)) << diagnostics;
  auto cpu = valueOf(mlir::compress::TargetCpu::get("generic"));
  llvm::LLVMContext llvmContext;
  auto ir = mlir::compress::buildLlvmIr(*module, cpu, llvmContext);
  ASSERT_TRUE(succeeded(ir)) << diagnostics;
  EXPECT_TRUE(has(messageOf(mlir::compress::emitObject(**ir, cpu)),
                  "the generated code calls fmodf"));
}

#if defined(__x86_64__)
TEST_F(LibraryTest, SchedulingGoesByTheCpu) {
  llvm::cl::Option *option =
      llvm::cl::getRegisteredOptions().lookup("enable-misched");
  ASSERT_TRUE(option);
  for (auto [name, isChosen] :
       {std::pair{"x86-64-v3", 1}, {"x86-64-v4+vnni", 1}, {"x86-64", 0}}) {
    auto cpu = valueOf(mlir::compress::TargetCpu::get(name));
    mlir::compress::chooseScheduling(cpu);
    EXPECT_EQ(option->getNumOccurrences(), isChosen) << name;
  }
  auto arm =
      valueOf(mlir::compress::TargetCpu::get("generic", "aarch64-linux-gnu"));
  mlir::compress::chooseScheduling(arm);
  EXPECT_EQ(option->getNumOccurrences(), 0);
}
#endif

TEST_F(LibraryTest, FusedMultiplyAddIsAnError) {
  auto module = parse(R"mlir(
    func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %arena: memref<0xi8>)
        attributes {compress.num_inputs = 1 : i64} {
      %c0 = arith.constant 0 : index
      %a = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
      %b = vector.fma %a, %a, %a : vector<4xf32>
      vector.store %b, %y[%c0] : memref<4xf32>, vector<4xf32>
      return
    })mlir");
  ASSERT_TRUE(module) << diagnostics;
  ASSERT_TRUE(lower(*module, "net", 1)) << diagnostics;
  auto cpu = valueOf(mlir::compress::TargetCpu::get("generic"));
  llvm::LLVMContext llvmContext;
  EXPECT_TRUE(failed(mlir::compress::buildLlvmIr(*module, cpu, llvmContext)));
  EXPECT_TRUE(has(diagnostics, "fused multiply-add")) << diagnostics;
}

TEST_F(LibraryTest, LinkErrors) {
  EXPECT_TRUE(has(messageOf(mlir::compress::linkShared(llvm::StringRef("text"),
                                                       {"net", "x.so"})),
                  "cannot be linked"));
  // And the linker can be used again.
  EXPECT_TRUE(compile(kCodeForm, "net", 1));
}

} // namespace
