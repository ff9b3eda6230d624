//===- Compress.h - the compress dialect ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Ops, interface and numeric helpers of the compress dialect.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/VectorInterfaces.h"

#include "Compress/Dialect/Compress/IR/CompressDialect.h.inc"
#include "Compress/Dialect/Compress/IR/DimensionRelationInterface.h.inc"

#define GET_OP_CLASSES
#include "Compress/Dialect/Compress/IR/CompressOps.h.inc"

namespace mlir::compress {

/// The maps of DimensionRelationInterface, or a linalg op's indexing maps
/// (those of the inits stand for the results too); std::nullopt for an op that
/// says nothing of its dimensions.
std::optional<SmallVector<AffineMap>> getDimensionMaps(Operation *op);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H
