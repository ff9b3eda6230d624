//===- TuningTest.cpp - tests of the file of tuned kernels ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Tuning.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using mlir::compress::TuningTable;

namespace {

std::string errorOf(llvm::StringRef text) {
  auto table = TuningTable::parse(text);
  return table ? "" : llvm::toString(table.takeError());
}

TEST(TuningTable, Parse) {
  auto table = TuningTable::parse("compress-tuning 1\n"
                                  "# by hand\n"
                                  "\n"
                                  "fma.16 f32*f32 p3/1 c2/0: winograd\r\n"
                                  "a b: vectors 6x4 channels-outermost");
  ASSERT_TRUE(static_cast<bool>(table));
  ASSERT_EQ(table->plans.size(), 2u);
  EXPECT_EQ(table->plans["fma.16 f32*f32 p3/1 c2/0"], "winograd");
  EXPECT_EQ(table->plans["a b"], "vectors 6x4 channels-outermost");
  std::string text;
  llvm::raw_string_ostream os(text);
  table->write(os);
  EXPECT_EQ(text, "compress-tuning 1\n"
                  "# by hand\n"
                  "a b: vectors 6x4 channels-outermost\n"
                  "fma.16 f32*f32 p3/1 c2/0: winograd\n");
}

TEST(TuningTable, Invalid) {
  llvm::StringRef other = "line 1: is not 'compress-tuning 1': no file of "
                          "--tune, or of another version";
  EXPECT_EQ(errorOf(""), other);
  EXPECT_EQ(errorOf("compress-tuning 2\n"), other);
  EXPECT_EQ(errorOf("compress-tuning 1\na: b\nno plan\n"),
            "line 3: is no 'description: plan'");
  EXPECT_EQ(errorOf("compress-tuning 1\na: \n"),
            "line 2: is no 'description: plan'");
  EXPECT_EQ(errorOf("compress-tuning 1\na: b\na: c\n"),
            "line 3: names a kernel for the second time");
}

} // namespace
