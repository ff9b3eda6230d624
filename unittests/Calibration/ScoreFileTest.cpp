//===- ScoreFileTest.cpp - scores of channels in a file -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/ScoreFile.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace compress;

namespace {

/// What reading a file with this content gives.
llvm::Expected<ScoreFile> readText(llvm::StringRef text) {
  llvm::SmallString<64> path;
  int fd = -1;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("scores", "json", fd, path));
  {
    llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
    os << text;
  }
  llvm::Expected<ScoreFile> file = ScoreFile::read(path);
  llvm::sys::fs::remove(path);
  return file;
}

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<ScoreFile> file = readText(text);
  if (file)
    return "no error";
  return llvm::toString(file.takeError());
}

TEST(ScoreFile, IsReadAsWritten) {
  ScoreFile file;
  file.criterion = "reconstruction";
  file.groups = {{"conv1", {0.5, 1e-30, 2}}, {"a \"b\"", {3}}};
  std::string text;
  llvm::raw_string_ostream os(text);
  file.writeJson(os);
  llvm::Expected<ScoreFile> read = readText(text);
  ASSERT_TRUE(static_cast<bool>(read));
  EXPECT_EQ(read->criterion, "reconstruction");
  ASSERT_NE(read->find("a \"b\""), nullptr);
  ASSERT_NE(read->find("conv1"), nullptr);
  EXPECT_EQ(read->find("conv1")->numbers, file.groups[0].numbers);
  EXPECT_EQ(read->find("conv2"), nullptr);
}

TEST(ScoreFile, SaysWhatIsWrong) {
  const char *head = R"({"format": "compress-scores", "version": 1, )";
  auto expect = [&](const std::string &text, const char *message) {
    EXPECT_NE(errorOf(text).find(message), std::string::npos) << errorOf(text);
  };
  expect("", "is no JSON");
  expect("{}", "holds no scores");
  expect(R"({"format": "compress-scores", "version": 2})",
         "another \"version\"");
  expect(std::string(head) + "\"x\": 1}", "has no array \"groups\"");
  expect(std::string(head) + R"("groups": [{"name": "a"}]})",
         "no object with a \"name\" and an array \"scores\"");
  expect(std::string(head) + R"("groups": [{"name": "a", "scores": ["x"]}]})",
         "something that is no number");
  expect(std::string(head) +
             R"("groups": [{"name": "a", "scores": []},
                           {"name": "a", "scores": []}]})",
         "has 'a' twice");
  expect(std::string(100000, '['), "nested too deep");
}

} // namespace
