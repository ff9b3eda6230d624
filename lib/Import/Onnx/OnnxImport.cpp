//===- OnnxImport.cpp - ONNX to the model form ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Onnx/OnnxImport.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "CompressOnnx.pb.h"
#include "OnnxModel.h"
#include "OpTable.h"
#include "OwnDomain.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

namespace {
/// Imports the graph of one model.
class GraphImporter {
public:
  GraphImporter(ModelOpBuilder &b, pb::ModelProto &model,
                const OnnxImportOptions &options)
      : b(b), model(model), graph(*model.mutable_graph()), options(options) {}

  /// Builds `@main` at the insertion point of the builder.
  LogicalResult run();

private:
  LogicalResult readOpset();
  LogicalResult indexNames();
  void findNeeded();
  LogicalResult createFunction();
  LogicalResult importNode(pb::NodeProto &node);
  FailureOr<const OnnxOp *> findOp(const pb::NodeProto &node, int64_t &opset);
  FailureOr<const Tensor *> getTensor(StringRef name);
  LogicalResult createReturn();

  ModelOpBuilder &b;
  pb::ModelProto &model;
  pb::GraphProto &graph;
  const OnnxImportOptions &options;
  int64_t opset = 0;
  func::FuncOp func;
  llvm::StringMap<Tensor> tensors; // what has been imported; addresses stay
  llvm::StringMap<int> initializers, producers; // positions in `graph`
  llvm::StringSet<> needed; // tensors on which outputs depend
};
} // namespace

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

/// The two names of the domain of ONNX's own operators.
static bool isOnnxDomain(StringRef domain) {
  return domain.empty() || domain == "ai.onnx";
}

LogicalResult GraphImporter::readOpset() {
  for (const pb::OperatorSetIdProto &import : model.opset_import())
    if (isOnnxDomain(import.domain()))
      opset = std::max<int64_t>(opset, import.version());
  if (opset < 1)
    return b.fail("the model names no version of ONNX's operators; it is "
                  "damaged or no ONNX model");
  if (opset > kNewestOnnxOpset)
    return b.fail("the model uses opset " + Twine(opset) + "; " +
                  Twine(kNewestOnnxOpset) +
                  " and older are supported, convert it with "
                  "onnx.version_converter");
  return success();
}

/// Records where every name comes from; a name stands for one tensor.
LogicalResult GraphImporter::indexNames() {
  auto twice = [&](StringRef name) {
    return b.fail("the tensor " + quoted(name) + " is defined twice");
  };
  if (graph.sparse_initializer_size() != 0)
    return b.fail("the model has sparse initializers, which are not "
                  "supported; store them dense");
  for (int i = 0; i < graph.initializer_size(); ++i)
    if (!initializers.try_emplace(graph.initializer(i).name(), i).second)
      return twice(graph.initializer(i).name());
  llvm::StringSet<> inputs;
  for (const pb::ValueInfoProto &input : graph.input())
    if (!inputs.insert(input.name()).second)
      return twice(input.name());
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string &name : graph.node(i).output()) {
      if (name.empty())
        continue;
      if (inputs.contains(name) || initializers.contains(name) ||
          !producers.try_emplace(name, i).second)
        return twice(name);
    }
  return success();
}

/// Nodes that no output depends on are left out.
void GraphImporter::findNeeded() {
  SmallVector<StringRef> work;
  auto add = [&](StringRef name) {
    if (!name.empty() && needed.insert(name).second)
      work.push_back(name);
  };
  for (const pb::ValueInfoProto &output : graph.output())
    add(output.name());
  while (!work.empty()) {
    auto producer = producers.find(work.pop_back_val());
    if (producer != producers.end())
      for (const std::string &input : graph.node(producer->second).input())
        add(input);
  }
}

LogicalResult GraphImporter::run() {
  if (failed(readOpset()) || failed(checkOwnFunctions(b, model)) ||
      failed(indexNames()))
    return failure();
  if (graph.output_size() == 0)
    return b.fail("the model has no outputs");
  findNeeded();
  if (failed(createFunction()))
    return failure();
  for (pb::NodeProto &node : *graph.mutable_node())
    if (llvm::any_of(
            node.output(),
            [&](const std::string &name) { return needed.contains(name); }) &&
        failed(importNode(node)))
      return failure();
  return createReturn();
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

/// An open dimension has no extent, or one of 0 or -1.
static FailureOr<SmallVector<int64_t>>
getFileShape(ModelOpBuilder &b, const pb::ValueInfoProto &info) {
  SmallVector<int64_t> shape;
  for (const auto &dim : info.type().tensor_type().shape().dim()) {
    if (dim.has_dim_value() && dim.dim_value() < -1)
      return b.fail("the input " + quoted(info.name()) + " has an extent of " +
                    Twine(dim.dim_value()));
    bool isOpen = !dim.has_dim_value() || dim.dim_value() < 1;
    shape.push_back(isOpen ? ShapedType::kDynamic : dim.dim_value());
  }
  return shape;
}

LogicalResult GraphImporter::createFunction() {
  SmallVector<ModelInput> inputs;
  for (const pb::ValueInfoProto &info : graph.input()) {
    if (initializers.contains(info.name()))
      continue; // before IR version 4 constants are inputs too
    if (info.name().empty())
      return b.fail("the model has an input without a name");
    if (!info.type().has_tensor_type())
      return b.fail("the input " + quoted(info.name()) + " is no tensor");
    const pb::TypeProto::Tensor &type = info.type().tensor_type();
    ModelInput &input = inputs.emplace_back();
    input.name = info.name();
    input.type = getOnnxElementType(type.elem_type());
    input.typeName = getOnnxTypeName(type.elem_type());
    if (!type.has_shape())
      continue;
    FailureOr<SmallVector<int64_t>> shape = getFileShape(b, info);
    if (failed(shape))
      return failure();
    input.shape = *shape;
  }
  FailureOr<func::FuncOp> created =
      createModelFunction(b, inputs, options, tensors);
  if (failed(created))
    return failure();
  func = *created;
  return success();
}

LogicalResult GraphImporter::createReturn() {
  SmallVector<std::pair<std::string, Tensor>> outputs;
  for (const pb::ValueInfoProto &output : graph.output()) {
    b.setSubject("the output " + quoted(output.name()),
                 NameLoc::get(StringAttr::get(b.getContext(), output.name())));
    FailureOr<const Tensor *> tensor = getTensor(output.name());
    if (failed(tensor))
      return failure();
    outputs.emplace_back(output.name(), **tensor);
  }
  return createModelReturn(b, func, outputs);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

FailureOr<const Tensor *> GraphImporter::getTensor(StringRef name) {
  auto known = tensors.find(name);
  if (known != tensors.end())
    return &known->second;
  auto initializer = initializers.find(name);
  if (initializer == initializers.end())
    return b.fail("reads " + quoted(name) +
                  (producers.contains(name)
                       ? ", which its node does not give before"
                       : ", which nothing defines") +
                  "; the nodes must be in topological order");
  FailureOr<ConstantTensorRef> constant = readOnnxTensor(
      b, *graph.mutable_initializer(initializer->second), name, options.folder);
  if (failed(constant))
    return failure();
  return &(tensors[name] = Tensor::fromConstant(*constant));
}

/// The row for `node`, and the opset to read it by.
FailureOr<const OnnxOp *> GraphImporter::findOp(const pb::NodeProto &node,
                                                int64_t &nodeOpset) {
  bool isOnnx = isOnnxDomain(node.domain());
  std::string name =
      isOnnx ? node.op_type() : node.domain() + "." + node.op_type();
  bool isOwn = node.domain() == kOwnDomain;
  nodeOpset = isOnnx ? opset : isOwn ? getOwnOpset(model) : kNewestOnnxOpset;
  bool isKnown = false;
  for (const OnnxOp &op : getOnnxOps()) {
    if (op.name != name)
      continue;
    if (nodeOpset >= op.firstOpset && nodeOpset <= op.lastOpset)
      return &op;
    isKnown = true;
  }
  if (isKnown)
    return b.fail("is not supported in opset " + Twine(nodeOpset) +
                  (isOwn ? " of its domain; 1 is"
                         : "; convert the model with onnx.version_converter"));
  return b.fail("is not supported; compressc --list-onnx-ops says what is");
}

LogicalResult GraphImporter::importNode(pb::NodeProto &node) {
  StringRef name = node.name();
  bool isNamed = !name.empty();
  for (const std::string &output : node.output())
    if (name.empty())
      name = output;
  std::string domain =
      isOnnxDomain(node.domain()) ? "onnx" : quoted(node.domain());
  std::string type = quoted(node.op_type());
  b.setSubject(("'" + domain + "." + type.substr(1, type.size() - 2) + "' (" +
                (isNamed ? "node " : "of output ") + quoted(name) + ")"),
               NameLoc::get(StringAttr::get(b.getContext(), name)));
  int64_t nodeOpset;
  FailureOr<const OnnxOp *> op = findOp(node, nodeOpset);
  if (failed(op))
    return failure();

  llvm::StringSet<> seen;
  SmallVector<StringRef> knownAttributes;
  (*op)->attributes.split(knownAttributes, ' ');
  for (const pb::AttributeProto &attribute : node.attribute()) {
    if (!llvm::is_contained(knownAttributes, StringRef(attribute.name())))
      return b.fail("has the attribute " + quoted(attribute.name()) +
                    ", which is not supported");
    if (!seen.insert(attribute.name()).second)
      return b.fail("has the attribute " + quoted(attribute.name()) + " twice");
  }
  unsigned count = node.input_size();
  if (count < (*op)->minInputs || count > (*op)->maxInputs)
    return b.fail("requires " + Twine((*op)->minInputs) +
                  ((*op)->maxInputs == kVariadic
                       ? Twine(" or more")
                       : " to " + Twine((*op)->maxInputs)) +
                  " inputs, not " + Twine(count));
  SmallVector<const Tensor *> inputs;
  for (auto [i, input] : llvm::enumerate(node.input())) {
    if (input.empty() && i < (*op)->minInputs)
      return b.fail("requires input " + Twine(i));
    FailureOr<const Tensor *> tensor = nullptr;
    if (!input.empty())
      tensor = getTensor(input);
    if (failed(tensor))
      return failure();
    if (*tensor && !takesType(**op, **tensor))
      return b.fail("of " + toString((*tensor)->type) +
                    ((*tensor)->isCodes() ? " codes" : "") +
                    " is not supported; of " + getTypeNames(**op) + " it is");
    inputs.push_back(*tensor);
  }

  NodeImporter importer(b, node, nodeOpset, std::move(inputs));
  if (failed((*op)->import(importer)) || b.hasFailed())
    return failure();
  for (auto [i, output] : llvm::enumerate(node.output())) {
    if (std::optional<Tensor> &result = importer.getResult(i))
      tensors[output] = std::move(*result);
    else if (needed.contains(output))
      return b.fail("has an output " + quoted(output) +
                    " that is used, which is not supported");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Entry
//===----------------------------------------------------------------------===//

OwningOpRef<ModuleOp>
mlir::compress::importOnnx(StringRef bytes, StringRef fileName,
                           MLIRContext *ctx, const OnnxImportOptions &options) {
  ctx->loadDialect<arith::ArithDialect, CompressDialect, func::FuncDialect,
                   linalg::LinalgDialect, math::MathDialect,
                   quant::QuantDialect, tensor::TensorDialect>();
  Location fileLoc = FileLineColLoc::get(ctx, fileName, 0, 0);
  // Constants that the importer itself makes: shape arithmetic, transposed
  // weights, shifted codes. Honest models stay far below.
  constexpr int64_t base = int64_t(64) << 20;
  ModelOpBuilder builder(fileLoc,
                         base + ModelOpBuilder::kBudgetPerByte *
                                    static_cast<int64_t>(bytes.size()));
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    (void)builder.fail("the model is larger than 2 GiB, the limit of its "
                       "format; store it with external data");
    return nullptr;
  }
  pb::ModelProto model;
  if (failed(parseOnnxModel(bytes, model)) || !model.has_graph()) {
    (void)builder.fail("the file is no ONNX model, or it is damaged");
    return nullptr;
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLoc);
  builder.ir().setInsertionPointToStart(module->getBody());
  if (failed(GraphImporter(builder, model, options).run()) ||
      failed(verify(*module)))
    return nullptr;
  return module;
}
