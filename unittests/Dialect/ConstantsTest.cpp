//===- ConstantsTest.cpp - reading and making constants -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class ConstantsTest : public testing::Test {
protected:
  ConstantsTest() { context.loadDialect<arith::ArithDialect>(); }

  RankedTensorType type(ArrayRef<int64_t> shape, unsigned bits = 32) {
    return RankedTensorType::get(shape, IntegerType::get(&context, bits));
  }
  template <typename T>
  Attribute resource(RankedTensorType type, ArrayRef<T> values) {
    ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                         values.size() * sizeof(T));
    return DenseResourceElementsAttr::get(
        type, "data", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 8));
  }

  MLIRContext context;
};

TEST_F(ConstantsTest, ReadsDenseElements) {
  auto data = readConstant(
      DenseElementsAttr::get(type({3}, 8), ArrayRef<int8_t>{-1, 2, -128}));
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->size(), 3);
  EXPECT_EQ(data->elementBytes(), 1u);
  EXPECT_EQ(data->getInt(0), -1);
  EXPECT_EQ(data->getInt(1), 2);
  EXPECT_EQ(data->getInt(2), -128);
  EXPECT_EQ(data->getReal(2), -128.0);
}

TEST_F(ConstantsTest, ReadsEveryWidth) {
  auto i16 = readConstant(
      DenseElementsAttr::get(type({2}, 16), ArrayRef<int16_t>{-300, 5}));
  auto i64 = readConstant(DenseElementsAttr::get(
      type({2}, 64), ArrayRef<int64_t>{INT64_MIN, INT64_MAX}));
  auto f32 = readConstant(DenseElementsAttr::get(
      RankedTensorType::get({2}, Float32Type::get(&context)),
      ArrayRef<float>{0.5f, -1.25f}));
  auto f64 = readConstant(DenseElementsAttr::get(
      RankedTensorType::get({2}, Float64Type::get(&context)),
      ArrayRef<double>{0.1, -1e300}));
  ASSERT_TRUE(succeeded(i16) && succeeded(i64) && succeeded(f32) &&
              succeeded(f64));
  EXPECT_EQ(i16->getInt(0), -300);
  EXPECT_EQ(i64->getInt(0), INT64_MIN);
  EXPECT_EQ(i64->getInt(1), INT64_MAX);
  EXPECT_EQ(f32->getReal(1), -1.25);
  EXPECT_EQ(f64->getReal(0), 0.1);
}

TEST_F(ConstantsTest, ExpandsSplats) {
  auto data = readConstant(DenseElementsAttr::get(type({2, 3}), int32_t(-7)));
  ASSERT_TRUE(succeeded(data));
  ASSERT_EQ(data->bytes.size(), 24u);
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_EQ(data->getInt(i), -7);
}

TEST_F(ConstantsTest, ReadsResources) {
  auto data = readConstant(resource<int32_t>(type({3}), {1, -2, 3}));
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->getInt(1), -2);
  // Fewer bytes than elements.
  EXPECT_TRUE(failed(readConstant(resource<int32_t>(type({4}), {1, 2, 3}))));
}

TEST_F(ConstantsTest, ReadsValues) {
  OpBuilder b(&context);
  OwningOpRef<Operation *> op(
      arith::ConstantOp::create(b, b.getUnknownLoc(),
                                DenseElementsAttr::get(type({1}), int32_t(5)))
          .getOperation());
  auto data = readConstant((*op)->getResult(0));
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->getInt(0), 5);
}

TEST_F(ConstantsTest, RejectsOtherAttributes) {
  Builder b(&context);
  EXPECT_TRUE(failed(readConstant(Attribute())));
  EXPECT_TRUE(failed(readConstant(b.getI32IntegerAttr(1))));
  EXPECT_TRUE(failed(readConstant(
      DenseElementsAttr::get(type({2}, 1), ArrayRef<bool>{true, false}))));
  EXPECT_TRUE(failed(readConstant(
      DenseElementsAttr::get(RankedTensorType::get({1}, b.getF16Type()),
                             APFloat(APFloat::IEEEhalf(), "1.0")))));
}

TEST_F(ConstantsTest, ReadsBfloat16) {
  auto bf16 = RankedTensorType::get({2}, BFloat16Type::get(&context));
  auto data =
      readConstant(makeConstant(bf16, ArrayRef<uint16_t>{0x3fc0, 0xc2f7}));
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->getReal(0), 1.5);
  EXPECT_EQ(data->getReal(1), -123.5);
}

TEST_F(ConstantsTest, LargeConstantsBecomeResources) {
  std::vector<int32_t> values(256);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int32_t>(i * i) - 1000;
  EXPECT_TRUE(isa<DenseElementsAttr>(
      makeConstant(type({256}), ArrayRef<int32_t>(values))));
  values.push_back(-1);
  Attribute large = makeConstant(type({257}), ArrayRef<int32_t>(values));
  EXPECT_TRUE(isa<DenseResourceElementsAttr>(large));
  auto data = readConstant(large);
  ASSERT_TRUE(succeeded(data));
  for (int64_t i = 0; i < 257; ++i)
    EXPECT_EQ(data->getInt(i), values[i]);
}

TEST_F(ConstantsTest, Transposes) {
  std::vector<int16_t> values(2 * 3 * 4);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int16_t>(100 * i - 700);
  auto data = readConstant(
      makeConstant(type({2, 3, 4}, 16), ArrayRef<int16_t>(values)));
  ASSERT_TRUE(succeeded(data));
  ConstantData turned = transposeConstant(*data, {2, 0, 1});
  EXPECT_EQ(turned.type, type({4, 2, 3}, 16));
  for (int64_t a = 0; a < 4; ++a)
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t c = 0; c < 3; ++c)
        EXPECT_EQ(turned.getInt((a * 2 + b) * 3 + c),
                  values[(b * 3 + c) * 4 + a]);
  // Back, and a scalar.
  EXPECT_EQ(transposeConstant(turned, {1, 2, 0}).bytes, data->bytes);
  auto scalar = readConstant(makeConstant(type({}), ArrayRef<int32_t>{9}));
  ASSERT_TRUE(succeeded(scalar));
  EXPECT_EQ(transposeConstant(*scalar, {}).getInt(0), 9);
}

TEST_F(ConstantsTest, BuildsVectors) {
  OpBuilder b(&context);
  OwningOpRef<Operation *> op(
      buildVector(b, b.getUnknownLoc(), ArrayRef<float>{0.5f, 2.0f})
          .getDefiningOp());
  auto data = readConstant((*op)->getResult(0));
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->type.getShape(), ArrayRef<int64_t>({2}));
  EXPECT_EQ(data->getReal(1), 2.0);
}

} // namespace
