//===- MindIRNode.h - the import of one node --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the handler of an operator sees: the operands and arguments of one node,
// and the builder of the model form. A handler reads its arguments, returns if
// n.hasFailed(), and sets its result.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_MINDIRNODE_H
#define COMPRESS_LIB_IMPORT_MINDIR_MINDIRNODE_H

#include "Compress/Import/MindIR/MindIRImport.h"
#include "MindIRValue.h"
#include "mlir/IR/Remarks.h"

namespace compress_mindir {
class PrimitiveProto;
} // namespace compress_mindir

namespace mlir::compress {

/// The name of the importer's remarks.
inline remark::RemarkOpts mindirRemark() {
  return remark::RemarkOpts::name("ImportMindIR").category("compress");
}

class MindIRNode {
public:
  /// `primitive` may be null: for nodes that call no primitive.
  MindIRNode(ModelOpBuilder &b, StringRef opType,
             compress_mindir::PrimitiveProto *primitive,
             SmallVector<MindIRValue> inputs,
             const MindIRImportOptions &options);

  ModelOpBuilder &b;
  const MindIRImportOptions &options;

  StringRef getOpType() const { return opType; }
  /// Reports "'mindir.Op' (node "scope") <message>".
  LogicalResult fail(const Twine &message) { return b.fail(message); }
  bool hasFailed() const { return b.hasFailed(); }

  //===--------------------------------------------------------------------===//
  // Operands
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const { return inputs.size(); }
  const MindIRValue &getValue(unsigned i) const { return inputs[i]; }
  /// Input `i`, which the table says is a tensor.
  const Tensor &getInput(unsigned i) const { return inputs[i].getTensor(); }
  /// The same as an f32 value.
  FailureOr<Value> materialize(unsigned i) {
    return b.materialize(getInput(i));
  }
  /// The tensors in a tuple.
  FailureOr<SmallVector<Tensor>> getTensors(unsigned i);

  //===--------------------------------------------------------------------===//
  // Arguments: constant input `position`, or, of a primitive that keeps them
  // there, the attribute `name`. A missing one without a default is reported.
  //===--------------------------------------------------------------------===//

  /// Stands for an argument that is always an attribute.
  static constexpr unsigned kAttribute = ~0u;

  bool hasArgument(unsigned position, StringRef name) const;
  int64_t getInt(unsigned position, StringRef name,
                 std::optional<int64_t> byDefault = std::nullopt);
  bool getBool(unsigned position, StringRef name,
               std::optional<bool> byDefault = std::nullopt);
  float getFloat(unsigned position, StringRef name,
                 std::optional<float> byDefault = std::nullopt);
  std::string getText(unsigned position, StringRef name,
                      std::optional<StringRef> byDefault = std::nullopt);
  SmallVector<int64_t> getInts(unsigned position, StringRef name);
  SmallVector<double> getNumbers(unsigned position, StringRef name);
  /// The argument as it is; fails for a missing one.
  FailureOr<MindIRValue> getArgument(unsigned position, StringRef name);
  /// An argument that is there and is not None.
  bool isGiven(unsigned position, StringRef name);

  //===--------------------------------------------------------------------===//
  // Result
  //===--------------------------------------------------------------------===//

  /// The element type that the file says of the result, where it does.
  std::optional<ElementType> getDeclaredType() const { return declared; }
  void setDeclaredType(std::optional<ElementType> type) { declared = type; }

  /// Fails if `result` is a failure, so that handlers can return this.
  LogicalResult setResult(FailureOr<Tensor> result);
  LogicalResult setResult(FailureOr<Value> result,
                          ElementType type = ElementType::F32);
  void setValue(MindIRValue value) { result = std::move(value); }
  std::optional<MindIRValue> &getResult() { return result; }

private:
  StringRef opType;
  compress_mindir::PrimitiveProto *primitive;
  SmallVector<MindIRValue> inputs;
  std::optional<MindIRValue> result;
  std::optional<ElementType> declared;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_MINDIRNODE_H
