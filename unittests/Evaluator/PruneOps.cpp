//===- PruneOps.cpp - channels that are masked and scattered --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "FunctionRun.h"

using namespace mlir;
using namespace oracle;

/// How many elements of a row-major tensor lie within one step of `axis`.
static int64_t innerOf(const HostTensor &tensor, int64_t axis) {
  return tensor.strides()[axis];
}

llvm::Error FunctionRun::evaluatePruneOp(Operation *op, bool &known) {
  known = true;
  if (auto gate = dyn_cast<compress::ChannelGateOp>(op)) {
    define(gate.getOutput(), (*this)[gate.getInput()]);
  } else if (auto mask = dyn_cast<compress::ChannelMaskOp>(op)) {
    HostTensor result = (*this)[mask.getInput()];
    int64_t inner = innerOf(result, mask.getAxis());
    ArrayRef<bool> keep = mask.getMask();
    Scalar zero = {};
    for (int64_t i = 0, e = result.size(); i < e; ++i)
      if (!keep[i / inner % keep.size()])
        result.set(i, zero);
    define(mask.getOutput(), std::move(result));
  } else if (auto scatter = dyn_cast<compress::ScatterChannelsOp>(op)) {
    const HostTensor &source = (*this)[scatter.getInput()];
    int64_t axis = scatter.getAxis(), inner = innerOf(source, axis);
    int64_t extent = source.shape[axis];
    std::vector<int64_t> shape = source.shape;
    shape[axis] = scatter.getOutput().getType().getDimSize(axis);
    HostTensor result(source.kind, shape);
    llvm::fill(result.bytes, 0);
    for (int64_t i = 0, e = source.size(); i < e; ++i) {
      int64_t place = scatter.getIndices()[i / inner % extent];
      int64_t outer = i / inner / extent;
      result.set((outer * shape[axis] + place) * inner + i % inner,
                 source.get(i));
    }
    define(scatter.getOutput(), std::move(result));
  } else {
    known = false;
  }
  return llvm::Error::success();
}
