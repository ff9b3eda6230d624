//===- OpBuilder.cpp - state, types and constants ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/InterleavedRange.h"

using namespace mlir;
using namespace mlir::compress;

/// Constants above this many bytes are resources: they are not uniqued, and
/// printed at the end of a file.
static constexpr int64_t kResourceBytes = 1024;

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

ModelOpBuilder::ModelOpBuilder(Location errorLoc, int64_t constantBudget)
    : builder(errorLoc.getContext()), errorLoc(errorLoc), loc(errorLoc),
      budget(constantBudget) {}

void ModelOpBuilder::setSubject(std::string newSubject, Location newLoc) {
  subject = std::move(newSubject);
  loc = newLoc;
}

LogicalResult ModelOpBuilder::fail(const Twine &message, const Twine &note) {
  if (reported)
    return failure();
  reported = true;
  InFlightDiagnostic diagnostic = emitError(errorLoc);
  diagnostic << subject << (subject.empty() ? "" : " ") << message.str();
  if (!note.isTriviallyEmpty())
    diagnostic.attachNote() << note.str();
  return diagnostic;
}

LogicalResult ModelOpBuilder::charge(int64_t bytes) {
  if (bytes <= budget) {
    budget -= bytes;
    return success();
  }
  return fail("computes constants out of all proportion to the size of the "
              "file; the file is damaged or hostile");
}

FailureOr<int64_t> ModelOpBuilder::getAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return fail("requires axes within " + Twine(rank) + " dimensions, not " +
                Twine(axis));
  return axis < 0 ? axis + rank : axis;
}

FailureOr<SmallVector<int64_t>> ModelOpBuilder::getAxes(ArrayRef<int64_t> axes,
                                                        int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> known = getAxis(axis, rank);
    if (failed(known))
      return failure();
    // At most `rank` can be distinct: a long list ends here.
    if (llvm::is_contained(result, *known))
      return fail("names axis " + Twine(axis) + " more than once");
    result.push_back(*known);
  }
  llvm::sort(result);
  return result;
}

/// The type of an element in memory; null for the types of constants only.
static Type getStorageType(OpBuilder &builder, ElementType type) {
  switch (type) {
  case ElementType::F32:
    return builder.getF32Type();
  case ElementType::Bool:
  case ElementType::I8:
  case ElementType::U8:
  case ElementType::I16:
  case ElementType::U16:
  case ElementType::I32:
  case ElementType::U32:
  case ElementType::I64:
  case ElementType::U64:
    return builder.getIntegerType(getStorageBytes(type) * 8);
  default:
    return nullptr;
  }
}

LogicalResult ModelOpBuilder::grant(int64_t bytes) {
  constexpr int64_t most = int64_t(1) << 36;
  granted += bytes;
  if (granted > most)
    return fail("has more external data than any memory; the file is damaged "
                "or hostile");
  budget += kBudgetPerByte * bytes;
  return success();
}

FailureOr<RankedTensorType> ModelOpBuilder::getType(ArrayRef<int64_t> shape,
                                                    ElementType type) {
  Type element = getStorageType(builder, type);
  if (!element)
    return fail("computes in " + toString(type) +
                ", which is not supported; convert the model to float32");
  if (llvm::any_of(shape, [](int64_t extent) { return extent < 1; }))
    return fail("requires tensors without empty dimensions, not " +
                toString(shape));
  if (!countElements(shape))
    return fail("has a tensor of " + toString(shape) +
                ", too large to address");
  return RankedTensorType::get(shape, element);
}

/// The type of `value` with another shape.
FailureOr<RankedTensorType>
ModelOpBuilder::getTypeLike(Value value, ArrayRef<int64_t> shape) {
  FailureOr<RankedTensorType> type = getType(shape);
  if (failed(type))
    return failure();
  return type->clone(getElementTypeOrSelf(value.getType()));
}

std::string mlir::compress::quoted(StringRef text) {
  constexpr size_t limit = 120;
  std::string result;
  llvm::raw_string_ostream os(result);
  os << '"';
  llvm::printEscapedString(text.take_front(limit), os);
  os << (text.size() > limit ? "...\"" : "\"");
  return result;
}

std::string mlir::compress::toString(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[' << llvm::interleaved(shape) << ']';
  return text;
}

std::optional<SmallVector<int64_t>>
mlir::compress::broadcastShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  SmallVector<int64_t> result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1)
      return std::nullopt;
    result[result.size() - 1 - i] = left == 1 ? right : left;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// A name that prints without quotes and escapes.
static std::string getResourceName(StringRef name) {
  std::string result;
  for (char c : name.take_back(64))
    result.push_back(llvm::isAlnum(c) || c == '.' ? c : '_');
  if (result.empty() || !llvm::isAlpha(result.front()))
    result.insert(0, "cst_");
  return result;
}

Value ModelOpBuilder::createConstant(const ConstantTensor &data,
                                     Type elementType) {
  auto type = RankedTensorType::get(data.getShape(), elementType);
  StringRef bytes = data.getBytes();
  ArrayRef<char> raw(bytes.data(), bytes.size());
  TypedAttr attr;
  if (static_cast<int64_t>(bytes.size()) > kResourceBytes) {
    // The blob refers to the importer's bytes and keeps them alive.
    AsmResourceBlob blob(
        raw, getStorageBytes(data.getType()),
        [storage = data.getStorage()](void *, size_t, size_t) mutable {
          storage.reset();
        },
        /*dataIsMutable=*/false);
    attr = DenseResourceElementsAttr::get(type, getResourceName(data.getName()),
                                          std::move(blob));
  } else {
    attr = DenseElementsAttr::getFromRawBuffer(type, raw);
  }
  return arith::ConstantOp::create(builder, loc, attr);
}

FailureOr<Value> ModelOpBuilder::materialize(const Tensor &tensor) {
  if (tensor.type != ElementType::F32)
    return fail("requires float32 operands, not " + toString(tensor.type) +
                (tensor.isCodes() ? " codes; dequantize them first" : ""));
  if (tensor.value)
    return tensor.value;
  return materializeConstant(tensor);
}

FailureOr<Value> ModelOpBuilder::materializeAny(const Tensor &tensor) {
  if (!tensor.isCodes())
    return tensor.value ? FailureOr<Value>(tensor.value)
                        : materializeConstant(tensor);
  FailureOr<Tensor> integers = toIntegers(tensor);
  if (failed(integers))
    return failure();
  return integers->value;
}

/// Written once, where it is used first: before all later uses.
FailureOr<Value> ModelOpBuilder::materializeConstant(const Tensor &tensor) {
  FailureOr<RankedTensorType> type = getType(tensor.shape, tensor.type);
  if (failed(type))
    return failure();
  SmallVector<Written, 1> &known = written[tensor.constant.get()];
  for (const Written &entry : known)
    if (entry.quant == tensor.quant ||
        (entry.quant && tensor.quant && *entry.quant == *tensor.quant))
      return entry.value;
  Value value;
  if (tensor.quant) {
    FailureOr<Value> dequantized = dequantizeConstant(tensor);
    if (failed(dequantized))
      return failure();
    value = *dequantized;
  } else {
    value = createConstant(*tensor.constant, type->getElementType());
  }
  constexpr size_t maxEntries = 8; // a hostile file could make many
  if (known.size() < maxEntries)
    known.push_back({tensor.constant, tensor.quant, value});
  return value;
}

Value ModelOpBuilder::createScalar(float value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}

Value ModelOpBuilder::createScalar(double value, Type type) {
  if (isa<FloatType>(type))
    return createScalar(static_cast<float>(value));
  // From the bounds of i64 on no double is an integer of that type.
  value = std::isnan(value) ? 0 : value;
  auto whole = static_cast<int64_t>(std::clamp(value, -0x1p63, 0x1p63 - 1024));
  APInt bits(type.getIntOrFloatBitWidth(), whole, /*isSigned=*/true,
             /*implicitTrunc=*/true);
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(type, bits));
}

Value ModelOpBuilder::createEmpty(RankedTensorType type) {
  return tensor::EmptyOp::create(builder, loc, type.getShape(),
                                 type.getElementType());
}

Value ModelOpBuilder::createFilled(RankedTensorType type, float value) {
  return linalg::FillOp::create(builder, loc, createScalar(value),
                                createEmpty(type))
      .getResult(0);
}

Value ModelOpBuilder::generic(ValueRange inputs, Value init,
                              ArrayRef<AffineMap> maps,
                              ArrayRef<int64_t> reducedDims, ScalarBody body) {
  SmallVector<utils::IteratorType> iterators(maps.back().getNumDims(),
                                             utils::IteratorType::parallel);
  for (int64_t dim : reducedDims)
    iterators[dim] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             builder, loc, TypeRange(init.getType()), inputs, init, maps,
             iterators,
             [&](OpBuilder &b, Location l, ValueRange elements) {
               linalg::YieldOp::create(b, l, body(b, l, elements));
             })
      .getResult(0);
}
