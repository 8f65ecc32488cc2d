// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors are their lanes: one number each.
#include <algorithm>
#include <array>
#include <numeric>

#include "compiler/import/core_emit.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

using Lanes = std::vector<Number>;

BodyType result_type(Emitter& out, const mlir::Op& op) {
  const BodyType type = body_type(op.results.at(0).type);
  if (type.kind == mlir::Type::Kind::Other)
    throw out.error(op, fmt::format("a result of type `{}`", op.results[0].type));
  return type;
}

void load(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  out.define(
      op, load_lanes(out, view, out.numbers(op, 1, view.sizes.size()), result_type(out, op).shape));
}

void store(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 1);
  store_lanes(out, view, out.numbers(op, 2, view.sizes.size()),
              body_type(op.operands.at(0).type).shape, out.lanes(op, 0));
}

void refuse_masks(Emitter& out, const mlir::Op& op, size_t operands) {
  if (op.operands.size() > operands)
    throw out.error(op, "a mask");
  const mlir::Attribute* map = op.attribute("permutation_map");
  if (map != nullptr && map->text.find("0)") != std::string::npos)
    throw out.error(op, "a permutation map that broadcasts");
}

void transfer_read(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  refuse_masks(out, op, view.sizes.size() + 2);
  load(out, op);
}

void transfer_write(Emitter& out, const mlir::Op& op) {
  refuse_masks(out, op, out.view(op, 1).sizes.size() + 2);
  store(out, op);
}

void broadcast(Emitter& out, const mlir::Op& op) {
  const auto lanes = static_cast<size_t>(result_type(out, op).elements());
  const Lanes in = out.lanes(op, 0);
  Lanes result;
  for (size_t i = 0; i < lanes; ++i)
    result.push_back(in[i % in.size()]);
  out.define(op, std::move(result));
}

/// Where a position of the leading dimensions begins, and how many lanes it has.
std::pair<size_t, size_t> part(Emitter& out, const mlir::Op& op, const BodyType& type,
                               size_t operand) {
  std::vector<int64_t> position = integers_of(op, "static_position");
  if (position.empty())
    position = integers_of(op, "position");
  for (size_t i = operand; i < op.operands.size(); ++i) {
    const Number index = out.number(op, i);
    if (!index.known())
      throw out.error(op, "a position that is not known");
    const auto open = std::find(position.begin(), position.end(), kOpen);
    if (open == position.end())
      position.push_back(index.value);
    else
      *open = index.value;
  }
  auto size = static_cast<size_t>(type.elements());
  size_t begin = 0;
  for (size_t i = 0; i < position.size(); ++i) {
    if (i >= type.shape.size() || position[i] < 0 || position[i] >= type.shape[i])
      throw out.error(op, "a position outside the vector");
    size /= static_cast<size_t>(type.shape[i]);
    begin += size * static_cast<size_t>(position[i]);
  }
  return {begin, size};
}

void extract(Emitter& out, const mlir::Op& op) {
  const Lanes in = out.lanes(op, 0);
  const auto [begin, size] = part(out, op, body_type(op.operands[0].type), 1);
  out.define(op, Lanes(in.begin() + static_cast<std::ptrdiff_t>(begin),
                       in.begin() + static_cast<std::ptrdiff_t>(begin + size)));
}

void insert(Emitter& out, const mlir::Op& op) {
  const Lanes value = out.lanes(op, 0);
  Lanes result = out.lanes(op, 1);
  const auto [begin, size] = part(out, op, result_type(out, op), 2);
  for (size_t i = 0; i < size; ++i)
    result[begin + i] = value[i % value.size()];
  out.define(op, std::move(result));
}

void reshape(Emitter& out, const mlir::Op& op) {
  Lanes lanes = out.lanes(op, 0);
  if (static_cast<int64_t>(lanes.size()) != result_type(out, op).elements())
    throw out.error(op, "another number of lanes");
  out.define(op, std::move(lanes));
}

/// The same bits as lanes of another type.
void bitcast(Emitter& out, const mlir::Op& op) {
  const BodyType from = body_type(op.operands.at(0).type);
  const BodyType to = result_type(out, op);
  if (!from.number.whole() || !to.number.whole() ||
      from.elements() * from.number.bits != to.elements() * to.number.bits)
    throw out.error(op, fmt::format("from `{}` to `{}`", op.operands[0].type, op.results[0].type));
  View view = out.in_stack(from.number, from.elements());
  const std::array first{known(0)};
  store_lanes(out, view, first, std::array{from.elements()}, out.lanes(op, 0));
  view.element = to.number;
  out.define(op, load_lanes(out, view, first, std::array{to.elements()}));
}

/// Lanes of a slice of all dimensions, in a vector of that shape.
std::vector<size_t> slice(std::span<const int64_t> shape, std::span<const int64_t> offsets,
                          std::span<const int64_t> sizes) {
  std::vector<size_t> places{0};
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t offset = i < offsets.size() ? offsets[i] : 0;
    const int64_t size = i < sizes.size() ? sizes[i] : shape[i];
    std::vector<size_t> next;
    for (const size_t place : places)
      for (int64_t j = 0; j < size; ++j)
        next.push_back(place * static_cast<size_t>(shape[i]) + static_cast<size_t>(offset + j));
    places = std::move(next);
  }
  return places;
}

void extract_slice(Emitter& out, const mlir::Op& op) {
  const Lanes in = out.lanes(op, 0);
  Lanes result;
  for (const size_t place : slice(body_type(op.operands[0].type).shape, integers_of(op, "offsets"),
                                  integers_of(op, "sizes")))
    result.push_back(in.at(place));
  out.define(op, std::move(result));
}

void insert_slice(Emitter& out, const mlir::Op& op) {
  const Lanes value = out.lanes(op, 0);
  Lanes result = out.lanes(op, 1);
  const auto shape = body_type(op.operands[0].type).shape;
  const auto places = slice(result_type(out, op).shape, integers_of(op, "offsets"), shape);
  for (size_t i = 0; i < places.size() && i < value.size(); ++i)
    result.at(places[i]) = value[i];
  out.define(op, std::move(result));
}

void shuffle(Emitter& out, const mlir::Op& op) {
  Lanes in = out.lanes(op, 0);
  const Lanes second = out.lanes(op, 1);
  in.insert(in.end(), second.begin(), second.end());
  Lanes result;
  for (const int64_t lane : integers_of(op, "mask"))
    result.push_back(in.at(static_cast<size_t>(lane)));
  out.define(op, std::move(result));
}

struct Reduction {
  std::string_view name;
  Op integer;
  Op real;
};
constexpr std::array kReductions{
    Reduction{"add", Op::Add, Op::FAdd},          Reduction{"mul", Op::Mul, Op::FMul},
    Reduction{"minsi", Op::Min, Op::Nop},         Reduction{"maxsi", Op::Max, Op::Nop},
    Reduction{"minui", Op::MinU, Op::Nop},        Reduction{"maxui", Op::MaxU, Op::Nop},
    Reduction{"and", Op::And, Op::Nop},           Reduction{"or", Op::Or, Op::Nop},
    Reduction{"xor", Op::Xor, Op::Nop},           Reduction{"minimumf", Op::Nop, Op::FMinimum},
    Reduction{"maximumf", Op::Nop, Op::FMaximum}, Reduction{"minnumf", Op::Nop, Op::FMin},
    Reduction{"maxnumf", Op::Nop, Op::FMax},      Reduction{"minf", Op::Nop, Op::FMinimum},
    Reduction{"maxf", Op::Nop, Op::FMaximum},
};

/// `#vector.kind<add>`, or as it stands in the op.
void reduce(Emitter& out, const mlir::Op& op) {
  const mlir::Attribute* kind = op.attribute("kind");
  std::string name = kind == nullptr ? "" : kind->bare.empty() ? kind->text : kind->bare;
  if (const size_t open = name.find('<'); open != std::string::npos)
    name = name.substr(open + 1, name.find('>') - open - 1);
  const NumberType type = body_type(op.operands.at(0).type).number;
  const Reduction* row = find_row(kReductions, name);
  const Op machine = row == nullptr ? Op::Nop : type.real() ? row->real : row->integer;
  if (machine == Op::Nop)
    throw out.error(op, fmt::format("the kind `{}`", name));
  const Lanes lanes = out.lanes(op, 0);
  Number result = op.operands.size() > 1 ? out.number(op, 1) : lanes[0];
  for (size_t i = op.operands.size() > 1 ? 0 : 1; i < lanes.size(); ++i)
    result = calculate(out, machine, type, result, lanes[i]);
  out.define(op, result);
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"vector.load", load},
    Row{"vector.store", store},
    Row{"vector.transfer_read", transfer_read},
    Row{"vector.transfer_write", transfer_write},
    Row{"vector.broadcast", broadcast},
    Row{"vector.splat", broadcast},
    Row{"vector.extract", extract},
    Row{"vector.extractelement", extract},
    Row{"vector.insert", insert},
    Row{"vector.insertelement", insert},
    Row{"vector.shape_cast", reshape},
    Row{"vector.bitcast", bitcast},
    Row{"vector.extract_strided_slice", extract_slice},
    Row{"vector.insert_strided_slice", insert_slice},
    Row{"vector.shuffle", shuffle},
    Row{"vector.reduction", reduce},
};

}  // namespace

bool lower_vector(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
