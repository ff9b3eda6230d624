//===- NodeImporter.h - the import of one node ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the handler of an operator sees: the operands and attributes of one
// node, and the builder of the model form. A handler reads its attributes,
// returns if n.hasFailed(), and sets its results.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_NODEIMPORTER_H
#define COMPRESS_LIB_IMPORT_ONNX_NODEIMPORTER_H

#include "OnnxTensor.h"

namespace compress_onnx {
class AttributeProto;
class NodeProto;
} // namespace compress_onnx

namespace mlir::compress {

class NodeImporter {
public:
  /// `inputs` are null where the node leaves an optional input out.
  NodeImporter(ModelOpBuilder &b, compress_onnx::NodeProto &node, int64_t opset,
               SmallVector<const Tensor *> inputs);

  ModelOpBuilder &b;

  StringRef getOpType() const;
  int64_t getOpset() const { return opset; }
  /// Reports "'onnx.Op' (node "name") <message>".
  LogicalResult fail(const Twine &message) { return b.fail(message); }
  bool hasFailed() const { return b.hasFailed(); }

  //===--------------------------------------------------------------------===//
  // Operands
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const { return inputs.size(); }
  bool hasInput(unsigned i) const { return i < inputs.size() && inputs[i]; }
  const Tensor &getInput(unsigned i) const { return *inputs[i]; }
  /// The name of input `i`, quoted for a message.
  std::string getInputName(unsigned i) const;
  /// Input `i` as an f32 value.
  FailureOr<Value> getValue(unsigned i) { return b.materialize(getInput(i)); }
  /// The same of integers and bools as well.
  FailureOr<Value> getAnyValue(unsigned i) {
    return b.materializeAny(getInput(i));
  }
  /// All inputs; fails where one is left out.
  FailureOr<SmallVector<Tensor>> getAllInputs();
  /// The elements of an integer constant of rank 0 or 1; `what` it is.
  FailureOr<SmallVector<int64_t>> getConstantInts(unsigned i, StringRef what);
  /// The number in a constant of one element.
  FailureOr<double> getConstantScalar(unsigned i, StringRef what);

  //===--------------------------------------------------------------------===//
  // Attributes. A wrong type is reported and gives the default.
  //===--------------------------------------------------------------------===//

  bool hasAttribute(StringRef name) const { return find(name); }
  int64_t getInt(StringRef name, int64_t byDefault);
  float getFloat(StringRef name, float byDefault);
  std::string getString(StringRef name, StringRef byDefault);
  std::optional<SmallVector<int64_t>> getInts(StringRef name);
  std::optional<SmallVector<float>> getFloats(StringRef name);
  FailureOr<ConstantTensorRef> getTensor(StringRef name);

  /// Adds `rank` to negative axes; fails for one outside of [-rank, rank).
  FailureOr<int64_t> getAxis(int64_t axis, int64_t rank) {
    return b.getAxis(axis, rank);
  }
  /// The same for several, sorted; fails for repeated ones.
  FailureOr<SmallVector<int64_t>> getAxes(ArrayRef<int64_t> axes,
                                          int64_t rank) {
    return b.getAxes(axes, rank);
  }

  //===--------------------------------------------------------------------===//
  // Results
  //===--------------------------------------------------------------------===//

  unsigned getNumOutputs() const;
  /// True for an output that the node names.
  bool hasOutput(unsigned i) const;
  /// Fails if `result` is a failure, so that handlers can return this.
  LogicalResult setResult(FailureOr<Value> result, unsigned index = 0);
  LogicalResult setResult(FailureOr<Tensor> result, unsigned index = 0);
  /// A value of elements that stand for themselves.
  LogicalResult setResult(FailureOr<Value> result, ElementType type,
                          unsigned index = 0);
  /// The same function of every element.
  LogicalResult setElementwise(ArrayRef<Tensor> operands, ScalarBody body,
                               ElementType resultType = ElementType::F32) {
    return setResult(b.elementwise(operands, body, resultType), resultType);
  }
  std::optional<Tensor> &getResult(unsigned index) { return results[index]; }

  /// What another op with the attributes of this node makes of `inputs`, of
  /// which null ones are left out.
  FailureOr<Tensor> importAs(StringRef opType,
                             LogicalResult (*import)(NodeImporter &),
                             ArrayRef<const Tensor *> inputs);

private:
  compress_onnx::AttributeProto *find(StringRef name) const;
  /// The attribute if it is there and of type `type`, an AttributeType.
  compress_onnx::AttributeProto *find(StringRef name, int type,
                                      StringRef typeName);

  compress_onnx::NodeProto &node;
  int64_t opset;
  SmallVector<const Tensor *> inputs;
  SmallVector<std::optional<Tensor>, 1> results;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_NODEIMPORTER_H
