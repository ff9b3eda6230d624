//===- SensitivityFileTest.cpp - what pruning single groups costs ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/SensitivityFile.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace compress;

namespace {

/// What reading a file with this content gives.
llvm::Expected<SensitivityFile> readText(llvm::StringRef text) {
  llvm::SmallString<64> path;
  int fd = -1;
  EXPECT_FALSE(
      llvm::sys::fs::createTemporaryFile("sensitivity", "json", fd, path));
  {
    llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
    os << text;
  }
  llvm::Expected<SensitivityFile> file = SensitivityFile::read(path);
  llvm::sys::fs::remove(path);
  return file;
}

std::string textOf(const SensitivityFile &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  file.writeJson(os);
  return text;
}

SensitivityMeasurement measure(double rate, int64_t removed, double error) {
  SensitivityMeasurement measurement;
  measurement.rate = rate;
  measurement.removed = removed;
  measurement.parameters = 900;
  measurement.macs = 12345678901;
  measurement.error = error;
  measurement.agreement = 0.875;
  measurement.accuracy = 1.0 / 3;
  return measurement;
}

SensitivityFile makeFile() {
  SensitivityFile file;
  file.network = "6f1c";
  file.data = "90ab";
  file.dataSamples = 1000;
  file.criterion = "l1, max";
  file.repair = false;
  file.exclude = {"stem*"};
  file.samples = 256;
  file.labels = true;
  file.parameters = 1000;
  file.macs = 22345678901;
  file.accuracy = 0.96875;
  file.groups = {{"conv1", 8, {}}, {"a \"b\"", 4, {}}};
  file.groups[0].add(measure(0.5, 4, 0.1));
  file.groups[0].add(measure(0.1, 0, 0));
  file.groups[0].add(measure(0.75, 6, INFINITY));
  return file;
}

TEST(SensitivityFile, IsReadAsWritten) {
  SensitivityFile file = makeFile();
  std::string text = textOf(file);
  llvm::Expected<SensitivityFile> read = readText(text);
  ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(textOf(*read), text);
  EXPECT_EQ(read->network, "6f1c");
  EXPECT_EQ(read->criterion, "l1, max");
  EXPECT_FALSE(read->repair);
  EXPECT_EQ(read->macs, 22345678901);
  EXPECT_EQ(read->accuracy, 0.96875);
  ASSERT_NE(read->find("conv1"), nullptr);
  ASSERT_NE(read->find("a \"b\""), nullptr);
  EXPECT_EQ(read->find("conv2"), nullptr);
  const SensitivityGroup &group = *read->find("conv1");
  ASSERT_EQ(group.measurements.size(), 3u);
  EXPECT_EQ(group.measurements[0].rate, 0.1);
  EXPECT_EQ(group.measurements[1].accuracy, 1.0 / 3);
  EXPECT_EQ(group.measurements[1].macs, 12345678901);
  EXPECT_FALSE(std::isfinite(group.measurements[2].error));
  EXPECT_NE(text.find("\"rate\": 0.1,"), std::string::npos) << text;
}

TEST(SensitivityFile, FindsMeasurements) {
  SensitivityFile file = makeFile();
  const SensitivityGroup &group = file.groups[0];
  EXPECT_EQ(group.find(0.2), nullptr);
  ASSERT_NE(group.find(0.75), nullptr);
  EXPECT_EQ(group.find(0.75)->removed, 6);
  EXPECT_EQ(group.nearest(0.6)->removed, 4);
  EXPECT_EQ(group.nearest(0.625)->removed, 4) << "of two the lower one";
  EXPECT_EQ(group.nearest(0.7)->removed, 6);
  // One that took no channel says nothing of them.
  EXPECT_EQ(group.nearest(0)->removed, 4);
  EXPECT_EQ(file.groups[1].nearest(0.5), nullptr);
}

TEST(SensitivityFile, ComparesWhatWasMeasured) {
  SensitivityFile file = makeFile();
  auto expect = [&](auto change, auto check, const char *message) {
    SensitivityFile wanted = makeFile();
    change(wanted);
    std::string text = llvm::toString((file.*check)(wanted, "old.json"));
    EXPECT_NE(text.find(message), std::string::npos) << text;
    EXPECT_NE(text.find("'old.json'"), std::string::npos) << text;
  };
  auto subject = &SensitivityFile::checkSubject;
  auto data = &SensitivityFile::checkData;
  EXPECT_FALSE(static_cast<bool>(file.checkSubject(makeFile(), "x")));
  EXPECT_FALSE(static_cast<bool>(file.checkData(makeFile(), "x")));
  expect([](auto &other) { other.network = "7"; }, subject, "another network");
  expect([](auto &other) { other.criterion = "l2"; }, subject,
         "with the criterion 'l1, max', not 'l2'");
  expect([](auto &other) { other.repair = true; }, subject,
         "without weights fitted");
  expect([](auto &other) { other.exclude.clear(); }, data, "other layers");
  expect([](auto &other) { other.data = "7"; }, data, "other data");
  expect([](auto &other) { other.samples = 100; }, data,
         "on 256 samples, not 100");
}

TEST(SensitivityFile, SaysWhatIsWrong) {
  const std::string whole = textOf(makeFile());
  auto expectError = [&](const std::string &text, const char *message) {
    llvm::Expected<SensitivityFile> file = readText(text);
    std::string found = file ? "no error" : llvm::toString(file.takeError());
    EXPECT_NE(found.find(message), std::string::npos)
        << found << "\nnot: " << message;
  };
  /// With `from` replaced, where it is first.
  auto expect = [&](llvm::StringRef from, llvm::StringRef to,
                    const char *message) {
    std::string text = whole;
    size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from.str();
    expectError(text.replace(at, from.size(), to), message);
  };
  expectError("", "is no JSON");
  expectError(whole.substr(0, whole.size() / 2), "is no JSON");
  expectError("{}", "holds no sensitivities");
  expectError(std::string(100000, '['), "nested too deep");
  expect("\"version\": 1", "\"version\": 2", "another \"version\"");
  expect("\"network\": \"6f1c\"", "\"network\": 3", "no text \"network\"");
  expect("\"repair\": false", "\"repair\": 0", "true or false");
  expect("\"samples\": 256", "\"samples\": 0", "whole number from 1");
  expect("\"stem*\"", "1", "\"exclude\" that is no text");
  expect("\"full\"", "\"empty\"", "\"full\" is no object");
  expect("\"channels\": 8", "\"channels\": 5", "from 0 to 5");
  expect("\"rate\": 0.1", "\"rate\": 0", "not between 0 and 1");
  expect("\"rate\": 0.1", "\"rate\": 0.5", "that another one has");
  expect("\"removed\": 4", "\"removed\": -1", "from 0 to 8");
  expect("\"macs\": 12345678901", "\"macs\": 1.5", "\"macs\"");
  expect("\"output_error\": 0,", "\"output_error\": -1,", "\"output_error\"");
  expect("\"output_error\": 0,", "", "\"output_error\"");
  expect("\"agreement\": 0.875", "\"agreement\": 1.5", "\"agreement\"");
  expect("\"labels\": true", "\"labels\": false", "there are no labels");
  expect("\"conv1\"", "\"a \\\"b\\\"\"", "twice");
  expect("\"groups\": [", "\"groups\": [7,", "a group is no object");
  expect("\"groups\": [", "\"group\": [", "no array \"groups\"");
}

} // namespace
