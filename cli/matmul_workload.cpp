// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/matmul_workload.h"

#include "cli/compiled.h"
#include "cli/operands.h"

namespace npu::cli {
namespace {

/// What the cores compute of their tiles of C; throws Error where the code that multiplies is not
/// the model's.
logic::Sample sample_of(const Settings& settings, const std::vector<MicroKernel>& kernels) {
  std::optional<arch::KernelSpec> tile;
  for (const MicroKernel& kernel : kernels) {
    const arch::KernelSpec spec = arch::parse_kernel(kernel.kernel);
    if (spec.op != arch::KernelOp::Matmul)
      continue;
    if (kernel.origin != KernelOrigin::BuiltIn)
      throw Error("`sim.data: sampled` is not for kernel `{}`, which is {}", kernel.kernel,
                  origin_text(kernel))
          .hint("sim.data: full, which computes all of C");
    tile = spec;
  }
  return {*tile, settings.sim.seed};
}

class MatmulWorkload : public Workload {
 public:
  MatmulWorkload(const Settings& resolved, compiler::Lowered compiled,
                 std::vector<MicroKernel> kernels)
      : kernels_(std::move(kernels)), operands_(resolved, compiled.design.arguments) {
    settings = resolved;
    if (settings.sim.sampled())
      sample_ = sample_of(settings, kernels_);
    title = compiler::matmul::to_string(settings.problem);
    lowered = std::move(compiled);
  }

  std::vector<sim::HostBuffer> arguments() override {
    const auto buffers = operands_.arguments();
    return {buffers.begin(), buffers.end()};
  }
  void prepare() override { operands_.spoil_result(); }
  std::optional<Comparison> check() override {
    if (settings.sim.timing_only())
      return std::nullopt;
    operands_.collect_result();
    return compare(settings.problem, operands_.a, operands_.b, operands_.c, operands_.bias,
                   sample_ ? &*sample_ : nullptr);
  }
  double macs() const override {
    const auto& problem = settings.problem;
    return static_cast<double>(problem.batch) * static_cast<double>(problem.m) *
           static_cast<double>(problem.k) * static_cast<double>(problem.n) * settings.host.launches;
  }
  /// Where code comes from that is not built in.
  std::vector<std::string> remarks(const observe::Counters&) const override {
    std::vector<std::string> texts;
    for (const MicroKernel& kernel : kernels_)
      if (kernel.origin != KernelOrigin::BuiltIn)
        texts.push_back(fmt::format("kernel `{}`: {}", kernel.kernel, origin_text(kernel)));
    return texts;
  }

 private:
  std::vector<MicroKernel> kernels_;
  Operands operands_;
  std::optional<logic::Sample> sample_;
};

}  // namespace

std::unique_ptr<Workload> compile_matmul(const Settings& settings) {
  std::vector<MicroKernel> kernels;
  compiler::Lowered lowered = lower_design(settings, &kernels);
  return std::make_unique<MatmulWorkload>(settings, std::move(lowered), std::move(kernels));
}

}  // namespace npu::cli
