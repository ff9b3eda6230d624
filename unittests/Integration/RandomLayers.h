//===- RandomLayers.h - layers of every kind --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_RANDOMLAYERS_H
#define COMPRESS_UNITTESTS_INTEGRATION_RANDOMLAYERS_H

#include "GraphBuilder.h"

namespace oracle {

/// Adds one layer, or a few that follow each other, with inputs and an output
/// of its own. Shapes, windows, grids, ranges and values follow from `seed`.
/// Returns what it is, for messages.
std::string addRandomLayer(GraphBuilder &graph, uint32_t seed);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_RANDOMLAYERS_H
