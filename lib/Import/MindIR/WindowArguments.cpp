//===- WindowArguments.cpp - windows of Conv2D and the pools --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WindowArguments.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<std::array<int64_t, 2>>
mlir::compress::getSpatial(ArrayRef<int64_t> list) {
  if (list.size() == 4 && list[0] == 1 && list[1] == 1)
    list = list.drop_front(2);
  if (list.size() == 1)
    return std::array{list[0], list[0]};
  if (list.size() != 2)
    return std::nullopt;
  return std::array{list[0], list[1]};
}

LogicalResult mlir::compress::checkImage(MindIRNode &n) {
  std::string format = n.getText(MindIRNode::kAttribute, "format", "NCHW");
  if (n.hasFailed())
    return failure();
  if (format != "NCHW")
    return n.fail("has the format " + quoted(format) +
                  ", which is not supported; \"NCHW\" is");
  if (n.getInput(0).getRank() != 4)
    return n.fail("requires an input of 4 dimensions, not " +
                  toString(n.getInput(0).shape));
  return success();
}
