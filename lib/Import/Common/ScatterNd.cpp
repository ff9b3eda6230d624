//===- ScatterNd.cpp - elements replaced by coordinates -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ScatterNd.h"

using namespace mlir;
using namespace mlir::compress;

/// The rows of `data` that `sources` names, in the bytes of a constant.
static ConstantTensorRef replaceRows(const ConstantTensor &data,
                                     const ConstantTensor &updates,
                                     ArrayRef<int64_t> sources) {
  std::string bytes = data.getBytes().str();
  size_t rowBytes = bytes.size() / sources.size();
  for (auto [row, source] : llvm::enumerate(sources))
    if (source >= 0)
      bytes.replace(row * rowBytes, rowBytes,
                    updates.getBytes().substr(source * rowBytes, rowBytes));
  return ConstantTensor::get(data.getType(), data.getShape(), std::move(bytes));
}

FailureOr<Tensor> mlir::compress::createScatterNd(ModelOpBuilder &b,
                                                  const Tensor &data,
                                                  const Tensor &indices,
                                                  const Tensor &updates) {
  if (!indices.isPlainConstant() || !isInteger(indices.type))
    return b.fail("requires constant indices");
  int64_t depth = indices.getRank() ? indices.shape.back() : 0;
  if (depth < 1 || depth > data.getRank() || data.type != updates.type)
    return b.fail("requires indices of up to " + Twine(data.getRank()) +
                  " coordinates and updates of " + toString(data.type) +
                  ", not " + toString(indices.shape) + " and " +
                  toString(updates.type));
  ArrayRef<int64_t> outer = ArrayRef<int64_t>(data.shape).take_front(depth);
  ArrayRef<int64_t> inner = ArrayRef<int64_t>(data.shape).drop_front(depth);
  SmallVector<int64_t> expected(ArrayRef<int64_t>(indices.shape).drop_back());
  expected.append(inner.begin(), inner.end());
  std::optional<int64_t> rows = countElements(outer);
  std::optional<int64_t> columns = countElements(inner);
  if (expected != updates.shape || !rows || !columns || *rows < 1 ||
      *columns < 1)
    return b.fail("requires updates of " + toString(expected) + ", not " +
                  toString(updates.shape));
  if (failed(b.charge((*rows + indices.getNumElements()) *
                      static_cast<int64_t>(sizeof(int64_t)))))
    return failure();
  SmallVector<int64_t> sources(*rows, -1);
  SmallVector<int64_t> places = indices.constant->getInts();
  int64_t count = indices.getNumElements() / depth;
  for (int64_t i = 0; i < count; ++i) {
    int64_t row = 0;
    for (int64_t d = 0; d < depth; ++d) {
      int64_t place = places[i * depth + d], extent = outer[d];
      if (place < -extent || place >= extent)
        return b.fail("replaces element " + Twine(place) + " of " +
                      Twine(extent));
      row = row * extent + (place < 0 ? place + extent : place);
    }
    sources[row] = i;
  }
  if (data.isPlainConstant() && updates.isPlainConstant()) {
    if (failed(b.charge(data.constant->getBytes().size())))
      return failure();
    return Tensor::fromConstant(
        replaceRows(*data.constant, *updates.constant, sources));
  }
  FailureOr<Tensor> flat = b.reshape(data, {*rows, *columns});
  FailureOr<Tensor> flatUpdates = b.reshape(updates, {count, *columns});
  if (failed(flat) || failed(flatUpdates))
    return failure();
  FailureOr<Tensor> replaced = b.replaceRows(*flat, *flatUpdates, sources);
  return failed(replaced) ? replaced : b.reshape(*replaced, data.shape);
}
