//===- GraphImporter.h - imports the graphs of a model ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_GRAPHIMPORTER_H
#define COMPRESS_LIB_IMPORT_MINDIR_GRAPHIMPORTER_H

#include "BatchNormFold.h"
#include "MindIRGraph.h"
#include "MindIRNode.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::compress {

class GraphImporter {
public:
  GraphImporter(ModelOpBuilder &b, compress_mindir::ModelProto &model,
                const MindIRImportOptions &options);

  /// Builds `@main` at the insertion point of the builder.
  LogicalResult run();

private:
  /// One call of a graph.
  struct Frame {
    const MindIRGraph &graph;
    llvm::StringMap<MindIRValue> values;
    llvm::StringSet<> needed;
  };
  /// What becomes of a node of a batch normalization that is folded twice.
  struct Repair {
    enum class Kind : uint8_t { Skip, ScaleWeights, AddShift };
    Kind kind;
    int input = 0;              // that stays
    SmallVector<float> numbers; // one a channel
  };
  using Values = SmallVector<MindIRValue>;

  LogicalResult indexNames();
  void setSubject(const compress_mindir::NodeProto &node);
  FailureOr<func::FuncOp> createFunction(Values &arguments);
  LogicalResult createReturn(func::FuncOp func, ArrayRef<MindIRValue> results);

  const MindIRGraph &getGraph(compress_mindir::GraphProto &graph);
  /// What the graph makes of its arguments.
  FailureOr<Values> importGraph(compress_mindir::GraphProto &graph,
                                ArrayRef<MindIRValue> arguments);
  LogicalResult importNode(Frame &frame, compress_mindir::NodeProto &node);
  FailureOr<MindIRValue> importRepaired(Frame &frame,
                                        compress_mindir::NodeProto &node,
                                        const Repair &repair);
  FailureOr<MindIRValue> importPrimitive(Frame &frame,
                                         compress_mindir::NodeProto &node);
  FailureOr<MindIRValue> importPartial(Frame &frame,
                                       compress_mindir::NodeProto &node);
  FailureOr<MindIRValue> importSwitch(Frame &frame,
                                      compress_mindir::NodeProto &node);
  FailureOr<MindIRValue> call(const MindIRValue &callee,
                              ArrayRef<MindIRValue> arguments);
  FailureOr<MindIRValue> select(const Tensor &condition,
                                const MindIRValue &ifTrue,
                                const MindIRValue &ifFalse);
  FailureOr<MindIRValue> getValue(Frame &frame, StringRef name);
  FailureOr<Values> getInputs(Frame &frame,
                              const compress_mindir::NodeProto &node);
  /// A parameter or a constant node of any graph; null where it is neither.
  FailureOr<const MindIRValue *> getGlobal(StringRef name);

  /// Before the nodes of the frame are imported: for this call of the graph.
  LogicalResult findRepairs(const Frame &frame);
  LogicalResult repair(const Frame &frame, const BatchNormFold &fold);
  /// An input of the frame, a parameter or a constant; null for other values.
  FailureOr<const MindIRValue *> getKnown(const Frame &frame, StringRef name);
  /// The inputs of `node` from `first` on; none where one is not known.
  FailureOr<std::optional<Values>>
  getArguments(const Frame &frame, const compress_mindir::NodeProto &node,
               int first);
  FailureOr<SmallVector<float>> getNumbers(const Frame &frame, StringRef name);
  /// Whether the weights of `node` are [outputs, inputs, ...].
  FailureOr<bool> hasOutputsFirst(const Frame &frame,
                                  const compress_mindir::NodeProto &node);

  ModelOpBuilder &b;
  compress_mindir::ModelProto &model;
  const MindIRImportOptions &options;
  MindIRNames names;
  llvm::StringMap<compress_mindir::TensorProto *> parameters;
  llvm::StringMap<compress_mindir::NodeProto *> constants;
  llvm::StringMap<MindIRValue> globals; // that have been read
  llvm::DenseMap<const compress_mindir::GraphProto *,
                 std::unique_ptr<MindIRGraph>>
      graphs;
  SmallVector<const compress_mindir::GraphProto *> active;
  unsigned callDepth = 0;
  llvm::DenseMap<const compress_mindir::NodeProto *, Repair> repairs;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_GRAPHIMPORTER_H
