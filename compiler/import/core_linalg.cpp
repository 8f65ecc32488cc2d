// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops of linalg on memrefs as loops: their maps say which element of each operand a turn
// is about.
#include <algorithm>
#include <array>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

/// `(d0, d1) -> (...)` of the loops that a list of dimensions has.
std::string map_text(size_t loops, std::span<const size_t> results) {
  std::string from;
  std::string to;
  for (size_t i = 0; i < loops; ++i)
    from += fmt::format("{}d{}", i > 0 ? ", " : "", i);
  for (const size_t result : results)
    to += fmt::format("{}d{}", to.empty() ? "" : ", ", result);
  return fmt::format("({}) -> ({})", from, to);
}

/// An operand with its walk: a memref, or one number.
struct Operand {
  Held value;
  Map map;
  NumberType type() const { return value.view ? value.view->element : value.type.number; }
};

/// The loops of an op around what it does with elements.
class Nest {
 public:
  /// `constants`: names in maps that are not of loops.
  Nest(Emitter& out, const mlir::Op& op, std::span<const std::string> maps, Names constants = {})
      : out_(out), op_(op), names_(std::move(constants)) {
    if (maps.size() != op.operands.size())
      throw out.error(op, fmt::format("{} maps for {} operands", maps.size(), op.operands.size()));
    for (size_t i = 0; i < maps.size(); ++i)
      add_operand(i, maps[i]);
    for (const Operand& operand : operands_)
      if (operand.map.loops.size() != turns_.size())
        throw out.error(op, "maps of different loops");
    for (size_t i = 0; i < turns_.size(); ++i)
      if (!turns_[i])
        throw out.error(op, fmt::format("no operand says how often loop {} turns", i));
    check_ends();
  }

  const std::vector<Operand>& operands() const { return operands_; }

  /// From an element of each operand to those that the last operands get.
  using Body = std::function<std::vector<Number>(std::span<const Number> elements)>;
  void run(const Body& body) {
    std::vector<Number> turns;
    for (const auto& turn : turns_)
      turns.push_back(*turn);
    const std::vector<Number> outer = out_.loops;
    for_each_element(out_, turns, [&](std::span<const Number> loops) {
      out_.loops.assign(loops.begin(), loops.end());
      std::vector<Number> elements;
      for (const Operand& operand : operands_)
        elements.push_back(operand.value.view
                               ? out_.load(*operand.value.view, indices(operand, loops))
                               : operand.value.lanes.at(0));
      const std::vector<Number> results = body(elements);
      if (results.empty() || results.size() > operands_.size())
        throw out_.error(op_, fmt::format("a body that yields {} values", results.size()));
      for (size_t i = 0; i < results.size(); ++i) {
        const size_t to = operands_.size() - results.size() + i;
        out_.store(out_.view(op_, to), indices(operands_[to], loops), results[i]);
      }
    });
    out_.loops = outer;
  }

 private:
  void add_operand(size_t number, std::string_view text) {
    Operand operand{out_.held(op_, op_.operands[number]), map_of(out_, op_, text)};
    const Map& map = operand.map;
    const std::vector<Number> sizes =
        operand.value.view ? operand.value.view->sizes : std::vector<Number>{};
    if (map.results.size() != sizes.size())
      throw out_.error(op_, fmt::format("a map of {} results for {} dimensions", map.results.size(),
                                        sizes.size()));
    turns_.resize(std::max(turns_.size(), map.loops.size()));
    for (size_t i = 0; i < sizes.size(); ++i) {
      const auto loop = map.loop(i);
      if (!loop)
        continue;
      auto& turns = turns_[*loop];
      if (turns && turns->known() && sizes[i].known() && turns->value != sizes[i].value)
        throw out_.error(op_, fmt::format("operand {} has {} elements in dimension {}, others {}",
                                          number, sizes[i].value, i, turns->value));
      if (!turns || sizes[i].known())
        turns = sizes[i];
    }
    operands_.push_back(std::move(operand));
  }

  /// Maps lead to elements that are there, in the first turn and in the last.
  void check_ends() {
    for (const bool last : {false, true}) {
      std::vector<Number> loops;
      for (const auto& turns : turns_) {
        if (!turns->known() || turns->value < 1)
          return;
        loops.push_back(known(last ? turns->value - 1 : 0));
      }
      for (size_t i = 0; i < operands_.size(); ++i)
        for (const auto& at = indices(operands_[i], loops); const Number& index : at) {
          const auto dimension = static_cast<size_t>(&index - at.data());
          const Number size = operands_[i].value.view->sizes[dimension];
          if (index.known() && size.known() && (index.value < 0 || index.value >= size.value))
            throw out_.error(op_, fmt::format("operand {} has {} elements in dimension {}, turns "
                                              "lead to number {}",
                                              i, size.value, dimension, index.value));
        }
    }
  }

  std::vector<Number> indices(const Operand& operand, std::span<const Number> loops) {
    std::vector<Number> values;
    for (size_t i = 0; i < operand.map.loops.size(); ++i)
      names_[operand.map.loops[i]] = loops[i];
    for (size_t i = 0; i < operand.map.results.size(); ++i)
      values.push_back(affine_value(out_, op_, operand.map.results[i], names_));
    return values;
  }

  Emitter& out_;
  const mlir::Op& op_;
  Names names_;
  std::vector<Operand> operands_;
  std::vector<std::optional<Number>> turns_;
};

/// The op of a short form `{ arith.addi }`, which has numbers for operands.
mlir::Op short_form(const mlir::Op& op, std::string_view text, std::span<const size_t> operands) {
  // No value that was read has such a number.
  int id = -2;
  const auto element = [&](const mlir::Value& memref) {
    return mlir::Value{.name = memref.name, .type = mlir::element_type(memref.type), .id = id--};
  };
  text.remove_prefix(text.find_first_not_of("{ \t\n"));
  mlir::Op result{.name = std::string(text.substr(0, text.find_first_of("{} \t\n"))),
                  .results = {element(op.operands.back())},
                  .location = op.location};
  for (const size_t operand : operands)
    result.operands.push_back(element(op.operands.at(operand)));
  return result;
}

/// Such an op once for every turn, on elements of some operands, for the last operand.
void run_short_form(Emitter& out, const mlir::Op& op, std::span<const std::string> maps,
                    std::span<const size_t> operands) {
  const mlir::Op body = short_form(op, op.attribute("payload")->text, operands);
  Nest(out, op, maps).run([&](std::span<const Number> elements) {
    for (size_t i = 0; i < operands.size(); ++i)
      out.define(op, body.operands[i],
                 {.type = body_type(body.operands[i].type), .lanes = {elements[operands[i]]}});
    out.lower(body);
    return std::vector{out.held(op, body.results[0]).lanes.at(0)};
  });
}

/// The op's region once for every turn; its arguments are elements of the first operands.
void run_region(Emitter& out, const mlir::Op& op, std::span<const std::string> maps) {
  if (op.regions.size() != 1 || op.regions[0].empty() ||
      op.regions[0][0].arguments.size() > op.operands.size())
    throw out.error(op, "a body with an argument for each operand is missing");
  const auto& arguments = op.regions[0][0].arguments;
  Nest(out, op, maps).run([&](std::span<const Number> elements) {
    std::vector<Held> values;
    for (size_t i = 0; i < arguments.size(); ++i)
      values.push_back({.type = body_type(arguments[i].type), .lanes = {elements[i]}});
    std::vector<Number> results;
    for (const Held& result : out.inlined(op, op.regions[0], values, 0))
      results.push_back(result.lanes.at(0));
    return results;
  });
}

void generic(Emitter& out, const mlir::Op& op) {
  const mlir::Attribute* attribute = op.attribute("indexing_maps");
  if (attribute == nullptr)
    throw out.error(op, "its maps are missing");
  const auto pieces = mlir::to_list(attribute->text);
  run_region(out, op, std::vector<std::string>(pieces.begin(), pieces.end()));
}

/// What a named op does with elements: the inputs become one number, which replaces the output or
/// is joined with it. Nop: the first input is that number, or it replaces.
struct Body {
  Op integer = Op::Nop;
  Op real = Op::Nop;
  Op integer_into = Op::Nop;
  Op real_into = Op::Nop;
};
constexpr Body kMultiplyAdd{Op::Mul, Op::FMul, Op::Add, Op::FAdd};
constexpr Body kSum{Op::Nop, Op::Nop, Op::Add, Op::FAdd};
constexpr Body kMost{Op::Nop, Op::Nop, Op::Max, Op::FMaximum};
constexpr Body kLeast{Op::Nop, Op::Nop, Op::Min, Op::FMinimum};

struct Named {
  std::string_view name;
  /// Of the operands, in the order of the loops; s and d are strides and dilations. None: element
  /// by element.
  std::array<std::string_view, 3> maps;
  Body body;
};
// clang-format off
constexpr std::array kNamed{
    Named{"linalg.add", {}, {Op::Add, Op::FAdd}},
    Named{"linalg.sub", {}, {Op::Sub, Op::FSub}},
    Named{"linalg.mul", {}, {Op::Mul, Op::FMul}},
    Named{"linalg.div", {}, {Op::Div, Op::FDiv}},
    Named{"linalg.div_unsigned", {}, {Op::DivU, Op::Nop}},
    Named{"linalg.max", {}, {Op::Max, Op::FMaximum}},
    Named{"linalg.min", {}, {Op::Min, Op::FMinimum}},
    Named{"linalg.square", {}, {Op::Mul, Op::FMul}},
    Named{"linalg.abs", {}, {Op::Nop, Op::FAbs}},
    Named{"linalg.negf", {}, {Op::Nop, Op::FNeg}},
    Named{"linalg.exp", {}, {Op::Nop, Op::FExp}},
    Named{"linalg.sqrt", {}, {Op::Nop, Op::FSqrt}},
    Named{"linalg.rsqrt", {}, {Op::Nop, Op::FRsqrt}},
    Named{"linalg.tanh", {}, {Op::Nop, Op::FTanh}},
    Named{"linalg.dot", {"(m) -> (m)", "(m) -> (m)", "(m) -> ()"}, kMultiplyAdd},
    Named{"linalg.matvec", {"(m, n) -> (m, n)", "(m, n) -> (n)", "(m, n) -> (m)"}, kMultiplyAdd},
    Named{"linalg.vecmat", {"(n, m) -> (m)", "(n, m) -> (m, n)", "(n, m) -> (n)"}, kMultiplyAdd},
    Named{"linalg.batch_matvec", {"(b, m, k) -> (b, m, k)", "(b, m, k) -> (b, k)", "(b, m, k) -> (b, m)"}, kMultiplyAdd},
    Named{"linalg.batch_vecmat", {"(b, n, k) -> (b, k)", "(b, n, k) -> (b, k, n)", "(b, n, k) -> (b, n)"}, kMultiplyAdd},
    Named{"linalg.matmul", {"(m, n, k) -> (m, k)", "(m, n, k) -> (k, n)", "(m, n, k) -> (m, n)"}, kMultiplyAdd},
    Named{"linalg.matmul_transpose_a", {"(m, n, k) -> (k, m)", "(m, n, k) -> (k, n)", "(m, n, k) -> (m, n)"}, kMultiplyAdd},
    Named{"linalg.matmul_transpose_b", {"(m, n, k) -> (m, k)", "(m, n, k) -> (n, k)", "(m, n, k) -> (m, n)"}, kMultiplyAdd},
    Named{"linalg.batch_matmul", {"(b, m, n, k) -> (b, m, k)", "(b, m, n, k) -> (b, k, n)", "(b, m, n, k) -> (b, m, n)"}, kMultiplyAdd},
    Named{"linalg.batch_matmul_transpose_a", {"(b, m, n, k) -> (b, k, m)", "(b, m, n, k) -> (b, k, n)", "(b, m, n, k) -> (b, m, n)"}, kMultiplyAdd},
    Named{"linalg.batch_matmul_transpose_b", {"(b, m, n, k) -> (b, m, k)", "(b, m, n, k) -> (b, n, k)", "(b, m, n, k) -> (b, m, n)"}, kMultiplyAdd},
    Named{"linalg.batch_reduce_matmul", {"(b, m, n, k) -> (b, m, k)", "(b, m, n, k) -> (b, k, n)", "(b, m, n, k) -> (m, n)"}, kMultiplyAdd},
    Named{"linalg.mmt4d", {"(m, n, k, i, j, l) -> (m, k, i, l)", "(m, n, k, i, j, l) -> (n, k, j, l)", "(m, n, k, i, j, l) -> (m, n, i, j)"}, kMultiplyAdd},
    Named{"linalg.conv_1d", {"(w, x) -> (w + x)", "(w, x) -> (x)", "(w, x) -> (w)"}, kMultiplyAdd},
    Named{"linalg.conv_2d", {"(h, w, y, x) -> (h + y, w + x)", "(h, w, y, x) -> (y, x)", "(h, w, y, x) -> (h, w)"}, kMultiplyAdd},
    Named{"linalg.conv_1d_nwc_wcf", {"(n, w, f, x, c) -> (n, w * s0 + x * d0, c)", "(n, w, f, x, c) -> (x, c, f)", "(n, w, f, x, c) -> (n, w, f)"}, kMultiplyAdd},
    Named{"linalg.conv_1d_ncw_fcw", {"(n, f, w, c, x) -> (n, c, w * s0 + x * d0)", "(n, f, w, c, x) -> (f, c, x)", "(n, f, w, c, x) -> (n, f, w)"}, kMultiplyAdd},
    Named{"linalg.conv_2d_nhwc_hwcf", {"(n, h, w, f, y, x, c) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, f, y, x, c) -> (y, x, c, f)", "(n, h, w, f, y, x, c) -> (n, h, w, f)"}, kMultiplyAdd},
    Named{"linalg.conv_2d_nhwc_fhwc", {"(n, h, w, f, y, x, c) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, f, y, x, c) -> (f, y, x, c)", "(n, h, w, f, y, x, c) -> (n, h, w, f)"}, kMultiplyAdd},
    Named{"linalg.conv_2d_nchw_fchw", {"(n, f, h, w, c, y, x) -> (n, c, h * s0 + y * d0, w * s1 + x * d1)", "(n, f, h, w, c, y, x) -> (f, c, y, x)", "(n, f, h, w, c, y, x) -> (n, f, h, w)"}, kMultiplyAdd},
    Named{"linalg.depthwise_conv_1d_nwc_wc", {"(n, w, c, x) -> (n, w * s0 + x * d0, c)", "(n, w, c, x) -> (x, c)", "(n, w, c, x) -> (n, w, c)"}, kMultiplyAdd},
    Named{"linalg.depthwise_conv_2d_nhwc_hwc", {"(n, h, w, c, y, x) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, c, y, x) -> (y, x, c)", "(n, h, w, c, y, x) -> (n, h, w, c)"}, kMultiplyAdd},
    Named{"linalg.depthwise_conv_2d_nchw_chw", {"(n, h, w, c, y, x) -> (n, c, h * s0 + y * d0, w * s1 + x * d1)", "(n, h, w, c, y, x) -> (c, y, x)", "(n, h, w, c, y, x) -> (n, c, h, w)"}, kMultiplyAdd},
    Named{"linalg.pooling_nwc_sum", {"(n, w, c, x) -> (n, w * s0 + x * d0, c)", "(n, w, c, x) -> (x)", "(n, w, c, x) -> (n, w, c)"}, kSum},
    Named{"linalg.pooling_nwc_max", {"(n, w, c, x) -> (n, w * s0 + x * d0, c)", "(n, w, c, x) -> (x)", "(n, w, c, x) -> (n, w, c)"}, kMost},
    Named{"linalg.pooling_nwc_min", {"(n, w, c, x) -> (n, w * s0 + x * d0, c)", "(n, w, c, x) -> (x)", "(n, w, c, x) -> (n, w, c)"}, kLeast},
    Named{"linalg.pooling_nhwc_sum", {"(n, h, w, c, y, x) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, c, y, x) -> (y, x)", "(n, h, w, c, y, x) -> (n, h, w, c)"}, kSum},
    Named{"linalg.pooling_nhwc_max", {"(n, h, w, c, y, x) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, c, y, x) -> (y, x)", "(n, h, w, c, y, x) -> (n, h, w, c)"}, kMost},
    Named{"linalg.pooling_nhwc_min", {"(n, h, w, c, y, x) -> (n, h * s0 + y * d0, w * s1 + x * d1, c)", "(n, h, w, c, y, x) -> (y, x)", "(n, h, w, c, y, x) -> (n, h, w, c)"}, kLeast},
    Named{"linalg.pooling_nchw_sum", {"(n, c, h, w, y, x) -> (n, c, h * s0 + y * d0, w * s1 + x * d1)", "(n, c, h, w, y, x) -> (y, x)", "(n, c, h, w, y, x) -> (n, c, h, w)"}, kSum},
    Named{"linalg.pooling_nchw_max", {"(n, c, h, w, y, x) -> (n, c, h * s0 + y * d0, w * s1 + x * d1)", "(n, c, h, w, y, x) -> (y, x)", "(n, c, h, w, y, x) -> (n, c, h, w)"}, kMost},
};
// clang-format on

size_t rank_of(Emitter& out, const mlir::Op& op, size_t operand) {
  return out.view(op, operand).sizes.size();
}

/// Dimensions 0, 1, ... without those of a list.
std::vector<size_t> dimensions(size_t count, std::span<const int64_t> without = {}) {
  std::vector<size_t> result;
  for (size_t i = 0; i < count; ++i)
    if (std::ranges::find(without, static_cast<int64_t>(i)) == without.end())
      result.push_back(i);
  return result;
}

std::vector<std::string> maps_of(Emitter& out, const mlir::Op& op, const Named& row) {
  if (!row.maps[0].empty())
    return {row.maps.begin(), row.maps.end()};
  if (op.operands.empty())
    throw out.error(op, "no operands");
  const size_t rank = rank_of(out, op, op.operands.size() - 1);
  return std::vector<std::string>(op.operands.size(), map_text(rank, dimensions(rank)));
}

/// `s0`, `d0`, ...: 1 when the op has no such attribute.
Names steps_of(const mlir::Op& op) {
  Names names;
  for (const auto& [letter, attribute] : {std::pair{"s", "strides"}, std::pair{"d", "dilations"}}) {
    const std::vector<int64_t> steps = integers_of(op, attribute);
    for (size_t i = 0; i < 2; ++i)
      names[letter + std::to_string(i)] =
          known(steps.empty() ? 1 : steps[std::min(i, steps.size() - 1)]);
  }
  return names;
}

void named(Emitter& out, const mlir::Op& op, const Named& row) {
  for (const char* attribute : {"indexing_maps", "cast"})
    if (op.attribute(attribute) != nullptr)
      throw out.error(op, fmt::format("the attribute `{}`", attribute))
          .hint("linalg.generic has any map and body");
  Nest nest(out, op, maps_of(out, op, row), steps_of(op));
  const std::vector<Operand>& operands = nest.operands();
  const NumberType type = operands.back().type();
  const Op first = type.real() ? row.body.real : row.body.integer;
  const Op into = type.real() ? row.body.real_into : row.body.integer_into;
  const bool two = first != Op::Nop && operands.size() == 3;
  if ((first == Op::Nop && into == Op::Nop) || operands.size() < 2 || operands.size() > 3)
    throw out.error(
        op, fmt::format("{} operands, the last of `{}`", operands.size(), op.operands.back().type));
  nest.run([&](std::span<const Number> elements) {
    const auto element = [&](size_t i) {
      return converted(out, elements[i], operands[i].type(), type);
    };
    Number value = element(0);
    if (first != Op::Nop)
      value = calculate(out, first, type, value, two ? element(1) : value);
    if (into != Op::Nop)
      value = calculate(out, into, type, elements.back(), value);
    return std::vector{value};
  });
}

/// One input, which goes to the output in another order or more than once.
void rearrange(Emitter& out, const mlir::Op& op) {
  const size_t rank = rank_of(out, op, 1);
  std::vector<size_t> from = dimensions(rank, integers_of(op, "dimensions"));
  const std::vector<int64_t> order = integers_of(op, "permutation");
  if (op.name == "linalg.transpose" && !is_permutation(order, rank))
    throw out.error(op, "a permutation of other dimensions");
  for (size_t i = 0; i < order.size(); ++i)
    from[static_cast<size_t>(order[i])] = i;
  const std::array maps{map_text(rank, from), map_text(rank, dimensions(rank))};
  Nest(out, op, maps).run([](std::span<const Number> elements) {
    return std::vector{elements[0]};
  });
}

/// As many inputs as outputs, which lack the dimensions that are walked through.
void reduce(Emitter& out, const mlir::Op& op) {
  const size_t rank = rank_of(out, op, 0);
  const size_t inputs = op.operands.size() / 2;
  std::vector<std::string> maps(inputs, map_text(rank, dimensions(rank)));
  maps.resize(2 * inputs, map_text(rank, dimensions(rank, integers_of(op, "dimensions"))));
  if (op.attribute("payload") == nullptr)
    return run_region(out, op, maps);
  if (maps.size() != 2)
    throw out.error(op, "a short form for more than one input");
  run_short_form(out, op, maps, std::array<size_t, 2>{1, 0});
}

void map(Emitter& out, const mlir::Op& op) {
  if (op.operands.empty())
    throw out.error(op, "no operands");
  const size_t rank = rank_of(out, op, op.operands.size() - 1);
  const std::vector<std::string> maps(op.operands.size(), map_text(rank, dimensions(rank)));
  if (op.attribute("payload") == nullptr)
    run_region(out, op, maps);
  else
    run_short_form(out, op, maps, dimensions(op.operands.size() - 1));
}

void index(Emitter& out, const mlir::Op& op) {
  const int64_t dimension = integer_of(op, "dim", 0);
  if (dimension < 0 || dimension >= static_cast<int64_t>(out.loops.size()))
    throw out.error(op, fmt::format("there is no loop {}", dimension));
  out.define(op, out.loops[static_cast<size_t>(dimension)]);
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"linalg.generic", generic},
    Row{"linalg.transpose", rearrange},
    Row{"linalg.broadcast", rearrange},
    Row{"linalg.reduce", reduce},
    Row{"linalg.map", map},
    Row{"linalg.index", index},
};

}  // namespace

bool lower_linalg(Emitter& out, const mlir::Op& op) {
  if (const Row* row = find_row(kRows, op.name))
    row->lower(out, op);
  else if (const Named* op_named = find_row(kNamed, op.name))
    named(out, op, *op_named);
  else
    return false;
  return true;
}

}  // namespace npu::compiler::core
