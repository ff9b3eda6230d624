//===- StaticShapes.cpp - models that leave shapes open -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StaticShapes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/InterleavedRange.h"

using namespace mlir;
using namespace mlir::compress;

/// How messages and options call an argument.
static std::string inputName(func::FuncOp func, unsigned index) {
  auto name = func.getArgAttrOfType<StringAttr>(index, kNameAttr);
  return name ? name.str() : "input" + std::to_string(index);
}

/// The static type of argument `index`.
static FailureOr<RankedTensorType> inputType(func::FuncOp func, unsigned index,
                                             const ReadOptions &options) {
  std::string name = inputName(func, index);
  auto fail = [&](const Twine &message) {
    func.emitError("the input '" + name + "' " + message);
    return failure();
  };
  Type given = func.getArgumentTypes()[index];
  auto tensor = dyn_cast<TensorType>(given);
  if (!tensor) {
    func.emitError("the input '" + name + "' has type ")
        << given << "; a model takes and returns tensors";
    return failure();
  }
  auto ranked = dyn_cast<RankedTensorType>(tensor);
  for (const auto &[wanted, shape] : options.inputShapes) {
    if (wanted.empty() ? func.getNumArguments() != 1 : wanted != name)
      continue;
    bool fits = !ranked || ranked.getShape().size() == shape.size();
    if (ranked && fits)
      for (auto [extent, open] : llvm::zip(shape, ranked.getShape()))
        fits &= ShapedType::isDynamic(open) || open == extent;
    if (!fits) {
      func.emitError("the input '" + name + "' has type ")
          << given << ", which [" << llvm::interleaved(shape)
          << "] does not fit; the shape of such a model changes only where it "
             "is open";
      return failure();
    }
    return RankedTensorType::get(shape, tensor.getElementType());
  }
  if (!ranked)
    return fail("has no rank; give its shape with --input-shape");
  SmallVector<int64_t> shape(ranked.getShape());
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent == 0)
      return fail("is empty in dimension " + Twine(i) +
                  "; a model computes on at least one element");
    if (!ShapedType::isDynamic(extent))
      continue;
    if (i > 0)
      return fail("leaves dimension " + Twine(i) +
                  " open; give its shape with --input-shape");
    extent = options.batch ? options.batch : 1;
  }
  return RankedTensorType::get(shape, ranked.getElementType(),
                               ranked.getEncoding());
}

static bool isOpen(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  return tensor && !tensor.hasStaticShape();
}

namespace {

/// op(cast(x)) -> cast(op(x)) where input and output have the same type, but
/// for extents of the output that are static already.
template <typename OpTy>
struct CastAfter : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto cast = op.getInput().template getDefiningOp<tensor::CastOp>();
    if (!cast || !tensor::canFoldIntoConsumerOp(cast))
      return rewriter.notifyMatchFailure(op, "requires a more static input");
    auto source = dyn_cast<RankedTensorType>(cast.getSource().getType());
    auto result = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!source || !result)
      return rewriter.notifyMatchFailure(op, "requires a rank");
    SmallVector<int64_t> shape(result.getShape());
    for (auto [extent, known] : llvm::zip_equal(shape, source.getShape()))
      if (ShapedType::isDynamic(extent))
        extent = known;
    Operation *moved = rewriter.clone(*op);
    rewriter.modifyOpInPlace(moved, [&] {
      moved->setOperand(0, cast.getSource());
      moved->getResult(0).setType(result.clone(shape));
    });
    // Not op.getType(), which is the quantized type of a fake_quant.
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, op->getResult(0).getType(),
                                                moved->getResult(0));
    return success();
  }
};

/// The same for arith and math on whole tensors: all operands have one shape,
/// so that of one is that of all.
struct CastAfterElementwise : RewritePattern {
  CastAfterElementwise(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, ctx) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!op->hasTrait<OpTrait::Elementwise>() || op->getNumResults() != 1 ||
        !isOpen(op->getResult(0).getType()))
      return rewriter.notifyMatchFailure(op, "is no open elementwise op");
    ArrayRef<int64_t> shape;
    for (Value operand : op->getOperands())
      if (auto cast = operand.getDefiningOp<tensor::CastOp>())
        if (auto type = dyn_cast<RankedTensorType>(cast.getSource().getType()))
          if (type.hasStaticShape())
            shape = type.getShape();
    if (shape.empty())
      return rewriter.notifyMatchFailure(op, "requires a static operand");
    auto withShape = [&](Type type) -> Type {
      return RankedTensorType::get(shape, getElementTypeOrSelf(type));
    };
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (isa<TensorType>(operand.getType()) &&
          operand.getType() != withShape(operand.getType()))
        operand = tensor::CastOp::create(rewriter, op->getLoc(),
                                         withShape(operand.getType()), operand);
      operands.push_back(operand);
    }
    Operation *moved = rewriter.clone(*op);
    rewriter.modifyOpInPlace(moved, [&] {
      moved->setOperands(operands);
      moved->getResult(0).setType(withShape(op->getResult(0).getType()));
    });
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, op->getResult(0).getType(),
                                                moved->getResult(0));
    return success();
  }
};

} // namespace

/// TOSA's shape inference reads the types of operands: they get the static ones
/// from before the casts.
static void readBeforeCasts(func::FuncOp func) {
  func.walk([](Operation *op) {
    if (!isa_and_nonnull<tosa::TosaDialect>(op->getDialect()))
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (auto cast = operand.get().getDefiningOp<tensor::CastOp>())
        if (tensor::canFoldIntoConsumerOp(cast))
          operand.set(cast.getSource());
  });
}

/// Moves casts through the function as far as the ops that are known allow.
static LogicalResult simplify(func::FuncOp func) {
  MLIRContext *ctx = func.getContext();
  RewritePatternSet patterns(ctx);
  for (Dialect *dialect : ctx->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName op : ctx->getRegisteredOperations())
    op.getCanonicalizationPatterns(patterns, ctx);
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  patterns.add<CastAfter<FakeQuantOp>, CastAfter<ObserveOp>,
               CastAfter<ChannelGateOp>, CastAfter<ChannelMaskOp>,
               CastAfter<ScatterChannelsOp>, CastAfterElementwise>(ctx);
  return applyPatternsGreedily(func, std::move(patterns));
}

/// Moves the casts of the arguments through the function.
static LogicalResult propagate(func::FuncOp func) {
  MLIRContext *ctx = func.getContext();
  PassManager raise(ctx, func::FuncOp::getOperationName());
  // First of all: quantizations must not be folded away below.
  raise.addPass(createRaiseQDQPass());
  // And scales must not be rounded.
  FoldConstantsPassOptions codes;
  codes.integersOnly = true;
  raise.addPass(createFoldConstantsPass(codes));
  raise.addPass(createRaiseIntegerLinalgPass());
  if (failed(raise.run(func)))
    return failure();
  // Where TOSA and linalg take turns, so do the two steps.
  auto countOpen = [&] {
    int64_t count = 0;
    func.walk([&](Operation *op) {
      count += llvm::count_if(op->getResultTypes(), isOpen);
    });
    return count;
  };
  for (int64_t before = INT64_MAX; countOpen() < before;) {
    before = countOpen();
    readBeforeCasts(func);
    PassManager infer(ctx, func::FuncOp::getOperationName());
    infer.addPass(tosa::createTosaInferShapesPass());
    if (failed(infer.run(func)) || failed(simplify(func)))
      return failure();
  }
  return success();
}

/// Returns what the casts before the return were made of.
static void makeResultsStatic(func::FuncOp func) {
  auto ret = cast<func::ReturnOp>(func.getBody().back().getTerminator());
  for (OpOperand &operand : ret->getOpOperands())
    if (auto cast = operand.get().getDefiningOp<tensor::CastOp>())
      if (isOpen(operand.get().getType()))
        operand.set(cast.getSource());
  func.setFunctionType(FunctionType::get(
      func.getContext(), func.getArgumentTypes(), ret.getOperandTypes()));
  func.walk([](tensor::CastOp cast) {
    if (cast.use_empty())
      cast.erase();
  });
}

LogicalResult compress::checkBatch(func::FuncOp func,
                                   const ReadOptions &options) {
  for (auto [i, type] : llvm::enumerate(func.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    std::string name = inputName(func, i);
    bool given = llvm::any_of(options.inputShapes, [&](const auto &shape) {
      return shape.first.empty() || shape.first == name;
    });
    if (!options.batch || !tensor || tensor.getRank() == 0 ||
        tensor.getDimSize(0) == options.batch)
      continue;
    if (given)
      return func.emitError("the shape that is given for the input '" + name +
                            "' has a batch of ")
             << tensor.getDimSize(0) << ", the option for it says "
             << options.batch << "; give one of the two";
    return func.emitError("the input '" + name + "' has a batch of ")
           << tensor.getDimSize(0) << ", not of " << options.batch
           << "; export the model with an open batch dimension";
  }
  return success();
}

LogicalResult compress::makeShapesStatic(func::FuncOp func,
                                         const ReadOptions &options) {
  if (!func.getBody().hasOneBlock())
    return func.emitError("has control flow between blocks; a model is a "
                          "straight list of operations");
  if (!isa<func::ReturnOp>(func.getBody().front().getTerminator()))
    return func.emitError("does not end in func.return; a model is a function "
                          "that returns tensors");
  for (const auto &[name, shape] : options.inputShapes) {
    bool known = name.empty() && func.getNumArguments() == 1;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      known |= !name.empty() && name == inputName(func, i);
    if (known)
      continue;
    if (!name.empty())
      return func.emitError("there is no input '" + name + "'");
    return func.emitError("a shape without a name needs a model with one "
                          "input, this one has ")
           << func.getNumArguments();
  }

  // The model may have no op of the dialect whose casts follow.
  func.getContext()->loadDialect<tensor::TensorDialect>();
  OpBuilder b = OpBuilder::atBlockBegin(&func.getBody().front());
  SmallVector<Type> types;
  for (BlockArgument argument : func.getArguments()) {
    FailureOr<RankedTensorType> type =
        inputType(func, argument.getArgNumber(), options);
    if (failed(type))
      return failure();
    types.push_back(*type);
    Type open = argument.getType();
    if (*type == open)
      continue;
    argument.setType(*type);
    auto cast = tensor::CastOp::create(b, argument.getLoc(), open, argument);
    argument.replaceAllUsesExcept(cast, cast);
  }
  func.setFunctionType(
      FunctionType::get(func.getContext(), types, func.getResultTypes()));

  auto findOpen = [&]() -> Operation * {
    Operation *found = nullptr;
    func.walk([&](Operation *op) {
      if (!llvm::any_of(op->getResultTypes(), isOpen))
        return WalkResult::advance();
      found = op;
      return WalkResult::interrupt();
    });
    return found;
  };
  if (!findOpen())
    return success();
  if (failed(propagate(func)))
    return failure();
  makeResultsStatic(func);
  if (Operation *op = findOpen())
    return op->emitOpError("has a result whose shape depends on more than the "
                           "inputs' shapes; export the model with static "
                           "shapes");
  return success();
}
