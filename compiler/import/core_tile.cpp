// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a core does with the rest of its tile: locks, object fifos, streams, cascades, events.
#include <algorithm>
#include <array>

#include "compiler/import/core_emit.h"
#include "compiler/import/core_fifo.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

constexpr int64_t kWordLanes = 16;  ///< 32-bit lanes of a cascade word

/// A number that must be known: an operand, or an attribute.
int64_t known_number(Emitter& out, const mlir::Op& op, size_t operand, std::string_view name,
                     int64_t otherwise) {
  if (operand >= op.operands.size())
    return integer_of(op, name, otherwise);
  const Number number = out.number(op, operand);
  if (!number.known())
    throw out.error(op, fmt::format("a {} that is not known", name));
  return number.value;
}

void use_lock(Emitter& out, const mlir::Op& op) {
  const auto lock =
      op.operands.empty() ? out.context().locks.end() : out.context().locks.find(op.operands[0].id);
  if (lock == out.context().locks.end())
    throw out.error(op, "its operand is no lock");
  const std::string_view action = mlir::case_of(op, "action", mlir::kLockActions);
  if (action.empty())
    throw out.error(op, fmt::format("`{}` is no action of a lock", text_of(op, "action")))
        .hint("{}", mlir::names(mlir::kLockActions));
  const auto value = static_cast<int32_t>(known_number(out, op, 1, "value", 1));
  out.code().add({.op = action == "Release" ? Op::Release : Op::Acquire,
                  .imm = action == "AcquireGreaterEqual" ? -value : value,
                  .plain = lock->second});
}

void get_stream(Emitter& out, const mlir::Op& op) {
  const auto channel = static_cast<int32_t>(known_number(out, op, 0, "channel", 0));
  const auto words = std::max<int64_t>(1, body_type(op.results.at(0).type).elements());
  std::vector<Number> lanes;
  for (int64_t i = 0; i < words; ++i) {
    lanes.push_back({.reg = out.code().new_register()});
    out.code().add({.op = Op::StreamGet, .dst = lanes.back().reg, .imm = channel});
  }
  out.define(op, std::move(lanes));
}

void put_stream(Emitter& out, const mlir::Op& op) {
  const bool named = op.operands.size() < 2;
  const auto channel = static_cast<int32_t>(named ? integer_of(op, "channel", 0)
                                                  : known_number(out, op, 0, "channel", 0));
  const std::vector<Number> lanes = out.lanes(op, named ? 0 : 1);
  for (size_t i = 0; i < lanes.size(); ++i)
    out.code().add({.op = Op::StreamPut, .a = out.reg(lanes[i]), .imm = channel, .plain = 0});
}

/// The 64 bytes of the stack that a cascade word goes through, as lanes of a type.
View word(Emitter& out, const BodyType& type) {
  View view = out.in_stack(integer_type(32), kWordLanes);
  view.element = type.number;
  view.sizes = {known(type.elements())};
  return view;
}

BodyType word_type(Emitter& out, const mlir::Op& op, const mlir::Value& value) {
  const BodyType type = body_type(value.type);
  if (type.kind != mlir::Type::Kind::Vector ||
      type.elements() * type.number.bytes() > kWordLanes * 4)
    throw out.error(op, fmt::format("a cascade word of type `{}`", value.type));
  return type;
}

void get_cascade(Emitter& out, const mlir::Op& op) {
  const BodyType type = word_type(out, op, op.results.at(0));
  const View view = word(out, type);
  out.code().add({.op = Op::CascadeGet, .a = view.dynamic});
  const std::array first{known(0)};
  const std::array shape{type.elements()};
  out.define(op, load_lanes(out, op, view, first, shape));
}

void put_cascade(Emitter& out, const mlir::Op& op) {
  const BodyType type = word_type(out, op, op.operands.at(0));
  const View view = word(out, type);
  const std::array first{known(0)};
  const std::array shape{type.elements()};
  store_lanes(out, op, view, first, shape, out.lanes(op, 0));
  out.code().add({.op = Op::CascadePut, .a = view.dynamic});
}

void event(Emitter& out, const mlir::Op& op) {
  out.code().add({.op = Op::Event, .imm = static_cast<int32_t>(integer_of(op, "val", 0))});
}

/// An instruction as such: `airlock.` and its name.
bool instruction(Emitter& out, const mlir::Op& op) {
  constexpr std::string_view kPrefix = "airlock.";
  if (!op.name.starts_with(kPrefix))
    return false;
  const std::string name = op.name.substr(kPrefix.size());
  if (name == "address") {
    View view = out.view(op, 0);
    view.offset += integer_of(op, "offset", 0);
    out.define(op, out.address(view));
    return true;
  }
  const arch::OpRow* row = find_row(arch::ops(), name);
  if (row == nullptr)
    return false;
  CodeOp code{.op = row->op,
              .type = arch::type_named(text_of(op, "type")).value_or(Type::I32),
              .imm = static_cast<int32_t>(integer_of(op, "imm", 0)),
              .plain = static_cast<int>(integer_of(op, "b", 0))};
  size_t operand = 0;
  const auto next = [&] { return out.number(op, operand++); };
  const auto has = [&](char letter) {
    return row->operands.find(letter) != std::string_view::npos;
  };
  if (has('d')) {
    code.dst = out.code().new_register();
    if (row->op == Op::Store)
      code.dst = out.reg(next());
    else if (row->op == Op::ConstHigh || row->op == Op::FFma || row->op == Op::Select)
      out.move(code.dst, next());
  }
  if (has('a'))
    code.a = out.reg(next());
  if (has('b'))
    code.b = out.reg(next());
  if (has('d') && row->op != Op::Store)
    out.define(op, Number{.reg = code.dst});
  out.code().add(std::move(code));
  return true;
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"aie.use_lock", use_lock},       Row{"aie.get_stream", get_stream},
    Row{"aie.put_stream", put_stream},   Row{"aie.get_cascade", get_cascade},
    Row{"aie.put_cascade", put_cascade}, Row{"aie.event", event},
};

}  // namespace

bool lower_tile(Emitter& out, const mlir::Op& op) {
  if (const Row* row = find_row(kRows, op.name)) {
    row->lower(out, op);
    return true;
  }
  return lower_fifo(out, op) || instruction(out, op);
}

}  // namespace npu::compiler::core
