//===- QuantizedLayer.cpp - layers on codes, in the qdq form --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/QuantizedLayer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

std::optional<Codes> mlir::compress::matchCodes(Value value) {
  auto dcast = value.getDefiningOp<quant::DequantizeCastOp>();
  if (!dcast)
    return std::nullopt;
  auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
  if (!scast || isa<quant::QuantizedType>(
                    getElementTypeOrSelf(scast.getInput().getType())))
    return std::nullopt;
  auto type = cast<quant::QuantizedType>(getElementTypeOrSelf(scast.getType()));
  FailureOr<QuantParams> params = getQuantParams(type);
  if (failed(params) || !params->isSigned ||
      !isa<RankedTensorType>(value.getType()))
    return std::nullopt;
  return Codes{scast.getInput(), type, *params};
}

/// What is reshaped to `value`: the same elements in the same order.
static Value beforeReshapes(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
      break;
    value = def->getOperand(0);
  }
  return value;
}

namespace {
/// The weight and the scale of every element of a filter, row major.
struct FilterElements {
  ConstantData values, scales; // i32 and f32
};
} // namespace

/// Codes behind quant.dcast and quant.scast, moved by reshapes and transposes.
static std::optional<FilterElements> readFilter(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  Type i32 = IntegerType::get(value.getContext(), 32);
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def)) {
    std::optional<FilterElements> source = readFilter(def->getOperand(0));
    if (source) {
      source->values.type = type.clone(i32);
      source->scales.type = type;
    }
    return source;
  }
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(def)) {
    std::optional<FilterElements> source = readFilter(transpose.getInput());
    if (!source)
      return std::nullopt;
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    return FilterElements{transposeConstant(source->values, permutation),
                          transposeConstant(source->scales, permutation)};
  }
  std::optional<Codes> codes = matchCodes(value);
  FailureOr<ConstantData> data = failure();
  if (codes)
    data = readConstant(codes->codes);
  if (failed(data))
    return std::nullopt;
  const QuantParams &params = codes->params;
  // Along the quantized axis, every `inner` elements the next scale begins.
  int64_t inner = 1, extent = 1;
  if (params.isPerAxis()) {
    ArrayRef<int64_t> shape = data->type.getShape();
    extent = shape[*params.axis];
    for (int64_t s : shape.drop_front(*params.axis + 1))
      inner *= s;
  }
  FilterElements result{{type.clone(i32), {}}, {type, {}}};
  auto append = [](ConstantData &to, auto value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    to.bytes.insert(to.bytes.end(), bytes, bytes + sizeof(value));
  };
  for (int64_t i = 0; i < data->size(); ++i) {
    int64_t q = params.isPerAxis() ? i / inner % extent : 0;
    int64_t weight = data->getInt(i) - params.zeroPoint(q);
    if (weight != static_cast<int32_t>(weight))
      return std::nullopt;
    append(result.values, static_cast<int32_t>(weight));
    append(result.scales, params.scale(q));
  }
  return result;
}

std::optional<QuantizedWeights>
mlir::compress::readQuantizedWeights(const WeightedOp &op,
                                     std::string &reason) {
  std::optional<FilterElements> filter = readFilter(op.filter->get());
  if (!filter) {
    reason = "its weights are no quantized integer constant";
    return std::nullopt;
  }
  QuantizedWeights weights;
  weights.values.resize(filter->values.size());
  weights.scales.assign(op.numChannels(), 0);
  bool consistent = true;
  op.forEachFilterElement([&](int64_t i, int64_t c) {
    weights.values[i] = static_cast<int32_t>(filter->values.getInt(i));
    double s = filter->scales.getReal(i);
    consistent &= weights.scales[c] == 0 || weights.scales[c] == s;
    weights.scales[c] = s;
  });
  if (llvm::is_contained(weights.scales, 0.0)) {
    reason = "its filter has no elements";
    return std::nullopt;
  }
  if (!consistent) {
    reason = "its weights are quantized along a dimension that is summed";
    return std::nullopt;
  }
  return weights;
}

std::optional<std::vector<double>>
mlir::compress::readBiasNumbers(const WeightedOp &op,
                                const QuantizedWeights &weights,
                                double inputScale, std::string &reason) {
  std::optional<BiasSource> source = matchBias(op);
  if (!source) {
    reason = "its bias is not one constant a channel";
    return std::nullopt;
  }
  if (source->constant)
    return readBiasNumbers(source->constant, op, weights, inputScale, reason);
  if (!std::isfinite(source->splat)) {
    reason = "its bias is not finite";
    return std::nullopt;
  }
  return std::vector<double>(op.numChannels(), source->splat);
}

std::optional<std::vector<double>>
mlir::compress::readBiasNumbers(Value bias, const WeightedOp &op,
                                const QuantizedWeights &weights,
                                double inputScale, std::string &reason) {
  std::vector<double> values(op.numChannels(), 0);
  // The biases of groups are reshaped where channels have their own scales.
  Value constant = beforeReshapes(bias);
  std::optional<Codes> codes = matchCodes(constant);
  FailureOr<ConstantData> data = readConstant(codes ? codes->codes : constant);
  bool oneScaleEach =
      !codes || !codes->params.isPerAxis() ||
      static_cast<int64_t>(codes->params.scales.size()) == op.numChannels();
  if (failed(data) || data->size() != op.numChannels() || !oneScaleEach) {
    reason = "its bias is no constant";
    return std::nullopt;
  }
  for (auto [c, value] : llvm::enumerate(values)) {
    value = data->getReal(c);
    if (codes) {
      double scale = codes->params.scale(c);
      double wanted = inputScale * weights.scales[c];
      if (std::abs(scale - wanted) <= 1e-6 * wanted)
        scale = wanted;
      value = (value - codes->params.zeroPoint(c)) * scale;
    }
    if (!std::isfinite(value)) {
      reason = "its bias is not finite";
      return std::nullopt;
    }
  }
  return values;
}
