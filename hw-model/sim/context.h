// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"
#include "hw-model/observe/hub.h"
#include "hw-model/sim/sim.h"
#include "hw-model/sim/wheel.h"

namespace npu::sim {

/// What every part of the model shares: time, eyes, and the numbers it was built with.
struct Context {
  arch::Partition partition;
  arch::Timing timing;
  Options options;
  Wheel wheel;
  observe::Hub hub;

  Cycle now() const { return wheel.now(); }
  bool moves_data() const { return !options.timing_only; }

  template <typename P>
  void emit(const P& payload) const {
    hub.emit(wheel.now(), payload);
  }
  [[gnu::cold]] void fault(const observe::Agent& agent, observe::FaultKind kind,
                           uint64_t value) const {
    emit(observe::Fault{agent, kind, value});
  }
};

}  // namespace npu::sim
