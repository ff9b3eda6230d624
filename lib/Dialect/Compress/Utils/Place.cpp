//===- Place.cpp - where an op comes from --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Place.h"

using namespace mlir;
using namespace mlir::compress;

std::string compress::placeOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return file.getLine() == 0 ? ""
                               : std::to_string(file.getLine()) + ":" +
                                     std::to_string(file.getColumn());
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations()) {
      std::string place = placeOf(part);
      if (!place.empty())
        return place;
    }
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return placeOf(call.getCallee());
  return "";
}
