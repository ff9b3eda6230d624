//===- SampleRunner.cpp - a compiled network on data ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/SampleRunner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/xxhash.h"
#include <algorithm>
#include <cstring>

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
  auto arena = AlignedBuffer::allocate(library.info().arena_bytes,
                                       "the network's arena");
  if (!arena)
    return arena.takeError();
  runner.arena = std::move(*arena);
  for (const compress_tensor_info &info : library.outputs()) {
    auto buffer = AlignedBuffer::allocate(info.bytes, "an output");
    if (!buffer)
      return buffer.takeError();
    runner.pointers.push_back(buffer->data());
    runner.buffers.push_back(std::move(*buffer));
  }
  return runner;
}

/// What the networks on all samples at a time may take.
static constexpr int64_t kCrewBytes = int64_t(1) << 30;
/// Samples a thread where they take little: threads wait for each other less.
static constexpr int64_t kSeatsPerThread = 4;
static constexpr int64_t kSmallSeat = 8 << 20;

/// What one sample takes.
static int64_t getSeatBytes(ArrayRef<ModelLibrary *> libraries) {
  int64_t bytes = 0;
  for (ModelLibrary *library : libraries) {
    bytes += library->info().arena_bytes;
    for (const compress_tensor_info &info : library->outputs())
      bytes += info.bytes;
  }
  return bytes;
}

Expected<SampleCrew> SampleCrew::create(ArrayRef<ModelLibrary *> libraries,
                                        const SampleSource &source,
                                        int32_t threads) {
  Expected<SampleReader> reader =
      SampleReader::open(source, *libraries.front());
  if (!reader)
    return reader.takeError();
  SampleCrew crew(std::move(*reader));
  auto cpus = static_cast<int64_t>(
      std::max(1u, hardware_concurrency().compute_thread_count()));
  int64_t wanted = threads > 0 ? std::min<int64_t>(threads, cpus) : cpus;
  int64_t bytes = std::max<int64_t>(1, getSeatBytes(libraries));
  crew.threads = std::clamp<int64_t>(kCrewBytes / bytes, 1, wanted);
  if (wanted > 1 && bytes <= kSmallSeat)
    wanted *= kSeatsPerThread;
  int64_t count = std::clamp<int64_t>(kCrewBytes / bytes, 1, wanted);
  for (int64_t i = 0; i < count; ++i) {
    Seat &seat = crew.seats.emplace_back();
    for (const compress_tensor_info &info : libraries.front()->inputs()) {
      auto buffer = AlignedBuffer::allocate(info.bytes, "an input");
      if (!buffer)
        return buffer.takeError();
      seat.pointers.push_back(buffer->data());
      seat.inputs.push_back(std::move(*buffer));
    }
    for (ModelLibrary *library : libraries) {
      Expected<SampleRunner> runner =
          SampleRunner::create(*library, count > 1 ? 1 : threads);
      if (!runner)
        return runner.takeError();
      seat.runners.push_back(std::move(*runner));
    }
  }
  return crew;
}

void SampleCrew::runOn(Seat &seat) {
  seat.failure.clear();
  for (SampleRunner &runner : seat.runners)
    if (Error error = runner.run(seat.pointers)) {
      seat.failure = toString(std::move(error));
      return;
    }
}

Error SampleCrew::run(int64_t count, function_ref<int64_t(int64_t n)> sampleOf,
                      Visit visit) {
  auto most = static_cast<int64_t>(seats.size());
  for (int64_t begin = 0; begin < count; begin += most) {
    int64_t used = std::min(most, count - begin);
    for (int64_t i = 0; i < used; ++i) {
      if (Error error = samples.read(sampleOf(begin + i)))
        return error;
      for (auto [buffer, input] : zip_equal(seats[i].inputs, samples.inputs()))
        std::memcpy(buffer.data(), input, buffer.size());
    }
    auto runEvery = [&](size_t first) {
      for (int64_t i = static_cast<int64_t>(first); i < used; i += threads)
        runOn(seats[i]);
    };
    if (threads == 1)
      runEvery(0);
    else
      parallelFor(0, threads, runEvery);
    for (int64_t i = 0; i < used; ++i) {
      if (!seats[i].failure.empty())
        return failure(seats[i].failure);
      if (Error error = visit(sampleOf(begin + i), seats[i].runners))
        return error;
    }
  }
  return Error::success();
}

int64_t compress::pickSample(int64_t n, int64_t used, int64_t total,
                             int64_t seed) {
  int64_t begin = n * total / used, end = (n + 1) * total / used;
  std::string key = std::to_string(seed) + "/" + std::to_string(n);
  return begin + static_cast<int64_t>(xxh3_64bits(key) %
                                      static_cast<uint64_t>(end - begin));
}
