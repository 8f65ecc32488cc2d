// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code of a core that does the same in fewer instructions.
#include <algorithm>

#include "compiler/import/core_operands.h"

namespace npu::compiler {

using arch::Op;

namespace {

constexpr size_t kMostKept = 32;  ///< machine registers that arguments of calls may occupy

/// How often each register is written and read.
struct Uses {
  explicit Uses(size_t registers) : written(registers), read(registers) {}

  void add(const CodeOp& op) {
    for_each_read(op, [&](int reg) { ++read[static_cast<size_t>(reg)]; });
    if (writes(op))
      ++written[static_cast<size_t>(op.dst)];
  }

  std::vector<int> written;
  std::vector<int> read;
};

}  // namespace

std::map<int, CodeOp> Code::lasting() const {
  Uses uses(static_cast<size_t>(registers_));
  for (const Block& block : blocks_)
    for (const CodeOp& op : block.ops)
      uses.add(op);
  std::map<int, CodeOp> found;
  for (const CodeOp& op : blocks_.front().ops)
    if (op.op == Op::Const && uses.written[static_cast<size_t>(op.dst)] == 1)
      found[op.dst] = op;
  return found;
}

void Code::keep_arguments() {
  const std::map<int, CodeOp> constants = lasting();
  std::vector<CodeOp*> calls;
  for (Block& block : blocks_)
    for (CodeOp& op : block.ops)
      if (op.op == Op::Call && !op.arguments.empty() &&
          std::ranges::all_of(op.arguments, [&](int reg) { return constants.contains(reg); }))
        calls.push_back(&op);
  // The longest first: others may be a part of them.
  std::ranges::stable_sort(calls, std::greater(),
                           [](const CodeOp* call) { return call->arguments.size(); });
  std::vector<int> kept;
  for (CodeOp* call : calls) {
    auto place =
        std::search(kept.begin(), kept.end(), call->arguments.begin(), call->arguments.end());
    if (place == kept.end() && kept.size() + call->arguments.size() > kMostKept)
      continue;
    if (place == kept.end())
      place = kept.insert(kept.end(), call->arguments.begin(), call->arguments.end());
    call->kept = static_cast<int>(place - kept.begin());
    call->plain = static_cast<int>(call->arguments.size());
    call->arguments.clear();
  }
  for (const int reg : kept)
    kept_.push_back(constants.at(reg));
}

void Code::fuse_counters() {
  const std::map<int, CodeOp> constants = lasting();
  const auto is = [&](int reg, int value) {
    const auto found = constants.find(reg);
    return found != constants.end() && found->second.buffer < 0 && found->second.imm == value;
  };
  Uses uses(static_cast<size_t>(registers_));
  for (const Block& block : blocks_)
    for (const CodeOp& op : block.ops)
      uses.add(op);
  // less = counter - 1; go = 0 < less; unless go, leave; counter = less; again
  for (Block& block : blocks_) {
    if (block.ops.size() < 5)
      continue;
    const auto begin = block.ops.end() - 5;
    const CodeOp &less = begin[0], &go = begin[1], &leave = begin[2], &next = begin[3],
                 &again = begin[4];
    const bool counts = less.op == Op::Sub && less.type == arch::Type::I64 && is(less.b, 1) &&
                        go.op == Op::CmpLt && go.type == arch::Type::I64 && is(go.a, 0) &&
                        go.b == less.dst && leave.op == Op::BranchIfNot && leave.a == go.dst &&
                        next.op == Op::Move && next.dst == less.a && next.a == less.dst &&
                        again.op == Op::Jump;
    if (!counts || uses.read[static_cast<size_t>(less.dst)] != 2 ||
        uses.read[static_cast<size_t>(go.dst)] != 1)
      continue;
    const CodeOp loop{.op = Op::Loop, .dst = less.a, .target = again.target};
    const int end = leave.target;
    block.ops.erase(begin, block.ops.end());
    block.ops.push_back(loop);
    block.ops.push_back({.op = Op::Jump, .target = end});
  }
}

}  // namespace npu::compiler
