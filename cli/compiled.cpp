// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/compiled.h"

#include <utility>

#include "cli/edge_workload.h"
#include "cli/file_workload.h"
#include "cli/matmul_workload.h"
#include "cli/mlir_workload.h"
#include "cli/select_workload.h"

namespace npu::cli {

namespace {

compiler::Design build_any(const Settings& settings, const compiler::matmul::PassHooks& hooks) {
  const arch::Partition partition = settings.partition();
  const auto& herd = settings.compiler.herd;
  if (settings.computes == Computes::Matmul)
    return compiler::build(settings.problem, partition, settings.device.timing, settings.compiler,
                           hooks);
  if (settings.computes == Computes::Design)
    return read_design(settings);
  if (settings.computes == Computes::Select)
    return compiler::image::build_select(settings.select, partition);
  std::optional<compiler::image::Cores> cores;
  if (herd)
    cores = {herd->columns, herd->rows};
  return compiler::image::build_edge(settings.image, partition, cores);
}

}  // namespace

compiler::Design build_design(const Settings& settings, const compiler::matmul::PassHooks& hooks,
                              std::vector<MicroKernel>* kernels) {
  compiler::Design design = build_any(settings, hooks);
  if (!hooks.stop_after.empty())
    return design;
  std::vector<MicroKernel> decided = decide_kernels(design, settings.kernels);
  if (kernels != nullptr)
    *kernels = std::move(decided);
  return design;
}

compiler::Lowered lower_design(const Settings& settings, std::vector<MicroKernel>* kernels) {
  return compiler::lower(build_design(settings, {}, kernels));
}

std::unique_ptr<Workload> compile_workload(const Settings& settings) {
  switch (settings.computes) {
    case Computes::Edge:
      return compile_edge(settings);
    case Computes::Select:
      return compile_select(settings);
    case Computes::Design:
      return is_container(settings.design.file) ? load_files(settings) : load_mlir(settings);
    case Computes::Matmul:
      break;
  }
  return compile_matmul(settings);
}

}  // namespace npu::cli
