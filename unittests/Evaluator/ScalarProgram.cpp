//===- ScalarProgram.cpp - bodies of ops, ready to run --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "Arithmetic.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace oracle;

static llvm::Error unknown(Operation *op) {
  return oracle::failure("there is no evaluation of '" +
                         op->getName().getStringRef() + "'");
}

unsigned ScalarProgram::slotOf(Value value) {
  auto [it, added] = slotNumbers.try_emplace(value, slots.size());
  if (added)
    slots.push_back(Scalar{0});
  return it->second;
}

llvm::Error ScalarProgram::add(Block &block) {
  for (BlockArgument argument : block.getArguments())
    slotOf(argument);
  for (Operation &op : block.without_terminator())
    if (llvm::Error error = addStep(&op))
      return error;
  results.clear();
  for (Value value : block.getTerminator()->getOperands()) {
    if (llvm::Error error = addOuter(value))
      return error;
    results.push_back(slotOf(value));
  }
  return llvm::Error::success();
}

llvm::Error ScalarProgram::add(Operation *op) {
  if (llvm::Error error = addStep(op))
    return error;
  results.clear();
  for (Value value : op->getResults())
    results.push_back(slotOf(value));
  return llvm::Error::success();
}

llvm::Error ScalarProgram::addOuter(Value value) {
  if (slotNumbers.contains(value) || isa<TensorType>(value.getType()))
    return llvm::Error::success();
  const Scalar *number = around.scalar(value);
  if (!number)
    return oracle::failure("a body uses a value that is not known");
  unsigned slot = slotOf(value);
  slots[slot] = *number;
  return llvm::Error::success();
}

llvm::Error ScalarProgram::addStep(Operation *op) {
  for (Value operand : op->getOperands())
    if (llvm::Error error = addOuter(operand))
      return error;
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    llvm::Expected<HostTensor> value = fromAttribute(constant.getValue());
    if (!value)
      return value.takeError();
    unsigned slot = slotOf(constant.getResult());
    slots[slot] = value->get(0);
    return llvm::Error::success();
  }
  if (auto position = dyn_cast<linalg::IndexOp>(op)) {
    unsigned to = slotOf(position.getResult());
    steps.push_back(
        [this, to, d = position.getDim()](Scalar *s) { s[to].i = index[d]; });
    return llvm::Error::success();
  }
  if (isa<tensor::ExtractOp>(op))
    return addExtract(op);
  if (addInteger(op) || addFloat(op) || addCast(op) || addMath(op) ||
      addQuantized(op))
    return llvm::Error::success();
  return unknown(op);
}

llvm::Error ScalarProgram::addExtract(Operation *op) {
  auto extract = cast<tensor::ExtractOp>(op);
  const HostTensor *source = around.tensor(extract.getTensor());
  if (!source)
    return oracle::failure("'tensor.extract' reads a tensor that is not known");
  std::vector<unsigned> at;
  for (Value position : extract.getIndices())
    at.push_back(slotOf(position));
  unsigned to = slotOf(extract.getResult());
  steps.push_back([this, at, to, source](Scalar *s) {
    int64_t offset = 0;
    for (size_t d = 0; d < at.size(); ++d) {
      int64_t position = s[at[d]].i;
      if (position < 0 || position >= source->shape[d]) {
        undefined = "tensor.extract out of bounds";
        position = 0;
      }
      offset = offset * source->shape[d] + position;
    }
    s[to] = source->get(offset);
  });
  return llvm::Error::success();
}

/// fn(a, b) on sign extended integers; the result is cut to its type.
template <typename Fn>
void ScalarProgram::binaryInteger(Operation *op, Fn fn) {
  unsigned a = slotOf(op->getOperand(0)), b = slotOf(op->getOperand(1));
  unsigned to = slotOf(op->getResult(0));
  Type type = op->getResult(0).getType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  steps.push_back([=](Scalar *s) { s[to].i = wrap(fn(s[a].i, s[b].i), bits); });
}

/// The same of an fn that computes in 128 bits: an overflow that the op says
/// cannot be is remembered.
template <typename Fn>
void ScalarProgram::exactInteger(Operation *op, Fn fn) {
  unsigned a = slotOf(op->getOperand(0)), b = slotOf(op->getOperand(1));
  unsigned to = slotOf(op->getResult(0));
  Type type = op->getResult(0).getType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  auto flags = cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  bool noWrap = flags.hasNoSignedWrap();
  steps.push_back([=](Scalar *s) {
    __int128 exact = fn(s[a].i, s[b].i);
    s[to].i = wrap(static_cast<int64_t>(exact), bits);
    if (noWrap && exact != s[to].i)
      undefined = "signed overflow of an op with nsw";
  });
}

static uint64_t unsignedOf(int64_t value, unsigned bits) {
  return bits >= 64
             ? static_cast<uint64_t>(value)
             : static_cast<uint64_t>(value) & ((uint64_t(1) << bits) - 1);
}

static bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b,
                    unsigned bits) {
  uint64_t ua = unsignedOf(a, bits), ub = unsignedOf(b, bits);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return ua < ub;
  case arith::CmpIPredicate::ule:
    return ua <= ub;
  case arith::CmpIPredicate::ugt:
    return ua > ub;
  case arith::CmpIPredicate::uge:
    return ua >= ub;
  }
  llvm_unreachable("no such comparison");
}

bool ScalarProgram::addInteger(Operation *op) {
  if (op->getNumOperands() < 2 || !op->getOperand(0).getType().isIntOrIndex())
    return false;
  Type type = op->getOperand(0).getType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  using Wide = __int128;
  if (isa<arith::AddIOp>(op))
    return exactInteger(op, [](Wide a, Wide b) { return a + b; }), true;
  if (isa<arith::SubIOp>(op))
    return exactInteger(op, [](Wide a, Wide b) { return a - b; }), true;
  if (isa<arith::MulIOp>(op))
    return exactInteger(op, [](Wide a, Wide b) { return a * b; }), true;
  if (isa<arith::MaxSIOp>(op))
    return binaryInteger(op,
                         [](int64_t a, int64_t b) { return a > b ? a : b; }),
           true;
  if (isa<arith::MinSIOp>(op))
    return binaryInteger(op,
                         [](int64_t a, int64_t b) { return a < b ? a : b; }),
           true;
  if (isa<arith::MaxUIOp>(op))
    return binaryInteger(op,
                         [bits](int64_t a, int64_t b) {
                           return unsignedOf(a, bits) > unsignedOf(b, bits) ? a
                                                                            : b;
                         }),
           true;
  if (isa<arith::MinUIOp>(op))
    return binaryInteger(op,
                         [bits](int64_t a, int64_t b) {
                           return unsignedOf(a, bits) < unsignedOf(b, bits) ? a
                                                                            : b;
                         }),
           true;
  if (isa<arith::AndIOp>(op))
    return binaryInteger(op, [](int64_t a, int64_t b) { return a & b; }), true;
  if (isa<arith::OrIOp>(op))
    return binaryInteger(op, [](int64_t a, int64_t b) { return a | b; }), true;
  if (isa<arith::XOrIOp>(op))
    return binaryInteger(op, [](int64_t a, int64_t b) { return a ^ b; }), true;
  if (auto cmp = dyn_cast<arith::CmpIOp>(op)) {
    arith::CmpIPredicate predicate = cmp.getPredicate();
    return binaryInteger(op,
                         [=](int64_t a, int64_t b) {
                           return compare(predicate, a, b, bits) ? -1 : 0;
                         }),
           true;
  }
  if (isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op)) {
    bool left = isa<arith::ShLIOp>(op), isSigned = isa<arith::ShRSIOp>(op);
    return binaryInteger(op,
                         [=](int64_t a, int64_t b) -> int64_t {
                           uint64_t by = unsignedOf(b, bits);
                           if (by >= bits) {
                             undefined = "a shift by too much";
                             return 0;
                           }
                           if (left)
                             return static_cast<uint64_t>(a) << by;
                           return isSigned ? a >> by
                                           : unsignedOf(a, bits) >> by;
                         }),
           true;
  }
  if (isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
          arith::CeilDivSIOp>(op)) {
    bool remainder = isa<arith::RemSIOp>(op);
    int toward = isa<arith::FloorDivSIOp>(op)  ? -1
                 : isa<arith::CeilDivSIOp>(op) ? 1
                                               : 0;
    return binaryInteger(op,
                         [=](int64_t a, int64_t b) -> int64_t {
                           if (b == 0 || (b == -1 && a == INT64_MIN)) {
                             undefined = "a division without result";
                             return 0;
                           }
                           int64_t q = a / b, r = a % b;
                           if (remainder)
                             return r;
                           bool negative = (a < 0) != (b < 0);
                           if (r != 0 && toward < 0 && negative)
                             return q - 1;
                           if (r != 0 && toward > 0 && !negative)
                             return q + 1;
                           return q;
                         }),
           true;
  }
  if (isa<arith::DivUIOp, arith::RemUIOp>(op)) {
    bool remainder = isa<arith::RemUIOp>(op);
    return binaryInteger(op,
                         [=](int64_t a, int64_t b) -> int64_t {
                           uint64_t ua = unsignedOf(a, bits);
                           uint64_t ub = unsignedOf(b, bits);
                           if (ub == 0) {
                             undefined = "a division by zero";
                             return 0;
                           }
                           return remainder ? ua % ub : ua / ub;
                         }),
           true;
  }
  if (isa<arith::MulSIExtendedOp, arith::MulUIExtendedOp>(op)) {
    bool isSigned = isa<arith::MulSIExtendedOp>(op);
    unsigned a = slotOf(op->getOperand(0)), b = slotOf(op->getOperand(1));
    unsigned low = slotOf(op->getResult(0)), high = slotOf(op->getResult(1));
    steps.push_back([=](Scalar *s) {
      Wide product =
          isSigned ? Wide(s[a].i) * s[b].i
                   : Wide(unsignedOf(s[a].i, bits)) * unsignedOf(s[b].i, bits);
      s[low].i = wrap(static_cast<int64_t>(product), bits);
      s[high].i = wrap(static_cast<int64_t>(product >> bits), bits);
    });
    return true;
  }
  return false;
}

bool ScalarProgram::addQuantized(Operation *op) {
  if (auto requantizeOp = dyn_cast<compress::RequantizeOp>(op)) {
    unsigned acc = slotOf(requantizeOp.getAcc());
    unsigned scale = slotOf(requantizeOp.getScale());
    unsigned to = slotOf(requantizeOp.getCode());
    int32_t zp = requantizeOp.getZeroPoint();
    CodeRange range{static_cast<int32_t>(requantizeOp.getQmin()),
                    static_cast<int32_t>(requantizeOp.getQmax())};
    if (requantizeOp.getAcc().getType().isF32())
      steps.push_back([=](Scalar *s) {
        s[to].i = oracle::requantize(s[acc].f, s[scale].f, zp, range);
      });
    else
      steps.push_back([=](Scalar *s) {
        int32_t sum = static_cast<int32_t>(s[acc].i);
        s[to].i = oracle::requantize(sum, s[scale].f, zp, range);
      });
    return true;
  }
  if (auto apply = dyn_cast<tosa::ApplyScaleOp>(op)) {
    // What INEXACT_ROUND does is left open: it has no evaluation.
    tosa::RoundingMode mode = apply.getRoundingMode();
    if (mode == tosa::RoundingMode::INEXACT_ROUND)
      return false;
    unsigned value = slotOf(apply.getValue());
    unsigned multiplier = slotOf(apply.getMultiplier());
    unsigned shift = slotOf(apply.getShift()), to = slotOf(apply.getOutput());
    bool twice = mode == tosa::RoundingMode::DOUBLE_ROUND;
    steps.push_back([=](Scalar *s) {
      auto result =
          applyScale(s[value].i, static_cast<int32_t>(s[multiplier].i),
                     static_cast<int32_t>(s[shift].i), twice);
      if (!result)
        undefined = "tosa.apply_scale outside of its domain";
      s[to].i = result.value_or(0);
    });
    return true;
  }
  return false;
}
