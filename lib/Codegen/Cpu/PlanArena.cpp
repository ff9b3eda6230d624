//===- PlanArena.cpp - one arena for all buffers -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "EntryFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PLANARENAPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static constexpr int64_t kAlignment = 64;

namespace {
struct Buffer {
  memref::AllocOp alloc;
  int64_t bytes = 0;
  int64_t begin = 0, end = 0; // first and last use, as positions in the block
  int64_t offset = 0;

  bool livesWith(const Buffer &other) const {
    return begin <= other.end && other.begin <= end;
  }
};
} // namespace

/// The bytes of a buffer; failure where they are not known or not whole.
static FailureOr<int64_t> getBytes(MemRefType type) {
  Type element = type.getElementType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      !element.isIntOrFloat())
    return failure();
  // As LLVM stores them: i1 takes a byte, i24 four.
  int64_t width =
      llvm::divideCeil(llvm::PowerOf2Ceil(element.getIntOrFloatBitWidth()), 8);
  return type.getNumElements() * width;
}

/// Extends the life of `buffer` over all uses of `value` and of its views.
static void followUses(Buffer &buffer, Value value, Block &block,
                       const DenseMap<Operation *, int64_t> &positions) {
  for (Operation *user : value.getUsers()) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(user)) {
      followUses(buffer, view->getResult(0), block, positions);
      continue;
    }
    int64_t at = positions.lookup(block.findAncestorOpInBlock(*user));
    buffer.begin = std::min(buffer.begin, at);
    buffer.end = std::max(buffer.end, at);
  }
}

/// The lowest offset at which `buffer` meets none of those already placed that
/// live at the same time.
static int64_t findOffset(const Buffer &buffer, ArrayRef<Buffer *> placed) {
  int64_t offset = 0;
  for (const Buffer *other : placed) { // by ascending offset
    if (!buffer.livesWith(*other))
      continue;
    if (offset + buffer.bytes <= other->offset)
      break;
    offset = std::max(offset, static_cast<int64_t>(llvm::alignTo(
                                  other->offset + other->bytes, kAlignment)));
  }
  return offset;
}

namespace {
struct PlanArena : public mlir::compress::impl::PlanArenaPassBase<PlanArena> {
  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntryFunction(getOperation());
    if (failed(entry))
      return signalPassFailure();
    Block &block = entry->getBody().front();
    WalkResult stray = getOperation().walk([&](memref::AllocOp alloc) {
      if (alloc->getBlock() == &block)
        return WalkResult::advance();
      alloc.emitError("requires allocations in the block of the public "
                      "function only");
      return WalkResult::interrupt();
    });
    if (stray.wasInterrupted())
      return signalPassFailure();

    DenseMap<Operation *, int64_t> positions;
    for (Operation &op : block)
      positions[&op] = positions.size();
    std::vector<Buffer> buffers;
    for (auto alloc : block.getOps<memref::AllocOp>()) {
      FailureOr<int64_t> bytes = getBytes(alloc.getType());
      if (failed(bytes)) {
        alloc.emitError("requires an allocation of static shape and identity "
                        "layout");
        return signalPassFailure();
      }
      Buffer buffer{alloc, *bytes, static_cast<int64_t>(positions.size()), -1,
                    0};
      followUses(buffer, alloc, block, positions);
      buffers.push_back(buffer);
    }
    place(buffers);
    rewrite(*entry, buffers);
  }

  /// In each of several orders, of which the best stays. Large buffers first:
  /// small ones then fit into the gaps; those that live long first; as they
  /// come.
  void place(std::vector<Buffer> &buffers) {
    using Order = bool (*)(const Buffer *, const Buffer *);
    const Order orders[] = {
        [](const Buffer *a, const Buffer *b) { return a->bytes > b->bytes; },
        [](const Buffer *a, const Buffer *b) {
          return a->end - a->begin > b->end - b->begin;
        },
        [](const Buffer *a, const Buffer *b) { return a->begin < b->begin; }};
    std::vector<Buffer> best;
    for (Order order : orders) {
      placeInOrder(buffers, order);
      if (best.empty() || countBytes(buffers) < countBytes(best))
        best = buffers;
    }
    buffers = best;
    numBuffers += buffers.size();
  }

  static void placeInOrder(std::vector<Buffer> &buffers,
                           bool (*order)(const Buffer *, const Buffer *)) {
    SmallVector<Buffer *> sorted, placed;
    for (Buffer &buffer : buffers)
      sorted.push_back(&buffer);
    llvm::stable_sort(sorted, order);
    for (Buffer *buffer : sorted) {
      buffer->offset = findOffset(*buffer, placed);
      auto *at = llvm::upper_bound(placed, buffer,
                                   [](const Buffer *a, const Buffer *b) {
                                     return a->offset < b->offset;
                                   });
      placed.insert(at, buffer);
    }
  }

  static int64_t countBytes(ArrayRef<Buffer> buffers) {
    int64_t bytes = 0;
    for (const Buffer &buffer : buffers)
      bytes = std::max(bytes, buffer.offset + buffer.bytes);
    return bytes;
  }

  /// The most bytes that live at a time: no arena is smaller.
  static int64_t countLive(ArrayRef<Buffer> buffers) {
    int64_t most = 0;
    for (const Buffer &buffer : buffers) {
      int64_t bytes = 0; // where this one begins
      for (const Buffer &other : buffers)
        if (other.begin <= buffer.begin && buffer.begin <= other.end)
          bytes += other.bytes;
      most = std::max(most, bytes);
    }
    return most;
  }

  void rewrite(func::FuncOp entry, ArrayRef<Buffer> buffers) {
    int64_t bytes = countBytes(buffers);
    int64_t live = countLive(buffers);
    numBytes += bytes;
    numLiveBytes += live;
    OpBuilder b(&getContext());
    auto arenaType = MemRefType::get({bytes}, b.getI8Type());
    Block &block = entry.getBody().front();
    Value arena = block.addArgument(arenaType, entry.getLoc());
    SmallVector<Type> types(entry.getArgumentTypes());
    types.push_back(arenaType);
    SmallVector<DictionaryAttr> attrs;
    for (unsigned i = 0; i + 1 < types.size(); ++i)
      attrs.push_back(entry.getArgAttrDict(i));
    attrs.push_back(b.getDictionaryAttr(
        b.getNamedAttr(kLiveBytesAttr, b.getI64IntegerAttr(live))));
    entry.setFunctionType(
        FunctionType::get(&getContext(), types, entry.getResultTypes()));
    entry.setAllArgAttrs(attrs);
    for (const Buffer &buffer : buffers) {
      memref::AllocOp alloc = buffer.alloc;
      b.setInsertionPoint(alloc);
      Value offset =
          arith::ConstantIndexOp::create(b, alloc.getLoc(), buffer.offset);
      Value view = memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(),
                                          arena, offset, ValueRange{});
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    }
  }
};
} // namespace
