// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Regions, blocks, and the ops of scf.
#include <algorithm>
#include <array>

#include "compiler/import/core_emit.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;
using mlir::Region;

bool leaves(std::string_view op) {
  constexpr std::array<std::string_view, 8> kEnds{
      "scf.yield", "scf.condition", "affine.yield", "func.return",
      "return",    "aie.end",       "linalg.yield", "memref.alloca_scope.return"};
  return std::find(kEnds.begin(), kEnds.end(), op) != kEnds.end();
}

namespace {

/// The blocks of a region by label, in an order in which what is defined comes before its uses.
class Graph {
 public:
  explicit Graph(const Region& region) : region_(region) {
    for (size_t i = 0; i < region.size(); ++i)
      numbers_[region[i].label] = i;
    reached_.resize(region.size());
    visit(0);
    std::reverse(order_.begin(), order_.end());
  }

  const std::vector<size_t>& order() const { return order_; }
  std::optional<size_t> find(const std::string& label) const {
    const auto found = numbers_.find(label);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  void visit(size_t block) {
    if (reached_[block])
      return;
    reached_[block] = true;
    if (!region_[block].ops.empty())
      for (const mlir::Successor& next : region_[block].ops.back().successors)
        if (const auto number = find(next.block))
          visit(*number);
    order_.push_back(block);
  }

  const Region& region_;
  std::map<std::string, size_t> numbers_;
  std::vector<bool> reached_;
  std::vector<size_t> order_;
};

std::vector<Held> values_of(Emitter& out, const mlir::Op& op,
                            const std::vector<mlir::Value>& values) {
  std::vector<Held> held;
  for (const mlir::Value& value : values)
    held.push_back(out.held(op, value));
  return held;
}

std::vector<Held> slots_for(Emitter& out, const mlir::Op& op,
                            const std::vector<mlir::Value>& values) {
  std::vector<Held> slots;
  for (const mlir::Value& value : values)
    slots.push_back(out.slot(op, body_type(value.type)));
  return slots;
}

void define_results(Emitter& out, const mlir::Op& op, const std::vector<Held>& values) {
  for (size_t i = 0; i < op.results.size() && i < values.size(); ++i)
    out.define(op, op.results[i], values[i]);
}

bool uses(const Region& region, int value) {
  bool found = false;
  const auto in = [&](const std::vector<mlir::Value>& values) {
    found = found || std::any_of(values.begin(), values.end(),
                                 [&](const mlir::Value& v) { return v.id == value; });
  };
  for (const mlir::Block& block : region)
    for (const mlir::Op& op : block.ops)
      mlir::walk(op, [&](const mlir::Op& inner) {
        in(inner.operands);
        for (const mlir::Successor& next : inner.successors)
          in(next.arguments);
      });
  return found;
}

}  // namespace

/// Goes where a branch op goes, with the values for the blocks' arguments.
class Branches {
 public:
  struct Target {
    int block;
    std::vector<Held> slots;
  };
  Branches(Emitter& out, const Graph& graph, std::vector<Target>& targets)
      : out_(out), graph_(graph), targets_(targets) {}

  void lower(const mlir::Op& op) {
    if (op.name == "cf.br" && op.successors.size() == 1)
      return go(op, op.successors[0]);
    if (op.name == "cf.cond_br" && op.successors.size() == 2)
      return conditional(op);
    if (op.name == "cf.switch" && !op.successors.empty())
      return choose(op);
    throw out_.error(op, "a block ends in it");
  }

 private:
  void go(const mlir::Op& op, const mlir::Successor& to) {
    const auto number = graph_.find(to.block);
    if (!number)
      throw out_.error(op, fmt::format("there is no block {}", to.block));
    const size_t wanted = targets_[*number].slots.size();
    if (to.arguments.size() != wanted)
      throw out_.error(
          op, fmt::format("{} values for {} of {}", to.arguments.size(), wanted, to.block));
    out_.assign(targets_[*number].slots, values_of(out_, op, to.arguments));
    out_.code().jump(targets_[*number].block);
  }

  void conditional(const mlir::Op& op) {
    const int otherwise = out_.code().new_block();
    out_.branch(Op::BranchIfNot, out_.number(op, 0), otherwise);
    go(op, op.successors[0]);
    out_.code().place(otherwise);
    go(op, op.successors[1]);
  }

  /// The default comes first.
  void choose(const mlir::Op& op) {
    const std::vector<int64_t> cases = integers_of(op, "case_values");
    const Number flag = out_.number(op, 0);
    const NumberType type = body_type(op.operands[0].type).number;
    for (size_t i = 0; i < cases.size() && i + 1 < op.successors.size(); ++i) {
      const int next = out_.code().new_block();
      const Number value = out_.canonical(known(cases[i]), type);
      out_.branch(Op::BranchIf, out_.emit(Op::CmpNe, Type::I64, flag, value), next);
      go(op, op.successors[i + 1]);
      out_.code().place(next);
    }
    go(op, op.successors[0]);
  }

  Emitter& out_;
  const Graph& graph_;
  std::vector<Target>& targets_;
};

void Emitter::blocks(const mlir::Op& owner, const Region& region,
                     const std::vector<Held>& arguments, const Leave& leave) {
  const Graph graph(region);
  std::vector<Branches::Target> targets;
  for (const mlir::Block& block : region)
    targets.push_back({code_.new_block(), slots_for(*this, owner, block.arguments)});
  assign(targets[0].slots, arguments);
  Branches branches(*this, graph, targets);
  for (const size_t number : graph.order()) {
    const mlir::Block& block = region[number];
    code_.place(targets[number].block);
    for (size_t i = 0; i < block.arguments.size(); ++i)
      define(owner, block.arguments[i], targets[number].slots[i]);
    for (const mlir::Op& op : block.ops) {
      if (leaves(op.name))
        leave(values_of(*this, op, op.operands));
      else if (&op == &block.ops.back())
        branches.lower(op);
      else
        lower(op);
    }
  }
}

namespace {

/// Iterations of a loop whose bounds are known.
std::optional<int64_t> trips(Number low, Number high, Number step) {
  if (!low.known() || !high.known() || !step.known() || step.value <= 0)
    return std::nullopt;
  if (low.value >= high.value)
    return 0;
  const uint64_t span = static_cast<uint64_t>(high.value) - static_cast<uint64_t>(low.value);
  return static_cast<int64_t>((span - 1) / static_cast<uint64_t>(step.value) + 1);
}

}  // namespace

void repeat(Emitter& out, const Loop& loop, bool indexed,
            const std::function<void(Number index)>& body) {
  const auto count = trips(loop.low, loop.high, loop.step);
  if (count == 0)
    return;
  Code& code = out.code();
  const int begin = code.new_block();
  const int after = code.new_block();
  const int counter = code.new_register();
  const Number index{.reg = code.new_register()};
  indexed = indexed || !count;
  if (indexed)
    out.move(index.reg, loop.low);
  if (count)
    out.move(counter, known(*count));
  else
    out.branch(Op::BranchIfNot, out.emit(Op::CmpLt, Type::I64, loop.low, loop.high), after);
  code.place(begin);
  body(index);
  if (indexed)
    out.move(index.reg, out.add(index, loop.step));
  if (count)
    code.add({.op = Op::Loop, .dst = counter, .target = begin});
  else
    out.branch(Op::BranchIf, out.emit(Op::CmpLt, Type::I64, index, loop.high), begin);
  code.place(after);
}

void for_each_element(Emitter& out, std::span<const Number> sizes,
                      const std::function<void(std::span<const Number>)>& body) {
  std::vector<Number> indices;
  const std::function<void()> next = [&] {
    if (indices.size() == sizes.size())
      return body(indices);
    repeat(out, {.low = known(0), .high = sizes[indices.size()], .step = known(1)}, true,
           [&](Number index) {
             indices.push_back(index);
             next();
             indices.pop_back();
           });
  };
  next();
}

void lower_loop(Emitter& out, const mlir::Op& op, const Loop& loop) {
  if (loop.step.known() && loop.step.value < 1)
    throw out.error(op, fmt::format("a step of {}", loop.step.value));
  const Region& body = op.regions.at(0);
  std::vector<Held> slots;
  for (const Held& value : loop.initial)
    slots.push_back(out.slot(op, value.type));
  out.assign(slots, loop.initial);
  define_results(out, op, slots);
  const bool indexed =
      !body.empty() && !body[0].arguments.empty() && uses(body, body[0].arguments[0].id);
  repeat(out, loop, indexed, [&](Number index) {
    std::vector<Held> arguments{{.type = body_type("index"), .lanes = {index}}};
    arguments.insert(arguments.end(), slots.begin(), slots.end());
    const int next = out.code().new_block();
    out.region(op, body, arguments, [&](const std::vector<Held>& left) {
      out.assign(slots, left);
      if (body.size() > 1)
        out.code().jump(next);
    });
    out.code().place(next);
  });
}

void lower_choice(Emitter& out, const mlir::Op& op, const std::vector<Number>& conditions,
                  const std::vector<const Region*>& regions) {
  const auto results = slots_for(out, op, op.results);
  Code& code = out.code();
  const int end = code.new_block();
  const auto fifos = out.fifos;
  for (size_t i = 0; i < regions.size(); ++i) {
    const int next = code.new_block();
    out.fifos = fifos;
    if (i < conditions.size())
      out.branch(Op::BranchIfNot, conditions[i], next);
    out.region(op, *regions[i], {}, [&](const std::vector<Held>& left) {
      out.assign(results, left);
      code.jump(end);
    });
    code.place(next);
  }
  code.place(end);
  define_results(out, op, results);
}

namespace {

void lower_for(Emitter& out, const mlir::Op& op) {
  Loop loop{.low = out.number(op, 0), .high = out.number(op, 1), .step = out.number(op, 2)};
  for (size_t i = 3; i < op.operands.size(); ++i)
    loop.initial.push_back(out.held(op, op.operands[i]));
  lower_loop(out, op, loop);
}

void lower_while(Emitter& out, const mlir::Op& op) {
  const Region& before = op.regions.at(0);
  const Region& after = op.regions.at(1);
  const auto slots = slots_for(out, op, op.operands);
  // What the condition passes on are the results, named or not.
  const auto results = slots_for(out, op, after.empty() ? op.results : after.front().arguments);
  Code& code = out.code();
  const int test = code.new_block();
  const int body = code.new_block();
  const int end = code.new_block();
  out.assign(slots, values_of(out, op, op.operands));
  code.place(test);
  out.region(op, before, slots, [&](const std::vector<Held>& left) {
    if (left.empty() || left[0].lanes.size() != 1)
      throw out.error(op, "its first region has no scf.condition");
    out.assign(results, {left.begin() + 1, left.end()});
    out.branch(Op::BranchIfNot, left[0].lanes[0], end);
    code.jump(body);
  });
  code.place(body);
  out.region(op, after, results, [&](const std::vector<Held>& left) {
    out.assign(slots, left);
    code.jump(test);
  });
  code.place(end);
  define_results(out, op, results);
}

void lower_if(Emitter& out, const mlir::Op& op) {
  static const Region kNothing;
  const bool both = op.regions.size() > 1 && !op.regions[1].empty();
  lower_choice(out, op, {out.number(op, 0)},
               {&op.regions.at(0), both ? &op.regions[1] : &kNothing});
}

/// The default region comes first.
void lower_switch(Emitter& out, const mlir::Op& op) {
  const std::vector<int64_t> cases = integers_of(op, "cases");
  if (op.regions.size() != cases.size() + 1)
    throw out.error(op, fmt::format("{} cases and {} regions", cases.size(), op.regions.size()));
  std::vector<Number> conditions;
  std::vector<const Region*> regions;
  for (size_t i = 0; i < cases.size(); ++i) {
    conditions.push_back(out.emit(Op::CmpEq, Type::I64, out.number(op, 0), known(cases[i])));
    regions.push_back(&op.regions[i + 1]);
  }
  regions.push_back(&op.regions[0]);
  lower_choice(out, op, conditions, regions);
}

void lower_inline(Emitter& out, const mlir::Op& op) {
  define_results(out, op, out.inlined(op, op.regions.at(0), {}, op.results.size()));
}

/// One of two memrefs.
void select(Emitter& out, const mlir::Op& op) {
  const auto result = slots_for(out, op, op.results);
  const int no = out.code().new_block();
  const int end = out.code().new_block();
  out.branch(Op::BranchIfNot, out.number(op, 0), no);
  out.assign(result, {out.held(op, op.operands.at(1))});
  out.code().jump(end);
  out.code().place(no);
  out.assign(result, {out.held(op, op.operands.at(2))});
  out.code().place(end);
  define_results(out, op, result);
}

struct Row {
  std::string_view name;
  void (*lower)(Emitter&, const mlir::Op&);
};
constexpr std::array kRows{
    Row{"scf.for", lower_for},
    Row{"scf.while", lower_while},
    Row{"scf.if", lower_if},
    Row{"arith.select", select},
    Row{"scf.index_switch", lower_switch},
    Row{"scf.execute_region", lower_inline},
    Row{"memref.alloca_scope", lower_inline},
};

}  // namespace

bool lower_control(Emitter& out, const mlir::Op& op) {
  const Row* row = find_row(kRows, op.name);
  if (row != nullptr)
    row->lower(out, op);
  return row != nullptr;
}

}  // namespace npu::compiler::core
