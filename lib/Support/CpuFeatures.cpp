//===- CpuFeatures.cpp - what code needs of a CPU -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/CpuFeatures.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace compress;

bool compress::isSystemFeature(StringRef feature) {
  static const StringSet<> names = {
      "cldemote", "clflushopt", "clwb",     "clzero",   "enqcmd",
      "fsgsbase", "hreset",     "invpcid",  "kl",       "movdir64b",
      "movdiri",  "mwaitx",     "pconfig",  "pku",      "prefetchi",
      "ptwrite",  "rdpid",      "rdpru",    "rdrnd",    "rdseed",
      "rtm",      "serialize",  "sgx",      "shstk",    "tsxldtrk",
      "uintr",    "usermsr",    "waitpkg",  "wbnoinvd", "widekl",
      "xsave",    "xsavec",     "xsaveopt", "xsaves"};
  return names.contains(feature);
}
