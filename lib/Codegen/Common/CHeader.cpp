//===- CHeader.cpp - C headers of compiled networks -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/CHeader.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::compress;

/// The text of Abi.h.
static constexpr char kAbiHeader[] = {
#include "AbiText.inc"
};

/// A name from a model as it can stand in a comment of one line.
static std::string inComment(StringRef name) {
  std::string result;
  for (char c : name.take_front(200))
    result += llvm::isPrint(c) && c != '*' && c != '/' && c != '\\' && c != '?'
                  ? c
                  : '_';
  return result;
}

static void describe(llvm::raw_ostream &os, StringRef list, size_t index,
                     const BorderTensor &tensor) {
  os << " *   " << list << "[" << index << "]  " << inComment(tensor.name)
     << ": " << dtypeName(tensor.dtype) << "[";
  llvm::interleave(tensor.dims, os, ",");
  os << "], " << tensor.bytes << " bytes";
  if (tensor.quantized)
    os << llvm::format(";\n *     real value = %.9g * (stored - (%d))",
                       static_cast<double>(tensor.scale), tensor.zeroPoint);
  os << '\n';
}

void compress::writeCHeader(llvm::raw_ostream &os, StringRef name,
                            const NetworkInterface &network, bool profile) {
  std::string guard = name.upper() + "_H";
  os << kCHeaderBegin << name << ", made by compressc.\n *\n";
  for (auto [i, tensor] : llvm::enumerate(network.inputs))
    describe(os, "inputs", i, tensor);
  for (auto [i, tensor] : llvm::enumerate(network.outputs))
    describe(os, "outputs", i, tensor);
  os << " *   arena      " << network.arenaBytes << " bytes, aligned to 64\n"
     << " *\n"
        " * Tensors are dense, row major, in the byte order of the CPU.\n"
        " */\n"
     << "#ifndef COMPRESS_NETWORK_" << guard << "\n#define COMPRESS_NETWORK_"
     << guard << "\n\n"
     << StringRef(kAbiHeader, sizeof(kAbiHeader)) << "\n#ifdef __cplusplus\n"
     << "extern \"C\" {\n#endif\n\n";
  std::string upper = name.upper();
  os << "enum { " << upper << "_NUM_INPUTS = " << network.inputs.size() << ", "
     << upper << "_NUM_OUTPUTS = " << network.outputs.size() << " };\n"
     << "#define " << upper << "_ARENA_BYTES INT64_C(" << network.arenaBytes
     << ")\n\n"
     << "const struct compress_model_info *" << name << "_info(void);\n"
     << "int32_t " << name
     << "_run(const void *const *inputs, void *const *outputs,\n"
     << std::string(name.size() + 13, ' ') << "void *arena, int32_t threads);\n"
     << (profile ? "const struct compress_profile *" + name.str() +
                       "_profile(void);\n"
                 : "")
     << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* COMPRESS_NETWORK_"
     << guard << " */\n";
}
