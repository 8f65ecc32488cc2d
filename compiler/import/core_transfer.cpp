// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors from memory and to it, where some lanes may be outside of it or masked.
#include <algorithm>
#include <array>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

BodyType vector_type(Emitter& out, const mlir::Op& op, const mlir::Value& value) {
  const BodyType type = body_type(value.type);
  if (type.kind != mlir::Type::Kind::Vector)
    throw out.error(op, fmt::format("a vector of type `{}`", value.type));
  return type;
}

void load(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  out.define(op, load_lanes(out, op, view, out.numbers(op, 1, view.sizes.size()),
                            vector_type(out, op, op.results.at(0)).shape));
}

void store(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 1);
  store_lanes(out, op, view, out.numbers(op, 2, view.sizes.size()),
              vector_type(out, op, op.operands.at(0)).shape, out.lanes(op, 0));
}

/// Where a lane is, and whether it is there.
struct Place {
  std::vector<Number> offsets;  ///< from where the transfer begins
  Number inside = known(1);
};

/// A transfer's walk through memory.
class Transfer {
 public:
  /// `memory`: the operand, before its indices; `mask`: the operand, when there are as many. All
  /// lanes of a masked load or store that are not masked are in memory.
  Transfer(Emitter& out, const mlir::Op& op, size_t memory, const mlir::Value& vector, size_t mask)
      : out_(out), view_(out.view(op, memory)), shape_(vector_type(out, op, vector).shape) {
    const size_t rank = view_.sizes.size();
    check_rank(out, op, view_, shape_);
    begin_ = out.numbers(op, memory + 1, rank);
    first_ = pinned(out, view_, begin_);
    const mlir::Attribute* map = op.attribute("permutation_map");
    for (size_t i = 0; map == nullptr && i < shape_.size(); ++i)
      dimensions_.push_back(rank - shape_.size() + i);
    if (map != nullptr)
      read_map(op, map->text);
    if (dimensions_.size() != shape_.size())
      throw out.error(op, "a vector of other dimensions");
    const mlir::Attribute* bounds = op.attribute("in_bounds");
    const auto flags = bounds ? mlir::to_list(bounds->text) : std::vector<std::string_view>{};
    for (size_t i = 0; i < shape_.size(); ++i)
      in_bounds_.push_back(op.name.starts_with("vector.masked") ||
                           (i < flags.size() && flags[i].starts_with("true")));
    if (mask < op.operands.size())
      read_mask(op, mask);
  }

  size_t lanes() const { return static_cast<size_t>(mlir::Type{.shape = shape_}.elements()); }

  Place place(size_t lane) {
    Place place{std::vector<Number>(view_.sizes.size(), known(0))};
    std::vector<int64_t> position(shape_.size());
    auto rest = static_cast<int64_t>(lane);
    for (size_t i = shape_.size(); i-- > 0; rest /= shape_[i]) {
      position[i] = rest % shape_[i];
      if (!dimensions_[i])
        continue;
      const size_t d = *dimensions_[i];
      place.offsets[d] = known(position[i]);
      if (!in_bounds_[i])
        place.inside =
            out_.both(place.inside, below(out_.add(begin_[d], place.offsets[d]), view_.sizes[d]));
    }
    int64_t masked = 0;
    for (const size_t i : masked_)
      masked = masked * shape_[i] + position[i];
    if (!mask_.empty())
      place.inside = out_.both(place.inside, mask_[static_cast<size_t>(masked)]);
    return place;
  }

  /// The lane's element, or `otherwise`; where there is none, memory is not read.
  Number load(const Place& place, Number otherwise) {
    const Number inside = place.inside;
    if (inside.known())
      return inside.value != 0 ? out_.load(first_, place.offsets) : otherwise;
    const Number address =
        out_.select(inside, out_.address(first_, place.offsets), out_.address(view_));
    const View element{.dynamic = out_.reg(address), .element = view_.element};
    return out_.select(inside, out_.load(element, {}), otherwise);
  }

  void store(const Place& place, Number value) {
    if (place.inside.known()) {
      if (place.inside.value != 0)
        out_.store(first_, place.offsets, value);
      return;
    }
    const int after = out_.code().new_block();
    out_.branch(Op::BranchIfNot, place.inside, after);
    out_.store(first_, place.offsets, value);
    out_.code().place(after);
  }

 private:
  void read_map(const mlir::Op& op, std::string_view text) {
    const Map map = map_of(out_, op, text);
    for (size_t i = 0; i < map.results.size(); ++i) {
      const auto dimension = map.loop(i);
      if ((!dimension && map.results[i] != "0") || map.loops.size() != view_.sizes.size())
        throw out_.error(op, fmt::format("the map `{}`", text));
      dimensions_.push_back(dimension);
    }
  }

  /// A mask has the dimensions of memory that the vector walks through, in memory's order.
  void read_mask(const mlir::Op& op, size_t operand) {
    mask_ = out_.lanes(op, operand);
    int64_t lanes = 1;
    for (size_t i = 0; i < shape_.size(); ++i)
      if (dimensions_[i]) {
        masked_.push_back(i);
        lanes *= shape_[i];
      }
    std::ranges::sort(masked_, {}, [&](size_t i) { return *dimensions_[i]; });
    if (static_cast<int64_t>(mask_.size()) != lanes)
      throw out_.error(op, fmt::format("a mask of {} lanes for {}", mask_.size(), lanes));
  }

  Number below(Number index, Number size) {
    if (index.known() && size.known())
      return known(index.value >= 0 && index.value < size.value ? 1 : 0);
    return out_.emit(Op::CmpLtU, Type::I64, index, size);
  }

  Emitter& out_;
  View view_;
  View first_;
  std::vector<int64_t> shape_;
  std::vector<Number> begin_;
  std::vector<std::optional<size_t>> dimensions_;  ///< of memory; none: the same for all lanes
  std::vector<bool> in_bounds_;
  std::vector<Number> mask_;
  std::vector<size_t> masked_;  ///< dimensions of the vector, in the order of the mask's
};

void transfer_read(Emitter& out, const mlir::Op& op) {
  const size_t padding = out.view(op, 0).sizes.size() + 1;
  Transfer transfer(out, op, 0, op.results.at(0), padding + 1);
  const Number otherwise = out.number(op, padding);
  std::vector<Number> lanes;
  for (size_t i = 0; i < transfer.lanes(); ++i)
    lanes.push_back(transfer.load(transfer.place(i), otherwise));
  out.define(op, std::move(lanes));
}

void transfer_write(Emitter& out, const mlir::Op& op) {
  Transfer transfer(out, op, 1, op.operands.at(0), out.view(op, 1).sizes.size() + 2);
  const std::vector<Number> lanes = out.lanes(op, 0);
  for (size_t i = 0; i < transfer.lanes(); ++i)
    transfer.store(transfer.place(i), lanes.at(i));
}

/// Lanes that are masked come from an operand.
void masked_load(Emitter& out, const mlir::Op& op) {
  const size_t mask = out.view(op, 0).sizes.size() + 1;
  Transfer transfer(out, op, 0, op.results.at(0), mask);
  const std::vector<Number> otherwise = out.lanes(op, mask + 1);
  std::vector<Number> lanes;
  for (size_t i = 0; i < transfer.lanes(); ++i)
    lanes.push_back(transfer.load(transfer.place(i), otherwise.at(i)));
  out.define(op, std::move(lanes));
}

void masked_store(Emitter& out, const mlir::Op& op) {
  const size_t mask = out.view(op, 0).sizes.size() + 1;
  Transfer transfer(out, op, 0, op.operands.at(mask + 1), mask);
  const std::vector<Number> lanes = out.lanes(op, mask + 1);
  for (size_t i = 0; i < transfer.lanes(); ++i)
    transfer.store(transfer.place(i), lanes.at(i));
}

/// A mask of the first lanes of each dimension: numbers in the op, or operands.
void mask(Emitter& out, const mlir::Op& op) {
  const BodyType type = vector_type(out, op, op.results.at(0));
  std::vector<Number> sizes = out.numbers(op, 0, op.operands.size());
  for (const int64_t size : integers_of(op, "mask_dim_sizes"))
    sizes.push_back(known(size));
  if (sizes.size() != type.shape.size())
    throw out.error(op, "a mask of other dimensions");
  std::vector<Number> lanes;
  for (int64_t lane = 0; lane < type.elements(); ++lane) {
    Number inside = known(1);
    int64_t rest = lane;
    for (size_t i = sizes.size(); i-- > 0; rest /= type.shape[i])
      inside =
          out.both(inside, out.emit(Op::CmpLt, Type::I64, known(rest % type.shape[i]), sizes[i]));
    lanes.push_back(inside);
  }
  out.define(op, std::move(lanes));
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
    Row{"vector.maskedload", masked_load},
    Row{"vector.maskedstore", masked_store},
    Row{"vector.constant_mask", mask},
    Row{"vector.create_mask", mask},
};

}  // namespace

bool lower_transfer(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
