//===- RepairFolds.cpp - undoes folds that convert() leaves half done -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "GraphImporter.h"
#include "MindIR.pb.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

/// The numbers of a parameter of one dimension.
FailureOr<SmallVector<float>> GraphImporter::getNumbers(StringRef parameter) {
  FailureOr<const MindIRValue *> value = getGlobal(parameter);
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

LogicalResult GraphImporter::findRepairs(const MindIRGraph &graph) {
  for (const BatchNormFold &fold : findBatchNormFolds(graph))
    if (failed(repair(graph, fold)))
      return failure();
  return success();
}

LogicalResult GraphImporter::repair(const MindIRGraph &graph,
                                    const BatchNormFold &fold) {
  setSubject(*fold.batchNorm);
  FailureOr<SmallVector<float>> gamma = getNumbers(fold.gamma);
  FailureOr<SmallVector<float>> beta = getNumbers(fold.beta);
  FailureOr<SmallVector<float>> mean = getNumbers(fold.mean);
  FailureOr<SmallVector<float>> variance = getNumbers(fold.variance);
  FailureOr<SmallVector<float>> bias = SmallVector<float>();
  if (fold.addBias)
    bias = getNumbers(fold.bias);
  FailureOr<const MindIRValue *> weight = getGlobal(fold.weight);
  if (failed(bias) || failed(gamma) || failed(beta) || failed(mean) ||
      failed(variance) || failed(weight))
    return failure();
  size_t channels = gamma->size();
  // What is none of them is told when it is imported.
  if (!channels || beta->size() != channels || mean->size() != channels ||
      variance->size() != channels ||
      (fold.addBias && bias->size() != channels) || !*weight ||
      !(*weight)->isTensor() || !(*weight)->getTensor().isPlainConstant())
    return success();
  Frame frame{graph, {}, {}};
  FailureOr<Values> arguments = Values();
  for (int i = 5; i < fold.batchNorm->input_size(); ++i) {
    FailureOr<const MindIRValue *> argument =
        getGlobal(fold.batchNorm->input(i));
    if (failed(argument))
      return failure();
    arguments->push_back(*argument ? **argument : MindIRValue());
  }
  MindIRNode norm(b, "BatchNorm", names.getPrimitive(*fold.batchNorm),
                  *arguments, options);
  float epsilon = norm.getFloat(1, "epsilon", 1e-5f);
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
    double sigma = std::sqrt(double((*variance)[c]) + epsilon);
    factors.push_back(static_cast<float>((*gamma)[c] / sigma));
    double center = (*mean)[c] - (fold.addBias ? (*bias)[c] : 0.0);
    shifts.push_back(
        static_cast<float>((*beta)[c] - (*gamma)[c] * center / sigma));
  }
  Folded folded = isFolded(fold.form, weights, factors, *fakeQuant);
  // Where the numbers do not tell, the name does that convert() gives.
  bool isNamed = weights.getName().ends_with("_bnfold");
  if (folded == Folded::No || (folded == Folded::Unclear && !isNamed))
    return success();

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
      << "batch normalization is folded into the weights already, and not "
         "applied again: "
      << done << "; --mindir-as-written computes what the file says";
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
