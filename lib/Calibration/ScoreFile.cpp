//===- ScoreFile.cpp - scores of channels in a file -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/ScoreFile.h"
#include "Compress/Support/InputFile.h"

using namespace llvm;
using namespace compress;

static constexpr StringLiteral kFormat = "compress-scores";
static constexpr int64_t kVersion = 1;

const NamedNumbers *ScoreFile::find(StringRef name) const {
  for (const NamedNumbers &group : groups)
    if (group.name == name)
      return &group;
  return nullptr;
}

void ScoreFile::writeJson(raw_ostream &os) const {
  json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("format", kFormat);
    json.attribute("version", kVersion);
    json.attribute("criterion", criterion);
    json.attribute("samples", samples);
    json.attributeArray("groups", [&] {
      for (const NamedNumbers &group : groups)
        writeNamedNumbers(json, group.name, "scores", group.numbers);
    });
  });
  os << '\n';
}

Expected<ScoreFile> ScoreFile::read(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openInputFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<json::Value> root = parseJson((*buffer)->getBuffer(), path);
  if (!root)
    return root.takeError();
  const json::Object *object = root->getAsObject();
  if (!object || object->getString("format") != kFormat)
    return fileError(path,
                     "holds no scores: \"format\" is not \"" + kFormat + "\"");
  if (object->getInteger("version") != kVersion)
    return fileError(path, "has another \"version\" than " + Twine(kVersion));
  if (!object->getArray("groups"))
    return fileError(path, "has no array \"groups\"");
  ScoreFile file;
  file.criterion = object->getString("criterion").value_or("").str();
  file.samples = object->getInteger("samples").value_or(0);
  auto groups = parseNamedNumbers(*object, "groups", "scores",
                                  /*positive=*/false, path);
  if (!groups)
    return groups.takeError();
  file.groups = std::move(*groups);
  return file;
}
