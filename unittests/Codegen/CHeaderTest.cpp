//===- CHeaderTest.cpp - tests of C headers -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C_COMPILER and CXX_COMPILER are those that the project is built with.
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/CHeader.h"
#include "CodeFormTest.h"
#include "llvm/Support/Program.h"

using namespace compress::test;
using namespace mlir::compress;

namespace {

using CHeaderTest = CodeFormTest;

/// A program that is right in C and in C++, with nothing but the header.
constexpr const char *kProgram = R"(
#include "net.h"
#include "net.h"
int main(void) {
  static float x[64], y[64];
  static int8_t q[6], p[6];
  static long long arena[NET_ARENA_BYTES / 8 + 8];
  char *aligned = (char *)(((uintptr_t)arena + 63) & ~(uintptr_t)63);
  const void *inputs[NET_NUM_INPUTS];
  void *outputs[NET_NUM_OUTPUTS];
  inputs[0] = x;
  inputs[1] = q;
  outputs[0] = y;
  outputs[1] = p;
  x[5] = 3.0f;
  if (net_info()->abi_version != COMPRESS_ABI_VERSION)
    return 2;
  if (net_run(inputs, outputs, aligned, 0) != 0)
    return 3;
  return y[5] == 6.5f && p[0] == 1 ? 0 : 4;
}
)";

int execute(const std::vector<std::string> &command) {
  std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  return llvm::sys::ExecuteAndWait(command[0], arguments);
}

TEST_F(CHeaderTest, IsAllThatAProgramNeeds) {
  TempFolder folder;
  auto module = parse(kCodeForm);
  ASSERT_TRUE(module) << diagnostics;
  auto network = readNetworkInterface(*module);
  ASSERT_TRUE(succeeded(network)) << diagnostics;
  std::string header;
  llvm::raw_string_ostream os(header);
  writeCHeader(os, "net", *network);
  folder.write("net.h", header);
  auto library = compile(kCodeForm, "net", 2);
  ASSERT_TRUE(library);
  std::string so = folder.write("net.so", library->getBuffer());

  std::string program = folder.path("program");
  std::string c = folder.write("program.c", kProgram);
  ASSERT_EQ(execute({C_COMPILER, "-std=c11", "-Wall", "-Wextra", "-Werror",
                     "-pedantic", c, so, "-Wl,-rpath," + folder.path(), "-o",
                     program}),
            0);
  EXPECT_EQ(execute({program}), 0);
  std::string cpp = folder.write("program.cpp", kProgram);
  ASSERT_EQ(execute({CXX_COMPILER, "-std=c++17", "-Wall", "-Wextra", "-Werror",
                     cpp, so, "-Wl,-rpath," + folder.path(), "-o", program}),
            0);
  EXPECT_EQ(execute({program}), 0);
}

TEST_F(CHeaderTest, Describes) {
  NetworkInterface network;
  network.arenaBytes = 128;
  BorderTensor input;
  input.name = "a */ #error \n?\?/ b";
  input.dtype = 2;
  input.dims = {1, 3};
  input.bytes = 3;
  input.quantized = true;
  input.scale = 0.1f;
  input.zeroPoint = -7;
  network.inputs.push_back(input);
  std::string header;
  llvm::raw_string_ostream os(header);
  writeCHeader(os, "net", network);
  EXPECT_TRUE(has(header, "inputs[0]  a __ #error ____ b: i8[1,3], 3 bytes"));
  EXPECT_TRUE(has(header, "real value = 0.100000001 * (stored - (-7))"));
  EXPECT_TRUE(has(header, "NET_ARENA_BYTES INT64_C(128)"));
}

} // namespace
