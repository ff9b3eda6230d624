//===- DataLayers.h - layers as matrices ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_DATALAYERS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_DATALAYERS_H

#include "ChannelGroups.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "PrunableLayer.h"

namespace mlir::compress {

/// The loops of a layer as those of a matrix product: outputs are the elements
/// of one loop, columns those of the summed loops, row major, and rows all
/// others.
struct LayerShape {
  SmallVector<int64_t> extents; // of the loops
  SmallVector<unsigned> summedLoops, rowLoops;
  std::optional<unsigned> channelLoop;
  SmallVector<int64_t> filterSteps, inputSteps; // elements, a step of a loop
};

/// None for a layer whose sums do not all go over the same input (groups), of
/// an open shape, or not of f32 with constant weights.
std::optional<LayerShape> readLayerShape(const PrunableLayer &layer);

/// What a layer adds to its sums, one number a channel; 0 where that is no
/// constant.
SmallVector<double> readBias(Operation *op, int64_t channels);

/// The rows and columns of the layer's input, padded, or of its result.
::compress::PatchPlan planInput(const LayerShape &shape);

/// The input of `op` as it sees it: a convolution that pads by itself gets a
/// pad of its own.
Value getPaddedInput(Operation *op);

/// Makes `values` the results of `func`, all there are if `replace`.
void setResults(func::FuncOp func, ArrayRef<Value> values,
                ArrayRef<std::string> names, bool replace);

/// Gives a layer the rows `channels` of `matrix` as its weights and bias; the
/// matrix has as many columns as the layer now.
void setWeights(const PrunableLayer &layer, const LayerShape &shape,
                const ::compress::LayerMatrix &matrix,
                ArrayRef<int64_t> channels);

/// The weights and the bias of a layer; failure if they are no constants.
FailureOr<::compress::LayerMatrix> readMatrix(const PrunableLayer &layer,
                                              const LayerShape &shape);

/// The groups that may lose channels and are read by `layers` alone, and by
/// some of them. `numberOf` gets the place of each layer.
std::vector<ChannelGroup>
findDataGroups(const ChannelGraph &graph, func::FuncOp func,
               ArrayRef<DataLayer> layers,
               DenseMap<Operation *, size_t> &numberOf);

/// The columns of a layer that each unit of a group is read by.
std::vector<std::vector<int64_t>> findBlocks(const ChannelGraph &graph,
                                             const ChannelGroup &group,
                                             const PrunableLayer &layer,
                                             const LayerShape &shape);

/// Calls `fn` for all points of a box, the last extent fastest.
void forEachPoint(ArrayRef<int64_t> extents,
                  function_ref<void(ArrayRef<int64_t>)> fn);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_DATALAYERS_H
