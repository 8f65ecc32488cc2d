// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/expression.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "hw-model/arch/error.h"
#include "hw-model/arch/float16.h"

namespace npu::cli {

struct Expression::Node {
  char kind = 0;  ///< `n` number, `i` iota, `r` random, `a` argument, or an operator
  double number = 0;
  std::shared_ptr<const Node> left = {};
  std::shared_ptr<const Node> right = {};
};

namespace {

using Node = Expression::Node;
using Tree = std::shared_ptr<const Node>;

constexpr char kForms[] = "iota, random, a number, arg0, arg0[i/2], + - * / % and parentheses";

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Tree run() {
    Tree tree = sum();
    if (peek() != 0)
      fail();
    return tree;
  }

 private:
  [[noreturn]] void fail() const {
    if (at_ >= text_.size())
      throw Error("`{}` ends too early for an expression", text_).hint(kForms);
    throw Error("`{}`: no expression from `{}` on", text_, text_.substr(at_)).hint(kForms);
  }
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ')
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(std::string_view word) {
    peek();
    if (text_.compare(at_, word.size(), word) != 0)
      return false;
    at_ += word.size();
    return true;
  }
  static Tree make(Node node) { return std::make_shared<const Node>(std::move(node)); }

  Tree sum() {
    Tree left = product();
    for (char c = peek(); c == '+' || c == '-'; c = peek()) {
      ++at_;
      left = make({.kind = c, .left = left, .right = product()});
    }
    return left;
  }

  Tree product() {
    Tree left = factor();
    for (char c = peek(); c == '*' || c == '/' || c == '%'; c = peek()) {
      ++at_;
      left = make({.kind = c, .left = left, .right = factor()});
    }
    return left;
  }

  Tree factor() {
    constexpr int kDeepest = 100;
    if (++depth_ > kDeepest)
      fail();
    Tree tree = primary();
    --depth_;
    return tree;
  }

  Tree primary() {
    if (accept("-"))
      return make({.kind = '-', .left = make({.kind = 'n'}), .right = factor()});
    if (accept("(")) {
      Tree tree = sum();
      if (!accept(")"))
        fail();
      return tree;
    }
    if (accept("arg"))
      return argument();
    if (accept("iota") || accept("i"))
      return make({.kind = 'i'});
    if (accept("random"))
      return make({.kind = 'r'});
    return make({.kind = 'n', .number = number()});
  }

  Tree argument() {
    const double index = number();
    Tree at = make({.kind = 'i'});
    if (accept("[")) {
      at = sum();
      if (!accept("]"))
        fail();
    }
    return make({.kind = 'a', .number = index, .left = at});
  }

  double number() {
    peek();
    double value = 0;
    const auto [stop, problem] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (problem != std::errc{})
      fail();
    at_ = static_cast<size_t>(stop - text_.data());
    return value;
  }

  const std::string& text_;
  size_t at_ = 0;
  int depth_ = 0;
};

/// -128 to 127, spread by a multiplication (splitmix64's).
double random_at(uint64_t index) {
  uint64_t z = (index + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  return static_cast<int8_t>(z >> 56);
}

double evaluate(const Node& node, uint64_t index, bool whole,
                const Expression::Argument& argument) {
  const auto of = [&](const Tree& tree, bool integers) {
    return evaluate(*tree, index, integers, argument);
  };
  switch (node.kind) {
    case 'n':
      return node.number;
    case 'i':
      return static_cast<double>(index);
    case 'r':
      return random_at(index);
    case 'a': {
      const double at = of(node.left, true);
      return at < 0 ? 0 : argument(static_cast<uint32_t>(node.number), static_cast<uint64_t>(at));
    }
    case '+':
      return of(node.left, whole) + of(node.right, whole);
    case '-':
      return of(node.left, whole) - of(node.right, whole);
    case '*':
      return of(node.left, whole) * of(node.right, whole);
    default:
      break;
  }
  const double left = of(node.left, whole);
  const double right = of(node.right, whole);
  if (right == 0)
    return 0;
  if (node.kind == '%')
    return std::fmod(left, right);
  return whole ? std::trunc(left / right) : left / right;
}

template <typename T>
T read(std::span<const std::byte> data, uint64_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}
template <typename T>
void write(std::span<std::byte> data, uint64_t index, T value) {
  std::memcpy(data.data() + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

Expression::Expression(const std::string& text) : root_(Parser(text).run()) {}

double Expression::element(uint64_t index, bool whole, const Argument& argument) const {
  return evaluate(*root_, index, whole, argument);
}

double load_element(std::span<const std::byte> data, arch::Type type, uint64_t index) {
  if ((index + 1) * arch::bytes_of(type) > data.size())
    return 0;
  switch (type) {
    case arch::Type::Bf16:
    case arch::Type::F16:
      return arch::float_value(read<uint16_t>(data, index), type);
    case arch::Type::F32:
      return read<float>(data, index);
    case arch::Type::I8:
      return read<int8_t>(data, index);
    case arch::Type::I16:
      return read<int16_t>(data, index);
    case arch::Type::I32:
      return read<int32_t>(data, index);
    default:
      return static_cast<double>(read<int64_t>(data, index));
  }
}

void store_element(std::span<std::byte> data, arch::Type type, uint64_t index, double value) {
  constexpr double kLargest = 9.2e18;
  const int64_t whole = std::abs(value) < kLargest ? static_cast<int64_t>(value) : 0;
  switch (type) {
    case arch::Type::Bf16:
    case arch::Type::F16:
      return write(data, index, static_cast<uint16_t>(arch::float_bits(value, type)));
    case arch::Type::F32:
      return write(data, index, static_cast<float>(value));
    case arch::Type::I8:
      return write(data, index, static_cast<int8_t>(whole));
    case arch::Type::I16:
      return write(data, index, static_cast<int16_t>(whole));
    case arch::Type::I32:
      return write(data, index, static_cast<int32_t>(whole));
    default:
      return write(data, index, whole);
  }
}

}  // namespace npu::cli
