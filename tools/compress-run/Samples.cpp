//===- Samples.cpp - networks on samples of data --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples.h"
#include "llvm/Support/Process.h"
#include <algorithm>
#include <cassert>
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

} // namespace

Expected<Samples> Samples::open(const SampleOptions &options) {
  Expected<std::unique_ptr<Dataset>> data = Dataset::open(options.data);
  if (!data)
    return data.takeError();
  int64_t size = (*data)->size();
  if (options.skip >= size)
    return createStringError(inconvertibleErrorCode(),
                             "data '" + options.data + "': none of its " +
                                 Twine(size) + " samples is left behind the " +
                                 Twine(options.skip) +
                                 " that --skip leaves out");
  Samples samples;
  samples.dataset = std::move(*data);
  samples.firstItem = options.skip;
  samples.numItems = size - options.skip;
  if (options.limit > 0)
    samples.numItems = std::min(samples.numItems, options.limit);
  return samples;
}

Error Samples::forEach(function_ref<Error(int64_t, ArrayRef<float>)> use) {
  std::vector<float> item(dataset->itemElements());
  Progress progress(numItems);
  for (int64_t i = 0; i < numItems; ++i) {
    if (Error error = dataset->read(firstItem + i, item.data()))
      return error;
    if (Error error = use(firstItem + i, item))
      return error;
    progress.update(i + 1);
  }
  return Error::success();
}

Error compress::checkInputForSamples(const ModelLibrary &library,
                                     StringRef purpose) {
  if (library.inputs().size() != 1)
    return createStringError(
        inconvertibleErrorCode(),
        "the network has " + Twine(library.inputs().size()) +
            " inputs; only networks with one can be " + purpose);
  const compress_tensor_info &input = library.inputs()[0];
  if (static_cast<DType>(input.dtype) == DType::Bool)
    return createStringError(inconvertibleErrorCode(),
                             "the input of the network is " +
                                 typeString(input) +
                                 "; images are made of numbers");
  return Error::success();
}

Expected<ItemRunner> ItemRunner::create(ModelLibrary &library,
                                        const Dataset &data,
                                        const Preprocess &preprocess,
                                        int32_t threads) {
  Expected<InputPlan> plan = InputPlan::fit(
      data.itemShape(), data.layout(), dimsOf(library.inputs()[0]), preprocess);
  if (!plan)
    return plan.takeError();
  ItemRunner runner(library, std::move(*plan), threads);
  if (Error error =
          TensorBuffers::allocate(library.inputs()).moveInto(runner.inputs))
    return std::move(error);
  if (Error error =
          TensorBuffers::allocate(library.outputs()).moveInto(runner.outputs))
    return std::move(error);
  runner.input.resize(runner.plan.inputElements());
  return runner;
}

Error ItemRunner::run(ArrayRef<float> item) {
  assert(item.size() == static_cast<size_t>(plan.itemElements()));
  plan.apply(item.data(), input.data());
  storeInput(library->inputs()[0], input, inputs.data(0));
  return library->run(inputs.constPointers(), outputs.pointers(), threads);
}

double compress::readNumber(DType dtype, const uint8_t *elements, int64_t i) {
  const uint8_t *element = elements + i * byteSize(dtype);
  if (std::optional<int64_t> integer = readInteger(dtype, element))
    return static_cast<double>(*integer);
  if (dtype == DType::U64) {
    uint64_t value;
    std::memcpy(&value, element, sizeof(value));
    return static_cast<double>(value);
  }
  float value;
  convertToFloat(dtype, element, 1, &value);
  return value;
}
