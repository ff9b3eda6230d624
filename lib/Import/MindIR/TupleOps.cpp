//===- TupleOps.cpp - tuples, and what orders side effects ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

/// Load of a parameter and Depend on side effects, of which there are none.
LogicalResult mlir::compress::importFirst(MindIRNode &n) {
  n.setValue(n.getValue(0));
  return success();
}

LogicalResult mlir::compress::importMakeTuple(MindIRNode &n) {
  MindIRValue::Elements elements;
  for (unsigned i = 0; i < n.getNumInputs(); ++i)
    elements.push_back(n.getValue(i));
  n.setValue(MindIRValue::fromTuple(std::move(elements)));
  return success();
}

LogicalResult mlir::compress::importTupleGetItem(MindIRNode &n) {
  const MindIRValue &tuple = n.getValue(0);
  if (tuple.getKind() != MindIRValue::Kind::Tuple)
    return n.fail("requires a tuple");
  int64_t size = static_cast<int64_t>(tuple.getElements().size());
  int64_t index = n.getInt(1, "index");
  if (n.hasFailed())
    return failure();
  if (index < -size || index >= size)
    return n.fail("reads element " + Twine(index) + " of a tuple with " +
                  Twine(size) +
                  "; of a batch normalization the first result is supported");
  n.setValue(tuple.getElements()[index < 0 ? index + size : index]);
  return success();
}
