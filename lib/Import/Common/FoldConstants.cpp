//===- FoldConstants.cpp - elementwise ops on constants ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/FoldConstants.h"

using namespace mlir;
using namespace mlir::compress;

bool mlir::compress::canFold(ArrayRef<Tensor> operands, int64_t maxNumbers) {
  return llvm::all_of(operands, [&](const Tensor &operand) {
    bool isNumbers = operand.type == ElementType::F32 &&
                     operand.getNumElements() <= maxNumbers;
    return operand.isPlainConstant() && operand.type != ElementType::U64 &&
           (isInteger(operand.type) || operand.type == ElementType::Bool ||
            isNumbers);
  });
}

FailureOr<Tensor>
mlir::compress::foldElementwise(ModelOpBuilder &b, ArrayRef<Tensor> operands,
                                ElementType resultType,
                                const ConstantFunction &function) {
  SmallVector<int64_t> shape;
  for (const Tensor &operand : operands) {
    std::optional<SmallVector<int64_t>> joined =
        broadcastShapes(shape, operand.shape);
    if (!joined)
      return b.fail("requires constants that broadcast, not " +
                    toString(shape) + " and " + toString(operand.shape));
    shape = *joined;
  }
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return b.fail("has a constant of " + toString(shape) +
                  ", too large to address");
  int64_t copies = static_cast<int64_t>(operands.size()) + 1;
  if (failed(b.charge(*count * copies * sizeof(int64_t))))
    return failure();
  SmallVector<ConstantTensorRef> spreadOperands;
  bool anyFloat = false;
  for (const Tensor &operand : operands) {
    FailureOr<Tensor> spread = b.expand(operand, shape);
    if (failed(spread))
      return failure();
    spreadOperands.push_back(spread->constant);
    anyFloat |= isFloat(operand.type);
  }

  SmallVector<double> results;
  SmallVector<int64_t> wholeResults;
  SmallVector<double> elements(operands.size());
  SmallVector<int64_t> wholeElements(operands.size());
  for (int64_t i = 0; i < *count; ++i) {
    if (anyFloat) {
      for (auto [element, operand] : llvm::zip_equal(elements, spreadOperands))
        element = operand->getDouble(i);
      results.push_back(function.ofFloats(elements));
      continue;
    }
    for (auto [element, operand] :
         llvm::zip_equal(wholeElements, spreadOperands))
      element = operand->getInt(i);
    std::optional<int64_t> result = function.ofIntegers(wholeElements);
    if (!result)
      return b.fail("divides by 0");
    wholeResults.push_back(*result);
  }
  if (!anyFloat)
    return Tensor::fromConstant(
        ConstantTensor::fromInts(resultType, shape, wholeResults));
  if (resultType != ElementType::F32)
    return Tensor::fromConstant(ConstantTensor::fromInts(
        resultType, shape, llvm::map_to_vector(results, [](double x) {
          return static_cast<int64_t>(x);
        })));
  return Tensor::fromConstant(ConstantTensor::fromFloats(
      shape, llvm::map_to_vector(
                 results, [](double x) { return static_cast<float>(x); })));
}
