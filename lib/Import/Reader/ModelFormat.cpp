//===- ModelFormat.cpp - what a file is -----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/ModelReader.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir::compress;

StringRef mlir::compress::formatName(ModelFormat format) {
  switch (format) {
  case ModelFormat::Onnx:
    return "ONNX";
  case ModelFormat::MindIR:
    return "MindIR";
  case ModelFormat::MlirText:
    return "MLIR text";
  case ModelFormat::MlirBytecode:
    return "MLIR bytecode";
  }
  llvm_unreachable("no format");
}

/// Formats that people try, and what to do with each.
static StringRef foreignFormat(StringRef bytes) {
  if (bytes.starts_with("\x7f"
                        "ELF"))
    return "is a compiled library or program; name the model it was made of";
  if (bytes.substr(4).starts_with("TFL3"))
    return "is a TFLite model; convert it with tosa-converter-for-tflite";
  if (bytes.substr(4).starts_with("MSL"))
    return "is a model of MindSpore Lite; name the MindIR that it was made of";
  if (bytes.substr(4).starts_with("TOSA"))
    return "is a TOSA flatbuffer; convert it with tosa-opt --tosa-deserialize";
  if (bytes.starts_with("PK\3\4"))
    return "is a zip archive, such as a PyTorch checkpoint; export the model "
           "to ONNX";
  if (bytes.starts_with("\x1f\x8b"))
    return "is compressed with gzip; unpack it";
  if (bytes.starts_with("\x89HDF"))
    return "is an HDF5 file, such as a Keras model; export the model to ONNX";
  if (bytes.starts_with("\x93NUMPY"))
    return "is a NumPy array; name a model";
  if (bytes.starts_with("\x80") && bytes.size() > 1 && bytes[1] <= 5)
    return "is a Python pickle; export the model to ONNX";
  if (bytes.starts_with("BC\xc0\xde"))
    return "is LLVM bitcode; name a model";
  return "";
}

/// Whether the file reads as text: no control characters but white space.
static bool isText(StringRef bytes) {
  return all_of(bytes.take_front(4096), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : isSpace(c);
  });
}

Expected<ModelFormat> mlir::compress::detectModelFormat(StringRef bytes) {
  auto error = [](const Twine &message) {
    return createStringError(inconvertibleErrorCode(), message);
  };
  if (bytes.empty())
    return error("is empty; name an ONNX, MindIR or MLIR file");
  if (bytes.starts_with("ML\xefR"))
    return ModelFormat::MlirBytecode;
  StringRef foreign = foreignFormat(bytes);
  if (!foreign.empty())
    return error(foreign);
  if (isText(bytes)) {
    if (bytes.trim().empty())
      return error("is empty; name an ONNX, MindIR or MLIR file");
    return ModelFormat::MlirText;
  }
  // A protobuf message begins with the key of a field: a small number and the
  // kind of its value.
  auto first = static_cast<unsigned char>(bytes.front());
  unsigned kind = first & 7, field = first >> 3;
  // The first one is the version of the format: a number in ONNX, a text in
  // MindIR.
  if (field == 1 && kind == 2)
    return ModelFormat::MindIR;
  if (first < 0x80 && field >= 1 && (kind == 0 || kind == 2))
    return ModelFormat::Onnx;
  return error(
      "is of no format that is known; name an ONNX, MindIR or MLIR file");
}
