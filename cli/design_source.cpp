// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/design_source.h"

#include <algorithm>

#include "cli/file_workload.h"
#include "cli/matmul_workload.h"
#include "cli/mlir_workload.h"
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
  std::vector<std::string> warnings;
  const std::unique_ptr<Workload> work = is_container(path) ? load_files(path, {}, {}, warnings)
                                         : is_mlir(path)    ? load_mlir(path, {}, {}, {})
                                                            : compile_matmul(load({path, {}}));
  return {work->settings.partition(), work->settings.device.timing,
          std::move(work->lowered.configuration), std::move(work->lowered.sequence),
          std::move(work->lowered.names)};
}

}  // namespace npu::cli
