//===- ExternalData.cpp - tensors beside the model -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Source: ONNX, TensorProto.external_data: location, offset, length.
//
//===----------------------------------------------------------------------===//

#include "ExternalData.h"
#include "Compress/Import/Common/ExternalFile.h"
#include "CompressOnnx.pb.h"
#include "OnnxTensor.h"

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<std::string>
mlir::compress::readExternalData(const pb::TensorProto &proto, StringRef folder,
                                 int64_t expected) {
  std::string location;
  int64_t offset = 0, length = expected;
  for (const pb::StringStringEntryProto &entry : proto.external_data()) {
    StringRef value = entry.value();
    bool isBad = false;
    if (entry.key() == "location")
      location = value.str();
    else if (entry.key() == "offset")
      isBad = value.getAsInteger(10, offset);
    else if (entry.key() == "length")
      isBad = value.getAsInteger(10, length);
    if (isBad || offset < 0)
      return makeError("has the external " + entry.key() + " " + quoted(value) +
                       "; the file is damaged");
  }
  return readExternalFile(folder, {location, offset, length}, expected);
}
