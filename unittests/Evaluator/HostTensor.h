//===- HostTensor.h - values of the evaluator -------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A tensor in memory: dense, row major, bools one byte an element. Integers
// are held sign extended in 64 bits wherever one is taken out, so -1 is the
// true of an i1.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_HOSTTENSOR_H
#define COMPRESS_UNITTESTS_EVALUATOR_HOSTTENSOR_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Types.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace oracle {

enum class Kind : uint8_t { I1, I8, I16, I32, I64, F32, F64 };

/// The kind of a scalar type; index is I64, i4 and i48 have none.
std::optional<Kind> kindOf(mlir::Type type);
int64_t bytesOf(Kind kind);

/// One number; which member is valid its type says.
union Scalar {
  int64_t i;
  float f;
  double d;
};

class HostTensor {
public:
  HostTensor() = default;
  HostTensor(Kind kind, std::vector<int64_t> shape);

  template <typename T>
  static HostTensor of(Kind kind, std::vector<int64_t> shape,
                       const std::vector<T> &values) {
    HostTensor result(kind, std::move(shape));
    result.bytes.assign(
        reinterpret_cast<const char *>(values.data()),
        reinterpret_cast<const char *>(values.data() + values.size()));
    return result;
  }
  static HostTensor of(std::vector<int64_t> shape,
                       const std::vector<int8_t> &values) {
    return of(Kind::I8, std::move(shape), values);
  }
  static HostTensor of(std::vector<int64_t> shape,
                       const std::vector<int32_t> &values) {
    return of(Kind::I32, std::move(shape), values);
  }
  static HostTensor of(std::vector<int64_t> shape,
                       const std::vector<float> &values) {
    return of(Kind::F32, std::move(shape), values);
  }

  int64_t size() const;
  Scalar get(int64_t i) const;
  void set(int64_t i, Scalar value);

  template <typename T>
  const T *data() const {
    return reinterpret_cast<const T *>(bytes.data());
  }
  template <typename T>
  T *data() {
    return reinterpret_cast<T *>(bytes.data());
  }
  template <typename T>
  std::vector<T> values() const {
    return std::vector<T>(data<T>(), data<T>() + size());
  }

  /// The number of elements from one index of a dimension to the next.
  std::vector<int64_t> strides() const;

  bool operator==(const HostTensor &other) const {
    return kind == other.kind && shape == other.shape && bytes == other.bytes;
  }

  Kind kind = Kind::F32;
  std::vector<int64_t> shape;
  std::vector<char> bytes;
};

/// A dense or dense resource constant, or a scalar one as a tensor without
/// dimensions.
llvm::Expected<HostTensor> fromAttribute(mlir::Attribute attribute);

/// How many bits of the i1 to i64 an integer kind has.
unsigned bitsOf(Kind kind);
inline bool isFloat(Kind kind) { return kind >= Kind::F32; }

/// Moves a row-major index on; false after the last one.
bool advance(std::vector<int64_t> &index, const std::vector<int64_t> &shape);

/// A StringError.
llvm::Error failure(const llvm::Twine &message);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_HOSTTENSOR_H
