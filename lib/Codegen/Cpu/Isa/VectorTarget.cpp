//===- VectorTarget.cpp - vector registers of a target -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorTarget.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "llvm/ADT/SmallVector.h"

using namespace mlir::compress;

llvm::StringSet<> mlir::compress::parseFeatures(llvm::StringRef features) {
  llvm::StringSet<> result;
  llvm::SmallVector<llvm::StringRef> parts;
  features.split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    part = part.trim();
    if (part.consume_front("-"))
      result.erase(part);
    else
      result.insert(part.ltrim('+'));
  }
  return result;
}

VectorTarget
mlir::compress::getVectorTarget(const llvm::StringSet<> &features) {
  if (features.contains("avx512f"))
    return {16, 32, true};
  bool hasFma = features.contains("fma");
  if (features.contains("avx2"))
    return {8, 16, hasFma};
  if (features.contains("neon"))
    return {4, 32, true};
  return {4, 16, hasFma};
}

bool mlir::compress::fitLanes(VectorTarget &target, int64_t used) {
  int64_t before = target.lanes;
  while (target.lanes > 4 && 2 * used <= target.lanes)
    target.lanes /= 2;
  return target.lanes != before;
}

bool mlir::compress::hasWinograd(const VectorTarget &target) {
  return target.registers >= 32;
}

bool mlir::compress::hasWinograd(llvm::StringRef features) {
  return hasWinograd(getVectorTarget(parseFeatures(features)));
}

int64_t mlir::compress::getVectorLanes(llvm::StringRef features) {
  return getVectorTarget(parseFeatures(features)).lanes;
}
