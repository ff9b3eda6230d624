//===- Run.cpp - the commands run and info --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/Npy.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace compress;

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

static DType dtypeOf(const compress_tensor_info &tensor) {
  return static_cast<DType>(tensor.dtype); // Checked when it was loaded.
}

static StringRef nameOf(const compress_tensor_info &tensor) {
  return tensor.name;
}

std::string compress::typeString(const compress_tensor_info &tensor) {
  return (nameOf(dtypeOf(tensor)) + shapeString(dimsOf(tensor))).str();
}

void compress::storeInput(const compress_tensor_info &input,
                          MutableArrayRef<float> values, uint8_t *result) {
  if (input.quantized)
    for (float &value : values) {
      float steps = value / input.scale; // 0 / 0 is no number, and 0 here.
      value = std::isnan(steps) ? 0.0f : std::nearbyint(steps);
      value += static_cast<float>(input.zero_point);
    }
  convertFromFloat(values, dtypeOf(input), result);
}

/// The error that there are not as many files as inputs or outputs.
static Error countError(StringRef kind, ArrayRef<compress_tensor_info> tensors,
                        size_t given) {
  std::string names;
  for (const compress_tensor_info &tensor : tensors)
    names += (names.empty() ? "'" : ", '") + nameOf(tensor).str() + "'";
  return createStringError(inconvertibleErrorCode(),
                           "the number of --" + kind + " is " + Twine(given) +
                               ", but the network has " +
                               Twine(tensors.size()) + ": " + names +
                               "; give one for each, in this order");
}

/// How many runs an array of the dimensions `dims` is for; nothing where it is
/// not for such an input.
static std::optional<int64_t> countRuns(ArrayRef<int64_t> dims,
                                        ArrayRef<int64_t> modelDims) {
  if (dims == modelDims)
    return 1;
  if (dims.empty() || dims.size() != modelDims.size() ||
      dims.drop_front() != modelDims.drop_front() || modelDims[0] == 0 ||
      dims[0] % modelDims[0] != 0)
    return std::nullopt;
  return dims[0] / modelDims[0];
}

static Expected<NdArray> readFromPipe(StringRef name) {
  Expected<std::unique_ptr<MemoryBuffer>> content = readStandardInput();
  if (!content)
    return content.takeError();
  return readNpy(std::move(*content), name);
}

Expected<InputArrays> InputArrays::read(const ModelLibrary &library,
                                        ArrayRef<std::string> paths) {
  ArrayRef<compress_tensor_info> tensors = library.inputs();
  if (paths.size() != tensors.size())
    return countError("input", tensors, paths.size());
  InputArrays result;
  for (size_t i = 0; i < paths.size(); ++i) {
    bool fromPipe = paths[i] == "-";
    std::string path = fromPipe ? "standard input" : paths[i];
    Expected<NdArray> array = fromPipe ? readFromPipe(path) : readNpy(path);
    if (!array)
      return array.takeError();
    const compress_tensor_info &tensor = tensors[i];
    DType dtype = dtypeOf(tensor);
    bool converted = array->dtype() == DType::F32 && isInteger(dtype);
    if (array->dtype() != dtype && !converted)
      return fileError(path, "holds " + compress::nameOf(array->dtype()) +
                                 ", but the input '" + nameOf(tensor) +
                                 "' is " + compress::nameOf(dtype) +
                                 "; convert it with .astype");
    std::optional<int64_t> runs = countRuns(array->dims(), dimsOf(tensor));
    if (!runs)
      return fileError(path, "has the shape " + shapeString(array->dims()) +
                                 ", but the input '" + nameOf(tensor) +
                                 "' has " + shapeString(dimsOf(tensor)) +
                                 "; only the first dimension may differ, "
                                 "by a factor");
    if (i > 0 && *runs != result.runs)
      return fileError(path, "has samples for " + Twine(*runs) +
                                 " runs, but '" + paths[0] + "' for " +
                                 Twine(result.runs) + "; give as many of each");
    result.runs = *runs;
    result.arrays.push_back(std::move(*array));
  }
  return result;
}

void InputArrays::load(const ModelLibrary &library, int64_t run,
                       const TensorBuffers &buffers) const {
  for (size_t i = 0; i < arrays.size(); ++i) {
    const compress_tensor_info &tensor = library.inputs()[i];
    const NdArray &array = arrays[i];
    DType dtype = dtypeOf(tensor);
    uint8_t *target = buffers.data(i);
    int64_t count = tensor.bytes / byteSize(dtype);
    const uint8_t *source =
        array.bytes().data() + run * count * byteSize(array.dtype());
    if (array.dtype() == dtype) {
      if (tensor.bytes > 0)
        std::memcpy(target, source, tensor.bytes);
      // No other bytes are bools.
      for (int64_t j = 0; dtype == DType::Bool && j < count; ++j)
        target[j] = target[j] != 0;
      continue;
    }
    std::vector<float> values(count);
    convertToFloat(DType::F32, source, count, values.data());
    storeInput(tensor, values, target);
  }
}

//===----------------------------------------------------------------------===//
// run
//===----------------------------------------------------------------------===//

/// The dimensions of an output of all runs together: its own with the first
/// one multiplied, or with one more where the first is not that of a batch.
static SmallVector<int64_t, 6> dimsOfAll(const compress_tensor_info &output,
                                         int64_t batch, int64_t runs) {
  SmallVector<int64_t, 6> dims(dimsOf(output));
  if (!dims.empty() && dims[0] == batch) {
    // Past the largest number the array will not fit into memory anyhow.
    dims[0] = SaturatingMultiply(static_cast<uint64_t>(batch),
                                 static_cast<uint64_t>(runs)) > INT64_MAX
                  ? INT64_MAX
                  : batch * runs;
  } else if (runs != 1) {
    dims.insert(dims.begin(), runs);
  }
  return dims;
}

Error compress::runCommand(ModelLibrary &library, const RunOptions &options) {
  Expected<InputArrays> arrays = InputArrays::read(library, options.inputs);
  if (!arrays)
    return arrays.takeError();
  ArrayRef<compress_tensor_info> tensors = library.outputs();
  if (options.outputs.size() != tensors.size())
    return countError("output", tensors, options.outputs.size());
  Expected<TensorBuffers> inputs = TensorBuffers::allocate(library.inputs());
  if (!inputs)
    return inputs.takeError();
  Expected<TensorBuffers> outputs = TensorBuffers::allocate(tensors);
  if (!outputs)
    return outputs.takeError();

  int64_t batch = 1;
  if (!library.inputs().empty() && library.inputs()[0].rank > 0)
    batch = library.inputs()[0].dims[0];
  std::vector<NdArray> results;
  for (const compress_tensor_info &tensor : tensors) {
    Expected<NdArray> result = NdArray::create(
        dtypeOf(tensor), dimsOfAll(tensor, batch, arrays->numRuns()),
        "the output '" + nameOf(tensor).str() + "'");
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }

  for (int64_t run = 0; run < arrays->numRuns(); ++run) {
    arrays->load(library, run, *inputs);
    if (Error error = library.run(inputs->constPointers(), outputs->pointers(),
                                  options.threads))
      return error;
    for (size_t i = 0; i < results.size(); ++i)
      if (tensors[i].bytes > 0)
        std::memcpy(results[i].mutableBytes().data() + run * tensors[i].bytes,
                    outputs->data(i), tensors[i].bytes);
  }
  for (size_t i = 0; i < results.size(); ++i)
    if (Error error = writeNpy(options.outputs[i], results[i]))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// info
//===----------------------------------------------------------------------===//

static void printTensors(StringRef kind,
                         ArrayRef<compress_tensor_info> tensors) {
  for (const compress_tensor_info &tensor : tensors) {
    outs() << kind;
    outs().write_escaped(nameOf(tensor)) << ": " << typeString(tensor);
    if (tensor.quantized)
      outs() << format(" = %.9g * (stored - %d)",
                       static_cast<double>(tensor.scale), tensor.zero_point);
    outs() << '\n';
  }
}

void compress::infoCommand(const ModelLibrary &library) {
  const compress_model_info &info = library.info();
  outs() << "network:   " << library.name() << '\n';
  outs() << "producer:  ";
  outs().write_escaped(info.producer) << '\n';
  outs() << "target:    ";
  outs().write_escaped(info.target) << '\n';
  outs() << "threads:   " << info.max_threads << '\n';
  outs() << "arena:     " << info.arena_bytes << " bytes\n";
  outs() << "constants: " << info.constant_bytes << " bytes\n";
  printTensors("input:     ", library.inputs());
  printTensors("output:    ", library.outputs());
}
