// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/select_workload.h"

#include <algorithm>

#include "cli/compiled.h"
#include "cli/edge_workload.h"
#include "cli/inputs.h"

namespace npu::cli {
namespace {

using compiler::image::Function;

class SelectWorkload : public Workload {
 public:
  explicit SelectWorkload(const Settings& resolved) {
    settings = resolved;
    title = "select " + compiler::image::to_string(settings.select);
    lowered = lower_design(settings);
    const auto tile = static_cast<uint64_t>(settings.select.width());
    bytes_ = tile * static_cast<uint64_t>(settings.select.lines);
    b_bytes_ = tile;
    if (settings.sim.timing_only())
      return;
    const auto fill = [&](uint64_t bytes, uint64_t stream) {
      return make_matrix(arch::Type::I8, bytes, settings.sim.seed, stream, settings.host.inputs);
    };
    lines_ = fill(bytes_, 0);
    b_ = fill(b_bytes_, 1);
    results_.resize(bytes_);
  }

  std::vector<sim::HostBuffer> arguments() override {
    const auto data = [](std::vector<std::byte>& v) { return v.empty() ? nullptr : v.data(); };
    return {{data(lines_), bytes_}, {data(b_), b_bytes_}, {data(results_), bytes_}};
  }
  void prepare() override { std::ranges::fill(results_, std::byte{0xA5}); }
  std::optional<Comparison> check() override {
    if (settings.sim.timing_only())
      return std::nullopt;
    if (settings.select.function == Function::Edge)
      return compare_edges(settings.select.as_edge(), lines_, results_);
    return compare(settings.select.as_matmul(), lines_, b_, results_);
  }
  double macs() const override {
    if (settings.select.function == Function::Edge)
      return 0;
    return static_cast<double>(bytes_) * static_cast<double>(settings.select.side) *
           settings.host.launches;
  }

 private:
  uint64_t bytes_ = 0;
  uint64_t b_bytes_ = 0;
  std::vector<std::byte> lines_;
  std::vector<std::byte> b_;
  std::vector<std::byte> results_;
};

}  // namespace

std::unique_ptr<Workload> compile_select(const Settings& settings) {
  return std::make_unique<SelectWorkload>(settings);
}

}  // namespace npu::cli
