//===- PruneOps.cpp - gates of channels ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "OpTable.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// Constant input `i` as one finite number for each of `channels`.
static FailureOr<SmallVector<float>>
getGates(NodeImporter &n, unsigned i, StringRef what, int64_t channels) {
  const Tensor &tensor = n.getInput(i);
  std::string name = (what + " (input " + n.getInputName(i) + ")").str();
  if (!tensor.isPlainConstant() || tensor.type != ElementType::F32 ||
      tensor.getRank() != 1)
    return n.fail("requires " + name + " as a constant list of float32");
  if (tensor.getNumElements() != channels)
    return n.fail("has " + Twine(tensor.getNumElements()) + " numbers in " +
                  name + " for " + Twine(channels) + " channels");
  if (failed(n.b.charge(2 * channels * sizeof(float))))
    return failure();
  SmallVector<float> gates;
  for (int64_t c = 0; c < channels; ++c) {
    gates.push_back(static_cast<float>(tensor.constant->getDouble(c)));
    if (!std::isfinite(gates.back()))
      return n.fail("requires finite numbers in " + name +
                    "; the one of channel " + Twine(c) + " is not");
  }
  return gates;
}

/// x, beta, gamma: x itself, with what training learned of its channels.
LogicalResult mlir::compress::importChannelGate(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  int64_t given = n.getInt("axis", 1);
  if (n.hasFailed())
    return failure();
  FailureOr<int64_t> axis = n.getAxis(given, x.getRank());
  if (failed(axis))
    return failure();
  FailureOr<SmallVector<float>> beta = getGates(n, 1, "beta", x.shape[*axis]);
  if (failed(beta))
    return failure();
  FailureOr<SmallVector<float>> gamma = getGates(n, 2, "gamma", x.shape[*axis]);
  if (failed(gamma))
    return failure();
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  return n.setResult(
      FailureOr<Value>(ChannelGateOp::create(n.b.ir(), n.b.getLoc(), *value,
                                             *axis, *beta, *gamma)
                           .getOutput()));
}
