// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <vector>

#include "compiler/lower/lower.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"
#include "hw-model/diagnosis/check.h"
#include "hw-model/sim/sim.h"
#include "tests/compiler/designs.h"

// Designs that are checked without running them, and run to compare.
namespace npu::diagnosis::testing {

using compiler::Descriptor;
using compiler::Design;
using compiler::Direction;
using compiler::LockUse;
using compiler::Lowered;
using compiler::testing::add_buffer;
using compiler::testing::add_channel;
using compiler::testing::add_flow;
using compiler::testing::add_lock;
using compiler::testing::at_channel;
using Verdict = Exploration::Verdict;

inline Image image_of(const Lowered& lowered, const arch::Timing& timing = {}) {
  Image image(lowered.design.partition, timing);
  image.configure(lowered.configuration);
  image.sequence(lowered.sequence);
  return image;
}

inline Exploration explored(const Lowered& lowered, const ExploreLimits& limits = {}) {
  const arch::Timing timing;
  return explore(make_model(image_of(lowered, timing), timing), limits);
}

/// How the design ends on the model, when locks and arbiters are granted in that order.
inline sim::End run(const Lowered& lowered, const Schedule& schedule = {},
                    std::optional<uint64_t> seed = {}) {
  sim::Options options{.timing_only = true, .schedule_seed = seed, .progress = {}};
  options.grants = schedule;
  sim::Simulation simulation(lowered.design.partition, {}, options);
  simulation.configure(lowered.configuration);
  std::vector<sim::HostBuffer> arguments;
  for (const compiler::Argument& argument : lowered.design.arguments)
    arguments.push_back({nullptr, argument.bytes()});
  return simulation.run(lowered.sequence, arguments).end;
}

/// The host waits until a core is done.
inline arch::Command core_done(Coord core) {
  constexpr uint32_t kDone = 1u << 20;
  return arch::MaskPoll{arch::address_of(core, arch::register_offset(arch::TileKind::Core,
                                                                     arch::RegisterId::CoreStatus)),
                        kDone, kDone};
}

/// The host waits until a channel is idle.
inline arch::Command channel_idle(Coord tile, Direction direction, int channel) {
  const auto id =
      direction == Direction::S2mm ? arch::RegisterId::S2mmStatus : arch::RegisterId::Mm2sStatus;
  return arch::MaskPoll{arch::address_of(tile, arch::channel_register(tile.kind(), id, channel)),
                        arch::status::kRunning.mask(), 0};
}

}  // namespace npu::diagnosis::testing
