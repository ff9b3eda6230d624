//===- ModelBorder.cpp - inputs and outputs of a model --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ModelBorder.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"

using namespace mlir;
using namespace mlir::compress;

/// The types that inputs and outputs of a network have.
static bool isBorderType(ElementType type) {
  return type == ElementType::F32 || type == ElementType::Bool ||
         (isInteger(type) && getBitWidth(type) >= 8);
}

/// What kElementTypeAttr says of a type; null where the tensor's own does.
static Type getOuterType(MLIRContext *ctx, ElementType type) {
  if (type == ElementType::Bool)
    return IntegerType::get(ctx, 1);
  if (!isInteger(type) || isSignedInteger(type))
    return nullptr;
  return IntegerType::get(ctx, getBitWidth(type), IntegerType::Unsigned);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

static FailureOr<SmallVector<int64_t>>
getInputShape(ModelOpBuilder &b, const ModelInput &input,
              const ImportOptions &options) {
  std::string name = quoted(input.name);
  const SmallVector<int64_t> *given = nullptr;
  for (const auto &[inputName, shape] : options.inputShapes)
    if (inputName.empty() || inputName == input.name)
      given = &shape;
  if (!input.shape && !given)
    return b.fail("the input " + name + " has no shape; give one");
  if (input.shape && given && given->size() != input.shape->size())
    return b.fail("the input " + name + " has " + Twine(input.shape->size()) +
                  " dimensions, not " + toString(*given));
  if (given)
    return *given;
  SmallVector<int64_t> shape = *input.shape;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (!ShapedType::isDynamic(extent))
      continue;
    if (i > 0)
      return b.fail("the input " + name + " leaves dimension " + Twine(i) +
                    " open; give its shape");
    extent = options.batch;
  }
  return shape;
}

/// Fails where the constant for `input` has another type or shape.
static LogicalResult checkFrozen(ModelOpBuilder &b, const ModelInput &input,
                                 const ConstantTensor &constant) {
  if (input.type != constant.getType())
    return b.fail("the input " + quoted(input.name) + " has type " +
                  input.typeName + ", the constant for it " +
                  toString(constant.getType()));
  bool fits =
      !input.shape || int64_t(input.shape->size()) == constant.getRank();
  if (fits && input.shape)
    for (auto [wanted, extent] :
         llvm::zip_equal(*input.shape, constant.getShape()))
      fits &= ShapedType::isDynamic(wanted) || wanted == extent;
  if (fits)
    return success();
  return b.fail("the input " + quoted(input.name) +
                " has another shape than the constant for it, " +
                toString(constant.getShape()));
}

FailureOr<func::FuncOp> mlir::compress::createModelFunction(
    ModelOpBuilder &b, ArrayRef<ModelInput> inputs,
    const ImportOptions &options, llvm::StringMap<Tensor> &tensors) {
  MLIRContext *ctx = b.getContext();
  SmallVector<Type> types;
  SmallVector<ElementType> elementTypes;
  SmallVector<StringRef> names;
  for (const ModelInput &input : inputs) {
    const auto *frozen = llvm::find_if(options.frozenInputs, [&](auto &pair) {
      return pair.first == input.name;
    });
    if (frozen != options.frozenInputs.end()) {
      if (failed(checkFrozen(b, input, *frozen->second)))
        return failure();
      tensors[input.name] = Tensor::fromConstant(frozen->second);
      continue;
    }
    if (!input.type || !isBorderType(*input.type))
      return b.fail("the input " + quoted(input.name) + " has type " +
                    input.typeName +
                    ", which is not supported; export the model with float32 "
                    "inputs");
    FailureOr<SmallVector<int64_t>> shape = getInputShape(b, input, options);
    if (failed(shape))
      return failure();
    b.setSubject("the input " + quoted(input.name), b.getLoc());
    FailureOr<RankedTensorType> tensorType = b.getType(*shape, *input.type);
    b.setSubject("", b.getLoc());
    if (failed(tensorType))
      return failure();
    types.push_back(*tensorType);
    elementTypes.push_back(*input.type);
    names.push_back(input.name);
  }
  for (const auto &[name, constant] : options.frozenInputs)
    if (!tensors.contains(name))
      return b.fail("there is no input " + quoted(name) + " to freeze");
  for (const auto &[name, shape] : options.inputShapes)
    if (name.empty() ? names.size() != 1
                     : !llvm::is_contained(names, StringRef(name)))
      return b.fail(name.empty()
                        ? Twine("a shape without a name needs a model with "
                                "one input, this one has ") +
                              Twine(names.size())
                        : Twine("there is no input ") + quoted(name));

  auto func = func::FuncOp::create(b.ir(), b.getLoc(), "main",
                                   b.ir().getFunctionType(types, {}));
  Block *entry = b.ir().createBlock(&func.getBody());
  for (auto [i, name] : llvm::enumerate(names)) {
    Location loc = NameLoc::get(StringAttr::get(ctx, name));
    tensors[name] =
        Tensor::fromValue(entry->addArgument(types[i], loc), elementTypes[i]);
    func.setArgAttr(i, kNameAttr, StringAttr::get(ctx, name));
    if (Type outer = getOuterType(ctx, elementTypes[i]))
      func.setArgAttr(i, kElementTypeAttr, TypeAttr::get(outer));
  }
  return func;
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult mlir::compress::createModelReturn(
    ModelOpBuilder &b, func::FuncOp func,
    ArrayRef<std::pair<std::string, Tensor>> outputs) {
  MLIRContext *ctx = b.getContext();
  SmallVector<Value> values;
  for (const auto &[name, tensor] : outputs) {
    b.setSubject("the output " + quoted(name),
                 NameLoc::get(StringAttr::get(ctx, name)));
    if (!isBorderType(tensor.type))
      return b.fail("has type " + toString(tensor.type) +
                    ", which is not supported; export the model with float32 "
                    "outputs");
    FailureOr<Value> value = b.materializeAny(tensor);
    if (failed(value))
      return failure();
    values.push_back(*value);
  }
  func::ReturnOp::create(b.ir(), b.getLoc(), values);
  func.setFunctionType(b.ir().getFunctionType(func.getArgumentTypes(),
                                              ValueRange(values).getTypes()));
  for (auto [i, output] : llvm::enumerate(outputs)) {
    func.setResultAttr(i, kNameAttr, StringAttr::get(ctx, output.first));
    if (Type outer = getOuterType(ctx, output.second.type))
      func.setResultAttr(i, kElementTypeAttr, TypeAttr::get(outer));
  }
  return success();
}
