// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Affine ops. An expression names its values in place (`%i * 4 + 1`) or by a map's dimensions and
// symbols (`affine_map<(d0)[s0] -> (d0 + s0)>(%i)[%n]`); either way the operands follow the text.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "compiler/import/core_emit.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

/// Reads expressions and gives instructions for them.
class Affine {
 public:
  /// `operand`: the op's operand that comes first in the text; `names`: what is known beside them.
  Affine(Emitter& out, const mlir::Op& op, std::string_view text, size_t operand, Names names = {})
      : out_(out), op_(op), text_(text), operand_(operand), names_(std::move(names)) {}

  /// `[e, e]`, `(e, e)`, a map with or without its arguments, or one expression.
  std::vector<Number> list() {
    const bool map = accept("affine_map");
    if (map)
      return applied();
    const bool bracket = accept("[") || accept("(");
    std::vector<Number> values;
    if (bracket && (accept("]") || accept(")")))
      return values;
    do
      values.push_back(sum());
    while (accept(","));
    if (bracket && !accept("]") && !accept(")"))
      fail();
    return values;
  }

  /// All of the text is one expression.
  Number whole() {
    const Number value = sum();
    if (!done())
      fail();
    return value;
  }

  /// `affine_set<(d0) : (d0 - 1 >= 0, d0 == 3)>(%i)`: whether all of it holds.
  Number condition() {
    if (!accept("affine_set") || !accept("<"))
      fail();
    bind();
    if (!accept(":") || !accept("("))
      fail();
    Number all = known(1);
    do {
      const Number left = sum();
      const bool equal = accept("==");
      const bool least = !equal && accept(">=");
      if (!equal && !least && !accept("<="))
        fail();
      const Number right = sum();
      const Number holds =
          equal ? out_.emit(Op::CmpEq, Type::I64, left, right)
                : out_.emit(Op::CmpLe, Type::I64, least ? right : left, least ? left : right);
      all = out_.both(all, holds);
    } while (accept(","));
    return all;
  }

  bool accept(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }

  bool done() {
    skip();
    return at_ >= text_.size();
  }
  size_t operand() const { return operand_; }

 private:
  [[noreturn]] void fail() { throw out_.error(op_, fmt::format("the expression `{}`", text_)); }

  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
      ++at_;
  }

  std::string word() {
    skip();
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  text_[at_] == '_' || text_[at_] == '%' || text_[at_] == '#'))
      ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// The names of a map in its order; their values are the op's next operands.
  void bind() {
    for (const std::string_view close : {")", "]"}) {
      if (!accept(close == ")" ? "(" : "["))
        continue;
      while (!accept(close)) {
        names_[word()] = out_.number(op_, operand_++);
        accept(",");
      }
    }
  }

  std::vector<Number> applied() {
    if (!accept("<"))
      fail();
    bind();
    if (!accept("->"))
      fail();
    const std::vector<Number> values = list();
    if (!accept(">"))
      fail();
    // The arguments have been taken from the operands.
    while (accept("(") || accept("["))
      while (!accept(")") && !accept("]"))
        if (word().empty() && !accept(","))
          fail();
    names_.clear();
    return values;
  }

  Number sum() {
    Number value = product();
    for (;;) {
      if (accept("->") || done())
        return value;
      if (accept("+"))
        value = out_.add(value, product());
      else if (accept("-"))
        value = out_.emit(Op::Sub, Type::I64, value, product());
      else
        return value;
    }
  }

  Number product() {
    Number value = factor();
    for (;;) {
      if (accept("*"))
        value = out_.multiply(value, factor());
      else if (accept("floordiv"))
        value = divided(value, factor());
      else if (accept("ceildiv"))
        value = round_up(value, factor());
      else if (accept("mod"))
        value = rest(value, factor());
      else
        return value;
    }
  }

  Number factor() {
    if (accept("-"))
      return out_.negate(factor(), Type::I64);
    if (accept("(")) {
      const Number value = sum();
      if (!accept(")"))
        fail();
      return value;
    }
    if (accept("symbol")) {
      accept("(");
      const Number value = factor();
      accept(")");
      return value;
    }
    return named(word());
  }

  Number named(const std::string& name) {
    int64_t number = 0;
    const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (!name.empty() && problem == std::errc{} && stop == name.data() + name.size())
      return known(number);
    if (name.starts_with("%"))
      return out_.number(op_, operand_++);
    const auto found = names_.find(name);
    if (found == names_.end())
      fail();
    return found->second;
  }

  /// Towards minus infinity, by what is positive.
  Number divided(Number a, Number b) {
    const Number quotient = out_.emit(Op::Div, Type::I64, a, b);
    const Number negative =
        out_.emit(Op::CmpLt, Type::I64, out_.emit(Op::Rem, Type::I64, a, b), known(0));
    return out_.emit(Op::Sub, Type::I64, quotient, negative);
  }
  Number round_up(Number a, Number b) {
    return out_.negate(divided(out_.negate(a, Type::I64), b), Type::I64);
  }
  Number rest(Number a, Number b) {
    return out_.emit(Op::Sub, Type::I64, a, out_.multiply(divided(a, b), b));
  }

  Emitter& out_;
  const mlir::Op& op_;
  std::string_view text_;
  size_t at_ = 0;
  size_t operand_;
  Names names_;
};

std::string_view text_of_map(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  return attribute == nullptr ? std::string_view{} : std::string_view(attribute->text);
}

std::vector<Number> indices(Emitter& out, const mlir::Op& op, size_t operand, size_t rank) {
  const std::string_view text = text_of_map(op, "map");
  const auto values =
      text.empty() ? out.numbers(op, operand, rank) : Affine(out, op, text, operand).list();
  if (values.size() != rank)
    throw out.error(op, fmt::format("{} indices for {} dimensions", values.size(), rank));
  return values;
}

void load(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 0);
  out.define(op, out.load(view, indices(out, op, 1, view.sizes.size())));
}

void store(Emitter& out, const mlir::Op& op) {
  const View view = out.view(op, 1);
  out.store(view, indices(out, op, 2, view.sizes.size()), out.number(op, 0));
}

Number extreme(Emitter& out, const std::vector<Number>& values, Op machine) {
  Number result = values.front();
  for (size_t i = 1; i < values.size(); ++i)
    result = out.emit(machine, Type::I64, result, values[i]);
  return result;
}

void apply(Emitter& out, const mlir::Op& op) {
  const auto values = Affine(out, op, text_of_map(op, "map"), 0).list();
  if (values.empty())
    throw out.error(op, "a map without a result");
  out.define(op, extreme(out, values, op.name == "affine.max" ? Op::Max : Op::Min));
}

void loop(Emitter& out, const mlir::Op& op) {
  Loop loop{.step = known(1)};
  size_t first_value = 0;
  if (op.attribute("bounds") != nullptr) {
    Affine bounds(out, op, text_of_map(op, "bounds"), 0);
    bounds.accept("max");
    loop.low = extreme(out, bounds.list(), Op::Max);
    if (!bounds.accept("to"))
      throw out.error(op, fmt::format("the bounds `{}`", text_of_map(op, "bounds")));
    bounds.accept("min");
    loop.high = extreme(out, bounds.list(), Op::Min);
    if (bounds.accept("step"))
      loop.step = bounds.list().at(0);
    first_value = bounds.operand();
  } else {
    Affine low(out, op, text_of_map(op, "lowerBoundMap"), 0);
    loop.low = extreme(out, low.list(), Op::Max);
    Affine high(out, op, text_of_map(op, "upperBoundMap"), low.operand());
    loop.high = extreme(out, high.list(), Op::Min);
    loop.step = known(integer_of(op, "step", 1));
    first_value = high.operand();
  }
  for (size_t i = first_value; i < op.operands.size(); ++i)
    loop.initial.push_back(out.held(op, op.operands[i]));
  lower_loop(out, op, loop);
}

void choose(Emitter& out, const mlir::Op& op) {
  static const mlir::Region kNothing;
  const bool both = op.regions.size() > 1 && !op.regions[1].empty();
  lower_choice(out, op, {Affine(out, op, text_of_map(op, "condition"), 0).condition()},
               {&op.regions.at(0), both ? &op.regions[1] : &kNothing});
}

/// Loops in each other, in the order of their dimensions.
void nest(Emitter& out, const mlir::Op& op) {
  Affine lower(out, op, text_of_map(op, "lower"), 0);
  const std::vector<Number> lows = lower.list();
  const std::vector<Number> highs =
      Affine(out, op, text_of_map(op, "upper"), lower.operand()).list();
  const std::vector<Number> steps = op.attribute("step") == nullptr
                                        ? std::vector<Number>(lows.size(), known(1))
                                        : Affine(out, op, text_of_map(op, "step"), 0).list();
  const mlir::Region& body = op.regions.at(0);
  if (lows.size() != highs.size() || steps.size() != lows.size() || !op.results.empty())
    throw out.error(op, "bounds of other loops, or results");
  std::vector<Held> indices;
  const std::function<void()> next = [&] {
    const size_t i = indices.size();
    if (i == lows.size())
      return out.region(op, body, indices, [](const auto&) {});
    repeat(out, {.low = lows[i], .high = highs[i], .step = steps[i]}, true, [&](Number index) {
      indices.push_back({.type = body_type("index"), .lanes = {index}});
      next();
      indices.pop_back();
    });
  };
  next();
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"affine.load", load}, Row{"affine.store", store},   Row{"affine.apply", apply},
    Row{"affine.min", apply}, Row{"affine.max", apply},     Row{"affine.for", loop},
    Row{"affine.if", choose}, Row{"affine.parallel", nest},
};

}  // namespace

std::optional<size_t> Map::loop(size_t result) const {
  const auto found = std::ranges::find(loops, results[result]);
  return found == loops.end() ? std::nullopt
                              : std::optional(static_cast<size_t>(found - loops.begin()));
}

Map map_of(Emitter& out, const mlir::Op& op, std::string_view text) {
  const size_t arrow = text.find("->");
  const size_t open = text.find('(');
  const size_t close = text.find(')');
  const size_t from = text.find('(', arrow);
  const size_t to = text.rfind(')');
  if (arrow == text.npos || close > arrow || from == text.npos || to < from)
    throw out.error(op, fmt::format("the map `{}`", text));
  const auto list = [&](size_t begin, size_t end) {
    const auto pieces = mlir::split(text.substr(begin + 1, end - begin - 1), ',');
    return std::vector<std::string>(pieces.begin(), pieces.end());
  };
  return {list(open, close), list(from, to)};
}

Number affine_value(Emitter& out, const mlir::Op& op, std::string_view text, const Names& names) {
  return Affine(out, op, text, op.operands.size(), names).whole();
}

bool lower_affine(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
