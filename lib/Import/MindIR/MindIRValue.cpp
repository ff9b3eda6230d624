//===- MindIRValue.cpp - a value of a graph while it is imported ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRValue.h"
#include "MindIR.pb.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

MindIRValue MindIRValue::fromTensor(Tensor tensor) {
  MindIRValue value;
  value.kind = Kind::Tensor;
  value.tensor = std::make_shared<const Tensor>(std::move(tensor));
  return value;
}

MindIRValue MindIRValue::fromText(std::string text) {
  MindIRValue value;
  value.kind = Kind::Text;
  value.text = std::make_shared<const std::string>(std::move(text));
  return value;
}

MindIRValue MindIRValue::fromTuple(Elements elements) {
  MindIRValue value;
  value.kind = Kind::Tuple;
  for (const MindIRValue &element : elements)
    value.depth = std::max(value.depth, element.depth + 1);
  value.elements = std::make_shared<const Elements>(std::move(elements));
  return value;
}

MindIRValue MindIRValue::fromClosure(pb::GraphProto &graph, Elements captured) {
  MindIRValue value = fromTuple(std::move(captured));
  value.kind = Kind::Closure;
  value.graph = &graph;
  return value;
}

MindIRValue MindIRValue::fromChoice(Tensor condition, MindIRValue ifTrue,
                                    MindIRValue ifFalse) {
  MindIRValue value = fromTuple({std::move(ifTrue), std::move(ifFalse)});
  value.kind = Kind::Choice;
  value.tensor = std::make_shared<const Tensor>(std::move(condition));
  return value;
}

int64_t MindIRValue::countElements() const {
  if (isTensor())
    return getTensor().isConstant() ? getTensor().getNumElements() : 0;
  return elements ? static_cast<int64_t>(elements->size()) : 0;
}

/// The elements of a constant of at most one dimension, or of a tuple of
/// scalars.
template <typename Number, typename GetFn>
static std::optional<SmallVector<Number>> getList(const MindIRValue &value,
                                                  const GetFn &get) {
  constexpr int64_t limit = 1 << 20;
  SmallVector<Number> numbers;
  auto append = [&](const MindIRValue &part, int64_t maxRank) {
    if (!part.isTensor() || !part.getTensor().isPlainConstant() ||
        part.getTensor().getRank() > maxRank ||
        part.getTensor().getNumElements() > limit)
      return false;
    for (int64_t i = 0; i < part.getTensor().getNumElements(); ++i)
      if (std::optional<Number> number = get(*part.getTensor().constant, i))
        numbers.push_back(*number);
      else
        return false;
    return true;
  };
  if (value.getKind() != MindIRValue::Kind::Tuple)
    return append(value, 1) ? std::optional(numbers) : std::nullopt;
  for (const MindIRValue &element : value.getElements())
    if (!append(element, 0))
      return std::nullopt;
  return numbers;
}

std::optional<SmallVector<int64_t>> MindIRValue::getInts() const {
  return getList<int64_t>(
      *this,
      [](const ConstantTensor &constant, int64_t i) -> std::optional<int64_t> {
        if (isFloat(constant.getType()))
          return std::nullopt;
        return constant.getInt(i);
      });
}

std::optional<SmallVector<double>> MindIRValue::getNumbers() const {
  return getList<double>(*this, [](const ConstantTensor &constant, int64_t i) {
    return std::optional<double>(constant.getDouble(i));
  });
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

namespace {
/// The kinds of AttributeProto.type that are no element types.
enum AttributeKind : uint8_t {
  kUndefined = 0,
  kString = 8,
  kTensor = 17,
  kTensors = 19,
  kTuple = 20,
  kList = 21,
  kDict = 22,
  kLastNothing = 25, // two monads and none
  kFirstNothing = 23,
};
} // namespace

static MindIRValue fromInt(ElementType type, int64_t number) {
  return MindIRValue::fromTensor(
      Tensor::fromConstant(ConstantTensor::fromInts(type, {}, number)));
}

static MindIRValue fromFloat(double number) {
  return MindIRValue::fromTensor(compress::number(static_cast<float>(number)));
}

/// A scalar: alone in the singular field, as the element of a tuple in the
/// repeated one.
static std::optional<MindIRValue> readScalar(const pb::AttributeProto &proto) {
  if (proto.type() == kString) {
    if (proto.strings_size() == 1)
      return MindIRValue::fromText(proto.strings(0));
    return MindIRValue::fromText(proto.s());
  }
  std::optional<ElementType> type = getMindIRElementType(proto.type());
  if (!type)
    return std::nullopt;
  if (!isFloat(*type)) {
    if (proto.ints_size() > 1)
      return std::nullopt;
    return fromInt(*type == ElementType::Bool ? *type : ElementType::I64,
                   proto.ints_size() ? proto.ints(0) : proto.i());
  }
  if (proto.floats_size() + proto.doubles_size() > 1)
    return std::nullopt;
  if (proto.floats_size() || proto.doubles_size())
    return fromFloat(proto.floats_size() ? double(proto.floats(0))
                                         : proto.doubles(0));
  return fromFloat(proto.has_d() ? proto.d() : double(proto.f()));
}

FailureOr<MindIRValue>
mlir::compress::readMindIRAttribute(ModelOpBuilder &b,
                                    pb::AttributeProto &proto, StringRef name,
                                    std::optional<StringRef> folder) {
  auto readTensor = [&](pb::TensorProto &tensor) -> FailureOr<MindIRValue> {
    FailureOr<ConstantTensorRef> constant =
        readMindIRTensor(b, tensor, name, folder);
    if (failed(constant))
      return failure();
    return MindIRValue::fromTensor(Tensor::fromConstant(*constant));
  };
  int64_t kind = proto.type();
  if (kind >= kFirstNothing && kind <= kLastNothing)
    return MindIRValue();
  if (kind == kTensor)
    return readTensor(*proto.mutable_t());
  MindIRValue::Elements elements;
  if (kind == kTensors) {
    for (pb::TensorProto &tensor : *proto.mutable_tensors()) {
      FailureOr<MindIRValue> element = readTensor(tensor);
      if (failed(element))
        return failure();
      elements.push_back(*element);
    }
    if (elements.size() == 1)
      return elements.front();
    return MindIRValue::fromTuple(std::move(elements));
  }
  if (kind == kTuple || kind == kList) {
    if (failed(b.charge(proto.values_size() *
                        static_cast<int64_t>(sizeof(MindIRValue)))))
      return failure();
    for (pb::AttributeProto &value : *proto.mutable_values()) {
      FailureOr<MindIRValue> element =
          readMindIRAttribute(b, value, name, folder);
      if (failed(element))
        return failure();
      elements.push_back(*element);
    }
    return MindIRValue::fromTuple(std::move(elements));
  }
  if (std::optional<MindIRValue> scalar = readScalar(proto))
    return *scalar;
  return b.fail("has " + quoted(name) + " of the kind " + Twine(kind) +
                ", which is not supported");
}

//===----------------------------------------------------------------------===//
// Declared types
//===----------------------------------------------------------------------===//

static const pb::AttributeProto *findDeclaration(const pb::NodeProto &node) {
  for (const pb::AttributeProto &attribute : node.attribute())
    if (attribute.name() == "shape")
      return &attribute;
  return nullptr;
}

static std::optional<ElementType>
getTensorType(const pb::AttributeProto &declared) {
  if (declared.type() == kTensors && declared.tensors_size() == 1)
    return getMindIRElementType(declared.tensors(0).data_type());
  return std::nullopt;
}

std::optional<ElementType>
mlir::compress::getDeclaredType(const pb::NodeProto &node) {
  const pb::AttributeProto *declared = findDeclaration(node);
  return declared ? getTensorType(*declared) : std::nullopt;
}

static LogicalResult checkTypes(ModelOpBuilder &b,
                                const pb::AttributeProto &declared,
                                const MindIRValue &value) {
  if (value.isTensor()) {
    std::optional<ElementType> type = getTensorType(declared);
    ElementType given = value.getTensor().type;
    if (type && *type != given)
      return b.fail("gives " + toString(given) + " where the file says " +
                    toString(*type) + ", which is not supported");
    return success();
  }
  if (value.getKind() != MindIRValue::Kind::Tuple || declared.type() != kTuple)
    return success();
  // Of a normalization there are fewer results than are declared.
  for (auto [part, element] : llvm::zip(declared.values(), value.getElements()))
    if (failed(checkTypes(b, part, element)))
      return failure();
  return success();
}

LogicalResult mlir::compress::checkDeclaredTypes(ModelOpBuilder &b,
                                                 const pb::NodeProto &node,
                                                 const MindIRValue &value) {
  const pb::AttributeProto *declared = findDeclaration(node);
  return declared ? checkTypes(b, *declared, value) : success();
}
