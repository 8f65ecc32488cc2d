// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/kernel.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "hw-model/arch/error.h"

namespace npu::arch {

namespace {

struct OpText {
  KernelOp op;
  std::string_view name;
  int types;   ///< how many types the text names
  bool shape;  ///< `m`x`k`x`n` rather than a number of elements
};
constexpr std::array<OpText, 21> kOps{{
    {KernelOp::Matmul, "matmul", 3, true},
    {KernelOp::Zero, "zero", 1, false},
    {KernelOp::Copy, "copy", 1, false},
    {KernelOp::Cast, "cast", 2, false},
    {KernelOp::Add, "add", 1, false},
    {KernelOp::Mul, "mul", 1, false},
    {KernelOp::Edge, "edge", 1, false},
    {KernelOp::Scale, "scale", 1, false},
    {KernelOp::ReduceAdd, "reduce_add", 1, false},
    {KernelOp::ReduceMin, "reduce_min", 1, false},
    {KernelOp::ReduceMax, "reduce_max", 1, false},
    {KernelOp::Relu, "relu", 1, false},
    {KernelOp::Or, "or", 1, false},
    {KernelOp::And, "and", 1, false},
    {KernelOp::Threshold, "threshold", 1, false},
    {KernelOp::Grey, "grey", 1, false},
    {KernelOp::Rgba, "rgba", 1, false},
    {KernelOp::Weigh, "weigh", 1, false},
    {KernelOp::Filter, "filter", 1, false},
    {KernelOp::ScaledCast, "scaled_cast", 2, false},
    {KernelOp::External, "external", 0, false},
}};
constexpr std::string_view kOpNames =
    "matmul, zero, copy, cast, add, mul, edge, scale, reduce_add, reduce_min, reduce_max, relu, "
    "or, and, threshold, grey, rgba, weigh, filter, scaled_cast, external";
constexpr int kMaxCycles = 1'000'000'000;
constexpr int kMaxShift = 63;
constexpr int kMaxThreshold = 255;

/// Takes words off a text, and says which word is wrong.
class Words {
 public:
  explicit Words(std::string_view text) : whole_(text), rest_(text) {}

  /// The next word; empty at the end.
  std::string_view next() {
    const size_t begin = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    const size_t end = std::min(rest_.find_first_of(" \t", begin), rest_.size());
    const std::string_view word = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    return word;
  }

  std::string_view expect(std::string_view what) {
    const std::string_view word = next();
    if (word.empty())
      throw Error("kernel `{}`: {} is missing", whole_, what);
    return word;
  }

  Error wrong(std::string_view word, std::string_view what) const {
    return Error("kernel `{}`: `{}` is not {}", whole_, word, what);
  }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

Type parse_type(Words& words) {
  const std::string_view word = words.expect("an element type");
  if (const auto type = type_named(word, kKernelTypes))
    return *type;
  throw words.wrong(word, "an element type").hint("bf16, f32, i8, i16, i32");
}

int parse_size(const Words& words, std::string_view word, std::string_view part) {
  const std::optional<int> value = number(part);
  if (!value || *value < 1)
    throw words.wrong(word, "a size")
        .hint("a number above 0, three of them for a matmul: 64x64x64");
  return *value;
}

void parse_shape(Words& words, KernelSpec& spec) {
  const std::string_view word = words.expect("the shape");
  const size_t first = word.find('x');
  const size_t second = first == word.npos ? word.npos : word.find('x', first + 1);
  if (second == word.npos)
    throw words.wrong(word, "a shape").hint("m x k x n, as in 64x64x64");
  spec.m = parse_size(words, word, word.substr(0, first));
  spec.k = parse_size(words, word, word.substr(first + 1, second - first - 1));
  spec.n = parse_size(words, word, word.substr(second + 1));
}

/// The number after `name=`, at most `most`; nothing when the word is another.
std::optional<int> parse_numbered(const Words& words, std::string_view word, std::string_view name,
                                  int most) {
  if (!word.starts_with(name) || word.size() == name.size() || word[name.size()] != '=')
    return std::nullopt;
  const std::optional<int> value = number(word.substr(name.size() + 1));
  if (!value || *value < 0 || *value > most)
    throw words.wrong(word, fmt::format("a {}", name)).hint("{}=0 to {}={}", name, name, most);
  return value;
}

/// The number after `scale=`; nothing when the word is another.
std::optional<float> parse_scale(const Words& words, std::string_view word) {
  constexpr std::string_view kName = "scale=";
  if (!word.starts_with(kName))
    return std::nullopt;
  float value = 0;
  const char* last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data() + kName.size(), last, value);
  if (error != std::errc{} || end != last || !std::isnormal(value))
    throw words.wrong(word, "a scale").hint("scale=0.125: a normal f32");
  return value;
}

void parse_option(const Words& words, std::string_view word, KernelSpec& spec) {
  if (word == "at") {
    spec.a_transposed = true;
  } else if (word == "bt") {
    spec.b_transposed = true;
  } else if (word == "overwrite") {
    spec.overwrite = true;
  } else if (word == "floor") {
    spec.rounding = Rounding::Floor;
  } else if (const auto shift = parse_numbered(words, word, "shift", kMaxShift)) {
    spec.shift = *shift;
  } else if (const auto threshold = parse_numbered(words, word, "threshold", kMaxThreshold)) {
    spec.threshold = *threshold;
  } else if (const auto scale = parse_scale(words, word)) {
    spec.scale = *scale;
  } else if (const auto cycles = parse_numbered(words, word, "cycles", kMaxCycles)) {
    spec.cycles = *cycles;
  } else {
    throw words.wrong(word, "an option")
        .hint("options: at, bt, overwrite, floor, shift=N, threshold=N, scale=X, cycles=N");
  }
}

std::string options(const KernelSpec& spec) {
  std::string text;
  text += spec.a_transposed ? " at" : "";
  text += spec.b_transposed ? " bt" : "";
  text += spec.overwrite ? " overwrite" : "";
  text += spec.rounding == Rounding::Floor ? " floor" : "";
  if (spec.shift != 0)
    text += fmt::format(" shift={}", spec.shift);
  if (spec.threshold != 0)
    text += fmt::format(" threshold={}", spec.threshold);
  if (spec.scale != 1)
    text += fmt::format(" scale={}", spec.scale);
  return text;
}

}  // namespace

std::string to_string(const KernelSpec& spec) {
  const OpText& op = kOps[static_cast<size_t>(spec.op)];
  if (spec.op == KernelOp::External)
    return fmt::format("{} {}{}", op.name, spec.symbol,
                       spec.cycles < 0 ? "" : fmt::format(" cycles={}", spec.cycles));
  std::string text(op.name);
  const std::array<Type, 3> types =
      op.types == 2 ? std::array{spec.a, spec.c, spec.c} : std::array{spec.a, spec.b, spec.c};
  for (int i = 0; i < op.types; ++i)
    text += fmt::format(" {}", to_string(types[static_cast<size_t>(i)]));
  text += op.shape ? fmt::format(" {}x{}x{}", spec.m, spec.k, spec.n) : fmt::format(" {}", spec.m);
  return text + options(spec);
}

KernelSpec parse_kernel(std::string_view text) {
  Words words(text);
  const std::string_view name = words.expect("its operation");
  const auto op = std::ranges::find(kOps, name, &OpText::name);
  if (op == kOps.end())
    throw words.wrong(name, "an operation").hint("operations: {}", kOpNames);
  KernelSpec spec;
  spec.op = op->op;
  if (op->types > 0) {
    spec.a = spec.b = spec.c = parse_type(words);
    if (op->types == 3)
      spec.b = parse_type(words);
    if (op->types > 1)
      spec.c = parse_type(words);
  }
  if (op->op == KernelOp::External) {
    spec.symbol = words.expect("its symbol");
  } else if (op->shape) {
    parse_shape(words, spec);
  } else {
    const std::string_view word = words.expect("the number of elements");
    spec.m = parse_size(words, word, word);
  }
  for (std::string_view word = words.next(); !word.empty(); word = words.next())
    parse_option(words, word, spec);
  return spec;
}

MatmulBlock matmul_block(Type operand) {
  switch (operand) {
    case Type::I8:
      return {4, 8, 8};
    case Type::I16:
      return {4, 2, 8};
    case Type::Bf16:
    case Type::F32:
    case Type::I32:
    case Type::I64:
    case Type::F16:
      break;
  }
  return {4, 8, 4};
}

MatmulBlock matmul_block(Type a, Type b) {
  return a == b ? matmul_block(a) : MatmulBlock{4, 8, 4};
}

}  // namespace npu::arch
