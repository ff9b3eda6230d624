//===- compress-run.cpp - runs compiled networks --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exit codes: 0 done, 1 an error, 2 wrong usage.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "CompileHook.h"
#include "Compress/Support/CommandLine.h"
#include "Compress/Support/CrashReport.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/OutputFile.h"
#include "Compress/Support/PreprocessOptions.h"
#include "Compress/Support/Printable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace compress;

static cl::OptionCategory category("Options");
static cl::OptionCategory
    compileCategory("Options for model files, which are compiled first");

static cl::SubCommand runSub("run", "Compute the outputs for given inputs");
static cl::SubCommand evalSub("eval",
                              "Measure the accuracy of a classifier on data");
static cl::SubCommand
    compareSub("compare",
               "Measure how far two forms of a network are apart on data");
static cl::SubCommand benchSub("bench", "Measure the time of one inference");
static cl::SubCommand infoSub("info", "Print what a library holds");

static cl::opt<std::string> libraryPath(cl::Positional, cl::Required,
                                        cl::desc("<library or model file>"),
                                        cl::sub(runSub), cl::sub(evalSub),
                                        cl::sub(benchSub), cl::sub(infoSub),
                                        cl::cat(category));
static cl::opt<std::string>
    referencePath(cl::Positional, cl::Required,
                  cl::desc("<reference library or model file>"),
                  cl::sub(compareSub), cl::cat(category));
static cl::opt<std::string> otherPath(cl::Positional, cl::Required,
                                      cl::desc("<other library or model file>"),
                                      cl::sub(compareSub), cl::cat(category));
static cl::opt<unsigned>
    threads("threads",
            cl::desc("The most threads that one inference uses (default: as "
                     "many as the library was compiled for)"),
            cl::value_desc("n"), cl::sub(runSub), cl::sub(evalSub),
            cl::sub(compareSub), cl::sub(benchSub), cl::cat(category));

static cl::list<std::string>
    inputs("input",
           cl::desc("A .npy file for each input of the network, in their "
                    "order; f32 or the type of the input, any number of "
                    "samples (bench: the first, default made up)"),
           cl::value_desc("x.npy"), cl::sub(runSub), cl::sub(benchSub),
           cl::cat(category));
static cl::list<std::string>
    outputs("output",
            cl::desc("A .npy file to write for each output of the network, in "
                     "their order"),
            cl::value_desc("y.npy"), cl::OneOrMore, cl::sub(runSub),
            cl::cat(category));

static cl::opt<std::string>
    data("data",
         cl::desc("The samples; for eval with their labels (see below)"),
         cl::value_desc("data"), cl::Required, cl::sub(evalSub),
         cl::sub(compareSub), cl::cat(category));
static cl::opt<unsigned long long> skip("skip",
                                        cl::desc("Leave out the first samples"),
                                        cl::value_desc("n"), cl::sub(evalSub),
                                        cl::sub(compareSub), cl::cat(category));
static cl::opt<unsigned long long>
    limit("limit", cl::desc("Use only the first samples of the rest"),
          cl::value_desc("n"), cl::sub(evalSub), cl::sub(compareSub),
          cl::cat(category));
static PreprocessOptions preprocess(category, {&evalSub, &compareSub});
static cl::opt<std::string>
    dumpOutputs("dump-outputs",
                cl::desc("Write the first output for all samples to this file"),
                cl::value_desc("y.npy"), cl::sub(evalSub), cl::cat(category));

static cl::opt<unsigned long long>
    runs("runs",
         cl::desc("How many inferences to measure (default: for a second)"),
         cl::value_desc("n"), cl::sub(benchSub), cl::cat(category));

static cl::opt<bool>
    perOp("per-op",
          cl::desc("Print where the time goes, kernel by kernel, the longest "
                   "first, beside the least time that each could take; a "
                   "library must be compiled with --profile"),
          cl::sub(benchSub), cl::cat(category));
static cl::opt<std::string>
    jsonFile("json", cl::desc("With --per-op: write JSON to this file instead"),
             cl::value_desc("file"), cl::sub(benchSub), cl::cat(category));
static cl::opt<std::string>
    htmlFile("html",
             cl::desc("With --per-op: write a page with a chart of the "
                      "roofline to this file instead"),
             cl::value_desc("file"), cl::sub(benchSub), cl::cat(category));

static cl::opt<unsigned long long>
    batch("batch", cl::desc("Samples that one inference computes"),
          cl::value_desc("n"), cl::sub(runSub), cl::sub(evalSub),
          cl::sub(compareSub), cl::sub(benchSub), cl::sub(infoSub),
          cl::cat(compileCategory));
static cl::opt<std::string>
    targetCpu("target-cpu", cl::desc("The CPU to compile for (default: this)"),
              cl::value_desc("cpu"), cl::sub(runSub), cl::sub(evalSub),
              cl::sub(compareSub), cl::sub(benchSub), cl::sub(infoSub),
              cl::cat(compileCategory));
static cl::list<std::string>
    inputShapes("input-shape",
                cl::desc("The shape of an input, as compressc takes it"),
                cl::value_desc("shape"), cl::sub(runSub), cl::sub(evalSub),
                cl::sub(compareSub), cl::sub(benchSub), cl::sub(infoSub),
                cl::cat(compileCategory));
static cl::opt<bool> int8Io("int8-io",
                            cl::desc("Leave inputs and outputs quantized"),
                            cl::sub(runSub), cl::sub(evalSub),
                            cl::sub(compareSub), cl::sub(benchSub),
                            cl::sub(infoSub), cl::cat(compileCategory));

static cl::extrahelp aboutData(dataHelp);
static cl::extrahelp aboutResults(R"(
- is standard input, for the network or a .npy file, and for --output standard
output. Numbers for an input that is quantized (--int8-io) are quantized as it is.

The last line of
  eval is      top1=87.00 top5=99.30 n=10000                    (percent)
  compare is   agreement=99.52 sqnr_db=33.41 max_abs=0.123 n=10000
  bench is     min_ms=0.123 median_ms=0.130
agreement is the percentage of samples for which the first output has its
largest element at the same place; sqnr_db is 10*log10(sum(r*r)/sum((r-o)^2))
over all elements r of the reference and o of the other, inf where they are
equal, and max_abs the largest |r-o|. Where there are several outputs, a line
for each comes before. Quantized outputs are compared as the numbers that they
stand for.

Exit codes: 0 done, 1 an error, 2 wrong usage.
)");

void compress::reportCrashesOf(StringRef path) {
  reportCrashes("compress-run",
                "'" + path +
                    "': crashed; the file is damaged, or the network "
                    "undefined for this input");
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

static int report(Error error, int code) {
  outs().flush();
  WithColor::error(errs(), "compress-run")
      << printable(toString(std::move(error))) << '\n';
  return code;
}

static int usageError(const Twine &message) {
  return report(createStringError(inconvertibleErrorCode(), message), 2);
}

static bool hasCompileOptions() {
  return batch.getNumOccurrences() || !targetCpu.empty() ||
         !inputShapes.empty() || int8Io;
}

namespace {

/// What the command line names to be run.
struct Source {
  std::string path; ///< "-" is standard input
  std::unique_ptr<MemoryBuffer> content;

  bool isPipe() const { return path == "-"; }
  std::string name() const { return isPipe() ? "standard input" : path; }
  bool isModel() const { return !isLibrary(content->getBuffer()); }
};

} // namespace

static CompileOptions readCompileOptions(const char *argv0) {
  CompileOptions options;
  options.argv0 = argv0;
  if (threads.getNumOccurrences() && threads > 0)
    options.threads = threads;
  if (batch.getNumOccurrences())
    options.batch = batch;
  options.targetCpu = targetCpu;
  options.inputShapes.assign(inputShapes.begin(), inputShapes.end());
  options.int8Io = int8Io;
  options.profile = perOp;
  return options;
}

/// Loads the library, or compiles the model and loads what comes of it.
static Expected<std::unique_ptr<ModelLibrary>>
openLibrary(const Source &source, const CompileOptions &options) {
  if (!source.isModel() && !source.isPipe()) {
    reportCrashesOf(source.path);
    return ModelLibrary::open(source.path);
  }
  StringRef content = source.content->getBuffer();
  Expected<std::string> temporary =
      !source.isModel() ? writeTempLibrary(content)
      : source.isPipe() ? compileContentToTempLibrary(content, options)
                        : compileModelToTempLibrary(source.path, options);
  if (!temporary)
    return temporary.takeError();
  reportCrashesOf(source.name());
  auto library = ModelLibrary::open(*temporary, source.name());
  removeTempLibrary(*temporary);
  return library;
}

static Error openLibraries(MutableArrayRef<Source> sources, const char *argv0,
                           std::vector<std::unique_ptr<ModelLibrary>> &result) {
  for (Source &source : sources)
    if (Error error =
            (source.isPipe() ? readStandardInput() : openInputFile(source.path))
                .moveInto(source.content))
      return error;
  if (hasCompileOptions() &&
      none_of(sources, [](const Source &source) { return source.isModel(); }))
    return fileError(sources.front().name(),
                     "is compiled already; --batch, --target-cpu, "
                     "--input-shape and --int8-io are for model files");
  CompileOptions options = readCompileOptions(argv0);
  for (Source &source : sources) {
    auto library = openLibrary(source, options);
    if (!library)
      return library.takeError();
    source.content.reset();
    int32_t most = (*library)->info().max_threads;
    if (static_cast<int32_t>(threads.getValue()) > most)
      errs() << "compress-run: warning: " << source.name() << " uses at most "
             << most << (most == 1 ? " thread" : " threads")
             << ": it was compiled for so many, or has nothing to split\n";
    result.push_back(std::move(*library));
  }
  return Error::success();
}

static Error runSubCommand(MutableArrayRef<Source> sources,
                           const Preprocess &ofItems, const char *argv0) {
  std::vector<std::unique_ptr<ModelLibrary>> libraries;
  if (Error error = openLibraries(sources, argv0, libraries))
    return error;
  ModelLibrary &library = *libraries.front();
  auto threadLimit = static_cast<int32_t>(threads.getValue());
  SampleOptions samples{data, static_cast<int64_t>(skip.getValue()),
                        static_cast<int64_t>(limit.getValue()), ofItems};
  if (runSub)
    return runCommand(library, {inputs, outputs, threadLimit});
  if (evalSub)
    return evalCommand(library, {samples, threadLimit, dumpOutputs});
  if (compareSub)
    return compareCommand(
        library, *libraries.back(),
        {sources.front().name(), sources.back().name(), samples, threadLimit});
  if (benchSub)
    return benchCommand(library, {sources.front().name(), inputs, threadLimit,
                                  static_cast<int64_t>(runs.getValue()), perOp,
                                  jsonFile, htmlFile});
  infoCommand(library);
  return Error::success();
}

int main(int argc, char **argv) {
  for (cl::SubCommand *sub : {&cl::SubCommand::getTopLevel(), &runSub, &evalSub,
                              &compareSub, &benchSub, &infoSub})
    cl::HideUnrelatedOptions({&category, &compileCategory}, *sub);
  cl::SetVersionPrinter([](raw_ostream &os) {
    os << "compress-run " COMPRESS_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
  if (!parseCommandLine(argc, argv, "compress-run",
                        "Runs networks that compressc has compiled\n"))
    return 2;

  if (threads.getNumOccurrences() && (threads == 0 || threads > 1 << 16))
    return usageError("--threads: a number from 1 to 65536");
  if (limit.getNumOccurrences() && (limit == 0 || limit > INT64_MAX))
    return usageError("--limit: a number of samples from 1");
  if (skip > INT64_MAX)
    return usageError("--skip: a number of samples");
  if (runs.getNumOccurrences() && (runs == 0 || runs > 100000000))
    return usageError("--runs: a number from 1 to 100000000");
  if (jsonFile.getNumOccurrences() && !perOp)
    return usageError("--json: is for --per-op");
  if (htmlFile.getNumOccurrences() && !perOp)
    return usageError("--html: is for --per-op");
  if (isSameFile(jsonFile, htmlFile) || (jsonFile == "-" && htmlFile == "-"))
    return usageError("--json and --html are one file, '" + htmlFile +
                      "'; name another one");
  if (batch.getNumOccurrences() && (batch == 0 || batch > INT32_MAX))
    return usageError("--batch: a number of samples from 1");
  if (dumpOutputs == "-")
    return usageError("--dump-outputs: standard output is for the results; "
                      "name a file");
  Preprocess ofItems;
  if (Error error = preprocess.read().moveInto(ofItems))
    return report(std::move(error), 2);
  if (!runSub && !evalSub && !compareSub && !benchSub && !infoSub)
    return usageError("no command; give run, eval, compare, bench or info, and "
                      "see --help");
  std::vector<Source> sources;
  if (compareSub) {
    sources.push_back({referencePath, nullptr});
    sources.push_back({otherPath, nullptr});
  } else {
    sources.push_back({libraryPath, nullptr});
  }
  for (StringRef written : {StringRef(jsonFile), StringRef(htmlFile)})
    for (StringRef read : {StringRef(libraryPath), StringRef(referencePath),
                           StringRef(otherPath)})
      if (!written.empty() && isSameFile(written, read))
        return usageError("'" + written +
                          "' is to be read and written; name "
                          "another file for --json or --html");
  if (count_if(sources, [](const Source &source) { return source.isPipe(); }) +
          count(inputs, "-") >
      1)
    return usageError("-: standard input is given more than once; name files "
                      "for the others");
  if (Error error = runSubCommand(sources, ofItems, argv[0]))
    return report(std::move(error), 1);

  outs().flush();
  if (std::error_code ec = outs().error()) {
    outs().clear_error();
    return report(
        fileError("standard output", "cannot be written: " + reasonOf(ec)), 1);
  }
  return 0;
}
