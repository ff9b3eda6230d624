//===- Corpus.h - files to damage -------------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_FUZZ_CORPUS_H
#define COMPRESS_UNITTESTS_FUZZ_CORPUS_H

#include "Compile.h"
#include "Mutate.h"

namespace compress::fuzz {

struct Sample {
  std::string name, content;
};

/// Files in groups, of which each is as likely as the others, so that many
/// similar ones do not crowd out the rest.
class Corpus {
public:
  /// The embedded example, and the public models and ONNX's own tests where
  /// they are.
  static Corpus onnx();
  /// Small models of what Golden Stick writes, and its own where they are.
  static Corpus mindir();
  /// The example in its forms, the functions in the project's tests, random
  /// layers, the public models, and what is odd, but a model.
  static Corpus text(Compiler &compiler);
  /// All of that which is a model, as bytecode.
  static Corpus bytecode(Compiler &compiler);

  const Sample &any(Random &random) const;
  /// All samples, for those who want each.
  std::vector<const Sample *> all() const;

private:
  void addGroup(std::vector<Sample> group);

  std::vector<std::vector<Sample>> groups;
};

/// Small MindIR models.
std::vector<Sample> mindirModels();

/// The functions in the odd but valid text of unittests/Fuzz/Inputs.
std::vector<Sample> oddModels();

} // namespace compress::fuzz

#endif // COMPRESS_UNITTESTS_FUZZ_CORPUS_H
