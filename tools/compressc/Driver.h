//===- Driver.h - from a model to what was asked for ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_DRIVER_H
#define COMPRESS_TOOLS_COMPRESSC_DRIVER_H

#include "Compress/Codegen/Common/TargetCpu.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Import/Reader/ModelReader.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Sensitivity.h"
#include "Compress/Pipelines/Tuning.h"
#include "Compress/Report/CompilationReport.h"
#include "Compress/Support/OutputFile.h"
#include "Console.h"
#include "mlir/Pass/PassManager.h"
#include <functional>

namespace mlir::compress {

/// What is made of a model, in the order in which it is made.
enum class Emit : uint8_t {
  Model,
  Pruned,
  Onnx,
  Qdq,
  Integer,
  Code,
  Llvm,
  Asm,
  Obj,
  Shared
};

/// How weights become codes.
enum class WeightRounding {
  Nearest,      ///< each for itself
  Auto,         ///< as the next, in layers where that takes little time
  LeastSquares, ///< so that the outputs of a layer change least
};

/// What becomes of convolutions and products that read the network's input.
enum class InputLayers {
  Auto, ///< f32 if they make up little of the network
  Int8
};

/// How a float model is quantized: by data, or by ranges that are known.
struct QuantizeChoice {
  ::compress::SampleSource source;
  ::compress::RangeOptions range;
  WeightRange weights = WeightRange::MinMax;
  WeightRounding rounding = WeightRounding::Nearest;
  InputLayers inputLayers = InputLayers::Auto;
  bool biasCorrection = true;
  bool equalization = true;
  std::vector<std::string> keepFloat; ///< patterns of names of ops
  std::string ranges;                 ///< the file that has them; empty: data
  std::string saveRanges;             ///< the file to write them to, or empty
};

/// How a model is pruned: by SCOP's gates, or by a score.
struct PruneChoice {
  bool byGates = false;
  double rate = 0;
  SelectChannelsPassOptions select;     ///< where it is by a score
  std::optional<PruneCriterion> byData; ///< whose scores come from data
  bool repair = false;                  ///< weights fitted to data
  bool inOrder = true;             ///< and again, one layer after the other
  int64_t trials = 1;              ///< networks tried to divide a budget
  ::compress::SampleSource source; ///< the data of these two
  std::string saveScores;          ///< the file to write scores to, or empty
  std::string sensitivity;         ///< the file to divide a budget by, or empty
  std::string criterion; ///< as that file names the one of scores from data
};

/// What is measured of a model in place of compiling it.
struct SensitivityChoice {
  SensitivityOptions measure;
  std::string output, chart; ///< files; no chart where it is empty
};

struct DriverOptions {
  std::string model, output, report;   ///< files; "-" is standard in or output
  std::vector<std::string> inputFiles; ///< that are read besides the model
  Emit emit = Emit::Shared;
  std::string emitName;
  ReadOptions read;
  unsigned threads = 1;
  std::vector<std::string> targetCpus{"native"}; ///< one, or versions for all
  std::string target; ///< a triple of LLVM; empty: that of this machine
  std::optional<PruneChoice> prune;
  std::optional<QuantizeChoice> quantize;
  std::optional<SensitivityChoice> sensitivity; ///< there is no output then
  bool int8Io = false;
  bool bytecode = false; ///< write MLIR as bytecode
  bool header = true;    ///< write the C header with objects and libraries
  CpuStrategy strategy = CpuStrategy::Kernels;
  bool emulateDot = false;
  bool winograd = true;     ///< f32 convolutions with fewer products
  int64_t winogradTile = 2; ///< outputs along a side of its tiles: 2 or 4
  bool bfloat16 = false;    ///< layers of f32 networks multiply bf16
  bool profile = false;     ///< count the time of each kernel
  std::string debugInfo;    ///< the file that lines are of, or empty
  std::string tuning;       ///< the file of how to compute kernels, or empty
  bool tune = false;        ///< measure what it lacks
  std::string producer, version;
  Verbosity verbosity = Verbosity::Normal;
};

/// One compilation.
class Driver {
public:
  Driver(const DriverOptions &options, MLIRContext &context,
         RemarkCollector &remarks, Console &console);

  /// Compiles and returns the exit code.
  int run();

  /// Whether the context has been damaged by a crash and must be left alone.
  bool crashed() const { return hasCrashed; }

private:
  LogicalResult read();
  LogicalResult prune();
  LogicalResult pruneByData();
  bool ordersChannels() const;
  llvm::Expected<::compress::SensitivityFile> readSensitivity();
  LogicalResult lowerTensors();
  LogicalResult checkQuantizable();
  LogicalResult
  checkFloatOption(llvm::StringRef option, llvm::StringRef lack,
                   llvm::StringRef cpu,
                   llvm::function_ref<bool(llvm::StringRef)> serves);
  LogicalResult checkFloatOptions();
  LogicalResult quantize();
  LogicalResult calibrate(::compress::CalibrationTable &table,
                          std::vector<::compress::TensorStatistics> &statistics,
                          ObservedNetwork &network);
  LogicalResult readRanges(::compress::CalibrationTable &table);
  LogicalResult chooseFactors(::compress::CalibrationTable &table);
  LogicalResult roundByData(::compress::CalibrationTable &table);
  LogicalResult equalize(const ::compress::CalibrationTable &table);
  void reportRanges(const ::compress::CalibrationTable &table,
                    ArrayRef<::compress::TensorStatistics> statistics);
  LogicalResult compareWithFloat(ObservedNetwork &floatNetwork);
  std::function<void(int64_t, int64_t)>
  countSamples(StringRef doing, StringRef unit = " samples");
  std::function<void(StringRef, int64_t, int64_t)> countSteps();
  LogicalResult failCalibration(llvm::Error error);
  CpuOptions cpuOptions() const;
  LogicalResult readTuning();
  LogicalResult tune();
  LogicalResult lowerToCode();
  /// Makes the code of the kernels an output, of which operations know their
  /// lines.
  void keepLines();
  LogicalResult lowerToLlvm(StringRef functionName);
  LogicalResult runPasses(StringRef doing,
                          function_ref<void(PassManager &)> build);
  LogicalResult fail(llvm::Error error);

  /// Writes what pruning would cost.
  int measureSensitivity();
  int writeModule();
  int writeOnnx();
  int writeMachineCode();
  int writeVersions();
  using Object = llvm::SmallVector<char, 0>; ///< the bytes of an object file
  LogicalResult addObject(std::vector<Object> &objects,
                          llvm::Expected<Object> made);
  /// Links objects, or takes the only one, and finishes.
  int writeObjects(ArrayRef<Object> objects);
  void addHeader();
  /// Writes the output, and with it the header and the report.
  int finish(StringRef output, bool executable = false);
  /// An exit code where two of the files are one.
  int checkFiles();
  std::string getHeaderPath() const;

  const DriverOptions &options;
  MLIRContext &context;
  RemarkCollector &remarks;
  Console &console;
  OwningOpRef<ModuleOp> module;
  std::vector<TargetCpu> cpus;
  const TargetCpu *cpu = nullptr; ///< of cpus, the one that code is made for
  TuningTable tuning;
  CompilationReport report;
  std::vector<::compress::OutputRequest> outputs;
  std::string name; ///< of the network
  bool hasCrashed = false;
};

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_DRIVER_H
