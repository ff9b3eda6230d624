//===- Fusion.cpp - several nodes as one operator -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks at a node that is about to be made and at those that make its operands.
// They stay where something else uses them, and are left out otherwise.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Looking at nodes
//===----------------------------------------------------------------------===//

std::optional<SmallVector<ValueId>> OnnxFusion::operandsOf(ValueId value,
                                                           StringRef op) const {
  const OnnxNode *node = graph.getNode(value, op);
  if (!node)
    return std::nullopt;
  return SmallVector<ValueId>(ArrayRef<ValueId>(node->inputs));
}

ValueId OnnxFusion::skipReshape(ValueId value) const {
  while (const OnnxNode *node = graph.getNode(value, "Reshape"))
    value = node->inputs[0];
  return value;
}

bool OnnxFusion::isNumber(ValueId value, double number) const {
  return graph.getSplat(value) == number;
}

/// The other operand of `op` with the number `number`.
ValueId OnnxFusion::besideNumber(ValueId value, StringRef op,
                                 double number) const {
  if (auto v = operandsOf(value, op))
    for (unsigned i : {0, 1})
      if (isNumber((*v)[i], number))
        return (*v)[1 - i];
  return kNoValue;
}

std::optional<OnnxFusion::Reduced>
OnnxFusion::matchReduced(ValueId value, StringRef op) const {
  value = skipReshape(value);
  if (const OnnxNode *pool = graph.getNode(
          value, op == "ReduceMean" ? "GlobalAveragePool" : "GlobalMaxPool");
      pool && op != "ReduceSum") {
    auto rank = static_cast<int64_t>(graph.getShape(pool->inputs[0]).size());
    return Reduced{pool->inputs[0],
                   llvm::to_vector(llvm::seq<int64_t>(2, rank))};
  }
  const OnnxNode *node = graph.getNode(value, op);
  if (!node)
    return std::nullopt;
  if (op == "ReduceSum")
    return Reduced{node->inputs[0], graph.getIndices(node->inputs[1])};
  return Reduced{node->inputs[0], SmallVector<int64_t>(node->getInts("axes"))};
}

/// `value` as a vector of one number for each of the dimensions `shape`, to
/// which it is aligned from the end with `behind` dimensions after them.
ValueId OnnxFusion::asParameter(ValueId value, ArrayRef<int64_t> shape,
                                size_t behind) {
  SmallVector<int64_t> aligned(shape);
  aligned.append(behind, 1);
  ArrayRef<int64_t> given = graph.getShape(value);
  while (given.size() > aligned.size() && given.front() == 1)
    given = given.drop_front();
  if (given != ArrayRef<int64_t>(aligned))
    return kNoValue;
  ValueId source = skipReshape(value);
  if (!graph.get(source).constant && !graph.getNode(source, "DequantizeLinear"))
    return kNoValue;
  return graph.reshape(value, shape);
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

ValueId OnnxFusion::addClip(ValueId x, double low, double high) {
  SmallVector<int64_t> shape(graph.getShape(x));
  OnnxType type = graph.get(x).type;
  bool isOpen = high >= std::numeric_limits<float>::max();
  if (isOpen && low == 0)
    return graph.addNode("Relu", x, type, shape);
  // x * alpha + beta between 0 and 1.
  if (low == 0 && high == 1 && type == OnnxType::Float)
    if (auto sum = operandsOf(x, "Add"))
      for (unsigned i : {0, 1}) {
        auto product = operandsOf((*sum)[i], "Mul");
        std::optional<double> beta = graph.getSplat((*sum)[1 - i]);
        for (unsigned j = 0; product && beta && j < 2; ++j) {
          std::optional<double> alpha = graph.getSplat((*product)[1 - j]);
          if (alpha &&
              graph.getShape((*product)[j]) == ArrayRef<int64_t>(shape))
            return graph.addNode("HardSigmoid", (*product)[j], type, shape,
                                 {{"alpha", static_cast<float>(*alpha)},
                                  {"beta", static_cast<float>(*beta)}});
        }
      }
  ValueId highest = isOpen ? kNoValue : graph.addScalar(type, high);
  return graph.addNode("Clip", {x, graph.addScalar(type, low), highest}, type,
                       shape);
}

/// Max(x, low) and Min of that, in either order.
std::optional<ValueId> OnnxFusion::fuseBounds(bool isMax) {
  for (unsigned i : {0, 1}) {
    ValueId x = v[i];
    std::optional<double> bound = graph.getSplat(v[1 - i]);
    bool isFloat = graph.get(x).type == OnnxType::Float;
    if (!bound || std::isnan(*bound) || !isFloat || graph.get(x).constant ||
        graph.getShape(x) != shape)
      continue;
    if (isMax && *bound == 0 && !graph.getNode(x, "Min"))
      return graph.addNode("Relu", x, OnnxType::Float, shape);
    if (!isMax)
      if (auto relu = operandsOf(x, "Relu"); relu && *bound >= 0)
        return addClip((*relu)[0], 0, *bound);
    auto inner = operandsOf(x, isMax ? "Min" : "Max");
    for (unsigned j = 0; inner && j < 2; ++j) {
      std::optional<double> other = graph.getSplat((*inner)[1 - j]);
      double low = isMax ? *bound : other.value_or(0);
      double high = isMax ? other.value_or(0) : *bound;
      if (other && low <= high && graph.getShape((*inner)[j]) == shape)
        return addClip((*inner)[j], low, high);
    }
  }
  return std::nullopt;
}

/// Where(x > c, x, c) and the like.
std::optional<ValueId> OnnxFusion::fuseChoice() {
  ValueId condition = v[0], yes = v[1], no = v[2];
  if (auto inverted = operandsOf(condition, "Not")) {
    condition = (*inverted)[0];
    std::swap(yes, no);
  }
  for (StringRef op : {"Greater", "GreaterOrEqual", "Less", "LessOrEqual"}) {
    auto compared = operandsOf(condition, op);
    if (!compared)
      continue;
    ValueId a = (*compared)[0], b = (*compared)[1];
    bool isGreater = op.starts_with("Greater");
    bool straight = yes == a && no == b, crossed = yes == b && no == a;
    if (straight || crossed)
      return graph.addElementwise(isGreater == straight ? "Max" : "Min",
                                  {a, b});
    // x where it is above 0, and something else below.
    bool isOverZero =
        isGreater && isNumber(b, 0) && yes == a && graph.getShape(a) == shape;
    if (!isOverZero)
      return std::nullopt;
    auto scaled = operandsOf(no, "Mul");
    for (unsigned i = 0; scaled && i < 2; ++i) {
      ValueId other = (*scaled)[1 - i];
      std::optional<double> alpha = graph.getSplat(other);
      bool isScalar = alpha && graph.getShape(other).empty();
      if ((*scaled)[i] == a && isScalar)
        return graph.addNode("LeakyRelu", a, OnnxType::Float, shape,
                             {{"alpha", static_cast<float>(*alpha)}});
      if ((*scaled)[i] == a && op == "GreaterOrEqual")
        return graph.addNode("PRelu", {a, other}, OnnxType::Float, shape);
      auto power = operandsOf((*scaled)[i], "Sub");
      if (!power || !isScalar || !isNumber((*power)[1], 1))
        continue;
      auto exp = operandsOf((*power)[0], "Exp");
      if (exp && (*exp)[0] == a)
        return graph.addNode("Elu", a, OnnxType::Float, shape,
                             {{"alpha", static_cast<float>(*alpha)}});
    }
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Quotients
//===----------------------------------------------------------------------===//

/// How many of `kernel` positions of each window lie on the input.
static SmallVector<int64_t> countTaps(int64_t windows, int64_t stride,
                                      int64_t pad, int64_t kernel,
                                      int64_t input) {
  SmallVector<int64_t> counts;
  for (int64_t i = 0; i < windows; ++i)
    counts.push_back(std::min(i * stride - pad + kernel, input) -
                     std::max<int64_t>(i * stride - pad, 0));
  return counts;
}

/// A sum over windows, divided by the number of its elements.
std::optional<ValueId> OnnxFusion::fusePool(ValueId sum, ValueId divisor,
                                            bool isFactor) {
  auto product = operandsOf(sum, "Mul");
  const OnnxNode *pool = nullptr;
  for (StringRef op : {"AveragePool", "GlobalAveragePool"})
    if (product && !pool)
      pool = graph.getNode((*product)[0], op);
  if (!pool || !graph.getSplat((*product)[1]))
    return std::nullopt;
  double taps = *graph.getSplat((*product)[1]);
  if (std::optional<double> number = graph.getSplat(divisor))
    if (isFactor ? *number * taps == 1 : *number == taps)
      return pool->output;
  // One divisor for each position, where padding does not count.
  const std::optional<OnnxConstant> &constant = graph.get(divisor).constant;
  ArrayRef<int64_t> kernel = pool->getInts("kernel_shape");
  ArrayRef<int64_t> pads = pool->getInts("pads");
  ArrayRef<int64_t> strides = pool->getInts("strides");
  ArrayRef<int64_t> input = graph.getShape(pool->inputs[0]);
  if (isFactor || pool->op != "AveragePool" || !constant || constant->quant ||
      kernel.size() != 2 || graph.get(divisor).type != OnnxType::Float ||
      graph.getShape(divisor) != shape.drop_front(2))
    return std::nullopt;
  SmallVector<int64_t> rows =
      countTaps(shape[2], strides[0], pads[0], kernel[0], input[2]);
  SmallVector<int64_t> columns =
      countTaps(shape[3], strides[1], pads[1], kernel[1], input[3]);
  const auto *numbers =
      reinterpret_cast<const float *>(constant->bytes->data());
  for (int64_t row : rows)
    for (int64_t column : columns)
      if (*numbers++ != static_cast<float>(row * column))
        return std::nullopt;
  OnnxAttributes attributes = pool->attributes;
  for (auto &[key, value] : attributes)
    if (key == "count_include_pad")
      value = int64_t(0);
  return graph.addNode("AveragePool", pool->inputs[0], OnnxType::Float, shape,
                       attributes);
}

std::optional<ValueId> OnnxFusion::fuseMean(ValueId sum, ValueId divisor,
                                            bool isFactor) {
  if (std::optional<ValueId> pool = fusePool(sum, divisor, isFactor))
    return pool;
  std::optional<Reduced> reduced = matchReduced(sum, "ReduceSum");
  std::optional<double> number = graph.getSplat(divisor);
  if (!reduced || !number || graph.getShape(sum) != shape ||
      graph.get(sum).type != OnnxType::Float)
    return std::nullopt;
  int64_t count = 1;
  for (int64_t axis : reduced->axes)
    count *= graph.getShape(reduced->source)[axis];
  auto size = static_cast<double>(count);
  if (isFactor ? *number * size != 1 : *number != size)
    return std::nullopt;
  return graph.reshape(
      graph.reduce("ReduceMean", reduced->source, reduced->axes), shape);
}

std::optional<ValueId> OnnxFusion::fuseQuotient() {
  if (std::optional<ValueId> mean = fuseMean(v[0], v[1], /*isFactor=*/false))
    return mean;
  // 1 / (1 + exp(-x)).
  if (isNumber(v[0], 1))
    if (auto exp = operandsOf(besideNumber(v[1], "Add", 1), "Exp"))
      if (auto negated = operandsOf((*exp)[0], "Neg"))
        if (graph.getShape((*negated)[0]) == shape)
          return graph.addNode("Sigmoid", (*negated)[0], OnnxType::Float,
                               shape);
  // exp(x - max(x)) / sum of that.
  std::optional<Reduced> sum = matchReduced(v[1], "ReduceSum");
  auto exp = operandsOf(v[0], "Exp");
  if (!sum || !exp || sum->source != v[0])
    return std::nullopt;
  return fuseSoftmax("Softmax", (*exp)[0], *sum);
}

std::optional<ValueId> OnnxFusion::fuseSoftmax(StringRef op, ValueId shifted,
                                               const Reduced &sum) {
  auto difference = operandsOf(shifted, "Sub");
  std::optional<Reduced> largest =
      difference ? matchReduced((*difference)[1], "ReduceMax") : std::nullopt;
  bool isSoftmax = largest && largest->source == (*difference)[0] &&
                   largest->axes == sum.axes && sum.axes.size() == 1 &&
                   graph.getShape((*difference)[0]) == shape;
  if (!isSoftmax)
    return std::nullopt;
  return graph.addNode(op, (*difference)[0], OnnxType::Float, shape,
                       {{"axis", sum.axes.front()}});
}

/// x - max(x) - log(sum of exp(x - max(x))).
std::optional<ValueId> OnnxFusion::fuseDifference() {
  auto log = operandsOf(skipReshape(v[1]), "Log");
  std::optional<Reduced> sum =
      log ? matchReduced((*log)[0], "ReduceSum") : std::nullopt;
  auto exp = sum ? operandsOf(sum->source, "Exp") : std::nullopt;
  if (!exp || (*exp)[0] != v[0])
    return std::nullopt;
  return fuseSoftmax("LogSoftmax", v[0], *sum);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// 1 / sqrt(variance + epsilon).
std::optional<OnnxFusion::InverseRoot>
OnnxFusion::matchInverseRoot(ValueId value) const {
  auto inverse = operandsOf(skipReshape(value), "Reciprocal");
  auto root = inverse ? operandsOf((*inverse)[0], "Sqrt") : std::nullopt;
  if (!root)
    return std::nullopt;
  if (auto sum = operandsOf((*root)[0], "Add"))
    for (unsigned i : {0, 1})
      if (std::optional<double> epsilon = graph.getSplat((*sum)[1 - i]);
          epsilon && graph.getShape((*sum)[1 - i]).empty())
        return InverseRoot{(*sum)[i], static_cast<float>(*epsilon)};
  return InverseRoot{(*root)[0], 0.0f};
}

/// The channels of dimension 1, one number for each.
std::optional<ValueId> OnnxFusion::fuseBatchNorm(ValueId centered,
                                                 ValueId factor, ValueId scale,
                                                 ValueId shift) {
  auto difference = operandsOf(centered, "Sub");
  std::optional<InverseRoot> root = matchInverseRoot(factor);
  if (!difference || !root || shape.size() < 2 ||
      graph.getShape((*difference)[0]) != shape)
    return std::nullopt;
  // The root has the shape of the variance, which may be aligned only behind
  // it.
  ValueId variance = root->variance;
  SmallVector<int64_t> aligned(graph.getShape(factor));
  if (!graph.get(skipReshape(variance)).constant)
    return std::nullopt;
  variance = graph.reshape(variance, aligned);
  SmallVector<ValueId> operands{(*difference)[0]};
  for (ValueId parameter : {scale, shift, (*difference)[1], variance}) {
    operands.push_back(
        asParameter(parameter, shape.slice(1, 1), shape.size() - 2));
    if (operands.back() == kNoValue)
      return std::nullopt;
  }
  return graph.addNode("BatchNormalization", operands, OnnxType::Float, shape,
                       {{"epsilon", root->epsilon}});
}

/// The mean and the variance of x over its last dimensions.
std::optional<ValueId> OnnxFusion::fuseLayerNorm(ValueId centered,
                                                 ValueId factor, ValueId scale,
                                                 ValueId shift) {
  auto difference = operandsOf(centered, "Sub");
  std::optional<InverseRoot> root = matchInverseRoot(factor);
  std::optional<Reduced> mean =
      difference ? matchReduced((*difference)[1], "ReduceMean") : std::nullopt;
  std::optional<Reduced> variance =
      root ? matchReduced(root->variance, "ReduceMean") : std::nullopt;
  auto square = variance ? operandsOf(variance->source, "Mul") : std::nullopt;
  bool isNorm = mean && square && (*square)[0] == centered &&
                (*square)[1] == centered && mean->axes == variance->axes &&
                mean->source == (*difference)[0] &&
                graph.getShape(mean->source) == shape;
  if (!isNorm)
    return std::nullopt;
  auto rank = static_cast<int64_t>(shape.size());
  auto axis = rank - static_cast<int64_t>(mean->axes.size());
  if (mean->axes != llvm::to_vector(llvm::seq<int64_t>(axis, rank)))
    return std::nullopt;
  SmallVector<ValueId> operands{mean->source};
  for (ValueId parameter : {scale, shift}) {
    operands.push_back(asParameter(parameter, shape.drop_front(axis), 0));
    if (operands.back() == kNoValue)
      return std::nullopt;
  }
  return graph.addNode("LayerNormalization", operands, OnnxType::Float, shape,
                       {{"axis", axis}, {"epsilon", root->epsilon}});
}

/// (x - mean) / sqrt(variance + epsilon) * scale + shift.
std::optional<ValueId> OnnxFusion::fuseSum() {
  for (unsigned i : {0, 1}) {
    // max(x, 0) + log(1 + exp(-|x|)).
    if (auto log = operandsOf(v[i], "Log"))
      if (auto exp = operandsOf(besideNumber((*log)[0], "Add", 1), "Exp"))
        if (auto negated = operandsOf((*exp)[0], "Neg")) {
          auto magnitude = operandsOf((*negated)[0], "Abs");
          auto relu = operandsOf(v[1 - i], "Relu");
          if (magnitude && relu && (*magnitude)[0] == (*relu)[0])
            return graph.addNode("Softplus", (*relu)[0], OnnxType::Float,
                                 shape);
        }
    auto scaled = operandsOf(v[i], "Mul");
    for (unsigned j = 0; scaled && j < 2; ++j) {
      auto unit = operandsOf((*scaled)[j], "Mul");
      for (unsigned k = 0; unit && k < 2; ++k) {
        ValueId centered = (*unit)[k], factor = (*unit)[1 - k];
        ValueId scale = (*scaled)[1 - j], shift = v[1 - i];
        if (auto norm = fuseBatchNorm(centered, factor, scale, shift))
          return norm;
        if (auto norm = fuseLayerNorm(centered, factor, scale, shift))
          return norm;
      }
    }
  }
  return std::nullopt;
}

/// exp(x - max(x)) * (1 / sum of that), as TOSA spells softmax.
std::optional<ValueId> OnnxFusion::fuseInverseSum(ValueId power,
                                                  ValueId inverse) {
  auto exp = operandsOf(power, "Exp");
  auto reciprocal = operandsOf(skipReshape(inverse), "Reciprocal");
  if (auto quotient = operandsOf(skipReshape(inverse), "Div");
      quotient && isNumber((*quotient)[0], 1))
    reciprocal = SmallVector<ValueId>{(*quotient)[1]};
  std::optional<Reduced> sum = exp && reciprocal
                                   ? matchReduced((*reciprocal)[0], "ReduceSum")
                                   : std::nullopt;
  if (!sum || sum->source != power)
    return std::nullopt;
  return fuseSoftmax("Softmax", (*exp)[0], *sum);
}

/// x * HardSigmoid(x) of the slope and the offset that HardSwish has.
std::optional<ValueId> OnnxFusion::fuseProduct() {
  for (unsigned i : {0, 1}) {
    if (auto mean = fuseMean(v[i], v[1 - i], /*isFactor=*/true))
      return mean;
    if (auto softmax = fuseInverseSum(v[i], v[1 - i]))
      return softmax;
    const OnnxNode *gate = graph.getNode(v[i], "HardSigmoid");
    if (!gate || gate->inputs[0] != v[1 - i])
      continue;
    if (std::get<float>(*gate->find("alpha")) == 1.0f / 6.0f &&
        std::get<float>(*gate->find("beta")) == 0.5f)
      return graph.addNode("HardSwish", v[1 - i], OnnxType::Float, shape);
  }
  return std::nullopt;
}

std::optional<ValueId> OnnxFusion::run(StringRef op) {
  if (op == "Max" || op == "Min")
    return v.size() == 2 ? fuseBounds(op == "Max") : std::nullopt;
  if (op == "Where")
    return fuseChoice();
  if (op == "Div")
    return fuseQuotient();
  if (op == "Sub")
    return fuseDifference();
  if (op == "Add")
    return fuseSum();
  if (op == "Mul")
    return fuseProduct();
  return std::nullopt;
}

std::optional<ValueId> mlir::compress::fuseOnnx(OnnxGraph &graph, StringRef op,
                                                ArrayRef<ValueId> inputs,
                                                ArrayRef<int64_t> shape) {
  return OnnxFusion(graph, inputs, shape).run(op);
}
