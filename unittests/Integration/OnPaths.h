//===- OnPaths.h - one module by many paths ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_ONPATHS_H
#define COMPRESS_UNITTESTS_INTEGRATION_ONPATHS_H

#include "ModuleRunner.h"
#include "gtest/gtest.h"

namespace oracle {

/// Computes `module` by each of `paths`, with 1 and 2 threads where the code
/// takes as many, and gives `check` the results. What does not compile or run
/// fails the test.
inline void runOnPaths(
    ModuleRunner &runner, mlir::ModuleOp module, llvm::ArrayRef<Path> paths,
    llvm::ArrayRef<HostTensor> inputs,
    llvm::function_ref<void(const std::string &, llvm::ArrayRef<HostTensor>)>
        check) {
  for (const Path &path : paths) {
    auto library = runner.compile(module, path);
    if (!library) {
      ADD_FAILURE() << path.name << ": " << llvm::toString(library.takeError());
      continue;
    }
    for (int32_t threads : {1, 2}) {
      if (threads > static_cast<int32_t>((*library)->info().max_threads))
        continue;
      auto results = run(**library, inputs, threads);
      if (!results)
        ADD_FAILURE() << path.name << ": "
                      << llvm::toString(results.takeError());
      else
        check(path.name + ", " + std::to_string(threads) + " threads",
              *results);
    }
  }
}

/// All paths must give the bits of the first one.
inline void expectSameOnPaths(ModuleRunner &runner, mlir::ModuleOp module,
                              llvm::ArrayRef<Path> paths,
                              llvm::ArrayRef<HostTensor> inputs) {
  std::vector<HostTensor> expected;
  runOnPaths(runner, module, paths, inputs,
             [&](const std::string &name, llvm::ArrayRef<HostTensor> actual) {
               if (expected.empty())
                 expected = actual.vec();
               EXPECT_EQ(difference(expected, actual), "") << name;
             });
  EXPECT_FALSE(expected.empty());
}

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_ONPATHS_H
