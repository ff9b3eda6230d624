//===- ModelLibrary.h - compiled networks in use ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_MODELLIBRARY_H
#define COMPRESS_SUPPORT_MODELLIBRARY_H

#include "Compress/Runtime/Abi.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace compress {

/// Memory aligned to COMPRESS_ARENA_ALIGNMENT.
class AlignedBuffer {
public:
  AlignedBuffer() = default;

  /// `bytes` bytes of undefined content; null where that is 0. An error where
  /// the memory does not suffice; `what` names the use in it.
  static llvm::Expected<AlignedBuffer> allocate(int64_t bytes,
                                                llvm::StringRef what);

  uint8_t *data() const { return memory.get(); }
  int64_t size() const { return numBytes; }

private:
  struct Free {
    void operator()(uint8_t *pointer) const { std::free(pointer); }
  };
  std::unique_ptr<uint8_t, Free> memory;
  int64_t numBytes = 0;
};

/// Memory for all inputs or all outputs of one inference.
class TensorBuffers {
public:
  static llvm::Expected<TensorBuffers>
  allocate(llvm::ArrayRef<compress_tensor_info> tensors);

  uint8_t *data(size_t i) const { return buffers[i].data(); }
  llvm::ArrayRef<void *> pointers() const { return addresses; }
  llvm::ArrayRef<const void *> constPointers() const {
    return llvm::ArrayRef<const void *>(addresses.data(), addresses.size());
  }

private:
  std::vector<AlignedBuffer> buffers;
  std::vector<void *> addresses;
};

/// What a library's file says before it is loaded.
struct ModelFile {
  /// The network's name: the library exports NAME_info and NAME_run.
  std::string name;
  /// A part of the library in memory; addresses are relative to its begin.
  struct Segment {
    uint64_t begin, end;
    bool isWritable;
  };
  llvm::SmallVector<Segment, 4> readable;
  bool hasProfile = false; ///< it exports NAME_profile
};

/// Whether `content` begins as a library does, not as a model file.
bool isLibrary(llvm::StringRef content);

/// Checks that `content` is a shared library for this machine that the dynamic
/// linker can load: everything that its headers, dynamic section and
/// relocations point to is there. Finds the network in it. Errors name `path`.
llvm::Expected<ModelFile> checkModelFile(llvm::StringRef content,
                                         llvm::StringRef path);

/// Checks that the CPU has what a library was compiled for. The error says
/// what it lacks.
llvm::Error checkTarget(llvm::StringRef target);

/// A compiled network, loaded, with an arena to run in.
class ModelLibrary {
public:
  /// Loads the library `path`. The errors name it, or call it `name` where one
  /// is given: the file is damaged, for another machine or CPU, has no network
  /// or another version of the ABI.
  static llvm::Expected<std::unique_ptr<ModelLibrary>>
  open(llvm::StringRef path, llvm::StringRef name = {});
  ~ModelLibrary();

  ModelLibrary(const ModelLibrary &) = delete;
  ModelLibrary &operator=(const ModelLibrary &) = delete;

  llvm::StringRef name() const { return file.name; }
  const compress_model_info &info() const { return *modelInfo; }
  llvm::ArrayRef<compress_tensor_info> inputs() const {
    return {modelInfo->inputs, modelInfo->num_inputs};
  }
  llvm::ArrayRef<compress_tensor_info> outputs() const {
    return {modelInfo->outputs, modelInfo->num_outputs};
  }

  /// Where the time goes; null where the library does not count it.
  const compress_profile *profile() const { return profileInfo; }

  /// Computes one inference, as NAME_run in Abi.h; one at a time in the
  /// library's own arena, several at once if each brings one, of
  /// info().arena_bytes. There is a pointer for each of inputs() and outputs(),
  /// best aligned like an AlignedBuffer.
  llvm::Error run(llvm::ArrayRef<const void *> inputs,
                  llvm::ArrayRef<void *> outputs, int32_t threads = 0,
                  const AlignedBuffer *ownArena = nullptr);

private:
  ModelLibrary() = default;
  llvm::Error load(llvm::StringRef path);
  llvm::Error checkInfo(llvm::StringRef path, uint64_t base) const;
  llvm::Error checkProfile(uint64_t base) const;
  bool isString(const char *string, uint64_t base) const;
  uint64_t countBehind(const void *pointer, uint64_t base) const;

  ModelFile file;
  std::string path; ///< as the errors have it
  void *handle = nullptr;
  const compress_model_info *modelInfo = nullptr;
  const compress_profile *profileInfo = nullptr;
  compress_run_fn runFn = nullptr;
  AlignedBuffer arena;
};

/// The dimensions of an input or output.
inline llvm::ArrayRef<int64_t> dimsOf(const compress_tensor_info &tensor) {
  return {tensor.dims, static_cast<size_t>(tensor.rank)};
}

} // namespace compress

#endif // COMPRESS_SUPPORT_MODELLIBRARY_H
