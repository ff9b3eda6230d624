//===- ModelCost.cpp - what a model costs, layer by layer -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/ModelCost.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class CostCounter {
public:
  ModelCost run(ModuleOp module) {
    for (Operation &op : *module.getBody())
      op.walk<WalkOrder::PreOrder>([&](Operation *inner) {
        visit(inner);
        // Bodies of linalg ops are scalar.
        return isa<linalg::LinalgOp>(inner) ? WalkResult::skip()
                                            : WalkResult::advance();
      });
    return std::move(cost);
  }

private:
  void visit(Operation *op);
  bool visitConstant(Operation *op);
  void addLayer(Operation *op);

  ModelCost cost;
  /// For values that only move a constant's elements: the constant.
  DenseMap<Value, ElementsAttr> constants;
  llvm::SmallDenseSet<Attribute> counted;
};

} // namespace

static int64_t bitsOf(Type element) {
  if (isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(
          element))
    return cast<quant::QuantizedType>(element).getStorageTypeIntegralWidth();
  return element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64;
}

/// a * b, or the largest number where that is larger.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return llvm::MulOverflow(a, b, product) ? INT64_MAX : product;
}

/// The same for a + b.
static void add(int64_t &a, int64_t b) {
  if (llvm::AddOverflow(a, b, a))
    a = INT64_MAX;
}

/// The product of the extents, 0 where one is open.
static int64_t productOf(ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents) {
    if (ShapedType::isDynamic(extent))
      return 0;
    product = multiply(product, extent);
  }
  return product;
}

static int64_t bytesOf(ShapedType type) {
  if (!type.hasStaticShape())
    return 0;
  return llvm::divideCeil(
      multiply(productOf(type.getShape()), bitsOf(type.getElementType())), 8);
}

static int64_t macsOfLinalg(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0 || !op.getBlock())
    return 0;
  bool multiplies = llvm::any_of(*op.getBlock(), [](Operation &inner) {
    return isa<arith::MulIOp, arith::MulFOp>(inner);
  });
  return multiplies ? productOf(op.getStaticLoopRanges()) : 0;
}

static int64_t macsOfTosa(Operation *op) {
  auto shape = [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type ? type.getShape() : ArrayRef<int64_t>();
  };
  if (op->getNumResults() != 1)
    return 0;
  int64_t outputs = productOf(shape(op->getResult(0)));
  if (isa<tosa::Conv2DOp, tosa::Conv3DOp>(op))
    return multiply(outputs, productOf(shape(op->getOperand(1)).drop_front()));
  if (isa<tosa::DepthwiseConv2DOp>(op))
    return multiply(outputs, productOf(shape(op->getOperand(1)).take_front(2)));
  if (isa<tosa::TransposeConv2DOp>(op)) {
    ArrayRef<int64_t> weight = shape(op->getOperand(1));
    return multiply(productOf(shape(op->getOperand(0))),
                    productOf(weight.drop_back()));
  }
  if (isa<tosa::MatMulOp>(op))
    return multiply(outputs, productOf(shape(op->getOperand(0)).take_back()));
  return 0;
}

/// Whether `op` is a constant, or moves or reinterprets one.
bool CostCounter::visitConstant(Operation *op) {
  if (op->getNumResults() != 1 || !isa<TensorType>(op->getResult(0).getType()))
    return false;
  ElementsAttr attribute;
  if (matchPattern(op, m_Constant(&attribute))) {
    constants[op->getResult(0)] = attribute;
    return true;
  }
  // One tensor in, one out, besides what is written into.
  Value source;
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<TensorType>(operand.get().getType()) ||
        (destination && destination.isDpsInit(&operand)))
      continue;
    if (source)
      return false;
    source = operand.get();
  }
  auto found = source ? constants.find(source) : constants.end();
  if (found == constants.end())
    return false;
  // A copy: the map moves what it has when it grows.
  ElementsAttr moved = found->second;
  constants[op->getResult(0)] = moved;
  return true;
}

void CostCounter::addLayer(Operation *op) {
  LayerCost layer;
  layer.op = op->getName().getStringRef().str();
  layer.name = placeOf(op->getLoc());
  auto operand =
      llvm::find_if(op->getOperandTypes(), llvm::IsaPred<TensorType>);
  if (operand != op->getOperandTypes().end()) {
    llvm::raw_string_ostream os(layer.elementType);
    os << getElementTypeOrSelf(*operand);
  }
  if (auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType()))
    layer.shape.assign(type.getShape().begin(), type.getShape().end());
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      add(layer.outputBytes, bytesOf(tensor));

  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  layer.macs = linalgOp ? macsOfLinalg(linalgOp) : macsOfTosa(op);
  bool requantizes = false;
  op->walk([&](RequantizeOp) { requantizes = true; });
  llvm::SmallDenseSet<Attribute> own;
  for (OpOperand &use : op->getOpOperands()) {
    ElementsAttr constant = constants.lookup(use.get());
    if (!constant || constant.isSplat() ||
        (requantizes && constant.getElementType().isF32()) ||
        (isa<tosa::RescaleOp, tosa::TableOp>(op) && use.getOperandNumber() > 0))
      continue;
    int64_t bytes = bytesOf(constant.getShapedType());
    if (own.insert(constant).second) {
      add(layer.parameters, constant.getNumElements());
      add(layer.parameterBytes, bytes);
    }
    if (counted.insert(constant).second) {
      add(cost.parameters, constant.getNumElements());
      add(cost.parameterBytes, bytes);
    }
  }
  add(cost.macs, layer.macs);
  if (layer.isInteger())
    add(cost.integerMacs, layer.macs);
  cost.layers.push_back(std::move(layer));
}

void CostCounter::visit(Operation *op) {
  bool isTosa = op->getDialect() && isa<tosa::TosaDialect>(op->getDialect());
  if (visitConstant(op) || op->getNumResults() == 0 ||
      !isa<TensorType>(op->getResult(0).getType()))
    return;
  // What only makes room, fills it or changes the view is no layer.
  if ((isTosa && !isa<tosa::ReshapeOp, tosa::ConstShapeOp>(op)) ||
      (isa<linalg::LinalgOp>(op) && !isa<linalg::FillOp>(op)))
    addLayer(op);
}

ModelCost compress::computeCost(ModuleOp module) {
  return CostCounter().run(module);
}
