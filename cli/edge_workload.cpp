// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/edge_workload.h"

#include <algorithm>
#include <cstdlib>

#include "cli/compiled.h"
#include "cli/inputs.h"

namespace npu::cli {
namespace {

class EdgeWorkload : public Workload {
 public:
  explicit EdgeWorkload(const Settings& resolved) {
    settings = resolved;
    title = "edge " + compiler::image::to_string(settings.image);
    lowered = lower_design(settings);
    if (settings.sim.timing_only())
      return;
    image_ = make_matrix(arch::Type::I8, bytes(), settings.sim.seed, 0, settings.host.inputs);
    edges_.resize(bytes());
  }

  std::vector<sim::HostBuffer> arguments() override {
    if (settings.sim.timing_only())
      return {{nullptr, bytes()}, {nullptr, bytes()}};
    return {{image_.data(), bytes()}, {edges_.data(), bytes()}};
  }
  void prepare() override { std::ranges::fill(edges_, std::byte{0xA5}); }
  std::optional<Comparison> check() override {
    if (settings.sim.timing_only())
      return std::nullopt;
    return compare_edges(settings.image, image_, edges_);
  }
  double macs() const override { return 0; }

 private:
  uint64_t bytes() const {
    return static_cast<uint64_t>(settings.image.width * settings.image.height);
  }

  std::vector<std::byte> image_;
  std::vector<std::byte> edges_;
};

int strength_at(const compiler::image::Problem& problem, std::span<const std::byte> image,
                int64_t line, int64_t column) {
  constexpr int kSmooth[3] = {1, 2, 1};
  constexpr int kSlope[3] = {-1, 0, 1};
  int across = 0, down = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      const int64_t y = std::clamp<int64_t>(line + i - 1, 0, problem.height - 1);
      const int64_t x = std::clamp<int64_t>(column + j - 1, 0, problem.width - 1);
      const int pixel = std::to_integer<int>(image[static_cast<size_t>(y * problem.width + x)]);
      across += kSmooth[i] * kSlope[j] * pixel;
      down += kSlope[i] * kSmooth[j] * pixel;
    }
  return std::min(std::abs(across) + std::abs(down), 255);
}

}  // namespace

Comparison compare_edges(const compiler::image::Problem& problem, std::span<const std::byte> image,
                         std::span<const std::byte> edges) {
  Comparison comparison{.unit = "pixels"};
  for (int64_t line = 0; line < problem.height; ++line)
    for (int64_t column = 0; column < problem.width; ++column) {
      const int strength = strength_at(problem, image, line, column);
      const int expected = strength > problem.threshold ? strength : 0;
      const int got =
          std::to_integer<int>(edges[static_cast<size_t>(line * problem.width + column)]);
      ++comparison.elements;
      if (got == expected || comparison.mismatches++ > 0)
        continue;
      comparison.place = fmt::format("edges[{},{}]", line, column);
      comparison.expected = fmt::format("{}", expected);
      comparison.got = fmt::format("{}", got);
    }
  return comparison;
}

std::unique_ptr<Workload> compile_edge(const Settings& settings) {
  return std::make_unique<EdgeWorkload>(settings);
}

}  // namespace npu::cli
