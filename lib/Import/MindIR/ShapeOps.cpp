//===- ShapeOps.cpp - shapes, types and places of elements ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// To [N, rest].
LogicalResult mlir::compress::importFlatten(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  std::string order = n.getText(1, "order", "C");
  int64_t start = n.getInt(2, "start_dim", 1);
  if (n.hasFailed())
    return failure();
  if (x.getRank() < 1 || start != 1 || order != "C")
    return n.fail("requires an input of 1 dimension or more, flattened from "
                  "the second on");
  int64_t rows = x.shape[0];
  return n.setResult(
      n.b.reshape(x, {rows, rows ? x.getNumElements() / rows : 0}));
}

/// x, extents, of which one may be -1: what is left.
LogicalResult mlir::compress::importReshape(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> shape = n.getInts(1, "shape");
  if (n.hasFailed())
    return failure();
  int64_t known = 1, *open = nullptr;
  for (int64_t &extent : shape) {
    if (extent == -1 && !open) {
      open = &extent;
      continue;
    }
    if (extent < 1 || llvm::MulOverflow(known, extent, known))
      return n.fail("requires positive extents, and one -1 at most, not " +
                    toString(shape));
  }
  if (open)
    *open = x.getNumElements() / known;
  std::optional<int64_t> count = countElements(shape);
  if (!count || *count != x.getNumElements())
    return n.fail("cannot give " + toString(x.shape) + " the shape " +
                  toString(shape));
  return n.setResult(n.b.reshape(x, shape));
}

LogicalResult mlir::compress::importTranspose(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> order = n.getInts(1, "perm");
  if (n.hasFailed())
    return failure();
  SmallVector<bool> seen(x.getRank(), false);
  bool isGood = static_cast<int64_t>(order.size()) == x.getRank();
  for (int64_t &axis : order) {
    if (isGood && axis < 0)
      axis += x.getRank();
    isGood = isGood && axis >= 0 && axis < x.getRank() && !seen[axis];
    if (isGood)
      seen[axis] = true;
  }
  if (!isGood)
    return n.fail("requires each of " + Twine(x.getRank()) +
                  " dimensions once, not " + toString(order));
  return n.setResult(n.b.transpose(x, order));
}

/// A dimension of 1 before dimension `axis`.
LogicalResult mlir::compress::importExpandDims(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  int64_t given = n.getInt(1, "axis");
  if (n.hasFailed())
    return failure();
  FailureOr<int64_t> axis = n.b.getAxis(given, x.getRank() + 1);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape = x.shape;
  shape.insert(shape.begin() + *axis, 1);
  return n.setResult(n.b.reshape(x, shape));
}

/// Without the dimensions of 1 that are named, or all.
LogicalResult mlir::compress::importSqueeze(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> given;
  if (n.hasArgument(1, "axis"))
    given = n.getInts(1, "axis");
  if (n.hasFailed())
    return failure();
  FailureOr<SmallVector<int64_t>> axes = n.b.getAxes(given, x.getRank());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [d, extent] : llvm::enumerate(x.shape)) {
    bool isNamed = llvm::is_contained(*axes, static_cast<int64_t>(d));
    if (isNamed && extent != 1)
      return n.fail("removes dimension " + Twine(d) + " of " +
                    toString(x.shape));
    if (!isNamed && (extent != 1 || !axes->empty()))
      shape.push_back(extent);
  }
  return n.setResult(n.b.reshape(x, shape));
}

/// A tuple of tensors, or several tensors, and the axis.
LogicalResult mlir::compress::importConcat(MindIRNode &n) {
  SmallVector<Tensor> tensors;
  unsigned axisInput = 1;
  if (n.getValue(0).getKind() == MindIRValue::Kind::Tuple) {
    FailureOr<SmallVector<Tensor>> elements = n.getTensors(0);
    if (failed(elements))
      return failure();
    tensors = std::move(*elements);
  } else {
    for (axisInput = 0;
         axisInput < n.getNumInputs() && n.getValue(axisInput).isTensor();
         ++axisInput)
      tensors.push_back(n.getInput(axisInput));
    // The last one is the axis, unless that is an attribute.
    if (!n.hasArgument(axisInput, "axis")) {
      --axisInput;
      tensors.pop_back();
    }
  }
  int64_t given = n.getInt(axisInput, "axis");
  if (n.hasFailed())
    return failure();
  if (tensors.empty())
    return n.fail("requires at least one tensor");
  FailureOr<int64_t> axis = n.b.getAxis(given, tensors.front().getRank());
  if (failed(axis))
    return failure();
  return n.setResult(n.b.concat(tensors, *axis));
}

/// -1 is the extent that there is.
LogicalResult mlir::compress::importBroadcastTo(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> shape = n.getInts(1, "shape");
  if (n.hasFailed())
    return failure();
  int64_t missing = static_cast<int64_t>(shape.size()) - x.getRank();
  for (auto [d, extent] : llvm::enumerate(shape))
    if (extent == -1 && static_cast<int64_t>(d) >= missing)
      extent = x.shape[d - missing];
  if (broadcastShapes(x.shape, shape) != shape)
    return n.fail("cannot broadcast " + toString(x.shape) + " to " +
                  toString(shape));
  return n.setResult(n.b.expand(x, shape));
}

//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

/// The nearest number of float16, halves to even, as f32.
static Value roundToHalf(OpBuilder &b, Location l, ValueRange v) {
  auto real = [&](float value) -> Value {
    return arith::ConstantOp::create(b, l, b.getF32FloatAttr(value));
  };
  auto whole = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, l, b.getI32IntegerAttr(value));
  };
  auto compare = [&](arith::CmpFPredicate predicate, Value x,
                     Value y) -> Value {
    return arith::CmpFOp::create(b, l, predicate, x, y);
  };
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return arith::SelectOp::create(b, l, condition, yes, no);
  };
  constexpr int32_t droppedBits = 13, dropped = (1 << droppedBits) - 1;
  // As long as the exponent does: 11 bits of the significand.
  Value bits = arith::BitcastOp::create(b, l, b.getI32Type(), v[0]);
  Value last = arith::AndIOp::create(
      b, l, arith::ShRUIOp::create(b, l, bits, whole(droppedBits)), whole(1));
  Value half = arith::AddIOp::create(b, l, last, whole(dropped / 2));
  Value raised = arith::AndIOp::create(
      b, l, arith::AddIOp::create(b, l, bits, half), whole(~dropped));
  Value normal = arith::BitcastOp::create(b, l, b.getF32Type(), raised);
  // Below 2^-14: multiples of 2^-24, the distance of f32 numbers near 0.75.
  Value shifted = arith::AddFOp::create(b, l, v[0], real(0.75f));
  Value distance = arith::SubFOp::create(b, l, shifted, real(0.75f));
  // The sum is +0 where the number is -0, or rounds to it.
  constexpr int32_t signBit = std::numeric_limits<int32_t>::min();
  Value sign = arith::AndIOp::create(b, l, bits, whole(signBit));
  Value unsignedSmall =
      arith::BitcastOp::create(b, l, b.getI32Type(), distance);
  Value small = arith::BitcastOp::create(
      b, l, b.getF32Type(), arith::OrIOp::create(b, l, unsignedSmall, sign));
  auto magnitude = [&](Value x) -> Value {
    Value negated = arith::NegFOp::create(b, l, x);
    return arith::MaximumFOp::create(b, l, x, negated);
  };
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Value isPositive = compare(arith::CmpFPredicate::OGT, v[0], real(0.0f));
  Value limit = select(isPositive, real(infinity), real(-infinity));
  Value isLarge =
      compare(arith::CmpFPredicate::OGE, magnitude(normal), real(65536.0f));
  Value isSmall = compare(arith::CmpFPredicate::OLT, magnitude(v[0]),
                          real(6.103515625e-05f));
  Value isNan = compare(arith::CmpFPredicate::UNO, v[0], v[0]);
  Value rounded = select(isSmall, small, select(isLarge, limit, normal));
  return select(isNan, v[0], rounded);
}

/// x, TypeId. Of float16 there are numbers, as f32, between two casts.
LogicalResult mlir::compress::importCast(MindIRNode &n) {
  Tensor x = n.getInput(0);
  int64_t typeId = n.getInt(1, "dst_type");
  if (n.hasFailed())
    return failure();
  std::optional<ElementType> type = getTypeIdElementType(typeId);
  bool isHalf = x.type == ElementType::F16 && x.value;
  if (!type || (*type != ElementType::F32 && isFloat(*type) &&
                !(*type == ElementType::F16 && x.value)))
    return n.fail(
        "to " +
        (type ? toString(*type).str() : ("the type " + Twine(typeId)).str()) +
        " is not supported; to float32 and integers it is");
  if (isHalf)
    x.type = ElementType::F32;
  if (*type != ElementType::F16)
    return n.setResult(n.b.convert(x, *type));
  FailureOr<Tensor> real = n.b.convert(x, ElementType::F32);
  if (failed(real))
    return failure();
  FailureOr<Value> value = n.b.materialize(*real);
  if (failed(value))
    return failure();
  return n.setResult(
      isHalf ? value : n.b.elementwise(Tensor::fromValue(*value), roundToHalf),
      ElementType::F16);
}
