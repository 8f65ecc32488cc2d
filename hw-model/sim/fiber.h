// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <ucontext.h>

namespace npu::sim {

/// A function on a stack of its own, which can stop in its middle and go on later.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs on until the function stops or ends; from outside.
  void go();
  /// Back to who called `go`; from inside.
  void stop();
  bool ended() const { return ended_; }

 private:
  static void enter(unsigned low, unsigned high);

  std::function<void()> body_;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t outside_{};
  ucontext_t inside_{};
  bool ended_ = false;
};

}  // namespace npu::sim
