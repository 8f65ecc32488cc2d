// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>

#include "hw-model/arch/device.h"

namespace npu::logic {

/// An acquire as programmed: a negative value waits for at least its magnitude and subtracts it,
/// any other waits for equality and takes nothing (hardware reference 3.2).
struct AcquireRequest {
  int8_t value = -1;
};

constexpr bool can_acquire(int lock, AcquireRequest request) {
  return request.value < 0 ? lock >= -request.value : lock == request.value;
}

/// The lock's value after an acquire that could be granted.
constexpr int after_acquire(int lock, AcquireRequest request) {
  return request.value < 0 ? lock + request.value : lock;
}

/// A release adds its signed value; what leaves 0..63 is clamped and flagged.
struct Released {
  int value = 0;
  bool overflow = false;
  bool underflow = false;
};
constexpr Released after_release(int lock, int amount) {
  const int sum = lock + amount;
  if (sum > arch::kMaxLockValue)
    return {arch::kMaxLockValue, true, false};
  if (sum < 0)
    return {0, false, true};
  return {sum, false, false};
}

}  // namespace npu::logic
