// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cores of the abstract machine: integers are computed, data is not.
#include <fmt/format.h>

#include "hw-model/diagnosis/machine.h"
#include "hw-model/logic/alu.h"
#include "hw-model/logic/kernel_registry.h"

namespace npu::diagnosis {

using arch::Instruction;
using arch::Op;

namespace {

constexpr int kBatch = 4096;      // instructions before others get their turn
constexpr int kCascadeDepth = 4;  // words that a cascade link holds
constexpr int64_t kWindow = 0x10000;

/// Operands of an instruction that its result depends on.
struct Uses {
  bool a = false;
  bool b = false;
  bool dst = false;
};
Uses uses_of(Op op) {
  if (op == Op::Const)
    return {};
  if (op == Op::ConstHigh)
    return {.dst = true};
  Uses uses{.dst = op == Op::FFma || op == Op::Select};
  for (const char letter : arch::ops()[static_cast<size_t>(op)].operands) {
    uses.a = uses.a || letter == 'a';
    uses.b = uses.b || letter == 'b';
  }
  return uses;
}

}  // namespace

int64_t& Machine::reg(int agent, int index) {
  return state_.registers[static_cast<size_t>(fixed(agent).first_register + index)];
}
uint8_t& Machine::known(int agent, int index) {
  return state_.known[static_cast<size_t>(fixed(agent).first_register + index)];
}

/// What is not known is 0, so that states that differ in it only are the same.
void Machine::forget(int agent, int index) {
  reg(agent, index) = 0;
  known(agent, index) = 0;
}

void Machine::step_core(int agent) {
  Agent& a = at(agent);
  const auto& code = fixed(agent).code;
  for (int budget = kBatch; budget > 0 && problem_.empty(); --budget) {
    if (a.phase == Phase::Done || a.phase == Phase::Stopped)
      return;
    if (static_cast<size_t>(a.at) >= code.size()) {
      a.phase = Phase::Done;
      host_ready_ = true;
      return;
    }
    if (!execute(agent, code[static_cast<size_t>(a.at)]))
      return;
  }
  wake(agent);
}

/// False when the core cannot go on now.
bool Machine::execute(int agent, const Instruction& in) {
  Agent& a = at(agent);
  const auto jump = [&](bool taken) { a.at = taken ? in.imm : a.at + 1; };
  const auto decides = [&](int index) {
    if (!known(agent, index))
      trouble(fmt::format("a branch of {} depends on data (instruction {})",
                          observe::to_string(fixed(agent).id), a.at));
    return problem_.empty();
  };
  const int lock = fixed(agent).lock_of[static_cast<size_t>(a.at)];
  switch (in.op) {
    case Op::Done:
      a.phase = Phase::Done;
      host_ready_ = true;
      return false;
    case Op::Acquire:
      a.phase = lock == kNone ? Phase::Stopped : Phase::Acquire;
      if (lock == kNone || !take(lock, static_cast<int8_t>(in.imm)))
        return false;
      a.phase = Phase::Run;
      break;
    case Op::Release:
      if (lock == kNone) {
        a.phase = Phase::Stopped;
        return false;
      }
      give(agent, lock, in.imm);
      break;
    case Op::Call:
      if (!call(agent, in))
        return false;
      break;
    case Op::StreamGet:
    case Op::StreamPut:
      return stream(agent, in);
    case Op::CascadeGet:
    case Op::CascadePut:
      return cascade(agent, in);
    case Op::Load:
    case Op::Store:
      if (!memory(agent, reg(agent, in.a) + in.imm, known(agent, in.a), arch::bytes_of(in.type)))
        return false;
      if (in.op == Op::Load)
        forget(agent, in.dst);
      break;
    case Op::Jump:
      jump(true);
      return true;
    case Op::BranchIf:
    case Op::BranchIfNot:
      if (!decides(in.a))
        return false;
      jump((reg(agent, in.a) != 0) == (in.op == Op::BranchIf));
      return true;
    case Op::Loop:
      if (!decides(in.dst))
        return false;
      jump(--reg(agent, in.dst) > 0);
      return true;
    case Op::Nop:
    case Op::Event:
      break;
    default:
      compute(agent, in);
  }
  ++a.at;
  return true;
}

void Machine::compute(int agent, const Instruction& in) {
  const Uses uses = uses_of(in.op);
  const bool all = (!uses.a || known(agent, in.a)) && (!uses.b || known(agent, in.b)) &&
                   (!uses.dst || known(agent, in.dst));
  if (!all)
    return forget(agent, in.dst);
  reg(agent, in.dst) = logic::compute(in, reg(agent, in.a), reg(agent, in.b), reg(agent, in.dst));
  known(agent, in.dst) = 1;
}

/// An access that leads nowhere halts the core.
bool Machine::memory(int agent, int64_t address, bool known, uint32_t bytes) {
  if (!known) {
    trouble(fmt::format("an address of {} depends on data (instruction {})",
                        observe::to_string(fixed(agent).id), at(agent).at));
    return false;
  }
  Coord tile = fixed(agent).id.tile;
  const int64_t window = address / kWindow - arch::kCoreSouth / kWindow;
  if (window == 0)
    --tile.row;
  else if (window == 1)
    --tile.col;
  else if (window == 2)
    ++tile.row;
  const bool there = address >= 0 && window >= 0 && window <= 3 &&
                     tile.row >= arch::kFirstCoreRow && tile.row < arch::kRows &&
                     tile.col < model_.columns;
  if (there && address % kWindow + bytes <= kWindow)
    return true;
  at(agent).phase = Phase::Stopped;
  return false;
}

bool Machine::call(int agent, const Instruction& in) {
  const arch::KernelSpec& spec = fixed(agent).kernels[static_cast<size_t>(in.imm)];
  if (spec.op == arch::KernelOp::External) {
    at(agent).phase = spec.cycles < 0 ? Phase::Stopped : at(agent).phase;
    return spec.cycles >= 0;
  }
  const auto arguments = logic::arguments_of(spec);
  for (int i = 0; i < in.b; ++i)
    if (!(static_cast<size_t>(i) < arguments.size() && arguments[static_cast<size_t>(i)].number) &&
        !memory(agent, reg(agent, in.a + i), known(agent, in.a + i), 1))
      return false;
  return true;
}

bool Machine::stream(int agent, const Instruction& in) {
  Agent& a = at(agent);
  if (in.op == Op::StreamPut) {
    if (a.phase == Phase::Run)
      offer(agent, fixed(agent).stream, 1, in.b != 0);
    a.phase = Phase::Put;
    if (!move(agent))
      return false;
  } else {
    if (a.phase == Phase::Run)
      open(agent, 1);
    a.phase = Phase::Get;
    if (a.credit > 0)
      return false;
    a.open = 0;
    forget(agent, in.dst);
  }
  a.phase = Phase::Run;
  ++a.at;
  return true;
}

bool Machine::cascade(int agent, const Instruction& in) {
  Agent& a = at(agent);
  if (!memory(agent, reg(agent, in.a), known(agent, in.a), 64))
    return false;
  if (in.op == Op::CascadePut) {
    const int target = fixed(agent).cascade_target;
    a.phase = Phase::CascadePut;
    if (target == kNone || at(target).cascade >= kCascadeDepth)
      return false;
    ++at(target).cascade;
    wake(target);
  } else {
    a.phase = Phase::CascadeGet;
    if (a.cascade == 0)
      return false;
    --a.cascade;
    for (size_t i = 0; i < model_.agents.size(); ++i)
      if (model_.agents[i].cascade_target == agent)
        wake(static_cast<int>(i));
  }
  a.phase = Phase::Run;
  ++a.at;
  return true;
}

}  // namespace npu::diagnosis
