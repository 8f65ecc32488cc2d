// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/user_call.h"

#include <utility>

namespace npu::sim {

using arch::Op;

UserCall::UserCall(airlock_kernel kernel, Core core, std::span<const int64_t> arguments,
                   std::span<int64_t> registers)
    : core_(std::move(core)),
      arguments_(arguments.begin(), arguments.end()),
      registers_(registers),
      fiber_([this, kernel] { kernel(&handle_, arguments_.data()); }) {
  handle_.call = this;
  handle_.memory = [](airlock_core* c, uint64_t address, uint32_t bytes) -> void* {
    return of(c).core_.memory(address, bytes);
  };
  handle_.spend = [](airlock_core* c, uint64_t cycles) { of(c).core_.spend(cycles); };
  handle_.acquire = [](airlock_core* c, uint32_t lock, int32_t value) {
    of(c).ask({.op = Op::Acquire, .a = static_cast<uint8_t>(lock & 63), .imm = -value});
  };
  handle_.release = [](airlock_core* c, uint32_t lock, int32_t value) {
    of(c).ask({.op = Op::Release, .a = static_cast<uint8_t>(lock & 63), .imm = value});
  };
  handle_.get_stream = [](airlock_core* c, uint32_t port) {
    of(c).ask({.op = Op::StreamGet, .imm = static_cast<int32_t>(port)});
    return static_cast<uint32_t>(of(c).registers_[0]);
  };
  handle_.put_stream = [](airlock_core* c, uint32_t port, uint32_t word, int last) {
    of(c).registers_[0] = word;
    of(c).ask({.op = Op::StreamPut,
               .b = static_cast<uint8_t>(last != 0),
               .imm = static_cast<int32_t>(port)});
  };
  handle_.get_cascade = [](airlock_core* c, uint64_t address) {
    of(c).registers_[0] = static_cast<int64_t>(address);
    of(c).ask({.op = Op::CascadeGet});
  };
  handle_.put_cascade = [](airlock_core* c, uint64_t address) {
    of(c).registers_[0] = static_cast<int64_t>(address);
    of(c).ask({.op = Op::CascadePut});
  };
  handle_.event = [](airlock_core* c, uint32_t number) {
    of(c).ask({.op = Op::Event, .imm = static_cast<int32_t>(number & 1)});
  };
}

bool UserCall::next() {
  fiber_.go();
  return !fiber_.ended();
}

void UserCall::ask(arch::Instruction instruction) {
  instruction_ = instruction;
  fiber_.stop();
}

}  // namespace npu::sim
