//===- PackConstant.cpp - constants in the order of their use ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackConstant.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

FailureOr<ConstantData> mlir::compress::readConstantBuffer(Value buffer) {
  memref::GlobalOp global = getConstantGlobal(buffer);
  if (!global || !global.getInitialValue())
    return failure();
  return readConstant(*global.getInitialValue());
}

Value mlir::compress::buildConstantBuffer(OpBuilder &b, Location loc,
                                          SymbolTable &symbols, StringRef name,
                                          Type element, ArrayRef<char> bytes) {
  int64_t count = bytes.size() / (element.getIntOrFloatBitWidth() / 8);
  ElementsAttr data =
      makeConstant(RankedTensorType::get({count}, element), bytes);
  auto type = MemRefType::get({count}, element);
  OpBuilder detached(b.getContext());
  auto global = memref::GlobalOp::create(
      detached, loc, name, b.getStringAttr("private"), type, data,
      /*constant=*/true, b.getI64IntegerAttr(64));
  auto module = cast<ModuleOp>(symbols.getOp());
  symbols.insert(global, module.getBody()->begin());
  return memref::GetGlobalOp::create(b, loc, type, global.getSymName());
}

LogicalResult mlir::compress::packForLanes(OpBuilder &b, Location loc,
                                           SymbolTable &symbols,
                                           const Kernel &kernel, Access &access,
                                           unsigned lane) {
  FailureOr<ConstantData> data = readConstantBuffer(access.value);
  if (failed(data))
    return failure();
  SmallVector<unsigned> order;
  for (unsigned loop = 0; loop < kernel.loops.size(); ++loop)
    if (loop != lane && access.strides[loop] != 0)
      order.push_back(loop);
  order.push_back(lane);
  int64_t count = 1;
  for (unsigned loop : order)
    count *= kernel.loops[loop].extent;
  unsigned width = data->elementBytes();
  std::vector<char> packed(count * width);
  SmallVector<int64_t> index(order.size(), 0);
  int64_t source = access.offset;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(packed.data() + i * width, data->bytes.data() + source * width,
                width);
    for (unsigned d = order.size(); d-- > 0;) {
      int64_t stride = access.strides[order[d]],
              extent = kernel.loops[order[d]].extent;
      source += stride;
      if (++index[d] < extent)
        break;
      source -= stride * extent;
      index[d] = 0;
    }
  }
  std::string name =
      (getConstantGlobal(access.value).getSymName() + "_lanes").str();
  access.value = buildConstantBuffer(b, loc, symbols, name,
                                     data->type.getElementType(), packed);
  access.offset = 0;
  int64_t stride = 1;
  for (unsigned loop : llvm::reverse(order)) {
    access.strides[loop] = stride;
    stride *= kernel.loops[loop].extent;
  }
  return success();
}
