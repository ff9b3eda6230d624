//===- TestFiles.h - temporary files for tests ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H
#define COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <random>
#include <string>

namespace compress::test {

/// A folder that is gone after the test.
class TempFolder {
public:
  TempFolder() {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("compress-test", folder));
  }
  ~TempFolder() { llvm::sys::fs::remove_directories(folder); }

  std::string path(const llvm::Twine &name = "") const {
    llvm::SmallString<128> result = folder;
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  /// Writes a file and returns its path.
  std::string write(const llvm::Twine &name, llvm::StringRef content) const {
    std::string file = path(name);
    std::error_code ec;
    llvm::raw_fd_ostream os(file, ec);
    EXPECT_FALSE(ec) << ec.message();
    os << content;
    return file;
  }

  /// How many files the folder has.
  size_t count() const {
    std::error_code ec;
    size_t number = 0;
    for (llvm::sys::fs::directory_iterator it(folder, ec), end;
         it != end && !ec; it.increment(ec))
      ++number;
    return number;
  }

private:
  llvm::SmallString<128> folder;
};

inline std::string contentOf(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  EXPECT_TRUE(static_cast<bool>(buffer)) << path.str();
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// Whether `text` contains `part`.
inline testing::AssertionResult has(llvm::StringRef text,
                                    llvm::StringRef part) {
  if (text.contains(part))
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "\"" << text.str() << "\" does not contain \"" << part.str() << '"';
}

/// The message of an error that is expected; "" where there is none.
inline std::string messageOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}
template <typename T>
std::string messageOf(llvm::Expected<T> result) {
  return result ? "" : llvm::toString(result.takeError());
}

/// The value of a result that is expected to be no error.
template <typename T>
T valueOf(llvm::Expected<T> result) {
  if (!result) {
    ADD_FAILURE() << llvm::toString(result.takeError());
    std::abort();
  }
  return std::move(*result);
}

/// Damages `content`: cuts it, flips bits, changes, removes, inserts or
/// doubles bytes. The same `seed` does the same.
inline std::string mutate(std::string content, unsigned seed) {
  std::minstd_rand generator(seed + 1);
  auto below = [&](size_t bound) { return bound ? generator() % bound : 0; };
  unsigned times = 1 + below(3);
  for (unsigned i = 0; i < times && !content.empty(); ++i) {
    // Headers, where most can go wrong, are at the begin.
    size_t place = below(below(2) ? content.size()
                                  : std::min<size_t>(content.size(), 100));
    switch (below(6)) {
    case 0:
      content.resize(place);
      break;
    case 1:
      content[place] ^= 1 << below(8);
      break;
    case 2:
      content[place] = static_cast<char>(below(2) ? 0xff : below(256));
      break;
    case 3:
      content.erase(place, 1 + below(4));
      break;
    case 4:
      content.insert(place, 1, static_cast<char>(below(256)));
      break;
    default:
      content += content.substr(place);
    }
  }
  return content;
}

} // namespace compress::test

#endif // COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H
