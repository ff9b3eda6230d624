//===- Compile.h - the compiler, many times ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_FUZZ_COMPILE_H
#define COMPRESS_UNITTESTS_FUZZ_COMPILE_H

#include "Child.h"
#include "Driver.h"

namespace compress::fuzz {

/// What compressc does, in children of a process that has loaded everything
/// already.
class Compiler {
public:
  Compiler();
  ~Compiler();

  /// Compiles `model`, in a folder of its own, to what `emit` says. Returns
  /// what went wrong, empty where it was compiled, or turned away as it should
  /// be: then `message` says why, and is empty otherwise. `output` becomes what
  /// was made.
  std::string compile(llvm::StringRef model, mlir::compress::Emit emit,
                      std::string &message, std::string *output = nullptr);

  /// A model in MLIR's text as bytecode: the same in every folder, as its
  /// places are those of the text. Empty where it cannot be read.
  std::string toBytecode(llvm::StringRef text);

  /// Whether inputs and outputs stay quantized.
  bool int8Io = false;
  bool mindirAsWritten = false;

  /// Runs a compiled network once, on zeros, and returns what went wrong; it is
  /// turned away as above. What runs may be damaged code.
  std::string run(llvm::StringRef library, std::string &message,
                  const Limits &limits = {});

  /// Writes a file that lasts until the next one of this name.
  std::string keepFile(llvm::StringRef name, llvm::StringRef content);

private:
  mlir::DialectRegistry registry;
  std::unique_ptr<mlir::MLIRContext> context;
  llvm::SmallString<128> folder;
};

} // namespace compress::fuzz

#endif // COMPRESS_UNITTESTS_FUZZ_COMPILE_H
