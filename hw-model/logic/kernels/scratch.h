// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <new>

namespace npu::logic::kernels {

/// Working memory of one kernel call, 64-byte aligned, not cleared; on the stack where it is small.
class Scratch {
 public:
  explicit Scratch(size_t bytes)
      : heap_(bytes > sizeof small_ ? ::operator new(bytes, kAlignment) : nullptr) {}
  ~Scratch() { ::operator delete(heap_, kAlignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::byte* data() { return heap_ ? static_cast<std::byte*>(heap_) : small_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  void* heap_;
  alignas(64) std::byte small_[4096];
};

}  // namespace npu::logic::kernels
