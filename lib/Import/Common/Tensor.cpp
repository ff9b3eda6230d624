//===- Tensor.cpp - a tensor while it is imported ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::compress;

Quantization Quantization::transpose(ArrayRef<int64_t> permutation) const {
  Quantization result = *this;
  if (axis)
    result.axis = llvm::find(permutation, *axis) - permutation.begin();
  return result;
}

std::optional<Quantization>
Quantization::reshape(ArrayRef<int64_t> oldShape,
                      ArrayRef<int64_t> newShape) const {
  if (!axis)
    return *this;
  // The channel of an element is (position / inner) % extent.
  int64_t extent = oldShape[*axis];
  int64_t inner = countElements(oldShape.drop_front(*axis + 1)).value_or(0);
  for (size_t d = 0; d < newShape.size(); ++d) {
    if (newShape[d] != extent ||
        countElements(newShape.drop_front(d + 1)).value_or(0) != inner)
      continue;
    Quantization result = *this;
    result.axis = d;
    return result;
  }
  return std::nullopt;
}

Quantization Quantization::slice(ArrayRef<int64_t> offsets,
                                 ArrayRef<int64_t> sizes,
                                 ArrayRef<int64_t> steps) const {
  if (!axis)
    return *this;
  Quantization result = *this;
  result.scales.clear();
  result.zeroPoints.clear();
  for (int64_t i = 0; i < sizes[*axis]; ++i) {
    int64_t channel = offsets[*axis] + i * steps[*axis];
    result.scales.push_back(scales[channel]);
    result.zeroPoints.push_back(zeroPoints[channel]);
  }
  return result;
}

Tensor Tensor::fromValue(Value value, ElementType type) {
  Tensor tensor;
  tensor.type = type;
  tensor.shape.assign(
      cast<RankedTensorType>(value.getType()).getShape().begin(),
      cast<RankedTensorType>(value.getType()).getShape().end());
  tensor.value = value;
  return tensor;
}

Tensor Tensor::fromConstant(ConstantTensorRef constant) {
  Tensor tensor;
  tensor.type = constant->getType();
  tensor.shape.assign(constant->getShape().begin(), constant->getShape().end());
  tensor.constant = std::move(constant);
  return tensor;
}

double Tensor::getNumber(int64_t index) const {
  if (!quant)
    return constant->getDouble(index);
  int64_t channel = 0;
  if (quant->axis) {
    ArrayRef<int64_t> after =
        ArrayRef<int64_t>(shape).drop_front(*quant->axis + 1);
    channel = index / countElements(after).value_or(1) % shape[*quant->axis];
  }
  int64_t code = constant->getInt(index) - quant->zeroPoint(channel);
  return static_cast<float>(code) * quant->scale(channel);
}

std::optional<double> Tensor::getScalar() const {
  if (!constant || constant->getNumElements() != 1)
    return std::nullopt;
  return getNumber(0);
}
