//===- CalibrationTable.cpp - the ranges of a network ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Calibration/NamedNumbers.h"
#include "Compress/Support/InputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <limits>

using namespace llvm;
using namespace compress;

static constexpr StringLiteral kFormat = "compress-ranges";
static constexpr int64_t kVersion = 1;

const CalibrationEntry *CalibrationTable::find(StringRef name) const {
  for (const CalibrationEntry &entry : entries)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

const BiasCorrection *CalibrationTable::findCorrection(StringRef name) const {
  for (const BiasCorrection &correction : corrections)
    if (correction.name == name)
      return &correction;
  return nullptr;
}

const WeightSteps *CalibrationTable::findRounding(StringRef name) const {
  for (const WeightSteps &steps : rounding)
    if (steps.name == name)
      return &steps;
  return nullptr;
}

static char letterOf(int8_t steps) {
  if (steps == 0)
    return '0';
  return static_cast<char>(steps > 0 ? 'a' + steps - 1 : 'A' - steps - 1);
}

static Expected<std::vector<WeightSteps>>
parseRounding(const json::Object &object, StringRef source) {
  std::vector<WeightSteps> result;
  const json::Value *value = object.get("rounding");
  if (!value)
    return result;
  const json::Array *array = value->getAsArray();
  if (!array)
    return fileError(source, "\"rounding\" is no array");
  StringSet<> names;
  for (const json::Value &element : *array) {
    const json::Object *entry = element.getAsObject();
    std::optional<StringRef> name =
        entry ? entry->getString("name") : std::nullopt;
    std::optional<StringRef> letters =
        entry ? entry->getString("steps") : std::nullopt;
    if (!name || !letters)
      return fileError(source, "\"rounding\" holds something that is no object "
                               "with a \"name\" and \"steps\", a text");
    if (!names.insert(*name).second)
      return fileError(source, "\"rounding\" has '" + *name + "' twice");
    WeightSteps &steps = result.emplace_back();
    steps.name = name->str();
    for (char letter : *letters) {
      if (letter != '0' && !isAlpha(letter))
        return fileError(source, "\"steps\" of '" + *name +
                                     "' has something that is neither 0 nor a "
                                     "letter from a to z or A to Z");
      int count = letter == '0'   ? 0
                  : letter >= 'a' ? letter - 'a' + 1
                                  : 'A' - letter - 1;
      steps.steps.push_back(static_cast<int8_t>(count));
    }
  }
  return result;
}

void CalibrationTable::writeJson(raw_ostream &os) const {
  json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("format", kFormat);
    json.attribute("version", kVersion);
    json.attribute("method", method);
    json.attribute("samples", samples);
    json.attribute("symmetric", symmetric);
    json.attributeArray("tensors", [&] {
      for (const CalibrationEntry &entry : entries)
        json.object([&] {
          json.attribute("name", entry.name);
          json.attribute("min", entry.range.min);
          json.attribute("max", entry.range.max);
          json.attribute("observed_min", entry.observedMin);
          json.attribute("observed_max", entry.observedMax);
        });
    });
    if (!corrections.empty())
      json.attributeArray("corrections", [&] {
        for (const BiasCorrection &correction : corrections)
          writeNamedNumbers(json, correction.name, "bias", correction.values);
      });
    if (!equalization.empty())
      json.attributeArray("equalization", [&] {
        for (const ChannelScales &scales : equalization)
          writeNamedNumbers(json, scales.name, "factors", scales.values);
      });
    if (!rounding.empty())
      json.attributeArray("rounding", [&] {
        for (const WeightSteps &layer : rounding)
          json.object([&] {
            std::string letters;
            for (int8_t steps : layer.steps)
              letters.push_back(letterOf(steps));
            json.attribute("name", layer.name);
            json.attribute("steps", letters);
          });
      });
  });
  os << '\n';
}

/// Reads one element of "tensors".
static Expected<CalibrationEntry> parseEntry(const json::Value &value,
                                             StringRef source) {
  const json::Object *object = value.getAsObject();
  std::optional<StringRef> name =
      object ? object->getString("name") : std::nullopt;
  if (!name)
    return fileError(source, "\"tensors\" holds something that is no object "
                             "with a \"name\"");
  CalibrationEntry entry;
  entry.name = name->str();
  std::optional<double> min = object->getNumber("min");
  std::optional<double> max = object->getNumber("max");
  std::string tensor = "tensor '" + entry.name + "': ";
  if (!min || !max)
    return fileError(source, tensor + "\"min\" or \"max\" is no number");
  constexpr double limit = std::numeric_limits<float>::max();
  if (!(std::abs(*min) <= limit && std::abs(*max) <= limit))
    return fileError(source, tensor + "\"min\" or \"max\" is beyond f32");
  if (*min > *max)
    return fileError(source, tensor + "\"min\" is greater than \"max\"");
  entry.range = {*min, *max};
  auto readObserved = [&](StringRef key, double other) -> double {
    const json::Value *value = object->get(key);
    return value ? value->getAsNumber().value_or(
                       std::numeric_limits<double>::quiet_NaN())
                 : other;
  };
  entry.observedMin = readObserved("observed_min", *min);
  entry.observedMax = readObserved("observed_max", *max);
  if (!(std::abs(entry.observedMin) <= limit &&
        std::abs(entry.observedMax) <= limit))
    return fileError(source, tensor + "\"observed_min\" or \"observed_max\" "
                                      "is no number of f32");
  return entry;
}

Expected<CalibrationTable> CalibrationTable::parse(StringRef text,
                                                   StringRef source) {
  Expected<json::Value> root = parseJson(text, source);
  if (!root)
    return root.takeError();
  const json::Object *object = root->getAsObject();
  if (!object || object->getString("format") != kFormat)
    return fileError(source, "holds no ranges: \"format\" is not \"" + kFormat +
                                 "\"; write such a file with --save-ranges");
  if (object->getInteger("version") != kVersion)
    return fileError(source, "has another \"version\" than " + Twine(kVersion));
  const json::Array *tensors = object->getArray("tensors");
  if (!tensors)
    return fileError(source, "has no array \"tensors\"");
  CalibrationTable table;
  table.method = object->getString("method").value_or("").str();
  table.samples = object->getInteger("samples").value_or(0);
  if (const json::Value *symmetric = object->get("symmetric")) {
    if (!symmetric->getAsBoolean())
      return fileError(source, "\"symmetric\" is neither true nor false");
    table.symmetric = *symmetric->getAsBoolean();
  }
  StringSet<> names;
  for (const json::Value &value : *tensors) {
    Expected<CalibrationEntry> entry = parseEntry(value, source);
    if (!entry)
      return entry.takeError();
    if (!names.insert(entry->name).second)
      return fileError(source, "tensor '" + entry->name + "' is there twice");
    table.entries.push_back(std::move(*entry));
  }
  auto corrections = parseNamedNumbers(*object, "corrections", "bias",
                                       /*positive=*/false, source);
  if (!corrections)
    return corrections.takeError();
  for (NamedNumbers &named : *corrections)
    table.corrections.push_back({named.name, std::move(named.numbers)});
  auto equalization = parseNamedNumbers(*object, "equalization", "factors",
                                        /*positive=*/true, source);
  if (!equalization)
    return equalization.takeError();
  for (NamedNumbers &named : *equalization)
    table.equalization.push_back({named.name, std::move(named.numbers)});
  auto rounding = parseRounding(*object, source);
  if (!rounding)
    return rounding.takeError();
  table.rounding = std::move(*rounding);
  return table;
}
