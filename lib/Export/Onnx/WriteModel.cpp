//===- WriteModel.cpp - a graph as the bytes of a model -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompressOnnx.pb.h"
#include "OnnxGraph.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

static constexpr int64_t kIrVersion = 8, kOpset = 17;

/// What an initializer is to the only node that uses it.
static StringRef getRole(StringRef op, size_t operand) {
  static constexpr StringLiteral ofProduct[] = {"", "weight", "bias"};
  static constexpr StringLiteral ofNorm[] = {"", "scale", "bias", "mean",
                                             "variance"};
  static constexpr StringLiteral ofQuantizer[] = {"codes", "scale",
                                                  "zero_point"};
  ArrayRef<StringLiteral> roles;
  if (op == "Conv" || op == "ConvTranspose" || op == "Gemm" || op == "MatMul")
    roles = ofProduct;
  else if (op == "BatchNormalization" || op == "LayerNormalization")
    roles = ofNorm;
  else if (op == "QuantizeLinear" || op == "DequantizeLinear")
    roles = ofQuantizer;
  if (operand < roles.size() && !roles[operand].empty())
    return roles[operand];
  return "const";
}

namespace mlir::compress {
class OnnxWriter {
public:
  explicit OnnxWriter(const OnnxGraph &graph)
      : graph(graph), nodes(graph.nodes), names(graph.values.size()),
        isUsed(graph.values.size(), false) {}

  pb::ModelProto write(StringRef producer, StringRef version,
                       StringRef graphName);

private:
  void dropUnused();
  void joinReshapes();
  void nameFlattening();
  void nameNodes();
  void nameValues();
  std::string makeUnique(StringRef wish, llvm::StringSet<> &taken);
  void writeType(ValueId value, StringRef name, pb::ValueInfoProto &info);
  void writeNode(const OnnxNode &node, pb::NodeProto &proto);
  void writeConstant(ValueId value, pb::TensorProto &proto);

  const OnnxGraph &graph;
  std::vector<OnnxNode> nodes;
  std::vector<std::string> names;
  std::vector<bool> isUsed;
  SmallVector<ValueId> constants; // in the order of their use
};
} // namespace mlir::compress

/// Keeps the nodes that an output depends on.
void OnnxWriter::dropUnused() {
  isUsed.assign(isUsed.size(), false);
  for (const auto &[value, name] : graph.outputs)
    isUsed[value] = true;
  for (const OnnxNode &node : llvm::reverse(nodes))
    if (isUsed[node.output])
      for (ValueId input : node.inputs)
        if (input != kNoValue)
          isUsed[input] = true;
  llvm::erase_if(nodes,
                 [&](const OnnxNode &node) { return !isUsed[node.output]; });
}

/// A reduction whose dimensions of extent 1 are only taken away does not keep
/// them.
void OnnxWriter::joinReshapes() {
  SmallVector<unsigned> uses(names.size(), 0);
  for (const OnnxNode &node : nodes)
    for (ValueId input : node.inputs)
      if (input != kNoValue)
        ++uses[input];
  for (const auto &[value, name] : graph.outputs)
    ++uses[value];
  llvm::DenseMap<ValueId, OnnxNode *> reductions;
  for (OnnxNode &node : nodes)
    if (StringRef(node.op).starts_with("Reduce"))
      reductions[node.output] = &node;
  for (OnnxNode &node : nodes) {
    OnnxNode *reduction =
        node.op == "Reshape" ? reductions.lookup(node.inputs[0]) : nullptr;
    if (!reduction || uses[node.inputs[0]] != 1)
      continue;
    SmallVector<int64_t> axes =
        reduction->op == "ReduceSum"
            ? graph.getIndices(reduction->inputs[1])
            : SmallVector<int64_t>(reduction->getInts("axes"));
    SmallVector<int64_t> kept;
    for (auto [dim, extent] :
         llvm::enumerate(graph.getShape(reduction->inputs[0])))
      if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
        kept.push_back(extent);
    if (ArrayRef<int64_t>(kept) != graph.getShape(node.output))
      continue;
    for (auto &[key, value] : reduction->attributes)
      if (key == "keepdims")
        value = int64_t(0);
    reduction->output = node.output;
    node.op.clear();
  }
  llvm::erase_if(nodes, [](const OnnxNode &node) { return node.op.empty(); });
}

/// A reshape that joins all dimensions but the first.
void OnnxWriter::nameFlattening() {
  for (OnnxNode &node : nodes) {
    ArrayRef<int64_t> to = graph.getShape(node.output);
    if (node.op != "Reshape" || to.size() != 2)
      continue;
    ArrayRef<int64_t> from = graph.getShape(node.inputs[0]);
    if (from.size() < 3 || from[0] != to[0])
      continue;
    node.op = "Flatten";
    node.inputs.pop_back();
    node.attributes = {{"axis", int64_t(1)}};
  }
}

std::string OnnxWriter::makeUnique(StringRef wish, llvm::StringSet<> &taken) {
  std::string result = wish.str();
  for (unsigned i = 1; !taken.insert(result).second; ++i)
    result = (wish + "_" + Twine(i)).str();
  return result;
}

/// Whether a node only brings operands or results of another into form.
static bool isHelper(const OnnxNode &node) {
  static constexpr StringLiteral helpers[] = {
      "Cast", "DequantizeLinear", "Expand", "Flatten", "Reshape", "Transpose"};
  return llvm::is_contained(helpers, StringRef(node.op));
}

/// Of the nodes that an op has become, the last one that is no helper has its
/// name, so that it is found under it; the others have it with their operator.
void OnnxWriter::nameNodes() {
  llvm::StringMap<unsigned> last;
  for (bool takesHelpers : {true, false})
    for (auto [i, node] : llvm::enumerate(nodes))
      if (!node.name.empty() && (takesHelpers || !isHelper(node)))
        last[node.name] = i;
  // Nodes as nodes, and operands by the node that uses them first.
  llvm::DenseMap<ValueId, std::pair<unsigned, unsigned>> users;
  for (auto [i, node] : llvm::enumerate(nodes))
    for (auto [operand, input] : llvm::enumerate(node.inputs))
      users.try_emplace(input, i, operand);
  llvm::StringSet<> taken;
  std::vector<std::string> chosen(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes))
    if (!node.name.empty() && last[node.name] == i)
      chosen[i] = makeUnique(node.name, taken);
  for (auto [i, node] : llvm::enumerate(nodes))
    if (node.name.empty() && !isHelper(node))
      chosen[i] = makeUnique(StringRef(node.op).lower(), taken);
  for (auto [i, node] : llvm::enumerate(nodes)) {
    if (!chosen[i].empty())
      continue;
    std::string lower = StringRef(node.op).lower();
    std::string wish = node.name.empty() ? lower : node.name + "." + lower;
    if (node.op == "DequantizeLinear" && graph.values[node.inputs[0]].constant)
      if (auto user = users.find(node.output); user != users.end()) {
        auto [at, operand] = user->second;
        if (!chosen[at].empty())
          wish = chosen[at] + "." + getRole(nodes[at].op, operand).str();
      }
    chosen[i] = makeUnique(wish, taken);
  }
  for (auto [node, name] : llvm::zip_equal(nodes, chosen))
    node.name = name;
}

void OnnxWriter::nameValues() {
  llvm::StringSet<> taken;
  for (const auto &list : {graph.inputs, graph.outputs})
    for (const auto &[value, name] : list)
      names[value] = makeUnique(name, taken);
  for (const OnnxNode &node : nodes)
    if (names[node.output].empty())
      names[node.output] = makeUnique(node.name, taken);
  for (const OnnxNode &node : nodes)
    for (auto [i, input] : llvm::enumerate(node.inputs)) {
      if (input == kNoValue || !names[input].empty())
        continue;
      const OnnxConstant &constant = *graph.values[input].constant;
      std::string fallback = node.name + "." + getRole(node.op, i).str();
      names[input] =
          makeUnique(constant.name.empty() ? fallback : constant.name, taken);
      constants.push_back(input);
    }
}

void OnnxWriter::writeType(ValueId value, StringRef name,
                           pb::ValueInfoProto &info) {
  info.set_name(name.str());
  pb::TypeProto::Tensor &tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(static_cast<int>(graph.values[value].type));
  pb::TensorShapeProto &shape = *tensor.mutable_shape();
  for (int64_t extent : graph.values[value].shape)
    shape.add_dim()->set_dim_value(extent);
}

void OnnxWriter::writeNode(const OnnxNode &node, pb::NodeProto &proto) {
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  for (ValueId input : node.inputs)
    proto.add_input(input == kNoValue ? "" : names[input]);
  proto.add_output(names[node.output]);
  for (const auto &[key, value] : node.attributes) {
    pb::AttributeProto &attribute = *proto.add_attribute();
    attribute.set_name(key);
    if (const auto *integer = std::get_if<int64_t>(&value)) {
      attribute.set_type(pb::AttributeProto::INT);
      attribute.set_i(*integer);
    } else if (const auto *number = std::get_if<float>(&value)) {
      attribute.set_type(pb::AttributeProto::FLOAT);
      attribute.set_f(*number);
    } else {
      attribute.set_type(pb::AttributeProto::INTS);
      for (int64_t element : std::get<SmallVector<int64_t>>(value))
        attribute.add_ints(element);
    }
  }
}

void OnnxWriter::writeConstant(ValueId value, pb::TensorProto &proto) {
  const OnnxConstant &constant = *graph.values[value].constant;
  proto.set_name(names[value]);
  proto.set_data_type(static_cast<int>(constant.storage));
  for (int64_t extent : graph.values[value].shape)
    proto.add_dims(extent);
  proto.set_raw_data(constant.bytes->data(), constant.bytes->size());
}

pb::ModelProto OnnxWriter::write(StringRef producer, StringRef version,
                                 StringRef graphName) {
  dropUnused();
  joinReshapes();
  nameFlattening();
  dropUnused();
  nameNodes();
  nameValues();
  pb::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.add_opset_import()->set_version(kOpset);
  model.set_producer_name(producer.str());
  model.set_producer_version(version.str());
  pb::GraphProto &proto = *model.mutable_graph();
  proto.set_name(graphName.str());
  for (const OnnxNode &node : nodes)
    writeNode(node, *proto.add_node());
  for (ValueId value : constants)
    writeConstant(value, *proto.add_initializer());
  for (const auto &[value, name] : graph.inputs)
    writeType(value, names[value], *proto.add_input());
  for (const auto &[value, name] : graph.outputs)
    writeType(value, names[value], *proto.add_output());
  return model;
}

FailureOr<std::string> OnnxGraph::write(StringRef producer, StringRef version,
                                        StringRef graphName) const {
  // More than that is not copied into a message first.
  int64_t size = 0;
  for (const OnnxValue &value : values)
    if (value.constant)
      size = std::max<int64_t>(size, value.constant->bytes->size());
  constexpr int64_t most = std::numeric_limits<int>::max();
  if (size > most)
    return failure();
  pb::ModelProto model = OnnxWriter(*this).write(producer, version, graphName);
  std::string bytes;
  if (model.ByteSizeLong() > static_cast<size_t>(most) ||
      !model.SerializeToString(&bytes))
    return failure();
  return bytes;
}
