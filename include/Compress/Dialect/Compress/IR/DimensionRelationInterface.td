//===- DimensionRelationInterface.td - how dimensions relate -*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIMENSION_RELATION_INTERFACE_TD
#define COMPRESS_DIMENSION_RELATION_INTERFACE_TD

include "mlir/IR/OpBase.td"

def DimensionRelationInterface : OpInterface<"DimensionRelationInterface"> {
  let cppNamespace = "::mlir::compress";
  let description = [{
    Says how the dimensions of an op's operands and results relate: one affine
    map for every operand and then for every result, all from one common
    iteration space, as linalg's indexing maps do. Two (value, dimension)
    pairs whose map results are the same iteration dimension have the same
    extent and are selected, dropped or permuted together.

    A result expression that is no plain dimension (a window `d1 * 2 + d3`, a
    constant) relates its dimension to no other one.

    `compress::getDimensionMaps` answers for linalg ops as well, from their
    indexing maps.
  }];
  let methods = [InterfaceMethod<
    "One map for each operand, then one for each result; an operand that is no "
    "ranked shaped value has a map without results.",
    "::llvm::SmallVector<::mlir::AffineMap>", "getDimensionMaps">];
}

#endif // COMPRESS_DIMENSION_RELATION_INTERFACE_TD
