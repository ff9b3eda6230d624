//===- OpTable.cpp - the operators that are imported ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

static constexpr int64_t kNewest = kNewestOnnxOpset;

// Opset 6 brings the elementwise ops without `consumed_inputs`, opset 7 their
// broadcasting; what older files say differs in meaning.
static constexpr OnnxOp kOps[] = {
    // name, opsets, inputs, attributes, handler
    {"Abs", 6, kNewest, 1, 1, "", importUnary},
    {"Add", 7, kNewest, 2, 2, "", importArithmetic},
    {"AveragePool", 1, kNewest, 1, 1,
     "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides",
     importAveragePool},
    {"BatchNormalization", 7, kNewest, 5, 5,
     "epsilon momentum spatial training_mode", importBatchNorm},
    {"Cast", 6, kNewest, 1, 1, "to saturate round_mode", importCast},
    {"Ceil", 6, kNewest, 1, 1, "", importUnary},
    {"Clip", 6, 10, 1, 1, "min max", importClip},
    {"Clip", 11, kNewest, 1, 3, "", importClip},
    {"Concat", 4, kNewest, 1, kVariadic, "axis", importConcat},
    {"Constant", 1, kNewest, 0, 0,
     "value value_float value_floats value_int value_ints", importConstant},
    {"ConstantOfShape", 9, kNewest, 1, 1, "value", importConstantOfShape},
    {"Conv", 1, kNewest, 2, 3,
     "auto_pad dilations group kernel_shape pads strides", importConv},
    {"DequantizeLinear", 10, kNewest, 2, 3, "axis block_size output_dtype",
     importDequantizeLinear},
    {"Div", 7, kNewest, 2, 2, "", importArithmetic},
    {"Dropout", 7, 11, 1, 1, "ratio", importDropout},
    {"Dropout", 12, kNewest, 1, 3, "seed", importDropout},
    {"Elu", 6, kNewest, 1, 1, "alpha", importElu},
    {"Erf", 9, kNewest, 1, 1, "", importUnary},
    {"Exp", 6, kNewest, 1, 1, "", importUnary},
    {"Expand", 8, kNewest, 2, 2, "", importExpand},
    {"Flatten", 1, kNewest, 1, 1, "axis", importFlatten},
    {"Floor", 6, kNewest, 1, 1, "", importUnary},
    {"Gather", 1, kNewest, 2, 2, "axis", importGather},
    {"Gelu", 20, kNewest, 1, 1, "approximate", importGelu},
    {"Gemm", 7, kNewest, 2, 3, "alpha beta transA transB", importGemm},
    {"GlobalAveragePool", 1, kNewest, 1, 1, "", importGlobalPool},
    {"GlobalMaxPool", 1, kNewest, 1, 1, "", importGlobalPool},
    {"HardSigmoid", 6, kNewest, 1, 1, "alpha beta", importHardSigmoid},
    {"HardSwish", 14, kNewest, 1, 1, "", importHardSigmoid},
    {"Identity", 1, kNewest, 1, 1, "", importIdentity},
    {"LeakyRelu", 6, kNewest, 1, 1, "alpha", importLeakyRelu},
    {"Log", 6, kNewest, 1, 1, "", importUnary},
    {"MatMul", 1, kNewest, 2, 2, "", importMatMul},
    {"Max", 8, kNewest, 1, kVariadic, "", importArithmetic},
    {"MaxPool", 1, kNewest, 1, 1,
     "auto_pad ceil_mode dilations kernel_shape pads storage_order strides",
     importMaxPool},
    {"Min", 8, kNewest, 1, kVariadic, "", importArithmetic},
    {"Mul", 7, kNewest, 2, 2, "", importArithmetic},
    {"Neg", 6, kNewest, 1, 1, "", importUnary},
    {"PRelu", 9, kNewest, 2, 2, "", importPRelu},
    {"Pad", 2, 10, 1, 1, "mode pads value", importPad},
    {"Pad", 11, kNewest, 2, 4, "mode", importPad},
    {"Pow", 7, kNewest, 2, 2, "", importPow},
    {"QuantizeLinear", 10, kNewest, 2, 3,
     "axis block_size output_dtype precision saturate", importQuantizeLinear},
    {"Range", 11, kNewest, 3, 3, "stash_type", importRange},
    {"Reciprocal", 6, kNewest, 1, 1, "", importUnary},
    {"ReduceMax", 1, 17, 1, 1, "axes keepdims", importReduce},
    {"ReduceMax", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes",
     importReduce},
    {"ReduceMean", 1, 17, 1, 1, "axes keepdims", importReduce},
    {"ReduceMean", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes",
     importReduce},
    {"ReduceMin", 1, 17, 1, 1, "axes keepdims", importReduce},
    {"ReduceMin", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes",
     importReduce},
    {"ReduceSum", 1, 12, 1, 1, "axes keepdims", importReduce},
    {"ReduceSum", 13, kNewest, 1, 2, "keepdims noop_with_empty_axes",
     importReduce},
    {"Relu", 6, kNewest, 1, 1, "", importRelu},
    {"Reshape", 5, kNewest, 2, 2, "allowzero", importReshape},
    {"Round", 11, kNewest, 1, 1, "", importUnary},
    {"Shape", 1, kNewest, 1, 1, "start end", importShape},
    {"Sigmoid", 6, kNewest, 1, 1, "", importUnary},
    {"Size", 1, kNewest, 1, 1, "", importShape},
    {"Slice", 1, 9, 1, 1, "axes ends starts", importSlice},
    {"Slice", 10, kNewest, 3, 5, "", importSlice},
    {"Softmax", 1, kNewest, 1, 1, "axis", importSoftmax},
    {"Softplus", 1, kNewest, 1, 1, "", importUnary},
    {"Split", 2, 12, 1, 1, "axis split", importSplit},
    {"Split", 13, kNewest, 1, 2, "axis num_outputs", importSplit},
    {"Sqrt", 6, kNewest, 1, 1, "", importUnary},
    {"Squeeze", 1, 12, 1, 1, "axes", importSqueeze},
    {"Squeeze", 13, kNewest, 1, 2, "", importSqueeze},
    {"Sub", 7, kNewest, 2, 2, "", importArithmetic},
    {"Sum", 8, kNewest, 1, kVariadic, "", importArithmetic},
    {"Tanh", 6, kNewest, 1, 1, "", importUnary},
    {"Transpose", 1, kNewest, 1, 1, "perm", importTranspose},
    {"Unsqueeze", 1, 12, 1, 1, "axes", importUnsqueeze},
    {"Unsqueeze", 13, kNewest, 2, 2, "", importUnsqueeze},
};

ArrayRef<OnnxOp> mlir::compress::getOnnxOps() { return kOps; }
