//===- Eval.cpp - the command eval ----------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Compress/Support/Npy.h"
#include "Compress/Support/OutputFile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include <algorithm>
#include <chrono>
#include <cstring>

using namespace llvm;
using namespace compress;

namespace {

/// Tells a person at a terminal how far it is.
class Progress {
public:
  explicit Progress(int64_t total)
      : total(total), shown(sys::Process::StandardErrIsDisplayed()) {}
  ~Progress() {
    if (shown)
      errs() << "\r\033[K";
  }

  void update(int64_t done) {
    if (!shown)
      return;
    auto now = Clock::now();
    if (now - last < std::chrono::milliseconds(200))
      return;
    last = now;
    errs() << '\r' << done << " of " << total;
  }

private:
  using Clock = std::chrono::steady_clock;
  int64_t total;
  bool shown;
  Clock::time_point last = Clock::now();
};

/// How often the right class was the first, and among the first five.
struct Hits {
  int64_t top1 = 0, top5 = 0;
};

} // namespace

static double readScore(DType dtype, const uint8_t *scores, int64_t i) {
  const uint8_t *score = scores + i * byteSize(dtype);
  if (dtype != DType::F32)
    return static_cast<double>(*readInteger(dtype, score));
  float value;
  std::memcpy(&value, score, sizeof(value));
  return value;
}

/// How many classes come before `label`: those with a higher score, of equal
/// ones those with a lower number. NaN is higher than everything else.
static int64_t rankOf(int64_t label, DType dtype, const uint8_t *scores,
                      int64_t numClasses) {
  double own = readScore(dtype, scores, label);
  int64_t before = 0;
  for (int64_t i = 0; i < numClasses; ++i) {
    if (i == label)
      continue;
    double other = readScore(dtype, scores, i);
    before += !(other <= own) || (other == own && i < label);
  }
  return before;
}

/// Evaluates the first `count` items; the outputs go to `dump` if not null.
static Expected<Hits> evaluate(ModelLibrary &library, Dataset &data,
                               const InputPlan &plan,
                               const EvalOptions &options, int64_t count,
                               raw_ostream *dump) {
  Expected<TensorBuffers> inputs = TensorBuffers::allocate(library.inputs());
  if (!inputs)
    return inputs.takeError();
  Expected<TensorBuffers> outputs = TensorBuffers::allocate(library.outputs());
  if (!outputs)
    return outputs.takeError();
  const compress_tensor_info &scores = library.outputs()[0];
  auto inputType = static_cast<DType>(library.inputs()[0].dtype);
  auto scoreType = static_cast<DType>(scores.dtype);
  int64_t numClasses = scores.bytes / byteSize(scoreType);
  std::vector<float> item(plan.itemElements()), input(plan.inputElements());

  Hits hits;
  Progress progress(count);
  for (int64_t i = 0; i < count; ++i) {
    if (Error error = data.read(i, item.data()))
      return std::move(error);
    plan.apply(item.data(), input.data());
    convertFromFloat(input, inputType, inputs->data(0));
    if (Error error = library.run(inputs->constPointers(), outputs->pointers(),
                                  options.threads))
      return std::move(error);
    Expected<int64_t> label = data.label(i);
    if (!label)
      return label.takeError();
    int64_t rank = rankOf(*label, scoreType, outputs->data(0), numClasses);
    hits.top1 += rank < 1;
    hits.top5 += rank < 5;
    if (dump)
      dump->write(reinterpret_cast<const char *>(outputs->data(0)),
                  scores.bytes);
    progress.update(i + 1);
  }
  return hits;
}

Error compress::evalCommand(ModelLibrary &library, const EvalOptions &options) {
  auto fail = [](const Twine &message) {
    return createStringError(inconvertibleErrorCode(), message);
  };
  if (library.inputs().size() != 1)
    return fail("the network has " + Twine(library.inputs().size()) +
                " inputs; only networks with one can be evaluated");
  const compress_tensor_info &input = library.inputs()[0];
  const compress_tensor_info &scores = library.outputs()[0];
  auto inputType = static_cast<DType>(input.dtype);
  if (inputType == DType::Bool)
    return fail("the input of the network is " + typeString(input) +
                "; images are made of numbers");
  int64_t numClasses =
      scores.bytes / byteSize(static_cast<DType>(scores.dtype));
  if (numClasses < 2)
    return fail("the output of the network is " + typeString(scores) +
                ", which has no score for each class");

  Expected<std::unique_ptr<Dataset>> data = Dataset::open(options.data);
  if (!data)
    return data.takeError();
  if (!(*data)->hasLabels())
    return fail("data '" + options.data +
                "': there are no labels to compare with; add a comma and the "
                "file with the labels");
  Expected<InputPlan> plan =
      InputPlan::fit((*data)->itemShape(), (*data)->layout(), dimsOf(input),
                     options.preprocess);
  if (!plan)
    return plan.takeError();
  int64_t count = (*data)->size();
  if (options.limit > 0)
    count = std::min(count, options.limit);
  if (Error error = (*data)->checkLabels(numClasses, count))
    return error;

  Hits hits;
  auto evaluateInto = [&](raw_ostream *dump) -> Error {
    Expected<Hits> result =
        evaluate(library, **data, *plan, options, count, dump);
    if (!result)
      return result.takeError();
    hits = *result;
    return Error::success();
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
