//===- FuzzTest.cpp - damaged models --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model, however damaged, is compiled or turned away with one clear error: no
// crash, no hang, nothing half written. In the environment,
//
//   COMPRESS_FUZZ_MUTANTS  is how many mutants of each kind are tried (else
//                          FUZZ_MUTANTS),
//   COMPRESS_FUZZ_FIRST    the number of the first,
//   COMPRESS_FUZZ_KEEP     a folder for those that fail.
//
//===----------------------------------------------------------------------===//

#include "Corpus.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <cstdlib>

using namespace compress;
using namespace compress::fuzz;
using llvm::StringRef;
using mlir::compress::Emit;

namespace {

uint64_t setting(const char *name, uint64_t byDefault) {
  const char *text = std::getenv(name);
  uint64_t value;
  return text && llvm::to_integer(text, value) ? value : byDefault;
}

void keep(const std::string &name, const std::string &content) {
  const char *folder = std::getenv("COMPRESS_FUZZ_KEEP");
  if (!folder)
    return;
  std::error_code ec;
  llvm::raw_fd_ostream os(std::string(folder) + "/" + name, ec);
  if (ec)
    ADD_FAILURE() << folder << '/' << name << ": " << ec.message();
  else
    os << content;
}

/// Runs what was just compiled; nothing excuses an error but a lack of memory.
std::string runCompiled(Compiler &compiler, StringRef library) {
  std::string message;
  std::string wrong = compiler.run(library, message);
  if (wrong.empty() && !message.empty() &&
      !StringRef(message).contains("more than there are"))
    wrong = "the library fails";
  return wrong.empty() ? "" : wrong + " when it runs: " + message;
}

using MutateFn = std::string (*)(std::string, Random &);

/// Tries mutants of a kind. Most go to the integer form, some further.
void tryMutants(Compiler &compiler, const Corpus &corpus, const char *kind,
                MutateFn mutate) {
  uint64_t first = setting("COMPRESS_FUZZ_FIRST", 0);
  uint64_t count = setting("COMPRESS_FUZZ_MUTANTS", FUZZ_MUTANTS);
  unsigned compiled = 0, rejected = 0;
  for (uint64_t i = first; i < first + count; ++i) {
    Random random(i * 2 + 1);
    const Sample &sample = corpus.any(random);
    std::string mutant = mutate(sample.content, random);
    // What is no quantized model stops before the integer form.
    Emit emit = i % 100 == 99 ? Emit::Shared
                : i % 10 == 8 ? Emit::Code
                : i % 10 == 7 ? Emit::Onnx
                              : Emit::Integer;
    compiler.int8Io = i % 8 == 1 || i % 8 == 3;
    compiler.mindirAsWritten = StringRef(kind) == "mindir" && i % 16 == 5;
    std::string message, output;
    std::string wrong = compiler.compile(mutant, emit, message, &output);
    compiler.mindirAsWritten = false; // what was made is no MindIR
    bool isCompiled = wrong.empty() && message.empty();
    if (isCompiled && emit == Emit::Shared)
      wrong = runCompiled(compiler, output);
    // What MLIR says may be more than the importer of ONNX takes.
    bool isWritten = emit == Emit::Onnx ? (StringRef(kind) == "onnx" ||
                                           StringRef(kind) == "mindir")
                                        : emit == Emit::Integer && i % 5 == 0;
    if (isCompiled && isWritten) {
      wrong = compiler.compile(output, Emit::Model, message);
      if (wrong.empty() && !message.empty())
        wrong = "writes what it does not read";
    }
    if (wrong.empty()) {
      ++(message.empty() ? compiled : rejected);
      if (std::getenv("COMPRESS_FUZZ_VERBOSE"))
        std::cout << kind << " " << i << " of " << sample.name << ": "
                  << message.substr(0, 300) << (message.empty() ? "\n" : "");
      continue;
    }
    std::string name = std::string(kind) + "-" + std::to_string(i);
    keep(name, mutant);
    ADD_FAILURE() << name << " of " << sample.name << " to form " << int(emit)
                  << ": " << wrong << ": "
                  << StringRef(message).take_front(400).str();
  }
  std::cout << kind << ": " << compiled << " compiled, " << rejected
            << " turned away\n";
  // Else the changes are too small or too large to show anything.
  if (count >= 100) {
    EXPECT_GT(compiled, 0u);
    EXPECT_GT(rejected, 0u);
  }
}

TEST(Fuzz, Onnx) {
  Compiler compiler;
  tryMutants(compiler, Corpus::onnx(), "onnx", mutateOnnx);
}

TEST(Fuzz, MindIR) {
  Compiler compiler;
  tryMutants(compiler, Corpus::mindir(), "mindir", mutateMindIR);
}

TEST(Fuzz, Text) {
  Compiler compiler;
  tryMutants(compiler, Corpus::text(compiler), "text", mutateText);
}

TEST(Fuzz, Bytecode) {
  Compiler compiler;
  tryMutants(compiler, Corpus::bytecode(compiler), "bytecode", mutateBytes);
}

/// Damaged libraries are turned away, or run: no check can tell whether code is
/// damaged. Where that crashes it is reported; that it runs on forever is rare.
TEST(Fuzz, Library) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  // The sanitizer ends the process itself, with a report of its own.
  GTEST_SKIP() << "crashes are the sanitizer's";
#endif
#endif
  Compiler compiler;
  Corpus corpus = Corpus::onnx();
  std::string message, library;
  ASSERT_EQ(compiler.compile(corpus.all().front()->content, Emit::Shared,
                             message, &library),
            "");
  ASSERT_EQ(message, "");
  uint64_t first = setting("COMPRESS_FUZZ_FIRST", 0);
  uint64_t count = setting("COMPRESS_FUZZ_MUTANTS", FUZZ_MUTANTS) / 2;
  unsigned ran = 0, rejected = 0, hung = 0;
  for (uint64_t i = first; i < first + count; ++i) {
    Random random(i * 2 + 1);
    std::string mutant = mutateBytes(library, random);
    std::string wrong =
        compiler.run(mutant, message, {/*seconds=*/2, /*megabytes=*/1024});
    ++(!wrong.empty() ? hung : message.empty() ? ran : rejected);
    if (wrong.empty() || StringRef(wrong).starts_with("took longer"))
      continue;
    keep("library-" + std::to_string(i), mutant);
    ADD_FAILURE() << "library-" << i << ": " << wrong << ": " << message;
  }
  std::cout << "library: " << ran << " ran, " << rejected << " turned away, "
            << hung << " ran on\n";
  EXPECT_LE(hung, count / 20);
}

/// The tool for passes stands the same, and says so in upstream's way.
TEST(Fuzz, Passes) {
  Compiler compiler;
  Corpus corpora[] = {Corpus::text(compiler), Corpus::bytecode(compiler)};
  MutateFn mutate[] = {mutateText, mutateBytes};
  uint64_t first = setting("COMPRESS_FUZZ_FIRST", 0);
  uint64_t count = setting("COMPRESS_FUZZ_MUTANTS", FUZZ_MUTANTS) / 10;
  for (uint64_t i = first; i < first + count; ++i) {
    Random random(i * 2 + 1);
    const Sample &sample = corpora[i % 2].any(random);
    std::string mutant = mutate[i % 2](sample.content, random);
    std::string path = compiler.keepFile("mutant", mutant);
    ChildResult result =
        runProgram({TOOLS_DIR "/compress-opt", path, "--int8-lower"});
    StringRef text = result.messages;
    std::string wrong = result.ended;
    if (wrong.empty() && result.exitCode > 1)
      wrong = "ends with the exit code " + std::to_string(result.exitCode);
    else if (wrong.empty() && result.exitCode == 1 && !text.contains("error: "))
      wrong = "fails without an error";
    else if (text.contains("crashed in a pass"))
      wrong = "crashes in a pass";
    if (wrong.empty())
      continue;
    keep("opt-" + std::to_string(i), mutant);
    ADD_FAILURE() << "opt-" << i << " of " << sample.name << ": " << wrong
                  << ": " << text.take_front(400).str();
  }
}

/// Models that are odd, each to everything that can be made of it.
TEST(Fuzz, OddModels) {
  Compiler compiler;
  for (const Sample &sample : oddModels())
    for (Emit emit : {Emit::Model, Emit::Onnx, Emit::Integer, Emit::Shared}) {
      std::string message, output;
      std::string wrong =
          compiler.compile(sample.content, emit, message, &output);
      if (wrong.empty() && message.empty() && emit == Emit::Shared)
        wrong = runCompiled(compiler, output);
      EXPECT_EQ(wrong, "") << sample.name << " to form " << int(emit) << ": "
                           << message;
    }
}

} // namespace
