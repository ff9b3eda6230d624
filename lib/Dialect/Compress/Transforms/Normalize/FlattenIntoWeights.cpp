//===- FlattenIntoWeights.cpp - dense layers behind a flatten ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A flatten of an image merges channel, row and column into one dimension, in
// the order of the model. Where only products with constants read it, the
// constants take the new order instead of the image.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

/// The merged dimension whose parts are stored in another order, and that
/// order; nullopt where dimensions are torn apart as well.
static std::optional<std::pair<int64_t, SmallVector<int64_t>>>
findReordered(const Reshape &op, ArrayRef<int64_t> layout) {
  SmallVector<int64_t> atoms = atomsOfFine(op, layout);
  ArrayRef<int64_t> rest = atoms;
  std::optional<std::pair<int64_t, SmallVector<int64_t>>> found;
  for (auto [dim, group] : llvm::enumerate(op.groups)) {
    SmallVector<int64_t> expected = atomsOfCoarse(op, {int64_t(dim)});
    if (rest.size() < expected.size())
      return std::nullopt;
    SmallVector<int64_t> part(rest.take_front(expected.size()));
    rest = rest.drop_front(expected.size());
    if (part == expected)
      continue;
    if (found || !std::is_permutation(part.begin(), part.end(),
                                      expected.begin(), expected.end()))
      return std::nullopt;
    found = {int64_t(dim), part};
  }
  return found;
}

namespace {
/// A constant operand and its dimension that is summed over the flattened one.
struct SummedWith {
  OpOperand *constant;
  int64_t dim;
};
} // namespace

/// The constants that `use`, of the flattened value along `dim`, is multiplied
/// with; nullopt where something else happens to it.
static std::optional<SummedWith> matchSummed(OpOperand &use, int64_t dim) {
  auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
  if (!op || op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      !op.isDpsInput(&use) || op.hasIndexSemantics())
    return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(&use);
  if (!map.isProjectedPermutation())
    return std::nullopt;
  unsigned loop = map.getDimPosition(dim);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (op.getIteratorTypesArray()[loop] != utils::IteratorType::reduction ||
      resultMap.isFunctionOfDim(loop))
    return std::nullopt;
  OpOperand *other = op.getDpsInputOperand(use.getOperandNumber() == 0 ? 1 : 0);
  AffineMap otherMap = op.getMatchingIndexingMap(other);
  if (other->get() == use.get() || !otherMap.isProjectedPermutation() ||
      !otherMap.isFunctionOfDim(loop))
    return std::nullopt;
  for (unsigned i = 0; i < otherMap.getNumResults(); ++i)
    if (otherMap.getDimPosition(i) == loop)
      return SummedWith{other, int64_t(i)};
  return std::nullopt;
}

/// The constant with the parts of dimension `dim` in another order; also
/// behind quant.dcast(quant.scast). Null where it cannot be read.
static Value reorderConstant(OpBuilder &b, Value value, int64_t dim,
                             ArrayRef<int64_t> extents,
                             ArrayRef<int64_t> order) {
  if (auto dcast = value.getDefiningOp<quant::DequantizeCastOp>()) {
    auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
    if (!scast)
      return {};
    Type element = getElementTypeOrSelf(scast.getType());
    auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(element);
    if (axis && axis.getQuantizedDimension() == dim)
      return {};
    Value codes = reorderConstant(b, scast.getInput(), dim, extents, order);
    if (!codes)
      return {};
    Value cast =
        quant::StorageCastOp::create(b, scast.getLoc(), scast.getType(), codes);
    return quant::DequantizeCastOp::create(b, dcast.getLoc(), dcast.getType(),
                                           cast);
  }
  FailureOr<ConstantData> data = readConstant(value);
  if (failed(data))
    return {};
  // The dimension as its parts, transposed, and as one again.
  RankedTensorType type = data->type;
  SmallVector<int64_t> shape, perm;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    int64_t first = shape.size();
    if (d != dim) {
      shape.push_back(type.getDimSize(d));
      perm.push_back(first);
      continue;
    }
    shape.append(extents.begin(), extents.end());
    for (int64_t part : order)
      perm.push_back(first + part);
  }
  data->type = type.clone(shape);
  ConstantData moved = transposeConstant(*data, perm);
  return arith::ConstantOp::create(b, value.getLoc(),
                                   makeConstant(type, moved.bytes));
}

bool Relayout::flattenIntoWeights(const Reshape &op) {
  Stored source = resolve(op.source());
  auto reordered = findReordered(op, source.layout);
  if (!reordered)
    return false;
  auto [dim, parts] = *reordered;
  // Parts in the order of the model, their extents, and where each is stored.
  SmallVector<int64_t> atoms = atomsOfCoarse(op, {dim}), extents, order;
  auto fine = cast<RankedTensorType>(op.fine.getType());
  for (int64_t atom : atoms)
    extents.push_back(fine.getDimSize(atom));
  for (int64_t part : parts)
    order.push_back(llvm::find(atoms, part) - atoms.begin());

  SmallVector<std::pair<OpOperand *, Value>> replacements;
  for (OpOperand &use : op.result().getUses()) {
    std::optional<SummedWith> summed = matchSummed(use, dim);
    Value constant;
    if (summed) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(use.getOwner());
      constant = reorderConstant(rewriter, summed->constant->get(), summed->dim,
                                 extents, order);
    }
    if (!constant)
      return false;
    replacements.push_back({summed->constant, constant});
  }
  for (auto [operand, constant] : replacements)
    rewriter.modifyOpInPlace(operand->getOwner(),
                             [&, operand = operand, constant = constant] {
                               operand->set(constant);
                             });
  auto type = cast<RankedTensorType>(op.result().getType());
  record(
      op.result(),
      reshapeTo(rewriter, op.result().getLoc(), source.value, type.getShape()),
      identityLayout(op.result()));
  return true;
}
