//===- OpTable.cpp - the operators that are imported ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::compress;

ArrayRef<MindIROp> mlir::compress::getMindIROps() {
  static constexpr MindIROp table[] = {
      {"Abs", 1, 1, 1, "float32, signed integers", importUnary},
      {"AdaptiveAvgPool2D", 1, 1, 1, "NCHW; windows of one size",
       importAdaptiveAvgPool},
      {"Add", 2, 2, 2, "", importArithmetic},
      {"Adds", 2, 2, 2, "a tensor and a scalar", importArithmetic},
      {"AvgPool", 1, 5, 1, "NCHW; padded like SAME, VALID", importAvgPool},
      {"AvgPool3D", 1, 1, 1, "of a depth of 1", importPool3D},
      {"BatchMatMul", 2, 4, 2, "float32", importMatMul},
      {"BatchNorm", 5, 9, 5, "inference; the first result is used",
       importBatchNorm},
      {"BiasAdd", 2, 3, 2, "NCHW", importBiasAdd},
      {"BroadcastTo", 1, 2, 1, "", importBroadcastTo},
      {"Cast", 1, 2, 1, "to float16 and back: rounds", importCast},
      {"CeLU", 1, 2, 1, "float32", importActivation},
      {"Ceil", 1, 1, 1, "float32", importUnary},
      {"ClampScalar", 3, 3, 1, "float32", importClampScalar},
      {"Concat", 1, kAnyNumber, 0, "", importConcat},
      {"Conv2D", 2, 2, 2, "NCHW", importConv2D},
      {"Conv2DTranspose", 2, 3, 2, "NCHW", importConv2DTranspose},
      {"Depend", 2, 2, 0, "", importFirst},
      {"Div", 2, 2, 2, "", importArithmetic},
      {"Divs", 2, 2, 2, "a tensor and a scalar", importArithmetic},
      {"Elu", 1, 2, 1, "float32", importActivation},
      {"Equal", 2, 2, 2, "", importArithmetic},
      {"Erf", 1, 1, 1, "float32", importUnary},
      {"Exp", 1, 1, 1, "float32", importUnary},
      {"ExpandDims", 1, 2, 1, "", importExpandDims},
      {"FakeQuantParam", 1, 1, 1,
       "linear_quant_algo, SLBQuant; weights along dimension 0",
       importFakeQuantParam},
      {"FastGeLU", 1, 1, 1, "float32", importActivation},
      {"Flatten", 1, 3, 1, "to [N, rest]", importFlatten},
      {"Floor", 1, 1, 1, "float32", importUnary},
      {"Gather", 3, 4, 2, "no batch dimensions", importGather},
      {"GeLU", 1, 1, 1, "with tanh", importActivation},
      {"Greater", 2, 2, 2, "", importArithmetic},
      {"GreaterEqual", 2, 2, 2, "", importArithmetic},
      {"GroupNorm", 5, 5, 1, "the first result is used", importGroupNorm},
      {"HSigmoid", 1, 1, 1, "float32", importActivation},
      {"HSwish", 1, 1, 1, "float32", importActivation},
      {"LayerNorm", 3, 6, 3, "the first result is used", importLayerNorm},
      {"Less", 2, 2, 2, "", importArithmetic},
      {"LessEqual", 2, 2, 2, "", importArithmetic},
      {"Load", 1, 2, 0, "", importFirst},
      {"Log", 1, 1, 1, "float32", importUnary},
      {"LogSoftmax", 1, 2, 1, "float32", importSoftmax},
      {"LogicalAnd", 2, 2, 2, "", importArithmetic},
      {"LogicalNot", 1, 1, 1, "", importLogicalNot},
      {"LogicalOr", 2, 2, 2, "", importArithmetic},
      {"MakeTuple", 0, kAnyNumber, 0, "", importMakeTuple},
      {"MatMul", 2, 4, 2, "float32", importMatMul},
      {"MatMulExt", 2, 2, 2, "float32", importMatMulExt},
      {"MaxPool", 1, 1, 1, "NCHW; padded like SAME, VALID", importMaxPool},
      {"MaxPool3DWithArgmax", 1, 1, 1,
       "of a depth of 1; the first result is used", importPool3D},
      {"Maximum", 2, 2, 2, "", importArithmetic},
      {"MeanExt", 1, 4, 1, "float32", importReduce},
      {"Minimum", 2, 2, 2, "", importArithmetic},
      {"Mish", 1, 1, 1, "float32", importUnary},
      {"Mul", 2, 2, 2, "", importArithmetic},
      {"Muls", 2, 2, 2, "a tensor and a scalar", importArithmetic},
      {"Neg", 1, 1, 1, "float32, signed integers", importUnary},
      {"NotEqual", 2, 2, 2, "", importArithmetic},
      {"PReLU", 2, 2, 2, "float32", importPReLU},
      {"Pad", 1, 1, 1, "with zeros", importPad},
      {"PadV3", 2, 3, 1, "with a constant", importPadV3},
      {"Pow", 2, 2, 2, "float32", importPow},
      {"ReLU", 1, 1, 1, "float32", importActivation},
      {"ReLU6", 1, 1, 1, "float32", importActivation},
      {"RealDiv", 2, 2, 2, "float32", importArithmetic},
      {"Reciprocal", 1, 1, 1, "float32", importUnary},
      {"ReduceMax", 1, 3, 1, "float32", importReduce},
      {"ReduceMean", 1, 3, 1, "float32", importReduce},
      {"ReduceMin", 1, 3, 1, "float32", importReduce},
      {"ReduceProd", 1, 3, 1, "float32", importReduce},
      {"ReduceSum", 1, 4, 1, "float32", importReduce},
      {"Reshape", 2, 2, 1, "to constant extents", importReshape},
      {"Round", 1, 2, 1, "float32, to integers", importUnary},
      {"Rsqrt", 1, 1, 1, "float32", importUnary},
      {"SeLU", 1, 1, 1, "float32", importActivation},
      {"Select", 3, 3, 3, "", importSelect},
      {"SiLU", 1, 1, 1, "float32", importActivation},
      {"Sigmoid", 1, 1, 1, "float32", importUnary},
      {"Softmax", 1, 2, 1, "float32", importSoftmax},
      {"Softplus", 1, 1, 1, "float32", importUnary},
      {"Softsign", 1, 1, 1, "float32", importUnary},
      {"Split", 1, 3, 1, "into equal parts", importSplit},
      {"Sqrt", 1, 1, 1, "float32", importUnary},
      {"Square", 1, 1, 1, "float32", importUnary},
      {"Squeeze", 1, 2, 1, "", importSqueeze},
      {"Stack", 1, 2, 0, "", importStack},
      {"StridedSlice", 4, 9, 1, "constant places", importStridedSlice},
      {"Sub", 2, 2, 2, "", importArithmetic},
      {"Subs", 2, 2, 2, "a tensor and a scalar", importArithmetic},
      {"SumExt", 1, 4, 1, "float32", importReduce},
      {"Tanh", 1, 1, 1, "float32", importUnary},
      {"TensorScatterUpdate", 3, 3, 3, "constant indices",
       importTensorScatterUpdate},
      {"Tile", 1, 2, 1, "", importTile},
      {"Transpose", 2, 2, 1, "", importTranspose},
      {"TupleGetItem", 2, 2, 0, "", importTupleGetItem},
      {"make_list", 0, kAnyNumber, 0, "", importMakeTuple},
  };
  return table;
}

const MindIROp *mlir::compress::findMindIROp(StringRef name) {
  for (const MindIROp &op : getMindIROps())
    if (op.name == name)
      return &op;
  return nullptr;
}

unsigned mlir::compress::getNumUsedInputs(StringRef name, unsigned numInputs) {
  return name == "Load" || name == "Depend" ? std::min(numInputs, 1u)
                                            : numInputs;
}

void mlir::compress::printMindIROps(raw_ostream &os) {
  os << "operator               inputs  what is taken\n";
  for (const MindIROp &op : getMindIROps()) {
    std::string inputs = std::to_string(op.minInputs);
    if (op.maxInputs == kAnyNumber)
      inputs += "-";
    else if (op.maxInputs != op.minInputs)
      inputs += "-" + std::to_string(op.maxInputs);
    std::string line =
        llvm::formatv("{0,-22} {1,-7} {2}", op.name, inputs, op.limits).str();
    os << StringRef(line).rtrim() << '\n';
  }
  os << "Partial, Switch        and calls of functions without loops\n";
}
