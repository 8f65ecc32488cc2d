// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "cli/settings.h"
#include "compiler/lower/lower.h"

namespace npu::cli {

/// Host memory of A, B and C, and the buffers of the design where it has larger ones; none when no
/// values are moved.
class Operands {
 public:
  /// `design`: what A, B and C become in it.
  Operands(const Settings& settings, std::span<const compiler::Argument> design);

  /// What a launch reads and writes.
  std::array<sim::HostBuffer, 3> arguments();
  /// So that an output that nobody writes is seen.
  void spoil_result();
  /// Takes the result out of the design's buffer, where it has one of its own.
  void collect_result();

  std::vector<std::byte> a;
  std::vector<std::byte> b;
  std::vector<std::byte> c;
  std::vector<std::byte> bias;  ///< empty: none

 private:
  std::vector<compiler::Argument> design_;
  std::array<std::vector<std::byte>, 3> staged_;
};

/// Runs the sequence as often as the settings ask for, or until one launch does not finish;
/// `prepare` comes before each.
sim::RunResult launch(sim::Simulation& simulation, const Settings& settings,
                      const compiler::Lowered& lowered, std::span<const sim::HostBuffer> arguments,
                      const std::function<void()>& prepare);

/// The simulator's options that the settings mean. The user's kernels are those that the cores of
/// `configuration` call; throws Error when they cannot be had.
sim::Options sim_options(const Settings& settings,
                         std::span<const arch::Command> configuration = {});

}  // namespace npu::cli
