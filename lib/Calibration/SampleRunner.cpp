//===- SampleRunner.cpp - a compiled network on data ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/SampleRunner.h"
#include "llvm/Support/xxhash.h"
#include <algorithm>

using namespace llvm;
using namespace compress;

static Error failure(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

Expected<SampleReader> SampleReader::open(const SampleSource &source,
                                          const ModelLibrary &library) {
  ArrayRef<compress_tensor_info> inputs = library.inputs();
  if (inputs.size() != source.data.size())
    return failure(
        "the network has " + Twine(inputs.size()) +
        (inputs.size() == 1 ? " input" : " inputs") + ", and " +
        Twine(source.data.size()) +
        (source.data.size() == 1 ? " data set is" : " data sets are") +
        " given; give one for each, in their order");
  SampleReader reader;
  for (auto [index, info] : enumerate(inputs)) {
    StringRef spec = source.data[index];
    Input input;
    input.type = static_cast<DType>(info.dtype);
    if (input.type == DType::Bool)
      return failure("input " + Twine(index) +
                     " of the network is bool; samples are made of numbers");
    auto data = Dataset::open(spec);
    if (!data)
      return data.takeError();
    input.data = std::move(*data);
    auto plan = InputPlan::fit(input.data->itemShape(), input.data->layout(),
                               dimsOf(info), source.preprocess);
    if (!plan)
      return plan.takeError();
    input.plan = *plan;
    int64_t size = input.data->size();
    if (index == 0)
      reader.numSamples = size;
    else if (size != reader.numSamples)
      return failure("data '" + spec + "': has " + Twine(size) +
                     " samples, and that of the first input " +
                     Twine(reader.numSamples));
    input.item.resize(input.plan.itemElements());
    input.prepared.resize(input.plan.inputElements());
    auto bytes = AlignedBuffer::allocate(info.bytes, "an input");
    if (!bytes)
      return bytes.takeError();
    input.bytes = std::move(*bytes);
    reader.pointers.push_back(input.bytes.data());
    reader.sources.push_back(std::move(input));
  }
  if (source.limit > 0)
    reader.numSamples = std::min(reader.numSamples, source.limit);
  return reader;
}

Error SampleReader::read(int64_t index) {
  for (Input &input : sources) {
    if (Error error = input.data->read(index, input.item.data()))
      return error;
    input.plan.apply(input.item.data(), input.prepared.data());
    convertFromFloat(input.prepared, input.type, input.bytes.data());
  }
  return Error::success();
}

Expected<SampleRunner> SampleRunner::create(ModelLibrary &library,
                                            int32_t threads) {
  SampleRunner runner;
  runner.library = &library;
  runner.threads = threads;
  for (const compress_tensor_info &info : library.outputs()) {
    auto buffer = AlignedBuffer::allocate(info.bytes, "an output");
    if (!buffer)
      return buffer.takeError();
    runner.pointers.push_back(buffer->data());
    runner.buffers.push_back(std::move(*buffer));
  }
  return runner;
}

int64_t compress::pickSample(int64_t n, int64_t used, int64_t total,
                             int64_t seed) {
  int64_t begin = n * total / used, end = (n + 1) * total / used;
  std::string key = std::to_string(seed) + "/" + std::to_string(n);
  return begin + static_cast<int64_t>(xxh3_64bits(key) %
                                      static_cast<uint64_t>(end - begin));
}
