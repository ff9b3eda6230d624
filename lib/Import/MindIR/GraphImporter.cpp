//===- GraphImporter.cpp - imports the graphs of a model ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "Compress/Import/Common/Arithmetic.h"
#include "MindIR.pb.h"
#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

GraphImporter::GraphImporter(ModelOpBuilder &b, pb::ModelProto &model,
                             const MindIRImportOptions &options)
    : b(b), model(model), options(options), names(model) {}

/// "a graph's name:x" without the graph.
static StringRef getLocalName(const pb::GraphProto &graph, StringRef name) {
  StringRef local = name;
  if (local.consume_front(graph.name()) && local.consume_front(":") &&
      !local.empty())
    return local;
  return name;
}

void GraphImporter::setSubject(const pb::NodeProto &node) {
  StringRef scope = node.domain();
  if (scope.empty() || scope == "0")
    scope = node.name();
  // The names of graphs change from one export to the next.
  for (const pb::GraphProto *graph : active)
    scope = getLocalName(*graph, scope);
  std::string type = quoted(names.getOpType(node));
  b.setSubject("'mindir." + type.substr(1, type.size() - 2) + "' (node " +
                   quoted(scope) + ")",
               NameLoc::get(StringAttr::get(b.getContext(), scope)));
}

LogicalResult GraphImporter::indexNames() {
  auto twice = [&](StringRef name) {
    return b.fail("the name " + quoted(name) + " is defined twice");
  };
  if (std::optional<StringRef> name = names.getTwice())
    return twice(*name);
  auto index = [&](pb::GraphProto &graph) {
    for (pb::TensorProto &parameter : *graph.mutable_parameter())
      if (!parameters.try_emplace(parameter.name(), &parameter).second)
        return twice(parameter.name());
    for (pb::NodeProto &node : *graph.mutable_node())
      if (node.op_type() == "Constant" && node.output_size() == 1 &&
          !constants.try_emplace(node.output(0), &node).second)
        return twice(node.output(0));
    return success();
  };
  if (failed(index(*model.mutable_graph())))
    return failure();
  for (pb::GraphProto &function : *model.mutable_functions())
    if (failed(index(function)))
      return failure();
  return success();
}

LogicalResult GraphImporter::run() {
  if (model.has_little_endian() && !model.little_endian())
    return b.fail("the model has big-endian data, which is not supported");
  if (failed(indexNames()))
    return failure();
  pb::GraphProto &graph = *model.mutable_graph();
  if (graph.output_size() == 0)
    return b.fail("the model has no outputs");
  Values arguments;
  FailureOr<func::FuncOp> func = createFunction(arguments);
  if (failed(func))
    return failure();
  FailureOr<Values> results = importGraph(graph, arguments);
  if (failed(results))
    return failure();
  return createReturn(*func, *results);
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

FailureOr<func::FuncOp> GraphImporter::createFunction(Values &arguments) {
  const pb::GraphProto &graph = model.graph();
  SmallVector<ModelInput> inputs;
  SmallVector<std::string> inputNames; // empty for no tensor
  llvm::StringSet<> locals;
  bool areUnique = llvm::all_of(graph.input(), [&](const auto &info) {
    return locals.insert(getLocalName(graph, info.name())).second;
  });
  for (const pb::ValueInfoProto &info : graph.input()) {
    inputNames.emplace_back();
    if (info.tensor_size() == 0)
      continue; // orders side effects
    if (info.tensor_size() > 1)
      return b.fail("the input " + quoted(info.name()) +
                    " is a tuple of tensors, which is not supported; export "
                    "the model with one input for each");
    const pb::TensorProto &tensor = info.tensor(0);
    ModelInput &input = inputs.emplace_back();
    input.name =
        areUnique ? getLocalName(graph, info.name()).str() : info.name();
    if (input.name.empty())
      return b.fail("the model has an input without a name");
    inputNames.back() = input.name;
    input.type = getMindIRElementType(tensor.data_type());
    input.typeName = getMindIRTypeName(tensor.data_type());
    input.shape.emplace();
    for (int64_t extent : tensor.dims()) {
      if (extent < -1)
        return b.fail("the input " + quoted(input.name) + " has an extent of " +
                      Twine(extent) + (extent == -2 ? ": no rank" : ""));
      input.shape->push_back(extent < 1 ? ShapedType::kDynamic : extent);
    }
  }
  llvm::StringMap<Tensor> tensors;
  FailureOr<func::FuncOp> func =
      createModelFunction(b, inputs, options, tensors);
  if (failed(func))
    return failure();
  for (const std::string &name : inputNames)
    arguments.push_back(name.empty() ? MindIRValue()
                                     : MindIRValue::fromTensor(tensors[name]));
  return func;
}

/// The tensors in `value`, which may be a tuple.
static LogicalResult flatten(ModelOpBuilder &b, const MindIRValue &value,
                             SmallVector<Tensor> &tensors, unsigned depth = 0) {
  constexpr unsigned maxDepth = 16, maxResults = 1024;
  if (value.isTensor() && tensors.size() < maxResults) {
    tensors.push_back(value.getTensor());
    return success();
  }
  if (value.getKind() != MindIRValue::Kind::Tuple || depth > maxDepth ||
      tensors.size() >= maxResults)
    return b.fail("the model has an output that is no tensor and no tuple of "
                  "tensors, or too many outputs");
  for (const MindIRValue &element : value.getElements())
    if (failed(flatten(b, element, tensors, depth + 1)))
      return failure();
  return success();
}

/// The names that the file has for outputs say nothing, and change from one
/// export to the next.
LogicalResult GraphImporter::createReturn(func::FuncOp func,
                                          ArrayRef<MindIRValue> results) {
  b.setSubject("", b.getLoc());
  SmallVector<Tensor> tensors;
  for (const MindIRValue &result : results)
    if (failed(flatten(b, result, tensors)))
      return failure();
  if (tensors.empty())
    return b.fail("the model has no outputs");
  SmallVector<std::pair<std::string, Tensor>> outputs;
  for (auto [i, tensor] : llvm::enumerate(tensors))
    outputs.emplace_back(
        tensors.size() == 1 ? "output" : "output" + std::to_string(i), tensor);
  return createModelReturn(b, func, outputs);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

FailureOr<const MindIRValue *> GraphImporter::getGlobal(StringRef name) {
  auto known = globals.find(name);
  if (known != globals.end())
    return &known->second;
  std::optional<StringRef> folder;
  if (options.folder)
    folder = *options.folder;
  if (pb::TensorProto *parameter = parameters.lookup(name)) {
    StringRef key = parameter->ref_key();
    FailureOr<ConstantTensorRef> constant = readMindIRTensor(
        b, *parameter, key.empty() ? StringRef(name) : key, folder);
    if (failed(constant))
      return failure();
    return &(globals[name] =
                 MindIRValue::fromTensor(Tensor::fromConstant(*constant)));
  }
  pb::NodeProto *node = constants.lookup(name);
  if (!node)
    return nullptr;
  for (pb::AttributeProto &attribute : *node->mutable_attribute()) {
    if (attribute.name() != "value")
      continue;
    FailureOr<MindIRValue> value =
        readMindIRAttribute(b, attribute, name, folder);
    if (failed(value))
      return failure();
    return &(globals[name] = *value);
  }
  return b.fail("reads the constant " + quoted(name) +
                ", which has no value; the file is damaged");
}

FailureOr<MindIRValue> GraphImporter::getValue(Frame &frame, StringRef name) {
  auto known = frame.values.find(name);
  if (known != frame.values.end())
    return known->second;
  FailureOr<const MindIRValue *> global = getGlobal(name);
  if (failed(global))
    return failure();
  if (*global)
    return **global;
  if (pb::GraphProto *function = names.getFunction(name))
    return MindIRValue::fromClosure(*function, {});
  return b.fail("reads " + quoted(name) +
                (frame.graph.getProducer(name)
                     ? ", which its node does not give before"
                     : ", which nothing defines") +
                "; the nodes must be in topological order");
}

/// The inputs on which the result depends.
FailureOr<GraphImporter::Values>
GraphImporter::getInputs(Frame &frame, const pb::NodeProto &node) {
  Values inputs;
  unsigned used = getNumUsedInputs(names.getOpType(node), node.input_size());
  for (unsigned i = 0; i < used; ++i) {
    FailureOr<MindIRValue> value =
        getValue(frame, node.input(static_cast<int>(i)));
    if (failed(value))
      return failure();
    inputs.push_back(*value);
  }
  return inputs;
}

//===----------------------------------------------------------------------===//
// Graphs and nodes
//===----------------------------------------------------------------------===//

const MindIRGraph &GraphImporter::getGraph(pb::GraphProto &graph) {
  std::unique_ptr<MindIRGraph> &known = graphs[&graph];
  if (!known)
    known = std::make_unique<MindIRGraph>(names, graph);
  return *known;
}

FailureOr<GraphImporter::Values>
GraphImporter::importGraph(pb::GraphProto &graph,
                           ArrayRef<MindIRValue> arguments) {
  constexpr size_t maxDepth = 64;
  // A few functions that call each other often are a large model.
  constexpr int64_t callCost = 4096, nodeCost = 256;
  if (llvm::is_contained(active, &graph) || active.size() > maxDepth)
    return b.fail("calls the function " + quoted(graph.name()) +
                  " while that runs: a loop, which is not supported");
  if (static_cast<int>(arguments.size()) != graph.input_size())
    return b.fail("calls the function " + quoted(graph.name()) + " with " +
                  Twine(arguments.size()) + " arguments, not " +
                  Twine(graph.input_size()));
  bool isFirst = !graphs.contains(&graph);
  const MindIRGraph &indexed = getGraph(graph);
  if (!active.empty() &&
      failed(b.charge(callCost + nodeCost * indexed.getSize())))
    return failure();
  if (std::optional<StringRef> name = indexed.getTwice())
    return b.fail("the name " + quoted(*name) + " is defined twice");
  if (isFirst && !options.asWritten && failed(findRepairs(indexed)))
    return failure();

  active.push_back(&graph);
  Frame frame{indexed, {}, indexed.findNeeded()};
  for (auto [input, argument] : llvm::zip_equal(graph.input(), arguments))
    frame.values[input.name()] = argument;
  for (pb::NodeProto &node : *graph.mutable_node())
    if (node.op_type() != "Constant" &&
        llvm::any_of(node.output(),
                     [&](const std::string &name) {
                       return frame.needed.contains(name);
                     }) &&
        failed(importNode(frame, node)))
      return failure();
  b.setSubject("the result of " + quoted(graph.name()), b.getLoc());
  Values results;
  for (const pb::ValueInfoProto &output : graph.output()) {
    FailureOr<MindIRValue> value = getValue(frame, output.name());
    if (failed(value))
      return failure();
    results.push_back(*value);
  }
  active.pop_back();
  return results;
}

LogicalResult GraphImporter::importNode(Frame &frame, pb::NodeProto &node) {
  setSubject(node);
  StringRef op = names.getOpType(node);
  auto repair = repairs.find(&node);
  FailureOr<MindIRValue> result = failure();
  if (repair != repairs.end()) {
    result = importRepaired(frame, node, repair->second);
  } else if (op == "Partial") {
    result = importPartial(frame, node);
  } else if (op == "Switch") {
    result = importSwitch(frame, node);
  } else if (names.getPrimitive(node) ||
             !StringRef(node.op_type()).starts_with("REF::")) {
    result = importPrimitive(frame, node);
  } else {
    FailureOr<MindIRValue> callee = getValue(frame, getReferee(node));
    FailureOr<Values> arguments = getInputs(frame, node);
    if (failed(callee) || failed(arguments))
      return failure();
    result = call(*callee, *arguments);
  }
  if (failed(result) || b.hasFailed())
    return failure();
  for (const std::string &output : node.output()) {
    if (&output != &node.output(0) && frame.needed.contains(output))
      return b.fail("has several results, which is not supported");
    frame.values[output] = *result;
  }
  return success();
}

FailureOr<MindIRValue> GraphImporter::importPrimitive(Frame &frame,
                                                      pb::NodeProto &node) {
  StringRef name = names.getOpType(node);
  const MindIROp *op = findMindIROp(name);
  if (!op)
    return b.fail("is not supported; compressc --list-mindir-ops says what is");
  FailureOr<Values> inputs = getInputs(frame, node);
  if (failed(inputs))
    return failure();
  // Tokens that order side effects come last.
  while (!inputs->empty() && inputs->size() > op->minInputs &&
         inputs->back().getKind() == MindIRValue::Kind::Nothing)
    inputs->pop_back();
  unsigned count = inputs->size();
  if (count < getNumUsedInputs(name, op->minInputs) || count > op->maxInputs)
    return b.fail("requires " + Twine(op->minInputs) +
                  (op->maxInputs == kAnyNumber
                       ? Twine(" or more")
                       : " to " + Twine(op->maxInputs)) +
                  " inputs, not " + Twine(count));
  for (unsigned i = 0; i < op->numTensors; ++i)
    if (!(*inputs)[i].isTensor())
      return b.fail("requires input " + Twine(i) + " as a tensor");
  MindIRNode importer(b, name, names.getPrimitive(node), std::move(*inputs),
                      options);
  if (failed(op->import(importer)) || b.hasFailed())
    return failure();
  return *importer.getResult();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

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
