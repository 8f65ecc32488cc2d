// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors are their lanes: one number each.
#include <algorithm>
#include <array>
#include <numeric>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

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

using Shape = std::vector<int64_t>;

/// Calls a function for every position in a shape, in order.
void for_each_position(const Shape& shape, const std::function<void(const Shape&)>& f) {
  Shape position(shape.size(), 0);
  for (size_t i = shape.size() + 1; i > 0;) {
    f(position);
    for (i = shape.size(); i > 0 && ++position[i - 1] == shape[i - 1]; --i)
      position[i - 1] = 0;
  }
}

/// The lane at a position of a vector, in which dimensions of 1 lane stand for any number of them.
size_t lane_at(const Shape& shape, std::span<const int64_t> position) {
  int64_t lane = 0;
  for (size_t i = 0; i < shape.size(); ++i)
    lane = lane * shape[i] + (shape[i] == 1 ? 0 : position[i]);
  return static_cast<size_t>(lane);
}

/// The last dimensions of the result are those of the operand.
void broadcast(Emitter& out, const mlir::Op& op) {
  const Lanes in = out.lanes(op, 0);
  const Shape from = body_type(op.operands[0].type).shape;
  const Shape to = result_type(out, op).shape;
  if (from.size() > to.size())
    throw out.error(op, "a result of fewer dimensions");
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1 && from[i] != to[to.size() - from.size() + i])
      throw out.error(op, fmt::format("`{}` in `{}`", op.operands[0].type, op.results[0].type));
  Lanes result;
  for_each_position(to, [&](const Shape& position) {
    result.push_back(in.at(lane_at(from, std::span(position).last(from.size()))));
  });
  out.define(op, std::move(result));
}

/// Dimension i of the result is dimension `permutation`[i] of the operand.
void transpose(Emitter& out, const mlir::Op& op) {
  const Lanes in = out.lanes(op, 0);
  const Shape from = body_type(op.operands[0].type).shape;
  const Shape order = integers_of(op, "permutation");
  const Shape to = result_type(out, op).shape;
  if (!is_permutation(order, from.size()) || to.size() != from.size())
    throw out.error(op, "a permutation of other dimensions");
  for (size_t i = 0; i < order.size(); ++i)
    if (to[i] != from[static_cast<size_t>(order[i])])
      throw out.error(op, fmt::format("`{}` from `{}`", op.results[0].type, op.operands[0].type));
  Lanes result;
  for_each_position(to, [&](const Shape& position) {
    Shape source(from.size(), 0);
    for (size_t i = 0; i < order.size(); ++i)
      source[static_cast<size_t>(order[i])] = position[i];
    result.push_back(in.at(lane_at(from, source)));
  });
  out.define(op, std::move(result));
}

/// A lane from each operand.
void gather(Emitter& out, const mlir::Op& op) {
  Lanes result;
  for (size_t i = 0; i < op.operands.size(); ++i)
    result.push_back(out.number(op, i));
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
  const auto [begin, size] = part(out, op, body_type(op.operands[1].type), 2);
  if (value.size() != size)
    throw out.error(op, fmt::format("{} lanes for {}", value.size(), size));
  std::ranges::copy(value, result.begin() + static_cast<std::ptrdiff_t>(begin));
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
  store_lanes(out, op, view, first, std::array{from.elements()}, out.lanes(op, 0));
  view.element = to.number;
  out.define(op, load_lanes(out, op, view, first, std::array{to.elements()}));
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
  for (size_t i = 0; i < places.size(); ++i)
    result.at(places[i]) = value.at(i);
  out.define(op, std::move(result));
}

void shuffle(Emitter& out, const mlir::Op& op) {
  Lanes in = out.lanes(op, 0);
  const Lanes second = out.lanes(op, 1);
  in.insert(in.end(), second.begin(), second.end());
  Lanes result;
  for (const int64_t lane : integers_of(op, "mask")) {
    if (lane < 0 || lane >= static_cast<int64_t>(in.size()))
      throw out.error(op, fmt::format("lane {} of {}", lane, in.size()));
    result.push_back(in[static_cast<size_t>(lane)]);
  }
  BodyType type = body_type(op.operands[0].type);
  type.shape = {static_cast<int64_t>(result.size())};
  out.define(op, op.results.at(0), {.type = type, .lanes = std::move(result)});
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

/// The machine's op of `#vector.kind<add>`, or of the kind as it stands in the op.
Op kind_of(Emitter& out, const mlir::Op& op, NumberType type) {
  const mlir::Attribute* kind = op.attribute("kind");
  std::string name = kind == nullptr ? "add" : kind->bare.empty() ? kind->text : kind->bare;
  if (const size_t open = name.find('<'); open != std::string::npos)
    name = name.substr(open + 1, name.find('>') - open - 1);
  const Reduction* row = find_row(kReductions, name);
  const Op machine = row == nullptr ? Op::Nop : type.real() ? row->real : row->integer;
  if (machine == Op::Nop)
    throw out.error(op, fmt::format("the kind `{}`", name));
  return machine;
}

void reduce(Emitter& out, const mlir::Op& op) {
  const NumberType type = body_type(op.operands.at(0).type).number;
  const Op machine = kind_of(out, op, type);
  const Lanes lanes = out.lanes(op, 0);
  Number result = op.operands.size() > 1 ? out.number(op, 1) : lanes[0];
  for (size_t i = op.operands.size() > 1 ? 0 : 1; i < lanes.size(); ++i)
    result = calculate(out, machine, type, result, lanes[i]);
  out.define(op, result);
}

/// Some dimensions of the first operand go into the second.
void reduce_dimensions(Emitter& out, const mlir::Op& op) {
  const BodyType type = body_type(op.operands.at(0).type);
  const Op machine = kind_of(out, op, type.number);
  const Lanes lanes = out.lanes(op, 0);
  Lanes result = out.lanes(op, 1);
  const Shape into = body_type(op.operands[1].type).shape;
  const Shape dropped = integers_of(op, "reduction_dims");
  for_each_position(type.shape, [&](const Shape& position) {
    Shape kept;
    for (size_t i = 0; i < position.size(); ++i)
      if (std::ranges::find(dropped, static_cast<int64_t>(i)) == dropped.end())
        kept.push_back(position[i]);
    if (kept.size() != into.size())
      throw out.error(op, "dimensions that do not fit");
    Number& to = result.at(lane_at(into, kept));
    to = calculate(out, machine, type.number, to, lanes.at(lane_at(type.shape, position)));
  });
  out.define(op, std::move(result));
}

/// Products of lanes of the first two operands go into the third, as the maps say.
void contract(Emitter& out, const mlir::Op& op) {
  const mlir::Attribute* attribute = op.attribute("indexing_maps");
  const auto texts = attribute ? mlir::to_list(attribute->text) : std::vector<std::string_view>{};
  if (texts.size() != 3 || op.operands.size() != 3)
    throw out.error(op, "not three maps and operands");
  std::array<Map, 3> maps;
  std::array<BodyType, 3> types;
  std::array<Lanes, 3> lanes;
  Shape turns;
  for (size_t i = 0; i < 3; ++i) {
    maps[i] = map_of(out, op, texts[i]);
    types[i] = body_type(op.operands[i].type);
    lanes[i] = out.lanes(op, i);
    turns.resize(maps[i].loops.size());
    for (size_t d = 0; d < maps[i].results.size(); ++d) {
      const auto loop = maps[i].loop(d);
      if (!loop || maps[i].results.size() != types[i].shape.size() || *loop >= turns.size())
        throw out.error(op, fmt::format("the map `{}`", texts[i]));
      turns[*loop] = types[i].shape[d];
    }
  }
  const NumberType type = types[2].number;
  const Op machine = kind_of(out, op, type);
  for_each_position(turns, [&](const Shape& position) {
    const auto lane = [&](size_t operand) -> Number& {
      Shape at;
      for (size_t d = 0; d < maps[operand].results.size(); ++d)
        at.push_back(position[*maps[operand].loop(d)]);
      return lanes[operand].at(lane_at(types[operand].shape, at));
    };
    const Number product = calculate(out, type.real() ? Op::FMul : Op::Mul, type,
                                     converted(out, lane(0), types[0].number, type),
                                     converted(out, lane(1), types[1].number, type));
    lane(2) = calculate(out, machine, type, lane(2), product);
  });
  out.define(op, std::move(lanes[2]));
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
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
    Row{"vector.transpose", transpose},
    Row{"vector.from_elements", gather},
    Row{"vector.reduction", reduce},
    Row{"vector.multi_reduction", reduce_dimensions},
    Row{"vector.contract", contract},
};

}  // namespace

bool lower_vector(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
