//===- TensorOps.cpp - ops that move elements -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionRun.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace oracle;

/// Copies every element of the row-major index space `shape` from where
/// `from` to where `to` says.
static void copyElements(const std::vector<int64_t> &shape,
                         const HostTensor &source, HostTensor &target,
                         llvm::function_ref<int64_t(ArrayRef<int64_t>)> from,
                         llvm::function_ref<int64_t(ArrayRef<int64_t>)> to) {
  if (llvm::is_contained(shape, 0))
    return;
  std::vector<int64_t> index(shape.size(), 0);
  do {
    target.set(to(index), source.get(from(index)));
  } while (advance(index, shape));
}

/// sum((low + index * step) * stride).
static int64_t offsetOf(ArrayRef<int64_t> index, ArrayRef<int64_t> strides,
                        ArrayRef<int64_t> low, ArrayRef<int64_t> step) {
  int64_t result = 0;
  for (size_t d = 0; d < index.size(); ++d)
    result += (low[d] + index[d] * step[d]) * strides[d];
  return result;
}

static int64_t offsetOf(ArrayRef<int64_t> index, ArrayRef<int64_t> strides) {
  std::vector<int64_t> zero(index.size(), 0), one(index.size(), 1);
  return offsetOf(index, strides, zero, one);
}

llvm::Error FunctionRun::evaluatePad(Operation *op) {
  auto pad = cast<tensor::PadOp>(op);
  const HostTensor &source = (*this)[pad.getSource()];
  std::vector<int64_t> low = numbers(pad.getMixedLowPad());
  std::vector<int64_t> high = numbers(pad.getMixedHighPad());
  std::vector<int64_t> shape = source.shape;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (low[d] < 0 || high[d] < 0)
      return failure("'tensor.pad' takes elements away");
    shape[d] += low[d] + high[d];
  }
  HostTensor result(source.kind, shape);
  ScalarProgram fill(around);
  Block &body = pad.getRegion().front();
  if (llvm::Error error = fill.add(body))
    return error;
  std::vector<int64_t> index(shape.size(), 0), one(shape.size(), 1);
  int64_t next = 0;
  do {
    for (BlockArgument argument : body.getArguments())
      fill[fill.slotOf(argument)].i = index[argument.getArgNumber()];
    fill.run();
    result.set(next++, fill[fill.results[0]]);
  } while (advance(index, shape));
  std::vector<int64_t> from = source.strides(), to = result.strides();
  copyElements(
      source.shape, source, result,
      [&](ArrayRef<int64_t> i) { return offsetOf(i, from); },
      [&](ArrayRef<int64_t> i) { return offsetOf(i, to, low, one); });
  define(pad.getResult(), std::move(result));
  return llvm::Error::success();
}

llvm::Error FunctionRun::evaluateSlice(Operation *op, bool insert) {
  auto slice = cast<OffsetSizeAndStrideOpInterface>(op);
  std::vector<int64_t> low = numbers(slice.getMixedOffsets());
  std::vector<int64_t> sizes = numbers(slice.getMixedSizes());
  std::vector<int64_t> steps = numbers(slice.getMixedStrides());
  // The one with the slice in it, and the slice: the same elements row major,
  // whatever dimensions of extent 1 it lacks.
  const HostTensor &source = (*this)[op->getOperand(0)];
  HostTensor whole = insert ? (*this)[op->getOperand(1)] : source;
  for (size_t d = 0; d < sizes.size(); ++d)
    if (low[d] < 0 || steps[d] < 1 ||
        (sizes[d] > 0 && low[d] + (sizes[d] - 1) * steps[d] >= whole.shape[d]))
      return failure("'" + op->getName().getStringRef() +
                     "' reaches outside of its tensor");
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  std::vector<int64_t> strides = whole.strides();
  int64_t next = 0;
  auto inWhole = [&](ArrayRef<int64_t> i) {
    return offsetOf(i, strides, low, steps);
  };
  auto inSlice = [&](ArrayRef<int64_t>) { return next++; };
  if (insert) {
    copyElements(sizes, source, whole, inSlice, inWhole);
    define(op->getResult(0), std::move(whole));
    return llvm::Error::success();
  }
  llvm::Expected<std::vector<int64_t>> shape = shapeOf(op->getResult(0), count);
  if (!shape)
    return shape.takeError();
  HostTensor result(source.kind, *shape);
  copyElements(sizes, source, result, inWhole, inSlice);
  define(op->getResult(0), std::move(result));
  return llvm::Error::success();
}

llvm::Error FunctionRun::evaluateConcat(Operation *op) {
  auto concat = cast<tensor::ConcatOp>(op);
  int64_t axis = concat.getDim(), at = 0;
  std::vector<int64_t> shape = (*this)[concat.getInputs()[0]].shape;
  shape[axis] = 0;
  for (Value input : concat.getInputs())
    shape[axis] += (*this)[input].shape[axis];
  HostTensor result((*this)[concat.getInputs()[0]].kind, shape);
  std::vector<int64_t> to = result.strides(), one(shape.size(), 1);
  for (Value input : concat.getInputs()) {
    const HostTensor &source = (*this)[input];
    std::vector<int64_t> from = source.strides(), low(shape.size(), 0);
    low[axis] = at;
    copyElements(
        source.shape, source, result,
        [&](ArrayRef<int64_t> i) { return offsetOf(i, from); },
        [&](ArrayRef<int64_t> i) { return offsetOf(i, to, low, one); });
    at += source.shape[axis];
  }
  define(concat.getResult(), std::move(result));
  return llvm::Error::success();
}

llvm::Error FunctionRun::evaluateTensorOp(Operation *op, bool &known) {
  known = true;
  if (isa<tensor::PadOp>(op))
    return evaluatePad(op);
  if (isa<tensor::ConcatOp>(op))
    return evaluateConcat(op);
  if (isa<tensor::ExtractSliceOp>(op))
    return evaluateSlice(op, /*insert=*/false);
  if (isa<tensor::InsertSliceOp>(op))
    return evaluateSlice(op, /*insert=*/true);
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
          tensor::ReshapeOp>(op)) {
    HostTensor result = (*this)[op->getOperand(0)];
    if (!isa<tensor::CastOp>(op)) {
      auto shape = shapeOf(op->getResult(0), result.size());
      if (!shape)
        return shape.takeError();
      result.shape = *shape;
    }
    define(op->getResult(0), std::move(result));
    return llvm::Error::success();
  }
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    std::optional<Kind> kind = kindOf(empty.getType().getElementType());
    if (!kind)
      return failure("'tensor.empty' has elements that are no numbers");
    define(empty.getResult(),
           HostTensor(*kind, numbers(empty.getMixedSizes())));
    return llvm::Error::success();
  }
  if (auto elements = dyn_cast<tensor::FromElementsOp>(op)) {
    std::optional<Kind> kind = kindOf(elements.getType().getElementType());
    if (!kind)
      return failure("'tensor.from_elements' has elements that are no numbers");
    HostTensor result(*kind, elements.getType().getShape().vec());
    for (auto [i, value] : llvm::enumerate(elements.getElements()))
      result.set(i, scalars[value]);
    define(elements.getResult(), std::move(result));
    return llvm::Error::success();
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    std::optional<Kind> kind = kindOf(splat.getInput().getType());
    if (!kind || !splat.getType().hasStaticShape())
      return failure("'tensor.splat' has elements that are no numbers");
    HostTensor result(*kind, splat.getType().getShape().vec());
    for (int64_t i = 0, e = result.size(); i < e; ++i)
      result.set(i, scalars[splat.getInput()]);
    define(splat.getResult(), std::move(result));
    return llvm::Error::success();
  }
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    HostTensor result(Kind::I64, {});
    Scalar extent;
    extent.i = (*this)[dim.getSource()].shape[scalars[dim.getIndex()].i];
    result.set(0, extent);
    define(dim.getResult(), std::move(result));
    return llvm::Error::success();
  }
  known = false;
  return llvm::Error::success();
}
