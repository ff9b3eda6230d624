//===- AbiGlobals.cpp - the description of a network as data --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AbiGlobals.h"
#include "Compress/Runtime/Abi.h"
#include <cstddef>

using namespace mlir;
using namespace mlir::compress;

// The fields are written one after the other below, with the padding that LLVM
// gives them: that of C.
static_assert(COMPRESS_ABI_VERSION == 1 && sizeof(compress_tensor_info) == 48 &&
                  offsetof(compress_tensor_info, zero_point) == 40 &&
                  sizeof(compress_model_info) == 64 &&
                  offsetof(compress_model_info, producer) == 56,
              "the interface has changed; write its new fields here");
static_assert(sizeof(compress_profile_op) == 40 &&
                  sizeof(compress_profile) == 24,
              "the profile has changed; write its new fields here");

namespace {

class GlobalsBuilder {
public:
  GlobalsBuilder(OpBuilder &b, Location loc, SymbolTable &symbols,
                 StringRef prefix)
      : b(b), loc(loc), symbols(symbols), prefix(prefix),
        ptr(LLVM::LLVMPointerType::get(b.getContext())), i8(b.getI8Type()),
        i32(b.getI32Type()), i64(b.getI64Type()) {
    tensorType = LLVM::LLVMStructType::getLiteral(
        b.getContext(), {ptr, i32, i32, ptr, i64, i32, b.getF32Type(), i32});
    modelType = LLVM::LLVMStructType::getLiteral(
        b.getContext(), {i32, i32, i32, i32, ptr, ptr, i64, i64, ptr, ptr});
  }

  LLVM::GlobalOp buildModel(const NetworkInterface &network,
                            const CompilationInfo &info) {
    LLVM::GlobalOp inputs = buildTensors("inputs", network.inputs);
    LLVM::GlobalOp outputs = buildTensors("outputs", network.outputs);
    LLVM::GlobalOp target = buildString("target", info.target);
    LLVM::GlobalOp producer = buildString("producer", info.producer);
    return build("model", modelType, [&] {
      return fill(modelType,
                  {constant(i32, COMPRESS_ABI_VERSION),
                   constant(i32, network.inputs.size()),
                   constant(i32, network.outputs.size()),
                   constant(i32, info.maxThreads), address(inputs),
                   address(outputs), constant(i64, network.arenaBytes),
                   constant(i64, network.constantBytes), address(target),
                   address(producer)});
    });
  }

  LLVM::GlobalOp buildProfile(ArrayAttr profile, LLVM::GlobalOp ticks) {
    auto opType = LLVM::LLVMStructType::getLiteral(b.getContext(),
                                                   {ptr, ptr, ptr, i64, i64});
    auto listType = LLVM::LLVMArrayType::get(opType, profile.size());
    SmallVector<LLVM::GlobalOp> strings;
    for (auto op : profile.getAsRange<DictionaryAttr>())
      for (StringRef field : {"kernel", "source", "element"})
        strings.push_back(
            buildString(field, op.getAs<StringAttr>(field).getValue()));
    LLVM::GlobalOp ops = build("profile_ops", listType, [&] {
      SmallVector<Value> elements;
      for (auto [i, op] : llvm::enumerate(profile.getAsRange<DictionaryAttr>()))
        elements.push_back(fill(
            opType, {address(strings[3 * i]), address(strings[3 * i + 1]),
                     address(strings[3 * i + 2]),
                     constant(i64, op.getAs<IntegerAttr>("macs").getInt()),
                     constant(i64, op.getAs<IntegerAttr>("bytes").getInt())}));
      return fill(listType, elements);
    });
    auto type =
        LLVM::LLVMStructType::getLiteral(b.getContext(), {i64, ptr, ptr});
    return build("profile_model", type, [&] {
      return fill(
          type, {constant(i64, profile.size()), address(ops), address(ticks)});
    });
  }

private:
  LLVM::GlobalOp create(StringRef name, Type type, Attribute value) {
    auto global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true,
                                         LLVM::Linkage::Internal,
                                         (prefix + "_" + name).str(), value);
    symbols.insert(global);
    return global;
  }

  /// A global whose value is computed by ops.
  LLVM::GlobalOp build(StringRef name, Type type, function_ref<Value()> value) {
    LLVM::GlobalOp global = create(name, type, Attribute());
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&global.getInitializerRegion());
    LLVM::ReturnOp::create(b, loc, value());
    return global;
  }

  LLVM::GlobalOp buildString(StringRef name, StringRef text) {
    std::string withEnd = text.str() + '\0';
    return create(name, LLVM::LLVMArrayType::get(i8, withEnd.size()),
                  b.getStringAttr(withEnd));
  }

  LLVM::GlobalOp buildTensors(StringRef name, ArrayRef<BorderTensor> tensors) {
    SmallVector<LLVM::GlobalOp> names, dims;
    for (const BorderTensor &tensor : tensors) {
      names.push_back(buildString("name", tensor.name));
      dims.push_back(create(
          "dims", LLVM::LLVMArrayType::get(i64, tensor.dims.size()),
          DenseElementsAttr::get(RankedTensorType::get(tensor.dims.size(), i64),
                                 ArrayRef<int64_t>(tensor.dims))));
    }
    auto type = LLVM::LLVMArrayType::get(tensorType, tensors.size());
    return build(name, type, [&] {
      SmallVector<Value> elements;
      for (auto [i, tensor] : llvm::enumerate(tensors))
        elements.push_back(
            fill(tensorType,
                 {address(names[i]), constant(i32, tensor.dtype),
                  constant(i32, tensor.dims.size()), address(dims[i]),
                  constant(i64, tensor.bytes), constant(i32, tensor.quantized),
                  LLVM::ConstantOp::create(b, loc, b.getF32Type(),
                                           b.getF32FloatAttr(tensor.scale)),
                  constant(i32, tensor.zeroPoint)}));
      return fill(type, elements);
    });
  }

  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(b, loc, type,
                                    b.getIntegerAttr(type, value));
  }
  Value address(LLVM::GlobalOp global) {
    return LLVM::AddressOfOp::create(b, loc, global);
  }
  /// A struct or array with these elements.
  Value fill(Type type, ArrayRef<Value> elements) {
    Value result = LLVM::PoisonOp::create(b, loc, type);
    for (auto [i, element] : llvm::enumerate(elements))
      result = LLVM::InsertValueOp::create(b, loc, result, element, i);
    return result;
  }

  OpBuilder &b;
  Location loc;
  SymbolTable &symbols;
  StringRef prefix;
  Type ptr, i8, i32, i64;
  LLVM::LLVMStructType tensorType, modelType;
};

} // namespace

LLVM::GlobalOp compress::buildModelInfo(OpBuilder &b, Location loc,
                                        SymbolTable &symbols, StringRef prefix,
                                        const NetworkInterface &network,
                                        const CompilationInfo &info) {
  return GlobalsBuilder(b, loc, symbols, prefix).buildModel(network, info);
}

LLVM::GlobalOp compress::buildProfile(OpBuilder &b, Location loc,
                                      SymbolTable &symbols, StringRef prefix,
                                      ArrayAttr profile, LLVM::GlobalOp ticks) {
  return GlobalsBuilder(b, loc, symbols, prefix).buildProfile(profile, ticks);
}
