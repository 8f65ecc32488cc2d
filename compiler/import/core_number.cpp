// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arithmetic on numbers and, lane by lane, on vectors: arith, index, math.
#include <algorithm>
#include <array>
#include <bit>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

/// How the operands of an integer op of an odd width are brought to the machine's width.
enum class Sign { Either, Signed, Unsigned };

Sign sign_of(Op op) {
  switch (op) {
    case Op::Div:
    case Op::Rem:
    case Op::Shr:
    case Op::Min:
    case Op::Max:
      return Sign::Signed;
    case Op::DivU:
    case Op::RemU:
    case Op::Shl:
    case Op::ShrU:
    case Op::MinU:
    case Op::MaxU:
      return Sign::Unsigned;
    default:
      return Sign::Either;
  }
}

/// Ops that are one of the machine's, and whose result is of the operands' type.
struct Direct {
  std::string_view name;
  Op op;
  int operands;
};
// clang-format off
constexpr std::array kDirect{
    Direct{"arith.addi", Op::Add, 2}, Direct{"index.add", Op::Add, 2},
    Direct{"arith.subi", Op::Sub, 2}, Direct{"index.sub", Op::Sub, 2},
    Direct{"arith.muli", Op::Mul, 2}, Direct{"index.mul", Op::Mul, 2},
    Direct{"arith.andi", Op::And, 2}, Direct{"index.and", Op::And, 2},
    Direct{"arith.ori", Op::Or, 2}, Direct{"index.or", Op::Or, 2},
    Direct{"arith.xori", Op::Xor, 2}, Direct{"index.xor", Op::Xor, 2},
    Direct{"arith.shli", Op::Shl, 2}, Direct{"index.shl", Op::Shl, 2},
    Direct{"arith.shrsi", Op::Shr, 2}, Direct{"index.shrs", Op::Shr, 2},
    Direct{"arith.shrui", Op::ShrU, 2}, Direct{"index.shru", Op::ShrU, 2},
    Direct{"arith.divsi", Op::Div, 2}, Direct{"index.divs", Op::Div, 2},
    Direct{"arith.divui", Op::DivU, 2}, Direct{"index.divu", Op::DivU, 2},
    Direct{"arith.remsi", Op::Rem, 2}, Direct{"index.rems", Op::Rem, 2},
    Direct{"arith.remui", Op::RemU, 2}, Direct{"index.remu", Op::RemU, 2},
    Direct{"arith.minsi", Op::Min, 2}, Direct{"index.mins", Op::Min, 2},
    Direct{"arith.maxsi", Op::Max, 2}, Direct{"index.maxs", Op::Max, 2},
    Direct{"arith.minui", Op::MinU, 2}, Direct{"index.minu", Op::MinU, 2},
    Direct{"arith.maxui", Op::MaxU, 2}, Direct{"index.maxu", Op::MaxU, 2},
    Direct{"arith.addf", Op::FAdd, 2}, Direct{"arith.subf", Op::FSub, 2},
    Direct{"arith.mulf", Op::FMul, 2}, Direct{"arith.divf", Op::FDiv, 2},
    Direct{"arith.maximumf", Op::FMaximum, 2}, Direct{"arith.minimumf", Op::FMinimum, 2},
    Direct{"arith.maxf", Op::FMaximum, 2}, Direct{"arith.minf", Op::FMinimum, 2},
    Direct{"arith.maxnumf", Op::FMax, 2}, Direct{"arith.minnumf", Op::FMin, 2},
    Direct{"arith.negf", Op::FNeg, 1}, Direct{"math.absf", Op::FAbs, 1},
    Direct{"math.sqrt", Op::FSqrt, 1}, Direct{"math.rsqrt", Op::FRsqrt, 1},
    Direct{"math.exp", Op::FExp, 1}, Direct{"math.tanh", Op::FTanh, 1},
};

/// `cmpi` and `index.cmp`, in the order of the predicates' numbers.
struct Compare {
  std::string_view name;
  Op op;
  bool swapped;
  Sign sign;
};
constexpr std::array kCompares{
    Compare{"eq", Op::CmpEq, false, Sign::Either}, Compare{"ne", Op::CmpNe, false, Sign::Either},
    Compare{"slt", Op::CmpLt, false, Sign::Signed}, Compare{"sle", Op::CmpLe, false, Sign::Signed},
    Compare{"sgt", Op::CmpLt, true, Sign::Signed}, Compare{"sge", Op::CmpLe, true, Sign::Signed},
    Compare{"ult", Op::CmpLtU, false, Sign::Unsigned}, Compare{"ule", Op::CmpLeU, false, Sign::Unsigned},
    Compare{"ugt", Op::CmpLtU, true, Sign::Unsigned}, Compare{"uge", Op::CmpLeU, true, Sign::Unsigned},
};

/// `cmpf`, in the order of the predicates' numbers. An unordered predicate is the opposite of an
/// ordered one.
struct CompareFloat {
  std::string_view name;
  Op op;  ///< Nop: a form of its own
  bool swapped;
  bool inverted;
};
constexpr std::array kFloatCompares{
    CompareFloat{"false", Op::Nop, false, false}, CompareFloat{"oeq", Op::FCmpEq, false, false},
    CompareFloat{"ogt", Op::FCmpLt, true, false}, CompareFloat{"oge", Op::FCmpLe, true, false},
    CompareFloat{"olt", Op::FCmpLt, false, false}, CompareFloat{"ole", Op::FCmpLe, false, false},
    CompareFloat{"one", Op::Nop, false, false}, CompareFloat{"ord", Op::Nop, false, false},
    CompareFloat{"ueq", Op::Nop, false, true}, CompareFloat{"ugt", Op::FCmpLe, false, true},
    CompareFloat{"uge", Op::FCmpLt, false, true}, CompareFloat{"ult", Op::FCmpLe, true, true},
    CompareFloat{"ule", Op::FCmpLt, true, true}, CompareFloat{"une", Op::FCmpNe, false, false},
    CompareFloat{"uno", Op::Nop, false, true}, CompareFloat{"true", Op::Nop, false, true},
};
// clang-format on

/// Operands of one lane.
using Operands = std::vector<Number>;

Number prepared(Emitter& out, Number number, NumberType type, Sign sign) {
  if (type.bits == 1)
    return sign == Sign::Signed ? out.negate(number, Type::I64) : number;
  return type.whole() || sign != Sign::Unsigned ? number : out.zero_extended(number, type);
}

template <typename Rows>
const auto& predicate_of(Emitter& out, const mlir::Op& op, const Rows& rows) {
  const mlir::Attribute* attribute =
      op.attribute("predicate") != nullptr ? op.attribute("predicate") : op.attribute("pred");
  if (attribute != nullptr) {
    if (const auto* row = find_row(rows, text_of(op, attribute->name)))
      return *row;
    const auto number = mlir::integer_of(op, attribute->name);
    if (number && *number >= 0 && *number < static_cast<int64_t>(rows.size()))
      return rows[static_cast<size_t>(*number)];
  }
  throw out.error(op, fmt::format("the predicate `{}`", attribute ? attribute->bare : ""));
}

Number compare(Emitter& out, const mlir::Op& op, NumberType type, const Operands& in) {
  if (type.real())
    throw out.error(op, fmt::format("a value of type `{}`", op.operands[0].type));
  const Compare& row = predicate_of(out, op, kCompares);
  const Number a = prepared(out, in[row.swapped ? 1 : 0], type, row.sign);
  const Number b = prepared(out, in[row.swapped ? 0 : 1], type, row.sign);
  return out.emit(row.op, type.whole() ? type.machine : Type::I64, a, b);
}

Number compare_float(Emitter& out, const mlir::Op& op, NumberType type, const Operands& in) {
  if (!type.real())
    throw out.error(op, fmt::format("a value of type `{}`", op.operands[0].type));
  const CompareFloat& row = predicate_of(out, op, kFloatCompares);
  const auto test = [&](Op machine, Number a, Number b) {
    return out.emit(machine, Type::F32, a, b);
  };
  const auto both = [&](Op machine, Number a, Number b) {
    return out.emit(machine, Type::I64, a, b);
  };
  const Number a = in[row.swapped ? 1 : 0];
  const Number b = in[row.swapped ? 0 : 1];
  Number result = known(0);
  if (row.op != Op::Nop)
    result = test(row.op, a, b);
  else if (row.name == "one" || row.name == "ueq")
    result = both(Op::Or, test(Op::FCmpLt, a, b), test(Op::FCmpLt, b, a));
  else if (row.name == "ord" || row.name == "uno")
    result = both(Op::And, test(Op::FCmpEq, a, a), test(Op::FCmpEq, b, b));
  return row.inverted ? out.invert(result) : result;
}

Number select(Emitter& out, const mlir::Op&, NumberType, const Operands& in) {
  return out.select(in[0], in[1], in[2]);
}

/// Quotients that are not rounded towards zero.
Number divide(Emitter& out, const mlir::Op& op, NumberType type, const Operands& in) {
  const bool is_signed = !op.name.ends_with("ui") && !op.name.ends_with("divu");
  const bool up = op.name.find("ceil") != std::string::npos;
  const Sign sign = is_signed ? Sign::Signed : Sign::Unsigned;
  const Type width = type.whole() ? type.machine : Type::I64;
  const Number a = prepared(out, in[0], type, sign);
  const Number b = prepared(out, in[1], type, sign);
  const Number quotient = out.emit(is_signed ? Op::Div : Op::DivU, width, a, b);
  const Number rest = out.emit(is_signed ? Op::Rem : Op::RemU, width, a, b);
  Number inexact = out.emit(Op::CmpNe, Type::I64, rest, known(0));
  if (is_signed) {
    const Number opposite =
        out.emit(Op::CmpLt, Type::I64, out.emit(Op::Xor, Type::I64, rest, b), known(0));
    inexact = out.emit(Op::And, Type::I64, inexact, up ? out.invert(opposite) : opposite);
  }
  const Number result = out.emit(up ? Op::Add : Op::Sub, width, quotient, inexact);
  return type.whole() ? result : out.canonical(result, type);
}

Number fused(Emitter& out, const mlir::Op&, NumberType type, const Operands& in) {
  return out.fused(in[0], in[1], in[2], type);
}

Number absolute(Emitter& out, const mlir::Op&, NumberType type, const Operands& in) {
  const Type width = type.whole() ? type.machine : Type::I64;
  return out.canonical(out.emit(Op::Max, width, in[0], out.negate(in[0], width)), type);
}

/// To the next integer below or above. From 2^23 on there is nothing behind the point.
Number to_integer(Emitter& out, const mlir::Op& op, NumberType type, const Operands& in) {
  if (!type.real())
    throw out.error(op, fmt::format("a value of type `{}`", op.operands[0].type));
  const auto real = [](float value) { return known(std::bit_cast<uint32_t>(value)); };
  const bool up = op.name == "math.ceil";
  const Number x = in[0];
  const Number cut = out.convert(out.convert(x, Type::F32, Type::I64), Type::I64, Type::F32);
  const Number beyond =
      up ? out.emit(Op::FCmpLt, Type::F32, cut, x) : out.emit(Op::FCmpLt, Type::F32, x, cut);
  const Number next = out.emit(up ? Op::FAdd : Op::FSub, Type::F32, cut, real(1));
  // What becomes zero keeps its sign.
  const Number sign = out.emit(Op::And, Type::I64, x, known(0x80000000));
  const Number result = out.emit(Op::Or, Type::I64, out.select(beyond, next, cut), sign);
  const Number small =
      out.emit(Op::FCmpLt, Type::F32, out.emit(Op::FAbs, Type::F32, x), real(0x1p23f));
  return out.select(small, result, x);
}

/// Ops on lanes that are more than one of the machine's.
struct Special {
  std::string_view name;
  size_t operands;
  Number (*lower)(Emitter&, const mlir::Op&, NumberType operand, const Operands&);
};
constexpr std::array kSpecial{
    Special{"arith.cmpi", 2, compare},       Special{"index.cmp", 2, compare},
    Special{"arith.cmpf", 2, compare_float}, Special{"arith.select", 3, select},
    Special{"arith.ceildivsi", 2, divide},   Special{"arith.ceildivui", 2, divide},
    Special{"arith.floordivsi", 2, divide},  Special{"index.ceildivs", 2, divide},
    Special{"index.ceildivu", 2, divide},    Special{"index.floordivs", 2, divide},
    Special{"math.fma", 3, fused},           Special{"vector.fma", 3, fused},
    Special{"math.absi", 1, absolute},       Special{"math.floor", 1, to_integer},
    Special{"math.ceil", 1, to_integer},
};

// Conversions: from the operand's type to the result's.
using Conversion = Number (*)(Emitter&, Number, NumberType from, NumberType to);

Number signed_value(Emitter& out, Number in, NumberType from, NumberType) {
  return from.bits == 1 ? out.negate(in, Type::I64) : in;
}
Number widen_unsigned(Emitter& out, Number in, NumberType from, NumberType) {
  return out.zero_extended(in, from);
}
Number truncate(Emitter& out, Number in, NumberType, NumberType to) {
  return out.canonical(in, to);
}
Number cast(Emitter& out, Number in, NumberType from, NumberType to) {
  return to.bits < from.bits ? truncate(out, in, from, to) : signed_value(out, in, from, to);
}
Number cast_unsigned(Emitter& out, Number in, NumberType from, NumberType to) {
  return to.bits < from.bits ? truncate(out, in, from, to) : widen_unsigned(out, in, from, to);
}
Number to_float(Emitter& out, Number in, NumberType from, NumberType to) {
  return out.convert(signed_value(out, in, from, to), Type::I64, to.machine);
}
Number unsigned_to_float(Emitter& out, Number in, NumberType from, NumberType to) {
  if (from.bits < 64)
    return out.convert(out.zero_extended(in, from), Type::I64, to.machine);
  // From 2^63 on: half of it, in which the last bit tells whether something was lost.
  const Number last = out.emit(Op::And, Type::I64, in, known(1));
  const Number half =
      out.emit(Op::Or, Type::I64, out.emit(Op::ShrU, Type::I64, in, known(1)), last);
  const Number real = out.convert(half, Type::I64, to.machine);
  return out.select(out.emit(Op::CmpLt, Type::I64, in, known(0)),
                    out.emit(Op::FAdd, Type::F32, real, real),
                    out.convert(in, Type::I64, to.machine));
}
Number from_float(Emitter& out, Number in, NumberType, NumberType to) {
  if (to.whole())
    return out.convert(in, Type::F32, to.machine);
  return out.canonical(out.convert(in, Type::F32, Type::I64), to);
}
Number from_float_unsigned(Emitter& out, Number in, NumberType, NumberType to) {
  const Number low = out.convert(in, Type::F32, Type::I64);
  if (to.bits < 64)
    return out.canonical(low, to);
  const Number limit = known(std::bit_cast<uint32_t>(0x1p63f));
  const Number above = out.convert(out.emit(Op::FSub, Type::F32, in, limit), Type::F32, Type::I64);
  return out.select(out.emit(Op::FCmpLt, Type::F32, in, limit), low,
                    out.emit(Op::Xor, Type::I64, above, known(INT64_MIN)));
}
Number round(Emitter& out, Number in, NumberType, NumberType to) {
  return out.canonical(in, to);
}
Number bits(Emitter& out, Number in, NumberType from, NumberType to) {
  if (from.machine == to.machine)
    return in;
  if (from.narrow() || to.narrow())
    return out.through_memory(in, from.machine, to.machine);
  return from.real() ? out.canonical(in, to) : out.zero_extended(in, from);
}

enum class Width { Any, More, Less, Same };
enum class Kind { Integer, Real, Either };

/// What a conversion is from and to, and whether to more bits or to less.
struct ConversionRow {
  std::string_view name;
  Conversion convert;
  Kind from;
  Kind to;
  Width width;
};
// clang-format off
constexpr std::array kConversions{
    ConversionRow{"arith.extsi", signed_value, Kind::Integer, Kind::Integer, Width::More},
    ConversionRow{"arith.extui", widen_unsigned, Kind::Integer, Kind::Integer, Width::More},
    ConversionRow{"arith.trunci", truncate, Kind::Integer, Kind::Integer, Width::Less},
    ConversionRow{"arith.index_cast", cast, Kind::Integer, Kind::Integer, Width::Any},
    ConversionRow{"arith.index_castui", cast_unsigned, Kind::Integer, Kind::Integer, Width::Any},
    ConversionRow{"index.casts", cast, Kind::Integer, Kind::Integer, Width::Any},
    ConversionRow{"index.castu", cast_unsigned, Kind::Integer, Kind::Integer, Width::Any},
    ConversionRow{"arith.sitofp", to_float, Kind::Integer, Kind::Real, Width::Any},
    ConversionRow{"arith.uitofp", unsigned_to_float, Kind::Integer, Kind::Real, Width::Any},
    ConversionRow{"arith.fptosi", from_float, Kind::Real, Kind::Integer, Width::Any},
    ConversionRow{"arith.fptoui", from_float_unsigned, Kind::Real, Kind::Integer, Width::Any},
    ConversionRow{"arith.extf", round, Kind::Real, Kind::Real, Width::More},
    ConversionRow{"arith.truncf", round, Kind::Real, Kind::Real, Width::Less},
    ConversionRow{"arith.bitcast", bits, Kind::Either, Kind::Either, Width::Same},
};
// clang-format on

bool suits(const ConversionRow& row, NumberType from, NumberType to) {
  const auto is = [](Kind kind, NumberType type) {
    return kind == Kind::Either || (kind == Kind::Real) == type.real();
  };
  const bool width = row.width == Width::More   ? to.bits > from.bits
                     : row.width == Width::Less ? to.bits < from.bits
                     : row.width == Width::Same ? to.bits == from.bits
                                                : true;
  return is(row.from, from) && is(row.to, to) && width;
}

/// Ops of the machine on floats.
bool is_real(Op op) {
  return (op >= Op::FAdd && op <= Op::FFma) || op == Op::FMinimum || op == Op::FMaximum;
}

/// Calls a function for the operands of every lane. One number stands for any number of lanes.
template <typename F>
void for_each_lane(Emitter& out, const mlir::Op& op, size_t operands, F f) {
  std::vector<std::vector<Number>> in;
  size_t lanes = 1;
  for (size_t i = 0; i < operands; ++i) {
    in.push_back(out.lanes(op, i));
    lanes = std::max(lanes, in.back().size());
  }
  for (const auto& operand : in)
    if (operand.size() != 1 && operand.size() != lanes)
      throw out.error(op, fmt::format("operands of {} and of {} lanes", operand.size(), lanes));
  for (size_t lane = 0; lane < lanes; ++lane) {
    Operands values;
    for (const auto& operand : in)
      values.push_back(operand[operand.size() == 1 ? 0 : lane]);
    f(values);
  }
}

/// Calls a function for every lane and gives the results to the op's result.
template <typename F>
void lane_by_lane(Emitter& out, const mlir::Op& op, size_t operands, F f) {
  std::vector<Number> results;
  for_each_lane(out, op, operands, [&](const Operands& in) { results.push_back(f(in)); });
  out.define(op, std::move(results));
}

/// The same of a function that gives two results.
template <typename F>
void in_two(Emitter& out, const mlir::Op& op, F f) {
  std::array<std::vector<Number>, 2> results;
  for_each_lane(out, op, 2, [&](const Operands& in) {
    const auto [first, second] = f(in);
    results[0].push_back(first);
    results[1].push_back(second);
  });
  for (size_t i = 0; i < 2; ++i)
    out.define(op, op.results.at(i),
               {.type = body_type(op.results[i].type), .lanes = std::move(results[i])});
}

NumberType type_of(Emitter& out, const mlir::Op& op, const mlir::Value& value) {
  const BodyType type = body_type(value.type);
  if (type.kind == mlir::Type::Kind::Scalar || type.kind == mlir::Type::Kind::Vector)
    return type.number;
  throw out.error(op, fmt::format("a value of type `{}`", value.type));
}

void constant(Emitter& out, const mlir::Op& op) {
  type_of(out, op, op.results.at(0));
  const BodyType type = body_type(op.results[0].type);
  const mlir::Attribute* value = op.attribute("value");
  const std::string text = value ? value->text : "";
  const int64_t lanes = std::max<int64_t>(1, type.elements());
  std::vector<Number> results;
  if (const auto numbers = dense(text, type.number, lanes))
    for (const int64_t number : *numbers)
      results.push_back(known(number));
  else if (const auto number = literal(text, type.number))
    results.assign(static_cast<size_t>(lanes), known(*number));
  else
    throw out.error(op, fmt::format("the value `{}` of type `{}`", text, op.results[0].type));
  out.define(op, std::move(results));
}

/// A sum, and whether it is too large for the width.
void extended_sum(Emitter& out, const mlir::Op& op) {
  const NumberType type = type_of(out, op, op.operands.at(0));
  in_two(out, op, [&](const Operands& in) {
    const Number sum = calculate(out, Op::Add, type, in[0], in[1]);
    return std::pair(sum, out.emit(Op::CmpLtU, Type::I64, out.zero_extended(sum, type),
                                   out.zero_extended(in[0], type)));
  });
}

/// Low and high half of a product in twice the width.
void extended_product(Emitter& out, const mlir::Op& op) {
  const NumberType type = type_of(out, op, op.operands.at(0));
  if (type.bits > 32)
    throw out.error(op, "products of more than 64 bits");
  const bool is_signed = op.name == "arith.mulsi_extended";
  const auto wide = [&](Number number) {
    return is_signed ? signed_value(out, number, type, type) : out.zero_extended(number, type);
  };
  in_two(out, op, [&](const Operands& in) {
    const Number product = out.multiply(wide(in[0]), wide(in[1]));
    const Number high = out.emit(Op::Shr, Type::I64, product, known(type.bits));
    return std::pair(out.canonical(product, type), out.canonical(high, type));
  });
}

}  // namespace

Number calculate(Emitter& out, Op op, NumberType type, Number a, Number b) {
  if (type.narrow())
    return out.canonical(out.emit(op, Type::F32, a, b), type);
  if (type.whole())
    return out.emit(op, type.machine, a, b);
  const Sign sign = sign_of(op);
  return out.canonical(
      out.emit(op, Type::I64, prepared(out, a, type, sign), prepared(out, b, type, sign)), type);
}

Number converted(Emitter& out, Number number, NumberType from, NumberType to) {
  if (from.real())
    return (to.real() ? round : from_float)(out, number, from, to);
  return (to.real() ? to_float : cast)(out, number, from, to);
}

bool lower_number(Emitter& out, const mlir::Op& op) {
  if (const Direct* row = find_row(kDirect, op.name)) {
    const NumberType type = type_of(out, op, op.operands.at(0));
    if (is_real(row->op) != type.real())
      throw out.error(op, fmt::format("a value of type `{}`", op.operands[0].type));
    lane_by_lane(out, op, static_cast<size_t>(row->operands), [&](const Operands& in) {
      return calculate(out, row->op, type, in[0], in.back());
    });
  } else if (const Special* special = find_row(kSpecial, op.name)) {
    if (op.results.size() == 1 && body_type(op.results[0].type).kind == mlir::Type::Kind::Memref)
      return false;
    const NumberType type = type_of(out, op, op.operands.at(special->operands == 3 ? 1 : 0));
    lane_by_lane(out, op, special->operands,
                 [&](const Operands& in) { return special->lower(out, op, type, in); });
  } else if (const ConversionRow* conversion = find_row(kConversions, op.name)) {
    const NumberType from = type_of(out, op, op.operands.at(0));
    const NumberType to = type_of(out, op, op.results.at(0));
    if (!suits(*conversion, from, to))
      throw out.error(op,
                      fmt::format("from `{}` to `{}`", op.operands[0].type, op.results[0].type));
    lane_by_lane(out, op, 1,
                 [&](const Operands& in) { return conversion->convert(out, in[0], from, to); });
  } else if (op.name == "arith.constant" || op.name == "index.constant" ||
             op.name == "index.bool.constant") {
    constant(out, op);
  } else if (op.name == "arith.addui_extended") {
    extended_sum(out, op);
  } else if (op.name == "arith.mulsi_extended" || op.name == "arith.mului_extended") {
    extended_product(out, op);
  } else {
    return false;
  }
  return true;
}

}  // namespace npu::compiler::core
