//===- MutateBytes.cpp - damaged files ------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mutate.h"
#include "llvm/ADT/StringExtras.h"
#include <climits>

using namespace compress;
using namespace compress::fuzz;

int64_t fuzz::awkwardInteger(Random &random) {
  static constexpr int64_t numbers[] = {0,
                                        1,
                                        2,
                                        3,
                                        -1,
                                        -2,
                                        4,
                                        5,
                                        7,
                                        8,
                                        16,
                                        64,
                                        100,
                                        127,
                                        128,
                                        -128,
                                        -129,
                                        255,
                                        256,
                                        1000,
                                        32767,
                                        65535,
                                        65536,
                                        1000000,
                                        INT32_MAX,
                                        INT32_MIN,
                                        UINT32_MAX,
                                        int64_t(1) << 32,
                                        int64_t(1) << 40,
                                        int64_t(1) << 62,
                                        INT64_MAX,
                                        INT64_MIN};
  return anyOf(random, llvm::ArrayRef<int64_t>(numbers));
}

uint32_t fuzz::awkwardFloat(Random &random) {
  static constexpr uint32_t floats[] = {
      0x00000000, // 0
      0x80000000, // -0
      0x3f800000, // 1
      0xbf800000, // -1
      0x7f800000, // infinity
      0xff800000, // -infinity
      0x7fc00000, // NaN
      0xffc00001, // another NaN
      0x00000001, // the smallest denormal
      0x007fffff, // the largest denormal
      0x00800000, // the smallest normal
      0x7f7fffff, // the largest
      0xff7fffff, // the lowest
      0x4f000000, // 2^31
      0x5f000000, // 2^63
      0x2edbe6ff, // 1e-10
  };
  return anyOf(random, llvm::ArrayRef<uint32_t>(floats));
}

/// A place in the content, of several the first outside of long data.
static size_t placeIn(const std::string &content, Random &random) {
  size_t place = 0;
  for (int attempt = 0; attempt < 6; ++attempt) {
    place = below(random, content.size());
    size_t end = place;
    while (end < content.size() && end - place < 48 &&
           llvm::isHexDigit(content[end]))
      ++end;
    if (end - place < 48)
      break;
  }
  return place;
}

static void mutateOnce(std::string &content, Random &random) {
  size_t size = content.size();
  size_t place = placeIn(content, random);
  // Mostly short pieces, now and then long ones.
  size_t length =
      1 + below(random, below(random, 4) ? 16 : std::max<size_t>(size / 4, 1));
  switch (below(random, 10)) {
  case 0: // The end is missing.
    content.resize(place);
    break;
  case 1: // The begin is missing.
    content.erase(0, length);
    break;
  case 2:
  case 3: // Flipped bits, as of a bad memory.
    for (size_t i = 0, n = 1 + below(random, 4); i < n; ++i)
      content[placeIn(content, random)] ^= 1 << below(random, 8);
    break;
  case 4: // Other bytes.
    for (size_t i = place; i < std::min(size, place + length); ++i)
      content[i] = static_cast<char>(below(random, 3) ? random() : 0xff);
    break;
  case 5: // New bytes.
    content.insert(place, below(random, 16) + 1, static_cast<char>(random()));
    break;
  case 6:
    content.erase(place, length);
    break;
  case 7: // A piece twice.
    content.insert(place, content.substr(placeIn(content, random), length));
    break;
  case 8: // A piece over another one.
    content.replace(place, length,
                    content.substr(placeIn(content, random), length));
    break;
  default: { // Two pieces exchanged.
    size_t other = placeIn(content, random);
    for (size_t i = 0; i < length && std::max(place, other) + i < size; ++i)
      std::swap(content[place + i], content[other + i]);
  }
  }
}

std::string fuzz::mutateBytes(std::string content, Random &random) {
  size_t times = below(random, 3) ? 1 : 2 + below(random, 4);
  for (size_t i = 0; i < times && !content.empty(); ++i)
    mutateOnce(content, random);
  return content;
}
