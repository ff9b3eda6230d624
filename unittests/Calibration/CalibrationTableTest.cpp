//===- CalibrationTableTest.cpp - tests of ranges in files ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/CalibrationTable.h"
#include <gtest/gtest.h>

using namespace compress;

namespace {

std::string jsonOf(const CalibrationTable &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  table.writeJson(os);
  return text;
}

std::string messageOf(llvm::StringRef json) {
  auto table = CalibrationTable::parse(json, "r.json");
  return table ? "" : llvm::toString(table.takeError());
}

std::string withTensors(llvm::StringRef tensors) {
  return (R"({"format": "compress-ranges", "version": 1, "tensors": [)" +
          tensors + "]}")
      .str();
}

TEST(CalibrationTable, ComesBackAsItWas) {
  CalibrationTable table;
  table.method = "mse";
  table.samples = 12;
  table.symmetric = true;
  table.entries = {{"a", {-0.1, 1.0 / 3}, -7, 8}, {"b\"\n", {0, 0}, 0, 0}};
  table.corrections = {{"conv", {0.1, -1e-30}}};
  table.equalization = {{"a", {0.5, 2}}};
  table.rounding = {{"conv", {0, 1, -1, 26, -26}}, {"dense", {}}};
  std::string json = jsonOf(table);
  auto back = CalibrationTable::parse(json, "r.json");
  ASSERT_TRUE(static_cast<bool>(back));
  EXPECT_EQ(jsonOf(*back), json);
  ASSERT_NE(back->find("a"), nullptr);
  EXPECT_EQ(back->find("a")->range.max, 1.0 / 3);
  EXPECT_EQ(back->find("c"), nullptr);
  ASSERT_NE(back->findCorrection("conv"), nullptr);
  EXPECT_EQ(back->findCorrection("conv")->values,
            (std::vector<double>{0.1, -1e-30}));
  EXPECT_EQ(back->findCorrection("a"), nullptr);
  ASSERT_EQ(back->equalization.size(), 1u);
  EXPECT_EQ(back->equalization[0].values, (std::vector<double>{0.5, 2}));
  EXPECT_NE(json.find(R"("steps": "0aAzZ")"), std::string::npos);
  ASSERT_NE(back->findRounding("conv"), nullptr);
  EXPECT_EQ(back->findRounding("conv")->steps,
            (std::vector<int8_t>{0, 1, -1, 26, -26}));
  EXPECT_EQ(back->findRounding("a"), nullptr);
}

TEST(CalibrationTable, NamesWhatIsWrongWithRounding) {
  auto withRounding = [](llvm::StringRef rounding) {
    return (R"({"format": "compress-ranges", "version": 1, "tensors": [],
               "rounding": )" +
            rounding + "}")
        .str();
  };
  EXPECT_EQ(messageOf(withRounding(R"([{"name": "a", "steps": "0aZ"}])")), "");
  EXPECT_EQ(messageOf(withRounding("3")), "'r.json': \"rounding\" is no array");
  EXPECT_EQ(messageOf(withRounding(R"([{"name": "a"}])")),
            "'r.json': \"rounding\" holds something that is no object with a "
            "\"name\" and \"steps\", a text");
  EXPECT_EQ(messageOf(withRounding(R"([{"name": "a", "steps": "0"},
                                       {"name": "a", "steps": "0"}])")),
            "'r.json': \"rounding\" has 'a' twice");
  EXPECT_EQ(messageOf(withRounding(R"([{"name": "a", "steps": "0 "}])")),
            "'r.json': \"steps\" of 'a' has something that is neither 0 nor a "
            "letter from a to z or A to Z");
}

TEST(CalibrationTable, NamesWhatIsWrong) {
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": 0, "max": 1})")), "");
  EXPECT_NE(messageOf("{").find("'r.json': is no JSON: "), std::string::npos);
  EXPECT_NE(messageOf("").find("is no JSON"), std::string::npos);
  EXPECT_EQ(messageOf(std::string(100000, '[')),
            "'r.json': is nested too deep for such a file");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "[[[[[[[[[[[[[[[[[[\\\"[",
                                      "min": 0, "max": 1})")),
            "");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": 0, "max": 1,
                                      "observed_max": "z"})")),
            "'r.json': tensor 'a': \"observed_min\" or \"observed_max\" is no "
            "number of f32");
  EXPECT_EQ(messageOf("[]"),
            "'r.json': holds no ranges: \"format\" is not "
            "\"compress-ranges\"; write such a file with --save-ranges");
  EXPECT_EQ(messageOf(R"({"format": "compress-ranges", "version": 2})"),
            "'r.json': has another \"version\" than 1");
  EXPECT_EQ(messageOf(R"({"format": "compress-ranges", "version": 1})"),
            "'r.json': has no array \"tensors\"");
  EXPECT_EQ(messageOf(withTensors("3")),
            "'r.json': \"tensors\" holds something that is no object with a "
            "\"name\"");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": 2, "max": 1})")),
            "'r.json': tensor 'a': \"min\" is greater than \"max\"");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": "x", "max": 1})")),
            "'r.json': tensor 'a': \"min\" or \"max\" is no number");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": 0, "max": 1e39})")),
            "'r.json': tensor 'a': \"min\" or \"max\" is beyond f32");
  EXPECT_EQ(messageOf(withTensors(R"({"name": "a", "min": 0, "max": 1},
                                     {"name": "a", "min": 0, "max": 1})")),
            "'r.json': tensor 'a' is there twice");
  std::string corrections =
      R"({"format": "compress-ranges", "version": 1, "tensors": [],
          "corrections": [)";
  EXPECT_EQ(messageOf(corrections + R"({"name": "c", "bias": [1, "x"]}]})"),
            "'r.json': \"bias\" of 'c' has something that is no number");
  EXPECT_EQ(messageOf(corrections + R"({"name": "c"}]})"),
            "'r.json': \"corrections\" holds something that is no object with "
            "a \"name\" and an array \"bias\"");
  EXPECT_EQ(messageOf(corrections + R"({"name": "c", "bias": []},
                                       {"name": "c", "bias": []}]})"),
            "'r.json': \"corrections\" has 'c' twice");
  std::string equalization =
      R"({"format": "compress-ranges", "version": 1, "tensors": [],
          "equalization": )";
  EXPECT_EQ(messageOf(equalization + "3}"),
            "'r.json': \"equalization\" is no array");
  EXPECT_EQ(messageOf(equalization + R"([{"name": "c", "factors": [0]}]})"),
            "'r.json': \"factors\" of 'c' has something that is no number "
            "above 0");
}

} // namespace
