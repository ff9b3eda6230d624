//===- MindIRGraph.cpp - who makes and who reads a value ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRGraph.h"
#include "MindIR.pb.h"
#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

MindIRNames::MindIRNames(pb::ModelProto &model) {
  for (pb::PrimitiveProto &primitive : *model.mutable_primitives())
    if (!primitives.try_emplace(primitive.name(), &primitive).second)
      twice = primitive.name();
  for (pb::GraphProto &function : *model.mutable_functions())
    if (!functions.try_emplace(function.name(), &function).second)
      twice = function.name();
}

StringRef mlir::compress::getReferee(const pb::NodeProto &node) {
  StringRef type = node.op_type();
  type.consume_front("REF::");
  return type;
}

pb::PrimitiveProto *MindIRNames::getPrimitive(const pb::NodeProto &node) const {
  return primitives.lookup(getReferee(node));
}

StringRef MindIRNames::getOpType(const pb::NodeProto &node) const {
  const pb::PrimitiveProto *primitive = getPrimitive(node);
  return primitive ? StringRef(primitive->op_type()) : getReferee(node);
}

MindIRGraph::MindIRGraph(const MindIRNames &names, const pb::GraphProto &graph)
    : names(names), graph(graph) {
  for (const pb::NodeProto &node : graph.node()) {
    for (const std::string &output : node.output())
      producers.try_emplace(output, &node);
    for (const std::string &input : node.input())
      ++uses[input];
    size += 1 + node.input_size() + node.output_size();
  }
  for (const pb::ValueInfoProto &output : graph.output())
    ++uses[output.name()];
}

const pb::NodeProto *MindIRGraph::getProducer(StringRef name,
                                              StringRef opType) const {
  const pb::NodeProto *node = getProducer(name);
  return node && names.getOpType(*node) == opType ? node : nullptr;
}

StringRef MindIRGraph::getLoaded(StringRef name) const {
  const pb::NodeProto *load = getProducer(name, "Load");
  return load && load->input_size() ? StringRef(load->input(0)) : name;
}

llvm::StringSet<> MindIRGraph::findNeeded() const {
  llvm::StringSet<> needed;
  SmallVector<StringRef> work;
  auto add = [&](StringRef name) {
    if (needed.insert(name).second)
      work.push_back(name);
  };
  for (const pb::ValueInfoProto &output : graph.output())
    add(output.name());
  while (!work.empty()) {
    const pb::NodeProto *node = getProducer(work.pop_back_val());
    if (!node)
      continue;
    add(getReferee(*node)); // where that is a value
    unsigned used =
        getNumUsedInputs(names.getOpType(*node), node->input_size());
    for (unsigned i = 0; i < used; ++i)
      add(node->input(static_cast<int>(i)));
  }
  return needed;
}
