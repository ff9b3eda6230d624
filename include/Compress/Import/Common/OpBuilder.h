//===- OpBuilder.h - builds the model form ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The layer on which every importer stands: it knows the model form (linalg
// and tensor on static f32 tensors, NCHW, `compress.fake_quant`, constants
// behind `quant.scast` and `quant.dcast`) and nothing of a file format.
//
// Every function checks its operands before it builds anything, because the
// builders of MLIR only assert. A failure has been reported by then, once.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_OPBUILDER_H
#define COMPRESS_IMPORT_COMMON_OPBUILDER_H

#include "Compress/Import/Common/Tensor.h"
#include "Compress/Import/Common/Window.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::compress {

enum class ReduceKind : uint8_t { Sum, Mean, Product, Max, Min };

/// The result of one element; called once, with the elements of the operands.
using ScalarBody = function_ref<Value(OpBuilder &, Location, ValueRange)>;

class ModelOpBuilder {
public:
  /// Errors are reported at `errorLoc`. At most `constantBudget` bytes of
  /// constants are computed or copied.
  ModelOpBuilder(Location errorLoc, int64_t constantBudget);

  //===--------------------------------------------------------------------===//
  // State
  //===--------------------------------------------------------------------===//

  OpBuilder &ir() { return builder; }
  Location getLoc() const { return loc; }
  MLIRContext *getContext() const { return builder.getContext(); }

  /// What is built from here on: the subject of error messages, such as
  /// `'onnx.Conv' (node "c1")`, and the location of the ops.
  void setSubject(std::string newSubject, Location newLoc);
  /// Reports "<subject> <message>". Only the first failure of an import is
  /// reported. `message` starts with a verb: "requires ..."; `note` is attached
  /// where there is one.
  LogicalResult fail(const Twine &message, const Twine &note = "");
  bool hasFailed() const { return reported; }
  /// Takes `bytes` from the budget for constants.
  LogicalResult charge(int64_t bytes);
  /// The model has `bytes` of constants more than its file; fails where all of
  /// them together are more than 2^36.
  LogicalResult grant(int64_t bytes);
  /// The part of the budget that stands for a byte of the model.
  static constexpr int64_t kBudgetPerByte = 16;

  /// Adds `rank` to negative axes; fails for one outside of [-rank, rank).
  FailureOr<int64_t> getAxis(int64_t axis, int64_t rank);
  /// The same for several, sorted; fails for repeated ones.
  FailureOr<SmallVector<int64_t>> getAxes(ArrayRef<int64_t> axes, int64_t rank);

  /// A tensor type; fails for an extent below 1, above 2^40 elements, and for
  /// element types that only constants have (f16, bf16, f64, below 8 bits).
  FailureOr<RankedTensorType> getType(ArrayRef<int64_t> shape,
                                      ElementType type = ElementType::F32);

  //===--------------------------------------------------------------------===//
  // Constants (OpBuilder.cpp)
  //===--------------------------------------------------------------------===//

  /// The f32 value of a tensor: a plain f32 constant becomes `arith.constant`,
  /// a dequantized one `quant.dcast(quant.scast(codes))`. The codes of an
  /// activation and constants of other types fail. Constants are written once.
  FailureOr<Value> materialize(const Tensor &tensor);
  /// The value of a tensor of any type that values have; the codes of an
  /// activation become integers that stand for themselves.
  FailureOr<Value> materializeAny(const Tensor &tensor);
  /// `arith.constant value : f32`.
  Value createScalar(float value);
  /// The same of any type, an integer wrapped around.
  Value createScalar(double value, Type type);
  /// A tensor filled with `value`, to accumulate in.
  Value createFilled(RankedTensorType type, float value);
  Value createEmpty(RankedTensorType type);

  //===--------------------------------------------------------------------===//
  // Moving elements (OpBuilderShape.cpp). Constants are computed, the codes of
  // activations stay codes.
  //===--------------------------------------------------------------------===//

  /// `shape` has as many elements as the tensor. collapse_shape, expand_shape.
  FailureOr<Tensor> reshape(const Tensor &tensor, ArrayRef<int64_t> shape);
  FailureOr<Tensor> transpose(const Tensor &tensor,
                              ArrayRef<int64_t> permutation);
  /// Element i of the result is offset + i * step; steps below 0 only for
  /// constants. extract_slice.
  FailureOr<Tensor> slice(const Tensor &tensor, ArrayRef<int64_t> offsets,
                          ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps);
  /// All codes have the same quantization. tensor.concat.
  FailureOr<Tensor> concat(ArrayRef<Tensor> tensors, int64_t axis);
  /// `fill` is a number, not a code. tensor.pad.
  FailureOr<Tensor> pad(const Tensor &tensor, ArrayRef<int64_t> low,
                        ArrayRef<int64_t> high, double fill);
  /// Back to front along one dimension.
  FailureOr<Tensor> reverse(const Tensor &tensor, int64_t axis);
  /// [N, C, H, W] with steps - 1 zeros between the rows and between the
  /// columns.
  FailureOr<Tensor> insertZeros(const Tensor &tensor, ArrayRef<int64_t> steps);
  /// To a shape that numpy would broadcast to, in one direction.
  /// linalg.broadcast.
  FailureOr<Value> broadcast(const Tensor &tensor, ArrayRef<int64_t> shape);
  /// Into `shape`, of which the tensor has all dimensions but `added`.
  FailureOr<Value> broadcast(const Tensor &tensor, ArrayRef<int64_t> shape,
                             ArrayRef<int64_t> added);

  //===--------------------------------------------------------------------===//
  // Choosing elements (OpBuilderGather.cpp). Codes stay codes.
  //===--------------------------------------------------------------------===//

  /// Elements `positions` (all in range) along `axis`, in whose place the
  /// result has `indexShape`. Slices where a few do it.
  FailureOr<Tensor> gather(const Tensor &x, int64_t axis,
                           ArrayRef<int64_t> positions,
                           ArrayRef<int64_t> indexShape);
  /// The same with indices of i32 or i64 known at run time: negative ones count
  /// from the end, others are moved into the range.
  FailureOr<Tensor> gather(const Tensor &x, int64_t axis,
                           const Tensor &indices);
  /// result[i] is x[i] with indices[i] in place of coordinate `axis`.
  FailureOr<Tensor> gatherElements(const Tensor &x, int64_t axis,
                                   const Tensor &indices);
  /// Row i of [N, M] `data` is row sources[i] of `rows`, [R, M] of the same
  /// type, or stays where that is below 0.
  FailureOr<Tensor> replaceRows(const Tensor &data, const Tensor &rows,
                                ArrayRef<int64_t> sources);
  /// To a shape that numpy would broadcast to, in one direction.
  FailureOr<Tensor> expand(const Tensor &x, ArrayRef<int64_t> shape);
  /// Copies along every dimension.
  FailureOr<Tensor> tile(const Tensor &x, ArrayRef<int64_t> repeats);
  /// The index (i64) of the largest or smallest element of `x`, f32, along
  /// `axis`; of equal ones the first or last; 0 where all are NaN.
  FailureOr<Tensor> argMax(Value x, int64_t axis, bool isMax, bool isLast,
                           bool keepDims);

  //===--------------------------------------------------------------------===//
  // Products (OpBuilderConv.cpp)
  //===--------------------------------------------------------------------===//

  /// `x` is [N, C, H, W], `weight` [F, C / groups, KH, KW], `bias` [F] or null;
  /// `window` is {H, W}, resolved.
  FailureOr<Value> conv2d(Value x, const Tensor &weight, const Tensor *bias,
                          int64_t groups, ArrayRef<WindowAxis> window);
  /// The same on i8 with i32 sums of (x - zeroX) * (w - zeroW), padded with the
  /// zero point; both zero points are i32 scalars.
  FailureOr<Value> integerConv2d(const Tensor &x, const Tensor &weight,
                                 int64_t groups, ArrayRef<WindowAxis> window,
                                 Value zeroX, Value zeroW);
  /// [M, K] x [K, N], or [B, M, K] x [B, K, N] of i8 with i32 sums of
  /// (a - zeroA) * (b - zeroB).
  FailureOr<Value> integerMatmul(const Tensor &a, const Tensor &b, Value zeroA,
                                 Value zeroB);
  /// [M, K] x [K, N], or [B, M, K] x [B, K, N]; `bias` broadcasts to the result
  /// or is null, and starts the accumulation.
  FailureOr<Value> matmul(Value a, const Tensor &b, const Tensor *bias);

  //===--------------------------------------------------------------------===//
  // Windows without weights (OpBuilderPool.cpp), on [N, C, H, W]
  //===--------------------------------------------------------------------===//

  FailureOr<Value> maxPool2d(Value x, ArrayRef<WindowAxis> window);
  /// Divides by the number of taps on elements of `x`, or also on its padding
  /// (`countPadding`), never on the overhang.
  FailureOr<Value> averagePool2d(Value x, ArrayRef<WindowAxis> window,
                                 bool countPadding);

  //===--------------------------------------------------------------------===//
  // Elementwise (OpBuilderElementwise.cpp)
  //===--------------------------------------------------------------------===//

  /// One linalg.generic over operands broadcast by numpy's rules. Constants of
  /// one element become scalars, dropped dimensions are collapsed. The body
  /// sees and gives bools as i1.
  FailureOr<Value> elementwise(ArrayRef<Tensor> operands, ScalarBody body,
                               ElementType resultType = ElementType::F32);
  /// To another element type (OpBuilderConvert.cpp): integers wrap around, f32
  /// to integers truncates towards zero and saturates, NaN becomes 0; a bool
  /// tells whether the number is other than 0. Codes stay codes in an integer
  /// type that holds them all, otherwise they become the integers that they
  /// are.
  FailureOr<Tensor> convert(const Tensor &x, ElementType to);
  /// (x - mean) * rsqrt(variance + epsilon) * gamma + beta along dimension 1;
  /// the others are [C].
  FailureOr<Value> batchNorm(Value x, const Tensor &gamma, const Tensor &beta,
                             const Tensor &mean, const Tensor &variance,
                             float epsilon);

  //===--------------------------------------------------------------------===//
  // Reductions (OpBuilderReduce.cpp)
  //===--------------------------------------------------------------------===//

  /// `axes` ascending and distinct.
  FailureOr<Value> reduce(ReduceKind kind, Value x, ArrayRef<int64_t> axes,
                          bool keepDims);
  /// exp(x - max) / sum(exp(x - max)) over `axes` together, or its logarithm.
  FailureOr<Value> softmax(Value x, ArrayRef<int64_t> axes, bool isLog);

  //===--------------------------------------------------------------------===//
  // Quantization (OpBuilderQuant.cpp)
  //===--------------------------------------------------------------------===//

  /// `compress.fake_quant` with signed storage; int8, uint8, int16, uint16.
  FailureOr<Value> fakeQuant(Value x, const Quantization &quant);
  /// The codes of an activation as integers.
  FailureOr<Tensor> toIntegers(const Tensor &codes);
  /// The same, where the tensor is not one of integers already.
  FailureOr<Tensor> getIntegers(const Tensor &tensor) {
    return tensor.isCodes() ? toIntegers(tensor) : FailureOr<Tensor>(tensor);
  }
  /// (x - zero point) * scale in f32, of integers of up to 16 bits, as
  /// quant.dcast(quant.scast(x)) on signed codes.
  FailureOr<Value> dequantize(const Tensor &x, const Quantization &quant);
  /// quantize(x) of a plain f32 constant, in the storage type of `quant`.
  FailureOr<ConstantTensorRef> quantizeConstant(const ConstantTensor &x,
                                                const Quantization &quant);
  /// Fails for a negative, infinite or undefined scale, a zero point that the
  /// storage cannot hold, a wrong number of channels; `allowZero` tells whether
  /// a scale of exactly 0 passes (it does for constants), `what` names the
  /// scales in messages. Makes one channel per tensor.
  LogicalResult checkQuantization(Quantization &quant, ArrayRef<int64_t> shape,
                                  bool allowZero, StringRef what = "scales");

private:
  Value createConstant(const ConstantTensor &data, Type elementType);
  Value createElement(const ConstantTensor &constant, Type type);
  FailureOr<Value> materializeConstant(const Tensor &tensor);
  FailureOr<RankedTensorType> getTypeLike(Value value, ArrayRef<int64_t> shape);
  FailureOr<Value> dequantizeConstant(const Tensor &tensor);
  Value reshapeValue(Value value, ArrayRef<int64_t> shape);
  Value extractByIndex(Value x, ArrayRef<int64_t> shape, int64_t axis,
                       Value indices, AffineMap map);
  FailureOr<Value> padWindow(Value x, ArrayRef<WindowAxis> window, float fill);
  FailureOr<SmallVector<int64_t>> getPooledShape(Value x,
                                                 ArrayRef<WindowAxis> window);
  Value generic(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
                ArrayRef<int64_t> reducedDims, ScalarBody body);

  OpBuilder builder;
  Location errorLoc, loc;
  std::string subject;
  bool reported = false;
  int64_t budget, granted = 0;

  /// Written constants; the reference keeps the key alive.
  struct Written {
    ConstantTensorRef constant;
    QuantizationRef quant;
    Value value;
  };
  llvm::DenseMap<const ConstantTensor *, SmallVector<Written, 1>> written;
};

/// `value` as the scalar operand of an elementwise op.
inline Tensor number(float value) {
  return Tensor::fromConstant(ConstantTensor::fromFloats({}, {value}));
}

/// The shape that numpy broadcasts `a` and `b` to, if any.
std::optional<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a,
                                                    ArrayRef<int64_t> b);
/// `text` in double quotes, escaped and cut so that it is fit for a message.
std::string quoted(StringRef text);
/// "[1, 3, 32, 32]".
std::string toString(ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_OPBUILDER_H
