// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_emit.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

View view_of(const BodyType& type) {
  View view{.element_name = type.element, .element = type.number};
  for (const int64_t size : type.shape)
    view.sizes.push_back(known(size));
  for (const int64_t stride : *type.strides)
    view.strides.push_back(known(stride));
  return view;
}

/// Whether a value is what a type says; of a type without a meaning in a core, anything is.
bool fits(const Held& held, const BodyType& type) {
  switch (type.kind) {
    case mlir::Type::Kind::Scalar:
      return held.lanes.size() == 1;
    case mlir::Type::Kind::Vector:
      return static_cast<int64_t>(held.lanes.size()) == type.elements();
    case mlir::Type::Kind::Memref:
      return held.view && held.view->sizes.size() == type.shape.size();
    default:
      return true;
  }
}

std::string described(const Held& held) {
  if (held.view)
    return fmt::format("a memref of {} dimensions", held.view->sizes.size());
  return held.lanes.size() == 1 ? "one number" : fmt::format("{} lanes", held.lanes.size());
}

/// What the machine gives for ops on known integers of 64 bits; others are left to it.
std::optional<int64_t> folded(Op op, Type type, int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(a);
  const auto y = static_cast<uint64_t>(b);
  uint64_t result = 0;
  if (op == Op::Add)
    result = x + y;
  else if (op == Op::Sub)
    result = x - y;
  else if (op == Op::Mul)
    result = x * y;
  else if (op == Op::Div && b > 0)
    result = static_cast<uint64_t>(a / b);
  else if (op == Op::Rem && b > 0)
    result = static_cast<uint64_t>(a % b);
  else if (op == Op::CmpLt)
    return a < b;
  else
    return std::nullopt;
  const int spare = 64 - 8 * static_cast<int>(arch::bytes_of(type));
  return static_cast<int64_t>(result << spare) >> spare;
}

bool is_neutral(Op op, Type type, int64_t b) {
  return (type == Type::I64 && (op == Op::Add || op == Op::Sub) && b == 0) ||
         (type == Type::I64 && op == Op::Mul && b == 1);
}

}  // namespace

Error Emitter::error(const mlir::Op& op, std::string_view text) const {
  return Error("{}, line {}: `{}`: {}", arch::to_string(context_.tile), op.location.line, op.name,
               text);
}

Held Emitter::held(const mlir::Op& op, const mlir::Value& value) {
  if (const auto found = values_.find(value.id); found != values_.end()) {
    if (!fits(found->second, body_type(value.type)))
      throw error(op, fmt::format("{} is {} and used as `{}`", value.name, described(found->second),
                                  value.type));
    return found->second;
  }
  const auto buffer = context_.buffers.find(value.id);
  if (buffer == context_.buffers.end())
    throw error(op, fmt::format("{} is not known in a core", value.name))
        .hint("buffers, and values of the body itself");
  Held held{.type = body_type(value.type)};
  if (held.type.kind != mlir::Type::Kind::Memref)
    throw error(op, fmt::format("{} has the type `{}`", value.name, value.type));
  held.view = view_of(held.type);
  held.view->buffer = buffer->second;
  return held;
}

std::vector<Number> Emitter::lanes(const mlir::Op& op, size_t operand) {
  if (operand >= op.operands.size())
    throw error(op, fmt::format("it has {} operands", op.operands.size()));
  Held value = held(op, op.operands[operand]);
  if (value.lanes.empty())
    throw error(op, fmt::format("{} of type `{}` is no number", op.operands[operand].name,
                                op.operands[operand].type));
  return value.lanes;
}

Number Emitter::number(const mlir::Op& op, size_t operand) {
  const std::vector<Number> value = lanes(op, operand);
  if (value.size() != 1)
    throw error(op, fmt::format("{} of {} lanes is no single number", op.operands[operand].name,
                                value.size()));
  return value.front();
}

View Emitter::view(const mlir::Op& op, size_t operand) {
  if (operand >= op.operands.size())
    throw error(op, fmt::format("it has {} operands", op.operands.size()));
  Held value = held(op, op.operands[operand]);
  if (!value.view)
    throw error(op, fmt::format("{} of type `{}` is no memref", op.operands[operand].name,
                                op.operands[operand].type));
  return *value.view;
}

std::vector<Number> Emitter::numbers(const mlir::Op& op, size_t first, size_t count) {
  std::vector<Number> numbers;
  for (size_t i = first; i < first + count; ++i)
    numbers.push_back(number(op, i));
  return numbers;
}

void Emitter::define(const mlir::Op& op, const mlir::Value& value, Held held) {
  if (!fits(held, body_type(value.type)))
    throw error(
        op, fmt::format("{} of type `{}` would be {}", value.name, value.type, described(held)));
  values_[value.id] = std::move(held);
}

void Emitter::define(const mlir::Op& op, Number number) {
  define(op, std::vector{number});
}

void Emitter::define(const mlir::Op& op, std::vector<Number> lanes) {
  const mlir::Value& result = op.results.at(0);
  define(op, result, {.type = body_type(result.type), .lanes = std::move(lanes)});
}

void Emitter::define(const mlir::Op& op, View view) {
  const mlir::Value& result = op.results.at(0);
  define(op, result, {.type = body_type(result.type), .view = std::move(view)});
}

int Emitter::reg(Number number) {
  return number.known() ? code_.constant(number.value) : number.reg;
}

Number Emitter::emit(Op op, Type type, Number a, Number b) {
  if (a.known() && b.known())
    if (const auto value = folded(op, type, a.value, b.value))
      return known(*value);
  if (b.known() && is_neutral(op, type, b.value))
    return a;
  if (a.known() && op != Op::Sub && is_neutral(op, type, a.value))
    return b;
  if (op == Op::Mul && type == Type::I64 &&
      ((a.known() && a.value == 0) || (b.known() && b.value == 0)))
    return known(0);
  const int dst = code_.new_register();
  if (op == Op::Add && type == Type::I64 && b.known() && b.value == static_cast<int32_t>(b.value))
    code_.add({.op = Op::AddImm, .dst = dst, .a = reg(a), .imm = static_cast<int32_t>(b.value)});
  else
    code_.add({.op = op, .type = type, .dst = dst, .a = reg(a), .b = reg(b)});
  return {.reg = dst};
}

void Emitter::move(int to, Number from) {
  if (from.known() && from.value == static_cast<int32_t>(from.value))
    code_.add({.op = Op::Const, .dst = to, .imm = static_cast<int32_t>(from.value)});
  else if (from.reg != to)
    code_.add({.op = Op::Move, .dst = to, .a = reg(from)});
}

Number Emitter::both(Number a, Number b) {
  if (a.known())
    return a.value != 0 ? b : a;
  return b.known() ? both(b, a) : emit(Op::And, Type::I64, a, b);
}

Number Emitter::select(Number condition, Number yes, Number no) {
  if (condition.known())
    return condition.value != 0 ? yes : no;
  const int dst = code_.new_register();
  move(dst, condition);
  code_.add({.op = Op::Select, .dst = dst, .a = reg(yes), .b = reg(no)});
  return {.reg = dst};
}

Number Emitter::fused(Number a, Number b, Number c, NumberType type) {
  const int dst = code_.new_register();
  move(dst, c);
  code_.add({.op = Op::FFma, .type = type.machine, .dst = dst, .a = reg(a), .b = reg(b)});
  return {.reg = dst};
}

Number Emitter::convert(Number number, Type from, Type to) {
  const int dst = code_.new_register();
  code_.add({.op = Op::Convert,
             .type = to,
             .dst = dst,
             .a = reg(number),
             .plain = static_cast<int>(from)});
  return {.reg = dst};
}

Number Emitter::canonical(Number raw, NumberType type) {
  if (type.real())
    return type.narrow() ? convert(raw, Type::F32, type.machine) : raw;
  if (type.bits == 1)
    return emit(Op::And, Type::I64, raw, known(1));
  return sign_extended(raw, type);
}

Number Emitter::sign_extended(Number number, NumberType type) {
  const int spare = 64 - type.bits;
  if (number.known())
    return known(static_cast<int64_t>(static_cast<uint64_t>(number.value) << spare) >> spare);
  if (spare == 0)
    return number;
  if (type.whole())
    return convert(number, type.machine, type.machine);
  return emit(Op::Shr, Type::I64, emit(Op::Shl, Type::I64, number, known(spare)), known(spare));
}

Number Emitter::zero_extended(Number number, NumberType type) {
  if (type.bits == 64 || type.bits == 1)
    return number;
  const auto mask = (int64_t{1} << type.bits) - 1;
  if (number.known())
    return known(number.value & mask);
  return emit(Op::And, Type::I64, number, known(mask));
}

Number Emitter::address(const View& view, std::span<const Number> indices) {
  int base = -1;
  int64_t imm = 0;
  scalar_address(view, indices, base, imm);
  return add({.reg = base}, known(imm));
}

/// The register and the constant that together are an element's address.
void Emitter::scalar_address(const View& view, std::span<const Number> indices, int& base,
                             int64_t& imm) {
  imm = view.offset;
  Number dynamic = view.dynamic >= 0 ? Number{.reg = view.dynamic} : known(0);
  for (size_t i = 0; i < indices.size(); ++i) {
    const Number step = multiply(view.strides.at(i), known(view.element.bytes()));
    const Number bytes = multiply(indices[i], step);
    if (bytes.known())
      imm += bytes.value;
    else
      dynamic = add(dynamic, bytes);
  }
  if (view.buffer >= 0)
    dynamic = add(dynamic, {.reg = code_.address(view.buffer)});
  base = reg(dynamic);
}

Number Emitter::load(const View& view, std::span<const Number> indices) {
  int base = -1;
  int64_t imm = 0;
  scalar_address(view, indices, base, imm);
  const int dst = code_.new_register();
  code_.add({.op = Op::Load,
             .type = view.element.machine,
             .dst = dst,
             .a = base,
             .imm = static_cast<int32_t>(imm)});
  return view.element.whole() ? Number{.reg = dst} : canonical({.reg = dst}, view.element);
}

void Emitter::store(const View& view, std::span<const Number> indices, Number value) {
  int base = -1;
  int64_t imm = 0;
  scalar_address(view, indices, base, imm);
  code_.add({.op = Op::Store,
             .type = view.element.machine,
             .dst = reg(value),
             .a = base,
             .imm = static_cast<int32_t>(imm)});
}

Number Emitter::through_memory(Number number, Type stored, Type loaded) {
  if (!word_)
    word_ = in_stack(integer_type(64), 1);
  const auto as = [&](Type type) {
    View view = *word_;
    view.element = {.bits = static_cast<int>(8 * arch::bytes_of(type)), .machine = type};
    return view;
  };
  store(as(stored), {}, number);
  return load(as(loaded), {});
}

View Emitter::in_stack(NumberType element, int64_t elements) {
  constexpr int64_t kWord = 8;
  const int64_t bytes = (elements * element.bytes() + kWord - 1) / kWord * kWord;
  const int offset = code_.reserve_stack(static_cast<int>(bytes));
  return {.dynamic = reg(known(int64_t{arch::kCoreOwn} + offset)),
          .element = element,
          .sizes = {known(elements)},
          .strides = {known(1)}};
}

View Emitter::new_buffer(std::string name, const BodyType& type, std::vector<uint32_t> words) {
  View view = view_of(type);
  view.buffer = context_.next_buffer + static_cast<int>(buffers_.size());
  buffers_.push_back({.name = std::move(name),
                      .tile = context_.tile,
                      .type = type.number.machine,
                      .shape = type.shape,
                      .initial = std::move(words)});
  return view;
}

Held Emitter::slot(const mlir::Op& op, const BodyType& type) {
  const auto fresh = [&] { return Number{.reg = code_.new_register()}; };
  Held slot{.type = type};
  if (type.kind == mlir::Type::Kind::Other)
    throw error(op, "a value of a type that cannot be passed on");
  if (type.kind != mlir::Type::Kind::Memref) {
    const int64_t lanes = type.kind == mlir::Type::Kind::Scalar ? 1 : type.elements();
    for (int64_t i = 0; i < lanes; ++i)
      slot.lanes.push_back(fresh());
    return slot;
  }
  slot.view = view_of(type);
  slot.view->dynamic = code_.new_register();
  slot.view->moved =
      type.offset == mlir::kDynamic ? fresh() : known(type.offset * type.number.bytes());
  for (Number& size : slot.view->sizes)
    if (size.value == mlir::kDynamic)
      size = fresh();
  for (Number& stride : slot.view->strides)
    if (stride.value == mlir::kDynamic)
      stride = fresh();
  return slot;
}

void Emitter::assign(const std::vector<Held>& slots, const std::vector<Held>& values) {
  std::vector<std::pair<int, Number>> moves;
  const auto pair = [&](const std::vector<Number>& to, const std::vector<Number>& from) {
    if (to.size() != from.size())
      throw std::out_of_range("lanes or dimensions");
    for (size_t i = 0; i < to.size(); ++i)
      if (!to[i].known())
        moves.emplace_back(to[i].reg, from[i]);
  };
  for (size_t i = 0; i < slots.size(); ++i) {
    pair(slots[i].lanes, values.at(i).lanes);
    if (slots[i].view) {
      moves.emplace_back(slots[i].view->dynamic, address(values[i].view.value()));
      pair({slots[i].view->moved}, {values[i].view->moved});
      pair(slots[i].view->sizes, values[i].view->sizes);
      pair(slots[i].view->strides, values[i].view->strides);
    }
  }
  // All at once: what another move overwrites is put aside.
  for (size_t i = 0; i < moves.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (moves[j].first == moves[i].second.reg) {
        const int aside = code_.new_register();
        code_.add({.op = Op::Move, .dst = aside, .a = moves[i].second.reg});
        moves[i].second.reg = aside;
        break;
      }
  for (const auto& [to, from] : moves)
    move(to, from);
}

void Emitter::lower(const mlir::Op& op) {
  constexpr std::array kFamilies{lower_number, lower_vector, lower_transfer,
                                 lower_memory, lower_linalg, lower_control,
                                 lower_affine, lower_tile,   lower_call};
  try {
    for (const auto family : kFamilies)
      if (family(*this, op))
        return;
  } catch (const std::out_of_range&) {
    throw error(op, "operands, results or regions that do not fit each other");
  }
  throw error(op, "no op of a core body");
}

void Emitter::region(const mlir::Op& owner, const mlir::Region& region,
                     const std::vector<Held>& arguments, const Leave& leave) {
  if (region.size() > 1)
    return blocks(owner, region, arguments, leave);
  if (region.empty())
    return leave({});
  const mlir::Block& block = region.front();
  for (size_t i = 0; i < block.arguments.size() && i < arguments.size(); ++i)
    define(owner, block.arguments[i], arguments[i]);
  for (const mlir::Op& op : block.ops) {
    if (!leaves(op.name)) {
      lower(op);
      continue;
    }
    std::vector<Held> values;
    for (const mlir::Value& value : op.operands)
      values.push_back(held(op, value));
    return leave(values);
  }
  leave({});
}

std::vector<Held> Emitter::inlined(const mlir::Op& owner, const mlir::Region& body,
                                   const std::vector<Held>& arguments, size_t results) {
  std::vector<Held> values;
  if (body.size() <= 1) {
    region(owner, body, arguments, [&](const std::vector<Held>& left) { values = left; });
    return values;
  }
  for (size_t i = 0; i < results; ++i)
    values.push_back(slot(owner, body_type(owner.results.at(i).type)));
  const int after = code_.new_block();
  region(owner, body, arguments, [&](const std::vector<Held>& left) {
    assign(values, left);
    code_.jump(after);
  });
  code_.place(after);
  return values;
}

}  // namespace npu::compiler::core
