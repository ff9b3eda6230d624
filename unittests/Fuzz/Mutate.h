//===- Mutate.h - damaged files ---------------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Changes files as accidents, other programs and enemies do. The same random
// numbers make the same changes.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_FUZZ_MUTATE_H
#define COMPRESS_UNITTESTS_FUZZ_MUTATE_H

#include "llvm/ADT/ArrayRef.h"
#include <random>
#include <string>
#include <vector>

namespace compress::fuzz {

using Random = std::mt19937_64;

/// A number from 0 below `end`, 0 where there is none.
inline size_t below(Random &random, size_t end) {
  return end ? random() % end : 0;
}

template <typename Range>
auto &anyOf(Random &random, Range &&range) {
  return range[below(random, range.size())];
}

/// An integer that programs find difficult.
int64_t awkwardInteger(Random &random);
/// The bits of an f32 that programs find difficult.
uint32_t awkwardFloat(Random &random);

/// Truncates, flips bits, sets, inserts, removes, moves and copies bytes. Few
/// of the changes are in long runs of hexadecimal digits, which are weights.
std::string mutateBytes(std::string content, Random &random);

/// As above, or exchanges words, numbers, types and lines of MLIR text, in one
/// place or everywhere.
std::string mutateText(std::string content, Random &random);

/// As mutateBytes, or changes fields of a protobuf message that is an ONNX
/// model and writes it anew, so that it can be read.
std::string mutateOnnx(std::string content, Random &random);

/// The same of a MindIR model.
std::string mutateMindIR(std::string content, Random &random);

} // namespace compress::fuzz

#endif // COMPRESS_UNITTESTS_FUZZ_MUTATE_H
