//===- DatasetTest.cpp - tests of data sets -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Dataset.h"
#include "Compress/Support/Npy.h"
#include "TestFiles.h"
// zlib has a function of our namespace's name.
#define compress zlibCompress
#include <zlib.h>
#undef compress

using namespace compress;
using namespace compress::test;

namespace {

/// Bytes that count up from `first`.
std::string counting(size_t size, uint8_t first = 0) {
  std::string result;
  for (size_t i = 0; i < size; ++i)
    result += static_cast<char>(first++);
  return result;
}

std::string bigEndian(uint32_t value) {
  std::string result;
  for (int shift = 24; shift >= 0; shift -= 8)
    result += static_cast<char>(value >> shift);
  return result;
}

std::string idxFile(llvm::ArrayRef<uint32_t> dims, llvm::StringRef data) {
  std::string file("\0\0\x08", 3);
  file += static_cast<char>(dims.size());
  for (uint32_t dim : dims)
    file += bigEndian(dim);
  return file + data.str();
}

std::string npyFile(DType dtype, llvm::ArrayRef<int64_t> dims,
                    llvm::StringRef data) {
  std::string file;
  llvm::raw_string_ostream os(file);
  writeNpyHeader(os, dtype, dims);
  os << data;
  return file;
}

std::string gzipped(const TempFolder &folder, llvm::StringRef content) {
  std::string path = folder.path("gzipped");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), content.size());
  gzclose(file);
  return contentOf(path);
}

std::unique_ptr<Dataset> open(const std::string &spec) {
  return valueOf(Dataset::open(spec));
}

std::vector<float> item(Dataset &data, int64_t index) {
  std::vector<float> result(data.itemElements());
  EXPECT_EQ(messageOf(data.read(index, result.data())), "");
  return result;
}

std::string openError(const std::string &spec) {
  return messageOf(Dataset::open(spec));
}

TEST(Dataset, Cifar10) {
  TempFolder folder;
  std::string file = folder.write("x.bin", "\x07" + counting(3072) + "\x02" +
                                               counting(3072, 5));
  auto data = open("cifar10:" + file);
  EXPECT_EQ(data->size(), 2);
  EXPECT_EQ(shapeString(data->itemShape()), "[3,32,32]");
  EXPECT_EQ(data->layout(), Layout::CHW);
  ASSERT_TRUE(data->hasLabels());
  EXPECT_EQ(valueOf(data->label(0)), 7);
  EXPECT_EQ(valueOf(data->label(1)), 2);
  EXPECT_EQ(item(*data, 0)[1], 1.0f);
  EXPECT_EQ(item(*data, 1)[3071], float((3071 + 5) % 256));
  EXPECT_EQ(messageOf(data->checkLabels(8, 2)), "");
  EXPECT_EQ(messageOf(data->checkLabels(5, 2)),
            "'" + file +
                "': the label of item 0 is 7, but there are only 5 classes; "
                "do these labels belong to this network?");
  EXPECT_EQ(messageOf(data->checkLabels(5, 1, 1)), "");
  folder.write("x.bin", counting(3072));
  EXPECT_TRUE(has(openError("cifar10:" + file), "no multiple of 3073"));
  folder.write("x.bin", "");
  EXPECT_NE(openError("cifar10:" + file), "");
}

TEST(Dataset, Idx) {
  TempFolder folder;
  std::string images = idxFile({3, 2, 4}, counting(24, 100));
  std::string labels = idxFile({3}, "\x01\x09\x04");
  std::string x = folder.write("x", images), y = folder.write("y", labels);
  std::string xz = folder.write("xz", gzipped(folder, images));
  std::string yz = folder.write("yz", gzipped(folder, labels));
  for (const std::string &spec :
       {x + "," + y, xz + "," + yz, x + "," + yz, xz + "," + y}) {
    auto data = open("idx:" + spec);
    EXPECT_EQ(data->size(), 3);
    EXPECT_EQ(shapeString(data->itemShape()), "[2,4]");
    for (int64_t i : {2, 0, 1}) { // Not in order.
      std::vector<float> numbers = item(*data, i);
      for (int64_t j = 0; j < 8; ++j)
        EXPECT_EQ(numbers[j], 100.0f + i * 8 + j);
    }
    EXPECT_EQ(valueOf(data->label(2)), 4);
    EXPECT_EQ(valueOf(data->label(0)), 1);
  }
  EXPECT_FALSE(open("idx:" + x)->hasLabels());

  EXPECT_TRUE(has(openError("idx:" + y), "idx:IMAGES,LABELS"));
  EXPECT_TRUE(has(openError("idx:" + x + "," + x), "one number an item"));
  folder.write("y", idxFile({2}, "\x01\x02"));
  EXPECT_TRUE(has(openError("idx:" + x + "," + y), "2 labels for 3 items"));
  folder.write("x", idxFile({3, 2, 4}, counting(23)));
  EXPECT_TRUE(has(openError("idx:" + x), "39 bytes instead of 40"));
  folder.write("x", idxFile({0, 2, 4}, ""));
  EXPECT_TRUE(has(openError("idx:" + x), "no items"));
  images[2] = 0x0d;
  folder.write("x", images);
  EXPECT_TRUE(has(openError("idx:" + x), "only unsigned bytes"));
}

TEST(Dataset, GzipThatLies) {
  TempFolder folder;
  auto openZipped = [&](llvm::StringRef content, size_t dropped = 0) {
    std::string file = gzipped(folder, content);
    file.resize(file.size() - dropped);
    return Dataset::open("idx:" + folder.write("x", file));
  };
  // Promises far more than such a file can hold.
  EXPECT_TRUE(has(
      messageOf(openZipped(idxFile({1000, 0x10000, 0x10000}, counting(100)))),
      "too small"));
  EXPECT_NE(
      messageOf(openZipped(idxFile({0xffffffff, 0xffffffff, 0xffffffff}, ""))),
      "");
  float numbers[100];
  auto shorter = valueOf(openZipped(idxFile({2, 10, 10}, counting(150))));
  EXPECT_EQ(messageOf(shorter->read(0, numbers)), "");
  EXPECT_TRUE(has(messageOf(shorter->read(1, numbers)), "ends early"));
  auto longer = valueOf(openZipped(idxFile({2, 10, 10}, counting(201))));
  EXPECT_EQ(messageOf(longer->read(0, numbers)), "");
  EXPECT_TRUE(has(messageOf(longer->read(1, numbers)), "goes on"));
  // The checksum is missing.
  auto cut = valueOf(openZipped(idxFile({2, 10, 10}, counting(200)), 8));
  EXPECT_NE(messageOf(cut->read(1, numbers)), "");
}

TEST(Dataset, Raw) {
  TempFolder folder;
  std::string x = folder.write("x", counting(24));
  auto data = open("raw:" + x + ",2x2x3x2");
  EXPECT_EQ(data->size(), 2);
  EXPECT_EQ(shapeString(data->itemShape()), "[2,3,2]");
  EXPECT_EQ(data->layout(), Layout::HWC);
  EXPECT_EQ(item(*data, 1)[0], 12.0f);
  for (const char *dims : {"2x2x3", "2x2x3x2x1", "2x2x-3x2", "2x2x3x0", "axb",
                           "2x2x3x99999999999999999999", "2X2X3X2"})
    EXPECT_TRUE(has(openError("raw:" + x + "," + dims), "NxHxWxC"));
  EXPECT_NE(openError("raw:" + x + ",9000000000x9000000000x9000000000x1"), "");
  EXPECT_TRUE(
      has(openError("raw:" + x + ",2x2x3x3"), "24 bytes instead of 36"));
  EXPECT_TRUE(has(openError("raw:" + x), "the sizes are missing"));
}

TEST(Dataset, Labels) {
  TempFolder folder;
  std::string x = folder.write("x", counting(3));
  auto labels = [&](llvm::StringRef content) {
    return "raw:" + x + ",3x1x1x1," + folder.write("y", content);
  };
  for (const std::string &content :
       {std::string(" 4\n1\t 2 "), std::string("4 1 2"),
        idxFile({3}, "\x04\x01\x02"),
        gzipped(folder, idxFile({3}, "\x04\x01\x02")),
        npyFile(DType::U8, {3}, "\x04\x01\x02"),
        npyFile(DType::I16, {3, 1}, std::string("\x04\0\x01\0\x02\0", 6))}) {
    auto data = open(labels(content));
    ASSERT_TRUE(data->hasLabels());
    EXPECT_EQ(valueOf(data->label(0)), 4);
    EXPECT_EQ(valueOf(data->label(1)), 1);
    EXPECT_EQ(valueOf(data->label(2)), 2);
  }
  EXPECT_TRUE(has(openError(labels("1 2")), "2 labels for 3 items"));
  EXPECT_TRUE(has(openError(labels("1 2 3 4")), "4 labels for 3 items"));
  EXPECT_TRUE(has(openError(labels("")), "0 labels for 3 items"));
  EXPECT_TRUE(has(openError(labels("1 -2 3")), "label 1 is '-2'"));
  EXPECT_TRUE(has(openError(labels("1 2.5 3")), "label 1 is '2.5'"));
  EXPECT_TRUE(has(openError(labels("1 2 99999999999")), "label 2"));
  EXPECT_TRUE(has(openError(labels(npyFile(DType::F32, {3}, counting(12)))),
                  ".astype(numpy.int64)"));
  EXPECT_TRUE(has(openError(labels(npyFile(DType::U8, {3, 2}, counting(6)))),
                  ".argmax(1)"));
  auto negative = open(labels(npyFile(DType::I8, {3}, "\x01\xff\x02")));
  EXPECT_TRUE(has(messageOf(negative->label(1)), "item 1 is -1"));
  EXPECT_NE(messageOf(negative->checkLabels(10, 3)), "");
  EXPECT_EQ(messageOf(negative->checkLabels(10, 1)), "");
  auto huge = open(labels(npyFile(DType::U64, {3}, std::string(24, '\xff'))));
  EXPECT_TRUE(has(messageOf(huge->label(0)), "too big"));
}

TEST(Dataset, Npy) {
  TempFolder folder;
  std::string x =
      folder.write("x.npy", npyFile(DType::I16, {2, 3}, counting(12)));
  auto data = open("npy:" + x);
  EXPECT_EQ(data->size(), 2);
  EXPECT_EQ(shapeString(data->itemShape()), "[3]");
  EXPECT_EQ(data->layout(), Layout::Unknown);
  EXPECT_FALSE(data->hasLabels());
  EXPECT_EQ(item(*data, 1),
            (std::vector<float>{6 + 7 * 256, 8 + 9 * 256, 10 + 11 * 256}));
  // Items longer than what is converted at once.
  std::string big = folder.write(
      "big.npy", npyFile(DType::F64, {1, 5000}, std::string(40000, '\0')));
  EXPECT_EQ(item(*open("npy:" + big), 0), std::vector<float>(5000));
  folder.write("x.npy", npyFile(DType::F32, {}, "1234"));
  EXPECT_TRUE(has(openError("npy:" + x), "single number"));
  folder.write("x.npy", npyFile(DType::F32, {0, 3}, ""));
  EXPECT_TRUE(has(openError("npy:" + x), "no items"));
}

TEST(Dataset, Specifications) {
  for (const char *spec :
       {"", "x", ":", "npy:", "npy:,", "npy:a,", "npy:,b", "npy:a,b,c",
        "cifar10:a,b", "idx:a,b,c", "raw:a,1x1x1x1,b,c", "csv:a", "raw:a"}) {
    EXPECT_TRUE(has(openError(spec), "data '" + std::string(spec) + "'"));
  }
  EXPECT_EQ(openError("npy:/nonexistent"),
            "'/nonexistent': no such file or directory");
  EXPECT_TRUE(has(openError("cifar10:/dev/zero"), "no regular file"));
}

TEST(Dataset, MutantsDoNotCrash) {
  TempFolder folder;
  std::string images = idxFile({5, 3, 4}, counting(60));
  std::string labels = idxFile({5}, counting(5));
  struct {
    const char *prefix, *suffix;
    std::string content;
  } formats[] = {
      {"cifar10:", "", counting(2 * 3073)},
      {"idx:", "", images},
      {"idx:", "", gzipped(folder, images)},
      {"npy:", "", npyFile(DType::F16, {5, 3, 4}, counting(120))},
      {"raw:", ",5x3x2x2", counting(60)},
  };
  std::string x = folder.write("x", counting(5));
  struct {
    const char *prefix;
    std::string content;
  } labelFormats[] = {
      {",5x1x1x1,", labels},
      {",5x1x1x1,", gzipped(folder, labels)},
      {",5x1x1x1,", npyFile(DType::I32, {5}, counting(20))},
      {",5x1x1x1,", "1 2 3 4 5"},
  };
  auto use = [&](const std::string &spec) {
    auto data = Dataset::open(spec);
    if (!data) {
      EXPECT_FALSE(llvm::toString(data.takeError()).empty());
      return;
    }
    // No more than zlib can make of so small a file.
    ASSERT_LE((*data)->itemElements(), 10000000);
    std::vector<float> numbers((*data)->itemElements());
    for (int64_t i = 0; i < std::min<int64_t>((*data)->size(), 7); ++i) {
      llvm::consumeError((*data)->read(i, numbers.data()));
      if ((*data)->hasLabels())
        llvm::consumeError((*data)->label(i).takeError());
    }
    llvm::consumeError((*data)->read((*data)->size() - 1, numbers.data()));
  };
  for (auto &format : formats)
    for (unsigned seed = 0; seed < 1000; ++seed)
      use(format.prefix + folder.write("mutant", mutate(format.content, seed)) +
          format.suffix);
  for (auto &format : labelFormats)
    for (unsigned seed = 0; seed < 1000; ++seed)
      use("raw:" + x + format.prefix +
          folder.write("mutant", mutate(format.content, seed)));
}

} // namespace
