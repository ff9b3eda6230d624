//===- Tuning.cpp - kernels as measurements say ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Tuning.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Support/ModelLibrary.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include <chrono>
#include <limits>
#include <set>

using namespace mlir;
using namespace mlir::compress;
using ::compress::ModelLibrary;
using ::compress::TensorBuffers;

static constexpr llvm::StringLiteral kFirstLine = "compress-tuning 1";

/// Another plan is taken where it is faster by more than what measurements of
/// one plan differ by.
static constexpr double kClearlyFaster = 0.97;

llvm::Expected<TuningTable> TuningTable::parse(StringRef text) {
  auto wrong = [](int64_t line, const llvm::Twine &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "line " + llvm::Twine(line) + ": " +
                                       message);
  };
  TuningTable table;
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  if (lines.front().trim() != kFirstLine)
    return wrong(1, "is not '" + kFirstLine +
                        "': no file of --tune, or of another version");
  for (auto [i, line] : llvm::enumerate(llvm::drop_begin(lines))) {
    line = line.trim();
    if (line.starts_with("#"))
      table.comments.push_back(line.str());
    if (line.empty() || line.starts_with("#"))
      continue;
    auto [description, plan] = line.split(": ");
    if (description.empty() || plan.trim().empty())
      return wrong(i + 2, "is no 'description: plan'");
    if (!table.plans.emplace(description.str(), plan.trim().str()).second)
      return wrong(i + 2, "names a kernel for the second time");
  }
  return table;
}

void TuningTable::write(llvm::raw_ostream &os) const {
  os << kFirstLine << '\n';
  for (const std::string &comment : comments)
    os << comment << '\n';
  for (const auto &[description, plan] : plans)
    os << description << ": " << plan << '\n';
}

void TuningTable::attach(ModuleOp module) const {
  Builder b(module.getContext());
  SmallVector<NamedAttribute> entries;
  for (const auto &[description, plan] : plans)
    entries.push_back(b.getNamedAttr(description, b.getStringAttr(plan)));
  module->setAttr(kTuningAttr, b.getDictionaryAttr(entries));
}

namespace {
/// How a kernel was computed.
struct Used {
  std::string description, plan;
  int64_t count; // of plans
};

/// A network with a profile, and the least ticks that each kernel has taken.
class Candidate {
public:
  /// With the plan `number` of every kernel that the table lacks.
  static llvm::Expected<Candidate>
  compile(OwningOpRef<ModuleOp> module, int64_t number, const CpuOptions &code,
          const TargetCpu &cpu, unsigned threads, const TuningTable &table) {
    Builder b(module->getContext());
    table.attach(*module);
    (*module)->setAttr(kTuningCandidateAttr, b.getI64IntegerAttr(number));
    Candidate result;
    result.threads = threads;
    auto inspect = [&](ModuleOp lowered) {
      for (auto func : lowered.getOps<func::FuncOp>())
        if (auto plan = func->getAttrOfType<ArrayAttr>(kPlanAttr)) {
          result.used[func.getName()] = {
              cast<StringAttr>(plan[0]).getValue().str(),
              cast<StringAttr>(plan[1]).getValue().str(),
              cast<IntegerAttr>(plan[2]).getInt()};
          func->removeAttr(kPlanAttr);
        }
    };
    auto library = loadNetwork(*module, threads, code, inspect, &cpu);
    if (!library)
      return library.takeError();
    result.library = std::move(*library);
    if (llvm::Error error = TensorBuffers::allocate(result.library->inputs())
                                .moveInto(result.inputs))
      return std::move(error);
    for (auto [i, input] : llvm::enumerate(result.library->inputs()))
      std::fill_n(result.inputs.data(i), input.bytes, 0);
    if (llvm::Error error = TensorBuffers::allocate(result.library->outputs())
                                .moveInto(result.outputs))
      return std::move(error);
    return result;
  }

  const llvm::StringMap<Used> &kernels() const { return used; }

  void forget() {
    least.assign(library->profile()->num_ops,
                 std::numeric_limits<uint64_t>::max());
  }
  llvm::Error run() {
    const compress_profile &profile = *library->profile();
    std::fill_n(profile.ticks, profile.num_ops, 0);
    if (llvm::Error error =
            library->run(inputs.constPointers(), outputs.pointers(), threads))
      return error;
    for (uint64_t i = 0; i < profile.num_ops; ++i)
      least[i] = std::min(least[i], profile.ticks[i]);
    return llvm::Error::success();
  }
  /// The least ticks of all kernels of each description together, by `names`:
  /// what the kernels of these functions are.
  std::map<std::string, double>
  ticksOf(const llvm::StringMap<Used> &names) const {
    std::map<std::string, double> result;
    const compress_profile &profile = *library->profile();
    for (uint64_t i = 0; i < profile.num_ops; ++i)
      if (auto found = names.find(profile.ops[i].kernel); found != names.end())
        result[found->second.description] += static_cast<double>(least[i]);
    return result;
  }

private:
  std::unique_ptr<ModelLibrary> library;
  llvm::StringMap<Used> used; // by the names of functions
  TensorBuffers inputs, outputs;
  unsigned threads = 1;
  std::vector<uint64_t> least;
};
} // namespace

/// Measures both in turns: a machine is not always equally fast.
static llvm::Error race(Candidate &first, Candidate &second) {
  using Clock = std::chrono::steady_clock;
  constexpr int kLeastTurns = 8, kMostTurns = 100, kRuns = 4;
  auto end = Clock::now() + std::chrono::milliseconds(500);
  first.forget();
  second.forget();
  for (int turn = 0;
       turn < kLeastTurns || (turn < kMostTurns && Clock::now() < end); ++turn)
    for (Candidate *candidate : {&first, &second})
      for (int run = 0; run < kRuns; ++run)
        if (llvm::Error error = candidate->run())
          return error;
  return llvm::Error::success();
}

/// Seconds of a tick: of the time stamp counter, or of a steady clock.
static double measureTick() {
#if defined(__x86_64__)
  using Clock = std::chrono::steady_clock;
  auto begin = Clock::now();
  uint64_t ticks = __builtin_readcyclecounter();
  std::chrono::duration<double> passed{};
  while (passed.count() < 0.02)
    passed = Clock::now() - begin;
  return passed.count() /
         static_cast<double>(__builtin_readcyclecounter() - ticks);
#else
  return 1e-9;
#endif
}

llvm::Expected<TuningResult> mlir::compress::tuneKernels(
    ModuleOp module, const CpuOptions &code, const TargetCpu &cpu,
    unsigned threads, TuningTable &table,
    llvm::function_ref<void(int64_t, int64_t)> progress) {
  CpuOptions options = code;
  options.profile = true;
  auto compile = [&](int64_t number, const TuningTable &table) {
    return Candidate::compile(module.clone(), number, options, cpu, threads,
                              table);
  };
  progress(1, 1);
  auto model = compile(0, table);
  if (!model)
    return model.takeError();
  TuningResult result;
  int64_t count = 1;
  for (const auto &kernel : model->kernels())
    count = std::max(count, kernel.second.count);
  if (model->kernels().empty())
    return result;

  // The best plan of each kernel, and its time in parts of the model's.
  std::map<std::string, std::pair<std::string, double>> best;
  for (int64_t number = 1; number < count; ++number) {
    progress(number + 1, count);
    auto candidate = compile(number, table);
    if (!candidate)
      return candidate.takeError();
    if (llvm::Error error = race(*model, *candidate))
      return std::move(error);
    auto before = model->ticksOf(model->kernels());
    auto after = candidate->ticksOf(candidate->kernels());
    for (const auto &kernel : candidate->kernels()) {
      const Used &used = kernel.second;
      if (number >= used.count)
        continue;
      double ratio = after[used.description] / before[used.description];
      auto [place, isNew] =
          best.try_emplace(used.description, used.plan, kClearlyFaster);
      if (ratio < place->second.second)
        place->second = {used.plan, ratio};
      else if (isNew)
        best.erase(place);
    }
  }

  // Once more, all of them together.
  TuningTable chosen = table;
  for (const auto &[description, plan] : best)
    chosen.plans[description] = plan.first;
  auto tuned = compile(0, chosen);
  if (!tuned)
    return tuned.takeError();
  if (llvm::Error error = race(*model, *tuned))
    return std::move(error);
  auto before = model->ticksOf(model->kernels());
  auto after = tuned->ticksOf(model->kernels());
  double secondsOfTick = measureTick();
  std::set<std::string> seen;
  for (const auto &kernel : model->kernels()) {
    const auto &[description, plan, plans] = kernel.second;
    if (!seen.insert(description).second)
      continue;
    auto found = best.find(description);
    double time = before[description], other = after[description];
    bool isFaster = found != best.end() && other < time * kClearlyFaster;
    table.plans[description] = isFaster ? found->second.first : plan;
    ++result.measured;
    result.changed += isFaster;
    result.modelSeconds += time * secondsOfTick;
    result.tunedSeconds += (isFaster ? other : time) * secondsOfTick;
  }
  return result;
}
