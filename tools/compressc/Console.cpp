//===- Console.cpp - what compressc says ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Console.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Report/ModelCost.h"
#include "Compress/Support/CrashReport.h"
#include "Compress/Support/Printable.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"
#include <map>

using namespace mlir;
using namespace mlir::compress;
using llvm::Twine;

Console::Console(std::string model, Verbosity verbosity)
    : model(std::move(model)), verbosity(verbosity),
      isTerminal(llvm::sys::Process::StandardErrIsDisplayed()) {}

Console::~Console() { line(); }

/// Standard error, at the begin of an empty line.
llvm::raw_ostream &Console::line() {
  if (showsProgress)
    llvm::errs() << "\r\033[K";
  showsProgress = false;
  return llvm::errs();
}

void Console::attach(MLIRContext &context) {
  // It could be the whole module.
  context.printOpOnDiagnostic(false);
  context.getDiagEngine().registerHandler(
      [this](Diagnostic &diagnostic) { show(diagnostic); });
}

void Console::show(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  bool verbose = verbosity == Verbosity::Verbose;
  if (isError ? errors++ > 0 && !verbose : verbosity == Verbosity::Quiet)
    return;
  std::string place = placeOf(diagnostic.getLocation());
  std::string text = "'" + model + "': " + place + (place.empty() ? "" : ": ") +
                     diagnostic.str();
  // Upstream's messages may have several lines.
  text = ::compress::printable(text);
  line();
  if (isError)
    llvm::WithColor::error(llvm::errs(), "compressc") << text << '\n';
  else
    llvm::WithColor::warning(llvm::errs(), "compressc") << text << '\n';
  for (Diagnostic &note : diagnostic.getNotes())
    if (verbose)
      llvm::WithColor::note(llvm::errs(), "compressc")
          << ::compress::printable(note.str()) << '\n';
}

int Console::error(const Twine &message) {
  ++errors;
  llvm::WithColor::error(line(), "compressc")
      << ::compress::printable(message.str()) << '\n';
  return 1;
}

int Console::error(llvm::Error error) {
  return this->error(llvm::toString(std::move(error)));
}

void Console::progress(const Twine &what) {
  if (!isTerminal || verbosity == Verbosity::Quiet)
    return;
  line() << what << " ...";
  showsProgress = true;
}

void Console::remarks(const std::vector<CollectedRemark> &remarks) {
  if (verbosity == Verbosity::Quiet)
    return;
  // The same of several ops is said once. What went well is for those who ask.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      places;
  for (const CollectedRemark &remark : remarks)
    if (verbosity == Verbosity::Verbose || remark.kind == "missed" ||
        remark.kind == "failure")
      places[{remark.name, remark.message}].push_back(remark.place);
  for (const auto &[subject, where] : places) {
    llvm::WithColor::remark(line(), "compressc")
        << ::compress::printable(subject.second) << " [" << subject.first
        << "]";
    if (!where.front().empty())
      llvm::errs() << " at " << ::compress::printable(where.front());
    if (where.size() > 1)
      llvm::errs() << " and " << where.size() - 1 << " more";
    llvm::errs() << '\n';
  }
}

void Console::summary(const Twine &text) {
  if (verbosity != Verbosity::Quiet)
    line() << "compressc: " << ::compress::printable(text.str()) << '\n';
}

//===----------------------------------------------------------------------===//
// Crashes
//===----------------------------------------------------------------------===//

void mlir::compress::reportCrashes(StringRef model, StringRef doing) {
  ::compress::reportCrashes(
      "compressc", "'" + model + "': crashed while " + doing +
                       "; the model may be damaged, else this is an error of "
                       "the compiler");
}
