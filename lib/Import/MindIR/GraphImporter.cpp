//===- GraphImporter.cpp - imports the graphs of a model ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
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
  // Attributes are looked for one after the other, by every node.
  constexpr int maxAttributes = 256;
  for (const pb::PrimitiveProto &primitive : model.primitives()) {
    if (primitive.attribute_size() > maxAttributes)
      return b.fail("the primitive " + quoted(primitive.name()) + " has " +
                    Twine(primitive.attribute_size()) +
                    " attributes, more than the " + Twine(maxAttributes) +
                    " that are supported");
    llvm::StringSet<> attributes;
    for (const pb::AttributeProto &attribute : primitive.attribute())
      if (!attributes.insert(attribute.name()).second)
        return b.fail("the primitive " + quoted(primitive.name()) +
                      " has two attributes " + quoted(attribute.name()));
  }
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
  // Within a graph no two inputs and nodes have one name, nor that of a
  // parameter.
  auto check = [&](const pb::GraphProto &graph) -> LogicalResult {
    llvm::StringSet<> seen;
    auto isNew = [&](StringRef name) {
      return !parameters.contains(name) && seen.insert(name).second;
    };
    for (const pb::ValueInfoProto &input : graph.input())
      if (!isNew(input.name()))
        return twice(input.name());
    for (const pb::NodeProto &node : graph.node())
      for (const std::string &output : node.output())
        if (!isNew(output))
          return twice(output);
    return success();
  };
  auto indexAll = [&](auto &&function) {
    return success(
        succeeded(function(*model.mutable_graph())) &&
        llvm::all_of(*model.mutable_functions(), [&](pb::GraphProto &graph) {
          return succeeded(function(graph));
        }));
  };
  return success(succeeded(indexAll(index)) && succeeded(indexAll(check)));
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

/// The tensors in `value`, which may be a tuple; None is no output. `visited`
/// counts tuples as well, since a few empty ones may nest into very many.
static LogicalResult flatten(ModelOpBuilder &b, const MindIRValue &value,
                             SmallVector<Tensor> &tensors, unsigned &visited) {
  constexpr unsigned maxVisited = 1024;
  if (++visited > maxVisited)
    return b.fail("the model has more than " + Twine(maxVisited) + " outputs");
  if (value.isTensor()) {
    tensors.push_back(value.getTensor());
    return success();
  }
  if (value.getKind() == MindIRValue::Kind::Nothing)
    return success();
  if (value.getKind() != MindIRValue::Kind::Tuple)
    return b.fail("the model has an output that is no tensor and no tuple of "
                  "tensors");
  for (const MindIRValue &element : value.getElements())
    if (failed(flatten(b, element, tensors, visited)))
      return failure();
  return success();
}

/// The names that the file has for outputs say nothing, and change from one
/// export to the next.
LogicalResult GraphImporter::createReturn(func::FuncOp func,
                                          ArrayRef<MindIRValue> results) {
  b.setSubject("", b.getLoc());
  SmallVector<Tensor> tensors;
  unsigned visited = 0;
  for (const MindIRValue &result : results)
    if (failed(flatten(b, result, tensors, visited)))
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
  const MindIRGraph &indexed = getGraph(graph);
  if (!active.empty() &&
      failed(b.charge(callCost + nodeCost * indexed.getSize())))
    return failure();

  active.push_back(&graph);
  Frame frame{indexed, {}, indexed.findNeeded()};
  for (auto [input, argument] : llvm::zip_equal(graph.input(), arguments))
    frame.values[input.name()] = argument;
  if (!options.asWritten && failed(findRepairs(frame)))
    return failure();
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
  if (failed(result) || b.hasFailed() ||
      failed(checkDeclaredTypes(b, node, *result)))
    return failure();
  // Values are walked and freed by recursion.
  constexpr unsigned maxDepth = 64;
  if (result->getDepth() > maxDepth)
    return b.fail("nests tuples, functions or branches more than " +
                  Twine(maxDepth) + " deep, which is not supported");
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
  // Tokens that order side effects come last; in a tuple None is an element.
  bool isTuple = op->import == importMakeTuple;
  while (!isTuple && !inputs->empty() && inputs->size() > op->minInputs &&
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
  importer.setDeclaredType(getDeclaredType(node));
  if (failed(op->import(importer)) || b.hasFailed())
    return failure();
  return *importer.getResult();
}
