// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <new>

namespace npu::logic::kernels {

/// Working memory of one kernel call, 64-byte aligned, not cleared.
class Scratch {
 public:
  explicit Scratch(size_t bytes) : data_(::operator new(bytes, kAlignment)) {}
  ~Scratch() { ::operator delete(data_, kAlignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::byte* data() const { return static_cast<std::byte*>(data_); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  void* data_;
};

}  // namespace npu::logic::kernels
