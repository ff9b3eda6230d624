//===- TargetCpu.cpp - the CPU that code is made for ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/TargetCpu.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include <algorithm>
#include <mutex>

using namespace llvm;
using namespace mlir::compress;

/// The triple by that name, or the host's.
static Triple tripleOf(StringRef target) {
  return target.empty() ? Triple(sys::getDefaultTargetTriple())
                        : Triple(Triple::normalize(target));
}

static bool isHost(const Triple &triple) {
  Triple host(sys::getDefaultTargetTriple());
  return triple.getArch() == host.getArch() && triple.getOS() == host.getOS() &&
         triple.getEnvironment() == host.getEnvironment();
}

/// Constants of so many bytes stand in a section of their own where code cannot
/// reach all data by offsets of 32 bits.
static constexpr uint64_t kLargeConstant = 4096;

/// The targets that code is made for.
static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
  });
}

static Expected<std::unique_ptr<TargetMachine>>
createMachineFor(const Triple &triple, StringRef cpu, StringRef features,
                 bool largeData = false) {
  initializeTargets();
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(inconvertibleErrorCode(),
                             "'" + triple.str() +
                                 "' is no target that LLVM knows; write one "
                                 "such as aarch64-linux-gnu");
  TargetOptions options;
  // The bits of the results are part of the contract: nothing is fused.
  options.AllowFPOpFusion = FPOpFusion::Strict;
  options.FunctionSections = true;
  options.DataSections = true;
  options.NoTrappingFPMath = true;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, options, Reloc::PIC_,
      largeData && triple.isX86() ? CodeModel::Medium : CodeModel::Small,
      CodeGenOptLevel::Aggressive));
  if (machine && largeData)
    machine->setLargeDataThreshold(kLargeConstant);
  if (!machine)
    return createStringError(inconvertibleErrorCode(),
                             "LLVM cannot make code for " + triple.str());
  return machine;
}

std::vector<std::string> TargetCpu::names(StringRef target) {
  std::vector<std::string> result;
  Triple triple = tripleOf(target);
  if (triple.isX86()) {
    SmallVector<StringRef, 128> known;
    X86::fillValidCPUArchList(known, /*Only64Bit=*/true);
    for (StringRef name : known)
      result.push_back(name.str());
  } else if (auto machine = createMachineFor(triple, "", "")) {
    for (const SubtargetSubTypeKV &processor :
         (*machine)->getMCSubtargetInfo()->getAllProcessorDescriptions())
      result.push_back(std::string(processor.Key));
  } else {
    consumeError(machine.takeError());
  }
  if (isHost(triple))
    result.push_back("native");
  result.push_back("generic");
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

static Error unknownCpu(StringRef name, StringRef target) {
  std::string nearest;
  unsigned best = 3;
  for (const std::string &known : TargetCpu::names(target)) {
    unsigned distance = name.edit_distance(known, /*AllowReplacements=*/true,
                                           /*MaxEditDistance=*/best);
    if (distance < best) {
      best = distance;
      nearest = known;
    }
  }
  std::string hint = nearest.empty() || name.empty()
                         ? std::string()
                         : "did you mean '" + nearest + "'? ";
  return createStringError(inconvertibleErrorCode(),
                           "unknown CPU '" + name + "'; " + hint +
                               "--target-cpu=help lists those that are known");
}

/// Adds features by their names to those of `result`, as "+one,+two".
static Error addFeatures(const TargetMachine &machine,
                         ArrayRef<StringRef> names, std::string &result) {
  for (StringRef name : names) {
    if (name == "vnni")
      name = "avx512vnni";
    bool known = any_of(
        machine.getMCSubtargetInfo()->getAllProcessorFeatures(),
        [&](const SubtargetFeatureKV &feature) { return name == feature.Key; });
    if (!known)
      return createStringError(
          inconvertibleErrorCode(),
          "unknown feature '" + name +
              "'; write one as LLVM names it, such "
              "as avx512vnni of x86 or dotprod of AArch64");
    result += (result.empty() ? "+" : ",+") + name.str();
  }
  return Error::success();
}

bool TargetCpu::isForHost() const { return isHost(targetTriple); }

Expected<TargetCpu> TargetCpu::get(StringRef text, StringRef target) {
  TargetCpu result;
  result.targetTriple = tripleOf(target);
  const Triple &triple = result.targetTriple;
  if ((triple.getArch() != Triple::x86_64 &&
       triple.getArch() != Triple::aarch64) ||
      triple.isX32() || triple.getEnvironment() == Triple::GNUILP32)
    return createStringError(inconvertibleErrorCode(),
                             "code is made for x86_64 and aarch64 with "
                             "addresses of 64 bits, not for '" +
                                 triple.str() +
                                 "'; write a target such as "
                                 "aarch64-linux-gnu");
  bool isX86 = triple.isX86();
  SmallVector<StringRef> more;
  text.split(more, '+');
  StringRef name = more.front();
  more.erase(more.begin());
  if (name == "native" && isHost(triple)) {
    result.cpuName = sys::getHostCPUName().str();
    // A CPU that LLVM does not know is described by its features.
    if (isX86 &&
        X86::parseArchX86(result.cpuName, /*Only64Bit=*/true) == X86::CK_None)
      result.cpuName = "x86-64";
    std::vector<std::string> features;
    for (const auto &feature : sys::getHostCPUFeatures())
      features.push_back((feature.second ? "+" : "-") + feature.first().str());
    llvm::sort(features, [](StringRef a, StringRef b) {
      return a.drop_front() < b.drop_front();
    });
    result.featureString = join(features, ",");
  } else if (name == "generic") {
    result.cpuName = isX86 ? "x86-64" : "generic";
  } else {
    if (!is_contained(names(target), name.str()))
      return unknownCpu(name, target);
    result.cpuName = name.str();
  }
  auto machine = createMachineFor(triple, result.cpuName, result.featureString);
  if (!machine)
    return machine.takeError();
  if (!more.empty()) {
    // All of them, so that the description tells what the code needs.
    if (result.featureString.empty() && isX86) {
      SmallVector<StringRef, 32> own;
      X86::getFeaturesForCPU(result.cpuName, own, /*NeedPlus=*/true);
      result.featureString = join(own, ",");
    }
    if (Error error = addFeatures(**machine, more, result.featureString))
      return std::move(error);
    machine = createMachineFor(triple, result.cpuName, result.featureString);
    if (!machine)
      return machine.takeError();
  }
  result.machine = std::move(*machine);
  return result;
}

bool TargetCpu::has(StringRef feature) const {
  std::string wanted = ("+" + feature).str();
  return machine->getMCSubtargetInfo()->checkFeatures(wanted);
}

std::string TargetCpu::description() const {
  if (!targetTriple.isX86()) {
    // LLVM's names of CPUs say little elsewhere: those that code may use.
    std::string list = enabledFeatures(), result = cpuName;
    static const StringSet<> names = {"neon", "dotprod", "i8mm",     "bf16",
                                      "sve",  "sve2",    "fullfp16", "lse",
                                      "rdm",  "sme"};
    char separator = ':';
    for (StringRef feature : split(list, ','))
      if (names.contains(feature.ltrim('+'))) {
        result += separator + feature.str();
        separator = ',';
      }
    return result;
  }
  if (featureString.empty())
    return cpuName;
  SmallVector<StringRef, 64> all, present;
  StringRef(featureString).split(all, ',');
  llvm::copy_if(all, std::back_inserter(present),
                [](StringRef feature) { return feature.starts_with("+"); });
  return cpuName + ":" + join(present, ",");
}

std::string TargetCpu::enabledFeatures() const {
  std::string result;
  for (const SubtargetFeatureKV &feature :
       machine->getMCSubtargetInfo()->getEnabledProcessorFeatures())
    result += (result.empty() ? "+" : ",+") + std::string(feature.Key);
  return result;
}

std::unique_ptr<TargetMachine>
TargetCpu::createMachine(uint64_t constantBytes) const {
  // With a wide margin for code and everything else.
  bool largeData = constantBytes >= uint64_t(1) << 30;
  // It was possible before.
  return cantFail(
      createMachineFor(targetTriple, cpuName, featureString, largeData));
}
