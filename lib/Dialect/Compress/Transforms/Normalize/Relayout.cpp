//===- Relayout.cpp - storing values in another order --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::compress;

template <typename T>
static SmallVector<T> pick(ArrayRef<T> values, ArrayRef<int64_t> order) {
  SmallVector<T> result;
  for (int64_t i : order)
    result.push_back(values[i]);
  return result;
}

/// `type` with its quantized dimension where `layout` puts it.
static Type moveAxis(Type type, ArrayRef<int64_t> layout) {
  auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!axis)
    return type;
  auto dim = llvm::find(layout, axis.getQuantizedDimension()) - layout.begin();
  return quant::UniformQuantizedPerAxisType::get(
      axis.getFlags(), axis.getStorageType(), axis.getExpressedType(),
      axis.getScales(), axis.getZeroPoints(), static_cast<int32_t>(dim),
      axis.getStorageTypeMin(), axis.getStorageTypeMax());
}

/// Splits both shapes into the most runs of dimensions of equal extent.
static void matchRuns(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                      SmallVectorImpl<ReassociationIndices> &fromRuns,
                      SmallVectorImpl<ReassociationIndices> &toRuns) {
  int64_t i = 0, j = 0, n = from.size(), m = to.size();
  while (i < n && j < m) {
    ReassociationIndices fromRun{i}, toRun{j};
    int64_t left = from[i++], right = to[j++];
    while (left != right) {
      // Of an empty tensor one side may be used up before the products agree.
      if (i < n && (left < right || j == m)) {
        left *= from[i];
        fromRun.push_back(i++);
      } else if (j < m) {
        right *= to[j];
        toRun.push_back(j++);
      } else {
        break;
      }
    }
    fromRuns.push_back(fromRun);
    toRuns.push_back(toRun);
  }
  for (; i < n; ++i) // what is left has extent 1
    fromRuns.back().push_back(i);
  for (; j < m; ++j)
    toRuns.back().push_back(j);
}

Value mlir::compress::reshapeTo(OpBuilder &b, Location loc, Value value,
                                ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  RankedTensorType target = type.clone(shape);
  SmallVector<ReassociationIndices> fromRuns, toRuns;
  if (type.getRank() > 0 && target.getRank() > 0)
    matchRuns(type.getShape(), shape, fromRuns, toRuns);
  if (static_cast<int64_t>(fromRuns.size()) != type.getRank()) {
    SmallVector<int64_t> runShape;
    for (const ReassociationIndices &run : fromRuns) {
      runShape.push_back(1);
      for (int64_t dim : run)
        runShape.back() *= type.getDimSize(dim);
    }
    value = tensor::CollapseShapeOp::create(b, loc, type.clone(runShape), value,
                                            fromRuns);
  }
  if (static_cast<int64_t>(toRuns.size()) != target.getRank())
    value = tensor::ExpandShapeOp::create(b, loc, target, value, toRuns);
  return value;
}

//===----------------------------------------------------------------------===//
// Stored values
//===----------------------------------------------------------------------===//

Relayout::Stored Relayout::resolve(Value value) const {
  auto it = stored.find(value);
  return it == stored.end() ? Stored{value, identityLayout(value)} : it->second;
}

void Relayout::record(Value old, Value value, Layout layout) {
  stored[old] = {value, std::move(layout)};
}

Value Relayout::get(Value value, ArrayRef<int64_t> layout) {
  Stored source = resolve(value);
  // Dimension i of the wanted tensor is dimension perm[i] of the stored one.
  Layout perm;
  for (int64_t dim : layout)
    perm.push_back(llvm::find(source.layout, dim) - source.layout.begin());
  return permute(source.value, perm);
}

Value Relayout::permute(Value value, ArrayRef<int64_t> perm) {
  if (isIdentityPermutation(perm))
    return value;
  auto &known = permuted[value];
  for (auto &[order, result] : known)
    if (order == Layout(perm))
      return result;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfterValue(value);
  Value result = permuteFree(value, perm);
  auto type = cast<RankedTensorType>(value.getType());
  Location loc = value.getLoc();
  if (!result && type.hasStaticShape()) {
    // Moving dimensions of extent 1 moves no element.
    SmallVector<int64_t> moved;
    for (int64_t dim : perm)
      if (type.getDimSize(dim) != 1)
        moved.push_back(dim);
    if (llvm::is_sorted(moved))
      result = reshapeTo(rewriter, loc, value, pick(type.getShape(), perm));
  }
  if (!result) {
    SmallVector<OpFoldResult> sizes =
        pick<OpFoldResult>(tensor::getMixedSizes(rewriter, loc, value), perm);
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, sizes, type.getElementType());
    result = linalg::TransposeOp::create(rewriter, loc, value, empty, perm)
                 ->getResult(0);
  }
  permuted[value].push_back({Layout(perm), result});
  return result;
}

/// Constants, fills and broadcasts in another layout; null for other values.
Value Relayout::permuteFree(Value value, ArrayRef<int64_t> perm) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  Location loc = op->getLoc();
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape = pick(type.getShape(), perm);
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return tensor::EmptyOp::create(
        rewriter, loc, pick<OpFoldResult>(empty.getMixedSizes(), perm),
        type.getElementType());
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return linalg::FillOp::create(rewriter, loc, fill.getInputs(),
                                  permute(fill.getDpsInits()[0], perm))
        ->getResult(0);
  if (auto broadcast = dyn_cast<linalg::BroadcastOp>(op)) {
    // The source takes the order in which its dimensions come now.
    SmallVector<int64_t> added, kept, sourceOrder;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (!llvm::is_contained(broadcast.getDimensions(), dim))
        kept.push_back(dim);
    for (auto [i, dim] : llvm::enumerate(perm)) {
      if (llvm::is_contained(broadcast.getDimensions(), dim))
        added.push_back(i);
      else
        sourceOrder.push_back(llvm::find(kept, dim) - kept.begin());
    }
    return linalg::BroadcastOp::create(
               rewriter, loc, permute(broadcast.getInput(), sourceOrder),
               permute(broadcast.getInit(), perm), added)
        ->getResult(0);
  }
  if (auto dcast = dyn_cast<quant::DequantizeCastOp>(op)) {
    auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
    if (!scast)
      return {};
    Value codes = permuteFree(scast.getInput(), perm);
    if (!codes)
      return {};
    Type element = moveAxis(getElementTypeOrSelf(scast.getType()), perm);
    Value cast = quant::StorageCastOp::create(
        rewriter, scast.getLoc(), RankedTensorType::get(shape, element), codes);
    return quant::DequantizeCastOp::create(rewriter, loc, type.clone(shape),
                                           cast);
  }
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return {};
  if (auto splat = dyn_cast<SplatElementsAttr>(attr))
    return arith::ConstantOp::create(rewriter, loc,
                                     splat.resizeSplat(type.clone(shape)));
  FailureOr<ConstantData> data = readConstant(attr);
  if (failed(data))
    return {};
  ConstantData moved = transposeConstant(*data, perm);
  return arith::ConstantOp::create(rewriter, loc,
                                   makeConstant(moved.type, moved.bytes));
}

//===----------------------------------------------------------------------===//
// Rewriting ops
//===----------------------------------------------------------------------===//

Relayout::Relayout(RewriterBase &rewriter, Block &block) : rewriter(rewriter) {
  // Constants first: a flatten looks at the weights that it finds.
  for (auto op :
       llvm::make_early_inc_range(block.getOps<linalg::TransposeOp>()))
    if (isFree(op.getInput()))
      rewriter.replaceOp(op, permute(op.getInput(), op.getPermutation()));
  layouts.emplace(block);
}

bool Relayout::rewrite(Operation *op) {
  rewriter.setInsertionPoint(op);
  bool isDone = false;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    if (auto wanted = getWindowLayouts(linalgOp)) {
      if (rewriteWindow(linalgOp, *wanted))
        return true;
    } else if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
      isDone = rewriteTranspose(transpose);
    } else {
      isDone = rewriteLinalg(linalgOp);
    }
  } else if (auto reshape = matchReshape(op)) {
    isDone = rewriteReshape(*reshape);
  } else {
    isDone = rewriteSelect(op);
  }
  if (!isDone)
    useOriginals(op);
  return false;
}

void Relayout::useOriginals(Operation *op) {
  // Also what the op's regions read from outside.
  op->walk([&](Operation *inner) {
    for (OpOperand &operand : inner->getOpOperands()) {
      Value value = operand.get();
      auto it = stored.find(value);
      if (it == stored.end())
        continue;
      Value original = get(value, identityLayout(value));
      rewriter.modifyOpInPlace(inner, [&] { operand.set(original); });
    }
  });
}

bool Relayout::rewriteWindow(linalg::LinalgOp op, ArrayRef<Layout> wanted) {
  if (llvm::all_of(wanted, isIdentityLayout))
    return false;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<Value> operands;
  for (auto [i, value] : llvm::enumerate(op->getOperands())) {
    bool isTensor = isa<RankedTensorType>(value.getType());
    operands.push_back(isTensor ? get(value, wanted[i]) : value);
    maps[i] =
        AffineMap::get(maps[i].getNumDims(), 0,
                       pick(maps[i].getResults(), wanted[i]), op.getContext());
  }
  linalg::LinalgOp converted = createNhwcOp(rewriter, op, operands);
  if (!converted) {
    // Loops in the order of the result, then the reductions in that of the
    // first operand, which is the image, as the named ops have them: what lies
    // side by side is read at once.
    llvm::SmallSetVector<unsigned, 8> order;
    for (const AffineMap &map : {maps.back(), maps.front()})
      for (AffineExpr result : map.getResults())
        result.walk([&](AffineExpr e) {
          if (auto dim = dyn_cast<AffineDimExpr>(e))
            order.insert(dim.getPosition());
        });
    for (unsigned d = 0; d < op.getNumLoops(); ++d)
      order.insert(d);
    SmallVector<AffineExpr> moved(op.getNumLoops());
    SmallVector<utils::IteratorType> iterators;
    for (auto [i, d] : llvm::enumerate(order)) {
      moved[d] = rewriter.getAffineDimExpr(i);
      iterators.push_back(op.getIteratorTypesArray()[d]);
    }
    for (AffineMap &map : maps)
      map = map.replaceDimsAndSymbols(moved, {}, order.size(), 0);
    converted = rebuildLinalg(rewriter, op, operands, maps, iterators);
  }
  record(op->getResult(0), converted->getResult(0), wanted.back());
  return true;
}

/// A transpose moves nothing yet: its result is its operand, stored otherwise.
bool Relayout::rewriteTranspose(linalg::TransposeOp op) {
  Stored source = resolve(op.getInput());
  SmallVector<int64_t> inverse = invertPermutationVector(op.getPermutation());
  record(op->getResult(0), source.value, pick<int64_t>(inverse, source.layout));
  return true;
}

bool Relayout::rewriteLinalg(linalg::LinalgOp op) {
  bool isElementwise = op.getNumLoops() == op.getNumParallelLoops();
  if (op->getNumResults() != 1 || op.hasIndexSemantics() ||
      isFree(op->getResult(0)) ||
      (!isElementwise && !isa<linalg::GenericOp, linalg::ReduceOp>(op)))
    return false;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Value result = op->getResult(0);
  Layout layout = layouts->get(result);
  if (isElementwise && !maps.back().isPermutation())
    return false;

  // The new loops: in the order of the result of an elementwise op, or of the
  // data of a reduction, unless that would change the order of a sum.
  SmallVector<unsigned> sequence =
      llvm::to_vector(llvm::seq<unsigned>(0, op.getNumLoops()));
  if (isElementwise) {
    sequence = loopsInOrder(maps.back(), layout);
  } else if (maps[0].isPermutation()) {
    auto wanted = loopsInOrder(maps[0], resolve(op->getOperand(0)).layout);
    SmallVector<unsigned> sums;
    for (unsigned loop : wanted)
      if (op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction)
        sums.push_back(loop);
    if (llvm::is_sorted(sums))
      sequence = wanted;
  }
  SmallVector<AffineExpr> moved(sequence.size());
  SmallVector<utils::IteratorType> iterators;
  for (auto [i, loop] : llvm::enumerate(sequence)) {
    moved[loop] = rewriter.getAffineDimExpr(i);
    iterators.push_back(op.getIteratorTypesArray()[loop]);
  }
  SmallVector<Value> operands;
  for (auto [i, value] : llvm::enumerate(op->getOperands())) {
    AffineMap &map = maps[i];
    if (isa<RankedTensorType>(value.getType())) {
      Layout order = i + 1 == op->getNumOperands() ? layout
                     : isElementwise && map.isPermutation()
                         ? layoutOfOrder(map, sequence)
                         : resolve(value).layout;
      value = get(value, order);
      map = AffineMap::get(map.getNumDims(), 0, pick(map.getResults(), order),
                           op.getContext());
    }
    map = map.replaceDimsAndSymbols(moved, {}, sequence.size(), 0);
    operands.push_back(value);
  }
  if (llvm::equal(operands, op->getOperands()) &&
      maps == op.getIndexingMapsArray())
    return false;
  auto rebuilt = rebuildLinalg(rewriter, op, operands, maps, iterators);
  for (Operation &inner : rebuilt->getRegion(0).front())
    useOriginals(&inner);
  record(result, rebuilt->getResult(0), layout);
  return true;
}

/// Ops that select, pad, join or annotate elements dimension by dimension.
bool Relayout::rewriteSelect(Operation *op) {
  if (!isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::ConcatOp, FakeQuantOp,
           ObserveOp, ScatterChannelsOp>(op))
    return false;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Layout layout = layouts->get(op->getResult(0));
  if (isIdentityLayout(layout))
    return false;
  auto newType = type.clone(pick(type.getShape(), layout));
  auto source = [&](unsigned i = 0) { return get(op->getOperand(i), layout); };
  auto sorted = [&](ArrayRef<OpFoldResult> values) {
    return pick(values, layout);
  };
  auto moved = [&](uint64_t dim) -> int64_t {
    return llvm::find(layout, static_cast<int64_t>(dim)) - layout.begin();
  };
  Value result;
  Location loc = op->getLoc();
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value padding = pad.getConstantPaddingValue();
    if (!padding)
      return false;
    if (padding.getParentRegion() == &pad.getRegion())
      padding = rewriter.clone(*padding.getDefiningOp())->getResult(0);
    result = tensor::PadOp::create(
        rewriter, loc, newType, source(), sorted(pad.getMixedLowPad()),
        sorted(pad.getMixedHighPad()), padding, pad.getNofold());
  } else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    if (slice.getSourceType().getRank() != type.getRank())
      return false;
    result = tensor::ExtractSliceOp::create(
        rewriter, loc, newType, source(), sorted(slice.getMixedOffsets()),
        sorted(slice.getMixedSizes()), sorted(slice.getMixedStrides()));
  } else if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    SmallVector<Value> inputs;
    for (unsigned i = 0; i < op->getNumOperands(); ++i)
      inputs.push_back(source(i));
    result = tensor::ConcatOp::create(
        rewriter, loc, newType, static_cast<uint64_t>(moved(concat.getDim())),
        inputs);
  } else if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
    result = ScatterChannelsOp::create(rewriter, loc, newType, source(),
                                       moved(scatter.getAxis()),
                                       scatter.getIndices());
  } else if (auto fake = dyn_cast<FakeQuantOp>(op)) {
    result =
        FakeQuantOp::create(rewriter, loc, newType, source(),
                            TypeAttr::get(moveAxis(fake.getType(), layout)));
  } else {
    result = ObserveOp::create(rewriter, loc, newType, source(),
                               cast<ObserveOp>(op).getNameAttr());
  }
  copyDiscardableAttrs(op, result.getDefiningOp());
  record(op->getResult(0), result, layout);
  return true;
}

bool Relayout::rewriteReshape(const Reshape &op) {
  Stored source = resolve(op.source());
  auto type = cast<RankedTensorType>(op.result().getType());
  if (!type.hasStaticShape() ||
      !cast<RankedTensorType>(source.value.getType()).hasStaticShape())
    return false;
  Layout layout = layouts->get(op.result());
  Layout assigned = layouts->get(op.source());
  if (isIdentityLayout(source.layout) && isIdentityLayout(layout))
    return false;
  // A reshape as before, if the elements come in the wanted order, as they are
  // stored or as they shall be.
  auto atoms = [&](bool coarse, ArrayRef<int64_t> order) {
    return coarse ? atomsOfCoarse(op, order) : atomsOfFine(op, order);
  };
  SmallVector<int64_t> wanted = atoms(!op.isExpand, layout);
  Value value = source.value;
  if (atoms(op.isExpand, source.layout) != wanted) {
    if (atoms(op.isExpand, assigned) != wanted)
      return !op.isExpand && flattenIntoWeights(op);
    value = get(op.source(), assigned);
  }
  Value result = reshapeTo(rewriter, op.result().getLoc(), value,
                           pick(type.getShape(), layout));
  record(op.result(), result, layout);
  return true;
}
