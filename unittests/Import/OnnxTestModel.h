//===- OnnxTestModel.h - ONNX models written in a test ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_IMPORT_ONNXTESTMODEL_H
#define COMPRESS_UNITTESTS_IMPORT_ONNXTESTMODEL_H

#include "Compress/Import/Onnx/OnnxImport.h"
#include "CompressOnnx.pb.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <initializer_list>
#include <string>
#include <vector>

namespace mlir::compress::test {
namespace pb = ::compress_onnx;

using Names = std::vector<std::string>;
using Shape = std::vector<int64_t>;

/// A node under construction: `model.node("Relu", {"x"}, {"y"}).ints(...)`.
class NodeBuilder {
public:
  explicit NodeBuilder(pb::NodeProto *node) : node(node) {}

  NodeBuilder &attr(const std::string &name, int64_t value) {
    pb::AttributeProto *attribute = add(name, pb::AttributeProto::INT);
    attribute->set_i(value);
    return *this;
  }
  NodeBuilder &real(const std::string &name, float value) {
    pb::AttributeProto *attribute = add(name, pb::AttributeProto::FLOAT);
    attribute->set_f(value);
    return *this;
  }
  NodeBuilder &text(const std::string &name, const std::string &value) {
    pb::AttributeProto *attribute = add(name, pb::AttributeProto::STRING);
    attribute->set_s(value);
    return *this;
  }
  NodeBuilder &ints(const std::string &name, const Shape &values) {
    pb::AttributeProto *attribute = add(name, pb::AttributeProto::INTS);
    for (int64_t value : values)
      attribute->add_ints(value);
    return *this;
  }
  pb::NodeProto *proto() { return node; }

private:
  pb::AttributeProto *add(const std::string &name,
                          pb::AttributeProto::AttributeType type) {
    pb::AttributeProto *attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }
  pb::NodeProto *node;
};

class TestModel {
public:
  explicit TestModel(int64_t opset = 13) {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(opset);
    model.mutable_graph()->set_name("test");
  }

  pb::GraphProto &graph() { return *model.mutable_graph(); }

  /// -1 is an open dimension.
  TestModel &input(const std::string &name, const Shape &shape, int type = 1) {
    pb::ValueInfoProto *info = graph().add_input();
    info->set_name(name);
    pb::TypeProto::Tensor *tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (int64_t extent : shape) {
      auto *dim = tensor->mutable_shape()->add_dim();
      if (extent < 0)
        dim->set_dim_param("n");
      else
        dim->set_dim_value(extent);
    }
    return *this;
  }
  TestModel &output(const std::string &name) {
    graph().add_output()->set_name(name);
    return *this;
  }
  NodeBuilder node(const std::string &op, const Names &inputs,
                   const Names &outputs) {
    pb::NodeProto *node = graph().add_node();
    node->set_op_type(op);
    node->set_name("the " + op);
    for (const std::string &input : inputs)
      node->add_input(input);
    for (const std::string &output : outputs)
      node->add_output(output);
    return NodeBuilder(node);
  }
  pb::TensorProto *tensor(const std::string &name, const Shape &shape,
                          int type) {
    pb::TensorProto *tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (int64_t extent : shape)
      tensor->add_dims(extent);
    return tensor;
  }
  /// `values` repeat as often as `shape` needs.
  TestModel &floats(const std::string &name, const Shape &shape,
                    std::vector<float> values) {
    pb::TensorProto *proto = tensor(name, shape, 1);
    for (int64_t i = 0, n = size(shape); i < n; ++i)
      proto->add_float_data(values[i % values.size()]);
    return *this;
  }
  TestModel &longs(const std::string &name, const Shape &values) {
    pb::TensorProto *proto =
        tensor(name, {static_cast<int64_t>(values.size())}, 7);
    for (int64_t value : values)
      proto->add_int64_data(value);
    return *this;
  }
  /// Of int8 (3), uint8 (2), int16 (5), uint16 (4) or int32 (6).
  TestModel &codes(const std::string &name, const Shape &shape, int type,
                   std::vector<int32_t> values) {
    pb::TensorProto *proto = tensor(name, shape, type);
    for (int64_t i = 0, n = size(shape); i < n; ++i)
      proto->add_int32_data(values[i % values.size()]);
    return *this;
  }
  /// A scale "s" and zero point "z" per tensor.
  TestModel &scale(float scale, int32_t zeroPoint, int type) {
    floats("s", {}, {scale});
    return codes("z", {}, type, {zeroPoint});
  }

  /// A function of domain "compress" with the one node `op`: y = op(x).
  TestModel &ownFunction(const std::string &name, const std::string &op) {
    auto *domain = model.add_opset_import();
    domain->set_domain("compress");
    domain->set_version(1);
    pb::FunctionProto *function = model.add_functions();
    function->set_name(name);
    function->set_domain("compress");
    for (const char *input : {"x", "beta", "gamma"})
      function->add_input(input);
    function->add_output("y");
    function->add_attribute("axis");
    pb::NodeProto *node = function->add_node();
    node->set_op_type(op);
    node->add_input("x");
    node->add_output("y");
    return *this;
  }

  std::string bytes() const { return model.SerializeAsString(); }

  pb::ModelProto model;

private:
  static int64_t size(const Shape &shape) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    return size;
  }
};

/// What an import gave: the printed module, or the errors.
struct ImportResult {
  std::string ir;
  std::vector<std::string> errors;
  explicit operator bool() const { return !ir.empty(); }
};

inline ImportResult import(StringRef bytes, MLIRContext &context,
                           const OnnxImportOptions &options = {},
                           bool print = true) {
  ImportResult result;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      result.errors.push_back(diagnostic.str());
    return success();
  });
  OwningOpRef<ModuleOp> module =
      importOnnx(bytes, "test.onnx", &context, options);
  if (!module)
    return result;
  result.ir = "module";
  if (print) {
    llvm::raw_string_ostream os(result.ir);
    module->print(os);
  }
  return result;
}

inline ImportResult import(const TestModel &model,
                           const OnnxImportOptions &options = {}) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  return import(model.bytes(), context, options);
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_IMPORT_ONNXTESTMODEL_H
