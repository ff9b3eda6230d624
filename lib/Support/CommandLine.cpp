//===- CommandLine.cpp - options of tools ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/CommandLine.h"
#include "Compress/Support/Printable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <csignal>
#include <sys/mman.h>
#include <unistd.h>

using namespace llvm;

/// Takes LLVM's words apart, which are of two kinds,
///   PROGRAM: for the --OPTION option: What is wrong!
///   PROGRAM: What is wrong.  Try: 'PATH --help'
static std::string inOurStyle(StringRef message) {
  StringRef text = message.split('\n').first;
  text = text.split(": ").second;
  text = text.take_front(text.find(".  Try:")).rtrim("!");
  std::string option;
  if (text.consume_front("for the ")) {
    auto [name, what] = text.split(" option: ");
    option = name.str() + ": ";
    text = what;
  }
  if (auto [value, type] = text.split(" value invalid for ");
      type == "floating point argument")
    return option + value.str() + " is no number; see --help";
  // "'x' value invalid for uint argument": too large a number as well.
  if (auto [value, type] = text.split(" value invalid for ");
      type.ends_with("int argument") || type.ends_with("long argument") ||
      type == "integer argument")
    return option + value.str() +
           " is no whole number that the option takes; see --help";
  std::string what = text.str();
  if (!what.empty())
    what[0] = toLower(what[0]);
  return option + what + "; see --help";
}

bool compress::parseCommandLine(int argc, const char *const *argv,
                                StringRef tool, StringRef overview) {
  // A limit on the size of files becomes an error of the write.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  // LLVM has a stream for its messages, but writes those about values to
  // standard error, which therefore leads elsewhere meanwhile.
  int messages = memfd_create("messages", MFD_CLOEXEC);
  int before = dup(STDERR_FILENO);
  bool redirected =
      messages >= 0 && before >= 0 && dup2(messages, STDERR_FILENO) >= 0;
  bool parsed = cl::ParseCommandLineOptions(argc, argv, overview, &errs());
  std::string text;
  if (redirected) {
    dup2(before, STDERR_FILENO);
    char buffer[4096];
    ssize_t length = pread(messages, buffer, sizeof(buffer), 0);
    text.assign(buffer, std::max<ssize_t>(length, 0));
  }
  close(messages);
  close(before);
  if (!parsed && !text.empty())
    WithColor::error(errs(), tool) << printable(inOurStyle(text)) << '\n';
  return parsed;
}
