//===- Bench.cpp - the command bench --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "PerOp.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <chrono>
#include <random>

using namespace llvm;
using namespace compress;

/// Fills the inputs with numbers that are the same every time: floats from -1
/// to 1, small integers, and bools.
static void makeUpInputs(const ModelLibrary &library,
                         const TensorBuffers &buffers) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): as predictable as can be.
  std::minstd_rand generator(1);
  auto uniform = [&] { return static_cast<float>(generator()) / 2147483648.f; };
  for (size_t i = 0; i < library.inputs().size(); ++i) {
    const compress_tensor_info &tensor = library.inputs()[i];
    auto dtype = static_cast<DType>(tensor.dtype);
    std::vector<float> values(tensor.bytes / byteSize(dtype));
    for (float &value : values)
      value = dtype == DType::F32  ? 2.0f * uniform() - 1.0f
              : dtype == DType::I8 ? 254.0f * uniform() - 127.0f
              : dtype == DType::U8 ? 255.0f * uniform()
                                   : uniform() >= 0.5f;
    convertFromFloat(values, dtype == DType::Bool ? DType::U8 : dtype,
                     buffers.data(i));
  }
}

Error compress::benchCommand(ModelLibrary &library,
                             const BenchOptions &options) {
  if (options.perOp && !library.profile())
    return createStringError(inconvertibleErrorCode(),
                             "--per-op: the library counts no times; compile "
                             "it with --profile, or give the model");
  Expected<TensorBuffers> inputs = TensorBuffers::allocate(library.inputs());
  if (!inputs)
    return inputs.takeError();
  Expected<TensorBuffers> outputs = TensorBuffers::allocate(library.outputs());
  if (!outputs)
    return outputs.takeError();
  if (options.inputs.empty()) {
    makeUpInputs(library, *inputs);
  } else {
    Expected<InputArrays> arrays = InputArrays::read(library, options.inputs);
    if (!arrays)
      return arrays.takeError();
    if (arrays->numRuns() < 1)
      return createStringError(inconvertibleErrorCode(),
                               "the arrays have no samples; give one at least");
    arrays->load(library, 0, *inputs);
  }

  if (options.perOp)
    return printTimes(library,
                      [&] {
                        return library.run(inputs->constPointers(),
                                           outputs->pointers(),
                                           options.threads);
                      },
                      {options.model, options.threads, options.runs,
                       options.json, options.html});

  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  auto runFor = [&](double milliseconds, int64_t runs,
                    std::vector<double> *times) -> Error {
    Clock::time_point begin = Clock::now(), before = begin;
    for (int64_t i = 0; runs == 0 || i < runs; ++i) {
      if (Error error = library.run(inputs->constPointers(),
                                    outputs->pointers(), options.threads))
        return error;
      Clock::time_point after = Clock::now();
      if (times)
        times->push_back(Milliseconds(after - before).count());
      before = Clock::now();
      if (runs == 0 && Milliseconds(before - begin).count() >= milliseconds)
        break;
    }
    return Error::success();
  };
  std::vector<double> times;
  times.reserve(options.runs > 0 ? options.runs : 1 << 16);
  if (Error error = runFor(500.0, 0, nullptr))
    return error;
  if (Error error = runFor(1000.0, options.runs, &times))
    return error;

  std::sort(times.begin(), times.end());
  size_t half = times.size() / 2;
  double median =
      times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2.0;
  outs() << format("min_ms=%.3f median_ms=%.3f\n", times.front(), median);
  return Error::success();
}
