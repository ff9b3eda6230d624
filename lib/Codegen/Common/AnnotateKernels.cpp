//===- AnnotateKernels.cpp - what is true of kernels' arguments -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/NetworkInterface.h"
#include "Compress/Codegen/Common/Passes.h"
#include "Compress/Runtime/Abi.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_ANNOTATEKERNELSPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Where a memref lies.
struct Memory {
  enum class Kind : uint8_t {
    Unknown,  ///< anywhere
    Constant, ///< a global that is never written
    Own,      ///< overlaps nothing that has another base
  };
  Kind kind = Kind::Unknown;
  Attribute global;  ///< the base: a global,
  Value value;       ///< or a value
  int64_t shift = 0; ///< bytes from the base to the memref's pointer
  int64_t begin = 0, end = INT64_MAX; ///< bytes from the base that it covers
  uint64_t alignment = 1;             ///< of the memref's pointer

  bool disjoint(const Memory &other) const {
    if (kind == Kind::Constant && other.kind == Kind::Constant)
      return true; // Or the same, which does no harm.
    if (global == other.global && value == other.value)
      return end <= other.begin || other.end <= begin;
    return (kind != Kind::Unknown && other.kind != Kind::Unknown) ||
           kind == Kind::Own || other.kind == Kind::Own;
  }
};

struct AnnotateKernels
    : public mlir::compress::impl::AnnotateKernelsPassBase<AnnotateKernels> {
  void runOnOperation() override;

private:
  Memory baseOf(BlockArgument argument);
  Memory baseOf(Value value);
  Memory memoryOf(Value value);
  void alignGlobals();
  void annotate(func::FuncOp kernel, ArrayRef<func::CallOp> calls);

  SymbolTable *symbols = nullptr;
};

} // namespace

/// The bytes that a memref covers, counted from its pointer.
static std::optional<std::pair<int64_t, int64_t>> extentOf(MemRefType type) {
  int64_t offset;
  SmallVector<int64_t> strides;
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset))
    return std::nullopt;
  int64_t last = offset;
  for (auto [stride, dim] : llvm::zip(strides, type.getShape())) {
    if (ShapedType::isDynamic(stride) || stride < 0)
      return std::nullopt;
    if (dim == 0)
      return std::make_pair<int64_t, int64_t>(0, 0);
    last += (dim - 1) * stride;
  }
  int64_t bytes =
      llvm::divideCeil(llvm::PowerOf2Ceil(type.getElementTypeBitWidth()), 8);
  return std::make_pair(offset * bytes, (last + 1) * bytes);
}

Memory AnnotateKernels::baseOf(BlockArgument argument) {
  Memory memory;
  memory.value = argument;
  auto func = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  if (!func || !argument.getOwner()->isEntryBlock())
    return memory;
  unsigned index = argument.getArgNumber();
  if (func.isPublic()) {
    memory.kind = Memory::Kind::Own; // So the interface demands.
    if (func->hasAttr(kNumInputsAttr) && index + 1 == func.getNumArguments())
      memory.alignment = COMPRESS_ARENA_ALIGNMENT;
    return memory;
  }
  if (func.getArgAttr(index, LLVM::LLVMDialect::getNoAliasAttrName()))
    memory.kind = Memory::Kind::Own;
  if (auto align = func.getArgAttrOfType<IntegerAttr>(
          index, LLVM::LLVMDialect::getAlignAttrName()))
    memory.alignment = align.getInt();
  return memory;
}

/// The memory of which `value` is a view; its extent is not set.
Memory AnnotateKernels::baseOf(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return baseOf(argument);
  Operation *op = value.getDefiningOp();
  if (auto view = dyn_cast<memref::ViewOp>(op)) {
    Memory memory = baseOf(view.getSource());
    std::optional<int64_t> shift = getConstantIntValue(view.getByteShift());
    if (!shift)
      return {};
    memory.shift += *shift;
    memory.alignment = llvm::MinAlign(memory.alignment, *shift);
    return memory;
  }
  // The pointer stays the same; the layout has the offset.
  if (auto view = dyn_cast<ViewLikeOpInterface>(op))
    return baseOf(view.getViewSource());
  Memory memory;
  if (auto get = dyn_cast<memref::GetGlobalOp>(op)) {
    memory.global = get.getNameAttr();
    auto global = symbols->lookup<memref::GlobalOp>(get.getName());
    if (!global)
      return {};
    if (global.getConstant())
      memory.kind = Memory::Kind::Constant;
    memory.alignment = global.getAlignment().value_or(1);
  } else if (isa<memref::AllocaOp>(op)) {
    memory.value = value;
    memory.kind = Memory::Kind::Own;
    memory.alignment = cast<memref::AllocaOp>(op).getAlignment().value_or(1);
  }
  return memory;
}

Memory AnnotateKernels::memoryOf(Value value) {
  Memory memory = baseOf(value);
  auto extent = extentOf(cast<MemRefType>(value.getType()));
  memory.begin = extent ? memory.shift + extent->first : 0;
  memory.end = extent ? memory.shift + extent->second : INT64_MAX;
  return memory;
}

void AnnotateKernels::alignGlobals() {
  for (auto global : getOperation().getOps<memref::GlobalOp>()) {
    auto extent = extentOf(global.getType());
    if (!global.getAlignment() && extent &&
        extent->second >= COMPRESS_ARENA_ALIGNMENT)
      global.setAlignment(COMPRESS_ARENA_ALIGNMENT);
  }
}

void AnnotateKernels::annotate(func::FuncOp kernel,
                               ArrayRef<func::CallOp> calls) {
  SmallVector<unsigned> pointers;
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes()))
    if (isa<MemRefType>(type))
      pointers.push_back(index);
  llvm::SmallBitVector overlaps(kernel.getNumArguments());
  SmallVector<uint64_t> alignments(kernel.getNumArguments(),
                                   COMPRESS_ARENA_ALIGNMENT);
  for (func::CallOp call : calls) {
    SmallVector<Memory> memories;
    for (unsigned index : pointers)
      memories.push_back(memoryOf(call.getOperand(index)));
    for (auto [i, index] : llvm::enumerate(pointers)) {
      alignments[index] = std::min(alignments[index], memories[i].alignment);
      for (size_t j = 0; j < i; ++j)
        if (!memories[i].disjoint(memories[j])) {
          overlaps.set(index);
          overlaps.set(pointers[j]);
        }
    }
  }
  Builder b(&getContext());
  for (unsigned index : pointers) {
    auto type = cast<MemRefType>(kernel.getArgumentTypes()[index]);
    if (!overlaps.test(index)) {
      kernel.setArgAttr(index, LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
      ++numNoAlias;
    }
    Type element = type.getElementType();
    uint64_t natural =
        element.isIntOrFloat() ? element.getIntOrFloatBitWidth() / 8 : 8;
    if (alignments[index] > natural) {
      kernel.setArgAttr(index, LLVM::LLVMDialect::getAlignAttrName(),
                        b.getI64IntegerAttr(alignments[index]));
      ++numAligned;
    }
  }
}

void AnnotateKernels::runOnOperation() {
  alignGlobals();
  SymbolTableCollection tables;
  symbols = &tables.getSymbolTable(getOperation());
  SymbolUserMap users(tables, getOperation());
  // Callers come first: what is known of their arguments is used.
  SmallVector<func::FuncOp> waiting;
  llvm::SmallPtrSet<Operation *, 32> done;
  for (auto func : getOperation().getOps<func::FuncOp>()) {
    if (func.isPrivate() && !func.isExternal())
      waiting.push_back(func);
    else
      done.insert(func);
  }
  for (bool progress = true; progress && !waiting.empty();) {
    progress = false;
    SmallVector<func::FuncOp> rest;
    for (func::FuncOp kernel : waiting) {
      SmallVector<func::CallOp> calls;
      bool known = true, ready = true;
      for (Operation *user : users.getUsers(kernel)) {
        auto call = dyn_cast<func::CallOp>(user);
        if (!call) {
          known = false;
          continue;
        }
        calls.push_back(call);
        ready &= done.contains(call->getParentOfType<func::FuncOp>());
      }
      if (!ready) {
        rest.push_back(kernel);
        continue;
      }
      if (known && !calls.empty())
        annotate(kernel, calls);
      done.insert(kernel);
      progress = true;
    }
    waiting = std::move(rest);
  }
}
