//===- ModelLibraryTest.cpp - tests of compiled networks in use -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FAKE_MODELS is the folder with the libraries made of Inputs/FakeModel.c.
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/ModelLibrary.h"
#include "Compress/Support/NdArray.h"
#include "TestFiles.h"

using namespace compress;
using namespace compress::test;

namespace {

std::string fake(const char *name) {
  return std::string(FAKE_MODELS "/fake_") + name + ".so";
}

std::string openError(const std::string &path) {
  return messageOf(ModelLibrary::open(path));
}

TEST(ModelLibrary, Describes) {
  auto library = valueOf(ModelLibrary::open(fake("model")));
  EXPECT_EQ(library->name(), "fake");
  EXPECT_EQ(library->info().arena_bytes, 4096);
  ASSERT_EQ(library->inputs().size(), 1u);
  ASSERT_EQ(library->outputs().size(), 1u);
  EXPECT_STREQ(library->inputs()[0].name, "image");
  EXPECT_EQ(shapeString(dimsOf(library->inputs()[0])), "[1,3,32,32]");
}

TEST(ModelLibrary, Runs) {
  auto library = valueOf(ModelLibrary::open(fake("model")));
  std::vector<float> image(3072), scores(10);
  image[0] = 7.0f;
  ASSERT_EQ(messageOf(library->run(image.data(), {scores.data()}, 2)), "");
  EXPECT_EQ(scores[7], 0.0f);
  EXPECT_EQ(scores[5], -4.0f);
}

TEST(ModelLibrary, TwoAtOnce) {
  auto first = valueOf(ModelLibrary::open(fake("model")));
  auto second = valueOf(ModelLibrary::open(fake("int8")));
  first.reset();
  EXPECT_EQ(second->inputs()[0].dtype, COMPRESS_I8);
}

TEST(ModelLibrary, Errors) {
  EXPECT_TRUE(has(openError(fake("abi")), "has version 7 of the interface"));
  EXPECT_TRUE(has(openError(fake("target")), "this CPU has no "));
  EXPECT_TRUE(has(openError(fake("rank")), "damaged description"));
  EXPECT_TRUE(has(openError("/nonexistent.so"), "no such file"));
  EXPECT_TRUE(has(openError("/"), "is a directory"));
  EXPECT_TRUE(has(openError("/dev/zero"), "no regular file"));
  EXPECT_TRUE(has(openError(PARALLEL_MODULE), "has no network"));
  TempFolder folder;
  EXPECT_TRUE(
      has(openError(folder.write("x.so", "text")), "no shared library"));
  auto failing = valueOf(ModelLibrary::open(fake("status")));
  std::vector<float> image(3072), scores(10);
  EXPECT_TRUE(has(messageOf(failing->run(image.data(), {scores.data()})),
                  "returned the error 3"));
}

TEST(ModelLibrary, NameWithoutFolder) {
  llvm::SmallString<128> before;
  ASSERT_FALSE(llvm::sys::fs::current_path(before));
  ASSERT_FALSE(llvm::sys::fs::set_current_path(FAKE_MODELS));
  EXPECT_EQ(openError("fake_model.so"), "");
  ASSERT_FALSE(llvm::sys::fs::set_current_path(before));
}

TEST(ModelLibrary, Truncated) {
  TempFolder folder;
  std::string whole = contentOf(fake("model"));
  for (size_t size = 0; size < whole.size(); size += size < 2000 ? 1 : 97) {
    llvm::StringRef part = llvm::StringRef(whole).take_front(size);
    EXPECT_NE(messageOf(checkModelFile(part, "x.so")), "") << size;
  }
  EXPECT_NE(openError(folder.write("x.so", whole.substr(0, 4096))), "");
}

TEST(ModelLibrary, OtherMachines) {
  std::string content = contentOf(fake("model"));
  auto changed = [&](size_t place, char byte) {
    std::string other = content;
    other[place] = byte;
    return messageOf(checkModelFile(other, "x.so"));
  };
  EXPECT_EQ(changed(0, content[0]), "");
  EXPECT_TRUE(has(changed(4, 1), "another machine"));
  EXPECT_TRUE(has(changed(5, 2), "another machine"));
  EXPECT_TRUE(has(changed(18, 8), "another machine"));
  EXPECT_TRUE(has(changed(16, 2), "no shared library"));
}

TEST(ModelLibrary, MutantsDoNotCrash) {
  // Loading those that pass would run their code.
  std::string content = contentOf(fake("model"));
  for (unsigned seed = 0; seed < 10000; ++seed) {
    auto file = checkModelFile(mutate(content, seed), "x.so");
    if (!file)
      EXPECT_FALSE(llvm::toString(file.takeError()).empty());
  }
}

TEST(ModelLibrary, Targets) {
  EXPECT_EQ(messageOf(checkTarget("")), "");
  EXPECT_EQ(messageOf(checkTarget("generic")), "");
  EXPECT_EQ(messageOf(checkTarget("no-such-cpu:-avx512f")), "");
#ifdef __x86_64__
  EXPECT_EQ(messageOf(checkTarget("x86-64")), "");
  EXPECT_EQ(messageOf(checkTarget("x86-64:+sse2,+fast-bextr")), "");
  // Instructions that no network uses do not matter: many machines hide them.
  EXPECT_EQ(messageOf(checkTarget("x86-64:+sse2,+enqcmd,+sgx")), "");
  // No CPU has what both makers have given up and introduced.
  EXPECT_TRUE(
      has(messageOf(checkTarget("x:+sse2,+xop,+amx-tile")), "this CPU has no"));
#endif
}

TEST(AlignedBuffer, IsAligned) {
  for (int64_t size : {1, 63, 64, 65, 100000}) {
    AlignedBuffer buffer = valueOf(AlignedBuffer::allocate(size, "test"));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    buffer.data()[size - 1] = 1;
  }
  EXPECT_EQ(valueOf(AlignedBuffer::allocate(0, "test")).data(), nullptr);
  EXPECT_NE(messageOf(AlignedBuffer::allocate(-1, "test")), "");
  EXPECT_EQ(messageOf(AlignedBuffer::allocate(INT64_MAX, "the arena")),
            "the arena needs 9223372036854775807 bytes, more than there are");
}

} // namespace
