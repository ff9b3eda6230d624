//===- TablesTest.cpp - functions of codes as compiled --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Functions of one code, which become tables: of every code what plain loops
// compute of it, for every instruction that looks them up and widths that fill
// no register.
//
//===----------------------------------------------------------------------===//

#include "OnPaths.h"
#include "llvm/ADT/STLExtras.h"

using namespace oracle;

namespace {

struct NamedBody {
  const char *name, *text; // from %x to %r
};

/// Quantized networks have them behind convolutions, code by code or with reals
/// in between.
constexpr NamedBody bodies[] = {
    {"SiLU", R"(
      %w = arith.extsi %x : i8 to i32
      %i = arith.subi %w, %c2 : i32
      %f = arith.sitofp %i : i32 to f32
      %v = arith.mulf %f, %s : f32
      %n = arith.negf %v : f32
      %e = math.exp %n : f32
      %d = arith.addf %e, %one : f32
      %g = arith.divf %one, %d : f32
      %q = compress.requantize %g, %c256 zp(-128) range(-128, 127) : f32, f32 -> i8
      %u = arith.extsi %q : i8 to i32
      %k = arith.addi %u, %c128 : i32
      %m = arith.muli %i, %k : i32
      %r = compress.requantize %m, %t zp(-98) range(-128, 127) : i32, f32 -> i8
    )"},
    {"hard swish", R"(
      %f = arith.sitofp %x : i8 to f32
      %v = arith.mulf %f, %s : f32
      %a = arith.addf %v, %three : f32
      %b = arith.maximumf %a, %zero : f32
      %c = arith.minimumf %b, %six : f32
      %d = arith.divf %c, %six : f32
      %m = arith.mulf %v, %d : f32
      %r = compress.requantize %m, %c256 zp(3) range(-100, 120) : f32, f32 -> i8
    )"},
    {"tanh and erf", R"(
      %f = arith.sitofp %x : i8 to f32
      %v = arith.mulf %f, %s : f32
      %h = math.tanh %v : f32
      %g = math.erf %h : f32
      %r = compress.requantize %g, %c256 zp(0) range(-128, 127) : f32, f32 -> i8
    )"},
    {"square root, which is NaN of half of the codes", R"(
      %f = arith.sitofp %x : i8 to f32
      %h = math.sqrt %f : f32
      %g = math.log %h : f32
      %r = compress.requantize %g, %c256 zp(1) range(-128, 127) : f32, f32 -> i8
    )"},
    {"the sign of zero", R"(
      %f = arith.sitofp %x : i8 to f32
      %v = arith.mulf %f, %negative : f32
      %m = arith.maximumf %v, %zero : f32
      %h = arith.divf %one, %m : f32
      %r = compress.requantize %h, %c256 zp(0) range(-128, 127) : f32, f32 -> i8
    )"},
    {"a function of a function, both used", R"(
      %f = arith.sitofp %x : i8 to f32
      %v = arith.mulf %f, %s : f32
      %h = math.tanh %v : f32
      %a = compress.requantize %h, %c256 zp(0) range(-128, 127) : f32, f32 -> i8
      %g = arith.sitofp %a : i8 to f32
      %w = arith.mulf %g, %s : f32
      %k = math.tanh %w : f32
      %b = compress.requantize %k, %c256 zp(0) range(-128, 127) : f32, f32 -> i8
      %p = arith.addi %a, %old : i8
      %r = arith.addi %p, %b : i8
    )"},
    {"TOSA's scaling", R"(
      %w = arith.extsi %x : i8 to i32
      %m = arith.muli %w, %w : i32
      %y = tosa.apply_scale %m, %multiplier, %shift {rounding_mode = DOUBLE_ROUND}
         : (i32, i32, i8) -> i32
      %z = arith.minsi %y, %c2 : i32
      %r = arith.trunci %z : i32 to i8
    )"}};

std::string network(const NamedBody &body, int64_t size) {
  std::string type = "tensor<3x" + std::to_string(size) + "xi8>";
  return R"(#id = affine_map<(i, j) -> (i, j)>
    func.func @main(%in: )" +
         type + ") -> " + type + R"( {
      %c2 = arith.constant 2 : i32
      %c128 = arith.constant 128 : i32
      %s = arith.constant 0.0431 : f32
      %t = arith.constant 3.1e-3 : f32
      %zero = arith.constant 0.0 : f32
      %one = arith.constant 1.0 : f32
      %three = arith.constant 3.0 : f32
      %six = arith.constant 6.0 : f32
      %negative = arith.constant -0.05 : f32
      %c256 = arith.constant 256.0 : f32
      %multiplier = arith.constant 1518500250 : i32
      %shift = arith.constant 37 : i8
      %zero8 = arith.constant 0 : i8
      %new = tensor.empty() : )" +
         type + R"(
      %empty = linalg.fill ins(%zero8 : i8) outs(%new : )" +
         type + ") -> " + type + R"(
      %out = linalg.generic {indexing_maps = [#id, #id],
                             iterator_types = ["parallel", "parallel"]}
          ins(%in : )" +
         type + ") outs(%empty : " + type +
         ") {\n^bb0(%x: i8, %old: i8):" + body.text +
         "\nlinalg.yield %r : i8\n} -> " + type + "\nreturn %out : " + type +
         "\n}\n";
}

TEST(TablesTest, EveryCodeOnEveryPath) {
  ModuleRunner runner;
  std::vector<Path> all = paths();
  llvm::append_range(all, morePaths());
#if defined(__x86_64__)
  auto add = [&](const char *features, const char *cpu) {
    Path path{features, {}, cpu};
    path.options.features = features;
    path.options.fuseSums = false;
    all.push_back(path);
  };
  if (__builtin_cpu_supports("ssse3"))
    add("+sse2,+ssse3", "x86-64-v2");
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    add("+avx2,+avx512f,+avx512bw,+avx512vl", "x86-64-v4");
  // As Xeon Phi has it: vectors of 64 codes, registers of 32.
  if (__builtin_cpu_supports("avx512vl"))
    add("+avx2,+avx512f", "x86-64-v4");
  if (__builtin_cpu_supports("avx512vbmi"))
    add("+avx2,+avx512f,+avx512bw,+avx512vl,+avx512vbmi", "icelake-server");
#endif
  for (const NamedBody &body : bodies)
    for (int64_t size : {1, 37, 256}) {
      SCOPED_TRACE(std::string(body.name) + " of " + std::to_string(size));
      std::vector<int8_t> codes;
      for (int64_t i = 0; i < 3 * size; ++i)
        codes.push_back(static_cast<int8_t>(size < 256 ? i * 37 : i));
      HostTensor input = HostTensor::of({3, size}, codes);
      auto module = runner.parse(network(body, size));
      ASSERT_TRUE(module) << runner.takeMessages();
      // The first path is that of the loops, which has no tables.
      expectSameOnPaths(runner, *module, all, {input});
    }
}

} // namespace
