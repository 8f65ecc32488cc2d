// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw-model/arch/program.h"
#include "hw-model/logic/kernel_registry.h"
#include "hw-model/logic/machine.h"
#include "hw-model/logic/sample.h"
#include "hw-model/sim/fabric.h"
#include "hw-model/sim/locks.h"
#include "hw-model/sim/user_call.h"

namespace npu::sim {

class Array;

/// A core: executes the program in its program memory when it is enabled and out of reset.
class CoreUnit final : public SourceClient, public SinkClient, public LockClient {
 public:
  CoreUnit(Context& context, Array& array, arch::Coord tile);

  void write_control(uint32_t word);
  uint32_t control() const { return control_; }
  uint32_t status() const;
  /// Accumulator_Control: cascade directions.
  void write_cascade(uint32_t word) { cascade_control_ = word; }
  uint32_t cascade() const { return cascade_control_; }

  /// Tells how a run has left the core.
  void tell_last() const;

  void sent() override { resume(); }
  void received(uint64_t words, bool tlast) override;
  void moving(bool moving) override;
  void locked(Cycle from) override { after(from - context_.now(), &CoreUnit::resume); }

 private:
  using State = observe::CoreState;
  using CascadeWord = std::array<uint32_t, 16>;

  void set_state(State state, uint16_t detail = 0, uint32_t cycles = 0);
  void start();
  [[gnu::cold]] void halt(observe::FaultKind fault, uint64_t value);
  void resume();
  void retry();
  void run();

  /// Executes one instruction that takes no other agent's time; false when it must wait (the alarm
  /// or a client call goes on).
  bool execute(const arch::Instruction& in);
  bool synchronise();
  void wait();
  bool acquire(const arch::Instruction& in);
  bool release(const arch::Instruction& in);
  bool call(const arch::Instruction& in);
  void finish_call();
  airlock_kernel user_kernel(const arch::KernelSpec& spec) const;
  bool call_user(const arch::Instruction& in, airlock_kernel kernel);
  void run_user();
  const arch::Instruction& current() const;
  bool stream(const arch::Instruction& in);
  bool cascade(const arch::Instruction& in);
  bool load_store(const arch::Instruction& in);

  std::byte* memory(uint64_t address, uint32_t bytes);
  LockUnit* lock_of(int id, int& local);
  CoreUnit* cascade_target();
  bool give_cascade(const CascadeWord& word);

  Context& context_;
  Array& array_;
  observe::Agent agent_;
  int source_ = -1;
  int sink_ = -1;

  uint32_t control_ = 0x2;
  uint32_t cascade_control_ = 0;
  bool done_ = false;
  State state_ = State::Disabled;
  uint16_t detail_ = 0;  ///< of the state
  Cycle since_ = 0;
  std::optional<arch::Program> program_;
  logic::Machine machine_;
  logic::CoreMemory memory_{};
  std::array<LockUnit*, 4> locks_{};  ///< behind its four windows, as the memories
  /// A kernel of the program, with what a call needs first.
  struct Callable {
    arch::Cycle cycles = 0;
    airlock_kernel user = nullptr;  ///< in place of the kernel; null: none
    logic::Kernel kernel;
    std::optional<logic::SampledMatmul> sampled = {};  ///< in place of the kernel, too
  };
  std::vector<Callable> kernels_;
  size_t pc_ = 0;
  uint64_t owed_ = 0;  ///< cycles of instructions executed ahead of time
  Cycle free_at_ = 0;  ///< when those before the current wait are over
  std::array<int64_t, arch::kProgramRegisters> registers_{};

  // A kernel of the user's that has not ended: it uses the registers, and counts 0 before and 1
  // after each of its instructions.
  std::unique_ptr<UserCall> user_;
  std::array<int64_t, arch::kProgramRegisters> saved_registers_{};
  size_t saved_pc_ = 0;

  // What the current wait is about.
  const arch::Instruction* waiting_ = nullptr;
  uint32_t stream_word_ = 0;
  logic::Plan word_plan_;
  std::vector<std::byte*> arguments_;
  std::array<int64_t, arch::kProgramRegisters> numbers_{};  ///< arguments that are no memory
  std::deque<CascadeWord> cascade_in_;  ///< both FIFOs of the link, two words each
  CoreUnit* cascade_blocked_ = nullptr;

  Alarm alarm_;
  void (CoreUnit::*step_)() = nullptr;
  void take_step() { (this->*step_)(); }
  void after(uint64_t cycles, void (CoreUnit::*step)());
};

}  // namespace npu::sim
