//===- EinsumOps.cpp - Einsum --------------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/MatrixProduct.h"
#include "OpTable.h"
#include <map>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// An operand and the label of each of its dimensions.
struct Labeled {
  Tensor tensor;
  std::string labels;
};

/// "ij,jk->ik".
struct Equation {
  SmallVector<std::string> operands;
  std::string result;
};
} // namespace

/// Letters only; without an arrow the result has the labels that occur once, in
/// the order of the alphabet.
static FailureOr<Equation> parseEquation(NodeImporter &n) {
  std::string text = n.getString("equation", "");
  if (n.hasFailed())
    return failure();
  llvm::erase(text, ' ');
  auto [left, right] = StringRef(text).split("->");
  Equation equation;
  std::map<char, int> count;
  SmallVector<StringRef> parts;
  left.split(parts, ',');
  for (StringRef part : parts) {
    for (char label : part) {
      if (!llvm::isAlpha(label))
        return n.fail("has the equation " + quoted(text) +
                      ", of which only letters, commas and an arrow are "
                      "supported");
      if (part.count(label) > 1)
        return n.fail("takes a diagonal in " + quoted(text) +
                      ", which is not supported");
      ++count[label];
    }
    equation.operands.push_back(part.str());
  }
  equation.result = right.str();
  if (!StringRef(text).contains("->"))
    for (auto [label, times] : count)
      if (times == 1)
        equation.result.push_back(label);
  for (char label : equation.result)
    if (!count.count(label) || StringRef(equation.result).count(label) > 1)
      return n.fail("has a result in " + quoted(text) +
                    " that its operands do not have");
  if (equation.operands.size() != n.getNumInputs())
    return n.fail("has " + Twine(n.getNumInputs()) + " operands for " +
                  quoted(text));
  return equation;
}

/// Sums over the dimensions of the operand whose labels are not in `kept`.
static LogicalResult sumOthers(NodeImporter &n, Labeled &operand,
                               StringRef kept) {
  SmallVector<int64_t> axes;
  std::string labels;
  for (auto [i, label] : llvm::enumerate(operand.labels)) {
    if (kept.contains(label))
      labels.push_back(label);
    else
      axes.push_back(static_cast<int64_t>(i));
  }
  if (axes.empty())
    return success();
  FailureOr<Value> value = n.b.materialize(operand.tensor);
  if (failed(value))
    return failure();
  FailureOr<Value> sum = n.b.reduce(ReduceKind::Sum, *value, axes, false);
  if (failed(sum))
    return failure();
  operand = {Tensor::fromValue(*sum), labels};
  return success();
}

/// The dimensions in the order of `labels`, which are those of the operand.
static FailureOr<Tensor> inOrder(NodeImporter &n, const Labeled &operand,
                                 StringRef labels) {
  SmallVector<int64_t> permutation;
  for (char label : labels)
    permutation.push_back(
        static_cast<int64_t>(StringRef(operand.labels).find(label)));
  return n.b.transpose(operand.tensor, permutation);
}

/// One operand, transposed and summed; two, a product of matrices.
LogicalResult mlir::compress::importEinsum(NodeImporter &n) {
  FailureOr<Equation> equation = parseEquation(n);
  FailureOr<SmallVector<Tensor>> tensors = n.getAllInputs();
  if (failed(equation) || failed(tensors))
    return failure();
  if (tensors->size() > 2)
    return n.fail("of more than two operands is not supported");
  std::map<char, int64_t> extents;
  SmallVector<Labeled> operands;
  for (auto [tensor, labels] : llvm::zip_equal(*tensors, equation->operands)) {
    if (tensor.shape.size() != labels.size())
      return n.fail("has " + Twine(labels.size()) + " labels for " +
                    toString(tensor.shape));
    for (auto [label, extent] : llvm::zip_equal(labels, tensor.shape)) {
      auto [it, isNew] = extents.try_emplace(label, extent);
      if (!isNew && it->second != extent)
        return n.fail("has different extents for \"" + std::string(1, label) +
                      "\"");
    }
    operands.push_back({tensor, labels});
  }
  StringRef result = equation->result;
  if (operands.size() == 1) {
    if (failed(sumOthers(n, operands[0], result)))
      return failure();
    return n.setResult(inOrder(n, operands[0], result));
  }
  for (unsigned i = 0; i < 2; ++i)
    if (failed(
            sumOthers(n, operands[i], result.str() + operands[1 - i].labels)))
      return failure();

  // What both have is a stack of matrices, or summed; the rest is free.
  std::string batch, summed, freeA, freeB;
  for (char label : operands[0].labels) {
    bool isShared = StringRef(operands[1].labels).contains(label);
    (!isShared                ? freeA
     : result.contains(label) ? batch
                              : summed)
        .push_back(label);
  }
  for (char label : operands[1].labels)
    if (!StringRef(operands[0].labels).contains(label))
      freeB.push_back(label);
  auto getExtent = [&](StringRef labels) {
    SmallVector<int64_t> shape;
    for (char label : labels)
      shape.push_back(extents[label]);
    return countElements(shape).value_or(-1);
  };
  FailureOr<Tensor> a = inOrder(n, operands[0], batch + freeA + summed);
  FailureOr<Tensor> b = inOrder(n, operands[1], batch + summed + freeB);
  if (failed(a) || failed(b))
    return failure();
  SmallVector<int64_t> shapeA{getExtent(freeA), getExtent(summed)};
  SmallVector<int64_t> shapeB{getExtent(summed), getExtent(freeB)};
  if (!batch.empty()) {
    shapeA.insert(shapeA.begin(), getExtent(batch));
    shapeB.insert(shapeB.begin(), getExtent(batch));
  }
  a = n.b.reshape(*a, shapeA);
  b = n.b.reshape(*b, shapeB);
  if (failed(a) || failed(b))
    return failure();
  FailureOr<Tensor> product = n.importAs("MatMul", importMatMul, {&*a, &*b});
  if (failed(product))
    return failure();
  std::string labels = batch + freeA + freeB;
  SmallVector<int64_t> shape;
  for (char label : labels)
    shape.push_back(extents[label]);
  FailureOr<Tensor> apart = n.b.reshape(*product, shape);
  if (failed(apart))
    return failure();
  return n.setResult(inOrder(n, {*apart, labels}, result));
}
