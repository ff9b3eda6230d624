//===- RandomNetwork.h - networks to prune ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Whole networks in the model form, as importers build them: convolutions of
// every kind, residual sums, concatenations, channel shuffles, squeeze and
// excitation, attention and so on, small, with numbers of useful magnitude.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_RANDOMNETWORK_H
#define COMPRESS_UNITTESTS_INTEGRATION_RANDOMNETWORK_H

#include "HostTensor.h"
#include "Random.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace oracle {

struct NetworkOptions {
  /// Activations behind fake_quant and weights of i8, all scales powers of two,
  /// so that sums have the same f32 bits in any order.
  bool quantized = false;
  /// Those scales are no powers of two: integers and f32 round differently, and
  /// biases are codes in the scale of the sums, in another, or f32.
  bool oddScales = false;
  /// Channels are zero as training tools leave them: by filters, by batch
  /// normalizations, by products with constants of zeros and ones.
  bool zeroed = false;
  /// Some of those hold another number, their bias.
  bool biased = false;
};

using MaskPlace = std::pair<mlir::Value, int64_t>;

struct RandomNetwork {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<HostTensor> inputs;
  /// What it is made of, for messages.
  std::string description;
  /// Results of layers before their activation and their dimension of channels:
  /// where masks are useful.
  std::vector<MaskPlace> places;
};

/// The network that follows from `seed`. It verifies.
RandomNetwork buildRandomNetwork(mlir::MLIRContext &context, uint32_t seed,
                                 const NetworkOptions &options = {});

/// The same of TOSA ops, in f32.
RandomNetwork buildRandomTosaNetwork(mlir::MLIRContext &context, uint32_t seed,
                                     const NetworkOptions &options = {});

/// Puts compress.channel_mask behind some of `places` and behind values
/// anywhere in the function, along any dimension. Channels that are dead in one
/// place are so in most others that have as many.
void insertRandomMasks(mlir::ModuleOp module, llvm::ArrayRef<MaskPlace> places,
                       Random &random);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_INTEGRATION_RANDOMNETWORK_H
