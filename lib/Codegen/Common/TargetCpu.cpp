//===- TargetCpu.cpp - the CPU that code is made for ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/TargetCpu.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

static Triple hostTriple() { return Triple(sys::getDefaultTargetTriple()); }

/// Constants of so many bytes stand in a section of their own where code cannot
/// reach all data by offsets of 32 bits.
static constexpr uint64_t kLargeConstant = 4096;

/// A machine for the host's kind of CPU.
static Expected<std::unique_ptr<TargetMachine>>
createMachineFor(StringRef cpu, StringRef features, bool largeData = false) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  Triple triple = hostTriple();
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(inconvertibleErrorCode(), message);
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

std::vector<std::string> TargetCpu::names() {
  std::vector<std::string> result;
  if (hostTriple().isX86()) {
    SmallVector<StringRef, 128> known;
    X86::fillValidCPUArchList(known, /*Only64Bit=*/true);
    for (StringRef name : known)
      result.push_back(name.str());
  } else if (auto machine = createMachineFor("", "")) {
    for (const SubtargetSubTypeKV &processor :
         (*machine)->getMCSubtargetInfo()->getAllProcessorDescriptions())
      result.push_back(std::string(processor.Key));
  } else {
    consumeError(machine.takeError());
  }
  result.push_back("native");
  result.push_back("generic");
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

static Error unknownCpu(StringRef name) {
  std::string nearest;
  unsigned best = 3;
  for (const std::string &known : TargetCpu::names()) {
    unsigned distance = name.edit_distance(known, /*AllowReplacements=*/true,
                                           /*MaxEditDistance=*/best);
    if (distance < best) {
      best = distance;
      nearest = known;
    }
  }
  std::string hint =
      nearest.empty() ? std::string() : "did you mean '" + nearest + "'? ";
  return createStringError(inconvertibleErrorCode(),
                           "unknown CPU '" + name + "'; " + hint +
                               "--target-cpu=help lists those that are known");
}

Expected<TargetCpu> TargetCpu::get(StringRef name) {
  TargetCpu result;
  bool isX86 = hostTriple().isX86();
  if (name == "native") {
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
    if (!is_contained(names(), name.str()))
      return unknownCpu(name);
    result.cpuName = name.str();
  }
  auto machine = createMachineFor(result.cpuName, result.featureString);
  if (!machine)
    return machine.takeError();
  result.machine = std::move(*machine);
  return result;
}

bool TargetCpu::has(StringRef feature) const {
  std::string wanted = ("+" + feature).str();
  return machine->getMCSubtargetInfo()->checkFeatures(wanted);
}

std::string TargetCpu::description() const {
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
  return cantFail(createMachineFor(cpuName, featureString, largeData));
}
