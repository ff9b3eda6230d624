//===- OpTable.cpp - the operators that are imported ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "Compress/Import/Onnx/OnnxImport.h"

using namespace mlir;
using namespace mlir::compress;

static constexpr int64_t kNewest = kNewestOnnxOpset;

// Opset 6 brings the elementwise ops without `consumed_inputs`, opset 7 their
// broadcasting; what older files say differs in meaning.
static constexpr OnnxOp kOps[] = {
    // name, opsets, inputs, attributes, types, limits, handler
    {"Abs", 6, kNewest, 1, 1, "", kFloat | kSigned, "", importUnary},
    {"Add", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"And", 7, kNewest, 2, 2, "", kBool, "", importArithmetic},
    {"ArgMax", 1, kNewest, 1, 1, "axis keepdims select_last_index",
     kFloat | kQuantized, "", importArgMax},
    {"ArgMin", 1, kNewest, 1, 1, "axis keepdims select_last_index",
     kFloat | kQuantized, "", importArgMax},
    {"AveragePool", 1, kNewest, 1, 1,
     "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides",
     kFloat, "1-D, 2-D", importAveragePool},
    {"BatchNormalization", 7, kNewest, 5, 5,
     "epsilon momentum spatial training_mode", kFloat, "inference",
     importBatchNorm},
    {"BitwiseAnd", 18, kNewest, 2, 2, "", kInteger, "", importArithmetic},
    {"BitwiseNot", 18, kNewest, 1, 1, "", kInteger, "", importNot},
    {"BitwiseOr", 18, kNewest, 2, 2, "", kInteger, "", importArithmetic},
    {"BitwiseXor", 18, kNewest, 2, 2, "", kInteger, "", importArithmetic},
    {"Cast", 6, kNewest, 1, 1, "to saturate round_mode",
     kFloat | kQuantized | kInteger | kBool,
     "to and from float32, bool, 8 to 64 bit integers", importCast},
    {"CastLike", 15, kNewest, 2, 2, "saturate round_mode",
     kFloat | kQuantized | kInteger | kBool,
     "to and from float32, bool, 8 to 64 bit integers", importCastLike},
    {"Ceil", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Celu", 12, kNewest, 1, 1, "alpha", kFloat, "", importSelu},
    {"Clip", 6, 10, 1, 1, "min max", kFloat, "", importClip},
    {"Clip", 11, kNewest, 1, 3, "", kFloat | kInteger, "", importClip},
    {"Concat", 4, kNewest, 1, kVariadic, "axis",
     kFloat | kQuantized | kInteger | kBool, "", importConcat},
    {"Constant", 1, kNewest, 0, 0,
     "value value_float value_floats value_int value_ints", kFloat, "",
     importConstant},
    {"ConstantOfShape", 9, kNewest, 1, 1, "value", kFloat, "constants",
     importConstantOfShape},
    {"Conv", 1, kNewest, 2, 3,
     "auto_pad dilations group kernel_shape pads strides", kFloat, "1-D, 2-D",
     importConv},
    {"ConvInteger", 10, kNewest, 2, 4,
     "auto_pad dilations group kernel_shape pads strides",
     kQuantized | kInteger8, "1-D, 2-D; one zero point for all weights",
     importConvInteger},
    {"ConvTranspose", 1, kNewest, 2, 3,
     "auto_pad dilations group kernel_shape output_padding output_shape pads "
     "strides",
     kFloat, "1-D, 2-D", importConvTranspose},
    {"DepthToSpace", 1, kNewest, 1, 1, "blocksize mode",
     kFloat | kQuantized | kInteger | kBool, "", importDepthSpace},
    {"DequantizeLinear", 10, kNewest, 2, 3, "axis block_size output_dtype",
     kQuantized | kInteger, "constant scales; int32 per tensor; no blocks",
     importDequantizeLinear},
    {"Div", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"Dropout", 7, 11, 1, 1, "ratio", kFloat | kQuantized | kInteger | kBool,
     "inference", importDropout},
    {"Dropout", 12, kNewest, 1, 3, "seed",
     kFloat | kQuantized | kInteger | kBool, "inference", importDropout},
    {"DynamicQuantizeLinear", 11, kNewest, 1, 1, "", kFloat, "",
     importDynamicQuantizeLinear},
    {"Einsum", 12, kNewest, 1, 2, "equation", kFloat,
     "letters, no diagonals, no broadcasting", importEinsum},
    {"Elu", 6, kNewest, 1, 1, "alpha", kFloat, "", importElu},
    {"Equal", 7, kNewest, 2, 2, "", kFloat | kInteger | kBool, "",
     importArithmetic},
    {"Erf", 9, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Exp", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Expand", 8, kNewest, 2, 2, "", kFloat | kQuantized | kInteger | kBool,
     "constant shape", importExpand},
    {"Flatten", 1, kNewest, 1, 1, "axis",
     kFloat | kQuantized | kInteger | kBool, "", importFlatten},
    {"Floor", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Gather", 1, kNewest, 2, 2, "axis", kFloat | kQuantized | kInteger | kBool,
     "", importGather},
    {"GatherElements", 11, kNewest, 2, 2, "axis",
     kFloat | kQuantized | kInteger | kBool, "", importGatherElements},
    {"Gelu", 20, kNewest, 1, 1, "approximate", kFloat, "", importGelu},
    {"Gemm", 7, kNewest, 2, 3, "alpha beta transA transB", kFloat, "",
     importGemm},
    {"GlobalAveragePool", 1, kNewest, 1, 1, "", kFloat, "", importGlobalPool},
    {"GlobalMaxPool", 1, kNewest, 1, 1, "", kFloat, "", importGlobalPool},
    {"Greater", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"GreaterOrEqual", 12, kNewest, 2, 2, "", kFloat | kInteger, "",
     importArithmetic},
    {"GroupNormalization", 18, kNewest, 3, 3, "epsilon num_groups stash_type",
     kFloat, "", importGroupNorm},
    {"HardSigmoid", 6, kNewest, 1, 1, "alpha beta", kFloat, "",
     importHardSigmoid},
    {"HardSwish", 14, kNewest, 1, 1, "", kFloat, "", importHardSigmoid},
    {"Identity", 1, kNewest, 1, 1, "", kFloat | kQuantized | kInteger | kBool,
     "", importIdentity},
    {"InstanceNormalization", 6, kNewest, 3, 3, "epsilon", kFloat, "",
     importGroupNorm},
    {"LRN", 1, kNewest, 1, 1, "alpha beta bias size", kFloat, "size up to 64",
     importLrn},
    {"LayerNormalization", 17, kNewest, 2, 3, "axis epsilon stash_type", kFloat,
     "", importLayerNorm},
    {"LeakyRelu", 6, kNewest, 1, 1, "alpha", kFloat, "", importLeakyRelu},
    {"Less", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"LessOrEqual", 12, kNewest, 2, 2, "", kFloat | kInteger, "",
     importArithmetic},
    {"Log", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"LogSoftmax", 1, kNewest, 1, 1, "axis", kFloat, "", importSoftmax},
    {"LpNormalization", 1, kNewest, 1, 1, "axis p", kFloat, "",
     importLpNormalization},
    {"MatMul", 1, kNewest, 2, 2, "", kFloat, "", importMatMul},
    {"MatMulInteger", 10, kNewest, 2, 4, "", kQuantized | kInteger8,
     "one zero point for all weights", importMatMulInteger},
    {"Max", 8, kNewest, 1, kVariadic, "", kFloat | kInteger, "",
     importArithmetic},
    {"MaxPool", 1, kNewest, 1, 1,
     "auto_pad ceil_mode dilations kernel_shape pads storage_order strides",
     kFloat | kQuantized | kInteger8,
     "1-D, 2-D; without Indices; constants of up to 16 bits", importMaxPool},
    {"Min", 8, kNewest, 1, kVariadic, "", kFloat | kInteger, "",
     importArithmetic},
    {"Mish", 18, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Mod", 10, kNewest, 2, 2, "fmod", kInteger, "", importArithmetic},
    {"Mul", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"Neg", 6, kNewest, 1, 1, "", kFloat | kSigned, "", importUnary},
    {"Not", 1, kNewest, 1, 1, "", kBool, "", importNot},
    {"Or", 7, kNewest, 2, 2, "", kBool, "", importArithmetic},
    {"PRelu", 9, kNewest, 2, 2, "", kFloat, "", importPRelu},
    {"Pad", 2, 10, 1, 1, "mode pads value", kFloat | kQuantized | kInteger,
     "constant pads and value", importPad},
    {"Pad", 11, kNewest, 2, 4, "mode", kFloat | kQuantized | kInteger,
     "constant pads and value", importPad},
    {"Pow", 7, kNewest, 2, 2, "", kFloat, "float32 exponents or constants",
     importPow},
    {"QLinearConv", 10, kNewest, 8, 9,
     "auto_pad dilations group kernel_shape pads strides",
     kQuantized | kInteger8, "1-D, 2-D; constant scales and zero points",
     importQLinearConv},
    {"QLinearMatMul", 10, kNewest, 8, 8, "", kQuantized | kInteger8,
     "constant scales and zero points", importQLinearMatMul},
    {"QuantizeLinear", 10, kNewest, 2, 3,
     "axis block_size output_dtype precision saturate", kFloat,
     "constant scales; int8, uint8, per tensor int16, uint16; no blocks",
     importQuantizeLinear},
    {"RMSNormalization", 23, kNewest, 2, 2, "axis epsilon stash_type", kFloat,
     "", importLayerNorm},
    {"Range", 11, kNewest, 3, 3, "stash_type", kFloat, "constants",
     importRange},
    {"Reciprocal", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"ReduceL1", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceL1", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceL2", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceL2", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceMax", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceMax", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceMean", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceMean", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceMin", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceMin", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceProd", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceProd", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceSum", 1, 12, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceSum", 13, kNewest, 1, 2, "keepdims noop_with_empty_axes", kFloat,
     "constant axes", importReduce},
    {"ReduceSumSquare", 1, 17, 1, 1, "axes keepdims", kFloat, "constant axes",
     importReduce},
    {"ReduceSumSquare", 18, kNewest, 1, 2, "keepdims noop_with_empty_axes",
     kFloat, "constant axes", importReduce},
    {"Relu", 6, kNewest, 1, 1, "", kFloat | kQuantized, "", importRelu},
    {"Reshape", 5, kNewest, 2, 2, "allowzero",
     kFloat | kQuantized | kInteger | kBool, "constant shape", importReshape},
    {"Resize", 10, 10, 2, 2, "mode", kFloat | kQuantized,
     "no tf_crop_and_resize", importResize},
    {"Resize", 11, kNewest, 1, 4,
     "antialias axes coordinate_transformation_mode cubic_coeff_a "
     "exclude_outside extrapolation_value keep_aspect_ratio_policy mode "
     "nearest_mode",
     kFloat | kQuantized, "no tf_crop_and_resize", importResize},
    {"Round", 11, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"ScatterND", 11, kNewest, 3, 3, "reduction", kFloat | kInteger | kBool,
     "constant indices, no reduction", importScatterNd},
    {"Selu", 6, kNewest, 1, 1, "alpha gamma", kFloat, "", importSelu},
    {"Shape", 1, kNewest, 1, 1, "start end",
     kFloat | kQuantized | kInteger | kBool, "", importShape},
    {"Sigmoid", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Sign", 9, kNewest, 1, 1, "", kFloat | kSigned, "", importUnary},
    {"Size", 1, kNewest, 1, 1, "", kFloat | kQuantized | kInteger | kBool, "",
     importShape},
    {"Slice", 1, 9, 1, 1, "axes ends starts",
     kFloat | kQuantized | kInteger | kBool, "constant bounds", importSlice},
    {"Slice", 10, kNewest, 3, 5, "", kFloat | kQuantized | kInteger | kBool,
     "constant bounds", importSlice},
    {"Softmax", 1, kNewest, 1, 1, "axis", kFloat, "", importSoftmax},
    {"Softplus", 1, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Softsign", 1, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"SpaceToDepth", 1, kNewest, 1, 1, "blocksize",
     kFloat | kQuantized | kInteger | kBool, "", importDepthSpace},
    {"Split", 2, 12, 1, 1, "axis split", kFloat | kQuantized | kInteger | kBool,
     "constant sizes", importSplit},
    {"Split", 13, kNewest, 1, 2, "axis num_outputs",
     kFloat | kQuantized | kInteger | kBool, "constant sizes", importSplit},
    {"Sqrt", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"Squeeze", 1, 12, 1, 1, "axes", kFloat | kQuantized | kInteger | kBool,
     "constant axes", importSqueeze},
    {"Squeeze", 13, kNewest, 1, 2, "", kFloat | kQuantized | kInteger | kBool,
     "constant axes", importSqueeze},
    {"Sub", 7, kNewest, 2, 2, "", kFloat | kInteger, "", importArithmetic},
    {"Sum", 8, kNewest, 1, kVariadic, "", kFloat | kInteger, "",
     importArithmetic},
    {"Swish", 24, kNewest, 1, 1, "alpha", kFloat, "", importSwish},
    {"Tanh", 6, kNewest, 1, 1, "", kFloat, "", importUnary},
    {"ThresholdedRelu", 10, kNewest, 1, 1, "alpha", kFloat, "",
     importThresholdedRelu},
    {"Tile", 6, kNewest, 2, 2, "", kFloat | kQuantized | kInteger | kBool,
     "constant repeats", importTile},
    {"Transpose", 1, kNewest, 1, 1, "perm",
     kFloat | kQuantized | kInteger | kBool, "", importTranspose},
    {"Unsqueeze", 1, 12, 1, 1, "axes", kFloat | kQuantized | kInteger | kBool,
     "constant axes", importUnsqueeze},
    {"Unsqueeze", 13, kNewest, 2, 2, "", kFloat | kQuantized | kInteger | kBool,
     "constant axes", importUnsqueeze},
    {"Upsample", 7, 8, 1, 1, "mode scales", kFloat | kQuantized, "",
     importResize},
    {"Upsample", 9, 9, 2, 2, "mode", kFloat | kQuantized, "", importResize},
    {"Where", 9, kNewest, 3, 3, "", kFloat | kInteger | kBool, "", importWhere},
    {"Xor", 7, kNewest, 2, 2, "", kBool, "", importArithmetic},
    // Of onnxruntime's own operators, those that its quantizer writes. The
    // versions of that domain say nothing.
    {"com.microsoft.DequantizeLinear", 0, kNewest, 2, 3, "axis",
     kQuantized | kInteger, "constant scales; int32 per tensor",
     importDequantizeLinear},
    {"com.microsoft.Gelu", 0, kNewest, 1, 1, "", kFloat, "", importGelu},
    {"com.microsoft.QGemm", 0, kNewest, 6, 9, "alpha transA transB",
     kQuantized | kInteger8, "alpha of 1 with a bias", importQGemm},
    {"com.microsoft.QLinearAdd", 0, kNewest, 8, 8, "", kQuantized | kInteger8,
     "", importQLinearBinary},
    {"com.microsoft.QLinearAveragePool", 0, kNewest, 4, 5,
     "auto_pad ceil_mode channels_last count_include_pad kernel_shape pads "
     "strides",
     kQuantized | kInteger8, "1-D, 2-D; channels first", importQLinearUnary},
    {"com.microsoft.QLinearConcat", 0, kNewest, 5, kVariadic, "axis",
     kQuantized | kInteger8, "", importQLinearConcat},
    {"com.microsoft.QLinearGlobalAveragePool", 0, kNewest, 5, 5,
     "channels_last", kQuantized | kInteger8, "channels first",
     importQLinearUnary},
    {"com.microsoft.QLinearLeakyRelu", 0, kNewest, 4, 5, "alpha",
     kQuantized | kInteger8, "", importQLinearUnary},
    {"com.microsoft.QLinearMul", 0, kNewest, 8, 8, "", kQuantized | kInteger8,
     "", importQLinearBinary},
    {"com.microsoft.QLinearReduceMean", 0, kNewest, 5, 5, "axes keepdims",
     kQuantized | kInteger8, "", importQLinearUnary},
    {"com.microsoft.QLinearSigmoid", 0, kNewest, 5, 5, "",
     kQuantized | kInteger8, "", importQLinearUnary},
    {"com.microsoft.QLinearSoftmax", 0, kNewest, 5, 5, "axis opset",
     kQuantized | kInteger8, "", importQLinearUnary},
    {"com.microsoft.QuantizeLinear", 0, kNewest, 2, 3, "axis", kFloat,
     "constant scales; int8, uint8, per tensor int16, uint16",
     importQuantizeLinear},
    {"com.microsoft.QuickGelu", 0, kNewest, 1, 1, "alpha", kFloat, "",
     importSwish},
    // Of Compress's own domain.
    {"compress.ChannelGate", 1, 1, 3, 3, "axis", kFloat,
     "constant beta and gamma", importChannelGate},
    // Quant of QONNX, under the domains of its history.
    {"finn.custom_op.general.Quant", 0, kNewest, 4, 4,
     "narrow rounding_mode signed", kFloat,
     "2 to 8 bits, ROUND, constant scale and zero point; with an odd zero "
     "point halves round to odd",
     importQonnxQuant},
    {"onnx.brevitas.Quant", 0, kNewest, 4, 4, "narrow rounding_mode signed",
     kFloat,
     "2 to 8 bits, ROUND, constant scale and zero point; with an odd zero "
     "point halves round to odd",
     importQonnxQuant},
    {"qonnx.custom_op.general.Quant", 0, kNewest, 4, 4,
     "narrow rounding_mode signed", kFloat,
     "2 to 8 bits, ROUND, constant scale and zero point; with an odd zero "
     "point halves round to odd",
     importQonnxQuant},
};

ArrayRef<OnnxOp> mlir::compress::getOnnxOps() { return kOps; }

bool mlir::compress::takesType(const OnnxOp &op, const Tensor &tensor) {
  if (tensor.isConstant())
    return true;
  if (tensor.isCodes()) // which can become integers
    return op.types & (kQuantized | kInteger);
  if (tensor.type == ElementType::F32)
    return op.types & kFloat;
  if (tensor.type == ElementType::Bool)
    return op.types & kBool;
  if ((op.types & kInteger) == kInteger)
    return true;
  bool isSigned = isSignedInteger(tensor.type);
  return (isSigned && (op.types & kSigned)) ||
         (getBitWidth(tensor.type) == 8 && (op.types & kInteger8));
}

std::string mlir::compress::getTypeNames(const OnnxOp &op) {
  std::string names;
  auto add = [&](StringRef name) {
    names += (names.empty() ? "" : ", ") + name.str();
  };
  if (op.types & kFloat)
    add("float32");
  if (op.types & kQuantized)
    add("quantized");
  if ((op.types & kInteger) == kInteger)
    add("integers");
  else if (op.types & kSigned)
    add("signed integers");
  else if (op.types & kInteger8)
    add("int8, uint8");
  if (op.types & kBool)
    add("bool");
  return names;
}

void mlir::compress::printOnnxOps(raw_ostream &os) {
  os << "Operators of ONNX that are imported. Quantized is what QuantizeLinear "
        "gives; constants\nmay have other types, as the operator has it.\n\n";
  auto column = [&](const Twine &text, size_t width) {
    std::string padded = text.str();
    padded.resize(std::max(padded.size(), width), ' ');
    os << padded << "  ";
  };
  column("operator", 40);
  column("opsets", 7);
  column("inputs", 6);
  column("types", 40);
  os << "attributes; limits\n";
  for (const OnnxOp &op : getOnnxOps()) {
    column(op.name, 40);
    column(op.firstOpset == 0
               ? Twine("any")
               : Twine(op.firstOpset) + "-" + Twine(op.lastOpset),
           7);
    column(Twine(op.minInputs) + (op.maxInputs == kVariadic ? Twine("-")
                                  : op.maxInputs == op.minInputs
                                      ? Twine("")
                                      : "-" + Twine(op.maxInputs)),
           6);
    column(getTypeNames(op), 40);
    os << (op.attributes.empty() ? "none" : op.attributes)
       << (op.limits.empty() ? "" : "; ") << op.limits << '\n';
  }
}
