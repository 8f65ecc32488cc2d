// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loads, stores, views and copies of memrefs.
#include <algorithm>
#include <array>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

size_t rank(const View& view) {
  return view.sizes.size();
}

BodyType memref_type(Emitter& out, const mlir::Op& op) {
  const BodyType type = body_type(op.results.at(0).type);
  if (type.kind != mlir::Type::Kind::Memref)
    throw out.error(op, fmt::format("memory of type `{}`", op.results[0].type));
  return type;
}

void load(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  out.define(op, out.load(view, out.numbers(op, 1, rank(view))));
}

void store(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 1);
  out.store(view, out.numbers(op, 2, rank(view)), out.number(op, 0));
}

/// A list with its open places filled from the operands, in their order.
std::vector<Number> mixed(Emitter& out, const mlir::Op& op, std::string_view name,
                          size_t& operand) {
  std::vector<Number> numbers;
  for (const int64_t value : integers_of(op, name))
    numbers.push_back(value == kOpen ? out.number(op, operand++) : known(value));
  return numbers;
}

/// A view moved to another first element.
View at(Emitter& out, View view, std::span<const Number> indices) {
  for (size_t i = 0; i < indices.size(); ++i) {
    const Number bytes =
        out.multiply(indices[i], out.multiply(view.strides.at(i), known(view.element.bytes())));
    view.moved = out.add(view.moved, bytes);
    if (bytes.known())
      view.offset += bytes.value;
    else if (view.dynamic < 0)
      view.dynamic = bytes.reg;
    else
      view.dynamic = out.add({.reg = view.dynamic}, bytes).reg;
  }
  return view;
}

/// Dimensions that the result's type does not have are dropped; they have one element.
void subview(Emitter& out, const mlir::Op& op) {
  View view = out.view(op, 0);
  size_t operand = 1;
  const auto offsets = mixed(out, op, "static_offsets", operand);
  const auto sizes = mixed(out, op, "static_sizes", operand);
  const auto steps = mixed(out, op, "static_strides", operand);
  if (offsets.size() != rank(view) || sizes.size() != rank(view) || steps.size() != rank(view))
    throw out.error(op, fmt::format("{} offsets for {} dimensions", offsets.size(), rank(view)));
  View result = at(out, view, offsets);
  result.sizes.clear();
  result.strides.clear();
  const BodyType type = body_type(op.results.at(0).type);
  size_t dropped = rank(view) - std::min(rank(view), type.shape.size());
  for (size_t i = 0; i < rank(view); ++i) {
    const bool fits = result.sizes.size() < type.shape.size() && sizes[i].known() &&
                      type.shape[result.sizes.size()] == sizes[i].value;
    if (dropped > 0 && sizes[i].known() && sizes[i].value == 1 && !fits) {
      --dropped;
      continue;
    }
    result.sizes.push_back(sizes[i]);
    result.strides.push_back(out.multiply(view.strides[i], steps[i]));
  }
  out.define(op, result);
}

/// The first element of the memory that a view is a part of.
View beginning(Emitter& out, const View& view) {
  View begin{.buffer = view.buffer,
             .dynamic = view.dynamic,
             .offset = view.offset,
             .element_name = view.element_name,
             .element = view.element};
  if (view.moved.known())
    begin.offset -= view.moved.value;
  else
    begin.dynamic = out.emit(Op::Sub, Type::I64, {.reg = view.dynamic}, view.moved).reg;
  return begin;
}

/// Offset, sizes and strides replace those of the source, from the beginning of its memory.
void reinterpret(Emitter& out, const mlir::Op& op) {
  View view = beginning(out, out.view(op, 0));
  view.strides = {known(1)};
  size_t operand = 1;
  view = at(out, view, mixed(out, op, "static_offsets", operand));
  view.sizes = mixed(out, op, "static_sizes", operand);
  view.strides = mixed(out, op, "static_strides", operand);
  if (view.sizes.size() != view.strides.size())
    throw out.error(op,
                    fmt::format("{} sizes and {} strides", view.sizes.size(), view.strides.size()));
  out.define(op, view);
}

/// The first element of the memory, where the view begins in it, its sizes and its strides.
void metadata(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  const Number bytes = known(view.element.bytes());
  std::vector<Number> numbers{out.emit(Op::Div, Type::I64, view.moved, bytes)};
  numbers.insert(numbers.end(), view.sizes.begin(), view.sizes.end());
  numbers.insert(numbers.end(), view.strides.begin(), view.strides.end());
  if (op.results.size() != numbers.size() + 1)
    throw out.error(op, fmt::format("{} results", op.results.size()));
  out.define(op, op.results[0],
             {.type = body_type(op.results[0].type), .view = beginning(out, view)});
  for (size_t i = 0; i < numbers.size(); ++i)
    out.define(op, op.results[i + 1], {.type = body_type("index"), .lanes = {numbers[i]}});
}

/// Elements of another type from a byte on.
void reread(Emitter& out, const mlir::Op& op) {
  const BodyType type = body_type(op.results.at(0).type);
  const std::array first{out.number(op, 1)};
  View view = at(out, out.view(op, 0), first);
  view.element = type.number;
  view.element_name = type.element;
  view.moved = known(0);
  view.sizes.clear();
  size_t operand = 2;
  for (const int64_t size : type.shape)
    view.sizes.push_back(size == mlir::kDynamic ? out.number(op, operand++) : known(size));
  view.strides.assign(view.sizes.size(), known(1));
  for (size_t i = view.sizes.size(); i-- > 1;)
    view.strides[i - 1] = out.multiply(view.strides[i], view.sizes[i]);
  out.define(op, view);
}

/// Dimensions of one of the two memrefs that together are one of the other.
std::vector<std::vector<size_t>> groups_of(const mlir::Op& op) {
  std::vector<std::vector<size_t>> groups;
  const mlir::Attribute* attribute = op.attribute("reassociation");
  if (attribute == nullptr)
    return groups;
  for (const std::string_view list : mlir::to_list(attribute->text)) {
    groups.emplace_back();
    for (const std::string_view dimension : mlir::to_list(list))
      groups.back().push_back(static_cast<size_t>(mlir::to_integer(dimension).value_or(0)));
  }
  return groups;
}

void expand(Emitter& out, const mlir::Op& op) {
  const View from = out.view(op, 0);
  const BodyType type = body_type(op.results.at(0).type);
  const auto groups = groups_of(op);
  size_t operand = 1;
  const std::vector<Number> shape = mixed(out, op, "static_output_shape", operand);
  View to = from;
  to.sizes.assign(type.shape.size(), known(1));
  to.strides.assign(type.shape.size(), known(1));
  for (size_t i = 0; i < groups.size(); ++i) {
    Number stride = from.strides.at(i);
    for (size_t j = groups[i].size(); j-- > 0;) {
      const size_t d = groups[i][j];
      const int64_t size = type.shape.at(d);
      if (size == mlir::kDynamic && d >= shape.size())
        throw out.error(op, fmt::format("sizes that `{}` leaves open", op.results[0].type));
      to.sizes[d] = size == mlir::kDynamic ? shape[d] : known(size);
      to.strides[d] = stride;
      stride = out.multiply(stride, to.sizes[d]);
    }
  }
  out.define(op, to);
}

void collapse(Emitter& out, const mlir::Op& op) {
  const View from = out.view(op, 0);
  View to = from;
  to.sizes.clear();
  to.strides.clear();
  for (const std::vector<size_t>& group : groups_of(op)) {
    Number size = known(1);
    Number stride = known(1);
    for (const size_t d : group) {
      size = out.multiply(size, from.sizes.at(d));
      // Dimensions of one element may have any stride.
      if (!from.sizes[d].known() || from.sizes[d].value != 1)
        stride = from.strides[d];
    }
    to.sizes.push_back(size);
    to.strides.push_back(stride);
  }
  out.define(op, to);
}

/// Sizes and strides from the result's type, where it has them.
void retype(Emitter& out, const mlir::Op& op) {
  View view = out.view(op, 0);
  const BodyType type = memref_type(out, op);
  view.element = type.number;
  view.element_name = type.element;
  std::vector<Number> sizes;
  std::vector<Number> strides;
  for (size_t i = 0; i < type.shape.size(); ++i) {
    const bool same = type.shape.size() == rank(view);
    if ((type.shape[i] == mlir::kDynamic || (*type.strides)[i] == mlir::kDynamic) && !same)
      throw out.error(op, fmt::format("sizes that `{}` leaves open", op.results[0].type));
    sizes.push_back(type.shape[i] == mlir::kDynamic ? view.sizes[i] : known(type.shape[i]));
    strides.push_back((*type.strides)[i] == mlir::kDynamic ? view.strides[i]
                                                           : known((*type.strides)[i]));
  }
  view.sizes = sizes;
  view.strides = strides;
  out.define(op, view);
}

void same(Emitter& out, const mlir::Op& op) {
  if (!op.results.empty())
    out.define(op, out.view(op, 0));
}

void size(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  const Number index =
      op.operands.size() > 1 ? out.number(op, 1) : known(integer_of(op, "index", 0));
  if (!index.known() || index.value < 0 || index.value >= static_cast<int64_t>(rank(view)))
    throw out.error(op, "a dimension that is not known");
  out.define(op, view.sizes[static_cast<size_t>(index.value)]);
}

void transpose(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  View result = view;
  const Map map = map_of(out, op, text_of(op, "permutation"));
  for (size_t i = 0; i < rank(view); ++i) {
    const auto dimension = i < map.results.size() ? map.loop(i) : std::nullopt;
    if (!dimension || map.loops.size() != rank(view) || map.results.size() != rank(view))
      throw out.error(op, fmt::format("the map `{}`", text_of(op, "permutation")));
    result.sizes[i] = view.sizes[*dimension];
    result.strides[i] = view.strides[*dimension];
  }
  out.define(op, result);
}

/// The words that numbers are in memory.
std::vector<uint32_t> words_of(const std::vector<int64_t>& values, NumberType type) {
  const auto bytes = static_cast<size_t>(type.bytes());
  std::vector<uint32_t> words((values.size() * bytes + 3) / 4);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t value = to_memory(values[i], type);
    for (size_t b = 0; b < bytes; ++b)
      words[(i * bytes + b) / 4] |= static_cast<uint32_t>(value >> (8 * b) & 0xFF)
                                    << ((i * bytes + b) % 4 * 8);
  }
  return words;
}

void get_global(Emitter& out, const mlir::Op& op) {
  const std::string name = text_of(op, "name");
  const mlir::Op* global = out.context().symbol ? out.context().symbol(name) : nullptr;
  if (global == nullptr || global->name != "memref.global")
    throw out.error(op, fmt::format("there is no memref.global `{}`", name));
  const auto found = out.globals.find(name);
  if (found != out.globals.end())
    return out.define(op, found->second);
  const BodyType type = memref_type(out, op);
  const mlir::Attribute* initial = global->attribute("initial_value");
  std::vector<uint32_t> words;
  if (initial != nullptr && initial->text != "unit" && initial->text != "uninitialized") {
    const auto values = dense(initial->text, type.number, type.elements());
    if (!values)
      throw out.error(op, fmt::format("the initial value of `{}`", name));
    words = words_of(*values, type.number);
  }
  const View view = out.new_buffer(
      fmt::format("{}_{}_{}", name, out.context().tile.col, out.context().tile.row), type, words);
  out.globals.emplace(name, view);
  out.define(op, view);
}

void allocate(Emitter& out, const mlir::Op& op) {
  const BodyType type = memref_type(out, op);
  if (type.elements() == mlir::kDynamic)
    throw out.error(op, fmt::format("memory of type `{}`", op.results[0].type));
  out.define(op, out.new_buffer(fmt::format("local{}_{}_{}", op.location.line,
                                            out.context().tile.col, out.context().tile.row),
                                type, {}));
}

/// Bytes of a view whose elements follow each other, when they are known.
std::optional<int64_t> contiguous_bytes(const View& view) {
  int64_t elements = 1;
  for (size_t i = rank(view); i-- > 0;) {
    if (!view.sizes[i].known() || !view.strides[i].known())
      return std::nullopt;
    if (view.sizes[i].value != 1 && view.strides[i].value != elements)
      return std::nullopt;
    elements *= view.sizes[i].value;
  }
  return elements * view.element.bytes();
}

/// Whole words where elements follow each other.
View as_words(View view, int64_t bytes) {
  const int width = bytes % 8 == 0 ? 64 : bytes % 4 == 0 ? 32 : bytes % 2 == 0 ? 16 : 8;
  view.element = integer_type(width);
  view.sizes = {known(bytes * 8 / width)};
  view.strides = {known(1)};
  return view;
}

void copy(Emitter& out, const mlir::Op& op) {
  View from = out.view(op, 0);
  View to = out.view(op, 1);
  bool same_sizes = rank(from) == rank(to);
  for (size_t i = 0; same_sizes && i < rank(from); ++i)
    same_sizes =
        !from.sizes[i].known() || !to.sizes[i].known() || from.sizes[i].value == to.sizes[i].value;
  if (!same_sizes)
    throw out.error(op, "memrefs of other sizes");
  const auto bytes = contiguous_bytes(from);
  if (from.element == to.element && bytes && bytes == contiguous_bytes(to)) {
    from = as_words(from, *bytes);
    to = as_words(to, *bytes);
  }
  for_each_element(out, from.sizes, [&](std::span<const Number> indices) {
    out.store(to, indices, converted(out, out.load(from, indices), from.element, to.element));
  });
}

void fill(Emitter& out, const mlir::Op& op) {
  const View to = out.view(op, 1);
  const Number value =
      converted(out, out.number(op, 0), body_type(op.operands[0].type).number, to.element);
  for_each_element(out, to.sizes,
                   [&](std::span<const Number> indices) { out.store(to, indices, value); });
}

void nothing(Emitter&, const mlir::Op&) {}

/// For loads at an index that the machine's address space has: the number of the address.
void pointer(Emitter& out, const mlir::Op& op) {
  out.define(op, out.address(out.view(op, 0)));
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"memref.load", load},
    Row{"memref.store", store},
    Row{"memref.subview", subview},
    Row{"memref.reinterpret_cast", reinterpret},
    Row{"memref.cast", retype},
    Row{"memref.memory_space_cast", same},
    Row{"memref.collapse_shape", collapse},
    Row{"memref.expand_shape", expand},
    Row{"memref.view", reread},
    Row{"memref.extract_strided_metadata", metadata},
    Row{"memref.transpose", transpose},
    Row{"memref.dim", size},
    Row{"memref.get_global", get_global},
    Row{"memref.alloc", allocate},
    Row{"memref.alloca", allocate},
    Row{"memref.dealloc", nothing},
    Row{"memref.assume_alignment", same},
    Row{"memref.copy", copy},
    Row{"memref.extract_aligned_pointer_as_index", pointer},
    Row{"linalg.copy", copy},
    Row{"linalg.fill", fill},
};

/// Calls a function for the indices of a vector's lanes, in the last dimensions of a memref.
template <typename F>
void for_each_lane(std::span<const int64_t> shape, size_t rank, F f) {
  int64_t lanes = 1;
  for (const int64_t size : shape)
    lanes *= size;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    std::vector<Number> indices(rank, known(0));
    int64_t rest = lane;
    for (size_t i = 0; i < shape.size(); ++i) {
      const int64_t size = shape[shape.size() - 1 - i];
      indices[rank - 1 - i] = known(rest % size);
      rest /= size;
    }
    f(static_cast<size_t>(lane), indices);
  }
}

}  // namespace

View pinned(Emitter& out, const View& view, std::span<const Number> indices) {
  View result = at(out, view, indices);
  result.dynamic = out.reg(out.address({.buffer = view.buffer, .dynamic = result.dynamic}));
  result.buffer = -1;
  return result;
}

void check_rank(Emitter& out, const mlir::Op& op, const View& view,
                std::span<const int64_t> shape) {
  if (shape.size() > rank(view))
    throw out.error(op, "a vector of more dimensions than the memref");
}

std::vector<Number> load_lanes(Emitter& out, const mlir::Op& op, const View& view,
                               std::span<const Number> indices, std::span<const int64_t> shape) {
  check_rank(out, op, view, shape);
  const View first = pinned(out, view, indices);
  std::vector<Number> lanes;
  for_each_lane(shape, rank(view), [&](size_t, const std::vector<Number>& lane) {
    lanes.push_back(out.load(first, lane));
  });
  return lanes;
}

void store_lanes(Emitter& out, const mlir::Op& op, const View& view,
                 std::span<const Number> indices, std::span<const int64_t> shape,
                 std::span<const Number> values) {
  check_rank(out, op, view, shape);
  if (const int64_t lanes = mlir::Type{.shape = {shape.begin(), shape.end()}}.elements();
      lanes != static_cast<int64_t>(values.size()))
    throw out.error(op, fmt::format("{} lanes for {}", values.size(), lanes));
  const View first = pinned(out, view, indices);
  for_each_lane(shape, rank(view), [&](size_t number, const std::vector<Number>& lane) {
    out.store(first, lane, values[number]);
  });
}

bool lower_memory(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
