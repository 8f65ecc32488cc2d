// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A core's program as blocks of MLIR. Registers become values: a register with one possible origin
// at a place is that value, one with several becomes an argument of the block where they meet. Lock
// operations, calls, branches, constants and the counting of loops are ops of the usual dialects;
// other instructions are `airlock.` ops with the instruction's name.
#include <algorithm>
#include <array>
#include <bitset>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "compiler/design/mlir_scope.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler::mlir {

namespace {

using Code = arch::Instruction;
using arch::Program;
using Registers = std::bitset<arch::kProgramRegisters>;
using arch::Op;
using Node = mlir::Op;

constexpr int kStart = -1;  ///< the origin of a register that nothing has written: zero

constexpr bool is_branch(Op op) {
  return op == Op::Jump || op == Op::BranchIf || op == Op::BranchIfNot || op == Op::Loop;
}

std::string_view operands_of(Op op) {
  return arch::ops()[static_cast<size_t>(op)].operands;
}

bool writes(const Code& code) {
  return code.op != Op::Store && operands_of(code.op).find('d') != std::string_view::npos;
}

std::vector<int> reads(const Code& code) {
  constexpr std::array kUpdates{Op::Loop, Op::Store, Op::ConstHigh, Op::FFma, Op::Select};
  std::vector<int> registers;
  if (std::find(kUpdates.begin(), kUpdates.end(), code.op) != kUpdates.end())
    registers.push_back(code.dst);
  if (code.op == Op::Call) {
    for (int i = 0; i < code.b; ++i)
      registers.push_back(code.a + i);
    return registers;
  }
  const std::string_view operands = operands_of(code.op);
  if (operands.find('a') != std::string_view::npos)
    registers.push_back(code.a);
  if (operands.find('b') != std::string_view::npos)
    registers.push_back(code.b);
  return registers;
}

/// Which instruction may have written what a register holds, where, and which blocks need it as an
/// argument.
class Origins {
 public:
  using Set = std::set<int>;

  explicit Origins(const Program& program) : code_(program.code) {
    split();
    flow_down();
    flow_up();
    find_values();
  }

  struct Span {
    int begin;
    int end;
    std::vector<int> next;  ///< blocks; a conditional branch lists the taken one first
  };
  const std::vector<Span>& blocks() const { return blocks_; }
  int block_at(int instruction) const { return block_at_.at(instruction); }
  const Set& origins(int block, int reg) const { return in_[block][reg]; }

  /// What a register holds when a block begins: what an instruction wrote, zero, or an argument of
  /// this or another block.
  struct Source {
    bool argument = false;
    int from = kStart;  ///< the instruction, or the block
    bool operator==(const Source&) const = default;
  };
  Source source(int block, int reg) const { return sources_[block][reg]; }

  /// Registers that come into a block from several origins which meet there.
  std::vector<int> arguments(int block) const {
    std::vector<int> registers;
    for (int reg = 0; reg < arch::kProgramRegisters; ++reg)
      if (live_[block][reg] && source(block, reg) == Source{true, block})
        registers.push_back(reg);
    return registers;
  }

 private:
  int size() const { return static_cast<int>(code_.size()); }

  void split() {
    std::set<int> starts{0};
    for (int i = 0; i < size(); ++i) {
      if (is_branch(code_[i].op))
        starts.insert(code_[i].imm);
      if (is_branch(code_[i].op) || code_[i].op == Op::Done)
        starts.insert(i + 1);
    }
    for (auto start = starts.begin(); start != starts.end() && *start < size(); ++start) {
      const auto next = std::next(start);
      block_at_[*start] = static_cast<int>(blocks_.size());
      blocks_.push_back({*start, next == starts.end() ? size() : std::min(*next, size()), {}});
    }
    for (Span& block : blocks_) {
      const Code& last = code_[block.end - 1];
      if (is_branch(last.op))
        block.next.push_back(block_at_.at(last.imm));
      if (last.op != Op::Jump && last.op != Op::Done && block.end < size())
        block.next.push_back(block_at_.at(block.end));
    }
  }

  void flow_down() {
    in_.resize(blocks_.size());
    if (!blocks_.empty())
      in_[0].fill({kStart});
    for (bool changed = true; changed;) {
      changed = false;
      for (const Span& block : blocks_) {
        auto out = in_[static_cast<size_t>(&block - blocks_.data())];
        for (int i = block.begin; i < block.end; ++i)
          if (writes(code_[i]))
            out[code_[i].dst] = {i};
        for (const int next : block.next)
          for (int reg = 0; reg < arch::kProgramRegisters; ++reg)
            for (const int origin : out[reg])
              changed = in_[next][reg].insert(origin).second || changed;
      }
    }
  }

  void flow_up() {
    live_.resize(blocks_.size());
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t b = blocks_.size(); b-- > 0;) {
        Registers live;
        for (const int next : blocks_[b].next)
          live |= live_[next];
        for (int i = blocks_[b].end; i-- > blocks_[b].begin;) {
          if (writes(code_[i]))
            live.reset(code_[i].dst);
          for (const int reg : reads(code_[i]))
            live.set(static_cast<size_t>(reg));
        }
        changed = changed || live != live_[b];
        live_[b] = live;
      }
    }
  }

  /// A block takes an argument for a register of several origins; then those that always get the
  /// same are taken away again, until none is left.
  void find_values() {
    sources_.resize(blocks_.size());
    std::vector<std::vector<int>> before(blocks_.size());
    for (int b = 0; b < count(); ++b) {
      for (const int next : blocks_[b].next)
        before[next].push_back(b);
      for (int reg = 0; reg < arch::kProgramRegisters; ++reg)
        if (in_[b][reg].size() > 1)
          sources_[b][reg] = {true, b};
        else if (!in_[b][reg].empty())
          sources_[b][reg] = {false, *in_[b][reg].begin()};
    }
    for (int reg = 0; reg < arch::kProgramRegisters; ++reg)
      for (bool changed = true; changed;) {
        changed = false;
        for (int b = 0; b < count(); ++b)
          changed = replace_argument(b, reg, before[b]) || changed;
      }
  }

  bool replace_argument(int block, int reg, const std::vector<int>& before) {
    const Source own{true, block};
    if (source(block, reg) != own)
      return false;
    std::optional<Source> only;
    if (block == 0)
      only = Source{};
    for (const int from : before) {
      const Source given = source_after(from, reg);
      if (given == own || given == only)
        continue;
      if (only)
        return false;
      only = given;
    }
    for (auto& sources : sources_)
      if (only && sources[reg] == own)
        sources[reg] = *only;
    return only.has_value();
  }

  Source source_after(int block, int reg) const {
    for (int i = blocks_[block].end; i-- > blocks_[block].begin;)
      if (writes(code_[i]) && code_[i].dst == reg)
        return {false, i};
    return source(block, reg);
  }

  int count() const { return static_cast<int>(blocks_.size()); }

  const std::vector<Code>& code_;
  std::vector<Span> blocks_;
  std::map<int, int> block_at_;
  std::vector<std::array<Source, arch::kProgramRegisters>> sources_;
  std::vector<std::array<Set, arch::kProgramRegisters>> in_;
  std::vector<Registers> live_;
};

/// The blocks of one core.
class Body {
 public:
  Body(Scope& scope, const Core& core) : scope_(scope), core_(core), origins_(core.program) {
    for (const Core::Reference& use : core.buffers)
      buffers_[use.instruction] = use.index;
    for (const Core::Reference& use : core.locks)
      locks_[use.instruction] = use.index;
    find_addresses();
    for (size_t i = 0; i < core.program.code.size(); ++i)
      if (writes(core.program.code[i]))
        values_[static_cast<int>(i)] = value_of(static_cast<int>(i));
  }

  Region run() {
    Region region(1);
    for (size_t b = 0; b < origins_.blocks().size(); ++b)
      region.push_back(block(static_cast<int>(b)));
    Block& entry = region.front();
    entry.ops = std::move(constants_);
    entry.ops.push_back(origins_.blocks().empty() ? Node{.name = "aie.end"}
                                                  : branch("cf.br", {}, {go(0, start_)}));
    return region;
  }

 private:
  using Values = std::map<int, Value>;  ///< by register

  const Code& code(int i) const { return core_.program.code[static_cast<size_t>(i)]; }
  static Node branch(std::string name, std::vector<Value> operands, std::vector<Successor> to) {
    return {.name = std::move(name), .operands = std::move(operands), .successors = std::move(to)};
  }
  static std::string label(int block) { return fmt::format("^bb{}", block + 1); }

  bool is_memref(int i) const {
    return buffers_.contains(i) && code(i).imm == 0 && !addresses_.contains(i);
  }

  /// A buffer is a number where it is calculated with or meets another value; for calls it stays a
  /// buffer.
  void find_addresses() {
    for (size_t b = 0; b < origins_.blocks().size(); ++b) {
      const int block_index = static_cast<int>(b);
      for (const int reg : origins_.arguments(block_index))
        addresses_.insert(origins_.origins(block_index, reg).begin(),
                          origins_.origins(block_index, reg).end());
      std::map<int, int> last;
      for (int i = origins_.blocks()[b].begin; i < origins_.blocks()[b].end; ++i) {
        for (const int reg : reads(code(i)))
          if (code(i).op != Op::Call) {
            const auto here = last.find(reg);
            const Origins::Set& from = origins_.origins(block_index, reg);
            addresses_.insert(here != last.end() ? here->second : *from.begin());
          }
        if (writes(code(i)))
          last[code(i).dst] = i;
      }
    }
  }

  Value value_of(int i) {
    if (is_memref(i))
      return scope_.buffer(buffers_.at(i));
    return scope_.value(fmt::format("r{}", code(i).dst), "i64");
  }

  /// A constant, defined where every block sees it.
  Value constant(int64_t value) {
    Value& known = numbers_[value];
    if (known.name.empty()) {
      known =
          scope_.value(value < 0 ? fmt::format("cm{}", -value) : fmt::format("c{}", value), "i64");
      const std::string text = fmt::format("{} : i64", value);
      constants_.push_back(
          {.name = "arith.constant", .results = {known}, .attributes = {{"value", text, text}}});
    }
    return known;
  }

  Value argument(int block_index, int reg) {
    Value& known = arguments_[{block_index, reg}];
    if (known.name.empty())
      known = scope_.value(fmt::format("r{}", reg), "i64");
    return known;
  }

  Value held(const Values& now, int block_index, int reg) {
    if (const auto here = now.find(reg); here != now.end())
      return here->second;
    const Origins::Source source = origins_.source(block_index, reg);
    if (source.argument)
      return argument(source.from, reg);
    return source.from == kStart ? constant(0) : values_.at(source.from);
  }

  /// To a block, with what its arguments hold at the end of this one.
  Successor go(int to, const std::function<Value(int)>& hold) {
    Successor successor{label(to), {}};
    for (const int reg : origins_.arguments(to))
      successor.arguments.push_back(hold(reg));
    return successor;
  }

  Block block(int index) {
    Block block{.label = label(index)};
    for (const int reg : origins_.arguments(index))
      block.arguments.push_back(argument(index, reg));
    Values now;
    const Origins::Span& span = origins_.blocks()[static_cast<size_t>(index)];
    for (int i = span.begin; i < span.end; ++i) {
      instruction(block.ops, i, [&](int reg) { return held(now, index, reg); });
      if (writes(code(i)))
        now[code(i).dst] = values_.at(i);
    }
    terminate(block.ops, span, [&](int reg) { return held(now, index, reg); });
    return block;
  }

  void terminate(std::vector<Node>& ops, const Origins::Span& span,
                 const std::function<Value(int)>& hold) {
    const Code& last = code(span.end - 1);
    if (span.next.empty())
      ops.push_back({.name = "aie.end"});
    else if (last.op == Op::Jump || !is_branch(last.op))
      ops.push_back(branch("cf.br", {}, {go(span.next[0], hold)}));
    else if (span.next.size() == 1)
      ops.push_back(branch("cf.br", {}, {go(span.next[0], hold)}));
    else
      ops.push_back(branch("cf.cond_br", {condition(ops, last, hold)},
                           {go(span.next[0], hold), go(span.next[1], hold)}));
  }

  Value condition(std::vector<Node>& ops, const Code& last, const std::function<Value(int)>& hold) {
    const Value result = scope_.value("go", "i1");
    const Attribute predicate = last.op == Op::Loop       ? Attribute{"predicate", "4 : i64", "sgt"}
                                : last.op == Op::BranchIf ? Attribute{"predicate", "1 : i64", "ne"}
                                                          : Attribute{"predicate", "0 : i64", "eq"};
    const Value left = hold(last.op == Op::Loop ? last.dst : last.a);
    ops.push_back({.name = "arith.cmpi",
                   .operands = {left, constant(0)},
                   .results = {result},
                   .attributes = {predicate}});
    return result;
  }

  void instruction(std::vector<Node>& ops, int i, const std::function<Value(int)>& hold) {
    const Code& c = code(i);
    if (c.op == Op::Nop || c.op == Op::Done || c.op == Op::Jump || c.op == Op::BranchIf ||
        c.op == Op::BranchIfNot)
      return;
    if ((c.op == Op::Acquire || c.op == Op::Release) && locks_.contains(i))
      ops.push_back(use_lock(i));
    else if (c.op == Op::Call)
      ops.push_back(call(c, hold));
    else if (c.op == Op::Event)
      ops.push_back({.name = "aie.event", .attributes = {integer("val", c.imm)}});
    else if (c.op == Op::Loop)
      ops.push_back({.name = "arith.subi",
                     .operands = {hold(c.dst), constant(1)},
                     .results = {values_.at(i)}});
    else if (c.op == Op::AddImm)
      ops.push_back({.name = "arith.addi",
                     .operands = {hold(c.a), constant(c.imm)},
                     .results = {values_.at(i)}});
    else if (c.op == Op::Const)
      load_constant(ops, i);
    else
      ops.push_back(other(i, hold));
  }

  Node use_lock(int i) const {
    const Code& c = code(i);
    const std::string_view action = c.op == Op::Release ? "Release"
                                    : c.imm < 0         ? "AcquireGreaterEqual"
                                                        : "Acquire";
    return {.name = "aie.use_lock",
            .operands = {scope_.lock(locks_.at(i))},
            .attributes = {enumeration("action", kLockActions, action),
                           integer("value", c.op == Op::Acquire && c.imm < 0 ? -c.imm : c.imm)}};
  }

  Node call(const Code& c, const std::function<Value(int)>& hold) {
    std::vector<Value> operands;
    for (const int reg : reads(c))
      operands.push_back(hold(reg));
    const std::string kernel =
        scope_.kernel(core_.program.kernels[static_cast<size_t>(c.imm)], operands);
    return {.name = "func.call", .operands = operands, .attributes = {symbol("callee", kernel)}};
  }

  void load_constant(std::vector<Node>& ops, int i) {
    if (is_memref(i))
      return;
    if (!buffers_.contains(i)) {
      const std::string text = fmt::format("{} : i64", code(i).imm);
      ops.push_back({.name = "arith.constant",
                     .results = {values_.at(i)},
                     .attributes = {{"value", text, text}}});
      return;
    }
    Node op{.name = "airlock.address",
            .operands = {scope_.buffer(buffers_.at(i))},
            .results = {values_.at(i)}};
    if (code(i).imm != 0)
      op.attributes.push_back(integer("offset", code(i).imm));
    ops.push_back(std::move(op));
  }

  /// An instruction that has no op of another dialect.
  Node other(int i, const std::function<Value(int)>& hold) const {
    const Code& c = code(i);
    const std::string_view operands = operands_of(c.op);
    Node op{.name = fmt::format("airlock.{}", arch::to_string(c.op))};
    for (const int reg : reads(c))
      op.operands.push_back(hold(reg));
    if (writes(c))
      op.results.push_back(values_.at(i));
    op.attributes.push_back(string("type", arch::to_string(c.type)));
    if (operands.find('i') != std::string_view::npos)
      op.attributes.push_back(integer("imm", c.imm));
    if (operands.find('l') != std::string_view::npos)
      op.attributes.push_back(integer("lock", c.a));
    if (operands.find('n') != std::string_view::npos ||
        operands.find('y') != std::string_view::npos)
      op.attributes.push_back(integer("b", c.b));
    return op;
  }

  Scope& scope_;
  const Core& core_;
  Origins origins_;
  std::map<int, int> buffers_;  ///< by instruction
  std::map<int, int> locks_;
  std::set<int> addresses_;  ///< instructions whose buffer is needed as a number
  Values values_;            ///< by instruction
  std::map<int64_t, Value> numbers_;
  std::map<std::pair<int, int>, Value> arguments_;
  std::vector<Node> constants_;
  std::function<Value(int)> start_ = [this](int) { return constant(0); };
};

}  // namespace

mlir::Op core_op(Scope& scope, const Core& core) {
  return {
      .name = "aie.core",
      .operands = {scope.tile(core.tile)},
      .results = {scope.value(fmt::format("core_{}_{}", core.tile.col, core.tile.row), "index")},
      .attributes = {integer("stack_size", core.stack_bytes)},
      .regions = {Body(scope, core).run()}};
}

}  // namespace npu::compiler::mlir
