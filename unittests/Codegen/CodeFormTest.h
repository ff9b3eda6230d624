//===- CodeFormTest.h - compiling the code form in tests --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_CODEGEN_CODEFORMTEST_H
#define COMPRESS_UNITTESTS_CODEGEN_CODEFORMTEST_H

#include "../Support/TestFiles.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LinkShared.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Common/NetworkInterface.h"
#include "Compress/Support/ModelLibrary.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace compress::test {

/// A kernel with a parallel loop, a global and the arena:
/// y[i] = 2 * x[i] + bias[i] for 64 floats, and the codes of x plus 1 for 6
/// signed bytes.
extern const char *const kCodeForm;

/// Compiles modules in the code form.
class CodeFormTest : public testing::Test {
protected:
  CodeFormTest();

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text);

  /// Runs buildLlvmPipeline; false where it fails.
  bool lower(mlir::ModuleOp module, llvm::StringRef name, unsigned threads,
             llvm::StringRef target = "generic");

  /// Compiles `text` for the CPU `cpu` and links it.
  std::unique_ptr<llvm::MemoryBuffer> compile(llvm::StringRef text,
                                              llvm::StringRef name,
                                              unsigned threads,
                                              llvm::StringRef cpu = "native");

  mlir::MLIRContext context;
  std::string diagnostics; ///< what was emitted, a line each
};

} // namespace compress::test

#endif // COMPRESS_UNITTESTS_CODEGEN_CODEFORMTEST_H
