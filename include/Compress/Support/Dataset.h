//===- Dataset.h - samples to calibrate and evaluate with -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data sets as a command line names them:
//
//   cifar10:FILE                 the binary version of CIFAR-10 and its like:
//                                records of a label and a 3x32x32 image
//   idx:IMAGES[,LABELS]          MNIST's format, of unsigned bytes; the files
//                                may be compressed with gzip
//   raw:FILE,NxHxWxC[,LABELS]    unsigned bytes, channels innermost
//   npy:X[,Y]                    X is [N,...] with numbers of any type
//
// LABELS and Y are an idx file, a .npy file with N integers or, for raw and
// npy, a text file with N integers between white space. File names contain no
// commas. Items are read one by one: memory does not grow with their number,
// except by four bytes an item where the labels are text.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_DATASET_H
#define COMPRESS_SUPPORT_DATASET_H

#include "Compress/Support/NdArray.h"
#include <vector>

namespace compress {

class ByteSource;

/// What the dimensions of an item are.
enum class Layout : uint8_t {
  Unknown, ///< as in the file, which does not say
  HWC,     ///< height, width, channels
  CHW      ///< channels, height, width
};

/// Items of one shape, each with a label perhaps.
class Dataset {
public:
  /// Opens what `spec` names. Errors name the file and the remedy. The sizes
  /// of the files are checked here, those of compressed files as they are
  /// read.
  static llvm::Expected<std::unique_ptr<Dataset>> open(llvm::StringRef spec);
  ~Dataset();

  /// The number of items, at least 1.
  int64_t size() const { return numItems; }

  /// The dimensions of an item, without the number of items.
  llvm::ArrayRef<int64_t> itemShape() const { return shape; }
  int64_t itemElements() const { return numElements; }
  Layout layout() const { return itemLayout; }
  bool hasLabels() const { return labelSource || !textLabels.empty(); }

  /// Reads item `index`, as the file has it, into the `itemElements()` floats
  /// at `result`. Fastest in ascending order.
  llvm::Error read(int64_t index, float *result);

  /// The label of item `index`, 0 or more. Only where there are labels.
  llvm::Expected<int64_t> label(int64_t index);

  /// Checks that `count` items from item `first` have labels below
  /// `numClasses`.
  llvm::Error checkLabels(int64_t numClasses, int64_t count, int64_t first = 0);

private:
  friend class DatasetReader;
  Dataset();

  /// Item i is at itemOffset + i * itemStride in its source, a label likewise.
  std::shared_ptr<ByteSource> itemSource, labelSource;
  int64_t itemOffset = 0, itemStride = 0, labelOffset = 0, labelStride = 0;
  DType itemType = DType::U8, labelType = DType::U8;
  std::vector<int32_t> textLabels;
  std::string labelPath;

  int64_t numItems = 0, numElements = 0;
  llvm::SmallVector<int64_t, 4> shape;
  Layout itemLayout = Layout::Unknown;
};

/// What is done to an item before a network sees it: every number x of channel
/// c becomes (x * scale - mean[c]) / stddev[c], in this order and in f32, and
/// `pad` pixels are put on each side.
struct Preprocess {
  float scale = 1.0f;
  llvm::SmallVector<float, 4> mean;   ///< none, one, or one a channel
  llvm::SmallVector<float, 4> stddev; ///< likewise; not 0
  int64_t pad = 0;                    ///< pixels on each of the four sides
  float padValue = 0.0f;
  bool padFirst = false; ///< padValue is a pixel before normalization
};

/// How an item becomes the input of a network: which dimension is which, and
/// the numbers of a Preprocess.
class InputPlan {
public:
  /// Matches items with the input of a network. `modelDims` are the input's
  /// dimensions, the batch first, which must be 1. The layouts are told apart
  /// by the number of channels; items whose layout is not known are taken to
  /// have the network's where both are possible. A dimension of 1 may be
  /// missing, and images with one channel may go to an input without
  /// dimensions for them. The error names both shapes and the remedy.
  static llvm::Expected<InputPlan> fit(llvm::ArrayRef<int64_t> itemShape,
                                       Layout layout,
                                       llvm::ArrayRef<int64_t> modelDims,
                                       const Preprocess &preprocess);

  int64_t itemElements() const { return channels * height * width; }
  int64_t inputElements() const {
    return channels * (height + 2 * pad) * (width + 2 * pad);
  }

  /// Makes the `inputElements()` floats at `result` of the `itemElements()`
  /// floats at `item`.
  void apply(const float *item, float *result) const;

private:
  int64_t channels = 1, height = 1, width = 1, pad = 0;
  bool itemChannelsLast = false, inputChannelsLast = false;
  float scale = 1.0f;
  /// One number a channel.
  llvm::SmallVector<float, 4> mean, stddev, padding;
};

/// Stores floats as elements of the type `dtype` of a network's input.
/// Integers are rounded, halves to even, and saturated; NaN becomes 0. Types
/// of the ABI only, no bools: `isInteger(dtype)` or f32.
void convertFromFloat(llvm::ArrayRef<float> values, DType dtype,
                      uint8_t *result);

/// Reads numbers as options have them: "0.5", "-1e-3", "1/255". The quotient
/// is the nearest float. `option` is named in the error.
llvm::Expected<float> parseNumber(llvm::StringRef text, llvm::StringRef option);

/// Reads numbers between commas.
llvm::Expected<llvm::SmallVector<float, 4>>
parseNumbers(llvm::StringRef text, llvm::StringRef option);

} // namespace compress

#endif // COMPRESS_SUPPORT_DATASET_H
