//===- PlaceObservers.cpp - which tensors are quantized -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What has an integer form is what --compress-qdq-to-integer can lower: codes
// (a quantized tensor, moved, clamped, or maxima of it) and sums (of products,
// of windows, and what is added to them or multiplies them).
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "QuantizeWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/JSON.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PLACEOBSERVERSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static bool isConstant(Value value) {
  if (matchPattern(value, m_Constant()) || matchSplat(value))
    return true;
  std::optional<Broadcast> broadcast = matchBroadcast(value);
  return broadcast && isConstant(broadcast->source);
}

/// A convolution or matrix product of f32 that can be quantized.
static std::optional<WeightedOp> matchQuantizable(Operation *op) {
  std::string reason;
  std::optional<WeightedOp> weighted = matchWeightedOp(op);
  if (!weighted || op->hasAttr(kFloatAttr) ||
      isConstant(weighted->input->get()) ||
      failed(checkQuantizable(*weighted, reason)))
    return std::nullopt;
  return weighted;
}

/// A sum over windows or whole dimensions of its first input, from 0.
static bool isPlainSum(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1 ||
      matchCombiner(op) != CombinerKind::Add || op.hasDynamicShape())
    return false;
  std::optional<double> init = matchSplat(op.getDpsInits()[0]);
  return init && *init == 0;
}

/// Whether codes of the operands of `move` have one for its constant too: 0,
/// or something below everything, which only maxima read.
static bool hasCodeForFiller(const Movement &move) {
  return !move.filler || *move.filler == 0 || *move.filler <= -1e30;
}

/// The value that a chain of movements of one operand begins with.
static Value stripMovement(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    std::optional<Movement> move = matchMovement(def);
    if (!move || move->data.size() != 1 || !hasCodeForFiller(*move))
      break;
    value = move->data[0]->get();
  }
  return value;
}

namespace {
/// An elementwise op by what an integer form makes of it.
struct Step {
  enum class Kind { None, Clamp, Add, Scale, Product } kind = Kind::None;
  SmallVector<Value, 2> operands; // those that are no constants
};

class Placement {
public:
  explicit Placement(func::FuncOp func) : func(func) {
    func.walk([&](ObserveOp op) { observed.insert(op.getOutput()); });
    for (Operation &op : func.getBody().front())
      if (matchQuantizable(&op))
        quantizable.insert(&op);
  }

  /// Finds the tensors; `results`: those that the function returns too.
  void run(bool results);

  /// Those of them that no observe names yet.
  SmallVector<Value> missing() const {
    SmallVector<Value> values;
    for (Value value : observed)
      if (!value.getDefiningOp<ObserveOp>())
        values.push_back(value);
    return values;
  }

private:
  static Step match(Operation *op);
  void observe(Value value);
  void want(Value value) { observe(stripMovement(value)); }
  void followCodes(Value value);
  void followSums(Value value);
  void visitCodes(Value operand);
  void visitSums(Value operand);
  bool hasIntegerForm(Value value);
  bool computeIntegerForm(Value value);

  func::FuncOp func;
  llvm::SmallPtrSet<Operation *, 16> quantizable;
  llvm::SetVector<Value> observed;
  DenseMap<Value, bool> integerForms; // while `observed` stays what it is
};
} // namespace

Step Placement::match(Operation *op) {
  std::optional<Elementwise> elementwise = matchElementwise(op);
  Step step;
  if (!elementwise)
    return step;
  auto linalgOp = cast<linalg::LinalgOp>(op);
  for (OpOperand *operand : elementwise->operands) {
    // Scalars have no codes.
    auto type = dyn_cast<RankedTensorType>(operand->get().getType());
    if (!type || !type.getElementType().isF32())
      return step;
    if (!isConstant(operand->get()))
      step.operands.push_back(operand->get());
  }
  bool isWhole =
      linalgOp.getMatchingIndexingMap(elementwise->operands[0]).isIdentity();
  switch (elementwise->kind) {
  case BodyKind::Clamp:
    step.kind = isWhole ? Step::Kind::Clamp : Step::Kind::None;
    break;
  case BodyKind::Add:
  case BodyKind::Sub:
    step.kind = Step::Kind::Add;
    break;
  case BodyKind::Mul:
    step.kind =
        step.operands.size() == 2 ? Step::Kind::Product : Step::Kind::Scale;
    break;
  case BodyKind::Div:
    // Of a constant by a tensor there is no integer form.
    if (step.operands.size() == 1 &&
        step.operands[0] == elementwise->operands[0]->get())
      step.kind = Step::Kind::Scale;
    break;
  default:
    break;
  }
  if (step.operands.empty())
    step.kind = Step::Kind::None;
  return step;
}

bool Placement::hasIntegerForm(Value value) {
  auto known = integerForms.find(value);
  if (known != integerForms.end())
    return known->second;
  bool result = computeIntegerForm(value);
  integerForms[value] = result;
  return result;
}

bool Placement::computeIntegerForm(Value value) {
  if (observed.contains(value) || isConstant(value))
    return true;
  Operation *def = value.getDefiningOp();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.getElementType().isF32() || !type.hasStaticShape())
    return false;
  if (!def) // An input can be quantized.
    return true;
  auto all = [&](ValueRange values) {
    return llvm::all_of(values, [&](Value v) { return hasIntegerForm(v); });
  };
  if (std::optional<Movement> move = matchMovement(def))
    return hasCodeForFiller(*move) &&
           llvm::all_of(move->data, [&](OpOperand *operand) {
             return hasIntegerForm(operand->get());
           });
  Step step = match(def);
  switch (step.kind) {
  case Step::Kind::Clamp:
  case Step::Kind::Add:
  case Step::Kind::Scale:
    return all(step.operands);
  case Step::Kind::Product:
    return llvm::any_of(step.operands, [&](Value operand) {
      return observed.contains(stripMovement(operand));
    });
  case Step::Kind::None:
    break;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(def);
  if (linalgOp && isPlainSum(linalgOp))
    return hasIntegerForm(linalgOp.getDpsInputOperand(0)->get());
  return quantizable.contains(def);
}

void Placement::observe(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (isConstant(value) || !type || !type.getElementType().isF32() ||
      !type.hasStaticShape())
    return;
  if (observed.insert(value))
    integerForms.clear();
}

/// Whether more than one op reads `value`: its codes must then be kept.
static bool isShared(Value value) {
  return !value.use_empty() && !value.hasOneUse();
}

/// An operand on the way back from a quantized tensor, of which codes are made.
void Placement::visitCodes(Value operand) {
  if (observed.contains(operand) || isConstant(operand))
    return;
  if (!operand.getDefiningOp() || isShared(operand))
    return want(operand);
  followCodes(operand);
}

/// The same of an operand of which sums are taken.
void Placement::visitSums(Value operand) {
  if (observed.contains(operand) || isConstant(operand))
    return;
  if (!operand.getDefiningOp() || isShared(operand))
    return want(operand);
  followSums(operand);
}

void Placement::followCodes(Value value) {
  Operation *def = value.getDefiningOp();
  if (!def)
    return;
  if (std::optional<Movement> move = matchMovement(def)) {
    if (hasCodeForFiller(*move))
      for (OpOperand *operand : move->data)
        visitCodes(operand->get());
    return;
  }
  Step step = match(def);
  if (step.kind == Step::Kind::Clamp)
    return visitCodes(step.operands[0]);
  followSums(value);
}

void Placement::followSums(Value value) {
  Operation *def = value.getDefiningOp();
  Step step = match(def);
  switch (step.kind) {
  case Step::Kind::Add:
    // With an operand that is computed in f32 the addition is, too.
    if (llvm::all_of(step.operands, [&](Value v) { return hasIntegerForm(v); }))
      for (Value operand : step.operands)
        visitSums(operand);
    return;
  case Step::Kind::Scale:
    return visitSums(step.operands[0]);
  case Step::Kind::Product:
    if (hasIntegerForm(value))
      for (Value operand : step.operands)
        want(operand);
    return;
  case Step::Kind::Clamp:
    // Sums cannot be clamped before they are rounded.
    if (hasIntegerForm(value))
      want(value);
    return;
  case Step::Kind::None:
    break;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(def);
  if (linalgOp && isPlainSum(linalgOp)) {
    Value input = linalgOp.getDpsInputOperand(0)->get();
    if (hasIntegerForm(input))
      want(input);
    return;
  }
  if (!matchMovement(def))
    return;
  // Sums may be reshaped if they have one scale: those of windows do.
  Value source = value;
  while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
      source.getDefiningOp()))
    source = source.getDefiningOp()->getOperand(0);
  auto sum = source.getDefiningOp<linalg::LinalgOp>();
  if (source != value && sum && !isShared(source) && isPlainSum(sum))
    return followSums(source);
  if (hasIntegerForm(value))
    want(value);
}

void Placement::run(bool results) {
  for (Operation &op : func.getBody().front())
    if (quantizable.contains(&op))
      want(matchWeightedOp(&op)->input->get());
  if (results)
    func.walk([&](func::ReturnOp op) {
      for (Value value : op.getOperands())
        if (isa<RankedTensorType>(value.getType()) && hasIntegerForm(value))
          want(value);
    });
  // What is quantized makes more of its surroundings integer.
  size_t before;
  do {
    before = observed.size();
    for (size_t i = 0; i < observed.size(); ++i) {
      Value value = observed[i];
      if (auto observer = value.getDefiningOp<ObserveOp>())
        value = observer.getInput();
      followCodes(value);
    }
  } while (observed.size() != before);
}

/// Whether `value` is an f32 argument of the function, or moved from one.
static bool isNetworkInput(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    std::optional<Movement> move = matchMovement(def);
    if (!move || move->data.size() != 1)
      return false;
    value = move->data[0]->get();
  }
  return getElementTypeOrSelf(value.getType()).isF32();
}

static double countProducts(linalg::LinalgOp op) {
  double count = 1;
  for (int64_t extent : op.getStaticLoopRanges())
    count *= static_cast<double>(extent);
  return count;
}

/// What to call `value`.
static std::string nameOf(Value value) {
  std::string name;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto func = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
    auto attr = func ? func.getArgAttrOfType<StringAttr>(
                           argument.getArgNumber(), kNameAttr)
                     : StringAttr();
    name =
        attr ? attr.str() : "input" + std::to_string(argument.getArgNumber());
  } else {
    name = placeOf(value.getLoc());
    if (name.empty())
      name = value.getDefiningOp()->getName().stripDialect().str();
  }
  return llvm::json::fixUTF8(name);
}

namespace {
struct PlaceObservers
    : public mlir::compress::impl::PlaceObserversPassBase<PlaceObservers> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    if (failed(checkStraight(func)) || failed(checkObservers()) ||
        failed(markFloat()))
      return signalPassFailure();
    Placement placement(func);
    placement.run(results);
    place(placement.missing());
  }

private:
  /// Notes the names of the observers that are there.
  LogicalResult checkObservers() {
    names.clear();
    WalkResult checked = getOperation().walk([&](ObserveOp op) -> WalkResult {
      if (!names.insert(op.getName()).second)
        return op.emitOpError("has the name of another observed tensor: '")
               << op.getName() << "'";
      if (!op.getType().getElementType().isF32() ||
          !op.getType().hasStaticShape() ||
          op->getBlock() != &getOperation().getBody().front())
        return op.emitOpError("requires an f32 tensor of static shape, "
                              "outside of branches, to be quantized");
      return WalkResult::advance();
    });
    return failure(checked.wasInterrupted());
  }

  /// Marks the ops that cannot be quantized, with the reason that remarks will
  /// give, and those that `keep-float` names.
  LogicalResult markFloat() {
    auto mark = [&](const WeightedOp &op, StringRef reason) {
      op.op->setAttr(kFloatAttr, StringAttr::get(&getContext(), reason));
    };
    std::string reason;
    std::vector<NamedWeightedOp> fit;
    for (NamedWeightedOp &named : nameWeightedOps(getOperation())) {
      if (succeeded(checkQuantizable(named.op, reason)))
        fit.push_back(named);
      else
        mark(named.op, reason);
    }
    for (const std::string &text : keepFloat) {
      // Only * is special.
      std::string escaped;
      for (char c : text) {
        if (StringRef("?[]{}!^\\").contains(c))
          escaped += '\\';
        escaped += c;
      }
      auto pattern = llvm::GlobPattern::create(escaped);
      if (!pattern)
        return getOperation().emitError("keep-float: '")
               << text
               << "' is no pattern: " << llvm::toString(pattern.takeError());
      unsigned count = 0;
      for (const auto &[op, name] : fit) {
        if (!pattern->match(name))
          continue;
        ++count;
        mark(op, "keep-float names it");
      }
      if (count == 0)
        return getOperation().emitError("keep-float: '")
               << text << "' names no convolution or matrix product with "
               << "constant weights";
    }
    double all = 0, reading = 0;
    for (const auto &[op, name] : fit) {
      double products = countProducts(op.op);
      all += products;
      reading += isNetworkInput(op.input->get()) ? products : 0;
    }
    // What the codes of the input lose is lost to every layer.
    if (reading > 0 && reading <= inputShare * all)
      for (const auto &[op, name] : fit)
        if (isNetworkInput(op.input->get()) && !op.op->hasAttr(kFloatAttr))
          mark(op, "it reads the network's input and costs little");
    return success();
  }

  void place(SmallVector<Value> values) {
    // In program order, so that equal names are numbered in it.
    llvm::sort(values, [](Value a, Value b) {
      Operation *first = a.getDefiningOp(), *second = b.getDefiningOp();
      if (first && second)
        return first->isBeforeInBlock(second);
      if (!first && !second)
        return cast<BlockArgument>(a).getArgNumber() <
               cast<BlockArgument>(b).getArgNumber();
      return !first;
    });
    for (Value value : values) {
      OpBuilder b(&getContext());
      b.setInsertionPointAfterValue(value);
      std::string base = nameOf(value), name = base;
      for (unsigned n = 2; !names.insert(name).second; ++n)
        name = base + "#" + std::to_string(n);
      auto observer =
          ObserveOp::create(b, value.getLoc(), value.getType(), value, name);
      value.replaceAllUsesExcept(observer, observer);
      ++numPlaced;
    }
    remark::analysis(
        getOperation().getLoc(),
        remark::RemarkOpts::name("PlaceObservers").category("compress"))
        << (Twine(values.size()) + " tensors are to be quantized").str();
  }

  llvm::StringSet<> names; // of observers
};
} // namespace
