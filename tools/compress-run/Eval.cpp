//===- Eval.cpp - the command eval ----------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Npy.h"
#include "Compress/Support/OutputFile.h"
#include "Samples.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace compress;

namespace {

/// How often the right class was the first, and among the first five.
struct Hits {
  int64_t top1 = 0, top5 = 0;
};

} // namespace

/// How many classes come before `label`: those with a higher score, of equal
/// ones those with a lower number. NaN is higher than everything else.
static int64_t rankOf(int64_t label, DType dtype, const uint8_t *scores,
                      int64_t numClasses) {
  double own = readNumber(dtype, scores, label);
  int64_t before = 0;
  for (int64_t i = 0; i < numClasses; ++i) {
    if (i == label)
      continue;
    double other = readNumber(dtype, scores, i);
    before += !(other <= own) || (other == own && i < label);
  }
  return before;
}

/// Evaluates the samples; the outputs go to `dump` if not null.
static Error evaluate(ModelLibrary &library, Samples &samples,
                      ItemRunner &runner, raw_ostream *dump, Hits &hits) {
  const compress_tensor_info &scores = library.outputs()[0];
  auto dtype = static_cast<DType>(scores.dtype);
  int64_t numClasses = scores.bytes / byteSize(dtype);
  return samples.forEach([&](int64_t i, ArrayRef<float> item) -> Error {
    if (Error error = runner.run(item))
      return error;
    Expected<int64_t> label = samples.data().label(i);
    if (!label)
      return label.takeError();
    int64_t rank = rankOf(*label, dtype, runner.output(0), numClasses);
    hits.top1 += rank < 1;
    hits.top5 += rank < 5;
    if (dump)
      dump->write(reinterpret_cast<const char *>(runner.output(0)),
                  scores.bytes);
    return Error::success();
  });
}

Error compress::evalCommand(ModelLibrary &library, const EvalOptions &options) {
  auto fail = [](const Twine &message) {
    return createStringError(inconvertibleErrorCode(), message);
  };
  if (Error error = checkInputForSamples(library, "evaluated"))
    return error;
  const compress_tensor_info &scores = library.outputs()[0];
  int64_t numClasses =
      scores.bytes / byteSize(static_cast<DType>(scores.dtype));
  if (numClasses < 2)
    return fail("the output of the network is " + typeString(scores) +
                ", which has no score for each class");

  Expected<Samples> samples = Samples::open(options.samples);
  if (!samples)
    return samples.takeError();
  Dataset &data = samples->data();
  if (!data.hasLabels())
    return fail("data '" + options.samples.data +
                "': there are no labels to compare with; add a comma and the "
                "file with the labels");
  Expected<ItemRunner> runner = ItemRunner::create(
      library, data, options.samples.preprocess, options.threads);
  if (!runner)
    return runner.takeError();
  int64_t count = samples->count();
  if (Error error = data.checkLabels(numClasses, count, samples->first()))
    return error;

  Hits hits;
  auto evaluateInto = [&](raw_ostream *dump) {
    return evaluate(library, *samples, *runner, dump, hits);
  };
  if (options.dumpOutputs.empty()) {
    if (Error error = evaluateInto(nullptr))
      return error;
  } else if (Error error =
                 writeOutput(options.dumpOutputs, [&](raw_ostream &os) {
                   SmallVector<int64_t, 6> dims(dimsOf(scores));
                   if (!dims.empty() && dims[0] == 1)
                     dims[0] = count;
                   else
                     dims.insert(dims.begin(), count);
                   writeNpyHeader(os, static_cast<DType>(scores.dtype), dims);
                   return evaluateInto(&os);
                 })) {
    return error;
  }
  auto percent = [&](int64_t part) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(count);
  };
  outs() << format("top1=%.2f top5=%.2f n=%lld\n", percent(hits.top1),
                   percent(hits.top5), static_cast<long long>(count));
  return Error::success();
}
