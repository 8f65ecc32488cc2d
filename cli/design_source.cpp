// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/design_source.h"

#include <algorithm>

#include "cli/compiled.h"
#include "cli/file_workload.h"
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
          facts.names,
          facts.loads,
          facts.load_names};
}

DesignFacts load_design(const std::string& path) {
  return load_design({path, {}}, {});
}

DesignFacts load_design(const Source& source, FileOptions files, const MlirOptions& mlir) {
  const std::string& path = source.file;
  if (is_trace(path))
    return design_of(traces::read_vcd(traces::VcdCopy(path).path()).facts);
  const bool container = !path.empty() && is_container(path);
  if (files.any() && !container)
    throw Error("{}: --kernel and --insts are for an xclbin", path);
  files.design_only = true;
  std::vector<std::string> warnings;
  const std::unique_ptr<Workload> work =
      container       ? load_files(path, files, source.overrides, warnings, mlir)
      : is_mlir(path) ? load_mlir(path, {}, mlir, source.overrides)
                      : compile_workload(load(source));
  return facts_of(*work);
}

void add_kernel_options(CLI::App& command, FileOptions& files) {
  command.add_option("--kernel", files.kernel, "of an xclbin with several")->type_name("NAME");
  command.add_option("--insts", files.insts, "instruction stream of an xclbin")->type_name("FILE");
  add_programs_option(command, files);
}

}  // namespace npu::cli
