//===- RepairFolds.cpp - undoes folds that convert() leaves half done -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "GraphImporter.h"
#include "MindIR.pb.h"
#include "OpTable.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

FailureOr<const MindIRValue *> GraphImporter::getKnown(const Frame &frame,
                                                       StringRef name) {
  auto known = frame.values.find(name);
  if (known != frame.values.end())
    return &known->second;
  return getGlobal(name);
}

FailureOr<std::optional<GraphImporter::Values>>
GraphImporter::getArguments(const Frame &frame, const pb::NodeProto &node,
                            int first) {
  Values arguments;
  for (int i = first; i < node.input_size(); ++i) {
    FailureOr<const MindIRValue *> argument = getKnown(frame, node.input(i));
    if (failed(argument))
      return failure();
    if (!*argument)
      return std::optional<Values>();
    arguments.push_back(**argument);
  }
  return std::optional(std::move(arguments));
}

/// The numbers of a constant of one dimension; empty for other values.
FailureOr<SmallVector<float>> GraphImporter::getNumbers(const Frame &frame,
                                                        StringRef name) {
  FailureOr<const MindIRValue *> value = getKnown(frame, name);
  if (failed(value))
    return failure();
  if (!*value || !(*value)->isTensor() ||
      (*value)->getTensor().getRank() != 1 ||
      !(*value)->getTensor().isPlainConstant())
    return SmallVector<float>();
  const ConstantTensor &constant = *(*value)->getTensor().constant;
  if (failed(b.charge(constant.getNumElements() *
                      static_cast<int64_t>(sizeof(float)))))
    return failure();
  SmallVector<float> numbers;
  for (int64_t i = 0; i < constant.getNumElements(); ++i)
    numbers.push_back(static_cast<float>(constant.getDouble(i)));
  return numbers;
}

FailureOr<bool> GraphImporter::hasOutputsFirst(const Frame &frame,
                                               const pb::NodeProto &node) {
  if (names.getOpType(node) != "MatMul")
    return true;
  setSubject(node);
  FailureOr<std::optional<Values>> arguments = getArguments(frame, node, 2);
  if (failed(arguments))
    return failure();
  if (!*arguments)
    return false;
  MindIRNode product(b, "MatMul", names.getPrimitive(node),
                     std::move(**arguments), options);
  bool transposeA = product.getBool(0, "transpose_a", false);
  bool transposeB = product.getBool(1, "transpose_b", false);
  if (b.hasFailed())
    return failure();
  return !transposeA && transposeB;
}

LogicalResult GraphImporter::findRepairs(const Frame &frame) {
  for (const BatchNormFold &fold : findBatchNormFolds(frame.graph)) {
    // Another call of the function may have had other weights.
    for (const pb::NodeProto *node : {fold.batchNorm, fold.quantizer,
                                      fold.multiply, fold.divide, fold.addBias})
      repairs.erase(node);
    if (llvm::any_of(fold.batchNorm->output(),
                     [&](const std::string &name) {
                       return frame.needed.contains(name);
                     }) &&
        failed(repair(frame, fold)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::repair(const Frame &frame,
                                    const BatchNormFold &fold) {
  auto leave = [&](StringRef reason) {
    setSubject(*fold.batchNorm);
    remark::missed(b.getLoc(), mindirRemark())
        << "cannot tell whether batch normalization is folded into the weights "
           "already: "
        << reason << "; it is applied as the file says";
    return success();
  };
  FailureOr<bool> isOutputFirst = hasOutputsFirst(frame, *fold.product);
  if (failed(isOutputFirst))
    return failure();
  if (!*isOutputFirst)
    return leave("they are not [outputs, inputs] of a product with transpose_b "
                 "alone");
  setSubject(*fold.batchNorm);
  FailureOr<SmallVector<float>> gamma = getNumbers(frame, fold.gamma);
  FailureOr<SmallVector<float>> beta = getNumbers(frame, fold.beta);
  FailureOr<SmallVector<float>> mean = getNumbers(frame, fold.mean);
  FailureOr<SmallVector<float>> variance = getNumbers(frame, fold.variance);
  FailureOr<SmallVector<float>> bias = SmallVector<float>();
  if (fold.addBias)
    bias = getNumbers(frame, fold.bias);
  FailureOr<const MindIRValue *> weight = getKnown(frame, fold.weight);
  FailureOr<std::optional<Values>> arguments =
      getArguments(frame, *fold.batchNorm, 5);
  if (failed(bias) || failed(gamma) || failed(beta) || failed(mean) ||
      failed(variance) || failed(weight) || failed(arguments))
    return failure();
  size_t channels = gamma->size();
  if (!channels || beta->size() != channels || mean->size() != channels ||
      variance->size() != channels ||
      (fold.addBias && bias->size() != channels) || !*weight ||
      !(*weight)->isTensor() || !(*weight)->getTensor().isPlainConstant() ||
      !*arguments)
    return leave("they or its parameters are computed, or do not fit");
  MindIRNode norm(b, "BatchNorm", names.getPrimitive(*fold.batchNorm),
                  std::move(**arguments), options);
  FailureOr<float> epsilon = readBatchNormEpsilon(norm, 0);
  if (failed(epsilon))
    return failure();
  const ConstantTensor &weights = *(*weight)->getTensor().constant;
  if (failed(b.charge(weights.getNumElements()))) // once for each that reads it
    return failure();
  setSubject(*fold.quantizer);
  MindIRNode quantizer(b, "FakeQuantParam", names.getPrimitive(*fold.quantizer),
                       {**weight}, options);
  FailureOr<FakeQuant> fakeQuant = readFakeQuant(quantizer);
  if (failed(fakeQuant) || b.hasFailed())
    return failure();
  if (fakeQuant->isLevels)
    return success();

  SmallVector<float> factors, shifts;
  for (size_t c = 0; c < channels; ++c) {
    double sigma = std::sqrt(double((*variance)[c]) + *epsilon);
    factors.push_back(static_cast<float>((*gamma)[c] / sigma));
    double center = (*mean)[c] - (fold.addBias ? (*bias)[c] : 0.0);
    shifts.push_back(
        static_cast<float>((*beta)[c] - (*gamma)[c] * center / sigma));
  }
  Folded folded = isFolded(fold.form, weights, factors, *fakeQuant);
  // Where the numbers may be of both, the name tells that convert() gives.
  bool isNamed = weights.getName().ends_with("_bnfold");
  if (folded == Folded::No)
    return success();
  if (folded == Folded::Neither)
    return leave("their scales do not fit to weights that are folded");
  if (folded == Folded::Maybe && !isNamed)
    return leave("their scales fit to both, and their name says nothing");

  using Kind = Repair::Kind;
  setSubject(*fold.batchNorm);
  std::string done;
  if (fold.form == BatchNormFold::Form::NoFold) {
    repairs[fold.batchNorm] = {Kind::Skip, 0, {}};
    for (float &factor : factors)
      factor = std::fabs(factor);
    repairs[fold.quantizer] = {Kind::ScaleWeights, 0, factors};
    done = "it is left out, and the scales of the weights are multiplied by "
           "|gamma / sigma|";
  } else {
    repairs[fold.multiply] = {Kind::Skip, fold.weightInput, {}};
    repairs[fold.divide] = {Kind::Skip, 0, {}};
    if (fold.addBias)
      repairs[fold.addBias] = {Kind::Skip, 0, {}};
    repairs[fold.batchNorm] = {Kind::AddShift, 0, shifts};
    done = "the factor gamma / sigma is left out, and beta - gamma * mean / "
           "sigma added alone";
  }
  remark::missed(b.getLoc(), mindirRemark())
      << "batch normalization is folded into the weights already, "
      << (folded == Folded::Maybe
              ? "by their name, since their scales fit to both, "
              : "")
      << "and not applied again: " << done
      << "; --mindir-as-written computes what the file says";
  return success();
}

FailureOr<MindIRValue> GraphImporter::importRepaired(Frame &frame,
                                                     pb::NodeProto &node,
                                                     const Repair &repair) {
  FailureOr<MindIRValue> input = getValue(frame, node.input(repair.input));
  if (failed(input))
    return failure();
  if (!input->isTensor())
    return b.fail("requires a tensor");
  const Tensor &x = input->getTensor();
  bool isNorm = names.getOpType(node) == "BatchNorm";
  switch (repair.kind) {
  case Repair::Kind::Skip:
    return isNorm ? MindIRValue::fromTuple({*input}) : *input;
  case Repair::Kind::ScaleWeights: {
    MindIRNode quantizer(b, "FakeQuantParam", names.getPrimitive(node),
                         {*input}, options);
    FailureOr<FakeQuant> fakeQuant = readFakeQuant(quantizer);
    if (failed(fakeQuant))
      return failure();
    Quantization quant = fakeQuant->quant;
    quant.scales.clear();
    quant.zeroPoints.clear();
    for (auto [c, factor] : llvm::enumerate(repair.numbers)) {
      quant.scales.push_back(fakeQuant->quant.scale(c) * factor);
      quant.zeroPoints.push_back(fakeQuant->quant.zeroPoint(c));
    }
    quant.axis = 0;
    if (!x.isPlainConstant())
      return b.fail("requires constant weights");
    FailureOr<Tensor> weights = quantizeWeights(b, *x.constant, quant);
    if (failed(weights))
      return failure();
    return MindIRValue::fromTensor(*weights);
  }
  case Repair::Kind::AddShift: {
    int64_t channels = repair.numbers.size();
    if (x.getRank() < 2 || x.shape[1] != channels)
      return b.fail("requires " + Twine(channels) + " channels, not " +
                    toString(x.shape));
    SmallVector<int64_t> shape(x.getRank() - 1, 1);
    shape[0] = channels;
    FailureOr<Tensor> sum =
        createArithmetic(b, ArithmeticFunction::Add,
                         {x, Tensor::fromConstant(ConstantTensor::fromFloats(
                                 shape, repair.numbers))});
    if (failed(sum))
      return failure();
    return MindIRValue::fromTuple({MindIRValue::fromTensor(*sum)});
  }
  }
  llvm_unreachable("no repair");
}
