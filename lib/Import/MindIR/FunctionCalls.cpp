//===- FunctionCalls.cpp - calls of functions, and branches ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "GraphImporter.h"
#include "MindIR.pb.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

/// A function and its first arguments.
FailureOr<MindIRValue> GraphImporter::importPartial(Frame &frame,
                                                    pb::NodeProto &node) {
  FailureOr<Values> inputs = getInputs(frame, node);
  if (failed(inputs))
    return failure();
  if (inputs->empty() ||
      inputs->front().getKind() != MindIRValue::Kind::Closure)
    return b.fail("requires a function as input 0");
  MindIRValue::Elements captured(inputs->front().getElements());
  captured.insert(captured.end(), inputs->begin() + 1, inputs->end());
  if (failed(b.charge(captured.size() * sizeof(MindIRValue))))
    return failure();
  return MindIRValue::fromClosure(inputs->front().getGraph(),
                                  std::move(captured));
}

/// condition, a closure if it is true, one if it is false.
FailureOr<MindIRValue> GraphImporter::importSwitch(Frame &frame,
                                                   pb::NodeProto &node) {
  FailureOr<Values> inputs = getInputs(frame, node);
  if (failed(inputs))
    return failure();
  if (inputs->size() != 3 || !inputs->front().isTensor() ||
      (*inputs)[0].getTensor().type != ElementType::Bool ||
      (*inputs)[0].getTensor().getNumElements() != 1)
    return b.fail("requires one bool, and what it chooses from");
  const Tensor &condition = inputs->front().getTensor();
  if (std::optional<double> known = condition.getScalar())
    return (*inputs)[*known != 0 ? 1 : 2];
  return MindIRValue::fromChoice(condition, (*inputs)[1], (*inputs)[2]);
}

FailureOr<MindIRValue> GraphImporter::call(const MindIRValue &callee,
                                           ArrayRef<MindIRValue> arguments) {
  // Graphs that call each other and the branches in each add up; a branch that
  // is both sides of the next one multiplies.
  constexpr unsigned maxDepth = 256;
  constexpr int64_t callCost = 4096;
  llvm::SaveAndRestore<unsigned> level(callDepth, callDepth + 1);
  if (callDepth > maxDepth)
    return b.fail("nests calls and branches more than " + Twine(maxDepth) +
                  " deep, which is not supported");
  if (failed(b.charge(callCost)))
    return failure();
  if (callee.getKind() == MindIRValue::Kind::Choice) {
    // Nothing has side effects: both sides are computed, and one is taken.
    ArrayRef<MindIRValue> sides = callee.getElements();
    Location loc = b.getLoc();
    FailureOr<MindIRValue> ifTrue = call(sides[0], arguments);
    FailureOr<MindIRValue> ifFalse =
        failed(ifTrue) ? ifTrue : call(sides[1], arguments);
    if (failed(ifFalse))
      return failure();
    b.setSubject("a branch", loc);
    remark::missed(loc, mindirRemark())
        << "both sides of a branch are computed, since a compiled "
           "network has no branches";
    return select(callee.getTensor(), *ifTrue, *ifFalse);
  }
  if (callee.getKind() != MindIRValue::Kind::Closure)
    return b.fail("calls what is no function");
  // One list of captured arguments may be that of many calls.
  if (failed(b.charge((callee.getElements().size() + arguments.size()) *
                      sizeof(MindIRValue))))
    return failure();
  Values all(callee.getElements());
  all.append(arguments.begin(), arguments.end());
  FailureOr<Values> results = importGraph(callee.getGraph(), all);
  if (failed(results))
    return failure();
  if (results->size() == 1)
    return results->front();
  return MindIRValue::fromTuple(
      MindIRValue::Elements(results->begin(), results->end()));
}

FailureOr<MindIRValue> GraphImporter::select(const Tensor &condition,
                                             const MindIRValue &ifTrue,
                                             const MindIRValue &ifFalse) {
  MindIRValue::Elements chosen;
  if (ifTrue.isTensor() && ifFalse.isTensor()) {
    const Tensor &x = ifTrue.getTensor(), &y = ifFalse.getTensor();
    if (x.type != y.type || x.shape != y.shape || x.type == ElementType::F16)
      return b.fail("has sides of different types: " + toString(x.type) + " " +
                    toString(x.shape) + " and " + toString(y.type) + " " +
                    toString(y.shape));
    constexpr int64_t selectCost = 4096;
    if (failed(b.charge(selectCost)))
      return failure();
    FailureOr<Tensor> scalar = b.reshape(condition, {});
    if (failed(scalar))
      return failure();
    FailureOr<Tensor> result = createSelect(b, *scalar, x, y);
    if (failed(result))
      return failure();
    return MindIRValue::fromTensor(*result);
  }
  if (ifTrue.getKind() == MindIRValue::Kind::Nothing &&
      ifFalse.getKind() == MindIRValue::Kind::Nothing)
    return MindIRValue();
  constexpr size_t maxElements = 1024;
  if (ifTrue.getKind() != MindIRValue::Kind::Tuple ||
      ifFalse.getKind() != MindIRValue::Kind::Tuple ||
      ifTrue.getElements().size() != ifFalse.getElements().size() ||
      ifTrue.getElements().size() > maxElements)
    return b.fail("has sides that do not give as many tensors");
  for (auto [x, y] :
       llvm::zip_equal(ifTrue.getElements(), ifFalse.getElements())) {
    if (!x.isTensor() || !y.isTensor())
      return b.fail("has sides that give other things than tensors");
    FailureOr<MindIRValue> element = select(condition, x, y);
    if (failed(element))
      return failure();
    chosen.push_back(*element);
  }
  return MindIRValue::fromTuple(std::move(chosen));
}
