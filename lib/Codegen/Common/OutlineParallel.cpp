//===- OutlineParallel.cpp - bodies of parallel loops as functions --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/Passes.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::compress {
#define GEN_PASS_DEF_OUTLINEPARALLELPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// What the body of a loop needs from outside: values that are passed, and ops
/// that are computed again, each after those that it needs.
struct Captures {
  SetVector<Value> passed;
  SetVector<Operation *> recomputed;

  explicit Captures(scf::ForallOp loop) {
    SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    for (Value value : used)
      add(value);
  }

private:
  void add(Value value) {
    Operation *op = value.getDefiningOp();
    bool again = op && (op->hasTrait<OpTrait::ConstantLike>() ||
                        isa<memref::GetGlobalOp>(op) ||
                        (isa<ViewLikeOpInterface>(op) && isPure(op)));
    if (!again) {
      passed.insert(value);
      return;
    }
    for (Value operand : op->getOperands())
      add(operand);
    recomputed.insert(op);
  }
};

struct OutlineParallel
    : public mlir::compress::impl::OutlineParallelPassBase<OutlineParallel> {
  using OutlineParallelPassBase::OutlineParallelPassBase;

  void runOnOperation() override {
    SmallVector<scf::ForallOp> outer, sequential;
    getOperation().walk([&](scf::ForallOp loop) {
      bool inner = loop->getParentOfType<scf::ForallOp>();
      (threads == 1 || inner || isSingle(loop) ? sequential : outer)
          .push_back(loop);
    });
    // The walk meets inner loops first, as they must be rewritten first.
    for (scf::ForallOp loop : sequential)
      if (failed(makeSequential(loop)))
        return signalPassFailure();
    SymbolTable symbols(getOperation());
    for (scf::ForallOp loop : outer)
      if (failed(outline(loop, symbols)))
        return signalPassFailure();
  }

private:
  /// Whether nothing runs in parallel in the loop.
  static bool isSingle(scf::ForallOp loop) {
    return llvm::all_of(loop.getMixedUpperBound(), [](OpFoldResult bound) {
      return isConstantIntValue(bound, 1);
    });
  }

  LogicalResult makeSequential(scf::ForallOp loop) {
    if (loop.getNumResults() != 0)
      return loop.emitOpError("requires no results in the code form; "
                              "bufferize it first");
    IRRewriter rewriter(loop);
    if (failed(scf::forallToForLoop(rewriter, loop)))
      return failure();
    ++numSequential;
    return success();
  }

  LogicalResult outline(scf::ForallOp loop, SymbolTable &symbols);
};

} // namespace

/// Whether `type` can be an argument of the function of a range.
static bool isPassable(Type type) {
  if (auto memref = dyn_cast<MemRefType>(type))
    return LLVMTypeConverter::canConvertToBarePtr(memref);
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.getRank() == 1 && !vector.isScalable();
  return type.isIntOrIndexOrFloat();
}

LogicalResult OutlineParallel::outline(scf::ForallOp loop,
                                       SymbolTable &symbols) {
  if (loop.getNumResults() != 0 || loop.getRank() != 1 || !loop.isNormalized())
    return loop.emitOpError("requires one dimension that begins at 0 and steps "
                            "by 1, and no results; normalize it first");
  Captures captures(loop);
  for (Value value : captures.passed)
    if (!isPassable(value.getType()))
      return loop.emitOpError("captures a value of type ")
             << value.getType()
             << "; a memref must have static shape, strides and offset";

  Location loc = loop.getLoc();
  auto kernel = loop->getParentOfType<func::FuncOp>();
  OpBuilder b(kernel);
  SmallVector<Type> types =
      llvm::to_vector(ValueRange(captures.passed.getArrayRef()).getTypes());
  types.append(2, b.getIndexType());
  auto share = func::FuncOp::create(b, loc, (kernel.getName() + "_share").str(),
                                    b.getFunctionType(types, {}));
  share.setPrivate();
  symbols.insert(share, Block::iterator(kernel));

  Block *entry = share.addEntryBlock();
  IRMapping mapping;
  mapping.map(captures.passed.getArrayRef(),
              entry->getArguments().drop_back(2));
  b.setInsertionPointToStart(entry);
  for (Operation *op : captures.recomputed)
    b.clone(*op, mapping);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  size_t numPassed = captures.passed.size();
  auto range = scf::ForOp::create(b, loc, entry->getArgument(numPassed),
                                  entry->getArgument(numPassed + 1), one);
  func::ReturnOp::create(b, loc);
  mapping.map(loop.getInductionVar(0), range.getInductionVar());
  b.setInsertionPointToStart(range.getBody());
  for (Operation &op : loop.getBody()->without_terminator())
    b.clone(op, mapping);

  b.setInsertionPoint(loop);
  SmallVector<Value> operands = captures.passed.takeVector();
  operands.push_back(arith::ConstantIndexOp::create(b, loc, 0));
  operands.push_back(getValueOrCreateConstantIndexOp(
      b, loc, loop.getMixedUpperBound().front()));
  auto call = func::CallOp::create(b, loc, share, operands);
  call->setAttr(kParallelAttr, b.getUnitAttr());
  loop.erase();
  ++numOutlined;
  return success();
}
