//===- TensorOps.cpp - ops that move elements -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "OnnxExporter.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Tensors in any order
//===----------------------------------------------------------------------===//

/// What is said of each dimension, in the order of the graph.
static SmallVector<int64_t> reorder(ArrayRef<int64_t> list,
                                    ArrayRef<int64_t> order) {
  SmallVector<int64_t> result(list.size());
  for (auto [dim, place] : llvm::enumerate(order))
    result[place] = list[dim];
  return result;
}

ValueId OnnxExporter::inOrderOf(const GraphTensor &tensor,
                                ArrayRef<int64_t> order) {
  return graph.transpose(tensor.value, reorder(tensor.order, order));
}

GraphTensor OnnxExporter::sliced(const GraphTensor &tensor,
                                 ArrayRef<int64_t> offsets,
                                 ArrayRef<int64_t> sizes,
                                 ArrayRef<int64_t> steps) {
  SmallVector<int64_t> first = reorder(offsets, tensor.order);
  SmallVector<int64_t> count = reorder(sizes, tensor.order);
  SmallVector<int64_t> step = reorder(steps, tensor.order);
  SmallVector<int64_t> starts, ends, axes, strides;
  ArrayRef<int64_t> shape = graph.getShape(tensor.value);
  for (auto [axis, extent] : llvm::enumerate(shape)) {
    if (count[axis] == extent)
      continue;
    axes.push_back(static_cast<int64_t>(axis));
    starts.push_back(first[axis]);
    ends.push_back(first[axis] + (count[axis] - 1) * step[axis] + 1);
    strides.push_back(step[axis]);
  }
  if (axes.empty())
    return tensor;
  ValueId value = graph.addNode("Slice",
                                {tensor.value, graph.addIndices(starts),
                                 graph.addIndices(ends), graph.addIndices(axes),
                                 graph.addIndices(strides)},
                                graph.get(tensor.value).type, count);
  return {value, tensor.order};
}

GraphTensor OnnxExporter::padded(const GraphTensor &tensor,
                                 ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                                 double filler) {
  SmallVector<int64_t> pads = reorder(low, tensor.order);
  llvm::append_range(pads, reorder(high, tensor.order));
  SmallVector<int64_t> shape(graph.getShape(tensor.value));
  for (auto [axis, extent] : llvm::enumerate(shape))
    extent += pads[axis] + pads[axis + shape.size()];
  OnnxType type = graph.get(tensor.value).type;
  ValueId value = graph.addNode(
      "Pad",
      {tensor.value, graph.addIndices(pads), graph.addScalar(type, filler)},
      type, shape);
  return {value, tensor.order};
}

GraphTensor OnnxExporter::joined(ArrayRef<GraphTensor> parts, int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  SmallVector<ValueId> operands;
  int64_t extent = 0, there = parts.front().order[axis];
  OnnxType type = graph.get(parts.front().value).type;
  for (const GraphTensor &part : parts) {
    operands.push_back(graph.cast(inOrderOf(part, parts.front().order), type));
    extent += graph.getShape(operands.back())[there];
  }
  SmallVector<int64_t> shape(graph.getShape(operands.front()));
  shape[there] = extent;
  return {graph.addNode("Concat", operands, type, shape, {{"axis", there}}),
          parts.front().order};
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

LogicalResult
OnnxExporter::exportReshape(Operation *op,
                            ArrayRef<ReassociationIndices> groups) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  FailureOr<GraphTensor> input = getTensor(op->getOperand(0));
  if (failed(input))
    return failure();
  ArrayRef<int64_t> shape = graph.getShape(input->value);
  if (isa<tensor::ExpandShapeOp>(op)) {
    // A dimension is split where it stands.
    GraphTensor result{kNoValue, SmallVector<int64_t>(type.getRank())};
    SmallVector<int64_t> there;
    for (int64_t place = 0; place < int64_t(shape.size()); ++place) {
      auto dim = llvm::find(input->order, place) - input->order.begin();
      for (int64_t part : groups[dim]) {
        result.order[part] = static_cast<int64_t>(there.size());
        there.push_back(type.getDimSize(part));
      }
    }
    // What has no dimensions gets some.
    for (int64_t dim = 0; groups.empty() && dim < type.getRank(); ++dim) {
      result.order[dim] = dim;
      there.push_back(1);
    }
    result.value = graph.reshape(input->value, there);
    setTensor(op->getResult(0), result);
    return success();
  }
  // Dimensions are joined where they stand, if they stand together and in order
  // but for those of extent 1.
  SmallVector<std::pair<int64_t, size_t>> firsts;
  for (auto [i, group] : llvm::enumerate(groups)) {
    int64_t first = input->order[group.front()];
    for (int64_t dim : llvm::reverse(group))
      if (shape[input->order[dim]] != 1)
        first = input->order[dim];
    firsts.push_back({first, i});
  }
  llvm::sort(firsts);
  int64_t last = -1;
  bool isInPlace = true;
  GraphTensor result{kNoValue, SmallVector<int64_t>(groups.size())};
  SmallVector<int64_t> there;
  for (auto [first, i] : firsts) {
    for (int64_t dim : groups[i]) {
      int64_t place = input->order[dim];
      if (shape[place] == 1)
        continue;
      isInPlace &= place > last;
      last = place;
    }
    result.order[i] = static_cast<int64_t>(there.size());
    there.push_back(type.getDimSize(i));
  }
  if (isInPlace) {
    result.value = graph.reshape(input->value, there);
    setTensor(op->getResult(0), result);
    return success();
  }
  setValue(op->getResult(0), graph.reshape(inOrder(*input), type.getShape()));
  return success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult OnnxExporter::exportPad(Operation *op) {
  auto pad = cast<tensor::PadOp>(op);
  Value filler = pad.getConstantPaddingValue();
  std::optional<double> number = filler ? matchSplat(filler) : std::nullopt;
  std::optional<SmallVector<int64_t>> low =
      getConstantIntValues(pad.getMixedLowPad());
  std::optional<SmallVector<int64_t>> high =
      getConstantIntValues(pad.getMixedHighPad());
  FailureOr<GraphTensor> input = getTensor(pad.getSource());
  if (failed(input))
    return failure();
  if (!number || !low || !high)
    return fail(op, "it pads by widths or with numbers that are not constant");
  setTensor(op->getResult(0), padded(*input, *low, *high, *number));
  return success();
}

LogicalResult OnnxExporter::exportSlice(Operation *op) {
  auto slice = cast<tensor::ExtractSliceOp>(op);
  std::optional<SmallVector<int64_t>> offsets =
      getConstantIntValues(slice.getMixedOffsets());
  std::optional<SmallVector<int64_t>> sizes =
      getConstantIntValues(slice.getMixedSizes());
  std::optional<SmallVector<int64_t>> steps =
      getConstantIntValues(slice.getMixedStrides());
  FailureOr<GraphTensor> input = getTensor(slice.getSource());
  if (failed(input))
    return failure();
  if (!offsets || !sizes || !steps)
    return fail(op, "its offsets are not constant");
  GraphTensor result = sliced(*input, *offsets, *sizes, *steps);
  if (slice.getType().getRank() != slice.getSourceType().getRank()) {
    setValue(op->getResult(0),
             graph.reshape(inOrder(result), slice.getType().getShape()));
    return success();
  }
  setTensor(op->getResult(0), result);
  return success();
}

namespace {
/// What one insertion of a chain puts where.
struct Piece {
  tensor::InsertSliceOp op;
  SmallVector<int64_t> offsets, sizes;
};
} // namespace

static std::optional<Piece> matchPiece(tensor::InsertSliceOp op) {
  std::optional<SmallVector<int64_t>> offsets =
      getConstantIntValues(op.getMixedOffsets());
  std::optional<SmallVector<int64_t>> sizes =
      getConstantIntValues(op.getMixedSizes());
  bool isDense = llvm::all_of(op.getMixedStrides(), [](OpFoldResult step) {
    return isConstantIntValue(step, 1);
  });
  if (!offsets || !sizes || !isDense ||
      op.getSourceType().getRank() != op.getDestType().getRank())
    return std::nullopt;
  return Piece{op, *offsets, *sizes};
}

/// The pieces of a chain that ends with `last`, sorted, if one beside the other
/// they are all of the tensor; `axis` is where.
static SmallVector<Piece> matchTiling(tensor::InsertSliceOp last,
                                      int64_t &axis) {
  SmallVector<Piece> pieces;
  ArrayRef<int64_t> shape = last.getDestType().getShape();
  axis = -1;
  for (tensor::InsertSliceOp op = last; op;
       op = op.getDest().getDefiningOp<tensor::InsertSliceOp>()) {
    std::optional<Piece> piece = matchPiece(op);
    if (!piece)
      return {};
    for (auto [dim, extent] : llvm::enumerate(shape))
      if (piece->sizes[dim] != extent) {
        if (axis >= 0 && axis != static_cast<int64_t>(dim))
          return {};
        axis = static_cast<int64_t>(dim);
      }
    pieces.push_back(*piece);
  }
  if (axis < 0)
    return {};
  llvm::stable_sort(pieces, [&](const Piece &a, const Piece &b) {
    return a.offsets[axis] < b.offsets[axis];
  });
  int64_t next = 0;
  for (const Piece &piece : pieces) {
    if (piece.offsets[axis] != next)
      return {};
    next += piece.sizes[axis];
  }
  return next == shape[axis] ? pieces : SmallVector<Piece>();
}

LogicalResult OnnxExporter::exportInsertSlice(Operation *op) {
  auto insert = cast<tensor::InsertSliceOp>(op);
  int64_t axis;
  if (SmallVector<Piece> pieces = matchTiling(insert, axis); !pieces.empty()) {
    SmallVector<GraphTensor> parts;
    for (Piece &piece : pieces) {
      FailureOr<GraphTensor> part = getTensor(piece.op.getSource());
      if (failed(part))
        return failure();
      parts.push_back(*part);
    }
    setTensor(op->getResult(0), joined(parts, axis));
    return success();
  }
  std::optional<Piece> piece = matchPiece(insert);
  FailureOr<ValueId> source = getValue(insert.getSource());
  if (failed(source))
    return failure();
  if (!piece)
    return fail(op, "it inserts at offsets that are not constant, or with "
                    "steps or another rank");
  ArrayRef<int64_t> shape = insert.getDestType().getShape();
  SmallVector<int64_t> high, order;
  for (auto [dim, extent] : llvm::enumerate(shape)) {
    high.push_back(extent - piece->offsets[dim] - piece->sizes[dim]);
    order.push_back(static_cast<int64_t>(dim));
  }
  bool isEmpty = insert.getDest().getDefiningOp<tensor::EmptyOp>() != nullptr;
  std::optional<double> filler = isEmpty ? 0.0 : matchSplat(insert.getDest());
  GraphTensor wide =
      padded({*source, order}, piece->offsets, high, filler.value_or(0));
  if (filler) {
    setTensor(op->getResult(0), wide);
    return success();
  }
  FailureOr<ValueId> rest = getValue(insert.getDest());
  if (failed(rest))
    return failure();
  // True where the piece is.
  SmallVector<char> ones;
  GraphTensor inside{
      graph.expand(graph.addScalar(OnnxType::Float, 1), piece->sizes), order};
  ValueId mask =
      graph.cast(padded(inside, piece->offsets, high, 0).value, OnnxType::Bool);
  setValue(op->getResult(0), graph.addNode("Where", {mask, wide.value, *rest},
                                           graph.get(*rest).type, shape));
  return success();
}

LogicalResult OnnxExporter::exportTensorOp(Operation *op) {
  auto isStatic = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return !isa<ShapedType>(type) || (tensor && tensor.hasStaticShape());
  };
  if (!llvm::all_of(op->getOperandTypes(), isStatic) ||
      !llvm::all_of(op->getResultTypes(), isStatic))
    return fail(op, "it has open shapes; give them with --batch or "
                    "--input-shape");
  if (isa<tensor::ExtractOp, tensor::DimOp, tensor::RankOp>(op))
    return success(); // a scalar
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return exportReshape(op, expand.getReassociationIndices());
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return exportReshape(op, collapse.getReassociationIndices());
  if (isa<tensor::PadOp>(op))
    return exportPad(op);
  if (isa<tensor::ExtractSliceOp>(op))
    return exportSlice(op);
  if (isa<tensor::InsertSliceOp>(op))
    return exportInsertSlice(op);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    SmallVector<GraphTensor> parts;
    for (Value operand : concat.getInputs()) {
      FailureOr<GraphTensor> part = getTensor(operand);
      if (failed(part))
        return failure();
      parts.push_back(*part);
    }
    setTensor(op->getResult(0),
              joined(parts, static_cast<int64_t>(concat.getDim())));
    return success();
  }
  if (isa<tensor::CastOp>(op)) {
    FailureOr<GraphTensor> input = getTensor(op->getOperand(0));
    if (failed(input))
      return failure();
    setTensor(op->getResult(0), *input);
    return success();
  }
  return fail(op, "it has no operator of ONNX; write the model as MLIR with "
                  "--emit=model, or compile it");
}
