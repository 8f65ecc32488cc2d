// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/pipeline.h"

#include <algorithm>
#include <array>

#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

constexpr std::array kPipeline{
    Pass{"choose-tiles", "tile sizes of L2, core and instruction, by the strategy", choose_tiles},
    Pass{"pad", "margins of what the tiles do not divide: zeros in L2, or copies by the host", pad},
    Pass{"place", "the herd onto columns and rows", place},
    Pass{"promote", "slices of A and B and the tile of C into L2 and L1", promote},
    Pass{"pack", "L1 buffers in blocks of the instruction", pack},
    Pass{"hoist", "copies out of the loops over K, as far as the schedule says", hoist},
    Pass{"fill", "C zeroed in L1 or in L2, narrowed on its way out", fill},
    Pass{"peel", "the first step of K, which then needs no zeros, before the others", peel},
    Pass{"split-l2", "L2 buffers into pieces, one for each memory tile", split_l2},
    Pass{"connect", "pieces onto memory tiles, streams between tiles", connect},
    Pass{"descriptors", "buffers, locks and descriptors of every channel", descriptors},
    Pass{"program", "the program of the cores", program},
    Pass{"sequence", "the transfers that the host starts, and its waits", sequence},
    Pass{"report", "what the plan expects, for reports and diagnosis", report},
};

}  // namespace

std::span<const Pass> passes() {
  return kPipeline;
}

Schedule plan(const Problem& problem, const arch::Partition& partition, const arch::Timing& timing,
              const Options& options, const PassHooks& hooks) {
  validate(problem);
  const Variant& variant = variant_named(options.schedule);
  if (!hooks.stop_after.empty() &&
      std::ranges::find(kPipeline, hooks.stop_after, &Pass::name) == kPipeline.end())
    throw Error("stop-after: no pass is called `{}`", hooks.stop_after).hint("see --list-passes");
  Schedule schedule{
      .problem = problem, .options = options, .partition = partition, .timing = timing};
  schedule.variant = &variant;
  for (const Pass& pass : kPipeline) {
    pass.run(schedule);
    verify(schedule);
    if (hooks.after)
      hooks.after(pass, schedule);
    if (hooks.stop_after == pass.name)
      break;
  }
  return schedule;
}

}  // namespace npu::compiler::matmul
