//===- ModuleRunner.h - modules through the compiler ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Takes modules through the pipelines, in this process: to the integer form,
// and from there by each path of the code generator to a library that is
// loaded and run.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_MODULERUNNER_H
#define COMPRESS_UNITTESTS_INTEGRATION_MODULERUNNER_H

#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Support/ModelLibrary.h"
#include "HostTensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

namespace oracle {

/// A way to compute a network.
struct Path {
  std::string name;
  mlir::compress::CpuOptions options;
  /// What the code is compiled for, in the words of --target-cpu.
  std::string cpu = "generic";
  /// Canonicalize and CSE before and after every pass.
  bool interleave = false;
  /// The number of the plan of every kernel that has as many.
  int64_t plan = 0;

  /// What an f32 network may differ by, in parts of its largest output.
  double getTolerance() const {
    return options.winogradTile == 2 ? 1e-5 : 1e-4;
  }
};

/// The paths that this machine can run: stock loops, portable code, and those
/// of the vector instruction sets, with dot products by plain arithmetic where
/// the machine has none.
std::vector<Path> paths();
/// Those that f32 networks take besides, and whose sums round otherwise.
std::vector<Path> fusedPaths();
/// Those that multiply bf16 in f32 networks: stock loops first.
std::vector<Path> bfloat16Paths();
/// Those of further instruction sets.
std::vector<Path> morePaths();
/// Those of `paths` with other plans of kernels.
std::vector<Path> planPaths();

/// What the pipelines may do between passes.
struct FormOptions {
  bool int8Io = false;
  /// Canonicalize and CSE before and after every pass.
  bool interleave = false;
};

class ModuleRunner {
public:
  ModuleRunner();

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text);
  /// A model file, .onnx or .mlir. `inputShape` takes the place of the only
  /// input's shape in an ONNX file.
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  load(llvm::StringRef path, llvm::ArrayRef<int64_t> inputShape = {});

  /// Model or qdq form -> qdq form in NHWC, or the f32 form without
  /// quantization, in place.
  llvm::Error normalize(mlir::ModuleOp module);
  /// Model or qdq form -> integer form, in place.
  llvm::Error lower(mlir::ModuleOp module, const FormOptions &options = {});

  /// The library of a module in the integer or f32 form, which stays as it is.
  llvm::Expected<std::unique_ptr<compress::ModelLibrary>>
  compile(mlir::ModuleOp module, const Path &path);

  /// The error of the last pass, as reported.
  std::string takeMessages();

  mlir::MLIRContext context;

private:
  llvm::Error run(mlir::PassManager &pm, mlir::ModuleOp module,
                  llvm::StringRef what);
  std::string messages;
};

/// One inference; the inputs have the types and shapes of the library's.
llvm::Expected<std::vector<HostTensor>> run(compress::ModelLibrary &library,
                                            llvm::ArrayRef<HostTensor> inputs,
                                            int32_t threads);

/// "" where both are the same to the bit, else where they differ first. NaNs of
/// any kind are the same.
std::string difference(llvm::ArrayRef<HostTensor> expected,
                       llvm::ArrayRef<HostTensor> actual);

/// The largest difference of two f32 tensors over the largest magnitude of
/// `expected`; infinity where one of them is not finite or they differ in
/// shape.
double relativeDifference(const HostTensor &expected, const HostTensor &actual);

/// Where real data may be; "" where `file` is not there.
std::string dataPath(llvm::StringRef file);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_MODULERUNNER_H
