//===- ExpandLookup.cpp - compress.lookup by shuffles of bytes ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Isa/VectorBuilders.h"
#include "Isa/VectorTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDLOOKUPPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// A table by the bits of codes: entry i for the code whose bits are i.
using ByteTable = std::array<int8_t, 256>;

static Value buildBytes(OpBuilder &b, Location loc, ArrayRef<int8_t> bytes) {
  auto type =
      VectorType::get({static_cast<int64_t>(bytes.size())}, b.getI8Type());
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, bytes));
}

static Value buildSplat(OpBuilder &b, Location loc, int64_t count,
                        int8_t byte) {
  return buildBytes(b, loc, SmallVector<int8_t>(count, byte));
}

namespace {
/// How a target looks up a whole register of codes.
class ByteLookup {
public:
  static std::optional<ByteLookup> get(const llvm::StringSet<> &features) {
    if (features.contains("avx512vbmi"))
      return ByteLookup(64, /*hasPermute=*/true);
    if (features.contains("avx512bw"))
      return ByteLookup(64, /*hasPermute=*/false);
    if (features.contains("avx2"))
      return ByteLookup(32, /*hasPermute=*/false);
    if (features.contains("ssse3"))
      return ByteLookup(16, /*hasPermute=*/false);
    return std::nullopt;
  }

  /// `codes`, a vector of any number, in registers.
  Value build(OpBuilder &b, Location loc, Value codes,
              const ByteTable &table) const {
    int64_t count = cast<VectorType>(codes.getType()).getDimSize(0);
    if (count == bytes)
      return buildRegister(b, loc, codes, table);
    SmallVector<Value> parts;
    for (int64_t begin = 0; begin < count; begin += bytes) {
      SmallVector<int64_t> order(bytes, ShuffleOp::kPoisonIndex);
      for (int64_t i = 0; i < std::min(bytes, count - begin); ++i)
        order[i] = begin + i;
      Value part = ShuffleOp::create(b, loc, codes, codes, order);
      parts.push_back(buildRegister(b, loc, part, table));
    }
    // What is joined is a power of 2.
    while (!llvm::isPowerOf2_64(parts.size()))
      parts.push_back(parts.back());
    Value joined = buildConcatenated(b, loc, parts);
    if (cast<VectorType>(joined.getType()).getDimSize(0) == count)
      return joined;
    return vector::ExtractStridedSliceOp::create(
        b, loc, joined, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  }

private:
  using ShuffleOp = vector::ShuffleOp;

  ByteLookup(int64_t bytes, bool hasPermute)
      : bytes(bytes), hasPermute(hasPermute) {}

  Value buildRegister(OpBuilder &b, Location loc, Value codes,
                      const ByteTable &table) const {
    return hasPermute ? buildPermuted(b, loc, codes, table)
                      : buildShuffled(b, loc, codes, table);
  }

  /// vpermi2b takes bytes of two registers: once for each sign.
  Value buildPermuted(OpBuilder &b, Location loc, Value codes,
                      const ByteTable &table) const {
    auto half = [&](int64_t begin) {
      ArrayRef<int8_t> entries(table);
      return buildIntrinsic(
          b, loc, codes.getType(), "llvm.x86.avx512.vpermi2var.qi.512",
          {buildBytes(b, loc, entries.slice(begin, 64)), codes,
           buildBytes(b, loc, entries.slice(begin + 64, 64))});
    };
    Value isNegative = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::slt, codes, buildSplat(b, loc, bytes, 0));
    Value positive = half(0);
    return arith::SelectOp::create(b, loc, isNegative, half(128), positive);
  }

  /// pshufb takes bytes of 16 by the low four bits, and 0 where the highest bit
  /// is set: for each 16 entries the codes of others get that bit.
  Value buildShuffled(OpBuilder &b, Location loc, Value codes,
                      const ByteTable &table) const {
    StringRef name = bytes == 64   ? "llvm.x86.avx512.pshuf.b.512"
                     : bytes == 32 ? "llvm.x86.avx2.pshuf.b"
                                   : "llvm.x86.ssse3.pshuf.b.128";
    std::string add = "llvm.uadd.sat.v" + std::to_string(bytes) + "i8";
    Type type = codes.getType();
    Value result;
    for (int64_t begin = 0; begin < 256; begin += 16) {
      SmallVector<int8_t> entries;
      for (int64_t i = 0; i < bytes; ++i)
        entries.push_back(table[begin + i % 16]);
      Value index = codes;
      if (begin != 0)
        index = arith::XOrIOp::create(
            b, loc, codes,
            buildSplat(b, loc, bytes, static_cast<int8_t>(begin)));
      index = buildIntrinsic(b, loc, type, add,
                             {index, buildSplat(b, loc, bytes, 0x70)});
      Value found = buildIntrinsic(b, loc, type, name,
                                   {buildBytes(b, loc, entries), index});
      result = result ? arith::OrIOp::create(b, loc, result, found).getResult()
                      : found;
    }
    return result;
  }

  int64_t bytes; // in a register
  bool hasPermute;
};

struct ExpandLookup
    : public mlir::compress::impl::ExpandLookupPassBase<ExpandLookup> {
  using ExpandLookupPassBase::ExpandLookupPassBase;

  void runOnOperation() override {
    std::optional<ByteLookup> target = ByteLookup::get(parseFeatures(features));
    SymbolTable symbols(getOperation());
    globals.clear();
    SmallVector<LookupOp> ops;
    getOperation().walk([&](LookupOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (LookupOp op : ops) {
      if (isa<TensorType>(op.getType())) {
        op.emitError("requires scalars or vectors; write the op in the body of "
                     "a linalg.generic");
        return signalPassFailure();
      }
      rewriter.setInsertionPoint(op);
      expand(rewriter, op, target, symbols);
      ++numExpanded;
    }
  }

  /// Flips before and after a lookup go into the table.
  void expand(RewriterBase &rewriter, LookupOp op,
              const std::optional<ByteLookup> &target, SymbolTable &symbols) {
    Value codes = op.getCode();
    Operation *flip = nullptr;
    int64_t flipIn = 0;
    if (Value stored = matchFlipped(codes)) {
      flip = codes.getDefiningOp();
      codes = stored;
      flipIn = 128;
    }
    Operation *replaced = op;
    int8_t flipOut = 0;
    if (op->hasOneUse() && op->user_begin()->getNumResults() == 1 &&
        matchFlipped(op->user_begin()->getResult(0)) == op.getResult()) {
      replaced = *op->user_begin();
      flipOut = -128;
    }
    ByteTable table;
    for (int64_t bits = 0; bits < 256; ++bits)
      table[bits] = static_cast<int8_t>(
          op.getTable()[static_cast<int8_t>(bits ^ flipIn) + 128] ^ flipOut);
    Location loc = op.getLoc();
    auto type = dyn_cast<VectorType>(codes.getType());
    Value result = type && type.getRank() == 1 && target
                       ? target->build(rewriter, loc, codes, table)
                       : buildLoads(rewriter, loc, codes, table, symbols);
    rewriter.replaceOp(replaced, result);
    if (replaced != op)
      rewriter.eraseOp(op);
    if (flip && flip->use_empty())
      rewriter.eraseOp(flip);
  }

  /// A load for each code.
  Value buildLoads(OpBuilder &b, Location loc, Value codes,
                   const ByteTable &table, SymbolTable &symbols) {
    auto shape = MemRefType::get({256}, b.getI8Type());
    auto attr = DenseElementsAttr::get(
        RankedTensorType::get({256}, b.getI8Type()), ArrayRef<int8_t>(table));
    memref::GlobalOp &global = globals[attr];
    if (!global) {
      OpBuilder outside = OpBuilder::atBlockBegin(getOperation().getBody());
      global = memref::GlobalOp::create(
          outside, loc, "table", outside.getStringAttr("private"), shape, attr,
          /*constant=*/true, outside.getI64IntegerAttr(64));
      symbols.insert(global);
    }
    Value buffer =
        memref::GetGlobalOp::create(b, loc, shape, global.getSymName());
    auto load = [&](Value code) -> Value {
      Value index =
          arith::IndexCastUIOp::create(b, loc, b.getIndexType(), code);
      return memref::LoadOp::create(b, loc, buffer, index);
    };
    auto type = dyn_cast<VectorType>(codes.getType());
    if (!type)
      return load(codes);
    SmallVector<Value> results;
    auto elements = vector::ToElementsOp::create(b, loc, codes);
    for (Value element : elements.getElements())
      results.push_back(load(element));
    return vector::FromElementsOp::create(b, loc, type, results);
  }

  DenseMap<Attribute, memref::GlobalOp> globals; // of tables that are loaded
};
} // namespace
