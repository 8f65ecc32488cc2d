// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_fifo.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

constexpr std::string_view kAcquire = "aie.objectfifo.acquire";
constexpr std::string_view kRelease = "aie.objectfifo.release";
constexpr std::string_view kAccess = "aie.objectfifo.subview.access";

/// How many objects of a fifo are held after ops, from how many before them.
class Balance {
 public:
  Balance(const CoreContext& context, const std::string& fifo) : context_(context), fifo_(fifo) {}

  int after(const mlir::Region& region, int held) {
    const int before = held;
    for (const mlir::Block& block : region) {
      for (const mlir::Op& op : block.ops)
        held = after(op, held);
      if (region.size() > 1)
        same_ = same_ && held == before;
    }
    return held;
  }

  /// Whether every way to a place holds as many.
  bool same() const { return same_; }

 private:
  int after(const mlir::Op& op, int held) {
    if (op.name == kAcquire || op.name == kRelease) {
      const FifoUse use = context_.fifo(op);
      if (use.fifo == nullptr || use.fifo->name != fifo_)
        return held;
      return op.name == kAcquire ? std::max(held, use.objects) : std::max(0, held - use.objects);
    }
    if (op.name == "scf.if" || op.name == "scf.index_switch") {
      const int one_sided = held;
      std::set<int> ends;
      if (op.name == "scf.if" && (op.regions.size() < 2 || op.regions[1].empty()))
        ends.insert(one_sided);
      for (const mlir::Region& region : op.regions)
        ends.insert(after(region, held));
      same_ = same_ && ends.size() <= 1;
      return ends.empty() ? held : *ends.begin();
    }
    const int before = held;
    for (const mlir::Region& region : op.regions)
      held = after(region, held);
    if (op.name.ends_with(".for") || op.name == "scf.while")
      same_ = same_ && held == before;
    return held;
  }

  const CoreContext& context_;
  const std::string& fifo_;
  bool same_ = true;
};

FifoState& state_of(Emitter& out, const mlir::Op& op, FifoUse& use) {
  use = out.context().fifo ? out.context().fifo(op) : FifoUse{};
  if (use.fifo == nullptr)
    throw out.error(op, "there is no such object fifo at this core");
  FifoState& state = out.fifos.at(use.fifo->name);
  const auto depth = static_cast<int>(use.fifo->elements.size());
  if (use.objects < 1 || use.objects > depth)
    throw out.error(op, fmt::format("{} objects of fifo `{}`, which has {}", use.objects,
                                    use.fifo->name, depth));
  return state;
}

void acquire_lock(Emitter& out, const CoreFifo& fifo, int objects) {
  out.code().add({.op = Op::Acquire, .imm = -objects, .plain = fifo.acquire_lock});
}

void acquire(Emitter& out, const mlir::Op& op) {
  FifoUse use;
  FifoState& state = state_of(out, op, use);
  if (state.held) {
    if (*state.held < use.objects)
      acquire_lock(out, *use.fifo, use.objects - *state.held);
    state.held = std::max(*state.held, use.objects);
    return;
  }
  Code& code = out.code();
  const int done = code.new_block();
  for (int wanted = use.objects; wanted > 0; --wanted) {
    const int other = code.new_block();
    const Number held{.reg = state.held_register};
    out.branch(Op::BranchIf, out.emit(Op::CmpNe, Type::I64, held, known(use.objects - wanted)),
               other);
    acquire_lock(out, *use.fifo, wanted);
    out.move(state.held_register, known(use.objects));
    code.jump(done);
    code.place(other);
  }
  code.place(done);
}

/// The released elements become the last ones.
void rotate(Emitter& out, const std::vector<int>& elements, int by) {
  std::vector<int> aside;
  for (int i = 0; i < by; ++i) {
    aside.push_back(out.code().new_register());
    out.move(aside.back(), {.reg = elements[static_cast<size_t>(i)]});
  }
  const auto size = static_cast<int>(elements.size());
  for (int i = 0; i < size; ++i)
    out.move(elements[static_cast<size_t>(i)],
             {.reg = i + by < size ? elements[static_cast<size_t>(i + by)]
                                   : aside[static_cast<size_t>(i + by - size)]});
}

void release(Emitter& out, const mlir::Op& op) {
  FifoUse use;
  FifoState& state = state_of(out, op, use);
  if (state.held && use.objects > *state.held)
    throw out.error(op, fmt::format("releases {} of fifo `{}` and holds {}", use.objects,
                                    use.fifo->name, *state.held));
  out.code().add({.op = Op::Release, .imm = use.objects, .plain = use.fifo->release_lock});
  const int by = use.objects % static_cast<int>(use.fifo->elements.size());
  if (by != 0)
    rotate(out, state.elements, by);
  if (state.held) {
    state.held = std::max(0, *state.held - use.objects);
    return;
  }
  const Number less = out.add({.reg = state.held_register}, known(-use.objects));
  out.move(state.held_register, out.emit(Op::Max, Type::I64, less, known(0)));
}

/// The element at a place of what is held, counted from the oldest.
View element(Emitter& out, const mlir::Op& op, const mlir::Value& result, const CoreFifo& fifo,
             int64_t place) {
  const BodyType type = body_type(result.type);
  if (type.kind != mlir::Type::Kind::Memref)
    throw out.error(op, fmt::format("its result has the type `{}`", result.type));
  if (place < 0 || place >= static_cast<int64_t>(fifo.elements.size()))
    throw out.error(op, fmt::format("element {} of fifo `{}`, which has {}", place, fifo.name,
                                    fifo.elements.size()));
  View view = *out.slot(op, type).view;
  if (fifo.elements.size() == 1) {
    view.dynamic = -1;
    view.buffer = fifo.elements[0];
  } else {
    out.move(view.dynamic, {.reg = out.fifos.at(fifo.name).elements[static_cast<size_t>(place)]});
  }
  return view;
}

/// Throws Error for an access to an object behind those of its acquire.
void refuse_accesses(Emitter& out, const mlir::Op& core) {
  std::map<int, int64_t> acquired;  // by value id
  mlir::walk(core, [&](const mlir::Op& op) {
    if (op.name == kAcquire && !op.results.empty())
      acquired[op.results[0].id] = out.context().fifo(op).objects;
    if (op.name != kAccess || op.operands.empty())
      return;
    const auto found = acquired.find(op.operands[0].id);
    const int64_t place = integer_of(op, "index", 0);
    if (found != acquired.end() && place >= found->second)
      throw out.error(
          op, fmt::format("object {}, counted from 0, of {} acquired", place, found->second));
  });
}

}  // namespace

void prepare_fifos(Emitter& out, const mlir::Op& core) {
  if (out.context().fifo)
    refuse_accesses(out, core);
  mlir::walk(core, [&](const mlir::Op& op) {
    if ((op.name != kAcquire && op.name != kRelease) || !out.context().fifo)
      return;
    const FifoUse use = out.context().fifo(op);
    if (use.fifo == nullptr || use.fifo->elements.empty() || out.fifos.contains(use.fifo->name))
      return;
    FifoState& state = out.fifos[use.fifo->name];
    for (const int buffer : use.fifo->elements) {
      state.elements.push_back(out.code().new_register());
      out.move(state.elements.back(), {.reg = out.code().address(buffer)});
    }
    Balance balance(out.context(), use.fifo->name);
    for (const mlir::Region& region : core.regions)
      balance.after(region, 0);
    if (balance.same())
      return;
    state.held.reset();
    state.held_register = out.code().new_register();
    out.move(state.held_register, known(0));
  });
}

bool lower_fifo(Emitter& out, const mlir::Op& op) {
  if (op.name == kRelease) {
    release(out, op);
    return true;
  }
  if (op.name == kAcquire) {
    acquire(out, op);
    const CoreFifo* fifo = out.context().fifo(op).fifo;
    if (op.results.empty())
      return true;
    if (body_type(op.results[0].type).kind == mlir::Type::Kind::Memref)
      out.define(op, element(out, op, op.results[0], *fifo, 0));
    else
      out.define(op, op.results[0], {.fifo = fifo});
    return true;
  }
  if (op.name != kAccess)
    return false;
  const CoreFifo* fifo = op.operands.empty() ? nullptr : out.held(op, op.operands[0]).fifo;
  if (fifo == nullptr)
    throw out.error(op, "its operand is no result of an acquire");
  out.define(op, element(out, op, op.results.at(0), *fifo, integer_of(op, "index", 0)));
  return true;
}

}  // namespace npu::compiler::core
