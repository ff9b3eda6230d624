//===- NamedNumbers.cpp - lists of numbers in JSON ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/NamedNumbers.h"
#include "Compress/Support/InputFile.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace llvm;
using namespace compress;

void compress::writeNamedNumbers(json::OStream &json, StringRef name,
                                 StringRef key, ArrayRef<double> numbers) {
  json.object([&] {
    json.attribute("name", name);
    json.attributeArray(key, [&] {
      for (double number : numbers)
        json.value(number);
    });
  });
}

Expected<std::vector<NamedNumbers>>
compress::parseNamedNumbers(const json::Object &object, StringRef list,
                            StringRef key, bool positive, StringRef source) {
  std::vector<NamedNumbers> result;
  const json::Value *value = object.get(list);
  if (!value)
    return result;
  const json::Array *array = value->getAsArray();
  if (!array)
    return fileError(source, "\"" + list + "\" is no array");
  StringSet<> names;
  for (const json::Value &element : *array) {
    const json::Object *entry = element.getAsObject();
    std::optional<StringRef> name =
        entry ? entry->getString("name") : std::nullopt;
    const json::Array *numbers = entry ? entry->getArray(key) : nullptr;
    if (!name || !numbers)
      return fileError(source, "\"" + list +
                                   "\" holds something that is no object with "
                                   "a \"name\" and an array \"" +
                                   key + "\"");
    if (!names.insert(*name).second)
      return fileError(source, "\"" + list + "\" has '" + *name + "' twice");
    NamedNumbers &named = result.emplace_back();
    named.name = name->str();
    for (const json::Value &part : *numbers) {
      std::optional<double> number = part.getAsNumber();
      if (!number || !std::isfinite(*number) || (positive && !(*number > 0)))
        return fileError(source, "\"" + key + "\" of '" + *name +
                                     "' has something that is no " +
                                     (positive ? "number above 0" : "number"));
      named.numbers.push_back(*number);
    }
  }
  return result;
}

static bool nestsTooDeep(StringRef text) {
  constexpr int kMost = 16;
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      inString = c != '"';
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMost)
        return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

Expected<json::Value> compress::parseJson(StringRef text, StringRef source) {
  if (nestsTooDeep(text))
    return fileError(source, "is nested too deep for such a file");
  Expected<json::Value> root = json::parse(text);
  if (!root)
    return fileError(source, "is no JSON: " + toString(root.takeError()));
  return root;
}
