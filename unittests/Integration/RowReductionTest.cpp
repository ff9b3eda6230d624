//===- RowReductionTest.cpp - sums of rows as compiled --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Sums and maxima of contiguous rows: the bits of plain loops on every path,
// for numbers of rows and columns that fill no vector.
//
//===----------------------------------------------------------------------===//

#include "OnPaths.h"
#include "Random.h"
#include <limits>

using namespace oracle;

namespace {

struct Reduction {
  const char *name, *initial, *text; // of %x and %old to %r
};

constexpr Reduction reductions[] = {
    {"maximum", "0xFF800000", "%r = arith.maximumf %old, %x : f32"},
    {"sum", "0.0", "%r = arith.addf %old, %x : f32"},
    {"squares", "0.0",
     "%s = arith.mulf %x, %x : f32\n%r = arith.addf %old, %s : f32"},
};

std::string network(const Reduction &reduction, int64_t rows, int64_t columns) {
  std::string in = "tensor<2x" + std::to_string(rows) + "x" +
                   std::to_string(columns) + "xf32>";
  std::string out = "tensor<2x" + std::to_string(rows) + "xf32>";
  return R"(#in = affine_map<(b, i, j) -> (b, i, j)>
    #out = affine_map<(b, i, j) -> (b, i)>
    #id = affine_map<(b, i) -> (b, i)>
    func.func @main(%in: )" +
         in + ") -> " + out + " {\n%zero = arith.constant " +
         reduction.initial + " : f32\n%half = arith.constant 0.5 : f32\n" +
         "%empty = tensor.empty() : " + out +
         "\n%fill = linalg.fill ins(%zero : f32) outs(%empty : " + out +
         ") -> " + out +
         "\n%sum = linalg.generic {indexing_maps = [#in, #out], "
         "iterator_types = [\"parallel\", \"parallel\", \"reduction\"]} "
         "ins(%in : " +
         in + ") outs(%fill : " + out + ") {\n^bb0(%x: f32, %old: f32):\n" +
         reduction.text + "\nlinalg.yield %r : f32\n} -> " + out +
         "\n%mean = linalg.generic {indexing_maps = [#id, #id], "
         "iterator_types = [\"parallel\", \"parallel\"]} ins(%sum : " +
         out + ") outs(%empty : " + out +
         ") {\n^bb0(%x: f32, %old: f32):\n%r = arith.mulf %x, %half : f32\n"
         "linalg.yield %r : f32\n} -> " +
         out + "\nreturn %mean : " + out + "\n}\n";
}

TEST(RowReductionTest, HasTheBitsOfLoops) {
  ModuleRunner runner;
  Random random(7);
  for (const Reduction &reduction : reductions)
    for (auto [rows, columns] :
         {std::pair<int64_t, int64_t>{1, 40}, {16, 16}, {37, 29}, {40, 197}}) {
      SCOPED_TRACE(std::string(reduction.name) + " of " + std::to_string(rows) +
                   "x" + std::to_string(columns));
      std::vector<float> x;
      for (int64_t i = 0; i < 2 * rows * columns; ++i)
        x.push_back(static_cast<float>(random.unit() - 0.75));
      x[5] = std::numeric_limits<float>::quiet_NaN();
      HostTensor input = HostTensor::of({2, rows, columns}, x);
      auto module = runner.parse(network(reduction, rows, columns));
      ASSERT_TRUE(module) << runner.takeMessages();
      // The first path is that of the loops.
      expectSameOnPaths(runner, *module, paths(), {input});
    }
}

} // namespace
