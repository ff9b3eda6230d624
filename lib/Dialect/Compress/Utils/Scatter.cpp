//===- Scatter.cpp - scattered channels as a lookup ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Scatter.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

Value mlir::compress::buildScatterLookup(OpBuilder &b, ScatterChannelsOp op,
                                         Value x, TypedAttr filler) {
  Location loc = op.getLoc();
  int64_t axis = op.getAxis();
  RankedTensorType wide = op.getOutput().getType();
  unsigned rank = wide.getRank();
  std::vector<int32_t> table(wide.getDimSize(axis), -1);
  for (auto [i, at] : llvm::enumerate(op.getIndices()))
    table[at] = static_cast<int32_t>(i);
  Value source = buildVector(b, loc, table);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, x);
  sizes[axis] = b.getIndexAttr(wide.getDimSize(axis));
  Value init =
      tensor::EmptyOp::create(b, loc, sizes, getElementTypeOrSelf(x.getType()));
  AffineMap channel = AffineMap::get(rank, 0, b.getAffineDimExpr(axis));
  SmallVector<AffineMap> maps{channel, b.getMultiDimIdentityMap(rank)};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, TypeRange{init.getType()}, ValueRange{source},
             ValueRange{init}, maps, iterators,
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value zero =
                   arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
               Value isThere = arith::CmpIOp::create(
                   b, loc, arith::CmpIPredicate::sge, args[0], zero);
               Value index = arith::MaxSIOp::create(b, loc, args[0], zero);
               SmallVector<Value> at;
               for (unsigned d = 0; d < rank; ++d)
                 at.push_back(linalg::IndexOp::create(b, loc, d));
               at[axis] =
                   arith::IndexCastOp::create(b, loc, b.getIndexType(), index);
               Value element = tensor::ExtractOp::create(b, loc, x, at);
               Value otherwise = arith::ConstantOp::create(b, loc, filler);
               Value result =
                   arith::SelectOp::create(b, loc, isThere, element, otherwise);
               linalg::YieldOp::create(b, loc, result);
             })
      ->getResult(0);
}
