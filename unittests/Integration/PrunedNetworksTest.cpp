//===- PrunedNetworksTest.cpp - pruned is masked --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Random networks of which channels are masked, by scores, at random places
// and as training leaves them: what is left of them computes what the masked
// network does, to the bit where nothing was moved into biases.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "IntegerEvaluator.h"
#include "ModuleRunner.h"
#include "RandomNetwork.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Verifier.h"
#include "gtest/gtest.h"
#include <cmath>
#include <set>

using namespace mlir;
using namespace oracle;
namespace mc = mlir::compress;

namespace {

/// How channels come to be pruned.
enum class Marks { Scores, Anywhere, Trained };

/// Networks of one test.
constexpr uint32_t networksPerTest = 50;

/// What networks are made of when they are pruned.
enum class Form { Imported, Quantized, ChannelsLast, Tosa };

struct Variant {
  Marks marks;
  Form form;
};

class PrunedNetworksTest : public testing::TestWithParam<uint32_t> {
protected:
  /// Every pass alone, so that what it leaves is verified.
  void runPass(ModuleOp module, std::unique_ptr<Pass> pass) {
    PassManager pm(&runner.context);
    pm.addNestedPass<func::FuncOp>(std::move(pass));
    std::string name = pm.begin()->getArgument().str();
    ASSERT_TRUE(succeeded(pm.run(module))) << runner.takeMessages();
    ASSERT_TRUE(succeeded(verify(module))) << runner.takeMessages();
  }

  void selectChannels(ModuleOp module, Random &random, bool quantized) {
    mc::SelectChannelsPassOptions options;
    using Criterion = mc::PruneCriterion;
    Criterion criteria[] = {Criterion::L1,    Criterion::L2,
                            Criterion::Gamma, Criterion::Fpgm,
                            Criterion::Lamp,  Criterion::MedianRatio,
                            Criterion::Random};
    // Codes have no scores of their own.
    options.criterion =
        quantized ? Criterion::Random : criteria[random.between(0, 6)];
    options.rate = 0.9 * random.unit();
    options.scope =
        random.chance(50) ? mc::PruneScope::Local : mc::PruneScope::Global;
    options.budget = static_cast<mc::PruneBudget>(random.between(0, 2));
    options.combine = static_cast<mc::ScoreCombination>(random.between(0, 2));
    options.multiple = random.chance(70) ? 1 : random.between(2, 4);
    options.maxRate = random.chance(70) ? 1.0 : random.unit();
    options.seed = random.between(0, 1000);
    runPass(module, mc::createSelectChannelsPass(options));
  }

  void returnToTosa(ModuleOp pruned);
  void prune(uint32_t seed, const Variant &variant);
  std::vector<HostTensor> evaluated(ModuleOp module,
                                    ArrayRef<HostTensor> inputs,
                                    Form form = Form::Imported);
  void compareLowered(ModuleOp masked, ModuleOp pruned,
                      ArrayRef<HostTensor> inputs);
  void compareIntegers(ModuleOp masked, ModuleOp pruned,
                       ArrayRef<HostTensor> inputs);
  void compareCode(ModuleOp masked, ModuleOp pruned,
                   ArrayRef<HostTensor> inputs);

  /// Networks and channels that were seen, for the shares that must be gone.
  struct Count {
    int64_t networks = 0, changed = 0, exact = 0, infinite = 0;
    int64_t masked = 0, left = 0;
    int64_t before = 0, after = 0; // elements of constants
    int64_t scattered = 0;         // tensors
    int64_t moved = 0;             // integers that biases of codes got
  } count;

  ModuleRunner runner;
};

int64_t countMasked(ModuleOp module) {
  int64_t masked = 0;
  module.walk([&](mc::ChannelMaskOp op) {
    masked += llvm::count(op.getMask(), false);
  });
  return masked;
}

/// The elements of constants.
int64_t countConstants(ModuleOp module) {
  int64_t elements = 0;
  module.walk([&](Operation *op) {
    if (!op->hasTrait<OpTrait::ConstantLike>())
      return;
    if (auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType()))
      elements += type.getNumElements();
  });
  return elements;
}

/// How many integers the vectors of `pruned` have that those of `masked` do
/// not: biases that changed.
int64_t countNewIntegers(ModuleOp masked, ModuleOp pruned) {
  std::set<int32_t> old;
  int64_t added = 0;
  for (ModuleOp module : {masked, pruned})
    module.walk([&](arith::ConstantOp op) {
      auto type = dyn_cast<RankedTensorType>(op.getType());
      if (!type || !type.getElementType().isInteger(32))
        return;
      llvm::Expected<HostTensor> value = fromAttribute(op.getValue());
      if (!value)
        return llvm::consumeError(value.takeError());
      for (int32_t number : value->values<int32_t>())
        if (module == masked)
          old.insert(number);
        else
          added += !old.count(number);
    });
  return added;
}

/// All numbers that f32 vectors have. What moves into a bias is a new one.
std::set<float> biasesOf(ModuleOp module) {
  std::set<float> numbers = {0.0f};
  module.walk([&](arith::ConstantOp op) {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || !type.getElementType().isF32() || type.getRank() > 1)
      return;
    llvm::Expected<HostTensor> value = fromAttribute(op.getValue());
    if (!value)
      return llvm::consumeError(value.takeError());
    for (float number : value->values<float>())
      numbers.insert(number);
  });
  return numbers;
}

/// The largest difference over the largest number, of results of one type; or
/// over 0.1, as terms of about 1 may cancel out.
std::optional<double> relativeDifference(ArrayRef<HostTensor> expected,
                                         ArrayRef<HostTensor> actual) {
  double worst = 0;
  if (expected.size() != actual.size())
    return std::nullopt;
  for (auto [a, b] : llvm::zip_equal(expected, actual)) {
    if (a.kind != b.kind || a.shape != b.shape || a.kind != Kind::F32)
      return std::nullopt;
    double largest = 0.1, difference = 0;
    for (int64_t i = 0, e = a.size(); i < e; ++i) {
      largest = std::max(largest, std::abs(double(a.get(i).f)));
      double each = std::abs(double(a.get(i).f) - double(b.get(i).f));
      if (!std::isfinite(each))
        return std::nullopt;
      difference = std::max(difference, each);
    }
    worst = std::max(worst, difference / largest);
  }
  return worst;
}

bool isFinite(const HostTensor &tensor) {
  for (int64_t i = 0, e = tensor.size(); i < e; ++i)
    if (!std::isfinite(tensor.get(i).f))
      return false;
  return true;
}

/// With 0 for -0, which is what products with zero may be.
std::vector<HostTensor> withoutSigns(std::vector<HostTensor> tensors) {
  for (HostTensor &tensor : tensors)
    for (int64_t i = 0, e = tensor.size(); i < e; ++i)
      if (tensor.get(i).f == 0)
        tensor.set(i, Scalar{});
  return tensors;
}

void expectClose(ArrayRef<HostTensor> expected, ArrayRef<HostTensor> actual) {
  std::optional<double> found = relativeDifference(expected, actual);
  ASSERT_TRUE(found) << difference(expected, actual);
  EXPECT_LE(*found, 1e-5) << difference(expected, actual);
}

std::vector<HostTensor>
PrunedNetworksTest::evaluated(ModuleOp module, ArrayRef<HostTensor> inputs,
                              Form form) {
  OwningOpRef<ModuleOp> copy;
  if (form == Form::Tosa) { // the evaluator knows linalg
    copy = module.clone();
    module = *copy;
    if (llvm::Error error = runner.normalize(module)) {
      ADD_FAILURE() << llvm::toString(std::move(error));
      return {};
    }
  }
  llvm::Expected<Evaluation> result = evaluate(module, inputs);
  if (result)
    return result->results;
  ADD_FAILURE() << llvm::toString(result.takeError());
  return {};
}

/// What convolutions and products give, with their channels last.
std::vector<MaskPlace> placesIn(ModuleOp module) {
  std::vector<MaskPlace> places;
  module.walk([&](linalg::LinalgOp op) {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (type && type.getElementType().isF32() &&
        (isa<linalg::MatmulOp>(op) || linalg::isaConvolutionOpInterface(op)))
      places.push_back({op->getResult(0), type.getRank() - 1});
  });
  return places;
}

/// As the passes behind see them: masks that multiply.
void PrunedNetworksTest::compareLowered(ModuleOp masked, ModuleOp pruned,
                                        ArrayRef<HostTensor> inputs) {
  OwningOpRef<ModuleOp> expected = masked.clone(), actual = pruned.clone();
  runPass(*expected, mc::createLowerMasksPass());
  runPass(*actual, mc::createLowerMasksPass());
  std::vector<HostTensor> results = evaluated(*expected, inputs);
  // Infinity times zero is NaN.
  if (llvm::all_of(results, isFinite))
    expectClose(results, evaluated(*actual, inputs));
}

/// Both as integers: the same bits.
void PrunedNetworksTest::compareIntegers(ModuleOp masked, ModuleOp pruned,
                                         ArrayRef<HostTensor> inputs) {
  OwningOpRef<ModuleOp> expected = masked.clone(), actual = pruned.clone();
  for (ModuleOp module : {*expected, *actual})
    if (llvm::Error error = runner.lower(module))
      FAIL() << llvm::toString(std::move(error));
  EXPECT_EQ(
      difference(evaluated(*expected, inputs), evaluated(*actual, inputs)), "")
      << "as integers";
}

/// Both as optimized code: close.
void PrunedNetworksTest::compareCode(ModuleOp masked, ModuleOp pruned,
                                     ArrayRef<HostTensor> inputs) {
  std::vector<HostTensor> results[2];
  for (auto [module, found] :
       llvm::zip_equal(SmallVector<ModuleOp>{masked, pruned}, results)) {
    OwningOpRef<ModuleOp> copy = module.clone();
    if (llvm::Error error = runner.normalize(*copy))
      FAIL() << llvm::toString(std::move(error));
    auto library = runner.compile(*copy, paths().back());
    if (!library)
      FAIL() << llvm::toString(library.takeError());
    auto ran = run(**library, inputs, 1);
    if (!ran)
      FAIL() << llvm::toString(ran.takeError());
    found = *ran;
  }
  expectClose(results[0], results[1]);
}

/// Nothing but TOSA is left.
void PrunedNetworksTest::returnToTosa(ModuleOp pruned) {
  pruned.walk([&](mc::ScatterChannelsOp) { ++count.scattered; });
  runPass(pruned, mc::createLowerMasksToTosaPass());
  pruned.walk([](Operation *op) {
    StringRef dialect = op->getName().getDialectNamespace();
    EXPECT_TRUE(dialect == "tosa" || dialect == "func" || dialect == "builtin")
        << op->getName().getStringRef().str();
  });
}

void PrunedNetworksTest::prune(uint32_t seed, const Variant &variant) {
  Random random(seed ^ 0x5eed);
  NetworkOptions options;
  options.quantized = variant.form == Form::Quantized;
  options.zeroed = variant.marks == Marks::Trained;
  options.biased = options.zeroed && (options.quantized || random.chance(50));
  options.oddScales = options.quantized && options.zeroed && random.chance(50);
  RandomNetwork network =
      variant.form == Form::Tosa
          ? buildRandomTosaNetwork(runner.context, seed, options)
          : buildRandomNetwork(runner.context, seed, options);
  SCOPED_TRACE("network " + std::to_string(seed) + ":" + network.description);
  ModuleOp masked = *network.module;
  // Quantized ones in both layouts.
  if (variant.form == Form::ChannelsLast ||
      (options.quantized && random.chance(50))) {
    if (llvm::Error error = runner.normalize(masked))
      FAIL() << llvm::toString(std::move(error));
    network.places = placesIn(masked);
  }
  if (variant.marks == Marks::Scores)
    selectChannels(masked, random, options.quantized);
  else if (variant.marks == Marks::Anywhere)
    insertRandomMasks(masked, network.places, random);
  ASSERT_TRUE(succeeded(verify(masked))) << runner.takeMessages();

  OwningOpRef<ModuleOp> pruned = masked.clone();
  runPass(*pruned, mc::createRemoveChannelsPass());
  int64_t left = countMasked(*pruned);
  if (variant.form == Form::Tosa)
    returnToTosa(*pruned);
  if (HasFatalFailure())
    return;
  std::vector<HostTensor> expected =
      evaluated(masked, network.inputs, variant.form);
  std::vector<HostTensor> actual =
      evaluated(*pruned, network.inputs, variant.form);
  // As a division by a sum that a mask made zero.
  if (!llvm::all_of(expected, isFinite)) {
    ++count.infinite;
    return;
  }
  // Normalizing TOSA multiplies by masks; scales of quantized networks are such
  // that nothing is rounded.
  std::set<float> old = biasesOf(masked);
  bool isExact = variant.form == Form::Quantized ||
                 (variant.form != Form::Tosa &&
                  llvm::all_of(biasesOf(*pruned),
                               [&](float n) { return old.count(n) > 0; }));
  if (options.oddScales)
    ; // f32 sums may be on the other side of a tie
  else if (isExact)
    EXPECT_EQ(difference(withoutSigns(expected), withoutSigns(actual)), "");
  else
    expectClose(expected, actual);

  ++count.networks;
  count.exact += isExact;
  count.masked += countMasked(masked);
  count.left += left;
  int64_t before = countConstants(masked), after = countConstants(*pruned);
  count.before += before;
  count.after += after;
  count.changed += after < before;
  if (HasFailure())
    return;
  if (variant.form == Form::Quantized) {
    count.moved += countNewIntegers(masked, *pruned);
    compareIntegers(masked, *pruned, network.inputs);
  } else if (seed % networksPerTest == 7)
    compareCode(masked, *pruned, network.inputs);
  else if (seed % 4 == 0 && variant.form != Form::Tosa)
    compareLowered(masked, *pruned, network.inputs);
}

Variant variantOf(uint32_t test, uint32_t seed) {
  Marks byTurns = static_cast<Marks>(seed % 3);
  switch (test % 10) {
  case 6:
    return {byTurns, Form::Quantized};
  case 7:
    return {byTurns, Form::ChannelsLast};
  case 8:
  case 9:
    return {byTurns, Form::Tosa};
  default:
    return {static_cast<Marks>(test % 10 / 2), Form::Imported};
  }
}

TEST_P(PrunedNetworksTest, ComputeWhatMaskedOnesDo) {
  for (uint32_t i = 0; i < networksPerTest && !HasFatalFailure(); ++i) {
    uint32_t seed = GetParam() * networksPerTest + i;
    prune(seed, variantOf(GetParam(), seed));
  }
  if (HasFailure())
    return;
  Variant variant = variantOf(GetParam(), 0);
  EXPECT_LE(count.infinite * 10, count.networks);
  EXPECT_GE(count.changed * 2, count.networks);
  EXPECT_LE(count.after * 10, count.before * 9);
  if (variant.form != Form::Tosa)
    EXPECT_GE(count.exact * 2, count.networks);
  if (variant.form != Form::Imported || variant.marks == Marks::Anywhere) {
    EXPECT_GT(count.masked, 2 * count.networks);
    EXPECT_LE(count.left * 4, count.masked * 3);
  }
  if (variant.form == Form::Tosa)
    EXPECT_GT(count.scattered, 0);
  // Numbers of channels of codes go as integers.
  if (variant.form == Form::Quantized)
    EXPECT_GT(count.moved, 0);
  // What scores choose can go.
  if (variant.form == Form::Imported && variant.marks == Marks::Scores) {
    EXPECT_GT(count.masked, 2 * count.networks);
    EXPECT_EQ(count.left, 0);
  }
}

std::string testName(const testing::TestParamInfo<uint32_t> &info) {
  static const char *const names[] = {
      "Scores",  "Scores",    "Anywhere",     "Anywhere", "Trained",
      "Trained", "Quantized", "ChannelsLast", "Tosa",     "Tosa"};
  return names[info.param % 10] + std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(, PrunedNetworksTest,
                         testing::Range(0u, RANDOM_NETWORKS / networksPerTest),
                         testName);

} // namespace
