// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/image/edge.h"

#include <algorithm>

#include "compiler/image/window.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::image {
namespace {

using arch::Op;

/// Lines that a core computes.
struct Band {
  int64_t first;
  int64_t lines;
};

/// The core's program: image after image, each a window that slides down the band.
Core program(const Problem& problem, const Band& band, Coord tile, const Lines& lines) {
  CoreWriter writer(tile);
  writer.core.program.kernels = {edge_kernel(problem)};
  LineWriter window(writer, lines, problem.width);
  window.begin();
  const int start = writer.here();
  writer.emit(
      {.op = Op::Const, .dst = LineWriter::kCounter, .imm = static_cast<int32_t>(band.lines)});
  window.slide(0);
  writer.emit({.op = Op::Jump, .imm = start});
  return std::move(writer.core);
}

class Builder {
 public:
  Builder(const Problem& problem, const arch::Partition& partition, const Cores& cores)
      : problem_(problem), cores_(cores), assembly_(partition, "edge") {
    const auto pixels = static_cast<uint64_t>(problem.width * problem.height);
    assembly_.design.arguments = {{.name = "image", .type = arch::Type::I8, .elements = pixels},
                                  {.name = "edges", .type = arch::Type::I8, .elements = pixels}};
    assembly_.design.notes = {"edge: " + to_string(problem)};
  }

  Design run() {
    const int64_t count = int64_t{cores_.columns} * cores_.rows;
    std::vector<HostOp> awaits;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t first = i * problem_.height / count;
      awaits.push_back(
          Await{add_core(static_cast<int>(i / cores_.rows), static_cast<int>(i % cores_.rows),
                         {first, (i + 1) * problem_.height / count - first})});
    }
    auto& sequence = assembly_.design.sequence;
    sequence.insert(sequence.end(), awaits.begin(), awaits.end());
    return std::move(assembly_.design);
  }

 private:
  /// Returns the transfer that ends when the core's band is in memory.
  int add_core(int col, int row, const Band& band) {
    const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(arch::kFirstCoreRow + row)};
    const Lines lines = add_lines(assembly_, tile, problem_.width);
    assembly_.design.cores.push_back(program(problem_, band, tile, lines));
    const auto name = [&](std::string_view what) {
      return fmt::format("{}({},{})", what, tile.col, tile.row);
    };
    const int to = assembly_.add_shim(name("edges"), lines.drain);
    const int from = assembly_.add_shim(name("image"), lines.fill);
    const int result = assembly_.add_transfer(lines_of(problem_, to, 1, band.first, band.lines));
    std::get<Transfer>(assembly_.design.sequence.back()).token = true;
    for (Transfer& transfer : window_of(problem_, from, band.first, band.lines))
      assembly_.add_transfer(std::move(transfer));
    return result;
  }

  const Problem& problem_;
  Cores cores_;
  Assembly assembly_;
};

void check(const Problem& problem, const arch::Partition& partition, const Cores& cores) {
  if (problem.width < 4 || problem.width % 4 != 0)
    throw Error("edge: a line of {} pixels is not made of words", problem.width)
        .hint("a width that is a multiple of 4");
  const int most_rows = arch::facts(arch::TileKind::Shim).mm2s_channels;
  if (cores.columns < 1 || cores.columns > partition.columns || cores.rows < 1 ||
      cores.rows > most_rows)
    throw Error("edge: cores in {}x{} have no streams of their own", cores.columns, cores.rows)
        .hint(
            "1 to {} columns, 1 to {} rows: each core has a channel of its shim for itself, "
            "each way",
            partition.columns, most_rows);
  if (problem.height < int64_t{cores.columns} * cores.rows)
    throw Error("edge: {} lines are not enough for {} cores", problem.height,
                cores.columns * cores.rows)
        .hint("each core computes at least one");
  constexpr int kLines = Lines::kRing + Lines::kResults;
  const int64_t memory = arch::facts(arch::TileKind::Core).memory_bytes - Core().stack_bytes;
  if (kLines * problem.width > memory)
    throw Error("edge: {} lines of {} bytes do not fit the {} bytes of a core", kLines,
                problem.width, memory)
        .hint("a width of at most {}", memory / kLines / 4 * 4);
}

}  // namespace

std::string to_string(const Problem& problem) {
  return fmt::format("width={} height={} threshold={}", problem.width, problem.height,
                     problem.threshold);
}

arch::KernelSpec edge_kernel(const Problem& problem) {
  return {.op = arch::KernelOp::Edge,
          .a = arch::Type::I8,
          .b = arch::Type::I8,
          .c = arch::Type::I8,
          .m = static_cast<int>(problem.width),
          .threshold = problem.threshold};
}

Transfer lines_of(const Problem& problem, int shim, int argument, int64_t first, int64_t lines) {
  return {.shim_channel = shim,
          .argument = argument,
          .offset = static_cast<uint64_t>(first * problem.width),
          .length = static_cast<uint64_t>(lines * problem.width) / 4};
}

std::vector<Transfer> window_of(const Problem& problem, int shim, int64_t first, int64_t lines) {
  const int64_t last = problem.height - 1;
  const int64_t above = std::max<int64_t>(first - 1, 0);
  const int64_t below = std::min(first + lines, last);
  std::vector<Transfer> transfers;
  if (first == 0)
    transfers.push_back(lines_of(problem, shim, 0, 0, 1));
  transfers.push_back(lines_of(problem, shim, 0, above, below - above + 1));
  if (first + lines > last)
    transfers.push_back(lines_of(problem, shim, 0, last, 1));
  return transfers;
}

Design build_edge(const Problem& problem, const arch::Partition& partition,
                  std::optional<Cores> cores) {
  const Cores used = cores.value_or(
      Cores{partition.columns,
            static_cast<int>(std::min<int64_t>(
                arch::facts(arch::TileKind::Shim).mm2s_channels,
                std::max<int64_t>(problem.height / std::max(partition.columns, 1), 1)))});
  check(problem, partition, used);
  return Builder(problem, partition, used).run();
}

}  // namespace npu::compiler::image
