// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/search.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "hw-model/arch/error.h"
#include "hw-model/arch/kernel.h"

namespace npu::compiler::matmul {

namespace {

constexpr int kCoreRows = arch::kRows - arch::kFirstCoreRow;
constexpr int64_t kLongestSide = 128;    // of a core tile
constexpr size_t kSidesTried = 12;       // for M and for N
constexpr int64_t kSidesPerCount = 2;    // for each number of cores among them, at least
constexpr int64_t kStepCountsTried = 3;  // of K in L1

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}
int64_t round_up(int64_t size, int64_t step) {
  return ceil_div(size, step) * step;
}

/// A way to lay M or N over a side of the herd.
struct Side {
  int cores;
  int64_t tile;
  double badness;
};

/// Elements that a core gets along this side, with what the edges of tiles cost in transfers.
double badness(int64_t size, int cores, int64_t tile) {
  constexpr double kEdge = 24;
  const auto share = static_cast<double>(round_up(size, cores * tile) / cores);
  return share * (1 + kEdge / static_cast<double>(tile));
}

/// The most promising ways, the best first; some for each number of cores.
std::vector<Side> sides(int64_t size, int least, int most, int64_t block) {
  std::vector<Side> all;
  for (int cores = least; cores <= most; ++cores)
    for (int64_t tile = block; tile <= kLongestSide; tile += block) {
      const bool idle = (cores - 1) * tile >= size && cores > least;
      const bool longer = tile >= size + block;
      if (!idle && !longer)
        all.push_back({cores, tile, badness(size, cores, tile)});
    }
  std::ranges::stable_sort(all, {}, &Side::badness);
  std::vector<Side> best;
  std::vector<int64_t> taken(static_cast<size_t>(most) + 1);
  for (const Side& side : all)
    if (best.size() < kSidesTried || taken[static_cast<size_t>(side.cores)] < kSidesPerCount) {
      best.push_back(side);
      ++taken[static_cast<size_t>(side.cores)];
    }
  return best;
}

/// Room for two slices is kept where fewer are wanted, so that depths can be compared.
Depths room_for(const Depths& wanted) {
  const Depths usual;
  return {std::max(wanted.a_l2, usual.a_l2), std::max(wanted.b_l2, usual.b_l2),
          std::max(wanted.a_l1, usual.a_l1), std::max(wanted.b_l1, usual.b_l1)};
}

/// Everything in the memory tile of column 0, which has the most pieces of every operand.
bool fits_l2(const Problem& p, int columns, const Tiles& t, const Depths& depths) {
  const Herd herd = t.herd();
  const int64_t a = ceil_div(herd.columns, columns) * t.core.m * t.l2.k * arch::bytes_of(p.a);
  const int64_t b = ceil_div(herd.rows, columns) * t.core.n * t.l2.k * arch::bytes_of(p.b);
  const int64_t pieces = herd.columns > 1 ? herd.columns : herd.rows;
  const int64_t c = t.l2.m * t.l2.n / pieces * ceil_div(pieces, columns) * arch::bytes_of(p.c);
  return depths.a_l2 * a + depths.b_l2 * b + c <= arch::facts(arch::TileKind::Memtile).memory_bytes;
}

/// K slices of L1: as long as fits, and some that waste less of the last.
std::set<int64_t> core_slices(const Problem& p, const Tiles& t, const Depths& depths) {
  int64_t longest = 0;
  for (Shape core{t.core.m, t.core.n, t.pack.k};
       core_bytes(p, core, depths) <= core_budget() && longest < p.depth(); core.k += t.pack.k)
    longest = core.k;
  std::set<int64_t> slices;
  if (longest == 0)
    return slices;
  const int64_t fewest = ceil_div(p.depth(), longest);
  for (int64_t steps = fewest; steps < fewest + kStepCountsTried; ++steps)
    slices.insert(round_up(ceil_div(p.depth(), steps), t.pack.k));
  if (const int64_t divisor = largest_divisor(p.depth(), longest, t.pack.k);
      divisor % t.pack.k == 0)
    slices.insert(divisor);
  return slices;
}

/// L2 slices in K slices of L1: one, all, and what lies around 256 elements.
std::set<int64_t> slice_counts(const Problem& p, int64_t core_k) {
  constexpr int64_t kUsual = 256;
  const int64_t all = ceil_div(p.depth(), core_k);
  const int64_t usual = std::max<int64_t>(1, kUsual / core_k);
  return {1, largest_divisor(all, usual), std::min(all, 2 * usual), all};
}

struct Searcher {
  const Problem& problem;
  const arch::Partition& partition;
  const arch::Timing& timing;
  const Options& options;
  std::vector<Candidate> found = {};

  void add_slices(Tiles t, Herd herd) {
    const Depths room = room_for(options.depths);
    for (const int64_t core_k : core_slices(problem, t, room)) {
      t.core.k = core_k;
      for (const int64_t count : slice_counts(problem, core_k)) {
        t.l2 = {herd.columns * t.core.m, herd.rows * t.core.n, count * core_k};
        if (fits_l2(problem, partition.columns, t, room))
          found.push_back({t, pads_of(problem, options, partition.columns, t),
                           predict(problem, partition, timing, options, t)});
      }
    }
  }

  void run() {
    const arch::MatmulBlock block = arch::matmul_block(problem.a, problem.b);
    const auto [m_least, m_most] = range(&Herd::columns, partition.columns);
    const auto [n_least, n_most] = range(&Herd::rows, kCoreRows);
    const std::vector<Side> columns = sides(problem.m, m_least, m_most, block.m);
    const std::vector<Side> rows = sides(problem.n, n_least, n_most, block.n);
    for (const Side& m : columns)
      for (const Side& n : rows)
        add_slices({.core = {m.tile, n.tile, block.k}, .pack = {block.m, block.n, block.k}},
                   {m.cores, n.cores});
  }

  std::pair<int, int> range(int Herd::*side, int most) const {
    return options.herd ? std::pair((*options.herd).*side, (*options.herd).*side)
                        : std::pair(1, most);
  }

  /// Cycles, the host's copies included.
  double badness(const Candidate& candidate) const {
    return candidate.prediction.cycles +
           static_cast<double>(candidate.prediction.staged) / timing.ddr.bytes_per_cycle.value;
  }
};

std::string shape_text(const Shape& s) {
  return fmt::format("{}x{}x{}", s.m, s.n, s.k);
}

}  // namespace

std::vector<Candidate> search(const Problem& problem, const arch::Partition& partition,
                              const arch::Timing& timing, const Options& options) {
  Searcher searcher{problem, partition, timing, options};
  searcher.run();
  if (searcher.found.empty())
    throw Error("default: no tile fits L1 and L2").hint("a larger partition, or a smaller herd");
  std::ranges::stable_sort(searcher.found, {},
                           [&](const Candidate& candidate) { return searcher.badness(candidate); });
  return std::move(searcher.found);
}

std::string to_text(const std::vector<Candidate>& candidates, size_t most) {
  std::string text = fmt::format(
      "{:<6} {:<12} {:<14} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10} {}\n", "herd", "core m n k",
      "l2 m n k", "cycles", "compute", "L2->L1", "L1->L2", "L3", "host", "padding");
  for (size_t i = 0; i < std::min(most, candidates.size()); ++i) {
    const auto& [tiles, pads, prediction] = candidates[i];
    const Bounds& b = prediction.bounds;
    std::string padding;
    for (const Operand operand : {Operand::A, Operand::B, Operand::C})
      if (const Pad pad = pads[static_cast<size_t>(operand)]; pad != Pad::None)
        padding += fmt::format(" {} {}", to_char(operand), to_string(pad));
    if (prediction.staged > 0)
      padding += fmt::format(" {} bytes copied", prediction.staged);
    text += fmt::format(
        "{:<6} {:<12} {:<14} {:>10.0f} {:>10.0f} {:>10.0f} {:>10.0f} {:>10.0f} "
        "{:>10.0f}{}\n",
        to_string(tiles.herd()), shape_text(tiles.core), shape_text(tiles.l2), prediction.cycles,
        b.compute, b.l2_l1, b.l1_l2, b.l3, b.host, padding.empty() ? " none" : padding);
  }
  if (candidates.size() > most)
    text += fmt::format("and {} more\n", candidates.size() - most);
  return text;
}

}  // namespace npu::compiler::matmul
