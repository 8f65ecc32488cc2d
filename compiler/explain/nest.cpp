// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/explain/nest.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "compiler/mlir/attributes.h"
#include "compiler/mlir/reader.h"
#include "compiler/mlir/types.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::explain {

namespace {

using mlir::Op;

constexpr std::array<std::string_view, 3> kSpaces{"L3", "L2", "L1"};

constexpr std::array<std::string_view, 8> kCopies{
    "linalg.copy", "memref.copy",   "linalg.pack",          "linalg.unpack",
    "tensor.pack", "tensor.unpack", "iree_linalg_ext.pack", "iree_linalg_ext.unpack"};
/// What they move depends on more than loops.
constexpr std::array<std::string_view, 6> kOpen{"scf.if",          "scf.while", "scf.index_switch",
                                                "affine.parallel", "affine.if", "func.call"};

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_memory(const mlir::Value& value) {
  const auto kind = mlir::parse_type(value.type).kind;
  return kind == mlir::Type::Kind::Memref || kind == mlir::Type::Kind::Tensor;
}

/// The pieces of `(0, %c1)`.
std::vector<std::string_view> pieces_of(const Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  const std::string_view text = attribute->text;
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open)
    return {};
  return mlir::split(text.substr(open + 1, close - open - 1), ',');
}

class NestReader {
 public:
  NestReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Nest read(const Op& module) {
    visit(module);
    mark_cores();
    return std::move(nest_);
  }

 private:
  /// What is known of a value.
  struct Known {
    std::optional<int64_t> constant = {};
    Access access = {};  ///< the buffer that it is in, and loops that it depends on
  };

  template <typename... Arguments>
  Error error(const Op& op, fmt::format_string<Arguments...> format,
              Arguments&&... arguments) const {
    return mlir::error_at(
        text_, file_, op.location,
        fmt::format("{}: {}", op.name, fmt::format(format, std::forward<Arguments>(arguments)...)));
  }

  const Known& known(const mlir::Value& value) const {
    static const Known kNothing;
    const auto found = values_.find(value.id);
    return found == values_.end() ? kNothing : found->second;
  }

  void visit(const Op& op) {
    if (op.name == "scf.for" || op.name == "affine.for")
      sequential(op);
    else if (op.name == "scf.forall")
      parallel(op);
    else if (among(kOpen, op.name))
      throw error(op, "how often and what it moves is not known")
          .hint("loops with constant bounds around copies, fills and computations");
    else if (among(kCopies, op.name))
      copy(op);
    else if (op.name == "linalg.fill")
      fill(op);
    else if (op.name.starts_with("linalg."))
      compute(op);
    else
      other(op);
  }

  void visit_regions(const Op& op) {
    for (const mlir::Region& region : op.regions)
      for (const mlir::Block& block : region) {
        for (const mlir::Value& argument : block.arguments)
          if (is_memory(argument) && !values_.contains(argument.id))
            define_buffer(op, argument);
        for (const Op& inner : block.ops)
          visit(inner);
      }
  }

  /// Constants, views, and what memory comes from.
  void other(const Op& op) {
    Known result;
    if (op.name == "arith.constant" || op.name == "index.constant")
      if (const mlir::Attribute* value = op.attribute("value"))
        result.constant = mlir::to_integer(value->text);
    const size_t target = op.name.ends_with("insert_slice") ? 1 : 0;
    for (size_t i = 0; i < op.operands.size(); ++i) {
      const Known& from = known(op.operands[i]);
      result.access.depends.insert(from.access.depends.begin(), from.access.depends.end());
      if (i >= target && result.access.buffer < 0)
        result.access.buffer = from.access.buffer;
    }
    visit_regions(op);
    for (const mlir::Value& value : op.results)
      if (is_memory(value) && result.access.buffer < 0)
        define_buffer(op, value);
      else
        values_[value.id] = result;
  }

  void define_buffer(const Op& op, const mlir::Value& value) {
    const mlir::Type type = mlir::parse_type(value.type);
    std::string space = type.space;
    if (const mlir::Attribute* written = op.attribute("memory_space"))
      space = written->text;
    const std::string number = space.substr(0, space.find_first_of(" :"));
    Buffer buffer{.name = value.name, .elements = type.elements()};
    if (number == "1" || number == "2")
      buffer.space = number == "1" ? Space::L2 : Space::L1;
    else if (!number.empty() && number != "0" && !number.starts_with("#hal."))
      throw error(op, "memory space `{}` of {}", space, value.name)
          .hint("0 is DDR (L3), 1 is of memory tiles (L2), 2 is of cores (L1)");
    nest_.buffers.push_back(std::move(buffer));
    values_[value.id] = {.access = {.buffer = static_cast<int>(nest_.buffers.size()) - 1}};
  }

  int64_t bound(const Op& op, std::string_view piece, std::string_view what) const {
    if (const auto number = mlir::to_integer(piece))
      return *number;
    const auto operand = std::ranges::find(op.operands, piece, &mlir::Value::name);
    if (operand == op.operands.end() || !known(*operand).constant)
      throw error(op, "the {} `{}` is not known", what, piece)
          .hint("a number, or an arith.constant");
    return *known(*operand).constant;
  }

  int64_t trips(const Op& op, std::string_view from, std::string_view to, std::string_view by) {
    const int64_t lower = bound(op, from, "lower bound");
    const int64_t upper = bound(op, to, "upper bound");
    const int64_t step = bound(op, by, "step");
    constexpr int64_t kMost = int64_t{1} << 40;
    if (step < 1 || lower < -kMost || upper > kMost)
      throw error(op, "from {} to {} in steps of {}", lower, upper, step);
    return upper <= lower ? 0 : (upper - lower + step - 1) / step;
  }

  /// The block of a loop, of which so many operands and variables must be there.
  const mlir::Block& body_of(const Op& op, size_t operands, size_t variables) const {
    if (op.operands.size() < operands || op.regions.empty() || op.regions[0].empty() ||
        op.regions[0][0].arguments.size() < variables)
      throw error(op, "is not complete").hint("bounds, a variable for each, and a body");
    return op.regions[0][0];
  }

  void sequential(const Op& op) {
    const bool written = op.name == "affine.for";
    const mlir::Block& body = body_of(op, written ? 0 : 3, 1);
    const size_t inits = body.arguments.size() - 1;
    if (op.operands.size() < inits)
      throw error(op, "carries {} values and begins with {}", inits, op.operands.size());
    int64_t count = 0;
    if (written) {
      const mlir::Attribute* bounds = op.attribute("bounds");
      const std::string text = bounds == nullptr ? "" : bounds->text;
      const size_t to = text.find(" to ");
      if (to == text.npos)
        throw error(op, "bounds `{}`", text);
      const size_t step = text.find(" step ", to);
      const auto piece = [&](size_t begin, size_t end) {
        return std::string(mlir::split(text.substr(begin, end - begin), ',').at(0));
      };
      count = trips(op, piece(0, to), piece(to + 4, std::min(step, text.size())),
                    step == text.npos ? "1" : piece(step + 6, text.size()));
    } else {
      count = trips(op, op.operands.at(0).name, op.operands.at(1).name, op.operands.at(2).name);
    }
    enter(op, body.arguments[0], count, false);
    nested(op, 1, op.operands.size() - inits);
    open_.pop_back();
  }

  void parallel(const Op& op) {
    const auto upper = pieces_of(op, "upper");
    const auto lower = pieces_of(op, "lower");
    const auto step = pieces_of(op, "step");
    const mlir::Block& body = body_of(op, 0, 1);
    const size_t dimensions = upper.size();
    const auto variables =
        static_cast<size_t>(std::ranges::count(body.arguments, "index", &mlir::Value::type));
    if (variables != dimensions ||
        (!lower.empty() && (lower.size() != dimensions || step.size() != dimensions)))
      throw error(op, "{} variables for {} bounds", variables,
                  lower.empty() ? dimensions : std::min({dimensions, lower.size(), step.size()}));
    for (size_t i = 0; i < dimensions; ++i)
      enter(op, body.arguments[i],
            trips(op, lower.empty() ? "0" : lower[i], upper[i], step.empty() ? "1" : step[i]),
            true);
    const size_t inits = body.arguments.size() - dimensions;
    if (op.operands.size() < inits)
      throw error(op, "carries {} values and begins with {}", inits, op.operands.size());
    nested(op, dimensions, op.operands.size() - inits);
    open_.resize(open_.size() - dimensions);
  }

  void enter(const Op& op, const mlir::Value& variable, int64_t count, bool parallel) {
    const int number = static_cast<int>(nest_.loops.size());
    // Blocks of a grid come one after another on one herd.
    const mlir::Attribute* mapping = op.attribute("mapping");
    const bool blocks = mapping != nullptr && mapping->text.find("block") != std::string::npos;
    nest_.loops.push_back({.name = variable.name,
                           .location = op.location,
                           .trips = count,
                           .op = ops_,
                           .parallel = parallel && !blocks});
    open_.push_back(number);
    values_[variable.id] = {.access = {.depends = {number}}};
  }

  /// The body of a loop; what is carried is where its beginning is.
  void nested(const Op& op, size_t first_argument, size_t first_init) {
    ++ops_;
    const std::vector<mlir::Value>& arguments = op.regions.at(0).at(0).arguments;
    for (size_t i = first_argument; i < arguments.size(); ++i) {
      Known carried = known(op.operands.at(first_init + i - first_argument));
      carried.constant.reset();
      if (carried.access.buffer < 0)
        carried.access.depends.insert(open_.back());
      values_[arguments[i].id] = carried;
    }
    visit_regions(op);
    for (size_t i = 0; i < op.results.size() && first_init + i < op.operands.size(); ++i)
      values_[op.results[i].id] = {.access = known(op.operands[first_init + i]).access};
  }

  Access access(const Op& op, size_t operand) const {
    if (operand >= op.operands.size())
      throw error(op, "has {} operands", op.operands.size());
    Access result = known(op.operands[operand]).access;
    if (result.buffer < 0)
      throw error(op, "`{}` is no memory", op.operands[operand].name)
          .hint("operands that are memrefs or tensors");
    return result;
  }

  /// Sizes of what is moved, in elements: a pack may pad its output, an unpack cut it.
  int64_t elements(const Op& op, std::initializer_list<size_t> operands) const {
    int64_t fewest = mlir::kDynamic;
    for (const size_t operand : operands) {
      const int64_t count = mlir::parse_type(op.operands.at(operand).type).elements();
      if (count != mlir::kDynamic)
        fewest = fewest == mlir::kDynamic ? count : std::min(fewest, count);
    }
    if (fewest == mlir::kDynamic)
      throw error(op, "the size of `{}` is not known: {}", op.operands.at(*operands.begin()).name,
                  op.operands.at(*operands.begin()).type)
          .hint("a type with a number for every `?`");
    return fewest;
  }

  void copy(const Op& op) {
    finish(op, {.kind = Move::Kind::Copy,
                .reads = {access(op, 0)},
                .write = access(op, 1),
                .elements = elements(op, {0, 1})});
  }

  void fill(const Op& op) {
    finish(op, {.kind = Move::Kind::Fill, .write = access(op, 1), .elements = elements(op, {1})});
  }

  void compute(const Op& op) {
    std::vector<size_t> memory;
    for (size_t i = 0; i < op.operands.size(); ++i)
      if (known(op.operands[i]).access.buffer >= 0)
        memory.push_back(i);
    if (memory.empty())
      return;
    Move move{.kind = Move::Kind::Compute, .write = access(op, memory.back())};
    for (const size_t operand : memory)
      move.reads.push_back(access(op, operand));
    const mlir::Attribute* iterators = op.attribute("iterator_types");
    move.sums = op.name.find("matmul") != std::string::npos ||
                (iterators != nullptr && iterators->text.find("reduction") != std::string::npos);
    finish(op, std::move(move));
  }

  void finish(const Op& op, Move move) {
    const mlir::Value& target = op.operands.at(move.kind == Move::Kind::Compute ? 0 : 1);
    const int64_t bits = mlir::bits_of(mlir::element_type(target.type)).value_or(0);
    if (move.kind != Move::Kind::Compute && bits == 0)
      throw error(op, "elements of `{}` are {}", target.name, mlir::element_type(target.type));
    move.op = op.name;
    move.location = op.location;
    if (__builtin_mul_overflow(move.elements, bits, &move.bytes))
      throw error(op, "{} elements at a time", move.elements);
    move.bytes /= 8;
    move.loops = open_;
    int64_t all = std::max<int64_t>(move.bytes, 1);
    for (const int loop : move.loops)
      if (__builtin_mul_overflow(all, nest_.loops[static_cast<size_t>(loop)].trips, &all))
        throw error(op, "more than 2^63 bytes in all");
    for (const mlir::Value& result : op.results)
      values_[result.id] = {.access = move.write};
    nest_.moves.push_back(std::move(move));
  }

  /// The innermost parallel loop around work on L1 has a step for each core.
  void mark_cores() {
    for (const Move& move : nest_.moves) {
      bool local = nest_.buffers[static_cast<size_t>(move.write.buffer)].space == Space::L1;
      for (const Access& read : move.reads)
        local |= nest_.buffers[static_cast<size_t>(read.buffer)].space == Space::L1;
      const auto inner = std::ranges::find_if(
          move.loops.rbegin(), move.loops.rend(),
          [&](int loop) { return nest_.loops[static_cast<size_t>(loop)].parallel; });
      if (!local || inner == move.loops.rend())
        continue;
      const int cores = nest_.loops[static_cast<size_t>(*inner)].op;
      for (Loop& loop : nest_.loops)
        loop.cores |= loop.op == cores;
    }
  }

  std::string_view text_;
  const std::string& file_;
  Nest nest_;
  std::unordered_map<int, Known> values_;
  std::vector<int> open_;
  int ops_ = 0;
};

}  // namespace

std::string_view to_string(Space space) {
  return kSpaces[static_cast<size_t>(space)];
}

int64_t Nest::times(const Move& move) const {
  int64_t count = 1;
  for (const int loop : move.loops)
    count *= loops[static_cast<size_t>(loop)].trips;
  return count;
}

Space Nest::from(const Move& move) const {
  if (move.kind == Move::Kind::Copy)
    return buffers[static_cast<size_t>(move.reads[0].buffer)].space;
  return to(move) == Space::L2 && move.kind == Move::Kind::Fill ? Space::L3 : to(move);
}

Space Nest::to(const Move& move) const {
  return buffers[static_cast<size_t>(move.write.buffer)].space;
}

bool Nest::crosses(const Move& move) const {
  return from(move) != to(move);
}

Nest read_nest(const mlir::Op& module, std::string_view text, const std::string& file) {
  return NestReader(text, file).read(module);
}

}  // namespace npu::compiler::explain
