// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_code.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "compiler/import/core_operands.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

using arch::Op;
using arch::Type;

Code::Code() : blocks_(1) {}

int Code::new_block() {
  return next_block_++;
}

void Code::place(int block) {
  blocks_.push_back({block, {}});
}

void Code::add(CodeOp op) {
  blocks_.back().ops.push_back(std::move(op));
}

bool Code::ended() const {
  const auto& ops = blocks_.back().ops;
  return !ops.empty() && (ops.back().op == Op::Jump || ops.back().op == Op::Done);
}

int Code::constant(int64_t value) {
  const auto [known, fresh] = constants_.try_emplace(value, registers_);
  if (fresh) {
    const int reg = new_register();
    auto& ops = blocks_.front().ops;
    ops.push_back({.op = Op::Const, .dst = reg, .imm = static_cast<int32_t>(value)});
    if (value != static_cast<int32_t>(value))
      ops.push_back({.op = Op::ConstHigh, .dst = reg, .imm = static_cast<int32_t>(value >> 32)});
  }
  return known->second;
}

int Code::address(int buffer) {
  const auto [known, fresh] = addresses_.try_emplace(buffer, registers_);
  if (fresh)
    blocks_.front().ops.push_back({.op = Op::Const, .dst = new_register(), .buffer = buffer});
  return known->second;
}

int Code::reserve_stack(int bytes) {
  return std::exchange(stack_, stack_ + bytes);
}

namespace {

constexpr int kScratch = 3;  ///< registers through which values of the stack go
constexpr int kSlotBytes = 8;
constexpr int kInStack = -1;
constexpr int kNoPlace = -2;

/// Registers that are needed later.
class LiveSet {
 public:
  explicit LiveSet(size_t registers) : words_((registers + 63) / 64) {}
  bool test(int reg) const { return words_[index(reg)] >> (reg % 64) & 1; }
  void set(int reg) { words_[index(reg)] |= uint64_t{1} << (reg % 64); }
  void reset(int reg) { words_[index(reg)] &= ~(uint64_t{1} << (reg % 64)); }
  void merge(const LiveSet& other) {
    for (size_t i = 0; i < words_.size(); ++i)
      words_[i] |= other.words_[i];
  }
  template <typename F>
  void for_each(F f) const {
    for (size_t i = 0; i < words_.size(); ++i)
      for (uint64_t word = words_[i]; word != 0; word &= word - 1)
        f(static_cast<int>(i * 64 + static_cast<size_t>(__builtin_ctzll(word))));
  }
  bool operator==(const LiveSet&) const = default;

 private:
  static size_t index(int reg) { return static_cast<size_t>(reg / 64); }
  std::vector<uint64_t> words_;
};

}  // namespace

/// One choice of registers.
class Allocation {
 public:
  Allocation(Code code, int stack_bytes) : code_(std::move(code)), stack_bytes_(stack_bytes) {
    code_.fuse_counters();
    code_.keep_arguments();
    remove_unreachable();
    find_live();
    remove_unused();
    find_intervals();
  }

  CoreProgram run() {
    size_t window = 0;
    for (const Code::Block& block : code_.blocks_)
      for (const CodeOp& op : block.ops)
        window = std::max(window, op.arguments.size());
    window_ = first_kept() - static_cast<int>(window);
    if (!scan(window_)) {
      scratch_ = window_ - kScratch;
      scan(scratch_);
      assign_slots();
    }
    return emit();
  }

 private:
  struct Interval {
    int reg = 0;
    int begin = std::numeric_limits<int>::max();
    int end = -1;
    int hint = -1;  ///< a register that this one is moved from
    bool pinned = false;
  };

  int index_of(int block) const { return place_of_[static_cast<size_t>(block)]; }

  std::vector<int> successors(size_t at) const {
    std::vector<int> next;
    const auto& ops = code_.blocks_[at].ops;
    for (const CodeOp& op : ops)
      if (op.target >= 0)
        next.push_back(index_of(op.target));
    const bool ends = !ops.empty() && (ops.back().op == Op::Jump || ops.back().op == Op::Done);
    if (!ends && at + 1 < code_.blocks_.size())
      next.push_back(static_cast<int>(at + 1));
    return next;
  }

  void remove_unreachable() {
    place_of_.assign(static_cast<size_t>(code_.next_block_), -1);
    for (size_t i = 0; i < code_.blocks_.size(); ++i)
      place_of_[static_cast<size_t>(code_.blocks_[i].id)] = static_cast<int>(i);
    std::vector<bool> reached(code_.blocks_.size());
    std::vector<size_t> open{0};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      if (reached[at])
        continue;
      reached[at] = true;
      for (const int next : successors(at))
        open.push_back(static_cast<size_t>(next));
    }
    for (size_t i = 0; i < reached.size(); ++i)
      if (!reached[i])
        code_.blocks_[i].ops.clear();
  }

  void find_live() {
    const auto registers = static_cast<size_t>(code_.registers_);
    live_in_.assign(code_.blocks_.size(), LiveSet(registers));
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t b = code_.blocks_.size(); b-- > 0;) {
        LiveSet live = live_out(b);
        const auto& ops = code_.blocks_[b].ops;
        for (auto op = ops.rbegin(); op != ops.rend(); ++op)
          step_back(*op, live);
        changed = changed || !(live == live_in_[b]);
        live_in_[b] = std::move(live);
      }
    }
  }

  LiveSet live_out(size_t block) const {
    LiveSet live(static_cast<size_t>(code_.registers_));
    for (const int next : successors(block))
      live.merge(live_in_[static_cast<size_t>(next)]);
    return live;
  }

  /// What is live before an op; one that only writes an unused register needs nothing.
  static void step_back(const CodeOp& op, LiveSet& live) {
    if (is_pure(op) && !live.test(op.dst))
      return;
    if (writes(op))
      live.reset(op.dst);
    for_each_read(op, [&](int reg) { live.set(reg); });
  }

  void remove_unused() {
    for (size_t b = 0; b < code_.blocks_.size(); ++b) {
      LiveSet live = live_out(b);
      std::vector<CodeOp> kept;
      auto& ops = code_.blocks_[b].ops;
      for (auto op = ops.rbegin(); op != ops.rend(); ++op) {
        if (is_pure(*op) && !live.test(op->dst))
          continue;
        step_back(*op, live);
        kept.push_back(std::move(*op));
      }
      ops.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
    }
  }

  /// An op reads at an even position and writes at the next, so that a register that ends in it
  /// can take its result.
  void find_intervals() {
    intervals_.resize(static_cast<size_t>(code_.registers_));
    constant_.resize(intervals_.size());
    for (size_t i = 0; i < intervals_.size(); ++i)
      intervals_[i].reg = static_cast<int>(i);
    const auto extend = [&](int reg, int at) {
      Interval& interval = intervals_[static_cast<size_t>(reg)];
      interval.begin = std::min(interval.begin, at);
      interval.end = std::max(interval.end, at);
    };
    int at = 0;
    for (size_t b = 0; b < code_.blocks_.size(); ++b) {
      live_in_[b].for_each([&](int reg) { extend(reg, at); });
      for (const CodeOp& op : code_.blocks_[b].ops) {
        for_each_read(op, [&](int reg) { extend(reg, at); });
        if (writes(op)) {
          extend(op.dst, at + 1);
          note(op);
        }
        at += 2;
      }
      live_out(b).for_each([&](int reg) { extend(reg, at); });
    }
  }

  void note(const CodeOp& op) {
    const auto dst = static_cast<size_t>(op.dst);
    if (op.op == Op::Loop)  // nothing can store what it writes on the way to its target
      intervals_[dst].pinned = true;
    if (op.op == Op::Move)
      intervals_[dst].hint = op.a;
    auto& constant = constant_[dst];
    if (op.op == Op::Const && written_.insert(op.dst).second)
      constant = op;
    else
      constant.reset();
    written_.insert(op.dst);
  }

  /// Gives the intervals the registers below `limit`; false when not all found one.
  bool scan(int limit) {
    place_.assign(intervals_.size(), kNoPlace);
    std::vector<const Interval*> order;
    for (const Interval& interval : intervals_)
      if (interval.end >= 0)
        order.push_back(&interval);
    std::sort(order.begin(), order.end(), [](const Interval* x, const Interval* y) {
      return std::pair(x->begin, x->reg) < std::pair(y->begin, y->reg);
    });
    std::vector<const Interval*> active;
    std::vector<bool> taken(static_cast<size_t>(limit));
    bool all = true;
    for (const Interval* interval : order) {
      std::erase_if(active, [&](const Interval* other) {
        const bool over = other->end < interval->begin;
        if (over)
          taken[static_cast<size_t>(place(other->reg))] = false;
        return over;
      });
      int reg = free_register(*interval, taken);
      if (reg == kNoPlace) {
        all = false;
        reg = evict(*interval, active);
      }
      place(interval->reg) = reg;
      if (reg == kInStack)
        continue;
      taken[static_cast<size_t>(reg)] = true;
      active.push_back(interval);
    }
    return all;
  }

  int& place(int reg) { return place_[static_cast<size_t>(reg)]; }

  int free_register(const Interval& interval, const std::vector<bool>& taken) {
    if (interval.hint >= 0) {
      const int hint = place(interval.hint);
      if (hint >= 0 && !taken[static_cast<size_t>(hint)])
        return hint;
    }
    const auto free = std::find(taken.begin(), taken.end(), false);
    return free == taken.end() ? kNoPlace : static_cast<int>(free - taken.begin());
  }

  /// The register of the interval that does without for longest, constants before others; kInStack
  /// when that is the new one.
  int evict(const Interval& interval, std::vector<const Interval*>& active) {
    const auto cost = [&](const Interval* i) {
      return std::tuple(!i->pinned, constant_[static_cast<size_t>(i->reg)].has_value(), i->end);
    };
    const auto worst =
        std::max_element(active.begin(), active.end(),
                         [&](const Interval* x, const Interval* y) { return cost(x) < cost(y); });
    if (worst == active.end() || cost(*worst) <= cost(&interval))
      return kInStack;
    const int reg = std::exchange(place((*worst)->reg), kInStack);
    active.erase(worst);
    return reg;
  }

  void assign_slots() {
    slots_.assign(place_.size(), -1);
    for (size_t reg = 0; reg < place_.size(); ++reg)
      if (place_[reg] == kInStack && !constant_[reg])
        slots_[reg] = code_.reserve_stack(kSlotBytes);
    if (code_.stack_ > stack_bytes_)
      throw Error("{} values that find no register need {} bytes of stack, there are {}",
                  std::count_if(slots_.begin(), slots_.end(), [](int s) { return s >= 0; }),
                  code_.stack_, stack_bytes_)
          .hint("a larger stack_size");
  }

  int first_kept() const { return arch::kProgramRegisters - static_cast<int>(code_.kept_.size()); }

  CoreProgram emit() {
    for (size_t i = 0; i < code_.kept_.size(); ++i)
      put_constant(code_.kept_[i], first_kept() + static_cast<int>(i));
    std::vector<int> begins(code_.blocks_.size());
    std::vector<std::pair<size_t, int>> branches;
    for (size_t b = 0; b < code_.blocks_.size(); ++b) {
      begins[b] = static_cast<int>(out_.program.code.size());
      for (const CodeOp& op : code_.blocks_[b].ops) {
        if (op.op == Op::Jump && falls_to(b, index_of(op.target)))
          continue;
        emit(op);
        if (op.target >= 0)
          branches.emplace_back(last_, index_of(op.target));
      }
    }
    for (const auto& [at, block] : branches)
      out_.program.code[at].imm = begins[static_cast<size_t>(block)];
    out_.program.kernels = std::move(code_.kernels);
    return std::move(out_);
  }

  /// Whether nothing stands between the end of a block and the beginning of another.
  bool falls_to(size_t from, int to) const {
    for (size_t b = from + 1; b < code_.blocks_.size() && static_cast<int>(b) <= to; ++b) {
      if (static_cast<int>(b) == to)
        return true;
      if (!code_.blocks_[b].ops.empty())
        return false;
    }
    return false;
  }

  void put(arch::Instruction instruction) { out_.program.code.push_back(instruction); }
  int here() const { return static_cast<int>(out_.program.code.size()); }

  void put_constant(const CodeOp& op, int reg) {
    if (op.buffer >= 0)
      out_.buffers.push_back({here(), op.buffer});
    put({.op = Op::Const, .dst = static_cast<uint8_t>(reg), .imm = op.imm});
  }

  void put_slot(int reg, int slot) {
    put({.op = Op::Const,
         .dst = static_cast<uint8_t>(reg),
         .imm = static_cast<int32_t>(arch::kCoreOwn) + slot});
  }

  /// The machine register that holds a value now; what has none is brought into a scratch register.
  int fetch(int reg, int into) {
    const auto at = static_cast<size_t>(reg);
    if (place_[at] >= 0)
      return place_[at];
    if (constant_[at]) {
      put_constant(*constant_[at], into);
    } else if (place_[at] == kInStack) {
      put_slot(into, slots_[at]);
      put({.op = Op::Load,
           .type = Type::I64,
           .dst = static_cast<uint8_t>(into),
           .a = static_cast<uint8_t>(into)});
    }
    return into;
  }

  void emit(const CodeOp& op) {
    if (op.op == Op::Const && place(op.dst) == kInStack && constant_[static_cast<size_t>(op.dst)])
      return;
    if (op.op == Op::Move && place(op.dst) == place(op.a) && place(op.dst) >= 0)
      return;
    arch::Instruction out{.op = op.op, .type = op.type, .imm = op.imm};
    if (op.op == Op::Call && op.kept >= 0) {
      out.a = static_cast<uint8_t>(first_kept() + op.kept);
      out.b = static_cast<uint8_t>(op.plain);
    } else if (op.op == Op::Call) {
      put_arguments(op);
      out.a = static_cast<uint8_t>(op.arguments.empty() ? 0 : window_);
      out.b = static_cast<uint8_t>(op.arguments.size());
    } else if (lists(op.op, 'a')) {
      out.a = static_cast<uint8_t>(fetch(op.a, scratch_));
    }
    if (lists(op.op, 'b'))
      out.b = static_cast<uint8_t>(fetch(op.b, scratch_ + 1));
    if (lists(op.op, 'd')) {
      const int dst = place(op.dst);
      out.dst = static_cast<uint8_t>(reads_dst(op.op) ? fetch(op.dst, scratch_ + 2)
                                     : dst >= 0       ? dst
                                                      : scratch_ + 2);
    }
    if (lists(op.op, 'l')) {
      out.a = 0;
      out_.locks.push_back({here(), op.plain});
    } else if (lists(op.op, 'n') || lists(op.op, 'y')) {
      if (op.op != Op::Call)
        out.b = static_cast<uint8_t>(op.plain);
    }
    if (op.buffer >= 0)
      out_.buffers.push_back({here(), op.buffer});
    last_ = out_.program.code.size();
    put(out);
    if (writes(op) && place(op.dst) == kInStack)
      put_back(op.dst);
  }

  void put_back(int reg) {
    put_slot(scratch_, slots_[static_cast<size_t>(reg)]);
    put({.op = Op::Store,
         .type = Type::I64,
         .dst = static_cast<uint8_t>(scratch_ + 2),
         .a = static_cast<uint8_t>(scratch_)});
  }

  void put_arguments(const CodeOp& op) {
    for (size_t i = 0; i < op.arguments.size(); ++i) {
      const int to = window_ + static_cast<int>(i);
      const int from = fetch(op.arguments[i], to);
      if (from != to)
        put({.op = Op::Move, .dst = static_cast<uint8_t>(to), .a = static_cast<uint8_t>(from)});
    }
  }

  Code code_;
  int stack_bytes_;
  std::vector<int> place_of_;  ///< of a block in the order
  std::vector<LiveSet> live_in_;
  std::vector<Interval> intervals_;
  std::vector<std::optional<CodeOp>> constant_;  ///< what a register is when it is only that
  std::set<int> written_;
  std::vector<int> place_;  ///< machine register, or kInStack
  std::vector<int> slots_;
  int window_ = arch::kProgramRegisters;
  int scratch_ = 0;
  size_t last_ = 0;
  CoreProgram out_;
};

CoreProgram allocate(Code code, int stack_bytes) {
  CoreProgram program = Allocation(std::move(code), stack_bytes).run();
  const size_t bytes = program.program.code.size() * 8;
  if (bytes > arch::kProgramMemoryBytes)
    throw Error("{} instructions need {} bytes, the program memory has {}",
                program.program.code.size(), bytes, arch::kProgramMemoryBytes);
  return program;
}

}  // namespace npu::compiler
