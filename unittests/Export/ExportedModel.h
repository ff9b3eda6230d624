//===- ExportedModel.h - ONNX models made from MLIR text --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EXPORT_EXPORTEDMODEL_H
#define COMPRESS_UNITTESTS_EXPORT_EXPORTEDMODEL_H

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Export/Onnx/OnnxExport.h"
#include "CompressOnnx.pb.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <string>

namespace mlir::compress::test {
namespace pb = ::compress_onnx;

/// A module as ONNX, or the errors.
class ExportedModel {
public:
  explicit ExportedModel(StringRef source) {
    context.loadDialect<arith::ArithDialect, CompressDialect, func::FuncDialect,
                        linalg::LinalgDialect, math::MathDialect,
                        quant::QuantDialect, scf::SCFDialect,
                        tensor::TensorDialect>();
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(source, ParserConfig(&context));
    if (!module)
      return;
    FailureOr<std::string> result = exportOnnx(*module, {"test", "1.2"});
    if (failed(result))
      return;
    bytes = *result;
    isValid = model.ParseFromString(bytes);
  }

  /// "y = Conv(x, w) pads=[1, 1, 1, 1]" for each node.
  std::string nodes() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    for (const pb::NodeProto &node : model.graph().node()) {
      os << node.output(0) << " = " << node.op_type() << '(';
      llvm::interleaveComma(node.input(), os);
      os << ')';
      for (const pb::AttributeProto &attribute : node.attribute()) {
        os << ' ' << attribute.name() << '=';
        if (attribute.type() == pb::AttributeProto::INT)
          os << attribute.i();
        else if (attribute.type() == pb::AttributeProto::FLOAT)
          os << attribute.f();
        else {
          os << '[';
          llvm::interleave(attribute.ints(), os, ",");
          os << ']';
        }
      }
      os << '\n';
    }
    return text;
  }

  /// "Conv Relu" for the operators in order.
  std::string operators() const {
    std::string text;
    for (const pb::NodeProto &node : model.graph().node())
      text += (text.empty() ? "" : " ") + node.op_type();
    return text;
  }

  const pb::TensorProto *constant(StringRef name) const {
    for (const pb::TensorProto &tensor : model.graph().initializer())
      if (tensor.name() == name)
        return &tensor;
    return nullptr;
  }

  /// The elements of an initializer of type T.
  template <typename T>
  std::vector<T> elements(StringRef name) const {
    const pb::TensorProto *tensor = constant(name);
    if (!tensor)
      return {};
    std::vector<T> list(tensor->raw_data().size() / sizeof(T));
    std::memcpy(list.data(), tensor->raw_data().data(),
                list.size() * sizeof(T));
    return list;
  }
  std::vector<int64_t> shape(StringRef name) const {
    const pb::TensorProto *tensor = constant(name);
    if (!tensor)
      return {-1};
    return {tensor->dims().begin(), tensor->dims().end()};
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::string errors, bytes;
  pb::ModelProto model;
  bool isValid = false;
};

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_EXPORT_EXPORTEDMODEL_H
