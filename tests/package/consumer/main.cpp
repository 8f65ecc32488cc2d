// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "hw-model/config.h"
#include "hw-model/sim/sim.h"

/// Compiles a small matmul and runs its timing.
int main() {
  const npu::config::DeviceConfig device = npu::config::builtin_device("npu1");
  const npu::arch::Partition partition = npu::arch::partition_of(*device.device, 4);
  const npu::compiler::matmul::Problem problem{.m = 64, .k = 64, .n = 64};
  const npu::compiler::Lowered lowered =
      npu::compiler::lower(npu::compiler::build(problem, partition, device.timing, {}));
  npu::sim::Options options;
  options.timing_only = true;
  npu::sim::Simulation simulation(partition, device.timing, options);
  simulation.configure(lowered.configuration);
  const npu::sim::HostBuffer arguments[] = {
      {nullptr, 64 * 64 * 2}, {nullptr, 64 * 64 * 2}, {nullptr, 64 * 64 * 4}};
  const npu::sim::RunResult result = simulation.run(lowered.sequence, arguments);
  return result.end == npu::sim::End::Finished ? 0 : 1;
}
