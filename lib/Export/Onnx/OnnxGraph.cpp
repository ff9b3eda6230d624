//===- OnnxGraph.cpp - a graph of ONNX that is being built ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<OnnxType> mlir::compress::getOnnxType(Type element) {
  if (element.isF32())
    return OnnxType::Float;
  if (element.isF64())
    return OnnxType::Double;
  if (element.isIndex())
    return OnnxType::Int64;
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return OnnxType::Bool;
  case 8:
    return isUnsigned ? OnnxType::UInt8 : OnnxType::Int8;
  case 16:
    return isUnsigned ? OnnxType::UInt16 : OnnxType::Int16;
  case 32:
    return isUnsigned ? OnnxType::UInt32 : OnnxType::Int32;
  case 64:
    return isUnsigned ? OnnxType::UInt64 : OnnxType::Int64;
  default:
    return std::nullopt;
  }
}

unsigned mlir::compress::getByteWidth(OnnxType type) {
  switch (type) {
  case OnnxType::UInt8:
  case OnnxType::Int8:
  case OnnxType::Bool:
    return 1;
  case OnnxType::UInt16:
  case OnnxType::Int16:
    return 2;
  case OnnxType::Float:
  case OnnxType::Int32:
  case OnnxType::UInt32:
    return 4;
  case OnnxType::Int64:
  case OnnxType::Double:
  case OnnxType::UInt64:
    return 8;
  }
  llvm_unreachable("no such type");
}

SmallVector<int64_t> mlir::compress::broadcastTogether(ArrayRef<int64_t> a,
                                                       ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  SmallVector<int64_t> result(a);
  for (auto [i, extent] : llvm::enumerate(b)) {
    int64_t &there = result[a.size() - b.size() + i];
    there = there == 1 ? extent : there;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Nodes as they are
//===----------------------------------------------------------------------===//

const OnnxAttribute *OnnxNode::find(StringRef attribute) const {
  for (const auto &[key, value] : attributes)
    if (key == attribute)
      return &value;
  return nullptr;
}

int64_t OnnxNode::getInt(StringRef attribute, int64_t byDefault) const {
  const OnnxAttribute *found = find(attribute);
  return found ? std::get<int64_t>(*found) : byDefault;
}

ArrayRef<int64_t> OnnxNode::getInts(StringRef attribute) const {
  const OnnxAttribute *found = find(attribute);
  return found ? ArrayRef<int64_t>(std::get<SmallVector<int64_t>>(*found))
               : ArrayRef<int64_t>();
}

const OnnxNode *OnnxGraph::getNode(ValueId value, StringRef op) const {
  if (value == kNoValue || values[value].producer < 0)
    return nullptr;
  const OnnxNode &node = nodes[values[value].producer];
  return node.op == op ? &node : nullptr;
}

ValueId OnnxGraph::expand(ValueId value, ArrayRef<int64_t> shape) {
  if (getShape(value) == shape)
    return value;
  OnnxType type = values[value].type;
  return addNode("Expand", {value, addIndices(shape)}, type, shape);
}

ValueId OnnxGraph::reduce(StringRef op, ValueId value, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> kept, full(getShape(value));
  for (auto [d, extent] : llvm::enumerate(full)) {
    if (llvm::is_contained(axes, static_cast<int64_t>(d)))
      extent = 1;
    else
      kept.push_back(extent);
  }
  if (axes.empty())
    return value;
  value = use(value);
  OnnxType type = values[value].type;
  // All of an image has operators of its own.
  bool isImage = type == OnnxType::Float && full.size() >= 4 &&
                 axes == ArrayRef<int64_t>(llvm::to_vector(llvm::seq<int64_t>(
                             2, static_cast<int64_t>(full.size()))));
  StringRef global = !isImage             ? ""
                     : op == "ReduceMean" ? "GlobalAveragePool"
                     : op == "ReduceMax"  ? "GlobalMaxPool"
                                          : "";
  if (!global.empty())
    return reshape(append(global, value, type, full, {}), kept);
  // Of opset 17 only ReduceSum takes the axes as an operand.
  ValueId result = op == "ReduceSum"
                       ? append(op, {value, addIndices(axes)}, type, full,
                                {{"keepdims", int64_t(1)}})
                       : append(op, value, type, full,
                                {{"axes", SmallVector<int64_t>(axes)},
                                 {"keepdims", int64_t(1)}});
  return reshape(result, kept);
}

ValueId OnnxGraph::addValue(OnnxValue value) {
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId OnnxGraph::addInput(OnnxType type, ArrayRef<int64_t> shape,
                            StringRef name) {
  ValueId value = addValue({type, SmallVector<int64_t>(shape), -1, {}});
  inputs.push_back({value, name.str()});
  return value;
}

void OnnxGraph::addOutput(ValueId value, StringRef name) {
  value = use(value);
  // A value has one name: an output that is an input, a constant or another
  // output as well is a copy.
  bool isTaken =
      values[value].producer < 0 ||
      llvm::any_of(outputs, [&](auto &other) { return other.first == value; });
  if (isTaken)
    value =
        append("Identity", value, values[value].type, values[value].shape, {});
  outputs.push_back({value, name.str()});
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

ValueId OnnxGraph::append(StringRef op, ArrayRef<ValueId> inputs, OnnxType type,
                          ArrayRef<int64_t> shape, OnnxAttributes attributes) {
  ValueId result = addValue(
      {type, SmallVector<int64_t>(shape), static_cast<int>(nodes.size()), {}});
  nodes.push_back({op.str(), SmallVector<ValueId, 2>(inputs), result,
                   std::move(attributes), name});
  return result;
}

ValueId OnnxGraph::addNode(StringRef op, ArrayRef<ValueId> inputs,
                           OnnxType type, ArrayRef<int64_t> shape,
                           OnnxAttributes attributes) {
  SmallVector<ValueId> operands;
  for (ValueId input : inputs)
    operands.push_back(use(input));
  if (attributes.empty())
    if (std::optional<ValueId> fused = fuseOnnx(*this, op, operands, shape))
      return *fused;
  return append(op, operands, type, shape, std::move(attributes));
}

ValueId OnnxGraph::addElementwise(StringRef op, ArrayRef<ValueId> inputs,
                                  std::optional<OnnxType> type,
                                  OnnxAttributes attributes) {
  SmallVector<int64_t> shape;
  for (ValueId input : inputs)
    shape = broadcastTogether(shape, values[input].shape);
  return addNode(op, inputs, type.value_or(values[inputs.back()].type), shape,
                 std::move(attributes));
}

ValueId OnnxGraph::cast(ValueId value, OnnxType type) {
  if (values[value].type == type)
    return value;
  if (std::optional<double> number = getSplat(value);
      number && values[value].shape.empty() && type != OnnxType::Bool)
    return addScalar(type, *number);
  bool isInteger = type != OnnxType::Bool && type != OnnxType::Float &&
                   type != OnnxType::Double;
  if (ValueId constant = isInteger ? convertConstant(value, type) : kNoValue;
      constant != kNoValue)
    return constant;
  // Integers that have only been looked at with another sign.
  if (const OnnxNode *inner = getNode(value, "Cast");
      inner && values[inner->inputs[0]].type == type &&
      getByteWidth(type) == getByteWidth(values[value].type) && isInteger &&
      values[value].type != OnnxType::Bool &&
      values[value].type != OnnxType::Float &&
      values[value].type != OnnxType::Double)
    return inner->inputs[0];
  return addNode("Cast", value, type, SmallVector<int64_t>(getShape(value)),
                 {{"to", static_cast<int64_t>(type)}});
}

/// The channels of `quant` in a reshaped constant: they may be split or joined
/// among themselves. None where they are mixed with other dimensions.
static std::shared_ptr<const ConstantScales>
reshapeScales(const ConstantScales &quant, ArrayRef<int64_t> from,
              ArrayRef<int64_t> to) {
  auto result = std::make_shared<ConstantScales>(quant);
  if (quant.begin == quant.end)
    return result;
  int64_t before = 1, channels = 1, product = 1;
  for (int64_t d = 0; d < quant.end; ++d)
    (d < quant.begin ? before : channels) *= from[d];
  result->begin = 0;
  auto rank = static_cast<int64_t>(to.size());
  while (result->begin < rank && product < before)
    product *= to[result->begin++];
  if (product != before)
    return nullptr;
  product = 1;
  result->end = result->begin;
  while (result->end < rank &&
         (product < channels || result->end == result->begin))
    product *= to[result->end++];
  if (product != channels)
    return nullptr;
  // Of several dimensions of extent 1 any may be first.
  return result;
}

ValueId OnnxGraph::reshape(ValueId value, ArrayRef<int64_t> shape) {
  if (getShape(value) == shape)
    return value;
  auto [known, isNew] = reshaped.try_emplace({value, shape.vec()}, kNoValue);
  if (!isNew)
    return known->second;
  ValueId &result = known->second;
  OnnxValue old = values[value];
  if (old.constant) {
    std::shared_ptr<const ConstantScales> quant = old.constant->quant;
    if (quant)
      quant = reshapeScales(*quant, old.shape, shape);
    if (quant || !old.constant->quant) {
      old.constant->quant = quant;
      old.shape.assign(shape.begin(), shape.end());
      return result = addValue(std::move(old));
    }
  }
  value = use(value);
  // Back to the shape that it had before it was reshaped.
  ValueId source = value;
  for (auto it = sourceOfReshape.find(source); it != sourceOfReshape.end();
       it = sourceOfReshape.find(source)) {
    source = it->second;
    if (getShape(source) == shape)
      return result = source;
  }
  result = append("Reshape", {source, addIndices(shape)}, old.type, shape, {});
  sourceOfReshape[result] = source;
  return result;
}

ValueId OnnxGraph::transpose(ValueId value, ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return value;
  auto [known, isNew] =
      transposed.try_emplace({value, permutation.vec()}, kNoValue);
  if (!isNew)
    return known->second;
  ValueId &result = known->second;
  OnnxValue old = values[value];
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(old.shape[dim]);
  if (old.constant) {
    std::shared_ptr<const ConstantScales> quant = old.constant->quant;
    bool movesChannels = quant && quant->begin != quant->end;
    if (movesChannels && quant->end - quant->begin == 1) {
      auto moved = std::make_shared<ConstantScales>(*quant);
      moved->begin =
          llvm::find(permutation, quant->begin) - permutation.begin();
      moved->end = moved->begin + 1;
      quant = moved;
      movesChannels = false;
    }
    if (!movesChannels) {
      unsigned width = getByteWidth(old.constant->storage);
      auto type = RankedTensorType::get(old.shape,
                                        IntegerType::get(context, width * 8));
      ConstantData moved =
          transposeConstant({type, *old.constant->bytes}, permutation);
      return result =
                 addConstant(old.constant->storage, shape,
                             std::move(moved.bytes), old.constant->name, quant);
    }
  }
  value = use(value);
  // Where only dimensions of extent 1 move it is a reshape, which may lead back
  // to a tensor that is there.
  SmallVector<int64_t> moved;
  for (int64_t dim : permutation)
    if (old.shape[dim] != 1)
      moved.push_back(dim);
  if (llvm::is_sorted(moved) && sourceOfReshape.count(value))
    return result = reshape(value, shape);
  // What a convolution can take over stays the last.
  if (const OnnxNode *pad = getNode(value, "Pad")) {
    SmallVector<ValueId> operands(ArrayRef<ValueId>(pad->inputs));
    SmallVector<int64_t> pads = getIndices(operands[1]), turned(pads);
    for (auto [i, dim] : llvm::enumerate(permutation)) {
      turned[i] = pads[dim];
      turned[i + shape.size()] = pads[dim + shape.size()];
    }
    operands[0] = transpose(operands[0], permutation);
    operands[1] = addIndices(turned);
    return result = append("Pad", operands, old.type, shape, {});
  }
  return result = append("Transpose", value, old.type, shape,
                         {{"perm", SmallVector<int64_t>(permutation)}});
}
