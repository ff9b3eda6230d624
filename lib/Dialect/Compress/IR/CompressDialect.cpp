//===- CompressDialect.cpp - the compress dialect ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::compress;

#include "Compress/Dialect/Compress/IR/CompressDialect.cpp.inc"
#include "Compress/Dialect/Compress/IR/DimensionRelationInterface.cpp.inc"

namespace {
/// Quantized types print through aliases: a per-channel type with 1,000 scales
/// is written once, at the top of the file.
struct QuantTypeAliases : public OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;

  AliasResult getAlias(Type type, raw_ostream &os) const override {
    if (isa<quant::UniformQuantizedType>(type)) {
      os << "qtensor";
      return AliasResult::OverridableAlias;
    }
    if (isa<quant::UniformQuantizedPerAxisType>(type)) {
      os << "qchannel";
      return AliasResult::OverridableAlias;
    }
    return AliasResult::NoAlias;
  }
};
} // namespace

void CompressDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Compress/Dialect/Compress/IR/CompressOps.cpp.inc"
      >();
  addInterfaces<QuantTypeAliases>();
}

Operation *CompressDialect::materializeConstant(OpBuilder &builder,
                                                Attribute value, Type type,
                                                Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

std::optional<SmallVector<AffineMap>>
mlir::compress::getDimensionMaps(Operation *op) {
  if (auto relation = dyn_cast<DimensionRelationInterface>(op))
    return relation.getDimensionMaps();
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return std::nullopt;
  SmallVector<AffineMap> maps = linalgOp.getIndexingMapsArray();
  for (OpOperand &init : linalgOp.getDpsInitsMutable())
    if (isa<RankedTensorType>(init.get().getType()))
      maps.push_back(linalgOp.getMatchingIndexingMap(&init));
  return maps;
}
