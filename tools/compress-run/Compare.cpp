//===- Compare.cpp - the command compare ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How far the outputs of two networks are apart. They are compared as real
// numbers: f32, or integers whose scale and zero point are known, of which
// numerics.md says what they stand for. Other integers have no meaning that is
// known, and are compared with their like only.
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/InputFile.h"
#include "Samples.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;
using namespace compress;

static DType dtypeOf(const compress_tensor_info &tensor) {
  return static_cast<DType>(tensor.dtype); // Checked when it was loaded.
}

static bool isReal(const compress_tensor_info &tensor) {
  return dtypeOf(tensor) == DType::F32 || tensor.quantized;
}

static int64_t numElements(const compress_tensor_info &tensor) {
  return tensor.bytes / byteSize(dtypeOf(tensor));
}

static double readReal(const compress_tensor_info &tensor,
                       const uint8_t *elements, int64_t i) {
  double stored = readNumber(dtypeOf(tensor), elements, i);
  if (!tensor.quantized)
    return stored;
  return static_cast<float>(stored - tensor.zero_point) * tensor.scale;
}

/// How far from the finite number `a` is `b`; infinitely where that is NaN.
static double realDistance(double a, double b) {
  double result = std::fabs(a - b);
  return std::isnan(result) ? std::numeric_limits<double>::infinity() : result;
}

/// How far integers are apart; not through f64, in which large ones are alike.
static double integerDistance(DType dtype, const uint8_t *a, const uint8_t *b) {
  auto bitsOf = [&](const uint8_t *element) {
    if (std::optional<int64_t> value = readInteger(dtype, element))
      return static_cast<uint64_t>(*value);
    return support::endian::read64le(element); // u64 above the range of i64
  };
  uint64_t x = bitsOf(a), y = bitsOf(b);
  bool less = dtype == DType::U64
                  ? x < y
                  : static_cast<int64_t>(x) < static_cast<int64_t>(y);
  return static_cast<double>(less ? y - x : x - y);
}

/// Where the largest element is, the first of equal ones. NaN is larger than
/// everything else.
static int64_t largest(const compress_tensor_info &tensor,
                       const uint8_t *elements) {
  int64_t best = 0;
  double most = readReal(tensor, elements, 0);
  for (int64_t i = 1, e = numElements(tensor); i < e && !std::isnan(most);
       ++i) {
    double value = readReal(tensor, elements, i);
    if (value <= most)
      continue;
    best = i;
    most = value;
  }
  return best;
}

namespace {

/// What is measured of an output, or of all.
struct Distances {
  double signal = 0.0; ///< the sum of squares of the reference
  double noise = 0.0;  ///< that of the distances
  double most = 0.0;   ///< the largest distance

  void add(const Distances &other) {
    signal += other.signal;
    noise += other.noise;
    most = std::max(most, other.most);
  }

  void print(raw_ostream &os) const {
    double sqnr = noise == 0.0 ? std::numeric_limits<double>::infinity()
                               : 10.0 * std::log10(signal / noise);
    os << format("sqnr_db=%.2f max_abs=%.6g", sqnr, most);
  }
};

class Comparison {
public:
  Comparison(ModelLibrary &reference, ModelLibrary &other,
             const CompareOptions &options)
      : reference(reference), other(other), options(options),
        distances(reference.outputs().size()) {}

  Error checkTensors() const;
  Error run();
  void print(raw_ostream &os) const;

private:
  Error checkTensors(StringRef kind, ArrayRef<compress_tensor_info> mine,
                     ArrayRef<compress_tensor_info> others) const;
  Error compareOutput(size_t index, const uint8_t *expected,
                      const uint8_t *actual, int64_t item);

  ModelLibrary &reference, &other;
  const CompareOptions &options;
  std::vector<Distances> distances; ///< one an output
  int64_t agreeing = 0, numSamples = 0;
};

} // namespace

Error Comparison::checkTensors(StringRef kind,
                               ArrayRef<compress_tensor_info> mine,
                               ArrayRef<compress_tensor_info> others) const {
  auto differ = [&](const Twine &what, const Twine &mine,
                    StringRef remedy =
                        "compare two forms of one network") -> Error {
    return fileError(options.other, what + ", but " + mine + " in '" +
                                        options.reference + "'; " + remedy);
  };
  if (mine.size() != others.size())
    return differ("the number of " + kind + "s is " + Twine(others.size()),
                  Twine(mine.size()));
  for (size_t i = 0; i < mine.size(); ++i) {
    std::string what = ("the " + kind + " '" + others[i].name + "' is ").str() +
                       typeString(others[i]);
    if (dimsOf(mine[i]) != dimsOf(others[i]))
      return differ(what, typeString(mine[i]));
    bool comparable =
        isReal(mine[i])
            ? isReal(others[i])
            : !isReal(others[i]) && dtypeOf(mine[i]) == dtypeOf(others[i]);
    if (!comparable)
      return differ(what, typeString(mine[i]),
                    "types may differ only where the scale of integers is "
                    "known");
  }
  return Error::success();
}

Error Comparison::checkTensors() const {
  if (Error error = checkTensors("input", reference.inputs(), other.inputs()))
    return error;
  if (Error error = checkInputForSamples(reference, "compared"))
    return error;
  return checkTensors("output", reference.outputs(), other.outputs());
}

Error Comparison::compareOutput(size_t index, const uint8_t *expected,
                                const uint8_t *actual, int64_t item) {
  const compress_tensor_info &mine = reference.outputs()[index];
  const compress_tensor_info &others = other.outputs()[index];
  Distances sums;
  for (int64_t i = 0, e = numElements(mine); i < e; ++i) {
    double value = readReal(mine, expected, i);
    if (!std::isfinite(value))
      return fileError(options.reference,
                       "the output '" + Twine(mine.name) + "' has " +
                           (std::isnan(value) ? "a NaN" : "an infinity") +
                           " for item " + Twine(item) +
                           " of the data, from which nothing has a distance; "
                           "the reference must give finite numbers");
    int64_t offset = i * byteSize(dtypeOf(mine));
    double apart = isReal(mine)
                       ? realDistance(value, readReal(others, actual, i))
                       : integerDistance(dtypeOf(mine), expected + offset,
                                         actual + offset);
    sums.signal += value * value;
    sums.noise += apart * apart;
    sums.most = std::max(sums.most, apart);
  }
  distances[index].add(sums);
  return Error::success();
}

Error Comparison::run() {
  Expected<Samples> samples = Samples::open(options.samples);
  if (!samples)
    return samples.takeError();
  auto makeRunner = [&](ModelLibrary &library) {
    return ItemRunner::create(library, samples->data(),
                              options.samples.preprocess, options.threads);
  };
  Expected<ItemRunner> expected = makeRunner(reference);
  if (!expected)
    return expected.takeError();
  Expected<ItemRunner> actual = makeRunner(other);
  if (!actual)
    return actual.takeError();

  numSamples = samples->count();
  return samples->forEach([&](int64_t item, ArrayRef<float> values) -> Error {
    reportCrashesOf(options.reference);
    if (Error error = expected->run(values))
      return error;
    reportCrashesOf(options.other);
    if (Error error = actual->run(values))
      return error;
    for (size_t i = 0; i < distances.size(); ++i)
      if (Error error =
              compareOutput(i, expected->output(i), actual->output(i), item))
        return error;
    if (numElements(reference.outputs()[0]) > 1)
      agreeing += largest(reference.outputs()[0], expected->output(0)) ==
                  largest(other.outputs()[0], actual->output(0));
    return Error::success();
  });
}

void Comparison::print(raw_ostream &os) const {
  Distances total;
  for (size_t i = 0; i < distances.size(); ++i) {
    total.add(distances[i]);
    if (distances.size() == 1)
      continue;
    os << "output=" << i << ' ';
    distances[i].print(os);
    // Last, since it may have spaces.
    os << " name=";
    os.write_escaped(reference.outputs()[i].name) << '\n';
  }
  if (numElements(reference.outputs()[0]) > 1)
    os << format("agreement=%.2f ", 100.0 * static_cast<double>(agreeing) /
                                        static_cast<double>(numSamples));
  total.print(os);
  os << " n=" << numSamples << '\n';
}

Error compress::compareCommand(ModelLibrary &reference, ModelLibrary &other,
                               const CompareOptions &options) {
  Comparison comparison(reference, other, options);
  if (Error error = comparison.checkTensors())
    return error;
  if (Error error = comparison.run())
    return error;
  comparison.print(outs());
  return Error::success();
}
