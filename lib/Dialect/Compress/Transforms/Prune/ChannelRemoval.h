//===- ChannelRemoval.h - which channels can go, and taking them out -*- C++
//-*-=//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELREMOVAL_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELREMOVAL_H

#include "ChannelConstants.h"
#include "CodeLayer.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "PrunableLayer.h"

namespace mlir::compress {

/// What the elements of a removed channel still add to a sum, the same number
/// at all places: one for each element of the result's dimension `dim`; of a
/// layer on codes, integers.
struct BiasChange {
  Operation *op;
  unsigned dim;
  SmallVector<double> numbers;
  bool isOnCodes = false;
};

/// Decides which units can go without a change of what the network computes: of
/// every sum that goes over one of their elements the term is zero, or one
/// number that moves into the bias; and of every dimension one element stays.
class ChannelRemoval {
public:
  ChannelRemoval(const ChannelGraph &graph, const ChannelConstants &constants,
                 func::FuncOp func);

  bool isRemoved(unsigned unit) const { return removed[graph.getUnit(unit)]; }
  /// The elements of an axis that stay, ascending.
  SmallVector<int64_t> getKept(unsigned axis) const;
  bool losesElements(unsigned axis) const;
  bool removesAny() const;

  /// Why a unit stays of which a channel is zero.
  struct Obstacle {
    Operation *op = nullptr;
    std::string reason;
  };
  const Obstacle *getObstacle(unsigned unit) const;

  /// The changes of biases for all that is removed.
  SmallVector<BiasChange> getBiasChanges() const;

private:
  struct Term {
    unsigned node; // of the input
    Operation *op;
    BiasChange change;
  };
  /// A layer with what is read of it once: its filter in f32, or as codes.
  struct Layer {
    Operation *op = nullptr;
    std::optional<PrunableLayer> view;
    bool isRead = false;
    std::optional<ConstantData> filter;
    std::optional<CodeLayer> codes;
    bool isTosaOnCodes = false; // with a filter of integers
    std::string reason;         // neither
    double codesLeft = 0;       // that the bias may still take
  };
  void visitSum(Operation *op);
  void read(Layer &layer) const;
  void addTerm(Layer &layer, unsigned loop, unsigned node, unsigned index,
               double number);
  void visitScatter(ScatterChannelsOp op);
  void block(unsigned node, Operation *op, const llvm::Twine &reason);
  void keepOneOfEach();
  void followScatters(func::FuncOp func);

  const ChannelGraph &graph;
  const ChannelConstants &constants;
  std::vector<char> summed;  // of a unit: a sum goes over it
  std::vector<char> removed; // of a unit
  DenseMap<unsigned, Obstacle> obstacles;
  std::vector<Term> terms;
};

/// The elements of an axis as they are to be, by their old places; none where
/// nothing changes.
using AxisElements =
    function_ref<std::optional<SmallVector<int64_t>>(unsigned axis)>;

/// Brings all types, constants and attributes to these elements.
void arrangeChannels(func::FuncOp func, const ChannelGraph &graph,
                     AxisElements elements);

/// Takes the removed elements out of all types, constants and attributes.
void dropChannels(func::FuncOp func, const ChannelGraph &graph,
                  const ChannelRemoval &removal);

struct RemovalCounts {
  size_t removed = 0;   // units
  size_t kept = 0;      // masked channels that stay
  size_t scattered = 0; // branches
};

/// What --compress-remove-channels does. `beforeDropping` may look at the
/// function while it still has everything.
RemovalCounts
removeChannels(func::FuncOp func,
               function_ref<void(const ChannelGraph &, const ChannelRemoval &)>
                   beforeDropping = nullptr);

/// Adds f32 numbers to the bias of a layer, one for each of its channels; the
/// layer has one dimension of channels.
void addToBias(Operation *layer, ArrayRef<float> numbers);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELREMOVAL_H
