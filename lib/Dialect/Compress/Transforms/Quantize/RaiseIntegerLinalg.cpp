//===- RaiseIntegerLinalg.cpp - integer linalg to the qdq form ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "RaiseInteger.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RAISEINTEGERLINALGPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("RaiseIntegerLinalg").category("compress");
}

static bool isF32(Value value) {
  return isa<RankedTensorType>(value.getType()) &&
         getElementTypeOrSelf(value).isF32();
}
static bool isIntegers(Value value) {
  return isa<RankedTensorType>(value.getType()) &&
         getElementTypeOrSelf(value).isSignlessInteger();
}

/// The code of a constant scalar on `grid`, if it is one.
static std::optional<int32_t> codeOf(Value value, const CodeGrid &grid,
                                     ConstantEvaluator &constants) {
  std::optional<Scalar> element =
      value ? constants.evaluateScalar(value) : std::nullopt;
  if (!element)
    return std::nullopt;
  int64_t code = grid.code(element->integer);
  if (code < grid.qmin || code > grid.qmax)
    return std::nullopt;
  return static_cast<int32_t>(code);
}

/// The f32 tensor for a tensor that is filled with one code of `grid`.
static Value buildFilled(OpBuilder &b, Value value, const CodeGrid &grid,
                         ConstantEvaluator &constants) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  std::optional<int32_t> code =
      fill ? codeOf(fill.getInputs()[0], grid, constants) : std::nullopt;
  if (!code)
    return {};
  Location loc = value.getLoc();
  Value real =
      arith::ConstantOp::create(b, loc, b.getF32FloatAttr(grid.real(*code)));
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, value), b.getF32Type());
  return linalg::FillOp::create(b, loc, real, empty)->getResult(0);
}

namespace {
struct RaiseIntegerLinalg
    : public mlir::compress::impl::RaiseIntegerLinalgPassBase<
          RaiseIntegerLinalg> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    ConstantEvaluator constants(int64_t(1) << 30);
    RaisedValues raised(constants);
    SmallVector<linalg::GenericOp> generics;
    func.walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp op : generics)
      splitBody(op);
    // New ops are made beside those that are looked at; what they replace is
    // erased at the end.
    SmallVector<Operation *> ops;
    func.walk([&](Operation *op) {
      if (op->getNumResults() == 1 && op->getParentOp() == func &&
          !isOpTriviallyDead(op))
        ops.push_back(op);
    });
    done.clear();
    for (Operation *op : ops)
      if (!done.contains(op))
        raise(op, raised, constants);
    func.walk<WalkOrder::PostOrder, mlir::ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }

private:
  void raise(Operation *op, RaisedValues &raised,
             ConstantEvaluator &constants) {
    Value result = op->getResult(0);
    if (isIntegers(result) && raiseMovement(op, raised, constants))
      return;
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || linalgOp.getNumReductionLoops() > 0)
      return;
    if (isIntegers(result)) {
      raiseToIntegers(linalgOp, raised);
    } else if (isF32(result)) {
      raiseToFloat(linalgOp, raised, constants);
    }
  }

  /// Says why an op stays between integers and f32.
  void leave(Operation *op, const Twine &reason) {
    ++numLeft;
    remark::missed(op->getLoc(), named())
        << (op->getName().getStringRef() + " stays as it is: " + reason).str();
  }

  //===--------------------------------------------------------------------===//
  // Elementwise ops
  //===--------------------------------------------------------------------===//

  /// Quantizations, and maps between codes.
  void raiseToIntegers(linalg::LinalgOp op, RaisedValues &raised) {
    StringRef reason;
    OpOperand *input = matchUnary(op, reason);
    if (!input) {
      // Only what reads f32 was meant to be a quantization.
      if (llvm::any_of(op.getDpsInputs(), isF32))
        leave(op, reason);
      return;
    }
    Value result = op->getResult(0), source = input->get();
    bool aligned = op.getMatchingIndexingMap(input).isIdentity();
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    if (isF32(source)) {
      std::optional<CodeGrid> grid;
      reason = "reads its input in another order";
      if (aligned)
        grid = matchQuantize(op, input, reason);
      if (!grid)
        return leave(op, reason);
      b.setInsertionPoint(op);
      Value real =
          FakeQuantOp::create(b, op.getLoc(), source.getType(), source,
                              TypeAttr::get(grid->type(op->getContext())));
      // The codes of what is rounded already are the same, and do not keep the
      // f32 tensor alive.
      input->set(real);
      raised.set(result, {real, *grid});
      ++numQuantized;
      return;
    }
    const RaisedCodes *codes = raised.lookup(source);
    if (!codes)
      return;
    std::optional<CodeMap> map = matchCodeMap(op, input, codes->grid);
    if (!map)
      return;
    const CodeGrid grid = codes->grid;
    Value real = aligned ? codes->real : buildRead(b, input, codes->real);
    constexpr double inf = std::numeric_limits<double>::infinity();
    if (map->lo > grid.qmin || map->hi < grid.qmax)
      real = buildRealClamp(b, op.getLoc(), real,
                            map->lo > grid.qmin ? grid.real(map->lo) : -inf,
                            map->hi < grid.qmax ? grid.real(map->hi) : inf);
    raised.set(result, {real, map->grid});
  }

  /// Dequantizations: of codes, constants and sums.
  void raiseToFloat(linalg::LinalgOp op, RaisedValues &raised,
                    ConstantEvaluator &constants) {
    if (std::optional<FloatRounding> rounding = matchFloatRounding(op))
      return raiseRounding(*rounding, constants);
    // One number is a bound or a zero point.
    auto isCodes = [](Value value) {
      if (!isIntegers(value))
        return false;
      auto type = cast<RankedTensorType>(value.getType());
      return !type.hasStaticShape() || type.getNumElements() > 1 ||
             !matchConstantArgument(value);
    };
    if (!llvm::any_of(op.getDpsInputs(), isCodes))
      return;
    Value result = op->getResult(0);
    OpBuilder b(op);
    // Of several integer operands the others are zero points.
    for (OpOperand *operand : op.getDpsInputOperands())
      if (isIntegers(operand->get()) &&
          operand->get().getType() ==
              cast<RankedTensorType>(result.getType())
                  .clone(getElementTypeOrSelf(operand->get())))
        if (const ConstantData *data = constants.evaluate(operand->get())) {
          ConstantData copy = *data;
          std::optional<StoredGrid> grid =
              matchStored(op, operand, copy, constants);
          if (!grid)
            return leave(op, "constant integers are not dequantized by a scale "
                             "and a zero point");
          result.replaceAllUsesWith(
              buildStoredConstant(b, op.getLoc(), copy, *grid));
          ++numStored;
          return;
        }
    StringRef why;
    OpOperand *sum = op.getDpsInputOperand(0);
    if (OpOperand *input = matchUnary(op, why)) {
      sum = input;
      if (raiseCodes(op, input, raised))
        return;
    }
    if (!getElementTypeOrSelf(sum->get()).isInteger(32))
      return leave(op, "its integers are not the codes of one scale");
    std::optional<SumScale> scale = matchSumScale(op, sum, constants, why);
    if (!scale)
      return leave(op, why);
    std::string reason;
    Value real = raised.raiseSum(b, sum->get(), *scale, reason);
    if (!real)
      return leave(op, "of its sum, " + reason);
    result.replaceAllUsesWith(real);
    ++numSums;
  }

  /// A fake quantization in f32: of a constant, its codes.
  void raiseRounding(const FloatRounding &rounding,
                     ConstantEvaluator &constants) {
    Operation *last = rounding.ops.back();
    done.insert(rounding.ops.begin(), rounding.ops.end());
    const CodeGrid &grid = rounding.grid;
    OpBuilder b(last);
    Value result = last->getResult(0);
    const ConstantData *data = constants.evaluate(rounding.input);
    if (!data || grid.bits != 8) {
      result.replaceAllUsesWith(FakeQuantOp::create(
          b, last->getLoc(), result.getType(), rounding.input,
          TypeAttr::get(grid.type(last->getContext()))));
      ++numQuantized;
      return;
    }
    RankedTensorType type = data->type;
    ConstantData codes{type.clone(Type(b.getI8Type())), {}};
    for (int64_t i = 0, e = data->size(); i < e; ++i)
      codes.bytes.push_back(static_cast<char>(
          quantize(static_cast<float>(data->getReal(i)), grid.scale,
                   grid.zeroPoint, grid.qmin, grid.qmax)));
    StoredGrid stored;
    stored.scales.push_back(grid.scale);
    stored.zeroPoints.push_back(grid.zeroPoint);
    result.replaceAllUsesWith(
        buildStoredConstant(b, last->getLoc(), codes, stored));
    ++numStored;
  }

  /// The dequantization of raised codes, or of 8 or 16 bits that come from
  /// elsewhere.
  bool raiseCodes(linalg::LinalgOp op, OpOperand *input, RaisedValues &raised) {
    Value result = op->getResult(0);
    if (!isIntegers(input->get()))
      return false;
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    bool aligned = op.getMatchingIndexingMap(input).isIdentity();
    if (const RaisedCodes *codes = raised.lookup(input->get())) {
      if (!isDequantize(op, input, codes->grid))
        return false;
      result.replaceAllUsesWith(aligned ? codes->real
                                        : buildRead(b, input, codes->real));
      return true;
    }
    std::optional<CodeGrid> grid = matchDequantize(op, input);
    if (!grid)
      return false;
    // What is dequantized is on the grid already.
    auto real =
        FakeQuantOp::create(b, op.getLoc(), result.getType(), result,
                            TypeAttr::get(grid->type(op->getContext())));
    result.replaceAllUsesExcept(real.getOutput(), real);
    ++numQuantized;
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Movements
  //===--------------------------------------------------------------------===//

  /// Ops that move codes, or take maxima of them: whether `op` is one.
  bool raiseMovement(Operation *op, RaisedValues &raised,
                     ConstantEvaluator &constants) {
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    auto codesOf = [&](Value value) { return raised.lookup(value); };
    auto set = [&](Value real, const CodeGrid &grid) {
      raised.set(op->getResult(0), {real, grid});
      return true;
    };
    const RaisedCodes *first =
        op->getNumOperands() > 0 ? codesOf(op->getOperand(0)) : nullptr;
    if (!first)
      return false;
    RaisedCodes source = *first;
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
            tensor::ExtractSliceOp, tensor::CastOp, linalg::TransposeOp,
            linalg::BroadcastOp>(op))
      return set(buildMoved(b, op, source.real), source.grid);
    if (auto pad = dyn_cast<tensor::PadOp>(op)) {
      auto code = codeOf(pad.getConstantPaddingValue(), source.grid, constants);
      if (!code)
        return true;
      Value filler = arith::ConstantOp::create(
          b, op->getLoc(), b.getF32FloatAttr(source.grid.real(*code)));
      Value padded = tensor::PadOp::create(
          b, op->getLoc(), pad.getResultType().clone(Type(b.getF32Type())),
          source.real, pad.getMixedLowPad(), pad.getMixedHighPad(), filler,
          pad.getNofold());
      return set(padded, source.grid);
    }
    if (isa<tensor::ConcatOp, tensor::InsertSliceOp>(op)) {
      IRMapping mapping;
      for (Value operand : op->getOperands()) {
        if (!isa<RankedTensorType>(operand.getType()))
          continue;
        const RaisedCodes *codes = codesOf(operand);
        Value real = codes ? codes->real
                           : buildFilled(b, operand, source.grid, constants);
        if (!real || (codes && !(codes->grid == source.grid)))
          return true;
        mapping.map(operand, real);
      }
      Operation *moved = b.clone(*op, mapping);
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      moved->getResult(0).setType(type.clone(Type(b.getF32Type())));
      return set(moved->getResult(0), source.grid);
    }
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (linalgOp && linalgOp.getNumReductionLoops() > 0 &&
        matchCombiner(linalgOp) == CombinerKind::Max)
      return raiseMax(linalgOp, source, raised);
    return false;
  }

  /// A maximum of windows or dimensions of codes, compared as signed numbers.
  bool raiseMax(linalg::LinalgOp op, const RaisedCodes &source,
                RaisedValues &raised) {
    const CodeGrid &grid = source.grid;
    // Where elements wrap, the largest is not that of the largest code.
    if (grid.element(grid.qmax) - grid.element(grid.qmin) !=
            grid.qmax - grid.qmin ||
        op.getNumDpsInits() != 1)
      return true;
    std::optional<double> start = matchSplat(op.getDpsInits()[0]);
    if (!start)
      return true;
    // What is below all codes never is the maximum.
    double lowest = static_cast<double>(grid.element(grid.qmin));
    double highest = static_cast<double>(grid.element(grid.qmax));
    if (*start > highest)
      return true;
    auto code = static_cast<int32_t>(
        grid.code(static_cast<int64_t>(std::max(*start, lowest))));
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    Location loc = op.getLoc();
    auto likeInit = [&](Value like) -> Value {
      return tensor::EmptyOp::create(
          b, loc, tensor::getMixedSizes(b, loc, like), b.getF32Type());
    };
    Value first =
        arith::ConstantOp::create(b, loc, b.getF32FloatAttr(grid.real(code)));
    Value init =
        linalg::FillOp::create(b, loc, first, likeInit(op.getDpsInits()[0]))
            ->getResult(0);
    SmallVector<Value> inputs = {source.real};
    SmallVector<Value> given = op.getDpsInputs();
    for (Value window : llvm::drop_begin(given))
      inputs.push_back(likeInit(window));
    Value max = linalg::GenericOp::create(
                    b, loc, TypeRange{init.getType()}, inputs, ValueRange{init},
                    op.getIndexingMapsArray(), op.getIteratorTypesArray(),
                    [](OpBuilder &b, Location loc, ValueRange args) {
                      linalg::YieldOp::create(b, loc,
                                              arith::MaximumFOp::create(
                                                  b, loc, args[0], args.back())
                                                  .getResult());
                    })
                    ->getResult(0);
    raised.set(op->getResult(0), {max, grid});
    return true;
  }

  DenseSet<Operation *> done; // parts of what was raised before
};
} // namespace
