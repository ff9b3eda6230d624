//===- ModelLibrary.cpp - compiled networks in use ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/ModelLibrary.h"
#include "Compress/Support/CpuFeatures.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/NdArray.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <cassert>
#include <dlfcn.h>
#include <link.h>

using namespace llvm;
using namespace compress;

Expected<AlignedBuffer> AlignedBuffer::allocate(int64_t bytes, StringRef what) {
  AlignedBuffer buffer;
  buffer.numBytes = bytes;
  if (bytes == 0)
    return buffer;
  constexpr size_t alignment = COMPRESS_ARENA_ALIGNMENT;
  if (bytes > 0 && bytes <= INT64_MAX - static_cast<int64_t>(alignment))
    buffer.memory.reset(static_cast<uint8_t *>(
        std::aligned_alloc(alignment, alignTo(bytes, alignment))));
  if (!buffer.memory)
    return createStringError(inconvertibleErrorCode(),
                             what + " needs " + Twine(bytes) +
                                 " bytes, more than there are");
  return buffer;
}

Expected<TensorBuffers>
TensorBuffers::allocate(ArrayRef<compress_tensor_info> tensors) {
  TensorBuffers result;
  for (const compress_tensor_info &tensor : tensors) {
    Expected<AlignedBuffer> buffer =
        AlignedBuffer::allocate(tensor.bytes, tensor.name);
    if (!buffer)
      return buffer.takeError();
    result.addresses.push_back(buffer->data());
    result.buffers.push_back(std::move(*buffer));
  }
  return result;
}

static bool isHostX86() { return Triple(sys::getProcessTriple()).isX86(); }

Error compress::checkTarget(StringRef target) {
  StringMap<bool> host = sys::getHostCPUFeatures();
  bool isX86 = isHostX86();
  StringRef cpu = target.split(':').first;
  SmallVector<StringRef, 4> lacking;
  for (StringRef feature : targetFeatures(target)) {
    if (isSystemFeature(feature))
      continue;
    // On x86 every feature that the CPU could lack is known; the rest is
    // advice on how to optimize. Elsewhere those are listed that exist.
    auto found = host.find(feature);
    if (found == host.end() ? !isX86 : !found->second)
      lacking.push_back(feature);
  }
  if (lacking.empty())
    return Error::success();
  return createStringError(inconvertibleErrorCode(),
                           "was compiled for '" + cpu +
                               "', but this CPU has no " + join(lacking, ", ") +
                               "; compile it for this one (" +
                               sys::getHostCPUName() + ")");
}

Expected<std::unique_ptr<ModelLibrary>> ModelLibrary::open(StringRef path,
                                                           StringRef name) {
  std::unique_ptr<ModelLibrary> library(new ModelLibrary());
  library->path = (name.empty() ? path : name).str();
  if (Error error = library->load(path))
    return std::move(error);
  return library;
}

ModelLibrary::~ModelLibrary() {
  if (handle)
    dlclose(handle);
}

Error ModelLibrary::load(StringRef libraryPath) {
  {
    Expected<std::unique_ptr<MemoryBuffer>> content =
        openInputFile(libraryPath);
    if (!content)
      return content.takeError();
    Expected<ModelFile> checked = checkModelFile((*content)->getBuffer(), path);
    if (!checked)
      return checked.takeError();
    file = std::move(*checked);
  }

  // A name without a slash would be looked for in the system's folders.
  SmallString<128> absolute = libraryPath;
  if (std::error_code ec = sys::fs::make_absolute(absolute))
    return fileError(path, reasonOf(ec));
  handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return fileError(path, Twine("cannot be loaded: ") + dlerror());
  struct link_map *map = nullptr;
  void *infoSymbol = dlsym(handle, (file.name + "_info").c_str());
  void *runSymbol = dlsym(handle, (file.name + "_run").c_str());
  if (!infoSymbol || !runSymbol ||
      dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void *>(&map)) != 0)
    return fileError(path, "is damaged: its functions are not found; compile "
                           "it again");
  runFn = reinterpret_cast<compress_run_fn>(runSymbol);
  modelInfo = reinterpret_cast<compress_info_fn>(infoSymbol)();
  if (Error error = checkInfo(path, map->l_addr))
    return error;
  void *profile = file.hasProfile
                      ? dlsym(handle, (file.name + "_profile").c_str())
                      : nullptr;
  if (profile) {
    profileInfo = reinterpret_cast<compress_profile_fn>(profile)();
    if (Error error = checkProfile(map->l_addr))
      return error;
  }
  Expected<AlignedBuffer> memory =
      AlignedBuffer::allocate(modelInfo->arena_bytes, "the network's arena");
  if (!memory)
    return fileError(path, toString(memory.takeError()));
  arena = std::move(*memory);
  return Error::success();
}

/// How many bytes of the library there are behind a pointer into it.
uint64_t ModelLibrary::countBehind(const void *pointer, uint64_t base) const {
  uint64_t address = reinterpret_cast<uintptr_t>(pointer) - base;
  for (const ModelFile::Segment &segment : file.readable)
    if (address >= segment.begin && address < segment.end)
      return segment.end - address;
  return 0;
}

bool ModelLibrary::isString(const char *string, uint64_t base) const {
  uint64_t most = countBehind(string, base);
  return most > 0 && strnlen(string, most) < most;
}

Error ModelLibrary::checkProfile(uint64_t base) const {
  auto has = [&](const void *list, uint64_t count, uint64_t size) {
    return reinterpret_cast<uintptr_t>(list) % alignof(uint64_t) == 0 &&
           (count == 0 || countBehind(list, base) / size >= count);
  };
  auto isWritable = [&](const void *list) {
    uint64_t address = reinterpret_cast<uintptr_t>(list) - base;
    return any_of(file.readable, [&](const ModelFile::Segment &segment) {
      return address >= segment.begin && address < segment.end &&
             segment.isWritable;
    });
  };
  bool good =
      has(profileInfo, 1, sizeof(*profileInfo)) &&
      has(profileInfo->ops, profileInfo->num_ops, sizeof(*profileInfo->ops)) &&
      has(profileInfo->ticks, profileInfo->num_ops,
          sizeof(*profileInfo->ticks)) &&
      (profileInfo->num_ops == 0 || isWritable(profileInfo->ticks));
  for (uint64_t i = 0; good && i < profileInfo->num_ops; ++i) {
    const compress_profile_op &op = profileInfo->ops[i];
    good = isString(op.kernel, base) && isString(op.source, base) &&
           isString(op.element, base);
  }
  if (!good)
    return fileError(path, "has a damaged profile; compile it again");
  return Error::success();
}

Error ModelLibrary::checkInfo(StringRef path, uint64_t base) const {
  auto damaged = [&](const Twine &what) {
    return fileError(path, "has a damaged description: " + what +
                               "; compile it again");
  };
  auto behind = [&](const void *pointer) { return countBehind(pointer, base); };
  if (behind(modelInfo) < sizeof(*modelInfo))
    return damaged("it is not in the library");
  const compress_model_info &info = *modelInfo;
  if (info.abi_version != COMPRESS_ABI_VERSION)
    return fileError(path, "has version " + Twine(info.abi_version) +
                               " of the interface, and this program version " +
                               Twine(COMPRESS_ABI_VERSION) +
                               "; compile it again");
  if (!isString(info.target, base) || !isString(info.producer, base))
    return damaged("a string is not in the library");
  if (Error error = checkTarget(info.target))
    return fileError(path, toString(std::move(error)));
  if (info.max_threads == 0 || info.max_threads > INT32_MAX ||
      info.num_outputs == 0 || info.arena_bytes < 0 || info.constant_bytes < 0)
    return damaged("an impossible size");

  auto checkTensors = [&](const compress_tensor_info *tensors,
                          uint64_t count) -> Error {
    if (count > 0 && behind(tensors) / sizeof(*tensors) < count)
      return damaged("the inputs and outputs are not in the library");
    for (uint64_t i = 0; i < count; ++i) {
      const compress_tensor_info &tensor = tensors[i];
      std::optional<DType> dtype = dtypeFromAbi(tensor.dtype);
      if (!isString(tensor.name, base) || !dtype || tensor.rank < 0 ||
          tensor.rank > 8 ||
          behind(tensor.dims) / sizeof(int64_t) <
              static_cast<uint64_t>(tensor.rank) ||
          checkedProduct(dimsOf(tensor), byteSize(*dtype)) != tensor.bytes)
        return damaged("an impossible input or output");
    }
    return Error::success();
  };
  if (Error error = checkTensors(info.inputs, info.num_inputs))
    return error;
  return checkTensors(info.outputs, info.num_outputs);
}

Error ModelLibrary::run(ArrayRef<const void *> inputs, ArrayRef<void *> outputs,
                        int32_t threads, const AlignedBuffer *ownArena) {
  assert(inputs.size() == modelInfo->num_inputs &&
         outputs.size() == modelInfo->num_outputs && "not these arguments");
  int32_t status = runFn(inputs.data(), outputs.data(),
                         (ownArena ? *ownArena : arena).data(), threads);
  if (status == COMPRESS_WRONG_CPU)
    return fileError(path, "has code for several CPUs, and none for this one; "
                           "compile it for this one, too");
  if (status == COMPRESS_NO_TILES)
    return fileError(path, "needs the tile registers of AMX, which this system "
                           "does not give; compile it with "
                           "--target-cpu=icelake-server");
  if (status != 0)
    return fileError(path, "the network returned the error " + Twine(status));
  return Error::success();
}
