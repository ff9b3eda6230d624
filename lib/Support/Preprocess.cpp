//===- Preprocess.cpp - from items of data to inputs of networks ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Dataset.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace compress;

namespace {

/// One way to take dimensions for those of an image.
struct ImageView {
  int64_t channels, height, width;
  bool channelsLast;
};

} // namespace

static SmallVector<ImageView, 2> viewsOf(ArrayRef<int64_t> dims,
                                         Layout layout) {
  SmallVector<ImageView, 2> views;
  if (dims.size() == 3 && layout != Layout::HWC)
    views.push_back({dims[0], dims[1], dims[2], false});
  if (dims.size() == 3 && layout != Layout::CHW)
    views.push_back({dims[2], dims[0], dims[1], true});
  if (dims.size() == 2)
    views.push_back({1, dims[0], dims[1], false});
  return views;
}

static SmallVector<int64_t, 6> withoutOnes(ArrayRef<int64_t> dims) {
  SmallVector<int64_t, 6> result;
  llvm::copy_if(dims, std::back_inserter(result),
                [](int64_t dim) { return dim != 1; });
  return result;
}

static Error optionError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Error checkNumbers(const Preprocess &preprocess) {
  auto finite = [](float value) { return std::isfinite(value); };
  if (!finite(preprocess.scale) || !finite(preprocess.padValue) ||
      !llvm::all_of(preprocess.mean, finite) ||
      !llvm::all_of(preprocess.stddev, finite))
    return optionError("scale, mean, standard deviation and the value of the "
                       "padding must be finite");
  if (llvm::is_contained(preprocess.stddev, 0.0f))
    return optionError("a standard deviation is 0, by which nothing can be "
                       "divided");
  if (preprocess.pad < 0 || preprocess.pad > 1 << 20)
    return optionError("the padding is no number of pixels from 0 to 1048576");
  return Error::success();
}

/// Whether a list of numbers is for images with `channels` channels.
static bool isFor(ArrayRef<float> numbers, int64_t channels) {
  return numbers.size() <= 1 ||
         numbers.size() == static_cast<uint64_t>(channels);
}

static SmallVector<float, 4> perChannel(ArrayRef<float> numbers,
                                        int64_t channels, float otherwise) {
  if (numbers.size() > 1)
    return SmallVector<float, 4>(numbers);
  return SmallVector<float, 4>(channels,
                               numbers.empty() ? otherwise : numbers[0]);
}

static Error mismatch(ArrayRef<int64_t> itemShape, Layout layout,
                      ArrayRef<int64_t> modelDims, int64_t pad) {
  StringRef order = layout == Layout::HWC   ? " (height, width, channels)"
                    : layout == Layout::CHW ? " (channels, height, width)"
                                            : "";
  return optionError(
      "the items of the data have the shape " + shapeString(itemShape) + order +
      (pad ? " and get " + Twine(pad).str() + " pixels on each side" : "") +
      ", but the input of the network has the shape " + shapeString(modelDims) +
      "; " +
      (pad ? "change the padding, or reshape the data and save it as .npy"
           : "set the padding, or resize or reshape the data and save it as "
             ".npy"));
}

Expected<InputPlan> InputPlan::fit(ArrayRef<int64_t> itemShape, Layout layout,
                                   ArrayRef<int64_t> modelDims,
                                   const Preprocess &preprocess) {
  if (Error error = checkNumbers(preprocess))
    return std::move(error);
  if (modelDims.empty() || modelDims.front() != 1)
    return optionError("the input of the network has the shape " +
                       shapeString(modelDims) +
                       ", but items are computed one at a time; compile it "
                       "for a batch of 1");
  if (!checkedProduct(itemShape) || !checkedProduct(modelDims))
    return mismatch(itemShape, layout, modelDims, preprocess.pad);
  ArrayRef<int64_t> input = modelDims.drop_front();
  SmallVector<ImageView, 2> itemViews = viewsOf(itemShape, layout);
  SmallVector<ImageView, 2> inputViews = viewsOf(input, Layout::Unknown);
  int64_t pad = preprocess.pad;

  // Among the ways in which the shapes agree the best is one that keeps the
  // order of the dimensions, fits the lists of numbers and has few channels.
  std::optional<InputPlan> best;
  auto consider = [&](const ImageView &item, bool inputChannelsLast) {
    InputPlan plan;
    plan.channels = item.channels;
    plan.height = item.height;
    plan.width = item.width;
    plan.itemChannelsLast = item.channelsLast;
    plan.inputChannelsLast = inputChannelsLast;
    auto rank = [&](const InputPlan &plan) {
      return std::tuple(plan.itemChannelsLast != plan.inputChannelsLast &&
                            plan.channels != 1,
                        !isFor(preprocess.mean, plan.channels) ||
                            !isFor(preprocess.stddev, plan.channels),
                        plan.channels);
    };
    if (!best || rank(plan) < rank(*best))
      best = plan;
  };
  for (const ImageView &item : itemViews) {
    for (const ImageView &view : inputViews)
      if (view.channels == item.channels && pad <= view.height / 2 &&
          view.height - 2 * pad == item.height && pad <= view.width / 2 &&
          view.width - 2 * pad == item.width)
        consider(item, view.channelsLast);
    // An input without dimensions for the image takes its pixels in order.
    if (input.size() == 1 && item.channels == 1 && pad <= input[0] &&
        item.height <= input[0] && item.width <= input[0] &&
        checkedProduct({item.height + 2 * pad, item.width + 2 * pad}) ==
            input[0])
      consider(item, item.channelsLast);
  }
  // No image: the numbers in their order, unless that is an image's.
  bool ordered = layout != Layout::Unknown && itemViews.front().channels != 1;
  bool sameNumbers =
      withoutOnes(itemShape) == withoutOnes(input) ||
      (input.size() == 1 && checkedProduct(itemShape) == input[0]);
  if (!best && !ordered && sameNumbers && pad == 0)
    consider({1, 1, *checkedProduct(itemShape), false}, false);
  if (!best)
    return mismatch(itemShape, layout, modelDims, pad);

  for (ArrayRef<float> numbers :
       {ArrayRef<float>(preprocess.mean), ArrayRef<float>(preprocess.stddev)})
    if (!isFor(numbers, best->channels))
      return optionError(
          "a mean or standard deviation of " + Twine(numbers.size()) +
          " numbers is given, but the number of channels is " +
          Twine(best->channels) + "; give one number, or one a channel");
  best->pad = pad;
  best->scale = preprocess.scale;
  best->mean = perChannel(preprocess.mean, best->channels, 0.0f);
  best->stddev = perChannel(preprocess.stddev, best->channels, 1.0f);
  for (int64_t c = 0; c < best->channels; ++c) {
    float value = preprocess.padValue;
    if (preprocess.padFirst)
      value = (value * best->scale - best->mean[c]) / best->stddev[c];
    best->padding.push_back(value);
  }
  return *best;
}

namespace {

/// How far apart neighbours are in memory.
struct Strides {
  int64_t channel, row, column;
  Strides(int64_t channels, int64_t height, int64_t width, bool channelsLast) {
    channel = channelsLast ? 1 : height * width;
    row = channelsLast ? width * channels : width;
    column = channelsLast ? channels : 1;
  }
};

} // namespace

void InputPlan::apply(const float *item, float *result) const {
  int64_t paddedHeight = height + 2 * pad, paddedWidth = width + 2 * pad;
  Strides from(channels, height, width, itemChannelsLast);
  Strides to(channels, paddedHeight, paddedWidth, inputChannelsLast);
  if (pad > 0)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = 0; i < paddedHeight * paddedWidth; ++i)
        result[c * to.channel + i * to.column] = padding[c];
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t y = 0; y < height; ++y) {
      const float *source = item + c * from.channel + y * from.row;
      float *target =
          result + c * to.channel + (y + pad) * to.row + pad * to.column;
      for (int64_t x = 0; x < width; ++x)
        target[x * to.column] =
            (source[x * from.column] * scale - mean[c]) / stddev[c];
    }
}

template <typename T>
static void storeIntegers(ArrayRef<float> values, uint8_t *result) {
  // The first float above the range; the smallest number is a float itself.
  constexpr T half = std::numeric_limits<T>::max() / 2 + 1;
  constexpr float above = 2.0f * static_cast<float>(half);
  constexpr auto least = static_cast<float>(std::numeric_limits<T>::min());
  for (float value : values) {
    float rounded = std::nearbyint(value); // Halves to even.
    T stored = std::isnan(rounded) ? 0
               : rounded >= above  ? std::numeric_limits<T>::max()
               : rounded <= least  ? std::numeric_limits<T>::min()
                                   : static_cast<T>(rounded);
    std::memcpy(result, &stored, sizeof(T));
    result += sizeof(T);
  }
}

void compress::convertFromFloat(ArrayRef<float> values, DType dtype,
                                uint8_t *result) {
  switch (dtype) {
  case DType::F32:
    std::memcpy(result, values.data(), values.size() * sizeof(float));
    return;
  case DType::I8:
    return storeIntegers<int8_t>(values, result);
  case DType::U8:
    return storeIntegers<uint8_t>(values, result);
  case DType::I16:
    return storeIntegers<int16_t>(values, result);
  case DType::I32:
    return storeIntegers<int32_t>(values, result);
  case DType::I64:
    return storeIntegers<int64_t>(values, result);
  case DType::U16:
    return storeIntegers<uint16_t>(values, result);
  case DType::U32:
    return storeIntegers<uint32_t>(values, result);
  case DType::U64:
    return storeIntegers<uint64_t>(values, result);
  default:
    llvm_unreachable("no type of a network's input");
  }
}

Expected<float> compress::parseNumber(StringRef text, StringRef option) {
  auto [above, below] = text.split('/');
  double numerator, denominator = 1.0;
  bool fraction = text.contains('/');
  // In f64, whose quotient rounds to the same float as the exact one.
  if (above.trim().getAsDouble(numerator) ||
      (fraction && below.trim().getAsDouble(denominator)) ||
      denominator == 0.0 ||
      !std::isfinite(static_cast<float>(numerator / denominator)))
    return createStringError(inconvertibleErrorCode(),
                             option + ": '" + text +
                                 "' is no number such as 0.5 or 1/255");
  return static_cast<float>(numerator / denominator);
}

Expected<SmallVector<float, 4>> compress::parseNumbers(StringRef text,
                                                       StringRef option) {
  SmallVector<StringRef, 4> parts;
  text.split(parts, ',');
  SmallVector<float, 4> numbers;
  for (StringRef part : parts) {
    Expected<float> number = parseNumber(part, option);
    if (!number)
      return number.takeError();
    numbers.push_back(*number);
  }
  return numbers;
}
