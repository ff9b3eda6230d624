//===- TensorOps.cpp - gathers, rearrangements, argmax -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ScatterNd.h"
#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

/// Constant indices in [0, extent), negative ones counted from the end.
static FailureOr<SmallVector<int64_t>>
getPositions(NodeImporter &n, const Tensor &indices, int64_t extent) {
  if (failed(n.b.charge(indices.getNumElements() * sizeof(int64_t))))
    return failure();
  SmallVector<int64_t> positions = indices.constant->getInts();
  for (int64_t &position : positions) {
    if (position < -extent || position >= extent)
      return n.fail("gathers element " + Twine(position) + " of " +
                    Twine(extent));
    position += position < 0 ? extent : 0;
  }
  return positions;
}

static LogicalResult checkIndices(NodeImporter &n, const Tensor &indices) {
  if (indices.type == ElementType::I32 || indices.type == ElementType::I64)
    return success();
  return n.fail("requires indices of int32 or int64, not " +
                toString(indices.type));
}

/// The result has the shape of the indices in place of the axis.
LogicalResult mlir::compress::importGather(NodeImporter &n) {
  const Tensor &x = n.getInput(0), &indices = n.getInput(1);
  FailureOr<int64_t> axis = n.getAxis(n.getInt("axis", 0), x.getRank());
  if (failed(axis) || n.hasFailed() || failed(checkIndices(n, indices)))
    return failure();
  if (!indices.isConstant())
    return n.setResult(n.b.gather(x, *axis, indices));
  FailureOr<SmallVector<int64_t>> positions =
      getPositions(n, indices, x.shape[*axis]);
  if (failed(positions))
    return failure();
  return n.setResult(n.b.gather(x, *axis, *positions, indices.shape));
}

/// Every element of the indices chooses along the axis, at its own place.
LogicalResult mlir::compress::importGatherElements(NodeImporter &n) {
  const Tensor &x = n.getInput(0), &indices = n.getInput(1);
  FailureOr<int64_t> axis = n.getAxis(n.getInt("axis", 0), x.getRank());
  if (failed(axis) || n.hasFailed() || failed(checkIndices(n, indices)))
    return failure();
  return n.setResult(n.b.gatherElements(x, *axis, indices));
}

//===----------------------------------------------------------------------===//
// ScatterND
//===----------------------------------------------------------------------===//

/// data with slices replaced by updates, at places that are constant: the last
/// dimension of the indices has the first coordinates. Of equal places the last
/// one counts.
LogicalResult mlir::compress::importScatterNd(NodeImporter &n) {
  FailureOr<SmallVector<Tensor>> inputs = n.getAllInputs();
  std::string reduction = n.getString("reduction", "none");
  if (failed(inputs) || n.hasFailed())
    return failure();
  const Tensor &data = (*inputs)[0], &indices = (*inputs)[1];
  const Tensor &updates = (*inputs)[2];
  if (reduction != "none")
    return n.fail("has the reduction " + quoted(reduction) +
                  ", which is not supported; \"none\" is");
  if (!indices.isPlainConstant() || failed(checkIndices(n, indices)))
    return n.fail("requires constant indices");
  return n.setResult(createScatterNd(n.b, data, indices, updates));
}

//===----------------------------------------------------------------------===//
// Rearrangements
//===----------------------------------------------------------------------===//

/// Copies along every dimension.
LogicalResult mlir::compress::importTile(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<SmallVector<int64_t>> repeats = n.getConstantInts(1, "repeats");
  if (failed(repeats))
    return failure();
  return n.setResult(n.b.tile(x, *repeats));
}

/// DepthToSpace, SpaceToDepth on [N, C, H, W] with square blocks.
LogicalResult mlir::compress::importDepthSpace(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool toSpace = n.getOpType() == "DepthToSpace";
  int64_t block = n.getInt("blocksize", 0);
  std::string mode = n.getString("mode", "DCR");
  if (n.hasFailed())
    return failure();
  if (x.getRank() != 4)
    return n.fail("requires an input of 4 dimensions, not " +
                  toString(x.shape));
  if (mode != "DCR" && mode != "CRD")
    return n.fail("has an unknown mode " + quoted(mode));
  int64_t batch = x.shape[0], channels = x.shape[1];
  int64_t height = x.shape[2], width = x.shape[3];
  constexpr int64_t largest = 1 << 15;
  bool fits = block >= 1 && block <= largest &&
              (toSpace ? channels % (block * block) == 0
                       : height % block == 0 && width % block == 0);
  if (!fits)
    return n.fail("cannot split " + toString(x.shape) + " into blocks of " +
                  Twine(block));
  SmallVector<int64_t> apart, permutation, shape;
  if (toSpace) {
    int64_t depth = channels / (block * block);
    bool isColumnFirst = mode == "DCR";
    apart =
        isColumnFirst
            ? SmallVector<int64_t>{batch, block, block, depth, height, width}
            : SmallVector<int64_t>{batch, depth, block, block, height, width};
    permutation = isColumnFirst ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2}
                                : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
    shape = {batch, depth, height * block, width * block};
  } else {
    apart = {batch, channels, height / block, block, width / block, block};
    permutation = {0, 3, 5, 1, 2, 4};
    shape = {batch, channels * block * block, height / block, width / block};
  }
  FailureOr<Tensor> split = n.b.reshape(x, apart);
  if (failed(split))
    return failure();
  FailureOr<Tensor> moved = n.b.transpose(*split, permutation);
  if (failed(moved))
    return failure();
  return n.setResult(n.b.reshape(*moved, shape));
}

//===----------------------------------------------------------------------===//
// ArgMax
//===----------------------------------------------------------------------===//

/// ArgMax, ArgMin of f32 along one axis; int64 results.
LogicalResult mlir::compress::importArgMax(NodeImporter &n) {
  int64_t rank = n.getInput(0).getRank();
  bool isMax = n.getOpType() == "ArgMax";
  bool keepDims = n.getInt("keepdims", 1);
  bool isLast = n.getInt("select_last_index", 0);
  FailureOr<int64_t> axis = n.getAxis(n.getInt("axis", 0), rank);
  if (failed(axis) || n.hasFailed())
    return failure();
  // The codes of a quantized tensor are in the order of their numbers.
  Tensor x = n.getInput(0);
  FailureOr<Value> value =
      x.isCodes() ? FailureOr<Value>(x.value) : n.getValue(0);
  if (failed(value))
    return failure();
  return n.setResult(n.b.argMax(*value, *axis, isMax, isLast, keepDims));
}
