//===- MindIRTestModel.h - MindIR models written in a test ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_IMPORT_MINDIRTESTMODEL_H
#define COMPRESS_UNITTESTS_IMPORT_MINDIRTESTMODEL_H

#include "Compress/Import/MindIR/MindIRImport.h"
#include "MindIR.pb.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"
#include <string>
#include <vector>

namespace mlir::compress::test {

/// A model as MindSpore writes it: every node calls a primitive of its own,
/// arguments are constant nodes, parameters are read by Load.
class MindIRTestModel {
public:
  using Names = std::vector<std::string>;
  using Shape = std::vector<int64_t>;
  using Floats = std::vector<float>;

  MindIRTestModel() {
    model.set_ir_version("1.1");
    model.set_producer_name("MindSpore");
    model.set_little_endian(true);
    graph = model.mutable_graph();
    graph->set_name("main");
  }

  std::string bytes() const { return model.SerializeAsString(); }

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  std::string input(const std::string &name, const Shape &shape, int type = 1) {
    auto *info = graph->add_input();
    info->set_name(graph->name() + ":" + name);
    describe(info->add_tensor(), shape, type);
    return info->name();
  }
  void output(const std::string &name) { graph->add_output()->set_name(name); }
  /// `values` repeat as often as `shape` needs.
  std::string parameter(const std::string &name, const Shape &shape,
                        const Floats &values) {
    auto *tensor = graph->add_parameter();
    tensor->set_name(graph->name() + ":" + name);
    tensor->set_ref_key(name);
    describe(tensor, shape, 1);
    fill(tensor, shape, values);
    return node("Load", {tensor->name(), nothing()});
  }
  std::string scalar(int64_t value, int type = 7) {
    auto *attribute = constant();
    attribute->set_type(type);
    attribute->set_i(value);
    return last;
  }
  std::string number(float value) {
    auto *attribute = constant();
    attribute->set_type(1);
    attribute->set_f(value);
    return last;
  }
  std::string ints(const Shape &values) {
    auto *attribute = constant();
    attribute->set_type(20);
    for (int64_t value : values) {
      auto *element = attribute->add_values();
      element->set_type(7);
      element->add_ints(value);
    }
    return last;
  }
  std::string tensor(const Shape &shape, const Floats &values) {
    auto *attribute = constant();
    attribute->set_type(19);
    auto *tensor = attribute->add_tensors();
    describe(tensor, shape, 1);
    fill(tensor, shape, values);
    return last;
  }
  std::string longs(const Shape &shape, const Shape &values) {
    auto *attribute = constant();
    attribute->set_type(17);
    describe(attribute->mutable_t(), shape, 7);
    for (int64_t value : values)
      attribute->mutable_t()->add_int64_data(value);
    return last;
  }
  /// A token that orders side effects.
  std::string nothing() {
    constant()->set_type(23);
    return last;
  }

  //===--------------------------------------------------------------------===//
  // Nodes
  //===--------------------------------------------------------------------===//

  /// The result of a new primitive on `inputs`.
  std::string node(const std::string &op, const Names &inputs) {
    primitive = model.add_primitives();
    primitive->set_name(op + ":" + std::to_string(++count));
    primitive->set_op_type(op);
    primitive->set_prim_type(2);
    return call(primitive->name(), inputs,
                "Default/" + op + "-op" + std::to_string(count));
  }
  /// The result of a primitive, a function or a closure.
  std::string call(const std::string &callee, const Names &inputs,
                   const std::string &scope = "Default/call") {
    auto *node = graph->add_node();
    last = graph->name() + ":CNode_" + std::to_string(++count);
    node->add_output(last);
    node->set_name(last);
    node->set_op_type("REF::" + callee);
    node->set_domain(scope);
    for (const std::string &input : inputs)
      node->add_input(input);
    return last;
  }
  /// What the file says of the element type of the last node.
  MindIRTestModel &declare(int type) {
    auto *attribute =
        graph->mutable_node(graph->node_size() - 1)->add_attribute();
    attribute->set_name("shape");
    attribute->set_type(19);
    describe(attribute->add_tensors(), {}, type);
    return *this;
  }
  // Attributes of the last primitive.
  MindIRTestModel &attr(const std::string &name, int64_t value, int type = 7) {
    auto *attribute = add(name, type);
    attribute->set_i(value);
    return *this;
  }
  MindIRTestModel &text(const std::string &name, const std::string &value) {
    add(name, 8)->set_s(value);
    return *this;
  }
  MindIRTestModel &list(const std::string &name, const Shape &values) {
    auto *attribute = add(name, 20);
    for (int64_t value : values) {
      auto *element = attribute->add_values();
      element->set_type(7);
      element->add_ints(value);
    }
    return *this;
  }
  MindIRTestModel &reals(const std::string &name, const Floats &values) {
    auto *attribute = add(name, 21);
    for (float value : values) {
      auto *element = attribute->add_values();
      element->set_type(1);
      element->add_floats(value);
    }
    return *this;
  }

  /// Stride and dilation 1; `pads` are top, bottom, left, right.
  std::string conv(const std::string &x, const std::string &weight,
                   const Shape &pads = {0, 0, 0, 0}, int64_t group = 1) {
    std::string result = node("Conv2D", {x, weight});
    text("format", "NCHW").text("pad_mode", "pad").attr("mode", 1);
    attr("group", group).list("pad_list", pads);
    list("stride", {1, 1, 1, 1}).list("dilation", {1, 1, 1, 1});
    return result;
  }
  std::string fakeQuant(const std::string &x, const Floats &scales,
                        const Floats &zeroPoints, bool isSigned,
                        bool isNarrow = false) {
    std::string result = node("FakeQuantParam", {x});
    text("quant_algo_name", "linear_quant_algo").attr("num_bits", 8);
    reals("linear_quant_scale", scales);
    reals("linear_quant_zero_point", zeroPoints);
    attr("signed", isSigned, 9).attr("narrow_range", isNarrow, 9);
    attr("symmetric", isSigned, 9).attr("quant_dtype", 7);
    attr("is_per_channel", 0, 9).attr("channel_axis", -1);
    return result;
  }
  /// Inference with epsilon 0; the first of five results.
  std::string batchNorm(const std::string &x, const std::string &gamma,
                        const std::string &beta, const std::string &mean,
                        const std::string &variance) {
    std::string result =
        node("BatchNorm", {x, gamma, beta, mean, variance, scalar(0, 9),
                           number(0.0f), number(0.1f), scalar(0)});
    return node("TupleGetItem", {result, scalar(0)});
  }

  /// What follows goes into a new function, until main().
  void function(const std::string &name, const Names &inputs) {
    graph = model.add_functions();
    graph->set_name(name);
    for (const std::string &input : inputs)
      graph->add_input()->set_name(name + ":" + input);
  }
  void main() { graph = model.mutable_graph(); }

  compress_mindir::ModelProto model;
  compress_mindir::GraphProto *graph;
  compress_mindir::PrimitiveProto *primitive = nullptr;

private:
  compress_mindir::AttributeProto *add(const std::string &name, int type) {
    auto *attribute = primitive->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }
  compress_mindir::AttributeProto *constant() {
    auto *node = graph->add_node();
    last = "ValueNode_" + std::to_string(++count);
    node->add_output(last);
    node->set_op_type("Constant");
    auto *attribute = node->add_attribute();
    attribute->set_name("value");
    return attribute;
  }
  static void describe(compress_mindir::TensorProto *tensor, const Shape &shape,
                       int type) {
    tensor->set_data_type(type);
    for (int64_t extent : shape)
      tensor->add_dims(extent);
  }
  static void fill(compress_mindir::TensorProto *tensor, const Shape &shape,
                   const Floats &values) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    std::string bytes;
    for (int64_t i = 0; i < size; ++i)
      bytes.append(reinterpret_cast<const char *>(&values[i % values.size()]),
                   sizeof(float));
    tensor->set_raw_data(bytes);
  }

  std::string last;
  int count = 0;
};

/// What an import gave: the printed module, or the errors; and the remarks.
struct MindIRResult {
  std::string ir, remarks;
  std::vector<std::string> errors;
  explicit operator bool() const { return !ir.empty(); }
};

class RemarkText : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit RemarkText(std::string &text) : text(text) {}
  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    for (const remark::detail::Remark::Arg &arg : remark.getArgs())
      text += arg.val;
    text += "\n";
  }

private:
  std::string &text;
};

inline MindIRResult importBytes(StringRef bytes,
                                const MindIRImportOptions &options = {}) {
  MindIRResult result;
  std::string remarks; // outlives the context
  MLIRContext context(MLIRContext::Threading::DISABLED);
  remark::RemarkCategories categories;
  categories.missed = "compress";
  if (failed(remark::enableOptimizationRemarks(
          context, std::make_unique<RemarkText>(remarks),
          std::make_unique<remark::RemarkEmittingPolicyAll>(), categories)))
    return result;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      result.errors.push_back(diagnostic.str());
    return success();
  });
  OwningOpRef<ModuleOp> module =
      importMindIR(bytes, "test.mindir", &context, options);
  result.remarks = remarks;
  if (!module)
    return result;
  llvm::raw_string_ostream os(result.ir);
  module->print(os, OpPrintingFlags().enableDebugInfo(true, true));
  return result;
}

inline MindIRResult import(const MindIRTestModel &model,
                           const MindIRImportOptions &options = {}) {
  return importBytes(model.bytes(), options);
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_IMPORT_MINDIRTESTMODEL_H
