//===- ModelBorder.h - inputs and outputs of a model ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What every importer does at the border of a model: inputs get static shapes,
// or become constants, as the options say; `@main` gets arguments and results
// with their names and types.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_MODELBORDER_H
#define COMPRESS_IMPORT_COMMON_MODELBORDER_H

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include <string>
#include <utility>

namespace mlir::compress {

/// What the user says of a model besides its file.
struct ImportOptions {
  /// The extent of a leading input dimension that the file leaves open.
  int64_t batch = 1;
  /// Shapes by input name, in place of those in the file and of the same rank.
  /// An empty name is the only input.
  SmallVector<std::pair<std::string, SmallVector<int64_t>>> inputShapes;
  /// Inputs that become constants, by name, in the type and shape of the input.
  SmallVector<std::pair<std::string, ConstantTensorRef>> frozenInputs;
  /// Where tensors outside of the file are, by paths that stay below it; none
  /// for a model that is not a file.
  std::optional<std::string> folder;
};

/// An input as the file has it.
struct ModelInput {
  std::string name;
  /// The element type, none where it is not one of Compress, and its name.
  std::optional<ElementType> type;
  std::string typeName;
  /// None where the file says none; open dimensions are ShapedType::kDynamic.
  std::optional<SmallVector<int64_t>> shape;
};

/// Creates `@main` on `inputs`, at the insertion point of `b`, which goes into
/// it. `tensors` gets all inputs by name; frozen ones are constants, and no
/// arguments. Fails where the options do not fit to the inputs.
FailureOr<func::FuncOp> createModelFunction(ModelOpBuilder &b,
                                            ArrayRef<ModelInput> inputs,
                                            const ImportOptions &options,
                                            llvm::StringMap<Tensor> &tensors);

/// Ends `func` with the results, pairs of a name and a tensor.
LogicalResult
createModelReturn(ModelOpBuilder &b, func::FuncOp func,
                  ArrayRef<std::pair<std::string, Tensor>> outputs);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_MODELBORDER_H
