//===- OnnxExporter.cpp - ops to nodes of ONNX ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxExporter.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "Compress/Export/Onnx/OnnxExport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

LogicalResult OnnxExporter::fail(Operation *op, const Twine &reason) {
  return op->emitOpError("cannot be written as ONNX: ") << reason.str();
}

/// The name of the node that an op comes from; empty where there is none.
static StringRef getNodeName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (StringRef name = getNodeName(part); !name.empty())
        return name;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return getNodeName(call.getCallee());
  return "";
}

std::optional<SmallVector<unsigned>> mlir::compress::getLoops(AffineMap map) {
  SmallVector<unsigned> loops;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return std::nullopt;
    loops.push_back(dim.getPosition());
  }
  return loops;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getIdentity(size_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(rank)));
}

void OnnxExporter::setValue(Value result, ValueId value) {
  setTensor(result, {value, getIdentity(graph.getShape(value).size())});
}

FailureOr<GraphTensor> OnnxExporter::getTensor(Value value) {
  auto known = tensors.find(value);
  if (known != tensors.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  std::optional<OnnxType> element =
      type ? getOnnxType(type.getElementType()) : std::nullopt;
  std::optional<double> number =
      isa<tensor::EmptyOp>(op) ? 0.0 : matchSplat(value);
  if (!element || !type.hasStaticShape() || !number) {
    (void)fail(op, "it makes no tensor that ONNX has");
    return failure();
  }
  ValueId &id = filled.try_emplace(value, kNoValue).first->second;
  if (id == kNoValue)
    id = graph.expand(graph.addScalar(*element, *number), type.getShape());
  return GraphTensor{id, getIdentity(type.getRank())};
}

FailureOr<ValueId> OnnxExporter::getScalar(Operation *op, Value value) {
  std::optional<OnnxType> type = getOnnxType(value.getType());
  if (auto extract = value.getDefiningOp<tensor::ExtractOp>();
      extract && extract.getIndices().empty())
    return getValue(extract.getTensor());
  if (std::optional<double> number = matchSplat(value); number && type)
    return graph.addScalar(*type, *number);
  return fail(op, "it reads a scalar that is no constant");
}

/// Whether what is summed is the product of both inputs, and nothing of them.
static bool isPlainProduct(linalg::LinalgOp op) {
  if (matchCombiner(op) != CombinerKind::MulAdd || op.getNumDpsInputs() != 2)
    return false;
  BlockArgument sum = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  Operation *add =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  Operation *product =
      add->getOperand(add->getOperand(0) == sum ? 1 : 0).getDefiningOp();
  Value a = op.getMatchingBlockArgument(op.getDpsInputOperand(0));
  Value b = op.getMatchingBlockArgument(op.getDpsInputOperand(1));
  return product && product->getNumOperands() == 2 &&
         ((product->getOperand(0) == a && product->getOperand(1) == b) ||
          (product->getOperand(0) == b && product->getOperand(1) == a));
}

ValueId OnnxExporter::inOrder(const GraphTensor &tensor) {
  return graph.transpose(tensor.value, tensor.order);
}

FailureOr<ValueId> OnnxExporter::getValue(Value value) {
  FailureOr<GraphTensor> tensor = getTensor(value);
  if (failed(tensor))
    return failure();
  return inOrder(*tensor);
}

GraphTensor OnnxExporter::transposed(const GraphTensor &tensor,
                                     ArrayRef<int64_t> permutation) {
  GraphTensor result{tensor.value, {}};
  for (int64_t dim : permutation)
    result.order.push_back(tensor.order[dim]);
  return result;
}

ValueId OnnxExporter::arrange(const GraphTensor &tensor,
                              ArrayRef<unsigned> loops,
                              const LoopGroups &groups) {
  SmallVector<int64_t> permutation, shape;
  for (const auto &group : groups) {
    int64_t extent = 1;
    for (unsigned loop : group)
      if (const auto *at = llvm::find(loops, loop); at != loops.end()) {
        int64_t dim = tensor.order[at - loops.begin()];
        permutation.push_back(dim);
        extent *= graph.getShape(tensor.value)[dim];
      }
    shape.push_back(extent);
  }
  assert(permutation.size() == loops.size() && "a loop in no group");
  return graph.reshape(graph.transpose(tensor.value, permutation), shape);
}

GraphTensor OnnxExporter::spread(ValueId value, const LoopGroups &groups,
                                 ArrayRef<unsigned> loops,
                                 ArrayRef<int64_t> ranges) {
  SmallVector<unsigned> there;
  SmallVector<int64_t> shape;
  for (const auto &group : groups)
    for (unsigned loop : group)
      if (llvm::is_contained(loops, loop)) {
        there.push_back(loop);
        shape.push_back(ranges[loop]);
      }
  GraphTensor result{graph.reshape(value, shape), {}};
  for (unsigned loop : loops)
    result.order.push_back(llvm::find(there, loop) - there.begin());
  return result;
}

FailureOr<OnnxExporter::Start> OnnxExporter::getStart(linalg::LinalgOp op,
                                                      const LoopGroups &groups,
                                                      size_t channelGroup) {
  Start start;
  OpOperand *init = op.getDpsInitOperand(0);
  std::optional<SmallVector<unsigned>> loops =
      getLoops(op.getMatchingIndexingMap(init));
  if (!loops)
    return failure();
  std::optional<double> number = matchSplat(init->get());
  if (number && *number == 0)
    return start;
  std::optional<OnnxType> type =
      getOnnxType(getElementTypeOrSelf(op->getResult(0)));
  if (number && type) {
    start.addend = graph.addScalar(*type, *number);
    return start;
  }
  if (std::optional<Broadcast> repeated = matchBroadcast(init->get())) {
    std::optional<SmallVector<unsigned>> dims = getLoops(repeated->map);
    auto type = cast<RankedTensorType>(repeated->source.getType());
    SmallVector<unsigned> sourceLoops;
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    int64_t channels = 1;
    for (unsigned loop : groups[channelGroup])
      channels *= ranges[loop];
    bool isBias = dims && type.getNumElements() == channels;
    for (unsigned dim : dims.value_or(SmallVector<unsigned>())) {
      sourceLoops.push_back((*loops)[dim]);
      isBias &= llvm::is_contained(groups[channelGroup], sourceLoops.back());
    }
    if (isBias) {
      FailureOr<GraphTensor> source = getTensor(repeated->source);
      if (failed(source))
        return failure();
      start.bias = arrange(*source, sourceLoops, {groups[channelGroup]});
      return start;
    }
  }
  FailureOr<GraphTensor> tensor = getTensor(init->get());
  if (failed(tensor))
    return failure();
  start.addend = arrange(*tensor, *loops, groups);
  return start;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult OnnxExporter::exportLinalg(linalg::LinalgOp op) {
  if (isa<linalg::FillOp>(op))
    return success(); // written where it is used
  auto isStatic = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return !isa<ShapedType>(type) || (tensor && tensor.hasStaticShape());
  };
  if (!llvm::all_of(op->getOperandTypes(), isStatic) || op.hasDynamicShape())
    return fail(op, "it has open shapes; give them with --batch or "
                    "--input-shape");
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op.getOperation())) {
    FailureOr<GraphTensor> input = getTensor(transpose.getInput());
    if (failed(input))
      return failure();
    setTensor(op->getResult(0), transposed(*input, transpose.getPermutation()));
    return success();
  }
  if (op.getNumLoops() == op.getNumParallelLoops())
    return exportElementwise(op);
  if (op->getNumResults() == 2)
    return exportArgMax(op);
  if (op->getNumResults() != 1)
    return fail(op, "it reduces to several tensors");
  bool isWindow = succeeded(linalg::inferConvolutionDims(op));
  bool isProduct = isPlainProduct(op);
  std::optional<WeightedOp> weighted = matchWeightedOp(op);
  bool isCentred = isCentredProduct(op);
  bool isMatrix = isCentred &&
                  getLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(0)));
  if (isMatrix)
    return exportContraction(op);
  if (isCentred ||
      (weighted && !getElementTypeOrSelf(op->getResult(0)).isF32()))
    return fail(op, "it multiplies integer codes, and what is written is f32 "
                    "with QuantizeLinear and DequantizeLinear; give the model "
                    "as it was before it was lowered to integers");
  if (isProduct && isWindow)
    return exportConvolution(op);
  if (isWindow)
    return exportPool(op);
  if (isProduct && op.getNumDpsInputs() == 2)
    return exportContraction(op);
  return exportReduction(op);
}

LogicalResult OnnxExporter::exportOp(Operation *op) {
  graph.setName(getNodeName(op->getLoc()));
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return exportLinalg(linalgOp);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op)) {
    FailureOr<ValueId> input = getValue(softmax.getInput());
    if (failed(input))
      return failure();
    setValue(op->getResult(0),
             graph.addNode("Softmax", *input, graph.get(*input).type,
                           SmallVector<int64_t>(graph.getShape(*input)),
                           {{"axis", int64_t(softmax.getDimension())}}));
    return success();
  }
  if (isa<tensor::EmptyOp, tensor::SplatOp, quant::StorageCastOp>(op))
    return success(); // written where it is used
  if (op->hasTrait<OpTrait::ConstantLike>())
    return exportConstant(op);
  if (isa_and_nonnull<tensor::TensorDialect>(op->getDialect()))
    return exportTensorOp(op);
  if (isa<quant::DequantizeCastOp>(op))
    return exportDequantize(op);
  if (isa<FakeQuantOp>(op))
    return exportFakeQuant(op);
  if (isa<ChannelMaskOp>(op))
    return exportChannelMask(op);
  if (isa<ScatterChannelsOp>(op))
    return exportScatterChannels(op);
  if (isa<ObserveOp, ChannelGateOp>(op)) {
    FailureOr<GraphTensor> input = getTensor(op->getOperand(0));
    if (failed(input))
      return failure();
    if (isa<ChannelGateOp>(op)) {
      ValueId value = input->value;
      input->value = graph.addNode("Identity", value, graph.get(value).type,
                                   SmallVector<int64_t>(graph.getShape(value)));
    }
    setTensor(op->getResult(0), *input);
    return success();
  }
  if (auto result = dyn_cast<func::ReturnOp>(op))
    return exportResults(result);
  // Scalars are for the bodies that use them.
  if (op->getNumRegions() == 0 && op->getNumResults() == 1 &&
      !isa<ShapedType>(op->getResult(0).getType()))
    return success();
  return fail(op, "it has no operator of ONNX; write the model as MLIR with "
                  "--emit=model, or compile it");
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// The type outside of a tensor of `type`, as the attribute `outer` has it.
static std::optional<OnnxType> getOuterType(Type type, Attribute outer) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return std::nullopt;
  auto given = dyn_cast_if_present<TypeAttr>(outer);
  return getOnnxType(given ? given.getValue() : tensor.getElementType());
}

LogicalResult OnnxExporter::exportInputs() {
  for (BlockArgument argument : func.getArguments()) {
    unsigned i = argument.getArgNumber();
    std::optional<OnnxType> type =
        getOuterType(argument.getType(), func.getArgAttr(i, kElementTypeAttr));
    if (!type ||
        isa<quant::QuantizedType>(getElementTypeOrSelf(argument.getType())))
      return fail(func, "its input " + Twine(i) +
                            " is no tensor of static shape of f32, bools or "
                            "integers");
    auto name = func.getArgAttrOfType<StringAttr>(i, kNameAttr);
    std::string fallback =
        func.getNumArguments() == 1 ? "input" : "input" + std::to_string(i);
    setValue(argument,
             graph.addInput(
                 *type, cast<RankedTensorType>(argument.getType()).getShape(),
                 name && !name.getValue().empty() ? name.getValue()
                                                  : StringRef(fallback)));
  }
  return success();
}

LogicalResult OnnxExporter::exportResults(func::ReturnOp op) {
  for (auto [i, result] : llvm::enumerate(op.getOperands())) {
    std::optional<OnnxType> type =
        getOuterType(result.getType(), func.getResultAttr(i, kElementTypeAttr));
    if (!type)
      return fail(op, "its output " + Twine(i) +
                          " is no tensor of static shape of f32, bools or "
                          "integers");
    FailureOr<ValueId> value = getValue(result);
    if (failed(value))
      return failure();
    auto name = func.getResultAttrOfType<StringAttr>(i, kNameAttr);
    std::string fallback =
        op.getNumOperands() == 1 ? "output" : "output" + std::to_string(i);
    graph.setName("");
    graph.addOutput(graph.cast(*value, *type), name && !name.getValue().empty()
                                                   ? name.getValue()
                                                   : StringRef(fallback));
  }
  return success();
}

LogicalResult OnnxExporter::run() {
  if (!llvm::hasSingleElement(func.getBody()))
    return fail(func, "it has control flow");
  if (failed(exportInputs()))
    return failure();
  for (Operation &op : func.getBody().front())
    if (failed(exportOp(&op)))
      return failure();
  return success();
}

FailureOr<std::string>
mlir::compress::exportOnnx(ModuleOp module, const OnnxExportOptions &options) {
  FailureOr<func::FuncOp> func = findNetworkFunction(module);
  if (failed(func))
    return failure();
  OnnxExporter exporter(*func);
  if (failed(exporter.run()))
    return failure();
  FailureOr<std::string> bytes = exporter.getGraph().write(
      options.producer, options.producerVersion, func->getSymName());
  if (failed(bytes))
    return module.emitError("an ONNX model holds at most 2 GiB, and this one "
                            "is larger; write it as MLIR with --emit=model");
  return bytes;
}
