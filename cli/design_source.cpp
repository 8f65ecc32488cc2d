// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/design_source.h"

#include <algorithm>

#include "cli/settings.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "traces/fst.h"
#include "traces/vcd_reader.h"

namespace npu::cli {
namespace {

bool is_trace(const std::string& path) {
  return path.ends_with(".vcd") || path.ends_with(".vcd.gz") || path.ends_with(".fst");
}

}  // namespace

DesignFacts design_of(const traces::Facts& facts) {
  const config::DeviceConfig device = config::builtin_device(facts.device);
  if (facts.columns < 1 || facts.first_column < 0 ||
      facts.columns + facts.first_column > device.device->columns)
    throw Error("the trace speaks of {} columns from column {} on; {} has {}", facts.columns,
                facts.first_column, facts.device, device.device->columns);
  return {{device.device, facts.columns, facts.first_column},
          device.timing,
          facts.configuration,
          facts.sequence,
          facts.names};
}

DesignFacts load_design(const std::string& path) {
  if (is_trace(path))
    return design_of(traces::read_vcd(traces::VcdCopy(path).path()).facts);
  const Settings settings = load({path, {}});
  compiler::Lowered lowered = compiler::lower(compiler::build(
      settings.problem, settings.partition(), settings.device.timing, settings.compiler));
  return {settings.partition(), settings.device.timing, std::move(lowered.configuration),
          std::move(lowered.sequence), std::move(lowered.names)};
}

}  // namespace npu::cli
