//===- DispatchVersions.cpp - code for several CPUs in one library --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/DispatchVersions.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Runtime/Abi.h"
#include "Compress/Runtime/Versions.h"
#include "Compress/Support/CpuFeatures.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::versionName(StringRef name, size_t number) {
  return (name + "_v" + Twine(number)).str();
}

/// What every x86 of 64 bits has, what comes with SSE4.2, names for several
/// features together, and hints that old CPUs ignore.
static bool isImplied(StringRef feature) {
  static const StringSet<> names = {
      "64bit", "avx10.1", "avx10.1-256", "avx10.1-512", "cmov", "crc32", "cx8",
      "fxsr",  "mmx",     "prfchw",      "sse",         "sse2", "x87"};
  return names.contains(feature);
}

Expected<uint64_t> mlir::compress::neededFeatures(const TargetCpu &cpu) {
  // What chooses is in the runtime, which there is for this machine only.
  if (!cpu.triple().isX86() || !cpu.isForHost())
    return createStringError(inconvertibleErrorCode(),
                             "a library has code for several CPUs on x86 only, "
                             "and made on such a machine; name one CPU for " +
                                 cpu.triple().str());
  static constexpr const char *kNames[] = {
#define COMPRESS_CPU_FEATURE(name, leaf, subleaf, reg, bit, state) #name,
#include "Compress/Runtime/CpuFeatures.def"
#undef COMPRESS_CPU_FEATURE
  };
  static_assert(std::size(kNames) < 63, "bit 63 is the runtime's");
  StringSet<> enabled;
  std::string list = cpu.enabledFeatures();
  // The others are advice on how to optimize.
  StringMap<bool> real = sys::getHostCPUFeatures();
  for (StringRef feature : split(list, ',')) {
    feature = feature.ltrim('+');
    if (!real.contains(feature) || ::compress::isSystemFeature(feature) ||
        isImplied(feature))
      continue;
    std::string name = feature.str();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; },
        '_');
    enabled.insert(name);
  }
  uint64_t result = 0;
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (enabled.erase(kNames[i]))
      result |= uint64_t(1) << i;
  if (enabled.empty())
    return result;
  std::vector<StringRef> others(enabled.keys().begin(), enabled.keys().end());
  llvm::sort(others);
  return createStringError(inconvertibleErrorCode(),
                           "'" + cpu.cpu() + "' needs " + join(others, ", ") +
                               ", which a library with code for several CPUs "
                               "does not look for; leave this CPU out");
}

namespace {
class DispatchBuilder {
public:
  DispatchBuilder(Module &module, StringRef name, ArrayRef<uint64_t> needed)
      : module(module), b(module.getContext()), name(name),
        count(needed.size()) {
    Constant *data = ConstantDataArray::get(module.getContext(), needed);
    table = new GlobalVariable(module, data->getType(), /*isConstant=*/true,
                               GlobalValue::PrivateLinkage, data, "needed");
    choose =
        module.getOrInsertFunction("compress_choose_version", b.getInt32Ty(),
                                   b.getPtrTy(), b.getInt32Ty());
  }

  /// NAME_suffix, which calls that of the version, or does what `none` builds.
  void build(StringRef suffix, Type *result, ArrayRef<Type *> arguments,
             function_ref<llvm::Value *(FunctionCallee first)> none) {
    auto *type = FunctionType::get(result, arguments, /*isVarArg=*/false);
    auto *function = Function::Create(type, GlobalValue::ExternalLinkage,
                                      name + suffix, module);
    function->addFnAttr(Attribute::NoUnwind);
    auto block = [&](const Twine &label) {
      return BasicBlock::Create(module.getContext(), label, function);
    };
    SmallVector<FunctionCallee> versions;
    for (size_t i = 0; i < count; ++i)
      versions.push_back(module.getOrInsertFunction(
          versionName(name, i) + suffix.str(), type));
    b.SetInsertPoint(block("entry"));
    Value *chosen =
        b.CreateCall(choose, {table, b.getInt32(static_cast<uint32_t>(count))});
    BasicBlock *otherwise = block("none");
    SwitchInst *cases = b.CreateSwitch(chosen, otherwise, count);
    SmallVector<Value *> passed(make_pointer_range(function->args()));
    for (auto [i, version] : enumerate(versions)) {
      BasicBlock *here = block("version");
      cases->addCase(b.getInt32(i), here);
      b.SetInsertPoint(here);
      b.CreateRet(b.CreateCall(version, passed));
    }
    b.SetInsertPoint(otherwise);
    b.CreateRet(none(versions.front()));
  }

  IRBuilder<> &builder() { return b; }

private:
  Module &module;
  IRBuilder<> b;
  StringRef name;
  size_t count;
  GlobalVariable *table;
  FunctionCallee choose;
};
} // namespace

Expected<SmallVector<char, 0>>
mlir::compress::emitDispatch(StringRef name, ArrayRef<TargetCpu> cpus,
                             bool profile) {
  SmallVector<uint64_t> needed;
  for (const TargetCpu &cpu : cpus) {
    Expected<uint64_t> features = neededFeatures(cpu);
    if (!features)
      return features.takeError();
    needed.push_back(*features);
  }
  Expected<TargetCpu> oldest =
      TargetCpu::get("generic", cpus.front().triple().str());
  if (!oldest)
    return oldest.takeError();
  LLVMContext context;
  Module module("compress", context);
  module.setTargetTriple(oldest->triple());
  module.setDataLayout(oldest->createMachine(0)->createDataLayout());
  module.setPICLevel(PICLevel::BigPIC);
  DispatchBuilder dispatch(module, name, needed);
  IRBuilder<> &b = dispatch.builder();
  SmallVector<std::string> suffixes{"_info", "_run"};
  auto callFirst = [&](FunctionCallee first) -> llvm::Value * {
    return b.CreateCall(first, {});
  };
  dispatch.build("_info", b.getPtrTy(), {}, callFirst);
  dispatch.build("_run", b.getInt32Ty(),
                 {b.getPtrTy(), b.getPtrTy(), b.getPtrTy(), b.getInt32Ty()},
                 [&](FunctionCallee) -> llvm::Value * {
                   return b.getInt32(COMPRESS_WRONG_CPU);
                 });
  if (profile) {
    dispatch.build("_profile", b.getPtrTy(), {}, callFirst);
    suffixes.push_back("_profile");
  }
  std::vector<std::string> called;
  for (size_t i = 0; i < cpus.size(); ++i)
    for (const std::string &suffix : suffixes)
      called.push_back(versionName(name, i) + suffix);
  return emitObject(module, *oldest, called);
}
