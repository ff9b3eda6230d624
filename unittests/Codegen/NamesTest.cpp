//===- NamesTest.cpp - tests of names and CPUs ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"
#include "Compress/Codegen/Common/DispatchVersions.h"
#include "Compress/Codegen/Common/LibraryName.h"
#include "Compress/Codegen/Common/TargetCpu.h"
#include "Compress/Runtime/Versions.h"
#include "Compress/Support/ModelLibrary.h"

using namespace mlir::compress;
using namespace compress::test;

namespace {

TEST(LibraryName, ComesFromTheFile) {
  EXPECT_EQ(networkNameOf("resnet.so"), "resnet");
  EXPECT_EQ(networkNameOf("build/libres-net.so.1"), "res_net");
  EXPECT_EQ(networkNameOf("libx.so.1.2.3"), "x");
  EXPECT_EQ(networkNameOf("/tmp/a.b/model.v2.so"), "model_v2");
  EXPECT_EQ(networkNameOf("x.o"), "x");
  EXPECT_EQ(networkNameOf("lib.so"), "lib");
  EXPECT_EQ(networkNameOf("library.so"), "rary");
}

TEST(LibraryName, IsACIdentifier) {
  EXPECT_EQ(networkNameOf("main.so"), "net_main");
  EXPECT_EQ(networkNameOf("int.so"), "net_int");
  EXPECT_EQ(networkNameOf("class.so"), "net_class");
  EXPECT_EQ(networkNameOf("8bit.so"), "net_8bit");
  EXPECT_EQ(networkNameOf("__x.so"), "net_x");
  EXPECT_EQ(networkNameOf("compress_parallel_for.so"),
            "net_compress_parallel_for");
  EXPECT_EQ(networkNameOf("-"), "network");
  EXPECT_EQ(networkNameOf("\xc3\xa9.so"), "network");
  EXPECT_EQ(networkNameOf(""), "network");
  EXPECT_EQ(networkNameOf("..."), "network");
  for (const char *path : {"main.so", "8.so", "a b", "_X", "new", "lib1.so"})
    EXPECT_TRUE(isCIdentifier(networkNameOf(path))) << path;
  EXPECT_FALSE(isCIdentifier("main"));
  EXPECT_FALSE(isCIdentifier("a-b"));
  EXPECT_FALSE(isCIdentifier("1a"));
}

TEST(TargetCpu, Native) {
  auto cpu = valueOf(TargetCpu::get("native"));
  EXPECT_FALSE(cpu.cpu().empty());
  EXPECT_TRUE(cpu.createMachine(0));
  EXPECT_EQ(messageOf(compress::checkTarget(cpu.description())), "");
}

TEST(TargetCpu, Names) {
  auto names = TargetCpu::names();
  EXPECT_TRUE(llvm::is_sorted(names));
  EXPECT_TRUE(llvm::is_contained(names, "native"));
  EXPECT_TRUE(llvm::is_contained(names, "generic"));
}

TEST(TargetCpu, Unknown) {
  EXPECT_EQ(messageOf(TargetCpu::get("no-such-cpu-at-all")),
            "unknown CPU 'no-such-cpu-at-all'; --target-cpu=help lists those "
            "that are known");
}

TEST(TargetCpu, OtherMachines) {
  auto arm = valueOf(TargetCpu::get("generic+dotprod", "aarch64-linux-gnu"));
  EXPECT_EQ(arm.description(), "generic:+dotprod,+neon");
  EXPECT_TRUE(arm.has("neon"));
  EXPECT_TRUE(arm.has("dotprod"));
  EXPECT_TRUE(has(messageOf(TargetCpu::get("generic+avx", "aarch64-linux-gnu")),
                  "unknown feature 'avx'"));
  EXPECT_TRUE(has(messageOf(TargetCpu::get("generic", "armv7-linux-gnueabi")),
                  "x86_64 and aarch64"));
  EXPECT_TRUE(has(messageOf(TargetCpu::get("generic", "no-such-machine")),
                  "no-such-machine"));
#ifndef __aarch64__
  EXPECT_FALSE(arm.isForHost());
  EXPECT_TRUE(has(messageOf(TargetCpu::get("native", "aarch64-linux-gnu")),
                  "unknown CPU"));
#endif
}

#ifdef __x86_64__
TEST(TargetCpu, MoreFeatures) {
  auto cpu = valueOf(TargetCpu::get("x86-64-v4+vnni"));
  EXPECT_TRUE(cpu.has("avx512vnni"));
  EXPECT_TRUE(has(cpu.description(), "x86-64-v4:"));
  EXPECT_TRUE(has(cpu.description(), "+avx512bw"));
  EXPECT_TRUE(has(cpu.description(), "+avx512vnni"));
  EXPECT_TRUE(has(messageOf(TargetCpu::get("znver4+nothing")),
                  "unknown feature 'nothing'"));
}

TEST(TargetCpu, NeededFeatures) {
  auto needed = [](llvm::StringRef name) {
    return valueOf(neededFeatures(valueOf(TargetCpu::get(name))));
  };
  auto bit = [](compress_cpu_feature feature) {
    return uint64_t(1) << feature;
  };
  EXPECT_EQ(needed("generic"), 0u);
  EXPECT_NE(needed("x86-64-v3") & bit(COMPRESS_CPU_avx2), 0u);
  EXPECT_EQ(needed("x86-64-v3") & bit(COMPRESS_CPU_avx512f), 0u);
  EXPECT_NE(needed("x86-64-v2") & bit(COMPRESS_CPU_sse4_2), 0u);
  EXPECT_NE(needed("sapphirerapids") & bit(COMPRESS_CPU_amx_int8), 0u);
  EXPECT_NE(needed("x86-64-v4+vnni") & bit(COMPRESS_CPU_avx512vnni), 0u);
  EXPECT_NE(needed("znver4"), 0u);
  // Every feature of a CPU counts.
  EXPECT_TRUE(
      has(messageOf(neededFeatures(valueOf(TargetCpu::get("generic+avx10.2")))),
          "' needs avx10_2"));
  EXPECT_TRUE(has(messageOf(neededFeatures(
                      valueOf(TargetCpu::get("generic", "aarch64-linux-gnu")))),
                  "on x86 only"));
}

TEST(TargetCpu, X86) {
  auto generic = valueOf(TargetCpu::get("generic"));
  EXPECT_EQ(generic.description(), "x86-64");
  EXPECT_TRUE(has(generic.enabledFeatures(), "+sse2"));
  EXPECT_FALSE(generic.has("avx2"));
  auto zen4 = valueOf(TargetCpu::get("znver4"));
  EXPECT_EQ(zen4.description(), "znver4");
  EXPECT_TRUE(zen4.has("avx512vnni"));
  EXPECT_TRUE(has(zen4.enabledFeatures(), "+avx512vnni"));
  EXPECT_TRUE(
      has(messageOf(TargetCpu::get("znver44")), "did you mean 'znver4'?"));
  // 32 bits only.
  EXPECT_TRUE(has(messageOf(TargetCpu::get("i386")), "unknown CPU"));
}
#endif

} // namespace
