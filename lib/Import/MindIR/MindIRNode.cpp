//===- MindIRNode.cpp - the import of one node ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRNode.h"
#include "MindIR.pb.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

MindIRNode::MindIRNode(ModelOpBuilder &b, StringRef opType,
                       pb::PrimitiveProto *primitive,
                       SmallVector<MindIRValue> inputs,
                       const MindIRImportOptions &options)
    : b(b), options(options), opType(opType), primitive(primitive),
      inputs(std::move(inputs)) {}

FailureOr<SmallVector<Tensor>> MindIRNode::getTensors(unsigned i) {
  SmallVector<Tensor> tensors;
  if (inputs[i].getKind() != MindIRValue::Kind::Tuple)
    return fail("requires input " + Twine(i) + " as a tuple of tensors");
  if (failed(b.charge(inputs[i].getElements().size() * sizeof(Tensor))))
    return failure();
  for (const MindIRValue &element : inputs[i].getElements()) {
    if (!element.isTensor())
      return fail("requires input " + Twine(i) + " as a tuple of tensors");
    tensors.push_back(element.getTensor());
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

static pb::AttributeProto *find(pb::PrimitiveProto *primitive, StringRef name) {
  if (primitive)
    for (pb::AttributeProto &attribute : *primitive->mutable_attribute())
      if (attribute.name() == name)
        return &attribute;
  return nullptr;
}

bool MindIRNode::hasArgument(unsigned position, StringRef name) const {
  return position < inputs.size() || find(primitive, name);
}

FailureOr<MindIRValue> MindIRNode::getArgument(unsigned position,
                                               StringRef name) {
  if (position < inputs.size()) {
    // One list may be the argument of many nodes.
    if (failed(b.charge(inputs[position].countElements() *
                        static_cast<int64_t>(sizeof(int64_t)))))
      return failure();
    return inputs[position];
  }
  if (pb::AttributeProto *attribute = find(primitive, name)) {
    // One text may be the argument of many nodes.
    if (failed(b.charge(attribute->s().size())))
      return failure();
    return readMindIRAttribute(b, *attribute, name, std::nullopt);
  }
  return fail("requires the argument \"" + name + "\"");
}

bool MindIRNode::isGiven(unsigned position, StringRef name) {
  if (!hasArgument(position, name))
    return false;
  FailureOr<MindIRValue> value = getArgument(position, name);
  return succeeded(value) && value->getKind() != MindIRValue::Kind::Nothing;
}

/// The argument as `get` reads it; reports where it cannot.
template <typename GetFn>
static auto readArgument(MindIRNode &n, FailureOr<MindIRValue> value,
                         StringRef name, StringRef what, const GetFn &get)
    -> std::remove_reference_t<decltype(*get(*value))> {
  if (failed(value))
    return {};
  if (auto result = get(*value))
    return std::move(*result);
  (void)n.fail("requires the argument \"" + name + "\" as " + what);
  return {};
}

int64_t MindIRNode::getInt(unsigned position, StringRef name,
                           std::optional<int64_t> byDefault) {
  if (byDefault && !hasArgument(position, name))
    return *byDefault;
  return readArgument(*this, getArgument(position, name), name, "an integer",
                      [](const MindIRValue &value) -> std::optional<int64_t> {
                        std::optional<SmallVector<int64_t>> ints =
                            value.getInts();
                        if (!ints || ints->size() != 1)
                          return std::nullopt;
                        return ints->front();
                      });
}

bool MindIRNode::getBool(unsigned position, StringRef name,
                         std::optional<bool> byDefault) {
  return getInt(position, name, byDefault) != 0;
}

float MindIRNode::getFloat(unsigned position, StringRef name,
                           std::optional<float> byDefault) {
  if (byDefault && !hasArgument(position, name))
    return *byDefault;
  return readArgument(*this, getArgument(position, name), name, "a number",
                      [](const MindIRValue &value) -> std::optional<float> {
                        std::optional<SmallVector<double>> numbers =
                            value.getNumbers();
                        if (!numbers || numbers->size() != 1)
                          return std::nullopt;
                        return static_cast<float>(numbers->front());
                      });
}

std::string MindIRNode::getText(unsigned position, StringRef name,
                                std::optional<StringRef> byDefault) {
  if (byDefault && !hasArgument(position, name))
    return byDefault->str();
  return readArgument(*this, getArgument(position, name), name, "a text",
                      [](const MindIRValue &value) {
                        return value.getKind() == MindIRValue::Kind::Text
                                   ? std::optional(value.getText().str())
                                   : std::nullopt;
                      });
}

SmallVector<int64_t> MindIRNode::getInts(unsigned position, StringRef name) {
  SmallVector<int64_t> ints = readArgument(
      *this, getArgument(position, name), name, "constant integers",
      [](const MindIRValue &value) { return value.getInts(); });
  constexpr size_t limit = 1024;
  if (ints.size() > limit)
    (void)fail("has too many elements in \"" + name + "\"");
  return ints;
}

SmallVector<double> MindIRNode::getNumbers(unsigned position, StringRef name) {
  return readArgument(
      *this, getArgument(position, name), name, "constant numbers",
      [](const MindIRValue &value) { return value.getNumbers(); });
}

//===----------------------------------------------------------------------===//
// Result
//===----------------------------------------------------------------------===//

LogicalResult MindIRNode::setResult(FailureOr<Tensor> tensor) {
  if (failed(tensor) || hasFailed())
    return failure();
  result = MindIRValue::fromTensor(std::move(*tensor));
  return success();
}

LogicalResult MindIRNode::setResult(FailureOr<Value> value, ElementType type) {
  if (failed(value))
    return failure();
  return setResult(FailureOr<Tensor>(Tensor::fromValue(*value, type)));
}
