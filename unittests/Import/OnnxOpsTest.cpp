//===- OnnxOpsTest.cpp - operators beyond f32 networks --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxTestModel.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <cmath>
#include <fstream>
#include <optional>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

constexpr int kUint8 = 2, kInt8 = 3, kInt32 = 6, kInt64 = 7, kBool = 9;

void expectInOrder(const ImportResult &result, std::vector<std::string> texts) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  size_t at = 0;
  for (const std::string &text : texts) {
    size_t found = result.ir.find(text, at);
    ASSERT_NE(found, std::string::npos) << text << "\nin\n" << result.ir;
    at = found + text.size();
  }
}

void expectAbsent(const ImportResult &result, const std::string &text) {
  EXPECT_EQ(result.ir.find(text), std::string::npos) << result.ir;
}

void expectError(const ImportResult &result, const std::string &text) {
  ASSERT_FALSE(result) << result.ir;
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find(text), std::string::npos) << result.errors[0];
}

TEST(OnnxOps, IntegersStandForThemselves) {
  TestModel m;
  m.input("x", {2, 3}, kUint8).output("y").codes("one", {}, kUint8, {200});
  m.node("Max", {"x", "one"}, {"y"});
  expectInOrder(import(m), {"tensor<2x3xi8>", "compress.element_type = ui8",
                            "tensor<2x3xi8>", "compress.element_type = ui8",
                            "arith.constant -56 : i8", "arith.maxui"});
}

TEST(OnnxOps, BoolsAreBytes) {
  TestModel m;
  m.input("x", {4}).input("c", {4}, kBool).output("y").output("z");
  m.floats("half", {}, {0.5f});
  m.node("Less", {"x", "half"}, {"l"});
  m.node("And", {"l", "c"}, {"z"});
  m.node("Where", {"z", "x", "half"}, {"y"});
  expectInOrder(import(m),
                {"compress.element_type = i1", "arith.cmpf olt", "arith.extui",
                 "i1 to i8", "arith.trunci", "arith.andi", "arith.select"});
}

TEST(OnnxOps, DivisionIsDefinedForAllIntegers) {
  TestModel m;
  m.input("x", {4}, kInt32).input("d", {4}, kInt32).output("y");
  m.node("Div", {"x", "d"}, {"y"});
  expectInOrder(import(m), {"arith.cmpi eq", "arith.select", "arith.divsi"});
}

TEST(OnnxOps, ShapeArithmeticFolds) {
  // What PyTorch writes for expand(-1, 4): where(shape == -1, 1, shape).
  TestModel m;
  m.input("x", {3, 1}).output("y").longs("shape", {-1, 4});
  m.longs("minus", {-1, -1}).longs("ones", {1, 1});
  m.node("Equal", {"shape", "minus"}, {"same"});
  m.node("Where", {"same", "ones", "shape"}, {"target"});
  m.node("Expand", {"x", "target"}, {"y"});
  ImportResult result = import(m);
  expectInOrder(result, {"linalg.broadcast", "tensor<3x4xf32>"});
  expectAbsent(result, "arith.cmpi");
}

TEST(OnnxOps, WeightArithmeticFolds) {
  // Quantization-aware training scales weights by what batch norm does.
  TestModel m;
  m.input("x", {1, 2}).output("y").floats("w", {2, 2}, {1, 2, 3, 4});
  m.floats("g", {2, 1}, {2, 4});
  m.node("Div", {"w", "g"}, {"v"});
  m.node("MatMul", {"x", "v"}, {"y"});
  ImportResult result = import(m);
  expectInOrder(result, {"5.000000e-01, 1.000000e+00", "7.500000e-01"});
  expectAbsent(result, "arith.divf");
}

TEST(OnnxOps, OperatorsFromCodesToCodes) {
  TestModel m;
  m.input("x", {1, 1, 4, 4}).output("y").scale(0.5f, 3, kUint8);
  m.codes("w", {2, 1, 3, 3}, kInt8, {1, -2, 3}).codes("b", {2}, kInt32, {5, 6});
  m.floats("ws", {2}, {0.25f, 0.125f}).codes("wz", {2}, kInt8, {0, 0});
  m.floats("ys", {}, {2}).codes("yz", {}, kUint8, {128});
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  m.node("QLinearConv", {"q", "s", "z", "w", "ws", "wz", "ys", "yz", "b"},
         {"c"});
  m.node("DequantizeLinear", {"c", "ys", "yz"}, {"y"});
  expectInOrder(import(m), {"!quant.uniform<i32:f32:0, "
                            "{1.250000e-01,6.250000e-02}>",
                            "compress.fake_quant", "linalg.conv_2d_nchw_fchw",
                            "compress.fake_quant"});
}

TEST(OnnxOps, ProductsOfIntegers) {
  TestModel m;
  m.input("x", {2, 3}, kUint8).output("y").codes("w", {3, 4}, kInt8, {1, 2});
  m.codes("xz", {}, kUint8, {100});
  m.node("MatMulInteger", {"x", "w", "xz"}, {"y"});
  expectInOrder(import(m), {"arith.xori", "arith.constant -28 : i32",
                            "linalg.quantized_matmul", "tensor<2x4xi32>"});
}

TEST(OnnxOps, DynamicQuantization) {
  TestModel m;
  m.input("x", {2, 3}).output("y").output("s").output("z");
  m.node("DynamicQuantizeLinear", {"x"}, {"y", "s", "z"});
  expectInOrder(import(m),
                {"tensor<2x3xi8>", "ui8", "tensor<f32>", "tensor<i8>", "ui8",
                 "arith.maximumf", "arith.minimumf", "math.roundeven"});
}

TEST(OnnxOps, CodesUnderAnotherScale) {
  TestModel m;
  m.input("x", {4}).output("y").scale(0.5f, 0, kInt8).floats("t", {}, {2});
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  m.node("DequantizeLinear", {"q", "t", "z"}, {"y"});
  expectInOrder(import(m),
                {"!quant.uniform<i8:f32, 2.000000e+00>", "compress.fake_quant",
                 "arith.divf", "math.roundeven", "quant.scast"});
}

TEST(OnnxOps, IndicesStayInRange) {
  TestModel m;
  m.input("x", {5, 2}).input("i", {3}, kInt64).output("y");
  m.node("Gather", {"x", "i"}, {"y"});
  expectInOrder(import(m), {"arith.index_cast", "arith.cmpi slt", "arith.maxsi",
                            "arith.minsi", "tensor.extract"});
}

TEST(OnnxOps, FewSlicesAreNoTable) {
  TestModel m;
  m.input("x", {6, 2}).output("y").longs("i", {0, 2, 4, 5, -5});
  m.node("Gather", {"x", "i"}, {"y"});
  ImportResult result = import(m);
  expectInOrder(result, {"tensor.extract_slice %arg0[0, 0] [3, 2] [2, 1]",
                         "tensor.extract_slice %arg0[5, 0] [1, 2] [1, 1]",
                         "tensor.extract_slice %arg0[1, 0] [1, 2] [1, 1]",
                         "tensor.concat"});
  expectAbsent(result, "tensor.extract %");
}

TEST(OnnxOps, ScatterAtConstantPlaces) {
  // Masks of windowed attention are made so, of constants.
  auto scatter = [](bool ofConstants, int64_t place) {
    TestModel m;
    m.input("x", {2, 2}).output("y").floats("d", {2, 2}, {1, 2, 3, 4});
    m.floats("u", {1, 2}, {7, 8})
        .tensor("i", {1, 1}, kInt64)
        ->add_int64_data(place);
    m.node("ScatterND", {ofConstants ? "d" : "x", "i", "u"}, {"s"});
    m.node("Add", {"x", "s"}, {"y"});
    return import(m);
  };
  expectInOrder(scatter(true, -1),
                {"1.000000e+00, 2.000000e+00", "7.000000e+00, 8.000000e+00"});
  expectInOrder(scatter(false, 0), {"dense<[0, -1]>", "tensor.extract",
                                    "arith.select", "arith.addf"});
  expectError(scatter(true, 2), "replaces element 2 of 2");
}

TEST(OnnxOps, ResizeRepeats) {
  TestModel m;
  m.input("x", {1, 1, 2, 3}).output("y").floats("s", {4}, {1, 1, 2, 2});
  m.node("Resize", {"x", "", "s"}, {"y"})
      .text("coordinate_transformation_mode", "asymmetric")
      .text("nearest_mode", "floor");
  ImportResult result = import(m);
  expectInOrder(result, {"linalg.broadcast", "tensor.collapse_shape",
                         "linalg.broadcast", "tensor<1x1x4x6xf32>"});
  expectAbsent(result, "arith.mulf");
}

TEST(OnnxOps, TransposedConvolution) {
  TestModel m;
  m.input("x", {1, 1, 3, 3})
      .output("y")
      .floats("w", {1, 2, 2, 2}, {1, 2, 3, 4});
  m.node("ConvTranspose", {"x", "w"}, {"y"}).ints("strides", {2, 2});
  expectInOrder(import(m), {"tensor.pad", "tensor.extract_slice", "tensor.pad",
                            "linalg.conv_2d_nchw_fchw", "tensor<1x2x6x6xf32>"});
}

TEST(OnnxOps, TypesAreThoseOfTheTable) {
  TestModel m;
  m.input("x", {2}, kInt32).output("y");
  m.node("Sigmoid", {"x"}, {"y"});
  expectError(import(m),
              "'onnx.Sigmoid' (node \"the Sigmoid\") of int32 is not "
              "supported; of float32 it is");
  std::string list;
  llvm::raw_string_ostream os(list);
  printOnnxOps(os);
  EXPECT_NE(list.find("Sigmoid"), std::string::npos);
  EXPECT_NE(list.find("com.microsoft.QLinearAdd"), std::string::npos);
  EXPECT_NE(list.find("compress.ChannelGate"), std::string::npos);
}

TEST(OnnxOps, GatesOfChannels) {
  auto gate = [](std::vector<float> beta, std::optional<int64_t> axis,
                 const Shape &shape = {1, 2, 3}) {
    TestModel m;
    m.input("x", shape).output("y").floats("g", {2}, {1, -0.5f});
    m.floats("b", {static_cast<int64_t>(beta.size())}, beta);
    m.ownFunction("ChannelGate", "Identity");
    NodeBuilder node = m.node("ChannelGate", {"x", "b", "g"}, {"y"});
    node.proto()->set_domain("compress");
    if (axis)
      node.attr("axis", *axis);
    return m;
  };
  std::string op = "compress.channel_gate %arg0 {axis = 1 : i64, beta = "
                   "array<f32: 2.500000e-01, 7.500000e-01>, gamma = "
                   "array<f32: 1.000000e+00, -5.000000e-01>}";
  expectInOrder(import(gate({0.25f, 0.75f}, std::nullopt)), {op});
  expectInOrder(import(gate({0.25f, 0.75f}, -2)), {op});
  TestModel alone = gate({0.25f, 0.75f}, 1);
  alone.model.clear_functions();
  expectInOrder(import(alone), {op});

  std::string subject =
      "'\"compress\".ChannelGate' (node \"the ChannelGate\") ";
  expectError(import(gate({0.5f, 0.5f, 0.5f}, 1)),
              subject + "has 3 numbers in beta (input \"b\") for 2 channels");
  expectError(import(gate({0.5f, 0.5f}, 2)),
              subject + "has 2 numbers in beta (input \"b\") for 3 channels");
  expectError(import(gate({0.5f, 0.5f, 0.5f}, 2)),
              subject + "has 2 numbers in gamma (input \"g\") for 3 channels");
  expectError(import(gate({0.5f, 0.5f}, 3)), "axes within 3 dimensions, not 3");
  expectError(import(gate({0.5f, std::nanf("")}, 1)),
              subject + "requires finite numbers in beta (input \"b\"); the "
                        "one of channel 1 is not");
  TestModel open = gate({0.5f, 0.5f}, 1);
  open.input("b2", {2});
  open.graph().mutable_node(0)->set_input(1, "b2");
  expectError(import(open), "requires beta (input \"b2\") as a constant");
  TestModel newer = gate({0.5f, 0.5f}, 1);
  newer.model.mutable_opset_import(1)->set_version(2);
  expectError(import(newer), "in opset 2 of its domain; 1 is");
  TestModel other = gate({0.5f, 0.5f}, 1);
  other.model.mutable_functions(0)->mutable_node(0)->set_op_type("Relu");
  expectError(import(other), "a function \"ChannelGate\" in the domain "
                             "\"compress\" that is not the identity");
}

TEST(OnnxOps, QuantOfQonnx) {
  auto quant = [](float bits, const std::string &rounding) {
    TestModel m;
    m.input("x", {1, 3}).output("y").floats("w", {3, 2}, {1, 2, -3, 0.5f});
    m.floats("s", {1, 2}, {0.5f, 0.25f}).floats("z", {}, {0});
    m.floats("b", {}, {bits}).floats("t", {}, {0.125f});
    m.node("Quant", {"x", "t", "z", "b"}, {"q"})
        .attr("signed", 0)
        .text("rounding_mode", rounding)
        .proto()
        ->set_domain("qonnx.custom_op.general");
    m.node("Quant", {"w", "s", "z", "b"}, {"v"})
        .attr("narrow", 1)
        .proto()
        ->set_domain("onnx.brevitas");
    m.node("MatMul", {"q", "v"}, {"y"});
    return import(m);
  };
  expectInOrder(quant(4, "ROUND"),
                {"!quant.uniform<i8<-7:7>:f32:1, {5.000000e-01,2.500000e-01}>",
                 "!quant.uniform<i8<-128:-113>:f32, 1.250000e-01:-128>",
                 "dense<[[2, 7], [-6, 2], [2, 7]]>", "linalg.matmul"});
  expectError(quant(9, "ROUND"), "a bit width from 2 to 8");
  expectError(quant(4, "FLOOR"), "rounding_mode \"FLOOR\"");
}

TEST(OnnxOps, CodesAreNoNumbersToFunctions) {
  auto apply = [](const std::string &op) {
    TestModel m;
    m.input("x", {4})
        .output("y")
        .scale(0.5f, 1, kInt8)
        .codes("c", {}, kInt8, {2});
    m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
    if (op == "Clip")
      m.node(op, {"q", "c"}, {"y"});
    else
      m.node(op, {"q"}, {"y"});
    return import(m);
  };
  expectInOrder(apply("Clip"), {"arith.fptosi", "arith.maxsi"});
  expectInOrder(apply("Abs"), {"arith.fptosi", "arith.maxsi"});
  expectError(apply("LeakyRelu"), "of int8 codes is not supported");
  TestModel old(6);
  old.input("x", {4}, kInt32).output("y");
  old.node("Clip", {"x"}, {"y"}).real("min", 2);
  expectError(import(old), "of int32 is not supported");
}

TEST(OnnxOps, OneBiasOfManyScales) {
  TestModel m;
  m.input("x", {1, 2}).output("y").scale(1, 0, kInt8);
  m.codes("w", {2, 2}, kInt8, {1, 2}).floats("ws", {2}, {0.5f, 4});
  m.codes("wz", {2}, kInt8, {0}).codes("b", {1}, kInt32, {10});
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  m.node("QGemm", {"q", "s", "z", "w", "ws", "wz", "b"}, {"y"})
      .proto()
      ->set_domain("com.microsoft");
  expectInOrder(import(m),
                {"!quant.uniform<i32:f32:0, {5.000000e-01,4.000000e+00}>",
                 "dense<10> : tensor<2xi32>"});
}

TEST(OnnxOps, EinsumSaysWhatItCannot) {
  auto einsum = [](const std::string &equation) {
    TestModel m;
    m.input("x", {2, 2}).input("w", {2, 3}).output("y");
    m.node("Einsum", {"x", "w"}, {"y"}).text("equation", equation);
    return import(m);
  };
  expectInOrder(einsum("ij,jk->ki"), {"linalg.matmul", "linalg.transpose"});
  expectError(einsum("ii,jk->k"), "takes a diagonal");
  expectError(einsum("...i,ik->k"), "only letters");
  expectError(einsum("ij,kj->ik"), "different extents for \"j\"");
  expectError(einsum("ij,jk->iz"), "that its operands do not have");
}

TEST(OnnxOps, FrozenInputs) {
  TestModel m;
  m.input("x", {2, 2}).input("w", {2, 1}).output("y");
  m.node("MatMul", {"x", "w"}, {"y"});
  OnnxImportOptions options;
  options.frozenInputs.emplace_back("w",
                                    ConstantTensor::fromFloats({2, 1}, {3, 4}));
  ImportResult result = import(m, options);
  expectInOrder(result, {"@main(%arg0: tensor<2x2xf32>", "dense<"});
  expectAbsent(result, "%arg1");
  options.frozenInputs[0].second =
      ConstantTensor::fromFloats({3, 1}, {3, 4, 5});
  expectError(import(m, options), "\"w\" has another shape");
  options.frozenInputs[0].second =
      ConstantTensor::fromInts(ElementType::I32, {2, 1}, {3, 4});
  expectError(import(m, options), "\"w\" has type float32");
  options.frozenInputs[0].first = "v";
  expectError(import(m, options), "there is no input \"v\" to freeze");
}

//===----------------------------------------------------------------------===//
// External data
//===----------------------------------------------------------------------===//

class OnnxExternalData : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> created;
    ASSERT_FALSE(
        llvm::sys::fs::createUniqueDirectory("compress-test", created));
    root = created.str().str();
    folder = root + "/model";
    ASSERT_FALSE(llvm::sys::fs::create_directories(folder + "/data"));
    for (const std::string &path :
         {folder + "/data/w.bin", folder + "/w.bin", root + "/w.bin"}) {
      std::ofstream file(path, std::ios::binary);
      float values[] = {0, 1.5f, 2.5f};
      file.write(reinterpret_cast<char *>(values), sizeof(values));
    }
    ASSERT_FALSE(
        llvm::sys::fs::create_link(folder + "/w.bin", folder + "/link.bin"));
    ASSERT_FALSE(llvm::sys::fs::create_link(root, folder + "/up"));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(root); }

  ImportResult importAt(const std::string &location,
                        const std::string &offset = "4",
                        const std::string &length = "8",
                        bool knowsFolder = true) {
    TestModel m;
    m.input("x", {1, 2}).output("y");
    pb::TensorProto *w = m.tensor("w", {2, 1}, 1);
    w->set_data_location(pb::TensorProto::EXTERNAL);
    for (auto [key, value] : {std::pair{"location", location},
                              {"offset", offset},
                              {"length", length}}) {
      pb::StringStringEntryProto *entry = w->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    m.node("MatMul", {"x", "w"}, {"y"});
    OnnxImportOptions options;
    if (knowsFolder)
      options.folder = folder;
    return import(m, options);
  }

  std::string root, folder;
};

TEST_F(OnnxExternalData, IsReadBelowTheFolder) {
  std::string numbers = "dense<[[1.500000e+00], [2.500000e+00]]>";
  expectInOrder(importAt("w.bin"), {numbers});
  expectInOrder(importAt("data/w.bin"), {numbers});
  expectInOrder(importAt("./data//w.bin"), {numbers});
}

TEST_F(OnnxExternalData, IsReadNowhereElse) {
  expectError(importAt("../w.bin"), "outside of the model's folder");
  expectError(importAt("data/../w.bin"), "outside of the model's folder");
  expectError(importAt(folder + "/w.bin"), "relative to the model");
  expectError(importAt("link.bin"), "symbolic link");
  expectError(importAt("up/w.bin"), "\"up/w.bin\"");
  expectError(importAt(""), "relative to the model");
  expectError(importAt("data"), "no regular file");
  expectError(importAt("missing.bin"), "cannot be opened");
  expectError(importAt("w.bin", "4", "8", /*knowsFolder=*/false),
              "of which no folder is known");
}

TEST_F(OnnxExternalData, HasTheBytesOfItsShape) {
  expectError(importAt("w.bin", "8"), "ends before the tensor does");
  expectError(importAt("w.bin", "4", "4"), "has 4 bytes of external data");
  expectError(importAt("w.bin", "-4"), "has the external offset \"-4\"");
  expectError(importAt("w.bin", "99999999999999999999"), "external offset");
}

} // namespace
