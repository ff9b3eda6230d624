//===- KernelPlan.cpp - the ways to compute a kernel ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelPlan.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "DepthwiseTile.h"
#include "WeightPrefetch.h"
#include "mlir/IR/Remarks.h"
#include <numeric>

using namespace mlir;
using namespace mlir::compress;

/// Weights beyond this many bytes do not stay in the first cache levels while
/// all of them are used for every row of pixels: channels then come outermost.
static constexpr int64_t kCachedBytes = 128 * 1024;

/// What is used again and again stays in the first cache level up to so many
/// bytes, and with what passes by in the second up to so many.
static constexpr int64_t kReusedBytes = 40 * 1024;
static constexpr int64_t kMiddleBytes = 256 * 1024;

/// The first cache level: the bytes after which sets repeat, and how many lines
/// each holds.
static constexpr int64_t kWayBytes = 4096;
static constexpr int64_t kWays = 8;

std::string KernelPlan::print() const {
  std::string result = kind == Kind::Winograd && pixels == 4 ? "winograd 4x4"
                       : kind == Kind::Winograd              ? "winograd"
                       : kind == Kind::Matrix                ? "matrix "
                                                             : "vectors ";
  if (kind != Kind::Winograd)
    result += std::to_string(pixels) + "x" + std::to_string(vectors);
  return result + (channelsOutermost ? " channels-outermost" : "");
}

std::string mlir::compress::describeKernel(const DotKernel &dot,
                                           const DotIsa &isa, bool parallel,
                                           ArrayRef<KernelPlan> plans) {
  std::string result;
  llvm::raw_string_ostream os(result);
  const Access &input = dot.getInput();
  os << isa.name << '.' << isa.lanes << (parallel ? " threads " : " ")
     << (dot.operands.storedUnsigned ? "u" : "") << input.getElementType()
     << '*' << dot.kernel.root.operands[dot.operands.weights].getElementType()
     << "->" << dot.kernel.getOut().getElementType();
  for (auto [i, loop] : llvm::enumerate(dot.kernel.loops))
    os << ' '
       << (loop.reduction                         ? 'r'
           : i == dot.lane                        ? 'c'
           : llvm::is_contained(dot.selecting, i) ? 's'
                                                  : 'p')
       << loop.extent << '/' << input.strides[i];
  int64_t read = llvm::count_if(dot.kernel.epilogue.operands,
                                [](const Access &a) { return a.isMemory(); });
  if (read > 0)
    os << " +" << read;
  auto offers = [&](KernelPlan::Kind kind) {
    return llvm::any_of(
        plans, [&](const KernelPlan &plan) { return plan.kind == kind; });
  };
  if (offers(KernelPlan::Kind::Matrix))
    os << " matrix";
  if (offers(KernelPlan::Kind::Winograd))
    os << " winograd";
  if (llvm::is_contained(plans, KernelPlan{KernelPlan::Kind::Winograd, 4}))
    os << "4";
  return result;
}

void mlir::compress::useWholeLanes(DotKernel &dot, const DotIsa &isa) {
  dot.group = isa.group;
  dot.lanes = isa.lanes;
  dot.split = 1;
}

/// The bytes that the input of a kernel spans.
static int64_t countInputBytes(const DotKernel &dot) {
  const Access &input = dot.getInput();
  int64_t last = 0;
  for (auto [loop, stride] : llvm::zip_equal(dot.kernel.loops, input.strides))
    last += (loop.extent - 1) * stride;
  return (last + 1) * input.getElementType().getIntOrFloatBitWidth() / 8;
}

/// Whether tiles of `plan` make less traffic to the first cache level where all
/// pixels use some weights before the next come.
static bool prefersChannelsOutermost(const DotKernel &dot,
                                     const KernelPlan &plan, bool depthwise,
                                     bool parallel) {
  if (!dot.selecting.empty())
    return false;
  Type type = dot.kernel.root.operands[dot.operands.weights].getElementType();
  int64_t weights = dot.getSelectedSize() * type.getIntOrFloatBitWidth() / 8;
  // Threads that share channels all read all inputs: where those are the larger
  // part, each has the weights in its own second level and shares pixels.
  int64_t inputs = countInputBytes(dot);
  if (weights > kCachedBytes)
    return !parallel || weights > kSecondLevelBytes || inputs < 2 * weights;
  int64_t channelTiles = llvm::divideCeil(dot.getNumVectors(), plan.vectors);
  // Threads share pixels: those stay with them from layer to layer.
  if (parallel || channelTiles == 1)
    return false;
  if (depthwise)
    return inputs <= kMiddleBytes;
  int64_t pixels = 1;
  for (unsigned loop = 0; loop < dot.kernel.loops.size(); ++loop)
    if (!dot.kernel.loops[loop].reduction && loop != dot.lane)
      pixels *= dot.getExtent(loop);
  int64_t tilePixels =
      plan.pixels *
      (plan.kind == KernelPlan::Kind::Matrix ? kMatrixSums / plan.vectors : 1);
  int64_t pixelTiles = llvm::divideCeil(pixels, tilePixels);
  int64_t byPixels =
      inputs + weights * (weights > kReusedBytes ? pixelTiles : 1);
  int64_t byChannels =
      weights + inputs * (inputs > kReusedBytes ? channelTiles : 1);
  // Of what is nearly equal, pixels: the results lie side by side.
  return byChannels * 4 < byPixels * 3;
}

/// The longest part of a row of `pixels`, of parts of equal lengths up to
/// `most`.
static int64_t getPartOfRow(int64_t pixels, int64_t most) {
  return llvm::divideCeil(pixels, llvm::divideCeil(pixels, most));
}

/// Sizes of tiles of vectors: as many pixels as fit, or parts of a row that
/// are equally long.
static void addTiles(int64_t pixels, int64_t numVectors, int64_t registers,
                     const KernelPlan &like,
                     llvm::SmallVectorImpl<KernelPlan> &plans) {
  for (int64_t vectors = 1; vectors <= std::min<int64_t>(numVectors, 4);
       ++vectors) {
    int64_t most = std::min(pixels, (registers - 2 - vectors) / vectors);
    if (most < 1)
      continue;
    for (int64_t count : {most, getPartOfRow(pixels, most)}) {
      KernelPlan plan = like;
      plan.pixels = count;
      plan.vectors = vectors;
      plans.push_back(plan);
    }
  }
}

/// How many pixels that are read in turn stay in the first cache level: where
/// they are a power of 2 apart, they meet in few of its sets.
static int64_t countPixelsInCache(const Access &input, unsigned pixelLoop) {
  int64_t bytes = input.getElementType().getIntOrFloatBitWidth() / 8;
  if (input.strides[pixelLoop] == 0)
    return INT64_MAX;
  int64_t apart = std::gcd(input.strides[pixelLoop] * bytes, kWayBytes);
  return kWays * (kWayBytes / apart);
}

SmallVector<KernelPlan>
mlir::compress::getPlans(const DotKernel &dot, const DotIsa &isa,
                         const llvm::StringSet<> &features, bool depthwise,
                         bool parallel) {
  std::optional<unsigned> pixelLoop =
      findPixelLoop(dot.kernel, dot.lane, dot.selecting);
  int64_t pixels = pixelLoop ? dot.getExtent(*pixelLoop) : 1;
  SmallVector<KernelPlan> plans;
  auto add = [&](KernelPlan::Kind kind, int64_t tilePixels, int64_t vectors,
                 const DotKernel &view) {
    KernelPlan plan{kind, tilePixels, vectors};
    plan.channelsOutermost =
        prefersChannelsOutermost(view, plan, depthwise, parallel);
    plans.push_back(plan);
  };
  if (!depthwise) {
    // Even with half of its columns empty a tile is faster than vectors whose
    // lanes are shared.
    DotKernel whole = dot;
    useWholeLanes(whole, isa);
    TileLoops loops{dot.lane, pixelLoop, whole.lanes, isa.lanes};
    if (auto shape = chooseMatrixShape(features, whole, loops)) {
      add(KernelPlan::Kind::Matrix, shape->rows, shape->vectors, whole);
      for (int64_t rows : {shape->rows, int64_t(16), shape->rows / 2})
        for (int64_t vectors : {2, 1})
          if (rows >= 4 && rows <= pixels && vectors <= shape->vectors)
            add(KernelPlan::Kind::Matrix, rows, vectors, whole);
    }
  }
  bool isMatrix = !plans.empty();
  TileShape shape =
      depthwise ? chooseDepthwiseShape(dot, isa, pixels)
                : chooseTileShape(pixels, dot.getExtent(dot.lane), dot.lanes,
                                  isa.registers,
                                  isa.getCost(dot.operands.storedUnsigned));
  if (pixelLoop && !depthwise) {
    int64_t most = countPixelsInCache(dot.getInput(), *pixelLoop);
    if (shape.pixels > most)
      shape.pixels = llvm::alignTo(getPartOfRow(pixels, most), isa.pixels);
  }
  add(KernelPlan::Kind::Vectors, shape.pixels, shape.vectors, dot);
  KernelPlan ofVectors = plans.back();
  if (depthwise) {
    for (int64_t count = shape.pixels + 2;
         count > 0 && count > shape.pixels - 3; --count)
      if (count <= pixels)
        add(KernelPlan::Kind::Vectors, count, shape.vectors, dot);
    for (int64_t vectors = shape.vectors / 2; vectors > 0; vectors /= 2)
      add(KernelPlan::Kind::Vectors,
          std::min(pixels, getMostDepthwisePixels(isa, vectors)), vectors, dot);
  } else if (!isMatrix) {
    addTiles(pixels, dot.getNumVectors(), isa.registers, ofVectors, plans);
  }
  if (dot.selecting.empty()) {
    KernelPlan other = plans.front();
    other.channelsOutermost ^= true;
    plans.push_back(other);
  }
  // Each once.
  SmallVector<KernelPlan> distinct;
  for (const KernelPlan &plan : plans)
    if (!llvm::is_contained(distinct, plan))
      distinct.push_back(plan);
  return distinct;
}

KernelPlan mlir::compress::choosePlan(func::FuncOp func, StringRef description,
                                      ArrayRef<KernelPlan> plans) {
  auto module = func->getParentOfType<ModuleOp>();
  auto known = module->getAttrOfType<DictionaryAttr>(kTuningAttr);
  if (known && !known.contains(description) &&
      !module->hasAttr(kTuningCandidateAttr))
    remark::missed(func.getLoc(),
                   remark::RemarkOpts::name("Tuning").category("compress"))
        << "there is no plan for '" << description
        << "'; measure it with --tune and the same options";
  if (known)
    if (auto text = known.getAs<StringAttr>(description)) {
      for (const KernelPlan &plan : plans)
        if (plan.print() == text.getValue())
          return plan;
      if (!module->hasAttr(kTuningCandidateAttr)) {
        remark::missed(func.getLoc(),
                       remark::RemarkOpts::name("Tuning").category("compress"))
            << "the plan '" << text.getValue() << "' does not fit '"
            << description << "'; measure it again with --tune";
        return plans.front();
      }
    }
  auto candidate = module->getAttrOfType<IntegerAttr>(kTuningCandidateAttr);
  if (!candidate)
    return plans.front();
  size_t number = candidate.getInt();
  const KernelPlan &plan = plans[number < plans.size() ? number : 0];
  Builder b(func.getContext());
  func->setAttr(kPlanAttr, b.getArrayAttr({b.getStringAttr(description),
                                           b.getStringAttr(plan.print()),
                                           b.getI64IntegerAttr(plans.size())}));
  return plan;
}
