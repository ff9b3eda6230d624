//===- MindIRGraph.h - who makes and who reads a value ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_MINDIRGRAPH_H
#define COMPRESS_LIB_IMPORT_MINDIR_MINDIRGRAPH_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace compress_mindir {
class GraphProto;
class ModelProto;
class NodeProto;
class PrimitiveProto;
} // namespace compress_mindir

namespace mlir::compress {

/// The primitives and functions of a model by their names.
class MindIRNames {
public:
  explicit MindIRNames(compress_mindir::ModelProto &model);

  /// What "REF::<name>" of a node names; null where it is none.
  compress_mindir::PrimitiveProto *
  getPrimitive(const compress_mindir::NodeProto &node) const;
  compress_mindir::GraphProto *getFunction(StringRef name) const {
    return functions.lookup(name);
  }
  /// The name of a name that two have.
  std::optional<StringRef> getTwice() const { return twice; }

  /// The operator of a node: of its primitive, or its own.
  StringRef getOpType(const compress_mindir::NodeProto &node) const;

private:
  llvm::StringMap<compress_mindir::PrimitiveProto *> primitives;
  llvm::StringMap<compress_mindir::GraphProto *> functions;
  std::optional<StringRef> twice;
};

/// What "REF::" stands before in the op_type of a node; the op_type otherwise.
StringRef getReferee(const compress_mindir::NodeProto &node);

/// A graph of the file: every name has one node.
class MindIRGraph {
public:
  MindIRGraph(const MindIRNames &names,
              const compress_mindir::GraphProto &graph);

  const MindIRNames &names;
  const compress_mindir::GraphProto &graph;

  /// The node that gives `name`; null for inputs, parameters and others.
  const compress_mindir::NodeProto *getProducer(StringRef name) const {
    return producers.lookup(name);
  }
  /// The same if it is of the operator `opType`.
  const compress_mindir::NodeProto *getProducer(StringRef name,
                                                StringRef opType) const;
  /// Nodes and operands, about what a call of the graph takes.
  int64_t getSize() const { return size; }
  unsigned countUses(StringRef name) const { return uses.lookup(name); }
  /// `name`, or where it is a Load what that loads.
  StringRef getLoaded(StringRef name) const;

  /// The names on which the outputs depend.
  llvm::StringSet<> findNeeded() const;

private:
  llvm::StringMap<const compress_mindir::NodeProto *> producers;
  llvm::StringMap<unsigned> uses;
  int64_t size = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_MINDIRGRAPH_H
