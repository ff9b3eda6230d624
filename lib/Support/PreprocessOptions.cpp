//===- PreprocessOptions.cpp - options about items of data ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/PreprocessOptions.h"

using namespace llvm;
using namespace compress;

namespace {

/// cl::sub for any number of subcommands.
struct ForSubCommands {
  ArrayRef<cl::SubCommand *> subcommands;
  void apply(cl::Option &option) const {
    for (cl::SubCommand *subcommand : subcommands)
      option.addSubCommand(*subcommand);
  }
};

} // namespace

PreprocessOptions::PreprocessOptions(cl::OptionCategory &category,
                                     ArrayRef<cl::SubCommand *> subcommands)
    : scale("scale",
            cl::desc("Every number x becomes (x*scale - mean)/std (default: "
                     "1)"),
            cl::value_desc("a or a/b"), cl::init("1"),
            ForSubCommands{subcommands}, cl::cat(category)),
      mean("mean", cl::desc("One number, or one for each channel (default: 0)"),
           cl::value_desc("m,..."), cl::init("0"), ForSubCommands{subcommands},
           cl::cat(category)),
      stddev("std",
             cl::desc("One number, or one for each channel (default: 1)"),
             cl::value_desc("s,..."), cl::init("1"),
             ForSubCommands{subcommands}, cl::cat(category)),
      pad("pad",
          cl::desc("Pixels to put on each side of an image (default: 0)"),
          cl::value_desc("n"), ForSubCommands{subcommands}, cl::cat(category)),
      padValue("pad-value",
               cl::desc("What these pixels are made of (default: 0)"),
               cl::value_desc("v"), cl::init("0"), ForSubCommands{subcommands},
               cl::cat(category)),
      padFirst("pad-first",
               cl::desc("Put them there before scale, mean and std, not after"),
               ForSubCommands{subcommands}, cl::cat(category)) {}

Expected<Preprocess> PreprocessOptions::read() const {
  Preprocess result;
  if (Error error = parseNumber(scale, "--scale").moveInto(result.scale))
    return std::move(error);
  if (Error error = parseNumbers(mean, "--mean").moveInto(result.mean))
    return std::move(error);
  if (Error error = parseNumbers(stddev, "--std").moveInto(result.stddev))
    return std::move(error);
  if (Error error =
          parseNumber(padValue, "--pad-value").moveInto(result.padValue))
    return std::move(error);
  result.pad = pad;
  result.padFirst = padFirst;
  return result;
}

bool PreprocessOptions::anyGiven() const {
  return scale.getNumOccurrences() || mean.getNumOccurrences() ||
         stddev.getNumOccurrences() || pad.getNumOccurrences() ||
         padValue.getNumOccurrences() || padFirst.getNumOccurrences();
}

const char compress::dataHelp[] = R"(
DATA is one of
  cifar10:FILE                 CIFAR-10's binary version
  idx:IMAGES[,LABELS]          MNIST's format, also with gzip
  raw:FILE,NxHxWxC[,LABELS]    unsigned bytes
  npy:X[,Y]                    NumPy arrays, the samples' dimension first
Labels are an idx or .npy file or text. Channels may be before or behind height
and width, whatever the network has.
)";
