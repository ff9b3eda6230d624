//===- ScalarOps.cpp - one scalar op as one node --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// The operator of the same meaning and operands, if there is one.
static StringRef getOperator(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<arith::AddFOp, arith::AddIOp>([](auto) { return "Add"; })
      .Case<arith::SubFOp, arith::SubIOp>([](auto) { return "Sub"; })
      .Case<arith::MulFOp, arith::MulIOp>([](auto) { return "Mul"; })
      .Case<arith::DivFOp, arith::DivSIOp>([](auto) { return "Div"; })
      .Case<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(
          [](auto) { return "Max"; })
      .Case<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp>(
          [](auto) { return "Min"; })
      .Case<arith::NegFOp>([](auto) { return "Neg"; })
      .Case<arith::SelectOp>([](auto) { return "Where"; })
      .Case<math::AbsFOp, math::AbsIOp>([](auto) { return "Abs"; })
      .Case<math::AcosOp>([](auto) { return "Acos"; })
      .Case<math::AcoshOp>([](auto) { return "Acosh"; })
      .Case<math::AsinOp>([](auto) { return "Asin"; })
      .Case<math::AsinhOp>([](auto) { return "Asinh"; })
      .Case<math::AtanOp>([](auto) { return "Atan"; })
      .Case<math::AtanhOp>([](auto) { return "Atanh"; })
      .Case<math::CeilOp>([](auto) { return "Ceil"; })
      .Case<math::CosOp>([](auto) { return "Cos"; })
      .Case<math::CoshOp>([](auto) { return "Cosh"; })
      .Case<math::ErfOp>([](auto) { return "Erf"; })
      .Case<math::ExpOp>([](auto) { return "Exp"; })
      .Case<math::FloorOp>([](auto) { return "Floor"; })
      .Case<math::LogOp>([](auto) { return "Log"; })
      .Case<math::PowFOp, math::FPowIOp>([](auto) { return "Pow"; })
      .Case<math::RoundEvenOp>([](auto) { return "Round"; })
      .Case<math::SinOp>([](auto) { return "Sin"; })
      .Case<math::SinhOp>([](auto) { return "Sinh"; })
      .Case<math::SqrtOp>([](auto) { return "Sqrt"; })
      .Case<math::TanOp>([](auto) { return "Tan"; })
      .Case<math::TanhOp>([](auto) { return "Tanh"; })
      .Default([](Operation *) { return ""; });
}

/// The unsigned type of the same width.
static OnnxType getUnsigned(OnnxType type) {
  switch (type) {
  case OnnxType::Int8:
    return OnnxType::UInt8;
  case OnnxType::Int16:
    return OnnxType::UInt16;
  case OnnxType::Int32:
    return OnnxType::UInt32;
  case OnnxType::Int64:
    return OnnxType::UInt64;
  default:
    return type;
  }
}

ValueId BodyExporter::invert(ValueId condition) {
  return graph.addElementwise("Not", condition, OnnxType::Bool);
}

ValueId BodyExporter::isNan(ValueId value) {
  return graph.addElementwise("IsNaN", value, OnnxType::Bool);
}

/// Ordered comparisons are operators, false of NaN; an unordered one is the
/// opposite of the opposite ordered one.
ValueId BodyExporter::compareFloats(unsigned predicate, ValueId a, ValueId b) {
  using Predicate = arith::CmpFPredicate;
  auto compare = [&](StringRef op) {
    return graph.addElementwise(op, {a, b}, OnnxType::Bool);
  };
  auto isUnordered = [&]() {
    return a == b ? isNan(a)
                  : graph.addElementwise("Or", {isNan(a), isNan(b)},
                                         OnnxType::Bool);
  };
  switch (static_cast<Predicate>(predicate)) {
  case Predicate::OEQ:
    return compare("Equal");
  case Predicate::OGT:
    return compare("Greater");
  case Predicate::OGE:
    return compare("GreaterOrEqual");
  case Predicate::OLT:
    return compare("Less");
  case Predicate::OLE:
    return compare("LessOrEqual");
  case Predicate::ONE:
    return graph.addElementwise("Or", {compare("Less"), compare("Greater")},
                                OnnxType::Bool);
  case Predicate::ORD:
    return invert(isUnordered());
  case Predicate::UEQ:
    return invert(compareFloats(static_cast<unsigned>(Predicate::ONE), a, b));
  case Predicate::UGT:
    return invert(compare("LessOrEqual"));
  case Predicate::UGE:
    return invert(compare("Less"));
  case Predicate::ULT:
    return invert(compare("GreaterOrEqual"));
  case Predicate::ULE:
    return invert(compare("Greater"));
  case Predicate::UNE:
    return invert(compare("Equal"));
  case Predicate::UNO:
    return isUnordered();
  case Predicate::AlwaysTrue:
    return graph.addScalar(OnnxType::Bool, 1);
  case Predicate::AlwaysFalse:
    return graph.addScalar(OnnxType::Bool, 0);
  }
  llvm_unreachable("no such predicate");
}

/// Operations that tell signed integers, unsigned ones and bools apart.
FailureOr<ValueId> BodyExporter::computeInteger(Operation *scalarOp,
                                                ArrayRef<ValueId> v) {
  OnnxType type = graph.get(v[0]).type;
  OnnxType wide = getUnsigned(type);
  std::optional<OnnxType> to = getOnnxType(scalarOp->getResult(0).getType());
  if (!to)
    return failure();
  auto ofUnsigned = [&](StringRef name) {
    ValueId result =
        node(name, {graph.cast(v[0], wide), graph.cast(v[1], wide)});
    return graph.cast(result, type);
  };
  if (isa<arith::ExtUIOp, arith::UIToFPOp, arith::IndexCastUIOp>(scalarOp)) {
    // Bytes that hold a bool are bools here.
    if (type == OnnxType::Bool && *to == OnnxType::Int8)
      return v[0];
    return graph.cast(graph.cast(v[0], wide), *to);
  }
  if (isa<arith::ExtSIOp, arith::SIToFPOp, arith::TruncIOp>(scalarOp)) {
    if (type == OnnxType::Bool && !isa<arith::TruncIOp>(scalarOp))
      return failure(); // -1 where it is true
    if (isa<arith::TruncIOp>(scalarOp) && *to == OnnxType::Bool &&
        type != OnnxType::Bool)
      return graph.takeLowestBit(v[0]);
    return graph.cast(v[0], *to);
  }
  if (isa<arith::FPToSIOp, arith::FPToUIOp, arith::ExtFOp, arith::TruncFOp,
          arith::IndexCastOp>(scalarOp)) {
    OnnxType outer = isa<arith::FPToUIOp>(scalarOp) ? getUnsigned(*to) : *to;
    return graph.cast(graph.cast(v[0], outer), *to);
  }
  if (isa<arith::MaxUIOp>(scalarOp))
    return ofUnsigned("Max");
  if (isa<arith::MinUIOp>(scalarOp))
    return ofUnsigned("Min");
  if (isa<arith::DivUIOp>(scalarOp))
    return ofUnsigned("Div");
  if (isa<arith::RemUIOp>(scalarOp))
    return ofUnsigned("Mod");
  // Mod has the sign of the divisor, so that what it leaves divides downwards.
  auto divideDown = [&](ValueId a, ValueId b) {
    return node("Div", {node("Sub", {a, node("Mod", {a, b})}), b});
  };
  if (isa<arith::FloorDivSIOp>(scalarOp))
    return divideDown(v[0], v[1]);
  if (isa<arith::CeilDivSIOp>(scalarOp))
    return node("Neg", divideDown(node("Neg", v[0]), v[1]));
  if (isa<arith::RemSIOp, arith::RemFOp>(scalarOp))
    return graph.addElementwise("Mod", v, std::nullopt, {{"fmod", int64_t(1)}});
  if (isa<arith::XOrIOp>(scalarOp) && type != OnnxType::Int64 &&
      graph.getSplat(v[1]) == -std::ldexp(1.0, 8 * getByteWidth(type) - 1)) {
    // The top bit flipped is half of the range subtracted.
    ValueId number = graph.cast(graph.cast(v[0], wide), OnnxType::Int64);
    double half = std::ldexp(1.0, 8 * getByteWidth(type) - 1);
    return graph.cast(
        node("Sub", {number, graph.addScalar(OnnxType::Int64, half)}), type);
  }
  if (type == OnnxType::Bool) {
    if (isa<arith::AndIOp>(scalarOp))
      return node("And", v);
    if (isa<arith::OrIOp>(scalarOp))
      return node("Or", v);
    if (isa<arith::XOrIOp>(scalarOp))
      return graph.getSplat(v[1]) == 1.0 ? invert(v[0]) : node("Xor", v);
  }
  return failure();
}

/// Integers compare as their predicate says.
static std::pair<StringRef, bool>
getComparison(arith::CmpIPredicate predicate) {
  using Predicate = arith::CmpIPredicate;
  switch (predicate) {
  case Predicate::eq:
  case Predicate::ne:
    return {"Equal", false};
  case Predicate::slt:
    return {"Less", false};
  case Predicate::sle:
    return {"LessOrEqual", false};
  case Predicate::sgt:
    return {"Greater", false};
  case Predicate::sge:
    return {"GreaterOrEqual", false};
  case Predicate::ult:
    return {"Less", true};
  case Predicate::ule:
    return {"LessOrEqual", true};
  case Predicate::ugt:
    return {"Greater", true};
  case Predicate::uge:
    return {"GreaterOrEqual", true};
  }
  llvm_unreachable("no such predicate");
}

FailureOr<ValueId> BodyExporter::computeOp(Operation *scalarOp,
                                           ArrayRef<ValueId> v) {
  if (StringRef name = getOperator(scalarOp); !name.empty()) {
    // ONNX does no arithmetic on bools.
    bool isBool = name != "Where" && graph.get(v[0]).type == OnnxType::Bool;
    if (!isBool)
      return node(name, v);
  } else if (isa<math::RsqrtOp>(scalarOp)) {
    return node("Reciprocal", node("Sqrt", v[0]));
  } else if (isa<math::Log1pOp>(scalarOp)) {
    return node("Log", node("Add", {number(v[0], 1), v[0]}));
  } else if (isa<math::ExpM1Op>(scalarOp)) {
    return node("Sub", {node("Exp", v[0]), number(v[0], 1)});
  } else if (isa<math::Exp2Op>(scalarOp)) {
    return node("Pow", {number(v[0], 2), v[0]});
  } else if (isa<math::FmaOp>(scalarOp)) {
    return node("Add", {node("Mul", {v[0], v[1]}), v[2]});
  } else if (auto cmp = dyn_cast<arith::CmpFOp>(scalarOp)) {
    return compareFloats(static_cast<unsigned>(cmp.getPredicate()), v[0], v[1]);
  } else if (auto cmp = dyn_cast<arith::CmpIOp>(scalarOp)) {
    auto [name, isUnsigned] = getComparison(cmp.getPredicate());
    ValueId a = v[0], b = v[1];
    OnnxType type = graph.get(a).type;
    if (isUnsigned) {
      a = graph.cast(a, getUnsigned(type));
      b = graph.cast(b, getUnsigned(type));
    }
    ValueId result = graph.addElementwise(name, {a, b}, OnnxType::Bool);
    return cmp.getPredicate() == arith::CmpIPredicate::ne ? invert(result)
                                                          : result;
  } else if (FailureOr<ValueId> value = computeInteger(scalarOp, v);
             succeeded(value)) {
    return value;
  }
  return exporter.fail(op, "its body holds '" +
                               scalarOp->getName().getStringRef() + "' of " +
                               "operands for which ONNX has no operator");
}
