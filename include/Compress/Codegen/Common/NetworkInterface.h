//===- NetworkInterface.h - inputs and outputs of a network -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the user of a compiled network has to know, read from the code form.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_NETWORKINTERFACE_H
#define COMPRESS_CODEGEN_COMMON_NETWORKINTERFACE_H

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace mlir::compress {

/// One input or output, as `compress_tensor_info` in Compress/Runtime/Abi.h.
struct BorderTensor {
  std::string name;
  int32_t dtype = 0;
  SmallVector<int64_t> dims;
  int64_t bytes = 0;
  bool quantized = false;
  float scale = 0;
  int32_t zeroPoint = 0;
};

struct NetworkInterface {
  SmallVector<BorderTensor> inputs, outputs;
  int64_t arenaBytes = 0;
  int64_t liveBytes = 0; ///< the most that live at a time in the arena
  int64_t constantBytes = 0;
};

/// Reads the interface of a module in the code form. Emits an error where it
/// is not one that Abi.h can describe.
FailureOr<NetworkInterface> readNetworkInterface(ModuleOp module);

/// An element type as in "f32"; `dtype` is one of Abi.h.
StringRef dtypeName(int32_t dtype);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_NETWORKINTERFACE_H
