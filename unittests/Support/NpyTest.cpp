//===- NpyTest.cpp - tests of NumPy's array files -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Npy.h"
#include "TestFiles.h"
#include <cmath>
#include <cstring>

using namespace compress;
using namespace compress::test;

// As malloc does without the sanitizer.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace {

/// A file with a header of version `major` and `data` behind it.
std::string npyFile(llvm::StringRef header, llvm::StringRef data,
                    char major = 1) {
  std::string file("\x93NUMPY");
  file += major;
  file += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
    file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header.str() + data.str();
}

/// A usual header.
std::string headerOf(llvm::StringRef descr, llvm::StringRef shape) {
  return "{'descr': '" + descr.str() +
         "', 'fortran_order': False, 'shape': " + shape.str() + ", }\n";
}

std::string parseError(llvm::StringRef header, llvm::StringRef data) {
  return messageOf(parseNpyHeader(npyFile(header, data), "x.npy"));
}

TEST(Npy, WrittenIsRead) {
  TempFolder folder;
  const std::vector<int64_t> shapes[] = {
      {}, {5}, {2, 3}, {0, 7}, {1, 2, 3, 4, 5}};
  for (DType dtype : {DType::F32, DType::I8, DType::U8, DType::I16, DType::I32,
                      DType::I64, DType::Bool, DType::U16, DType::U32,
                      DType::U64, DType::F16, DType::F64})
    for (llvm::ArrayRef<int64_t> dims : shapes) {
      NdArray array = valueOf(NdArray::create(dtype, dims, "test"));
      uint8_t next = 0;
      for (uint8_t &byte : array.mutableBytes())
        byte = next++;
      std::string path = folder.path("x.npy");
      ASSERT_EQ(messageOf(writeNpy(path, array)), "");
      NdArray read = valueOf(readNpy(path));
      EXPECT_EQ(read.dtype(), dtype);
      EXPECT_EQ(read.dims(), dims);
      EXPECT_EQ(read.bytes(), array.bytes());
      EXPECT_EQ(contentOf(path).size() - array.bytes().size(), 128u);
    }
}

TEST(Npy, HeaderAsNumpyWritesIt) {
  std::string header;
  llvm::raw_string_ostream os(header);
  writeNpyHeader(os, DType::F32, {3, 4});
  EXPECT_EQ(header.substr(10, 60),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } ");
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.back(), '\n');
  header.clear();
  writeNpyHeader(os, DType::U8, {7});
  EXPECT_TRUE(has(header, "'descr': '|u1'"));
  EXPECT_TRUE(has(header, "'shape': (7,), }"));
}

TEST(Npy, VersionsAndSpellings) {
  for (char major : {1, 2, 3}) {
    NpyHeader header = valueOf(parseNpyHeader(
        npyFile(headerOf("<i2", "(2, 2)"), std::string(8, 'x'), major), "x"));
    EXPECT_EQ(header.dtype, DType::I16);
    EXPECT_EQ(header.dims, (llvm::SmallVector<int64_t, 6>{2, 2}));
  }
  NpyHeader header = valueOf(parseNpyHeader(
      npyFile("{\"shape\":(2L,3L),\"descr\":\"|i1\",\"fortran_order\":False}",
              "123456"),
      "x"));
  EXPECT_EQ(header.dtype, DType::I8);
  EXPECT_EQ(header.dims, (llvm::SmallVector<int64_t, 6>{2, 3}));
  EXPECT_EQ(parseError(headerOf("<f8", "()"), "12345678"), "");
  EXPECT_EQ(parseError(headerOf("|b1", "(1,)"), "1"), "");
}

TEST(Npy, ErrorsNameTheRemedy) {
  EXPECT_TRUE(has(parseError("{'descr': '<f4', 'fortran_order': True, "
                             "'shape': (1, 1), }",
                             "1234"),
                  "numpy.ascontiguousarray"));
  EXPECT_TRUE(
      has(parseError(headerOf(">f4", "(1,)"), "1234"), ".astype('<f4')"));
  EXPECT_TRUE(has(parseError(headerOf("<c8", "(1,)"), "12345678"),
                  ".astype(numpy.float32)"));
  EXPECT_TRUE(has(parseError(headerOf("|O", "(1,)"), "12345678"),
                  ".astype(numpy.float32)"));
  EXPECT_TRUE(
      has(parseError("{'descr': [('a', '<f4')], 'fortran_order': False, "
                     "'shape': (1,), }",
                     "1234"),
          "records"));
  EXPECT_TRUE(has(messageOf(parseNpyHeader("PK\x03\x04...", "x.npz")), ".npz"));
  EXPECT_TRUE(has(messageOf(parseNpyHeader("hello", "x.npy")), "numpy.save"));
  EXPECT_TRUE(has(messageOf(readNpy("/nonexistent/x.npy")),
                  "'/nonexistent/x.npy': no such file"));
  EXPECT_TRUE(has(messageOf(readNpy("/")), "is a directory"));
  // Would deliver without end.
  EXPECT_TRUE(has(messageOf(readNpy("/dev/zero")), "no regular file"));
}

TEST(Npy, SizesAreChecked) {
  EXPECT_EQ(parseError(headerOf("<f4", "(2,)"), "12345678"), "");
  EXPECT_TRUE(has(parseError(headerOf("<f4", "(2,)"), "1234567"),
                  "7 bytes follow instead of 8"));
  EXPECT_NE(parseError(headerOf("<f4", "(2,)"), "123456789"), "");
  EXPECT_NE(parseError(headerOf("<f4", "(4611686018427387904, 4)"), ""), "");
  EXPECT_NE(parseError(headerOf("<f4", "(9223372036854775808,)"), ""), "");
  EXPECT_NE(parseError(headerOf("<f4", "(99999999999999999999999,)"), ""), "");
  EXPECT_NE(parseError(headerOf("<f4", "(-1,)"), ""), "");
  EXPECT_EQ(parseError(headerOf("<f4", "(0, 9223372036854775807)"), ""), "");
  std::string ones = "(";
  for (int i = 0; i < 33; ++i)
    ones += "1, ";
  EXPECT_TRUE(
      has(parseError(headerOf("<f4", ones + ")"), "1234"), "dimensions"));
}

TEST(Npy, DamagedHeaders) {
  for (llvm::StringRef header :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr'", "{'descr': '<f4",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0x1,), }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': "
        "(1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '', 'fortran_order': False, 'shape': (1,), }", "['descr']"})
    EXPECT_NE(parseError(header, "1234"), "") << header.str();
  std::string good = npyFile(headerOf("<f4", "(1,)"), "1234");
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(messageOf(parseNpyHeader(good.substr(0, size), "x")), "");
  good[6] = 4;
  EXPECT_TRUE(has(messageOf(parseNpyHeader(good, "x")), "version 4.0"));
}

TEST(Npy, MutantsDoNotCrash) {
  std::string good =
      npyFile(headerOf("<f4", "(2, 3)"), std::string(24, 'x'), 2);
  unsigned accepted = 0;
  for (unsigned seed = 0; seed < 5000; ++seed) {
    std::string content = mutate(good, seed);
    auto header = parseNpyHeader(content, "x");
    if (!header) {
      EXPECT_FALSE(llvm::toString(header.takeError()).empty());
      continue;
    }
    ++accepted;
    auto bytes = checkedProduct(header->dims, byteSize(header->dtype));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(header->dataOffset + *bytes, content.size());
  }
  EXPECT_LT(accepted, 2500u); // Mutants of the elements are fine.
}

TEST(NdArray, ConvertsToFloat) {
  auto convert = [](DType dtype, auto value) {
    uint8_t bytes[8 + 1];
    std::memcpy(bytes + 1, &value, sizeof(value)); // Not aligned.
    float result = -1.0f;
    convertToFloat(dtype, bytes + 1, 1, &result);
    return result;
  };
  EXPECT_EQ(convert(DType::F32, 1.5f), 1.5f);
  EXPECT_EQ(convert(DType::F64, 0.1), 0.1f);
  EXPECT_EQ(convert(DType::I8, int8_t(-128)), -128.0f);
  EXPECT_EQ(convert(DType::U8, uint8_t(255)), 255.0f);
  EXPECT_EQ(convert(DType::I16, int16_t(-2)), -2.0f);
  EXPECT_EQ(convert(DType::U16, uint16_t(65535)), 65535.0f);
  EXPECT_EQ(convert(DType::I32, int32_t(-16777217)), -16777216.0f);
  EXPECT_EQ(convert(DType::U32, uint32_t(4294967295u)), 4294967296.0f);
  EXPECT_EQ(convert(DType::I64, int64_t(-3)), -3.0f);
  EXPECT_EQ(convert(DType::U64, UINT64_MAX), 18446744073709551616.0f);
  EXPECT_EQ(convert(DType::Bool, uint8_t(7)), 1.0f);
  EXPECT_EQ(convert(DType::F16, uint16_t(0x3c00)), 1.0f);
  EXPECT_EQ(convert(DType::F16, uint16_t(0xc500)), -5.0f);
  EXPECT_EQ(convert(DType::F16, uint16_t(0x7bff)), 65504.0f);
  EXPECT_EQ(convert(DType::F16, uint16_t(0x0001)), std::ldexp(1.0f, -24));
  EXPECT_EQ(convert(DType::F16, uint16_t(0x83ff)), -std::ldexp(1023.f, -24));
  EXPECT_EQ(convert(DType::F16, uint16_t(0xfc00)), -INFINITY);
  EXPECT_TRUE(std::isnan(convert(DType::F16, uint16_t(0x7e00))));
  EXPECT_TRUE(std::signbit(convert(DType::F16, uint16_t(0x8000))));
}

TEST(NdArray, TooBigForMemory) {
  EXPECT_TRUE(has(messageOf(NdArray::create(
                      DType::F32, {int64_t(1) << 40, int64_t(1) << 20}, "big")),
                  "big f32[1099511627776,1048576] does not fit"));
  EXPECT_NE(messageOf(NdArray::create(DType::F64, {INT64_MAX}, "big")), "");
}

} // namespace
