//===- CpuFeatures.cpp - what code needs of a CPU -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/CpuFeatures.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace compress;

bool compress::isSystemFeature(StringRef feature) {
  static const StringSet<> names = {
      "cldemote", "clflushopt", "clwb",   "clzero",    "enqcmd",    "fsgsbase",
      "hreset",   "invpcid",    "kl",     "lwp",       "movdir64b", "movdiri",
      "mwaitx",   "pconfig",    "pku",    "prefetchi", "ptwrite",   "rdpid",
      "rdpru",    "rdrnd",      "rdseed", "rtm",       "serialize", "sgx",
      "shstk",    "tsxldtrk",   "uintr",  "usermsr",   "waitpkg",   "wbnoinvd",
      "widekl",   "xsave",      "xsavec", "xsaveopt",  "xsaves"};
  return names.contains(feature);
}

SmallVector<StringRef, 0> compress::targetFeatures(StringRef target) {
  auto [cpu, list] = target.split(':');
  SmallVector<StringRef, 0> features;
  list.split(features, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  if (features.empty() && Triple(sys::getProcessTriple()).isX86() &&
      X86::parseArchX86(cpu) != X86::CK_None)
    X86::getFeaturesForCPU(cpu, features, /*NeedPlus=*/true);
  erase_if(features,
           [](StringRef &feature) { return !feature.consume_front("+"); });
  return features;
}
