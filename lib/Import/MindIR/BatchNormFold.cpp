//===- BatchNormFold.cpp - folds that convert() leaves half done ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BatchNormFold.h"
#include "MindIR.pb.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

namespace {
/// Matches the nodes above one batch normalization.
class Matcher {
public:
  Matcher(const MindIRGraph &graph, const pb::NodeProto &batchNorm)
      : graph(graph), batchNorm(batchNorm) {}

  std::optional<BatchNormFold> match();

private:
  /// The only reader's operand `i` of `node`, if it is given by `opType`.
  const pb::NodeProto *getOwn(const pb::NodeProto *node, int i,
                              StringRef opType) const;
  const pb::NodeProto *getConvolution(const pb::NodeProto *node, int i) const;
  bool isFactor(StringRef name) const;
  bool matchNoFold(BatchNormFold &fold) const;
  bool matchOneConv(BatchNormFold &fold) const;

  const MindIRGraph &graph;
  const pb::NodeProto &batchNorm;
};
} // namespace

const pb::NodeProto *Matcher::getOwn(const pb::NodeProto *node, int i,
                                     StringRef opType) const {
  if (!node || i >= node->input_size() || graph.countUses(node->input(i)) != 1)
    return nullptr;
  return graph.getProducer(node->input(i), opType);
}

const pb::NodeProto *Matcher::getConvolution(const pb::NodeProto *node,
                                             int i) const {
  const pb::NodeProto *conv = getOwn(node, i, "Conv2D");
  return conv ? conv : getOwn(node, i, "MatMul");
}

/// gamma / sqrt(variance + epsilon), in any shape.
bool Matcher::isFactor(StringRef name) const {
  if (const pb::NodeProto *reshape = graph.getProducer(name, "Reshape"))
    name = reshape->input_size() ? StringRef(reshape->input(0)) : name;
  const pb::NodeProto *divide = graph.getProducer(name, "Div");
  if (!divide)
    divide = graph.getProducer(name, "RealDiv");
  if (!divide || divide->input_size() != 2 ||
      graph.getLoaded(divide->input(0)) != graph.getLoaded(batchNorm.input(1)))
    return false;
  const pb::NodeProto *root = graph.getProducer(divide->input(1), "Sqrt");
  if (!root || root->input_size() != 1)
    return false;
  const pb::NodeProto *sum = graph.getProducer(root->input(0), "Add");
  if (!sum)
    sum = graph.getProducer(root->input(0), "Adds");
  return sum && llvm::any_of(sum->input(), [&](const std::string &input) {
           return graph.getLoaded(input) == graph.getLoaded(batchNorm.input(4));
         });
}

bool Matcher::matchNoFold(BatchNormFold &fold) const {
  const pb::NodeProto *bias = getOwn(&batchNorm, 0, "BiasAdd");
  fold.product = getConvolution(bias, 0);
  const pb::NodeProto *quantizer = getOwn(fold.product, 1, "FakeQuantParam");
  if (!quantizer || quantizer->input_size() != 1)
    return false;
  fold.form = BatchNormFold::Form::NoFold;
  fold.quantizer = quantizer;
  fold.weight = graph.getLoaded(quantizer->input(0));
  return true;
}

bool Matcher::matchOneConv(BatchNormFold &fold) const {
  const pb::NodeProto *addBias = getOwn(&batchNorm, 0, "BiasAdd");
  const pb::NodeProto *last = addBias ? addBias : &batchNorm;
  if (addBias && addBias->input_size() < 2)
    return false;
  const pb::NodeProto *divide = getOwn(last, 0, "Div");
  if (!divide)
    divide = getOwn(last, 0, "RealDiv");
  if (!divide || divide->input_size() != 2 || !isFactor(divide->input(1)))
    return false;
  fold.product = getConvolution(divide, 0);
  const pb::NodeProto *quantizer = getOwn(fold.product, 1, "FakeQuantParam");
  const pb::NodeProto *multiply = getOwn(quantizer, 0, "Mul");
  if (!multiply || multiply->input_size() != 2)
    return false;
  for (int i : {0, 1}) {
    if (!isFactor(multiply->input(1 - i)))
      continue;
    fold.form = BatchNormFold::Form::OneConv;
    fold.quantizer = quantizer;
    fold.multiply = multiply;
    fold.weightInput = i;
    fold.divide = divide;
    fold.addBias = addBias;
    if (addBias)
      fold.bias = graph.getLoaded(addBias->input(1));
    fold.weight = graph.getLoaded(multiply->input(i));
    return true;
  }
  return false;
}

std::optional<BatchNormFold> Matcher::match() {
  if (batchNorm.input_size() < 5)
    return std::nullopt;
  BatchNormFold fold;
  fold.batchNorm = &batchNorm;
  fold.gamma = graph.getLoaded(batchNorm.input(1));
  fold.beta = graph.getLoaded(batchNorm.input(2));
  fold.mean = graph.getLoaded(batchNorm.input(3));
  fold.variance = graph.getLoaded(batchNorm.input(4));
  if (!matchNoFold(fold) && !matchOneConv(fold))
    return std::nullopt;
  return fold;
}

SmallVector<BatchNormFold>
mlir::compress::findBatchNormFolds(const MindIRGraph &graph) {
  SmallVector<BatchNormFold> folds;
  for (const pb::NodeProto &node : graph.graph.node())
    if (graph.names.getOpType(node) == "BatchNorm")
      if (std::optional<BatchNormFold> fold = Matcher(graph, node).match())
        folds.push_back(*fold);
  return folds;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Folded mlir::compress::isFolded(BatchNormFold::Form form,
                                const ConstantTensor &weights,
                                ArrayRef<float> factors,
                                const FakeQuant &quantizer) {
  size_t channels = factors.size(), count = quantizer.quant.scales.size();
  if (weights.getRank() < 2 ||
      weights.getShape()[0] != static_cast<int64_t>(channels) ||
      (count != 1 && count != channels))
    return Folded::Neither;
  int64_t inner = weights.getNumElements() / weights.getShape()[0];
  // For each scale the largest magnitude if the weights are folded, and if they
  // are not.
  SmallVector<double> ifFolded(count, 0), ifNot(count, 0);
  for (auto [c, factor] : llvm::enumerate(factors)) {
    double largest = 0;
    for (int64_t i = 0; i < inner; ++i)
      largest = std::max(largest, std::fabs(weights.getDouble(c * inner + i)));
    bool divides = form == BatchNormFold::Form::NoFold;
    double other =
        divides ? largest / std::fabs(factor) : largest * std::fabs(factor);
    size_t at = count == 1 ? 0 : c;
    double &scaled = divides ? ifFolded[at] : ifNot[at];
    double &same = divides ? ifNot[at] : ifFolded[at];
    if (std::isfinite(other) && std::isfinite(largest)) {
      scaled = std::max(scaled, other);
      same = std::max(same, largest);
    }
  }
  double distance[2] = {0, 0};
  unsigned compared = 0;
  for (size_t i = 0; i < count; ++i) {
    double range = quantizer.getRange(i);
    if (!(range > 0) || !(ifFolded[i] > 0) || !(ifNot[i] > 0))
      continue;
    distance[0] += std::fabs(std::log(ifNot[i] / range));
    distance[1] += std::fabs(std::log(ifFolded[i] / range));
    ++compared;
  }
  // Weights move a little after their range was taken.
  constexpr double tolerance = 0.05;
  double ifYes = distance[1] / std::max(compared, 1u);
  double ifNo = distance[0] / std::max(compared, 1u);
  if (ifYes < tolerance && ifNo > 2 * ifYes + tolerance)
    return Folded::Yes;
  if (ifNo < tolerance && ifYes > 2 * ifNo + tolerance)
    return Folded::No;
  // Few steps of a large learning rate move them more; a scale that is wrong by
  // more than a half belongs to something else.
  constexpr double looseTolerance = 0.5;
  return ifYes < looseTolerance ? Folded::Maybe : Folded::Neither;
}
