//===- Corpus.cpp - files to damage ---------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SOURCE_DIR is the project's folder.
//
//===----------------------------------------------------------------------===//

#include "Corpus.h"
#include "CompressOnnx.pb.h"
#include "RandomLayers.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cstdlib>
#include <optional>

using namespace compress;
using namespace compress::fuzz;
using llvm::StringRef;
using mlir::compress::Emit;
namespace fs = llvm::sys::fs;

/// The files in and below a folder, in the order of their names; none where
/// there is no such folder.
static std::vector<Sample> filesIn(const llvm::Twine &folder, StringRef suffix,
                                   uint64_t largest) {
  std::vector<Sample> samples;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(folder, ec), end; it != end && !ec;
       it.increment(ec)) {
    uint64_t size = 0;
    if (!StringRef(it->path()).ends_with(suffix) ||
        fs::file_size(it->path(), size) || size > largest)
      continue;
    if (auto buffer = llvm::MemoryBuffer::getFile(it->path()))
      samples.push_back({it->path(), (*buffer)->getBuffer().str()});
  }
  llvm::sort(samples,
             [](const Sample &a, const Sample &b) { return a.name < b.name; });
  return samples;
}

static std::string dataFolder() {
  const char *given = std::getenv("COMPRESS_DATA_DIR");
  return given ? given : SOURCE_DIR "/../shared/data";
}

/// Each function of the tests in a file as a model: with the aliases before
/// it, without comments, and public.
static void splitFunctions(const Sample &file, std::vector<Sample> &samples) {
  llvm::SmallVector<StringRef> lines;
  StringRef(file.content).split(lines, '\n');
  std::string aliases, function;
  unsigned number = 0;
  auto finish = [&] {
    if (!function.empty())
      samples.push_back(
          {file.name + ":" + std::to_string(number++), aliases + function});
    function.clear();
  };
  for (StringRef line : lines) {
    if (line.starts_with("// -----")) {
      finish();
      aliases.clear();
    }
    StringRef text = line.ltrim();
    if (text.starts_with("//") || text.starts_with("module"))
      continue;
    if (line.starts_with("#") || line.starts_with("!")) {
      aliases += line.str() + "\n";
      continue;
    }
    if (text.starts_with("func.func")) {
      finish();
      size_t place = line.find(" private ");
      function =
          place == StringRef::npos
              ? line.str()
              : line.take_front(place).str() + line.drop_front(place + 8).str();
      function += "\n";
    } else if (!function.empty()) {
      function += line.str() + "\n";
    }
  }
  finish();
}

std::vector<Sample> fuzz::oddModels() {
  std::vector<Sample> samples;
  for (const Sample &file :
       filesIn(SOURCE_DIR "/unittests/Fuzz/Inputs", ".mlir", 1 << 20))
    splitFunctions(file, samples);
  return samples;
}

/// The model of one of ONNX's node tests with all inputs but the first as
/// constants: without them most operators look no further.
static std::optional<Sample> freezeInputs(const Sample &model) {
  compress_onnx::ModelProto proto;
  if (!proto.ParseFromString(model.content))
    return std::nullopt;
  compress_onnx::GraphProto &graph = *proto.mutable_graph();
  StringRef folder = llvm::sys::path::parent_path(model.name);
  for (int i = 1; i < graph.input_size(); ++i) {
    auto file = llvm::MemoryBuffer::getFile(folder + "/test_data_set_0/input_" +
                                            llvm::Twine(i) + ".pb");
    compress_onnx::TensorProto *constant = graph.add_initializer();
    if (!file || !constant->ParseFromString((*file)->getBuffer().str()))
      return std::nullopt;
    constant->set_name(graph.input(i).name());
  }
  return Sample{model.name + " frozen", proto.SerializeAsString()};
}

void Corpus::addGroup(std::vector<Sample> group) {
  if (!group.empty())
    groups.push_back(std::move(group));
}

const Sample &Corpus::any(Random &random) const {
  return anyOf(random, anyOf(random, groups));
}

std::vector<const Sample *> Corpus::all() const {
  std::vector<const Sample *> samples;
  for (const std::vector<Sample> &group : groups)
    for (const Sample &sample : group)
      samples.push_back(&sample);
  return samples;
}

Corpus Corpus::onnx() {
  Corpus corpus;
  std::string data = dataFolder();
  corpus.addGroup(filesIn(SOURCE_DIR "/examples/digits", ".onnx", 1 << 20));
  std::vector<Sample> tests =
      filesIn(data + "/onnx_conformance", ".onnx", 1 << 16);
  std::vector<Sample> frozen;
  for (const Sample &test : tests)
    if (std::optional<Sample> sample = freezeInputs(test))
      frozen.push_back(std::move(*sample));
  corpus.addGroup(std::move(tests));
  corpus.addGroup(std::move(frozen));
  std::vector<Sample> networks;
  for (StringRef folder : {"/mlperf_resnet8", "/cifar10_resnet", "/mindspore"})
    for (Sample &sample : filesIn(data + folder, ".onnx", 2 << 20))
      networks.push_back(std::move(sample));
  corpus.addGroup(std::move(networks));
  return corpus;
}

Corpus Corpus::mindir() {
  Corpus corpus;
  corpus.addGroup(mindirModels());
  corpus.addGroup(filesIn(dataFolder() + "/mindspore", ".mindir", 300 << 10));
  return corpus;
}

Corpus Corpus::text(Compiler &compiler) {
  Corpus corpus;
  std::vector<Sample> forms;
  for (Sample &model : filesIn(SOURCE_DIR "/examples/digits", ".onnx", 1 << 20))
    for (Emit emit : {Emit::Model, Emit::Qdq, Emit::Integer}) {
      Sample form;
      std::string message;
      form.name = model.name + " as form " + std::to_string(int(emit));
      if (compiler.compile(model.content, emit, message, &form.content)
              .empty() &&
          message.empty())
        forms.push_back(std::move(form));
    }
  corpus.addGroup(std::move(forms));

  std::vector<Sample> tests;
  for (const Sample &file : filesIn(SOURCE_DIR "/test", ".mlir", 1 << 16))
    splitFunctions(file, tests);
  corpus.addGroup(std::move(tests));

  std::vector<Sample> layers;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    oracle::GraphBuilder graph(/*quantized=*/seed % 4 != 0);
    std::string name = oracle::addRandomLayer(graph, seed);
    layers.push_back({"random layer: " + name, graph.module()});
  }
  corpus.addGroup(std::move(layers));
  corpus.addGroup(oddModels());

  std::string data = dataFolder();
  std::vector<Sample> networks;
  for (StringRef folder : {"/mlperf_resnet8", "/lenet_linalg"})
    for (Sample &sample : filesIn(data + folder, ".mlir", 1 << 20))
      networks.push_back(std::move(sample));
  corpus.addGroup(std::move(networks));
  return corpus;
}

Corpus Corpus::bytecode(Compiler &compiler) {
  Corpus corpus;
  std::vector<Sample> models;
  Corpus texts = text(compiler);
  for (const Sample *sample : texts.all()) {
    std::string message, text;
    if (!compiler.compile(sample->content, Emit::Model, message, &text)
             .empty() ||
        !message.empty())
      continue;
    Sample model = {sample->name, compiler.toBytecode(text)};
    if (!model.content.empty())
      models.push_back(std::move(model));
  }
  corpus.addGroup(std::move(models));
  return corpus;
}
