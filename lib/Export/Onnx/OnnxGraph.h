//===- OnnxGraph.h - a graph of ONNX that is being built --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nodes and values of static type and shape. Values are numbers here: they get
// their names when the graph is written. What nothing uses is left out then, so
// that it costs nothing to make a value that may not be needed.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_ONNX_ONNXGRAPH_H
#define COMPRESS_LIB_EXPORT_ONNX_ONNXGRAPH_H

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace mlir::compress {

/// Element types, with the numbers that ONNX gives them.
enum class OnnxType : int32_t {
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  Bool = 9,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
};

/// The ONNX type of an element; integers are signed, i1 is a bool, index i64.
std::optional<OnnxType> getOnnxType(Type element);

/// How integer codes stand for numbers: one channel for each combination of
/// dimensions `begin` to `end`, or one for all where there are none.
struct ConstantScales {
  std::vector<float> scales;
  std::vector<int64_t> zeroPoints;
  int64_t begin = 0, end = 0;
};

/// The elements of a constant, row major, in the width of its type.
struct OnnxConstant {
  std::shared_ptr<const std::vector<char>> bytes;
  std::shared_ptr<const ConstantScales> quant; // of dequantized codes
  OnnxType storage;                            // of what is stored
  std::string name;                            // what to call it, or empty
};

/// A value of the graph, by its number; negative: an operand left out.
using ValueId = int;
inline constexpr ValueId kNoValue = -1;

struct OnnxValue {
  OnnxType type;
  SmallVector<int64_t> shape;
  int producer = -1; // the node, if one makes it
  std::optional<OnnxConstant> constant;
};

using OnnxAttribute =
    std::variant<int64_t, float, SmallVector<int64_t>, std::string>;
using OnnxAttributes = SmallVector<std::pair<std::string, OnnxAttribute>, 2>;

struct OnnxNode {
  std::string op;
  SmallVector<ValueId, 2> inputs;
  ValueId output;
  OnnxAttributes attributes;
  std::string name; // what to call it, or empty

  const OnnxAttribute *find(StringRef attribute) const;
  int64_t getInt(StringRef attribute, int64_t byDefault) const;
  ArrayRef<int64_t> getInts(StringRef attribute) const;
};

class OnnxGraph {
public:
  explicit OnnxGraph(MLIRContext *context) : context(context) {}

  /// What the nodes made from here on are to be called.
  void setName(StringRef newName) { name = newName.str(); }

  ValueId addInput(OnnxType type, ArrayRef<int64_t> shape, StringRef name);
  void addOutput(ValueId value, StringRef name);

  //===--------------------------------------------------------------------===//
  // Constants
  //===--------------------------------------------------------------------===//

  ValueId addConstant(OnnxType type, ArrayRef<int64_t> shape,
                      std::vector<char> bytes, StringRef name = "",
                      std::shared_ptr<const ConstantScales> quant = nullptr);
  template <typename T>
  ValueId addConstant(OnnxType type, ArrayRef<int64_t> shape,
                      ArrayRef<T> values) {
    auto *data = reinterpret_cast<const char *>(values.data());
    return addConstant(
        type, shape, std::vector<char>(data, data + sizeof(T) * values.size()));
  }
  /// A list of numbers that says how: a shape, axes, pads.
  ValueId addIndices(ArrayRef<int64_t> values);
  /// A number without dimensions.
  ValueId addScalar(OnnxType type, double number);

  /// The number that every element of a constant is, if it is one number.
  std::optional<double> getSplat(ValueId value) const;
  /// The elements of a constant of i64.
  SmallVector<int64_t> getIndices(ValueId value) const;

  //===--------------------------------------------------------------------===//
  // Nodes
  //===--------------------------------------------------------------------===//

  /// A node with one result; what it and the nodes before it compute together
  /// may be written as another operator (Fusion.cpp).
  ValueId addNode(StringRef op, ArrayRef<ValueId> inputs, OnnxType type,
                  ArrayRef<int64_t> shape, OnnxAttributes attributes = {});
  /// An operator whose result has the type of its operands, which it
  /// broadcasts.
  ValueId addElementwise(StringRef op, ArrayRef<ValueId> inputs,
                         std::optional<OnnxType> type = std::nullopt,
                         OnnxAttributes attributes = {});
  ValueId cast(ValueId value, OnnxType type);
  /// The lowest bit of integers as a bool.
  ValueId takeLowestBit(ValueId value);
  ValueId reshape(ValueId value, ArrayRef<int64_t> shape);
  /// Dimension i of the result is dimension permutation[i] of `value`.
  ValueId transpose(ValueId value, ArrayRef<int64_t> permutation);
  ValueId expand(ValueId value, ArrayRef<int64_t> shape);
  /// The reduction `op`, ReduceSum and the like, without the dimensions `axes`.
  ValueId reduce(StringRef op, ValueId value, ArrayRef<int64_t> axes);

  const OnnxValue &get(ValueId value) const { return values[value]; }
  ArrayRef<int64_t> getShape(ValueId value) const {
    return values[value].shape;
  }
  /// The node that makes `value`, if it is `op`.
  const OnnxNode *getNode(ValueId value, StringRef op) const;

  /// The serialized model; fails where it is above 2 GiB.
  FailureOr<std::string> write(StringRef producer, StringRef version,
                               StringRef graphName) const;

private:
  friend class OnnxWriter;

  ValueId addValue(OnnxValue value);
  ValueId append(StringRef op, ArrayRef<ValueId> inputs, OnnxType type,
                 ArrayRef<int64_t> shape, OnnxAttributes attributes);
  /// `value` as an operand: dequantized where it is codes.
  ValueId use(ValueId value);
  /// A constant of integers in another type, which wraps them around; no value
  /// for others.
  ValueId convertConstant(ValueId value, OnnxType type);

  MLIRContext *context;
  std::vector<OnnxValue> values;
  std::vector<OnnxNode> nodes;
  std::string name;
  SmallVector<std::pair<ValueId, std::string>> inputs, outputs;
  // What has been made before.
  std::map<std::pair<ValueId, std::vector<int64_t>>, ValueId> reshaped,
      transposed;
  std::map<ValueId, ValueId> dequantized, sourceOfReshape;
  std::map<std::pair<ValueId, OnnxType>, ValueId> converted;
  std::map<std::pair<OnnxType, uint64_t>, ValueId> scalars; // by their bits
  std::map<std::vector<int64_t>, ValueId> indexLists;
};

/// The result of `op` on `inputs` as one operator for it and what makes its
/// operands, if there is one.
std::optional<ValueId> fuseOnnx(OnnxGraph &graph, StringRef op,
                                ArrayRef<ValueId> inputs,
                                ArrayRef<int64_t> shape);

/// The shape that both broadcast to, aligned at the end; they fit.
SmallVector<int64_t> broadcastTogether(ArrayRef<int64_t> a,
                                       ArrayRef<int64_t> b);
unsigned getByteWidth(OnnxType type);

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_ONNX_ONNXGRAPH_H
