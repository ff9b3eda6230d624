//===- NamedNumbers.h - lists of numbers in JSON ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_NAMEDNUMBERS_H
#define COMPRESS_CALIBRATION_NAMEDNUMBERS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace compress {

/// A name with a list of numbers.
struct NamedNumbers {
  std::string name;
  std::vector<double> numbers;
};

/// Writes `{"name": name, key: [numbers]}`.
void writeNamedNumbers(llvm::json::OStream &json, llvm::StringRef name,
                       llvm::StringRef key, llvm::ArrayRef<double> numbers);

/// Reads the array `list` of `object`, whose elements have a name of their own
/// and finite numbers in the array `key`, above 0 if `positive`; nothing where
/// there is no such array. Errors name `source`.
llvm::Expected<std::vector<NamedNumbers>>
parseNamedNumbers(const llvm::json::Object &object, llvm::StringRef list,
                  llvm::StringRef key, bool positive, llvm::StringRef source);

/// Parses a small JSON file. One nested so deep that a recursive parser would
/// run out of stack is an error that names `source`, as one that is no JSON.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            llvm::StringRef source);

} // namespace compress

#endif // COMPRESS_CALIBRATION_NAMEDNUMBERS_H
