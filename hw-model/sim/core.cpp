// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/core.h"

#include <cstring>
#include <utility>

#include "hw-model/arch/device.h"
#include "hw-model/logic/alu.h"
#include "hw-model/sim/array.h"

namespace npu::sim {

using arch::Instruction;
using arch::Op;
using observe::FaultKind;

namespace {

constexpr uint32_t kEnable = 1;
constexpr uint32_t kReset = 2;
constexpr size_t kCascadeDepth = 4;  // two words at either end of the link
constexpr uint64_t kBatch = 4096;    // instructions executed ahead of time at most
constexpr uint64_t kTogether = 8;  // cycles that instructions may take effect early, to save events

/// Tile behind a core's address window or lock number: south, west, north, own.
std::optional<arch::Coord> neighbour(arch::Coord tile, uint64_t window) {
  switch (window) {
    case 0:
      return arch::Coord{tile.col, static_cast<uint8_t>(tile.row - 1)};
    case 1:
      return arch::Coord{static_cast<uint8_t>(tile.col - 1), tile.row};
    case 2:
      return arch::Coord{tile.col, static_cast<uint8_t>(tile.row + 1)};
    case 3:
      return tile;
    default:
      return std::nullopt;
  }
}

}  // namespace

CoreUnit::CoreUnit(Context& context, Array& array, arch::Coord tile)
    : context_(context),
      array_(array),
      agent_{tile, observe::AgentKind::Core, 0},
      source_(array.fabric().add_source({tile, logic::SinkKind::Core, 0}, agent_, *this)),
      sink_(array.fabric().add_sink({tile, logic::SinkKind::Core, 0}, agent_, *this)),
      word_plan_(logic::Access{.base = 0, .length = 1, .dims = {}, .pads = {}}) {
  alarm_.bind<&CoreUnit::take_step>(*this);
}

void CoreUnit::after(uint64_t cycles, void (CoreUnit::*step)()) {
  step_ = step;
  context_.wheel.arm(alarm_, context_.now() + cycles);
}

void CoreUnit::set_state(State state, uint16_t detail, uint32_t cycles) {
  if (state == state_ && state != State::Kernel)
    return;
  state_ = state;
  since_ = context_.now();
  detail_ = detail;
  if (context_.hub.wants<observe::CoreChanged>())
    context_.emit(observe::CoreChanged{agent_, state, detail, cycles});
}

void CoreUnit::tell_last() const {
  context_.hub.tell_last(since_, observe::CoreChanged{agent_, state_, detail_, 0});
}

void CoreUnit::write_control(uint32_t word) {
  const auto runs = [](uint32_t w) { return (w & (kEnable | kReset)) == kEnable; };
  const bool before = runs(control_);
  control_ = word;
  if (!before && runs(word)) {
    start();
  } else if (before && !runs(word)) {
    context_.wheel.cancel(alarm_);
    array_.withdraw(*this, agent_);
    array_.fabric().abort_source(source_);
    array_.fabric().abort_sink(sink_);
    set_state(State::Disabled);
  }
}

void CoreUnit::start() {
  done_ = false;
  user_.reset();
  pc_ = 0;
  owed_ = 0;
  registers_.fill(0);
  kernels_.clear();
  const std::span<const uint32_t> image = array_.tile(agent_.tile).program;
  program_ = arch::decode(image);
  if (!program_)
    return halt(FaultKind::UnknownProgram, image[0]);
  machine_ = logic::Machine(*program_);
  for (uint64_t window = 0; window < memory_.size(); ++window) {
    const auto at = neighbour(agent_.tile, window);
    Tile* owner = at ? array_.core_neighbour(*at) : nullptr;
    memory_[window] = owner ? reinterpret_cast<std::byte*>(owner->memory.data()) : nullptr;
    locks_[window] = owner ? &owner->locks : nullptr;
  }
  for (const arch::KernelSpec& spec : program_->kernels) {
    Callable& made = kernels_.emplace_back(Callable{
        context_.timing.kernel_cycles(spec), user_kernel(spec), logic::Kernel{spec, nullptr, {}}});
    if (context_.moves_data() && !made.user && spec.op != arch::KernelOp::External)
      made.kernel = logic::find_kernel(spec);
    if (made.kernel.run && context_.options.sample && spec.op == arch::KernelOp::Matmul)
      made.sampled.emplace(spec, *context_.options.sample);
  }
  set_state(State::Running);
  after(1, &CoreUnit::run);
}

void CoreUnit::halt(FaultKind fault, uint64_t value) {
  context_.fault(agent_, fault, value);
  set_state(State::Halted);
}

/// The awaited thing has happened: on to the next instruction.
void CoreUnit::resume() {
  set_state(State::Running);
  ++pc_;
  retry();
}

/// The instruction that waited may succeed now; cycles that were owed and have not passed are owed
/// again.
void CoreUnit::retry() {
  if (context_.now() < free_at_)
    owed_ += free_at_ - context_.now();
  run();
}

/// The instruction that is executed or waited for.
const Instruction& CoreUnit::current() const {
  return user_ ? user_->instruction() : program_->code[pc_];
}

void CoreUnit::run() {
  if (user_)
    return run_user();
  // Whoever watches memory is told of every load and store, one by one.
  const logic::CoreMemory nowhere{};
  const logic::CoreMemory& memory = context_.hub.wants_memory() ? nowhere : memory_;
  for (uint64_t budget = kBatch; budget > 0; --budget) {
    if (!machine_.stops_at(pc_)) {
      const uint64_t done = machine_.run(pc_, registers_, memory, budget);
      owed_ += done * context_.timing.core.instruction.cycles();
      budget -= done;
      if (budget == 0)
        break;
    }
    if (pc_ >= program_->code.size()) {
      done_ = true;
      return set_state(State::Done);
    }
    if (!execute(program_->code[pc_]))
      return;
  }
  after(std::exchange(owed_, 0), &CoreUnit::run);
}

/// Lets the time pass that earlier instructions took; true when hardly any is owed.
bool CoreUnit::synchronise() {
  if (owed_ <= kTogether)
    return true;
  after(std::exchange(owed_, 0), &CoreUnit::run);
  return false;
}

bool CoreUnit::execute(const Instruction& in) {
  switch (in.op) {
    case Op::Done:
      if (!synchronise())
        return false;
      done_ = true;
      set_state(State::Done);
      return false;
    case Op::Acquire:
      return synchronise() && acquire(in);
    case Op::Release:
      return synchronise() && release(in);
    case Op::Call:
      return synchronise() && call(in);
    case Op::StreamGet:
    case Op::StreamPut:
      return synchronise() && stream(in);
    case Op::CascadeGet:
    case Op::CascadePut:
      return synchronise() && cascade(in);
    case Op::Load:
    case Op::Store:
      return load_store(in);
    case Op::Event:
      if (!synchronise())
        return false;
      context_.emit(observe::CoreMarked{agent_, static_cast<uint8_t>(in.imm)});
      break;
    default:  // done by the machine
      return false;
  }
  ++pc_;
  owed_ += context_.timing.core.instruction.cycles();
  return true;
}

LockUnit* CoreUnit::lock_of(int id, int& local) {
  local = id % arch::kCoreLocksPerWindow;
  LockUnit* locks = locks_[static_cast<size_t>(id / arch::kCoreLocksPerWindow)];
  if (!locks)
    halt(FaultKind::LockUnavailable, static_cast<uint64_t>(id));
  return locks;
}

bool CoreUnit::acquire(const Instruction& in) {
  int local = 0;
  LockUnit* locks = lock_of(in.a, local);
  if (!locks)
    return false;
  owed_ += context_.timing.core.lock_operation.cycles();
  if (!locks->acquire(local, {static_cast<int8_t>(in.imm)}, agent_, *this)) {
    wait();
    set_state(State::LockStall, in.a);
    return false;
  }
  ++pc_;
  return true;
}

bool CoreUnit::release(const Instruction& in) {
  int local = 0;
  LockUnit* locks = lock_of(in.a, local);
  if (!locks)
    return false;
  locks->release(local, in.imm, agent_);
  owed_ += context_.timing.core.lock_operation.cycles();
  ++pc_;
  return true;
}

/// What is owed passes while the core waits.
void CoreUnit::wait() {
  free_at_ = context_.now() + std::exchange(owed_, 0);
}

bool CoreUnit::call(const Instruction& in) {
  const auto index = static_cast<size_t>(in.imm);
  const Callable& callable = kernels_[index];
  const logic::Kernel& kernel = callable.kernel;
  if (callable.user)
    return call_user(in, callable.user);
  if (kernel.spec.op == arch::KernelOp::External && kernel.spec.cycles < 0) {
    halt(FaultKind::UnknownKernel, index);
    return false;
  }
  arguments_.clear();
  for (size_t i = 0; i < kernel.arguments.size(); ++i) {
    if (kernel.arguments[i].number) {
      numbers_[i] = registers_[in.a + i];
      arguments_.push_back(reinterpret_cast<std::byte*>(&numbers_[i]));
      continue;
    }
    const auto address = static_cast<uint64_t>(registers_[in.a + i]);
    std::byte* place = memory(address, kernel.arguments[i].bytes);
    if (!place)
      return false;
    arguments_.push_back(place);
  }
  const Cycle cycles = callable.cycles + context_.timing.core.call.cycles();
  set_state(State::Kernel, static_cast<uint16_t>(index), static_cast<uint32_t>(cycles));
  for (size_t i = 0; i < kernel.arguments.size(); ++i)
    if (!kernel.arguments[i].number)
      array_.touch(agent_, static_cast<uint64_t>(registers_[in.a + i]), kernel.arguments[i], true);
  waiting_ = &in;
  after(cycles + std::exchange(owed_, 0), &CoreUnit::finish_call);
  return false;
}

airlock_kernel CoreUnit::user_kernel(const arch::KernelSpec& spec) const {
  const auto& users = context_.options.user_kernels;
  const auto found = users.empty() ? users.end() : users.find(logic::kernel_symbol(spec));
  return found == users.end() ? nullptr : found->second;
}

bool CoreUnit::call_user(const Instruction& in, airlock_kernel kernel) {
  saved_registers_ = registers_;
  saved_pc_ = pc_;
  pc_ = 1;
  owed_ += context_.timing.core.call.cycles();
  user_ = std::make_unique<UserCall>(
      kernel,
      UserCall::Core{
          .memory = [this](uint64_t address, uint32_t bytes) { return memory(address, bytes); },
          .spend = [this](uint64_t cycles) { owed_ += cycles; }},
      std::span(saved_registers_).subspan(in.a, in.b), registers_);
  run_user();
  return false;
}

void CoreUnit::run_user() {
  for (;;) {
    if (pc_ > 0) {
      const bool more = user_->next();
      if (state_ == State::Halted)
        return;
      if (!more)
        break;
      pc_ = 0;
    }
    if (!execute(user_->instruction()))
      return;
  }
  user_.reset();
  registers_ = saved_registers_;
  pc_ = saved_pc_ + 1;
  after(std::exchange(owed_, 0), &CoreUnit::run);
}

void CoreUnit::finish_call() {
  Callable& called = kernels_[static_cast<size_t>(waiting_->imm)];
  if (called.sampled)
    (*called.sampled)(arguments_);
  else if (called.kernel.run)
    called.kernel.run(called.kernel.spec, arguments_);
  resume();
}

std::byte* CoreUnit::memory(uint64_t address, uint32_t bytes) {
  constexpr uint64_t kWindow = 0x10000;
  const uint64_t window = address / kWindow - arch::kCoreSouth / kWindow;
  const uint64_t offset = address % kWindow;
  const auto tile = neighbour(agent_.tile, window);
  Tile* owner = tile ? array_.core_neighbour(*tile) : nullptr;
  if (!owner || offset + bytes > kWindow) {
    const bool missing = tile && !owner;
    halt(missing ? FaultKind::MemoryUnavailable : FaultKind::AddressOutOfRange, address);
    return nullptr;
  }
  return reinterpret_cast<std::byte*>(owner->memory.data()) + offset;
}

bool CoreUnit::load_store(const Instruction& in) {
  const auto address = static_cast<uint64_t>(registers_[in.a] + in.imm);
  const uint32_t bytes = arch::bytes_of(in.type);
  std::byte* place = memory(address, bytes);
  if (!place)
    return false;
  const bool stores = in.op == Op::Store;
  array_.touch(agent_, address, {bytes, !stores, stores}, false);
  if (stores)
    logic::store(place, in.type, registers_[in.dst]);
  else
    registers_[in.dst] = logic::load(place, in.type);
  ++pc_;
  owed_ += context_.timing.core.instruction.cycles();
  return true;
}

bool CoreUnit::stream(const Instruction& in) {
  waiting_ = &in;
  wait();
  if (in.op == Op::StreamPut) {
    stream_word_ = static_cast<uint32_t>(registers_[in.a]);
    array_.fabric().send(source_, {&word_plan_, &stream_word_, 0, 1, {}, in.b != 0, 0});
  } else {
    array_.fabric().receive(sink_, {&word_plan_, &stream_word_, 1, false, true});
  }
  return false;
}

void CoreUnit::received(uint64_t, bool) {
  registers_[waiting_->dst] = static_cast<int32_t>(stream_word_);
  resume();
}

void CoreUnit::moving(bool moving) {
  set_state(moving ? State::Running : State::StreamStall,
            waiting_ && waiting_->op == Op::StreamPut ? 1 : 0);
}

/// The core that this one's cascade output feeds, when that one listens in this direction.
CoreUnit* CoreUnit::cascade_target() {
  const bool east = cascade_control_ & 2;
  arch::Coord to = agent_.tile;
  (east ? to.col : to.row) = static_cast<uint8_t>(east ? to.col + 1 : to.row - 1);
  Tile* tile = array_.core_neighbour(to);
  const bool listens = tile && ((tile->core->cascade_control_ & 1) != 0) == east;
  return listens ? tile->core.get() : nullptr;
}

bool CoreUnit::give_cascade(const CascadeWord& word) {
  if (cascade_in_.size() >= kCascadeDepth)
    return false;
  cascade_in_.push_back(word);
  if (state_ == State::CascadeStall && waiting_->op == Op::CascadeGet && !alarm_.armed())
    after(context_.timing.core.cascade.cycles(), &CoreUnit::retry);
  return true;
}

bool CoreUnit::cascade(const Instruction& in) {
  waiting_ = &in;
  CascadeWord word{};
  std::byte* place = memory(static_cast<uint64_t>(registers_[in.a]), sizeof word);
  if (!place)
    return false;
  if (in.op == Op::CascadePut) {
    std::memcpy(word.data(), place, sizeof word);
    CoreUnit* target = cascade_target();
    if (!target || !target->give_cascade(word)) {
      if (target)
        target->cascade_blocked_ = this;
      wait();
      set_state(State::CascadeStall, 1);
      return false;
    }
  } else {
    if (cascade_in_.empty()) {
      wait();
      set_state(State::CascadeStall, 0);
      return false;
    }
    word = cascade_in_.front();
    cascade_in_.pop_front();
    std::memcpy(place, word.data(), sizeof word);
    CoreUnit* blocked = std::exchange(cascade_blocked_, nullptr);
    if (blocked && blocked->state_ == State::CascadeStall)
      blocked->after(context_.timing.core.cascade.cycles(), &CoreUnit::retry);
  }
  set_state(State::Running);
  owed_ += context_.timing.core.cascade.cycles();
  ++pc_;
  return true;
}

uint32_t CoreUnit::status() const {
  uint32_t word = control_ & (kEnable | kReset);
  if (state_ == State::LockStall)
    word |= 1u << (6 + current().a / arch::kCoreLocksPerWindow);
  if (state_ == State::StreamStall)
    word |= waiting_->op == Op::StreamPut ? 1u << 12 : 1u << 10;
  if (state_ == State::CascadeStall)
    word |= waiting_->op == Op::CascadePut ? 1u << 15 : 1u << 14;
  if (state_ == State::Halted)
    word |= 1u << 19;
  if (done_)
    word |= 1u << 20;
  return word;
}

}  // namespace npu::sim
