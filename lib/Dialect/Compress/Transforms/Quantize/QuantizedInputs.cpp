//===- QuantizedInputs.cpp - what quantized layers will read --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "QuantizeWeights.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPOSEINPUTSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;

Value mlir::compress::buildQuantizedInput(OpBuilder &b, Value value,
                                          const CalibrationTable &table,
                                          float &scale) {
  if (auto observer = value.getDefiningOp<ObserveOp>()) {
    const auto *entry = table.find(observer.getName());
    if (!entry)
      return {};
    quant::UniformQuantizedType type =
        getActivationType(b.getContext(), entry->range, table.symmetric);
    scale = static_cast<float>(type.getScale());
    return FakeQuantOp::create(b, value.getLoc(), value.getType(),
                               observer.getInput(), TypeAttr::get(type));
  }
  Operation *def = value.getDefiningOp();
  std::optional<Movement> move = def ? matchMovement(def) : std::nullopt;
  if (!move || move->data.size() != 1)
    return {};
  Value source = move->data[0]->get();
  Value quantized = buildQuantizedInput(b, source, table, scale);
  if (!quantized)
    return {};
  IRMapping mapping;
  mapping.map(source, quantized);
  return b.clone(*def, mapping)->getResult(0);
}

void mlir::compress::replaceResults(func::FuncOp func, ArrayRef<Value> results,
                                    ArrayRef<std::string> names) {
  MLIRContext *context = func.getContext();
  func.getBody().front().getTerminator()->setOperands(results);
  func.setType(FunctionType::get(context, func.getArgumentTypes(),
                                 ValueRange(results).getTypes()));
  SmallVector<Attribute> attributes;
  for (const std::string &name : names)
    attributes.push_back(DictionaryAttr::get(
        context, NamedAttribute(StringAttr::get(context, kNameAttr),
                                StringAttr::get(context, name))));
  func.setResAttrsAttr(ArrayAttr::get(context, attributes));
}

void mlir::compress::dropObservers(func::FuncOp func) {
  func.walk([](ObserveOp observer) {
    observer.getOutput().replaceAllUsesWith(observer.getInput());
    observer.erase();
  });
}

ArrayRef<int8_t> mlir::compress::getSteps(const CalibrationTable &table,
                                          StringRef name) {
  const ::compress::WeightSteps *found = table.findRounding(name);
  return found ? ArrayRef<int8_t>(found->steps) : ArrayRef<int8_t>();
}

namespace {
struct ExposeInputs
    : public mlir::compress::impl::ExposeInputsPassBase<ExposeInputs> {
  using Base::Base;
  ExposeInputs(std::shared_ptr<const CalibrationTable> table,
               const ExposeInputsPassOptions &options)
      : Base(options), table(std::move(table)) {}

  LogicalResult initialize(MLIRContext *context) override {
    return table ? success() : readRanges(context, ranges, table);
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    if (failed(checkStraight(func)))
      return signalPassFailure();
    llvm::StringSet<> wanted;
    for (const std::string &name : names)
      wanted.insert(name);
    SmallVector<Value> results;
    SmallVector<std::string> exposed;
    for (auto &[op, name] : nameWeightedOps(func)) {
      if (op.op->hasAttr(kFloatAttr) ||
          (!wanted.empty() && !wanted.contains(name)))
        continue;
      OpBuilder b(op.op);
      float scale;
      Value input = buildQuantizedInput(b, op.input->get(), *table, scale);
      if (!input)
        continue;
      results.push_back(input);
      exposed.push_back(name);
    }
    replaceResults(func, results, exposed);
    dropObservers(func);
    numExposed += results.size();
  }

  std::shared_ptr<const CalibrationTable> table;
};
} // namespace

std::unique_ptr<Pass> mlir::compress::createExposeInputsPass(
    std::shared_ptr<const CalibrationTable> table,
    const ExposeInputsPassOptions &options) {
  return std::make_unique<ExposeInputs>(std::move(table), options);
}
