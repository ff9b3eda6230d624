//===- SensitivityFile.cpp - what pruning single groups costs -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/SensitivityFile.h"
#include "Compress/Calibration/NamedNumbers.h"
#include "Compress/Support/InputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <limits>

using namespace llvm;
using namespace compress;

static constexpr StringLiteral kFormat = "compress-sensitivity";
static constexpr int64_t kVersion = 1;

//===----------------------------------------------------------------------===//
// Look-up
//===----------------------------------------------------------------------===//

const SensitivityMeasurement *SensitivityGroup::find(double rate) const {
  for (const SensitivityMeasurement &measurement : measurements)
    if (measurement.rate == rate)
      return &measurement;
  return nullptr;
}

const SensitivityMeasurement *SensitivityGroup::nearest(double part) const {
  const SensitivityMeasurement *best = nullptr;
  auto distance = [&](const SensitivityMeasurement &measurement) {
    return std::abs(static_cast<double>(measurement.removed) -
                    part * static_cast<double>(channels));
  };
  for (const SensitivityMeasurement &measurement : measurements)
    if (measurement.removed > 0 &&
        (!best || distance(measurement) < distance(*best)))
      best = &measurement;
  return best;
}

void SensitivityGroup::add(const SensitivityMeasurement &measurement) {
  auto place = lower_bound(
      measurements, measurement,
      [](const SensitivityMeasurement &a, const SensitivityMeasurement &b) {
        return a.rate < b.rate;
      });
  measurements.insert(place, measurement);
}

/// Names as JSON can have them.
static std::string toUnicode(StringRef name) {
  return json::isUTF8(name) ? name.str() : json::fixUTF8(name);
}

const SensitivityGroup *SensitivityFile::find(StringRef name) const {
  std::string unicode = toUnicode(name);
  for (const SensitivityGroup &group : groups)
    if (toUnicode(group.name) == unicode)
      return &group;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The shorter of two texts that are read as the number: 0.1, not
/// 0.10000000000000001.
static void writeReal(json::OStream &json, StringRef key, double number) {
  if (!std::isfinite(number))
    return json.attribute(key, nullptr);
  SmallString<32> text;
  double read;
  raw_svector_ostream(text) << format("%.15g", number);
  if (StringRef(text).getAsDouble(read) || read != number) {
    text.clear();
    raw_svector_ostream(text) << format("%.17g", number);
  }
  json.attributeBegin(key);
  json.rawValue(text);
  json.attributeEnd();
}

static void writeMeasurement(json::OStream &json,
                             const SensitivityMeasurement &measurement) {
  json.object([&] {
    writeReal(json, "rate", measurement.rate);
    json.attribute("removed", measurement.removed);
    json.attribute("parameters", measurement.parameters);
    json.attribute("macs", measurement.macs);
    writeReal(json, "output_error", measurement.error);
    if (measurement.agreement)
      writeReal(json, "agreement", *measurement.agreement);
    if (measurement.accuracy)
      writeReal(json, "accuracy", *measurement.accuracy);
  });
}

void SensitivityFile::writeJson(raw_ostream &os) const {
  json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("format", kFormat);
    json.attribute("version", kVersion);
    json.attribute("network", network);
    json.attribute("data", data);
    json.attribute("data_samples", dataSamples);
    json.attribute("criterion", criterion);
    json.attribute("repair", repair);
    json.attributeArray("exclude", [&] {
      for (const std::string &pattern : exclude)
        json.value(toUnicode(pattern));
    });
    json.attribute("samples", samples);
    json.attribute("labels", labels);
    json.attributeObject("full", [&] {
      json.attribute("parameters", parameters);
      json.attribute("macs", macs);
      if (accuracy)
        writeReal(json, "accuracy", *accuracy);
    });
    json.attributeArray("groups", [&] {
      for (const SensitivityGroup &group : groups)
        json.object([&] {
          json.attribute("name", toUnicode(group.name));
          json.attribute("channels", group.channels);
          json.attributeArray("measurements", [&] {
            for (const SensitivityMeasurement &each : group.measurements)
              writeMeasurement(json, each);
          });
        });
    });
  });
  os << '\n';
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// Reads the members of one object; the first that is wrong is the error.
class Fields {
public:
  Fields(const json::Object *object, const Twine &what, StringRef path)
      : object(object), what(what.str()), path(path) {
    if (!object)
      fail("is no object");
  }

  void read(StringRef key, std::string &text) {
    if (std::optional<StringRef> found =
            wrong ? std::nullopt : object->getString(key))
      text = found->str();
    else
      fail("has no text \"" + key + "\"");
  }
  void read(StringRef key, bool &flag) {
    if (std::optional<bool> found =
            wrong ? std::nullopt : object->getBoolean(key))
      flag = *found;
    else
      fail("has no \"" + key + "\" that is true or false");
  }
  /// Numbers from `least` to `most`.
  void read(StringRef key, int64_t &number, int64_t least,
            int64_t most = std::numeric_limits<int64_t>::max()) {
    std::optional<int64_t> found =
        wrong ? std::nullopt : object->getInteger(key);
    if (found && *found >= least && *found <= most)
      number = *found;
    else
      fail("has no \"" + key + "\" that is a whole number from " +
           Twine(least) +
           (most < std::numeric_limits<int64_t>::max() ? " to " + Twine(most)
                                                       : Twine()));
  }
  void read(StringRef key, double &number, double least, double most) {
    std::optional<double> found = wrong ? std::nullopt : object->getNumber(key);
    if (found && *found >= least && *found <= most)
      number = *found;
    else
      fail("has no number \"" + key + "\", or it is too small or too large");
  }
  void readPart(StringRef key, std::optional<double> &part) {
    double number = 0;
    if (wrong || !object->get(key))
      return;
    read(key, number, 0, 1);
    part = number;
  }
  bool isNull(StringRef key) const {
    const json::Value *value = wrong ? nullptr : object->get(key);
    return value && value->getAsNull();
  }
  const json::Array *array(StringRef key) {
    const json::Array *found = wrong ? nullptr : object->getArray(key);
    if (!found)
      fail("has no array \"" + key + "\"");
    return found;
  }
  void fail(const Twine &message) {
    if (!wrong)
      wrong = (what + " " + message).str();
  }
  Error take() const {
    if (!wrong)
      return Error::success();
    return fileError(path, *wrong + "; if the file is not needed, remove it");
  }

private:
  const json::Object *object;
  std::string what;
  StringRef path;
  std::optional<std::string> wrong;
};

} // namespace

static Error readGroup(const json::Value &value, bool labels,
                       SensitivityGroup &group, StringRef path) {
  Fields fields(value.getAsObject(), "a group", path);
  fields.read("name", group.name);
  fields.read("channels", group.channels, 1);
  const json::Array *measurements = fields.array("measurements");
  if (Error error = fields.take())
    return error;
  for (const json::Value &element : *measurements) {
    SensitivityMeasurement measurement;
    Fields each(element.getAsObject(), "a measurement of '" + group.name + "'",
                path);
    each.read("rate", measurement.rate, 0, 1);
    if (!(measurement.rate > 0 && measurement.rate < 1))
      each.fail("has a \"rate\" that is not between 0 and 1");
    each.read("removed", measurement.removed, 0, group.channels);
    each.read("parameters", measurement.parameters, 0);
    each.read("macs", measurement.macs, 0);
    if (each.isNull("output_error"))
      measurement.error = INFINITY;
    else
      each.read("output_error", measurement.error, 0,
                std::numeric_limits<double>::max());
    each.readPart("agreement", measurement.agreement);
    each.readPart("accuracy", measurement.accuracy);
    if (measurement.accuracy.has_value() != labels)
      each.fail(labels ? "has no \"accuracy\", although there are labels"
                       : "has an \"accuracy\", although there are no labels");
    if (group.find(measurement.rate))
      each.fail("has a \"rate\" that another one has");
    if (Error error = each.take())
      return error;
    group.add(measurement);
  }
  return Error::success();
}

Expected<SensitivityFile> SensitivityFile::read(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openInputFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<json::Value> root = parseJson((*buffer)->getBuffer(), path);
  if (!root)
    return root.takeError();
  const json::Object *object = root->getAsObject();
  if (!object || object->getString("format") != kFormat)
    return fileError(path, "holds no sensitivities: \"format\" is not \"" +
                               kFormat + "\"");
  if (object->getInteger("version") != kVersion)
    return fileError(path, "has another \"version\" than " + Twine(kVersion));
  SensitivityFile file;
  Fields fields(object, "the file", path);
  fields.read("network", file.network);
  fields.read("data", file.data);
  fields.read("data_samples", file.dataSamples, 1);
  fields.read("criterion", file.criterion);
  fields.read("repair", file.repair);
  fields.read("samples", file.samples, 1);
  fields.read("labels", file.labels);
  const json::Array *exclude = fields.array("exclude");
  const json::Array *groups = fields.array("groups");
  for (const json::Value &value : exclude ? *exclude : json::Array()) {
    if (std::optional<StringRef> pattern = value.getAsString())
      file.exclude.push_back(pattern->str());
    else
      fields.fail("has something in \"exclude\" that is no text");
  }
  if (Error error = fields.take())
    return std::move(error);
  Fields full(object->getObject("full"), "\"full\"", path);
  full.read("parameters", file.parameters, 0);
  full.read("macs", file.macs, 0);
  full.readPart("accuracy", file.accuracy);
  if (Error error = full.take())
    return std::move(error);
  StringSet<> names;
  for (const json::Value &value : *groups) {
    if (Error error =
            readGroup(value, file.labels, file.groups.emplace_back(), path))
      return std::move(error);
    if (!names.insert(file.groups.back().name).second)
      return fileError(path, "\"groups\" has '" + file.groups.back().name +
                                 "' twice");
  }
  return file;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kRemedy = "; name another file, or remove it";

Error SensitivityFile::checkSubject(const SensitivityFile &wanted,
                                    StringRef path) const {
  if (network != wanted.network)
    return fileError(path,
                     "has the sensitivities of another network" + kRemedy);
  if (criterion != wanted.criterion)
    return fileError(path, "was measured with the criterion '" + criterion +
                               "', not '" + wanted.criterion + "'" + kRemedy);
  if (repair != wanted.repair)
    return fileError(path, StringRef("was measured ") +
                               (repair ? "with" : "without") +
                               " weights fitted to the data" + kRemedy);
  return Error::success();
}

Error SensitivityFile::checkData(const SensitivityFile &wanted,
                                 StringRef path) const {
  if (exclude != wanted.exclude)
    return fileError(path, "was measured with other layers left out by "
                           "--prune-exclude" +
                               kRemedy);
  if (data != wanted.data)
    return fileError(path,
                     "was measured on other data, with other preprocessing or "
                     "another number of samples" +
                         kRemedy);
  if (samples != wanted.samples)
    return fileError(path, "has outputs compared on " + Twine(samples) +
                               " samples, not " + Twine(wanted.samples) +
                               kRemedy);
  return Error::success();
}

Expected<std::string> compress::digestSamples(const SampleSource &source,
                                              const ModelLibrary &library,
                                              int64_t &numSamples,
                                              SampleProgress progress) {
  Expected<SampleReader> reader = SampleReader::open(source, library);
  if (!reader)
    return reader.takeError();
  // A fast hash of each input, and a long one of those.
  SHA256 all;
  auto add = [&](ArrayRef<uint8_t> bytes) {
    XXH128_hash_t hash = xxh3_128bits(bytes);
    uint8_t text[16];
    support::endian::write64le(text, hash.low64);
    support::endian::write64le(text + 8, hash.high64);
    all.update(text);
  };
  numSamples = reader->size();
  for (int64_t sample = 0; sample < numSamples; ++sample) {
    if (Error error = reader->read(sample))
      return std::move(error);
    for (auto [pointer, info] : zip_equal(reader->inputs(), library.inputs()))
      add({static_cast<const uint8_t *>(pointer),
           static_cast<size_t>(info.bytes)});
    if (reader->hasLabels()) {
      Expected<int64_t> label = reader->label(sample);
      if (!label)
        return label.takeError();
      uint8_t text[8];
      support::endian::write64le(text, static_cast<uint64_t>(*label));
      all.update(text);
    }
    progress(sample + 1, numSamples);
  }
  return toHex(all.final(), /*LowerCase=*/true);
}
