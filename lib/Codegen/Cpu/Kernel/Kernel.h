//===- Kernel.h - a kernel as loops and strides -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What a kernel computes, described by loops and by how far every operand moves
// in memory with each of them. Convolutions of any layout, products, pools and
// elementwise ops then look alike; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_KERNEL_H
#define LIB_CODEGEN_CPU_KERNEL_KERNEL_H

#include "KernelGroup.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <optional>

namespace mlir::compress {

/// How a stage reads or writes one operand.
struct Access {
  enum class Kind {
    Memory,      // element `offset + sum(iv * stride)` of the buffer
    Scalar,      // the operand itself
    Accumulator, // the value that the root's reduction carries
  };
  Kind kind = Kind::Memory;
  Value value;
  int64_t offset = 0;
  SmallVector<int64_t> strides; // in elements, one for each loop of the kernel

  bool isMemory() const { return kind == Kind::Memory; }
  Type getElementType() const {
    return cast<MemRefType>(value.getType()).getElementType();
  }
};

/// One linalg op of a kernel, and an access for each of its operands.
struct Stage {
  linalg::LinalgOp op;
  SmallVector<Access> operands;

  explicit operator bool() const { return static_cast<bool>(op); }
  Access &getOut() { return operands.back(); }
  const Access &getOut() const { return operands.back(); }
};

struct KernelLoop {
  int64_t extent;
  bool reduction;
};

struct Kernel {
  SmallVector<KernelLoop> loops; // parallel ones first, then reductions
  Stage initial, root, epilogue; // the first and the last may be absent

  const Access &getOut() const {
    return epilogue ? epilogue.getOut() : root.getOut();
  }
  bool hasReduction() const { return !loops.empty() && loops.back().reduction; }
  /// Whether accumulators start from what the output buffer holds.
  bool readsOut() const;
  /// Calls fn for every access to memory; the output comes last.
  void forEachAccess(function_ref<void(Access &)> fn);
  void forEachAccess(function_ref<void(const Access &)> fn) const;
  /// The product of all extents.
  int64_t getWork() const;
};

/// Describes the ops of `group`, which work on buffers of static shape.
/// Loops of one iteration are dropped. Fails for ops that are not described by
/// loops and strides.
FailureOr<Kernel> analyzeKernel(const KernelGroup &group);

/// Makes one loop of two neighbours of the same kind where no access but those
/// to `ignored` can tell. Returns, for every loop, the offsets of its
/// iterations in `ignored`, which may be null.
SmallVector<SmallVector<int64_t>> collapseLoops(Kernel &kernel,
                                                Access *ignored = nullptr);

/// Whether `buffer` is a constant of the module.
memref::GlobalOp getConstantGlobal(Value buffer);

/// The parallel loop whose iterations can be the lanes of vectors: the output
/// is contiguous along it and every other operand is contiguous, constant data
/// that can be rearranged, or the same for all lanes.
std::optional<unsigned> findLaneLoop(const Kernel &kernel);

/// Whether all bodies of `kernel` can be computed on vectors.
bool hasVectorBodies(const Kernel &kernel);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_KERNEL_H
