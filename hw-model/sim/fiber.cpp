// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/fiber.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace npu::sim {

namespace {
constexpr size_t kStackBytes = 256 * 1024;
}  // namespace

Fiber::Fiber(std::function<void()> body)
    : body_(std::move(body)), stack_(std::make_unique<std::byte[]>(kStackBytes)) {
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = stack_.get();
  inside_.uc_stack.ss_size = kStackBytes;
  inside_.uc_link = &outside_;
  // A context's function takes integers only.
  const auto self = reinterpret_cast<uintptr_t>(this);
  makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::enter), 2, static_cast<unsigned>(self),
              static_cast<unsigned>(uint64_t{self} >> 32));
}

void Fiber::enter(unsigned low, unsigned high) {
  auto* fiber = reinterpret_cast<Fiber*>(static_cast<uintptr_t>(uint64_t{high} << 32 | low));
  fiber->body_();
  fiber->ended_ = true;
}

void Fiber::go() {
  swapcontext(&outside_, &inside_);
}

void Fiber::stop() {
  swapcontext(&inside_, &outside_);
}

}  // namespace npu::sim
