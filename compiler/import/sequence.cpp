// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The runtime sequence: control, numbers and memory.
#include "compiler/import/sequence.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/ranges.h>

namespace npu::compiler::import {

namespace {

constexpr size_t kMostOps = 4'000'000;  ///< executed in one sequence

struct BinaryRow {
  std::string_view name;
  int64_t (*of)(int64_t, int64_t);
};
int64_t wrapped(uint64_t value) {
  return static_cast<int64_t>(value);
}
constexpr std::array kBinary{
    BinaryRow{"addi", [](int64_t a, int64_t b) { return wrapped(uint64_t(a) + uint64_t(b)); }},
    BinaryRow{"subi", [](int64_t a, int64_t b) { return wrapped(uint64_t(a) - uint64_t(b)); }},
    BinaryRow{"muli", [](int64_t a, int64_t b) { return wrapped(uint64_t(a) * uint64_t(b)); }},
    BinaryRow{"divsi",
              [](int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 - a * (b != 0) : a / b; }},
    BinaryRow{"divui",
              [](int64_t a, int64_t b) { return b == 0 ? 0 : wrapped(uint64_t(a) / uint64_t(b)); }},
    BinaryRow{"ceildivsi",
              [](int64_t a, int64_t b) { return b <= 0 ? 0 : a / b + (a % b > 0 ? 1 : 0); }},
    BinaryRow{"ceildivui",
              [](int64_t a, int64_t b) { return b <= 0 ? 0 : a / b + (a % b > 0 ? 1 : 0); }},
    BinaryRow{"floordivsi",
              [](int64_t a, int64_t b) { return b <= 0 ? 0 : a / b - (a % b < 0 ? 1 : 0); }},
    BinaryRow{"remsi", [](int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }},
    BinaryRow{"remui",
              [](int64_t a, int64_t b) { return b == 0 ? 0 : wrapped(uint64_t(a) % uint64_t(b)); }},
    BinaryRow{"andi", [](int64_t a, int64_t b) { return a & b; }},
    BinaryRow{"ori", [](int64_t a, int64_t b) { return a | b; }},
    BinaryRow{"xori", [](int64_t a, int64_t b) { return a ^ b; }},
    BinaryRow{"shli", [](int64_t a, int64_t b) { return wrapped(uint64_t(a) << (b & 63)); }},
    BinaryRow{"shrui", [](int64_t a, int64_t b) { return wrapped(uint64_t(a) >> (b & 63)); }},
    BinaryRow{"shrsi", [](int64_t a, int64_t b) { return a >> (b & 63); }},
    BinaryRow{"maxsi", [](int64_t a, int64_t b) { return std::max(a, b); }},
    BinaryRow{"minsi", [](int64_t a, int64_t b) { return std::min(a, b); }},
    BinaryRow{"maxui", [](int64_t a, int64_t b) { return std::max(a, b); }},
    BinaryRow{"minui", [](int64_t a, int64_t b) { return std::min(a, b); }},
};

struct PredicateRow {
  std::string_view name;
  std::string_view number;  ///< in the generic form
  bool (*of)(int64_t, int64_t);
};
constexpr std::array kPredicates{
    PredicateRow{"eq", "0", [](int64_t a, int64_t b) { return a == b; }},
    PredicateRow{"ne", "1", [](int64_t a, int64_t b) { return a != b; }},
    PredicateRow{"slt", "2", [](int64_t a, int64_t b) { return a < b; }},
    PredicateRow{"sle", "3", [](int64_t a, int64_t b) { return a <= b; }},
    PredicateRow{"sgt", "4", [](int64_t a, int64_t b) { return a > b; }},
    PredicateRow{"sge", "5", [](int64_t a, int64_t b) { return a >= b; }},
    PredicateRow{"ult", "6", [](int64_t a, int64_t b) { return uint64_t(a) < uint64_t(b); }},
    PredicateRow{"ule", "7", [](int64_t a, int64_t b) { return uint64_t(a) <= uint64_t(b); }},
    PredicateRow{"ugt", "8", [](int64_t a, int64_t b) { return uint64_t(a) > uint64_t(b); }},
    PredicateRow{"uge", "9", [](int64_t a, int64_t b) { return uint64_t(a) >= uint64_t(b); }},
};

constexpr std::array<std::string_view, 6> kConversions{"arith.index_cast", "arith.index_castui",
                                                       "arith.extsi",      "arith.extui",
                                                       "arith.trunci",     "arith.bitcast"};

// What a device does without and what ends a region.
constexpr std::array<std::string_view, 8> kNothing{"aie.end",
                                                   "scf.yield",
                                                   "func.return",
                                                   "aiex.npu.preempt",
                                                   "memref.assume_alignment",
                                                   "aie.trace.start_config",
                                                   "aie.trace.host_config",
                                                   "aie.trace.stop"};

}  // namespace

int64_t Sequence::number(const Op& op, const mlir::Value& value) const {
  const auto found = numbers_.find(value.id);
  if (found != numbers_.end())
    return found->second;
  if (const auto constant = state_.constant(value))
    return *constant;
  throw state_.error(op, "the value of `{}` is not known before the run", value.name)
      .hint("numbers come from constants, loops and arithmetic; arguments from --arg NAME=N");
}

std::vector<int64_t> Sequence::numbers(const Op& op, std::string_view name, size_t& next) const {
  const mlir::Attribute* attribute = op.attribute(name);
  if (!attribute)
    throw state_.error(op, "has no `{}`", name);
  std::vector<int64_t> values;
  for (const std::string_view piece : mlir::to_list(attribute->text)) {
    if (piece.starts_with('%')) {
      values.push_back(number(op, op.operands.at(next++)));
      continue;
    }
    const auto value = mlir::to_integer(piece);
    if (!value)
      throw state_.error(op, "`{}` in `{}` is no number", piece, name);
    values.push_back(*value);
  }
  return values;
}

HostMemory Sequence::host_memory(const Op& op, const mlir::Value& value) const {
  const auto found = memories_.find(value.id);
  if (found == memories_.end())
    throw state_.error(op, "`{}` is no argument of the sequence", value.name);
  return found->second;
}

uint64_t Sequence::offset_in(const Op& op, const HostMemory& memory, int64_t elements) const {
  constexpr int64_t kMost = int64_t{1} << 48;
  const auto begin = static_cast<int64_t>(memory.offset);
  if (elements > kMost || elements < -kMost || begin + elements * memory.element_bytes < 0)
    throw state_.error(op, "offset {} is outside of argument `{}`", elements,
                       state_.design.arguments[static_cast<size_t>(memory.argument)].name);
  return static_cast<uint64_t>(begin + elements * memory.element_bytes);
}

/// Arguments that are memory are those of the kernel.
void Sequence::arguments(const Op& sequence) {
  const mlir::Region& region = sequence.regions.at(0);
  if (region.empty())
    return;
  for (const mlir::Value& argument : region.front().arguments) {
    const mlir::Type type = mlir::parse_type(argument.type);
    if (type.kind != mlir::Type::Kind::Memref) {
      const auto given = state_.options.scalars.find(argument.name.substr(1));
      if (given == state_.options.scalars.end())
        continue;
      const auto value = mlir::to_integer(given->second);
      if (!value)
        throw state_.error(sequence, "argument `{}` of type {} cannot be {}", argument.name,
                           argument.type, given->second);
      numbers_[argument.id] = *value;
      continue;
    }
    if (type.elements() == mlir::kDynamic)
      throw state_.error(sequence, "argument `{}` of unknown size `{}`", argument.name,
                         argument.type);
    const arch::Type element = element_type(state_, sequence, argument.type);
    memories_[argument.id] = {.argument = static_cast<int>(state_.design.arguments.size()),
                              .element_bytes = arch::bytes_of(element)};
    state_.design.arguments.push_back({.name = argument.name.substr(1),
                                       .type = element,
                                       .elements = static_cast<uint64_t>(type.elements())});
  }
}

void Sequence::run(const Op* sequence) {
  if (sequence)
    arguments(*sequence);
  external_buffers();
  number_shims();
  if (sequence)
    for (const mlir::Block& each : sequence->regions.at(0))
      block(each);
  around_shims(sequence);
  for (const std::unique_ptr<State>& other : others_) {
    other->design.arguments = {};
    state_.design.others.push_back(std::move(other->design));
  }
}

void Sequence::block(const mlir::Block& block) {
  for (const Op& op : block.ops) {
    if (++executed_ > kMostOps)
      throw state_.error(op, "the sequence executes more than {} ops", kMostOps);
    execute(op);
  }
}

void Sequence::execute(const Op& op) {
  if (op.name == "scf.yield") {
    yielded_ = op.operands;
    return;
  }
  if (std::ranges::find(kNothing, op.name) != kNothing.end())
    return;
  bool known = false;
  try {
    known = control(op) || arithmetic(op) || memory(op) || transfers(op) || command(op) ||
            tasks(op) || devices(op) || scratchpad(op);
  } catch (const std::out_of_range&) {
    throw state_.error(op, "operands, results or regions are missing");
  }
  if (!known)
    throw state_.error(op, "this op has no meaning in a runtime sequence");
}

void Sequence::assign_results(const Op& op, const mlir::Region& region) {
  yielded_.clear();
  for (const mlir::Block& each : region)
    block(each);
  const std::vector<mlir::Value> values = yielded_;
  std::vector<int64_t> results;
  for (size_t i = 0; i < op.results.size() && i < values.size(); ++i) {
    if (const auto task = tasks_.find(values[i].id); task != tasks_.end())
      tasks_[op.results[i].id] = task->second;
    else
      numbers_[op.results[i].id] = number(op, values[i]);
  }
}

void Sequence::for_loop(const Op& op) {
  const int64_t begin = number(op, op.operands.at(0));
  const int64_t end = number(op, op.operands.at(1));
  const int64_t step = number(op, op.operands.at(2));
  if (step < 1)
    throw state_.error(op, "a step of {}", step);
  const mlir::Block& body = op.regions.at(0).at(0);
  std::vector<mlir::Value> carried(op.operands.begin() + 3, op.operands.end());
  const auto pass = [&](const std::vector<mlir::Value>& to) {
    std::vector<std::pair<std::optional<Task>, int64_t>> values;
    for (const mlir::Value& value : carried)
      if (const auto task = tasks_.find(value.id); task != tasks_.end())
        values.emplace_back(task->second, 0);
      else
        values.emplace_back(std::nullopt, number(op, value));
    for (size_t i = 0; i < values.size() && i < to.size(); ++i)
      if (values[i].first)
        tasks_[to[i].id] = *values[i].first;
      else
        numbers_[to[i].id] = values[i].second;
  };
  const std::vector<mlir::Value> inner(body.arguments.begin() + 1, body.arguments.end());
  for (int64_t i = begin; i < end; i += step) {
    numbers_[body.arguments.at(0).id] = i;
    pass(inner);
    yielded_.clear();
    block(body);
    carried = yielded_;
  }
  pass(op.results);
}

bool Sequence::control(const Op& op) {
  if (op.name == "scf.for") {
    for_loop(op);
  } else if (op.name == "scf.if") {
    const bool taken = number(op, op.operands.at(0)) != 0;
    if (taken || op.regions.size() > 1)
      assign_results(op, op.regions.at(taken ? 0 : 1));
  } else {
    return false;
  }
  return true;
}

bool Sequence::arithmetic(const Op& op) {
  const auto result = [&](int64_t value) {
    if (!op.results.empty())
      numbers_[op.results[0].id] = value;
    return true;
  };
  if (op.name == "arith.constant" || op.name == "index.constant")
    return result(state_.integer(op, "value"));
  if (std::ranges::find(kConversions, op.name) != kConversions.end())
    return result(number(op, op.operands.at(0)));
  if (op.name == "arith.select")
    return result(number(op, op.operands.at(number(op, op.operands.at(0)) ? 1 : 2)));
  if (op.name == "arith.cmpi") {
    const std::string predicate = mlir::name_of(op, "predicate");
    for (const PredicateRow& row : kPredicates)
      if (row.name == predicate || predicate.substr(0, predicate.find(' ')) == row.number)
        return result(row.of(number(op, op.operands.at(0)), number(op, op.operands.at(1))));
    throw state_.error(op, "comparison `{}`", predicate);
  }
  constexpr std::string_view kArith = "arith.";
  if (!op.name.starts_with(kArith))
    return false;
  for (const BinaryRow& row : kBinary)
    if (row.name == std::string_view(op.name).substr(kArith.size()))
      return result(row.of(number(op, op.operands.at(0)), number(op, op.operands.at(1))));
  return false;
}

bool Sequence::memory(const Op& op) {
  if (op.name == "memref.get_global") {
    const std::string name = mlir::name_of(op, "name");
    const Op* global = nullptr;
    for (const Op* from : {&state_.device, &state_.module})
      mlir::walk(*from, [&](const Op& each) {
        if (!global && each.name == "memref.global" && mlir::name_of(each, "sym_name") == name)
          global = &each;
      });
    if (!global || !global->attribute("initial_value"))
      throw state_.error(op, "there are no data for `{}`", name);
    const std::string type = mlir::name_of(*global, "type");
    const mlir::Type shape = mlir::parse_type(type);
    const auto bytes =
        mlir::dense_bytes(global->attribute("initial_value")->text, shape.element,
                          static_cast<uint64_t>(std::max<int64_t>(shape.elements(), 0)));
    if (!bytes)
      throw state_.error(*global, "the data of `{}` are no numbers", name);
    std::vector<uint32_t>& words = words_[op.results.at(0).id];
    words.assign((bytes->size() + 3) / 4, 0);
    for (size_t i = 0; i < bytes->size(); ++i)
      words[i / 4] |= uint32_t{(*bytes)[i]} << 8 * (i % 4);
    return true;
  }
  if (op.name == "memref.cast" || op.name == "memref.collapse_shape" ||
      op.name == "memref.expand_shape") {
    memories_[op.results.at(0).id] = host_memory(op, op.operands.at(0));
    return true;
  }
  if (op.name != "memref.subview" && op.name != "memref.reinterpret_cast")
    return false;
  HostMemory memory = host_memory(op, op.operands.at(0));
  size_t next = 1;
  const std::vector<int64_t> offsets = numbers(op, "static_offsets", next);
  const mlir::Type type = mlir::parse_type(op.operands[0].type);
  int64_t stride = 1;
  int64_t offset = 0;
  for (size_t i = offsets.size(); i-- > 0;) {
    offset += offsets[i] * stride;
    stride *= i < type.shape.size() ? type.shape[i] : 1;
  }
  memory.offset = offset_in(op, memory, offset);
  memories_[op.results.at(0).id] = memory;
  return true;
}

namespace {

/// The sequence that is asked for, or the first; null when the device has none.
const Op* chosen_sequence(const State& state) {
  const std::vector<const Op*> sequences = sequences_of(state.device);
  if (sequences.empty())
    return nullptr;
  std::string_view asked = state.options.sequence;
  if (const size_t colons = asked.find("::"); colons != std::string_view::npos)
    asked = asked.substr(colons + 2);
  else if (asked == mlir::name_of(state.device, "sym_name"))
    asked = {};
  const Op* chosen = asked.empty() ? sequences[0] : nullptr;
  std::vector<std::string> names;
  for (const Op* op : sequences) {
    names.push_back(mlir::name_of(*op, "sym_name"));
    if (names.back() == asked)
      chosen = op;
  }
  if (!chosen)
    throw state.error(*sequences[0], "there is no sequence `{}`", asked)
        .hint("there is {}", fmt::join(names, ", "));
  return chosen;
}

}  // namespace

void import_sequence(State& state) {
  Sequence(state).run(chosen_sequence(state));
}

void import_arguments(State& state) {
  const auto add = [&](const Op& op, const std::string& name, const std::string& text) {
    const mlir::Type type = mlir::parse_type(text);
    if (type.kind != mlir::Type::Kind::Memref)
      return;
    const bool known = type.elements() != mlir::kDynamic;
    state.design.arguments.push_back(
        {.name = name,
         .type = element_type(state, op, text),
         .elements = known ? static_cast<uint64_t>(type.elements()) : 0});
  };
  const Op* sequence = chosen_sequence(state);
  if (sequence && !sequence->regions.empty() && !sequence->regions[0].empty())
    for (const mlir::Value& argument : sequence->regions[0].front().arguments)
      add(*sequence, argument.name.substr(1), argument.type);
  for (const Op* op : all(state, "aie.external_buffer"))
    if (!op->results.empty())
      add(*op, host_buffer_name(*op), op->results[0].type);
}

}  // namespace npu::compiler::import
