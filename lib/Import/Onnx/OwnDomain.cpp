//===- OwnDomain.cpp - operators that Compress adds to ONNX --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OwnDomain.h"
#include "CompressOnnx.pb.h"
#include "OnnxTensor.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

int64_t mlir::compress::getOwnOpset(const pb::ModelProto &model) {
  int64_t opset = 1;
  for (const pb::OperatorSetIdProto &import : model.opset_import())
    if (import.domain() == kOwnDomain)
      opset = std::max<int64_t>(opset, import.version());
  return opset;
}

/// Whether `function` is one Identity of its first input.
static bool returnsFirstInput(const pb::FunctionProto &function) {
  if (function.input_size() == 0 || function.output_size() != 1 ||
      function.node_size() != 1)
    return false;
  const pb::NodeProto &node = function.node(0);
  return (node.domain().empty() || node.domain() == "ai.onnx") &&
         node.op_type() == "Identity" && node.input_size() == 1 &&
         node.output_size() == 1 && node.input(0) == function.input(0) &&
         node.output(0) == function.output(0);
}

LogicalResult mlir::compress::checkOwnFunctions(ModelOpBuilder &b,
                                                const pb::ModelProto &model) {
  for (const pb::FunctionProto &function : model.functions())
    if (function.domain() == kOwnDomain && !returnsFirstInput(function))
      return b.fail("the model has a function " + quoted(function.name()) +
                    " in the domain \"" + kOwnDomain +
                    "\" that is not the identity of its first input; give it "
                    "a domain of its own");
  return success();
}
