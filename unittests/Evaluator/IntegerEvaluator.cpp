//===- IntegerEvaluator.cpp - runs the forms of a network -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerEvaluator.h"
#include "FunctionRun.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace oracle;

func::FuncOp oracle::publicFunction(ModuleOp module) {
  func::FuncOp found;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    if (found)
      return nullptr;
    found = function;
  }
  return found;
}

llvm::Expected<Evaluation> oracle::evaluate(func::FuncOp function,
                                            ArrayRef<HostTensor> inputs,
                                            const LinalgOptions &options) {
  return FunctionRun(options).run(function, inputs);
}

llvm::Expected<Evaluation> oracle::evaluate(ModuleOp module,
                                            ArrayRef<HostTensor> inputs,
                                            const LinalgOptions &options) {
  func::FuncOp function = publicFunction(module);
  if (!function)
    return failure("the module has no public function, or several");
  return evaluate(function, inputs, options);
}

FunctionRun::FunctionRun(const LinalgOptions &options) : options(options) {
  around.tensor = [this](Value value) -> const HostTensor * {
    auto it = values.find(value);
    return it == values.end() ? nullptr : it->second.get();
  };
  around.scalar = [this](Value value) -> const Scalar * {
    auto it = scalars.find(value);
    return it == scalars.end() ? nullptr : &it->second;
  };
}

const HostTensor &FunctionRun::operator[](Value value) const {
  return *values.find(value)->second;
}

void FunctionRun::define(Value value, HostTensor tensor) {
  if (!isa<TensorType>(value.getType()))
    scalars[value] = tensor.get(0);
  values[value] = std::make_unique<HostTensor>(std::move(tensor));
}

llvm::Expected<std::vector<int64_t>> FunctionRun::shapeOf(Value value,
                                                          int64_t elements) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getNumDynamicDims() > 1)
    return failure("a shape does not follow from the types");
  std::vector<int64_t> shape = type.getShape().vec();
  int64_t known = 1;
  for (int64_t extent : shape)
    known *= ShapedType::isDynamic(extent) ? 1 : extent;
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent))
      extent = known ? elements / known : 0;
  return shape;
}

std::vector<int64_t> FunctionRun::numbers(ArrayRef<OpFoldResult> mixed) {
  std::vector<int64_t> result;
  for (OpFoldResult each : mixed) {
    if (auto value = dyn_cast<Value>(each))
      result.push_back(scalars[value].i);
    else
      result.push_back(cast<IntegerAttr>(cast<Attribute>(each)).getInt());
  }
  return result;
}

llvm::Expected<Evaluation> FunctionRun::run(func::FuncOp function,
                                            ArrayRef<HostTensor> inputs) {
  if (inputs.size() != function.getNumArguments())
    return failure("the function takes " + Twine(function.getNumArguments()) +
                   " inputs, not " + Twine(inputs.size()));
  if (!function.getBody().hasOneBlock())
    return failure("the function is no list of ops");
  for (auto [argument, input] :
       llvm::zip_equal(function.getArguments(), inputs)) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || kindOf(type.getElementType()) != input.kind ||
        failed(verifyCompatibleShape(type.getShape(), input.shape)))
      return failure("input " + Twine(argument.getArgNumber()) +
                     " does not have the type of the argument");
    define(argument, input);
  }
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (llvm::Error error = evaluateOp(&op))
      return std::move(error);
  Evaluation result;
  for (Value value : body.getTerminator()->getOperands())
    result.results.push_back((*this)[value]);
  result.inexact = inexact;
  return result;
}

llvm::Error FunctionRun::evaluateOp(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    llvm::Expected<HostTensor> value = fromAttribute(constant.getValue());
    if (!value)
      return value.takeError();
    define(constant.getResult(), std::move(*value));
    return llvm::Error::success();
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return evaluateLinalg(linalgOp);
  if (auto call = dyn_cast<func::CallOp>(op))
    return evaluateCall(call);
  bool known = false;
  if (llvm::Error error = evaluateTensorOp(op, known))
    return error;
  if (!known)
    if (llvm::Error error = evaluateQuantOp(op, known))
      return error;
  if (!known)
    if (llvm::Error error = evaluatePruneOp(op, known))
      return error;
  if (known)
    return llvm::Error::success();
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  if (OpTrait::hasElementwiseMappableTraits(op) &&
      llvm::any_of(op->getResultTypes(), isTensor))
    return evaluateElementwise(op);
  return evaluateScalar(op);
}

llvm::Error FunctionRun::evaluateLinalg(linalg::LinalgOp op) {
  SmallVector<const HostTensor *> inputs;
  std::vector<HostTensor> results;
  for (Value input : op.getDpsInputs())
    inputs.push_back(&(*this)[input]);
  for (Value init : op.getDpsInits())
    results.push_back((*this)[init]);
  if (llvm::Error error =
          runLinalg(op, inputs, results, around, options, inexact))
    return error;
  for (auto [value, result] : llvm::zip_equal(op->getResults(), results))
    define(value, std::move(result));
  return llvm::Error::success();
}

llvm::Error FunctionRun::evaluateScalar(Operation *op) {
  ScalarProgram program(around);
  if (llvm::Error error = program.add(op))
    return error;
  program.run();
  inexact |= program.inexact;
  if (program.undefined)
    return failure("'" + op->getName().getStringRef() +
                   "' computes an undefined value: " + program.undefined);
  for (auto [value, slot] :
       llvm::zip_equal(op->getResults(), program.results)) {
    std::optional<Kind> kind = kindOf(value.getType());
    if (!kind)
      return failure("'" + op->getName().getStringRef() +
                     "' has a result that is no number");
    HostTensor result(*kind, {});
    result.set(0, program[slot]);
    define(value, std::move(result));
  }
  return llvm::Error::success();
}

/// An op on scalars that stands between whole tensors: the same op is made on
/// scalars and run for every element.
llvm::Error FunctionRun::evaluateElementwise(Operation *op) {
  OperationState state(op->getLoc(), op->getName());
  state.addAttributes(op->getAttrDictionary().getValue());
  Block arguments;
  SmallVector<const HostTensor *> operands;
  for (Value operand : op->getOperands()) {
    state.addOperands(arguments.addArgument(
        getElementTypeOrSelf(operand.getType()), op->getLoc()));
    operands.push_back(&(*this)[operand]);
  }
  std::vector<HostTensor> results;
  for (Value value : op->getResults()) {
    Type element = getElementTypeOrSelf(value.getType());
    std::optional<Kind> kind = kindOf(element);
    if (!kind)
      return failure("'" + op->getName().getStringRef() +
                     "' has elements that are no numbers");
    state.addTypes(element);
    auto shape = llvm::find_if(
        operands, [](const HostTensor *t) { return !t->shape.empty(); });
    results.emplace_back(*kind, shape == operands.end() ? std::vector<int64_t>{}
                                                        : (*shape)->shape);
  }
  OwningOpRef<Operation *> scalarOp(Operation::create(state));
  ScalarProgram program(around);
  SmallVector<unsigned> slots;
  for (BlockArgument argument : arguments.getArguments())
    slots.push_back(program.slotOf(argument));
  if (llvm::Error error = program.add(*scalarOp))
    return error;
  inexact |= program.inexact;
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    for (auto [slot, operand] : llvm::zip_equal(slots, operands))
      program[slot] = operand->get(operand->shape.empty() ? 0 : i);
    program.run();
    for (auto [result, slot] : llvm::zip_equal(results, program.results))
      result.set(i, program[slot]);
  }
  if (program.undefined)
    return failure("'" + op->getName().getStringRef() +
                   "' computes an undefined value: " + program.undefined);
  for (auto [value, result] : llvm::zip_equal(op->getResults(), results))
    define(value, std::move(result));
  return llvm::Error::success();
}

llvm::Error FunctionRun::evaluateCall(func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee || callee.isExternal())
    return failure("there is no evaluation of a call of '" + op.getCallee() +
                   "'");
  std::vector<HostTensor> inputs;
  for (Value operand : op.getOperands())
    inputs.push_back((*this)[operand]);
  llvm::Expected<Evaluation> result = evaluate(callee, inputs, options);
  if (!result)
    return result.takeError();
  inexact |= result->inexact;
  for (auto [value, tensor] : llvm::zip_equal(op.getResults(), result->results))
    define(value, std::move(tensor));
  return llvm::Error::success();
}
