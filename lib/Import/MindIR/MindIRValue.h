//===- MindIRValue.h - a value of a graph while it is imported --*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_MINDIRVALUE_H
#define COMPRESS_LIB_IMPORT_MINDIR_MINDIRVALUE_H

#include "MindIRTensor.h"
#include <vector>

namespace compress_mindir {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace compress_mindir

namespace mlir::compress {

/// What a name stands for: a tensor, where a scalar is a constant of no
/// dimensions; a tuple; a text; nothing, as the tokens that order side effects;
/// a function with its first arguments; or a choice between two of these.
/// Copies share the elements.
class MindIRValue {
public:
  enum class Kind : uint8_t { Nothing, Tensor, Text, Tuple, Closure, Choice };
  using Elements = std::vector<MindIRValue>;

  MindIRValue() = default;
  static MindIRValue fromTensor(Tensor tensor);
  static MindIRValue fromText(std::string text);
  static MindIRValue fromTuple(Elements elements);
  /// `graph` on `captured`, and on the arguments of a call behind them.
  static MindIRValue fromClosure(compress_mindir::GraphProto &graph,
                                 Elements captured);
  /// The first or, where the bool `condition` is false, the second closure.
  static MindIRValue fromChoice(Tensor condition, MindIRValue ifTrue,
                                MindIRValue ifFalse);

  Kind getKind() const { return kind; }
  bool isTensor() const { return kind == Kind::Tensor; }
  /// The tensor, or the condition of a choice.
  const Tensor &getTensor() const { return *tensor; }
  StringRef getText() const { return *text; }
  /// Of a tuple, a closure or a choice.
  ArrayRef<MindIRValue> getElements() const { return *elements; }
  compress_mindir::GraphProto &getGraph() const { return *graph; }

  /// How deep tuples, captured arguments and choices nest in this one; 0
  /// without elements.
  unsigned getDepth() const { return depth; }
  /// The elements of a tuple, or of a tensor that is a constant.
  int64_t countElements() const;
  /// The numbers of a scalar, of a tuple of scalars, or of a constant list of
  /// integers; none for others, and where there are too many.
  std::optional<SmallVector<int64_t>> getInts() const;
  std::optional<SmallVector<double>> getNumbers() const;

private:
  Kind kind = Kind::Nothing;
  unsigned depth = 0;
  std::shared_ptr<const Tensor> tensor;
  std::shared_ptr<const Elements> elements;
  std::shared_ptr<const std::string> text;
  compress_mindir::GraphProto *graph = nullptr;
};

/// What an attribute of a primitive, or of a constant node, holds. `name` is
/// for messages and for the constants.
FailureOr<MindIRValue>
readMindIRAttribute(ModelOpBuilder &b, compress_mindir::AttributeProto &proto,
                    StringRef name, std::optional<StringRef> folder);

/// The element type that the attribute "shape" of `node` declares for its
/// result; none where that is no single tensor.
std::optional<ElementType>
getDeclaredType(const compress_mindir::NodeProto &node);

/// Fails where `value`, what `node` gives, has a tensor of another element type
/// than is declared.
LogicalResult checkDeclaredTypes(ModelOpBuilder &b,
                                 const compress_mindir::NodeProto &node,
                                 const MindIRValue &value);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_MINDIRVALUE_H
