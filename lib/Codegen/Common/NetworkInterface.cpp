//===- NetworkInterface.cpp - inputs and outputs of a network -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/NetworkInterface.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Runtime/Abi.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

/// The most dimensions that compress_tensor_info has room for.
static constexpr int64_t kMaxRank = 8;

static std::optional<int32_t> dtypeOf(Type element) {
  if (element.isF32())
    return COMPRESS_F32;
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return COMPRESS_BOOL;
  case 8:
    return isUnsigned ? COMPRESS_U8 : COMPRESS_I8;
  case 16:
    return isUnsigned ? COMPRESS_U16 : COMPRESS_I16;
  case 32:
    return isUnsigned ? COMPRESS_U32 : COMPRESS_I32;
  case 64:
    return isUnsigned ? COMPRESS_U64 : COMPRESS_I64;
  default:
    return std::nullopt;
  }
}

/// The element type that argument `index` shows outside; null after an error.
static Type getOuterType(func::FuncOp func, unsigned index, Type stored) {
  auto attr = func.getArgAttrOfType<TypeAttr>(index, kElementTypeAttr);
  if (!attr)
    return stored;
  auto outer = dyn_cast<IntegerType>(attr.getValue());
  unsigned width = !outer ? 0 : outer.getWidth() == 1 ? 8 : outer.getWidth();
  if (stored.isSignlessInteger(width))
    return outer;
  func.emitError("argument ")
      << index << " has the '" << kElementTypeAttr << "' " << attr.getValue()
      << ", which is not an integer type as large as " << stored;
  return nullptr;
}

StringRef compress::dtypeName(int32_t dtype) {
  switch (dtype) {
  case COMPRESS_F32:
    return "f32";
  case COMPRESS_I8:
    return "i8";
  case COMPRESS_U8:
    return "u8";
  case COMPRESS_I16:
    return "i16";
  case COMPRESS_I32:
    return "i32";
  case COMPRESS_I64:
    return "i64";
  case COMPRESS_BOOL:
    return "bool";
  case COMPRESS_U16:
    return "u16";
  case COMPRESS_U32:
    return "u32";
  case COMPRESS_U64:
    return "u64";
  default:
    llvm_unreachable("no type of the interface");
  }
}

static int64_t bytesOf(MemRefType type) {
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// Argument `index` of the network's function.
static LogicalResult readTensor(func::FuncOp func, unsigned index,
                                StringRef what, unsigned number,
                                BorderTensor &tensor) {
  auto type = dyn_cast<MemRefType>(func.getArgumentTypes()[index]);
  if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity())
    return func.emitError("argument ")
           << index << " must be a memref of static shape and identity layout";
  Type element = getOuterType(func, index, type.getElementType());
  if (!element)
    return failure();
  std::optional<int32_t> dtype = dtypeOf(element);
  if (!dtype)
    return func.emitError("the ")
           << what << " " << number << " has elements of type " << element
           << ", for which the C interface has no type; convert it to f32 or "
              "an integer type in the model";
  if (type.getRank() > kMaxRank)
    return func.emitError("the ")
           << what << " " << number << " has " << type.getRank()
           << " dimensions, the C interface takes at most " << kMaxRank
           << "; reshape it in the model";
  tensor.dtype = *dtype;
  tensor.dims.assign(type.getShape().begin(), type.getShape().end());
  tensor.bytes = bytesOf(type);
  auto name = func.getArgAttrOfType<StringAttr>(index, kNameAttr);
  tensor.name = name && !name.getValue().empty()
                    ? name.getValue().split('\0').first.str()
                    : (what + std::to_string(number)).str();
  auto quantType = func.getArgAttrOfType<TypeAttr>(index, kTypeAttr);
  if (!quantType)
    return success();
  auto quantized = dyn_cast<quant::UniformQuantizedType>(quantType.getValue());
  if (!quantized)
    return func.emitError("argument ")
           << index << " has the '" << kTypeAttr << "' " << quantType.getValue()
           << ", not a per-tensor !quant.uniform type";
  // A border that was left in f32 has the type for information only.
  if (tensor.dtype == COMPRESS_F32)
    return success();
  tensor.quantized = true;
  tensor.scale = static_cast<float>(quantized.getScale());
  tensor.zeroPoint = static_cast<int32_t>(quantized.getZeroPoint());
  return success();
}

FailureOr<NetworkInterface> compress::readNetworkInterface(ModuleOp module) {
  FailureOr<func::FuncOp> found = findNetworkFunction(module);
  if (failed(found))
    return failure();
  func::FuncOp func = *found;
  auto numInputs = func->getAttrOfType<IntegerAttr>(kNumInputsAttr);
  if (!numInputs || numInputs.getInt() < 0 ||
      numInputs.getInt() + 1 > func.getNumArguments() ||
      func.getNumResults() != 0) {
    func.emitError("is not in the code form: it must have arguments for "
                   "inputs, outputs and the arena, no results, and '")
        << kNumInputsAttr << "'";
    return failure();
  }

  NetworkInterface network;
  unsigned arena = func.getNumArguments() - 1;
  for (unsigned i = 0; i < arena; ++i) {
    bool isInput = i < numInputs.getInt();
    SmallVector<BorderTensor> &tensors =
        isInput ? network.inputs : network.outputs;
    unsigned number = tensors.size();
    if (failed(readTensor(func, i, isInput ? "input" : "output", number,
                          tensors.emplace_back())))
      return failure();
  }
  auto arenaType = dyn_cast<MemRefType>(func.getArgumentTypes()[arena]);
  if (!arenaType || arenaType.getRank() != 1 || !arenaType.hasStaticShape() ||
      !arenaType.getElementType().isInteger(8)) {
    func.emitError(
        "the last argument must be the arena, a static memref<Nxi8>");
    return failure();
  }
  network.arenaBytes = arenaType.getNumElements();
  auto live = func.getArgAttrOfType<IntegerAttr>(arena, kLiveBytesAttr);
  network.liveBytes = live ? live.getInt() : network.arenaBytes;
  for (auto global : module.getOps<memref::GlobalOp>())
    network.constantBytes += bytesOf(global.getType());
  return network;
}
