//===- PackConstant.h - constants in the order of their use -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// New module constants made from old ones; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_PACKCONSTANT_H
#define LIB_CODEGEN_CPU_KERNEL_PACKCONSTANT_H

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Kernel.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::compress {

/// The data of a constant buffer; failure where it is none.
FailureOr<ConstantData> readConstantBuffer(Value buffer);

/// A new private constant of `bytes` and, at the insertion point, its buffer.
Value buildConstantBuffer(OpBuilder &b, Location loc, SymbolTable &symbols,
                          StringRef name, Type element, ArrayRef<char> bytes);

/// Rearranges the constant that `access` reads so that it is contiguous along
/// `lane`; every other loop that it depends on keeps its place.
LogicalResult packForLanes(OpBuilder &b, Location loc, SymbolTable &symbols,
                           const Kernel &kernel, Access &access, unsigned lane);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_PACKCONSTANT_H
