//===- NodeImporter.cpp - the import of one node -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "CompressOnnx.pb.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

NodeImporter::NodeImporter(ModelOpBuilder &b, pb::NodeProto &node,
                           int64_t opset, SmallVector<const Tensor *> inputs)
    : b(b), node(node), opset(opset), inputs(std::move(inputs)),
      results(node.output_size()) {}

StringRef NodeImporter::getOpType() const { return node.op_type(); }

unsigned NodeImporter::getNumOutputs() const { return node.output_size(); }

bool NodeImporter::hasOutput(unsigned i) const {
  return i < getNumOutputs() && !node.output(i).empty();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

std::string NodeImporter::getInputName(unsigned i) const {
  return quoted(node.input(i));
}

FailureOr<SmallVector<Tensor>> NodeImporter::getAllInputs() {
  SmallVector<Tensor> tensors;
  for (const Tensor *input : inputs) {
    if (!input)
      return fail("requires all of its inputs");
    tensors.push_back(*input);
  }
  return tensors;
}

FailureOr<SmallVector<int64_t>> NodeImporter::getConstantInts(unsigned i,
                                                              StringRef what) {
  const Tensor &tensor = getInput(i);
  if (!tensor.isPlainConstant() || !isInteger(tensor.type) ||
      tensor.getRank() > 1)
    return fail("requires " + what + " (input " + getInputName(i) +
                ") as a constant list of integers; simplify the model with "
                "fixed input shapes first");
  constexpr int64_t limit = 1024;
  if (tensor.constant->getNumElements() > limit)
    return fail("has too many elements in " + what);
  return tensor.constant->getInts();
}

FailureOr<double> NodeImporter::getConstantScalar(unsigned i, StringRef what) {
  std::optional<double> scalar = getInput(i).getScalar();
  if (!scalar)
    return fail("requires " + what + " (input " + getInputName(i) +
                ") as a constant of one element");
  return *scalar;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

pb::AttributeProto *NodeImporter::find(StringRef name) const {
  for (pb::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

pb::AttributeProto *NodeImporter::find(StringRef name, int type,
                                       StringRef typeName) {
  pb::AttributeProto *attribute = find(name);
  if (!attribute ||
      (attribute->type() == type && attribute->ref_attr_name().empty()))
    return attribute;
  (void)fail("requires the attribute \"" + name + "\" as " + typeName);
  return nullptr;
}

int64_t NodeImporter::getInt(StringRef name, int64_t byDefault) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::INT, "an integer");
  return attribute ? attribute->i() : byDefault;
}

float NodeImporter::getFloat(StringRef name, float byDefault) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::FLOAT, "a number");
  return attribute ? attribute->f() : byDefault;
}

std::string NodeImporter::getString(StringRef name, StringRef byDefault) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::STRING, "a string");
  return attribute ? attribute->s() : byDefault.str();
}

std::optional<SmallVector<int64_t>> NodeImporter::getInts(StringRef name) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::INTS, "a list of integers");
  if (!attribute)
    return std::nullopt;
  return SmallVector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

std::optional<SmallVector<float>> NodeImporter::getFloats(StringRef name) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::FLOATS, "a list of numbers");
  if (!attribute)
    return std::nullopt;
  return SmallVector<float>(attribute->floats().begin(),
                            attribute->floats().end());
}

FailureOr<ConstantTensorRef> NodeImporter::getTensor(StringRef name) {
  pb::AttributeProto *attribute =
      find(name, pb::AttributeProto::TENSOR, "a tensor");
  if (!attribute || !attribute->has_t())
    return fail("requires the attribute \"" + name + "\" as a tensor");
  return readOnnxTensor(b, *attribute->mutable_t(),
                        node.output_size() ? node.output(0) : "");
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

LogicalResult NodeImporter::setResult(FailureOr<Value> result, unsigned index) {
  return setResult(result, ElementType::F32, index);
}

LogicalResult NodeImporter::setResult(FailureOr<Value> result, ElementType type,
                                      unsigned index) {
  if (failed(result))
    return failure();
  return setResult(FailureOr<Tensor>(Tensor::fromValue(*result, type)), index);
}

LogicalResult NodeImporter::setResult(FailureOr<Tensor> result,
                                      unsigned index) {
  if (failed(result) || hasFailed())
    return failure();
  if (index >= results.size())
    return fail("requires an output " + Twine(index));
  results[index] = std::move(*result);
  return success();
}

FailureOr<Tensor>
NodeImporter::importAs(StringRef opType,
                       LogicalResult (*import)(NodeImporter &),
                       ArrayRef<const Tensor *> newInputs) {
  pb::NodeProto other;
  other.set_op_type(opType.str());
  *other.mutable_attribute() = node.attribute();
  other.add_output();
  // onnxruntime's copies of ONNX's ops say which version they copy.
  int64_t otherOpset = getInt("opset", opset);
  NodeImporter importer(b, other, otherOpset,
                        SmallVector<const Tensor *>(newInputs));
  if (failed(import(importer)))
    return failure();
  std::optional<Tensor> &result = importer.getResult(0);
  if (!result)
    return fail("has no result");
  return std::move(*result);
}
