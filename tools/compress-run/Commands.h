//===- Commands.h - what compress-run can do --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESS_RUN_COMMANDS_H
#define COMPRESS_TOOLS_COMPRESS_RUN_COMMANDS_H

#include "Compress/Support/Dataset.h"
#include "Compress/Support/ModelLibrary.h"
#include "Compress/Support/NdArray.h"
#include <cstdint>
#include <string>
#include <vector>

namespace compress {

/// Stores real numbers as elements of an input, which is no bool. Those of an
/// integer input are quantized where the network says how, else rounded, and
/// saturated. `values` are changed.
void storeInput(const compress_tensor_info &input,
                llvm::MutableArrayRef<float> values, uint8_t *result);

/// Arrays for the inputs of a network, each with any number of samples.
class InputArrays {
public:
  /// Reads a .npy file for each input of `library`, in their order. They have
  /// the input's dimensions, the first a multiple of the network's batch, and
  /// the input's type or f32. "-" is standard input.
  static llvm::Expected<InputArrays> read(const ModelLibrary &library,
                                          llvm::ArrayRef<std::string> paths);

  /// How many inferences the arrays are for.
  int64_t numRuns() const { return runs; }

  /// Puts what run `run` needs into `buffers`, floats as storeInput does.
  void load(const ModelLibrary &library, int64_t run,
            const TensorBuffers &buffers) const;

private:
  std::vector<NdArray> arrays;
  int64_t runs = 1;
};

struct RunOptions {
  std::vector<std::string> inputs, outputs; ///< .npy files
  int32_t threads = 0;                      ///< 0: as many as the network may
};

/// Which samples a command uses, and what is done to them.
struct SampleOptions {
  std::string data;      ///< as Dataset::open takes it
  int64_t skip = 0;      ///< how many of the first items are left out
  int64_t limit = 0;     ///< how many of the others are used; 0: all
  Preprocess preprocess; ///< of each item
};

struct EvalOptions {
  SampleOptions samples;
  int32_t threads = 0;     ///< as above
  std::string dumpOutputs; ///< a .npy file, or empty
};

struct CompareOptions {
  std::string reference, other; ///< what to call the two in messages
  SampleOptions samples;
  int32_t threads = 0; ///< as above
};

struct BenchOptions {
  std::string model;               ///< what to call the network
  std::vector<std::string> inputs; ///< .npy files; none: made up
  int32_t threads = 0;             ///< as above
  int64_t runs = 0;                ///< 0: about a second
  bool perOp = false;              ///< the time of every kernel instead
  std::string json, html;          ///< that to these files, if not empty
};

/// The commands. They write their results to files and to standard output.
llvm::Error runCommand(ModelLibrary &library, const RunOptions &options);
llvm::Error evalCommand(ModelLibrary &library, const EvalOptions &options);
llvm::Error compareCommand(ModelLibrary &reference, ModelLibrary &other,
                           const CompareOptions &options);
llvm::Error benchCommand(ModelLibrary &library, const BenchOptions &options);
void infoCommand(const ModelLibrary &library);

/// From here on a crash is an error of the library that is called `path`: no
/// check can tell whether the code in a file is damaged.
void reportCrashesOf(llvm::StringRef path);

/// A tensor as in "f32[1,3,32,32]".
std::string typeString(const compress_tensor_info &tensor);

} // namespace compress

#endif // COMPRESS_TOOLS_COMPRESS_RUN_COMMANDS_H
