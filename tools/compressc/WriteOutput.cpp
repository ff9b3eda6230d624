//===- WriteOutput.cpp - the files that compressc makes -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/CHeader.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LinkShared.h"
#include "Compress/Support/OutputFile.h"
#include "Driver.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::OutputKind;
using ::compress::writeOutput;

llvm::Error Driver::write(StringRef bytes, bool executable) {
  console.progress("writing " + options.output);
  report.outputBytes = bytes.size();
  return writeOutput(
      options.output,
      [&](llvm::raw_ostream &os) {
        os << bytes;
        return llvm::Error::success();
      },
      executable ? OutputKind::Executable : OutputKind::Data);
}

int Driver::writeModule() {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (options.bytecode) {
    if (failed(writeBytecodeToFile(*module, os,
                                   BytecodeWriterConfig(options.producer))))
      return console.error("'" + report.model +
                           "': cannot be written as bytecode");
  } else {
    // Not in local scope, which leaves the data of constants out.
    module->print(os);
    os << '\n';
  }
  if (llvm::Error error = write(text, /*executable=*/false))
    return console.error(std::move(error));
  return finish();
}

/// Whether a file can stand next to the output: not next to devices, pipes and
/// standard output.
static bool isRegularOutput(StringRef path) {
  if (path == "-" || path.starts_with("/dev/") || path.starts_with("/proc/"))
    return false;
  llvm::sys::fs::file_status status;
  return llvm::sys::fs::status(path, status) ||
         llvm::sys::fs::is_regular_file(status);
}

int Driver::writeHeader() {
  if (!options.header || !isRegularOutput(options.output))
    return 0;
  llvm::SmallString<128> path(llvm::sys::path::parent_path(options.output));
  llvm::sys::path::append(path, name + ".h");
  llvm::Error error = writeOutput(path, [&](llvm::raw_ostream &os) {
    writeCHeader(os, name, *report.network);
    return llvm::Error::success();
  });
  return error ? console.error(std::move(error)) : 0;
}

int Driver::writeMachineCode() {
  reportCrashes(report.model, "generating machine code");
  console.progress("generating machine code");
  llvm::LLVMContext llvmContext;
  auto ir = buildLlvmIr(*module, *cpu, llvmContext);
  if (failed(ir))
    return 1;
  module = nullptr;

  auto writeText = [&](StringRef text) {
    if (llvm::Error error = write(text, /*executable=*/false))
      return console.error(std::move(error));
    return finish();
  };
  if (options.emit == Emit::Llvm) {
    std::string text;
    llvm::raw_string_ostream os(text);
    (*ir)->print(os, nullptr);
    return writeText(text);
  }
  if (options.emit == Emit::Asm) {
    auto text = emitAssembly(**ir, *cpu);
    return text ? writeText(*text) : console.error(text.takeError());
  }

  auto object = emitObject(**ir, *cpu);
  if (!object)
    return console.error("'" + report.model +
                         "': " + llvm::toString(object.takeError()));
  StringRef bytes(object->data(), object->size());
  std::unique_ptr<llvm::MemoryBuffer> library;
  if (options.emit == Emit::Shared) {
    console.progress("linking");
    StringRef file = llvm::sys::path::filename(options.output);
    std::string soname = file == "-" ? name + ".so" : file.str();
    auto linked = linkShared(bytes, name, soname);
    if (!linked)
      return console.error(linked.takeError());
    library = std::move(*linked);
    bytes = library->getBuffer();
  }
  if (llvm::Error error = write(bytes, options.emit == Emit::Shared))
    return console.error(std::move(error));
  if (int code = writeHeader())
    return code;
  return finish();
}

int Driver::finish() {
  report.remarks = remarks.sorted();
  if (!options.report.empty()) {
    llvm::Error error = writeOutput(options.report, [&](llvm::raw_ostream &os) {
      report.writeJson(os);
      return llvm::Error::success();
    });
    if (error)
      return console.error(std::move(error));
  }
  console.remarks(report.remarks);
  console.summary("'" + options.output + "': " + report.summary());
  return 0;
}
