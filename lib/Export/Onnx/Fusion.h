//===- Fusion.h - several nodes as one operator -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_ONNX_FUSION_H
#define COMPRESS_LIB_EXPORT_ONNX_FUSION_H

#include "OnnxGraph.h"

namespace mlir::compress {

/// A node that is about to be made, of the operands `v` with a result of
/// `shape`.
class OnnxFusion {
public:
  OnnxFusion(OnnxGraph &graph, ArrayRef<ValueId> v, ArrayRef<int64_t> shape)
      : graph(graph), v(v), shape(shape) {}

  std::optional<ValueId> run(StringRef op);

private:
  struct Reduced {
    ValueId source;
    SmallVector<int64_t> axes;
  };
  struct InverseRoot {
    ValueId variance;
    float epsilon;
  };

  std::optional<SmallVector<ValueId>> operandsOf(ValueId value,
                                                 StringRef op) const;
  ValueId skipReshape(ValueId value) const;
  bool isNumber(ValueId value, double number) const;
  ValueId besideNumber(ValueId value, StringRef op, double number) const;
  std::optional<Reduced> matchReduced(ValueId value, StringRef op) const;
  std::optional<InverseRoot> matchInverseRoot(ValueId value) const;
  ValueId asParameter(ValueId value, ArrayRef<int64_t> shape, size_t behind);

  ValueId addClip(ValueId x, double low, double high);
  std::optional<ValueId> fuseBounds(bool isMax);
  std::optional<ValueId> fuseChoice();
  std::optional<ValueId> fusePool(ValueId sum, ValueId divisor, bool isFactor);
  std::optional<ValueId> fuseMean(ValueId sum, ValueId divisor, bool isFactor);
  std::optional<ValueId> fuseQuotient();
  std::optional<ValueId> fuseSoftmax(StringRef op, ValueId shifted,
                                     const Reduced &sum);
  std::optional<ValueId> fuseInverseSum(ValueId power, ValueId inverse);
  std::optional<ValueId> fuseDifference();
  std::optional<ValueId> fuseBatchNorm(ValueId centered, ValueId factor,
                                       ValueId scale, ValueId shift);
  std::optional<ValueId> fuseLayerNorm(ValueId centered, ValueId factor,
                                       ValueId scale, ValueId shift);
  std::optional<ValueId> fuseSum();
  std::optional<ValueId> fuseProduct();

  OnnxGraph &graph;
  ArrayRef<ValueId> v;
  ArrayRef<int64_t> shape;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_ONNX_FUSION_H
