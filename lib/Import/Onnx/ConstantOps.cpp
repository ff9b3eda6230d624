//===- ConstantOps.cpp - constants, casts, shape arithmetic --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

static FailureOr<Tensor> asTensor(ConstantTensorRef constant) {
  return Tensor::fromConstant(std::move(constant));
}

/// A constant of 64-bit integers.
static FailureOr<Tensor> asTensor(ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> values) {
  return asTensor(ConstantTensor::fromInts(ElementType::I64, shape, values));
}

//===----------------------------------------------------------------------===//
// The same tensor under another name
//===----------------------------------------------------------------------===//

LogicalResult mlir::compress::importIdentity(NodeImporter &n) {
  return n.setResult(FailureOr<Tensor>(n.getInput(0)));
}

/// In inference the identity; the mask is not made.
LogicalResult mlir::compress::importDropout(NodeImporter &n) {
  if (n.hasInput(2)) {
    FailureOr<double> isTraining = n.getConstantScalar(2, "training_mode");
    if (failed(isTraining))
      return failure();
    // Some functions of PyTorch are always exported for training, with a ratio
    // of 0.
    bool dropsNothing =
        n.hasInput(1) && n.getInput(1).getScalar().value_or(1) == 0;
    if (*isTraining != 0 && !dropsNothing)
      return n.fail("requires inference; export the model in evaluation mode");
  }
  return n.setResult(FailureOr<Tensor>(n.getInput(0)));
}

LogicalResult mlir::compress::importCast(NodeImporter &n) {
  if (!n.hasAttribute("to"))
    return n.fail("requires the attribute \"to\"");
  int64_t to = n.getInt("to", 0);
  if (n.hasFailed())
    return failure();
  std::optional<ElementType> type = getOnnxElementType(to);
  if (!type)
    return n.fail("casts to " + getOnnxTypeName(to) +
                  ", which is not supported");
  return n.setResult(n.b.convert(n.getInput(0), *type));
}

/// Cast to the type of the second input.
LogicalResult mlir::compress::importCastLike(NodeImporter &n) {
  return n.setResult(n.b.convert(n.getInput(0), n.getInput(1).type));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

LogicalResult mlir::compress::importConstant(NodeImporter &n) {
  if (n.hasAttribute("value")) {
    FailureOr<ConstantTensorRef> tensor = n.getTensor("value");
    return failed(tensor) ? failure() : n.setResult(asTensor(*tensor));
  }
  if (n.hasAttribute("value_int"))
    return n.setResult(asTensor({}, n.getInt("value_int", 0)));
  if (n.hasAttribute("value_float"))
    return n.setResult(
        asTensor(ConstantTensor::fromFloats({}, n.getFloat("value_float", 0))));
  if (std::optional<SmallVector<int64_t>> ints = n.getInts("value_ints"))
    return n.setResult(asTensor(static_cast<int64_t>(ints->size()), *ints));
  if (std::optional<SmallVector<float>> floats = n.getFloats("value_floats"))
    return n.setResult(asTensor(ConstantTensor::fromFloats(
        static_cast<int64_t>(floats->size()), *floats)));
  return n.fail("requires a value that is a tensor or a number");
}

/// A tensor of the given shape filled with `value`, 0.0 by default.
LogicalResult mlir::compress::importConstantOfShape(NodeImporter &n) {
  FailureOr<SmallVector<int64_t>> shape = n.getConstantInts(0, "the shape");
  if (failed(shape))
    return failure();
  ConstantTensorRef value = ConstantTensor::fromFloats({}, 0.0f);
  if (n.hasAttribute("value")) {
    FailureOr<ConstantTensorRef> given = n.getTensor("value");
    if (failed(given))
      return failure();
    value = *given;
  }
  std::optional<int64_t> count = countElements(*shape);
  if (!count || value->getNumElements() != 1)
    return n.fail("requires a shape and one value, not " + toString(*shape) +
                  " and " + Twine(value->getNumElements()) + " values");
  if (failed(n.b.charge(*count * getStorageBytes(value->getType()))))
    return failure();
  SmallVector<int64_t> strides(shape->size(), 0);
  return n.setResult(asTensor(value->view(*shape, 0, strides)));
}

/// start, start + delta, ... before limit; integers.
LogicalResult mlir::compress::importRange(NodeImporter &n) {
  int64_t values[3];
  for (unsigned i = 0; i < 3; ++i) {
    const Tensor &input = n.getInput(i);
    if (!input.isPlainConstant() || !isInteger(input.type) ||
        input.type != n.getInput(0).type ||
        input.constant->getNumElements() != 1)
      return n.fail("requires constant integers");
    values[i] = input.constant->getInt(0);
  }
  constexpr int64_t limit = int64_t(1) << 40;
  auto [start, end, delta] = values;
  if (delta == 0 || std::max({start, end, delta}) > limit ||
      std::min({start, end, delta}) < -limit)
    return n.fail("requires a step other than 0 and sensible bounds");
  int64_t span = delta > 0 ? end - start : start - end;
  int64_t count =
      span <= 0 ? 0 : llvm::divideCeil(span, delta > 0 ? delta : -delta);
  if (failed(n.b.charge(count * 2 * sizeof(int64_t))))
    return failure();
  SmallVector<int64_t> elements(count);
  for (auto [i, element] : llvm::enumerate(elements))
    element = start + static_cast<int64_t>(i) * delta;
  return n.setResult(
      asTensor(ConstantTensor::fromInts(n.getInput(0).type, count, elements)));
}

//===----------------------------------------------------------------------===//
// Shape arithmetic
//===----------------------------------------------------------------------===//

/// Shape, from `start` to `end`; Size.
LogicalResult mlir::compress::importShape(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  if (n.getOpType() == "Size")
    return n.setResult(asTensor({}, x.getNumElements()));
  int64_t rank = x.getRank();
  auto clampTo = [&](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + rank : position, 0,
                               rank);
  };
  int64_t start = clampTo(n.getInt("start", 0));
  int64_t end = clampTo(n.getInt("end", rank));
  if (n.hasFailed())
    return failure();
  ArrayRef<int64_t> extents = x.shape;
  extents = extents.slice(start, std::max<int64_t>(end - start, 0));
  return n.setResult(asTensor(static_cast<int64_t>(extents.size()), extents));
}
