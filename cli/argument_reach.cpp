// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/argument_reach.h"

#include <algorithm>

#include "hw-model/diagnosis/image.h"

namespace npu::cli {

std::map<uint32_t, uint64_t> argument_reach(const compiler::Lowered& lowered,
                                            const Settings& settings) {
  diagnosis::Image image(settings.partition(), settings.device.timing);
  image.configure(lowered.configuration);
  image.sequence(lowered.sequence);
  std::map<uint32_t, uint64_t> reach;
  for (const arch::Command& command : image.host())
    if (const auto* patch = std::get_if<arch::AddressPatch>(&command))
      reach[patch->argument];
  for (const diagnosis::Task& task : image.tasks())
    for (const diagnosis::TaskBd& each : task.chain) {
      if (!each.host)
        continue;
      logic::Access access = each.bd.access;
      access.base = 0;
      // A descriptor may be pushed again before it is written anew: all its iterations count.
      const uint64_t iterations = std::max<uint32_t>(each.bd.iteration_size, 1);
      const uint64_t words =
          logic::Plan(access).end() + (iterations - 1) * uint64_t{each.bd.iteration_step};
      uint64_t& furthest = reach[each.host->argument];
      furthest = std::max(furthest, each.host->offset + 4 * words);
    }
  return reach;
}

}  // namespace npu::cli
