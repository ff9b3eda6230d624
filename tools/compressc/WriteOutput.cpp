//===- WriteOutput.cpp - the files that compressc makes -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/CHeader.h"
#include "Compress/Codegen/Common/DispatchVersions.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LinkShared.h"
#include "Compress/Export/Onnx/OnnxExport.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Support/InputFile.h"
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

int Driver::writeModule() {
  // Later forms are measured where they are made.
  if (options.emit == Emit::Pruned)
    report.made = computeCost(*module);
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
  return finish(text);
}

/// What ONNX brought stays as it is; a calibrated network is written in the qdq
/// form, TOSA and the like as linalg of the same layout.
int Driver::writeOnnx() {
  if (failed(checkQuantizable()))
    return 1;
  LogicalResult prepared = success();
  if (options.quantize)
    prepared = quantize();
  else if (report.format != formatName(ModelFormat::Onnx))
    prepared = runPasses("lowering to linalg",
                         [](PassManager &pm) { buildLinalgPipeline(pm); });
  if (failed(prepared))
    return 1;
  report.made = computeCost(*module);
  reportCrashes(report.model, "exporting it");
  console.progress("exporting");
  FailureOr<std::string> bytes =
      exportOnnx(*module, {"compress", options.version});
  if (failed(bytes))
    return console.hasErrors()
               ? 1
               : console.error("'" + report.model + "': cannot be exported");
  return finish(*bytes);
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

std::string Driver::getHeaderPath() const {
  if (options.emit < Emit::Obj || !options.header || options.sensitivity ||
      !isRegularOutput(options.output))
    return "";
  llvm::SmallString<128> path(llvm::sys::path::parent_path(options.output));
  llvm::sys::path::append(path, name + ".h");
  return path.str().str();
}

int Driver::checkFiles() {
  std::string header = getHeaderPath();
  using Named = std::pair<StringRef, StringRef>;
  SmallVector<Named> inputs{{"the model", options.model}};
  SmallVector<Named> written{{"-o", options.output},
                             {"--report", options.report},
                             {"--debug-info", options.debugInfo},
                             {"the header beside -o", header}};
  if (options.tune)
    written.push_back({"--tuning", options.tuning});
  else
    inputs.push_back({"--tuning", options.tuning});
  // The files of a data set follow its kind, with numbers perhaps.
  auto addData = [&](StringRef option, const ::compress::SampleSource &source) {
    for (StringRef data : source.data)
      for (StringRef file : llvm::split(data.split(':').second, ','))
        inputs.push_back({option, file});
  };
  if (options.sensitivity) {
    written.push_back({"--sensitivity", options.sensitivity->output});
    written.push_back({"--sensitivity-chart", options.sensitivity->chart});
    addData("the data of --prune-data", options.sensitivity->measure.source);
  }
  if (options.prune) {
    written.push_back({"--save-scores", options.prune->saveScores});
    inputs.push_back({"--prune-scores", options.prune->select.scores});
    inputs.push_back({"--prune-sensitivity", options.prune->sensitivity});
    addData("the data of --prune-data", options.prune->source);
  }
  if (options.quantize) {
    written.push_back({"--save-ranges", options.quantize->saveRanges});
    inputs.push_back({"--ranges", options.quantize->ranges});
    addData("the data of --calibrate", options.quantize->source);
  }
  for (const std::string &input : options.inputFiles)
    inputs.push_back({"a frozen input", input});
  auto areOne = [&](const Named &first, const Named &second) {
    if (!::compress::isSameFile(first.second, second.second))
      return false;
    console.error(first.first + " and " + second.first + " are one file, '" +
                  second.second + "'; name another one");
    return true;
  };
  for (auto [i, output] : llvm::enumerate(written)) {
    for (const Named &input : inputs)
      if (areOne(input, output))
        return 2;
    for (const Named &other : llvm::drop_begin(written, i + 1))
      if (areOne(output, other))
        return 2;
  }
  // A header by another hand is not replaced.
  if (header.empty())
    return 0;
  auto old = llvm::MemoryBuffer::getFile(header);
  if (old && !(*old)->getBuffer().starts_with(kCHeaderBegin))
    return console.error(::compress::fileError(
        header, "is there already, and not by compressc; name another output, "
                "or give --no-header"));
  return 0;
}

void Driver::addHeader() {
  std::string path = getHeaderPath();
  if (!path.empty())
    outputs.push_back({path, [this](llvm::raw_ostream &os) {
                         writeCHeader(os, name, *report.network,
                                      options.profile);
                         return llvm::Error::success();
                       }});
}

int Driver::writeMachineCode() {
  reportCrashes(report.model, "generating machine code");
  console.progress("generating machine code");
  llvm::LLVMContext llvmContext;
  auto ir = buildLlvmIr(*module, *cpu, llvmContext);
  if (failed(ir))
    return 1;
  module = nullptr;

  if (options.emit == Emit::Llvm) {
    std::string text;
    llvm::raw_string_ostream os(text);
    (*ir)->print(os, nullptr);
    return finish(text);
  }
  if (options.emit == Emit::Asm) {
    auto text = emitAssembly(**ir, *cpu);
    return text ? finish(*text) : console.error(text.takeError());
  }

  std::vector<Object> objects;
  if (failed(addObject(objects, emitObject(**ir, *cpu))))
    return 1;
  return writeObjects(objects);
}

LogicalResult Driver::addObject(std::vector<Object> &objects,
                                llvm::Expected<Object> made) {
  if (!made)
    return fail(
        ::compress::fileError(report.model, llvm::toString(made.takeError())));
  objects.push_back(std::move(*made));
  return success();
}

int Driver::writeVersions() {
  OwningOpRef<ModuleOp> original = std::move(module);
  std::vector<Object> objects;
  for (auto [i, version] : llvm::enumerate(cpus)) {
    cpu = &version;
    chooseScheduling(version);
    module = original->clone();
    if (failed(lowerToCode()) || failed(lowerToLlvm(versionName(name, i))))
      return 1;
    reportCrashes(report.model, "generating machine code");
    console.progress("generating machine code for " + options.targetCpus[i]);
    llvm::LLVMContext llvmContext;
    auto ir = buildLlvmIr(*module, version, llvmContext);
    if (failed(ir))
      return 1;
    module = nullptr;
    if (failed(addObject(objects, emitObject(**ir, version))))
      return 1;
  }
  if (failed(addObject(objects, emitDispatch(name, cpus, options.profile))))
    return 1;
  return writeObjects(objects);
}

int Driver::writeObjects(ArrayRef<Object> objects) {
  SmallVector<StringRef> contents;
  for (const Object &object : objects)
    contents.push_back(StringRef(object.data(), object.size()));
  StringRef bytes = contents.front();
  std::unique_ptr<llvm::MemoryBuffer> library;
  if (options.emit == Emit::Shared) {
    console.progress("linking");
    StringRef file = llvm::sys::path::filename(options.output);
    LinkOptions link;
    link.name = name;
    link.soname = file == "-" ? name + ".so" : file.str();
    link.profile = options.profile;
    link.forHost = cpu->isForHost();
    auto linked = linkShared(contents, link);
    if (!linked)
      return console.error(linked.takeError());
    library = std::move(*linked);
    bytes = library->getBuffer();
  }
  addHeader();
  return finish(bytes, /*executable=*/options.emit == Emit::Shared);
}

int Driver::finish(StringRef output, bool executable) {
  console.progress("writing " + options.output);
  report.outputBytes = output.size();
  report.remarks = remarks.sorted();
  outputs.push_back({options.output,
                     [output](llvm::raw_ostream &os) {
                       os << output;
                       return llvm::Error::success();
                     },
                     executable ? OutputKind::Executable : OutputKind::Data});
  if (!options.report.empty())
    outputs.push_back(
        {options.report, [this](llvm::raw_ostream &os) {
           if (StringRef(options.report).ends_with_insensitive(".html"))
             report.writeHtml(os);
           else
             report.writeJson(os);
           return llvm::Error::success();
         }});
  if (llvm::Error error = ::compress::writeOutputs(outputs))
    return console.error(std::move(error));
  console.remarks(report.remarks);
  console.summary("'" + options.output + "': " + report.summary());
  return 0;
}
