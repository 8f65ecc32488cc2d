// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/strategy.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/design/design.h"
#include "hw-model/arch/error.h"
#include "hw-model/arch/kernel.h"

namespace npu::compiler::matmul {

namespace {

using arch::Partition;

constexpr int64_t kMinSide = 16;  ///< a core tile does not shrink below this to gain cores

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// Elements of that type in 64 bits.
int64_t scale_of(Type type) {
  return 8 / arch::bytes_of(type);
}
int64_t lhs_scale(const Problem& p) {
  return scale_of(p.a);
}
int64_t accumulator_scale(const Problem& p) {
  return scale_of(arch::accumulator_of(p.a));
}

/// The instruction's block; operands without an instruction take what divides, up to 4x8 by 8x4.
Shape pack_of(const Problem& p) {
  if (p.a == Type::F32 || p.a == Type::I32)
    return {largest_divisor(p.m, 4), largest_divisor(p.n, 4), largest_divisor(p.k, 8)};
  const arch::MatmulBlock block = arch::matmul_block(p.a, p.b);
  return {block.m, block.n, block.k};
}

/// Most packs, up to `max`, that divide a K extent.
int64_t packs(int64_t extent, int64_t pack, int64_t max) {
  return largest_divisor(ceil_div(extent, pack), max) * pack;
}

// Rules of the pad-pack pipeline, by the day they came in. A name ends in the month and day.

Tiles rule_0301(const Problem& p, const Partition&, const Options&) {
  Tiles t{.pack = pack_of(p)};
  t.l2 = {std::min<int64_t>(p.m, 64), std::min<int64_t>(p.n, 64), std::min<int64_t>(p.k, 256)};
  t.core = {ceil_div(t.l2.m, 2), ceil_div(t.l2.n, 2), packs(t.l2.k, t.pack.k, 4)};
  return t;
}

Tiles rule_0318(const Problem& p, const Partition&, const Options&) {
  Tiles t{.pack = pack_of(p)};
  t.l2 = {largest_divisor(p.m, 64), largest_divisor(p.n, 64), largest_divisor(p.k, 256)};
  t.core = {largest_divisor(t.l2.m, 32), largest_divisor(t.l2.n, 32), packs(t.l2.k, t.pack.k, 4)};
  return t;
}

/// L2 first, at most `side` scaled elements a side, then the core tile out of it.
Tiles outer_first(const Problem& p, int64_t side) {
  const int64_t s = lhs_scale(p);
  Tiles t{.pack = pack_of(p)};
  t.l2 = {largest_divisor(p.m, side * s), largest_divisor(p.n, side * s),
          largest_divisor(p.k, 256)};
  t.core = {largest_divisor(t.l2.m, 16 * s), largest_divisor(t.l2.n, 16 * s),
            packs(t.l2.k, t.pack.k, 2 * s)};
  return t;
}
Tiles rule_0321(const Problem& p, const Partition&, const Options&) {
  return outer_first(p, 32);
}
Tiles rule_0402(const Problem& p, const Partition&, const Options&) {
  return outer_first(p, 64);
}

/// The core tile first, then the largest L2 tile that is a multiple of it.
Tiles core_first(const Problem& p, int64_t s) {
  Tiles t{.pack = pack_of(p)};
  t.core = {largest_divisor(p.m, 16 * s, t.pack.m), largest_divisor(p.n, 16 * s, t.pack.n),
            packs(p.k, t.pack.k, 2 * s)};
  t.l2 = {largest_divisor(p.m, 64 * s, t.core.m), largest_divisor(p.n, 64 * s, t.core.n),
          largest_divisor(p.k, 256, t.core.k)};
  return t;
}
Tiles rule_0424(const Problem& p, const Partition&, const Options&) {
  return core_first(p, lhs_scale(p));
}
Tiles rule_0510(const Problem& p, const Partition&, const Options&) {
  return core_first(p, accumulator_scale(p));
}

int64_t halve_ratio_two(int64_t l2, int64_t core, int64_t pack) {
  return l2 == 2 * core && core % 2 == 0 && core / 2 % pack == 0 ? core / 2 : core;
}
Tiles rule_0516(const Problem& p, const Partition&, const Options&) {
  Tiles t = core_first(p, lhs_scale(p));
  t.core.m = halve_ratio_two(t.l2.m, t.core.m, t.pack.m);
  t.core.n = halve_ratio_two(t.l2.n, t.core.n, t.pack.n);
  return t;
}

// Rules of the pack-peel pipeline: one K slice for both levels.

Tiles peel_0408(const Problem& p, const Partition&, const Options&) {
  const int64_t s = accumulator_scale(p);
  Tiles t{.pack = pack_of(p)};
  const int64_t slice = largest_divisor(p.k, 16 * s);
  t.l2 = {largest_divisor(p.m, 32 * s), largest_divisor(p.n, 32 * s), slice};
  t.core = {packs(t.l2.m, t.pack.m, 16 * s / t.pack.m), packs(t.l2.n, t.pack.n, 16 * s / t.pack.n),
            slice};
  return t;
}

Tiles peel_core_first(const Problem& p, int64_t s) {
  Tiles t{.pack = pack_of(p)};
  const int64_t slice = largest_divisor(p.k, 16 * s);
  const auto side = [s](int64_t size, int64_t pack) {
    return largest_divisor(ceil_div(size, pack), 16 * s / pack, pack) * pack;
  };
  t.core = {side(p.m, t.pack.m), side(p.n, t.pack.n), slice};
  t.l2 = {largest_divisor(p.m, 32 * s, t.core.m), largest_divisor(p.n, 32 * s, t.core.n), slice};
  return t;
}
Tiles peel_0510(const Problem& p, const Partition&, const Options&) {
  return peel_core_first(p, accumulator_scale(p));
}
Tiles peel_0516(const Problem& p, const Partition&, const Options&) {
  return peel_core_first(p, lhs_scale(p));
}

// The rule before costs were predicted.

bool can_halve(int64_t size, int64_t pack) {
  return size % 2 == 0 && size / 2 % pack == 0;
}

/// Halves n, m and k in turn until a core's buffers fit.
void fit_l1(const Problem& p, Tiles& t) {
  const auto fits = [&] { return core_bytes(p, t.core, {}) <= core_budget(); };
  for (bool halved = true; halved && !fits();) {
    halved = false;
    for (const auto& [size, pack] : {std::pair(&t.core.n, t.pack.n), std::pair(&t.core.m, t.pack.m),
                                     std::pair(&t.core.k, t.pack.k)}) {
      if (fits() || !can_halve(*size, pack))
        continue;
      *size /= 2;
      halved = true;
    }
  }
}

/// Takes a smaller side of the core tile, the largest there is, where that puts more cores to work.
void spread(int64_t size, int64_t& core, int64_t pack, int cores) {
  const auto used = [&](int64_t side) { return largest_divisor(size / side, cores); };
  int64_t best = core;
  for (int64_t side = core - core % pack; side >= kMinSide; side -= pack)
    if (size % side == 0 && used(side) > used(best))
      best = side;
  core = best;
}

int64_t side_for(std::string_view name, int64_t size, int cores, std::string_view unit, int64_t max,
                 int64_t pack) {
  if (size % (cores * pack) != 0)
    throw Error("halved: {}={} does not divide into {} {} of a multiple of {}", name, size, cores,
                unit, pack)
        .hint("choose the herd so that {} is a multiple of {} times its {}", name, pack, unit);
  return largest_divisor(size / cores, max, pack);
}

Tiles rule_halved(const Problem& p, const Partition& partition, const Options& options) {
  constexpr int kCoreRows = arch::kRows - arch::kFirstCoreRow;
  const int64_t s = lhs_scale(p);
  Tiles t = core_first(p, s);
  const arch::MatmulBlock block = arch::matmul_block(p.a, p.b);
  t.pack = {block.m, block.n, block.k};
  if (options.herd) {
    t.core.m = side_for("m", p.m, options.herd->columns, "herd columns", 16 * s, t.pack.m);
    t.core.n = side_for("n", p.n, options.herd->rows, "herd rows", 16 * s, t.pack.n);
  }
  fit_l1(p, t);
  Herd herd;
  if (options.herd) {
    herd = *options.herd;
  } else {
    spread(p.m, t.core.m, t.pack.m, partition.columns);
    spread(p.n, t.core.n, t.pack.n, kCoreRows);
    herd = {static_cast<int>(largest_divisor(p.m / t.core.m, partition.columns)),
            static_cast<int>(largest_divisor(p.n / t.core.n, kCoreRows))};
  }
  t.l2 = {herd.columns * t.core.m, herd.rows * t.core.n, largest_divisor(p.k, 256, t.core.k)};
  return t;
}

constexpr std::array kStrategies{
    Strategy{"default", "the tiles that the cost function predicts fastest", false, nullptr},
    Strategy{"halved", "the rule of 24 April 2024, halved until L1 fits, on all cores that divide",
             false, rule_halved},
    Strategy{"pad-pack-2024-03-01", "L2 64x64x256 at most, core half of that", true, rule_0301},
    Strategy{"pad-pack-2024-03-18", "the same limits, by divisors", true, rule_0318},
    Strategy{"pad-pack-2024-03-21", "L2 of twice the core tile, scaled by the type of A", true,
             rule_0321},
    Strategy{"pad-pack-2024-04-02", "L2 of four times the core tile, the L2 tile first", true,
             rule_0402},
    Strategy{"pack-peel-2024-04-08", "L2 of twice the core tile, one K slice", true, peel_0408},
    Strategy{"pad-pack-2024-04-24", "L2 of four times the core tile, the core tile first", true,
             rule_0424},
    Strategy{"pack-peel-2024-05-10", "the core tile first, scaled by the accumulator", true,
             peel_0510},
    Strategy{"pad-pack-2024-05-10", "the core tile first, scaled by the accumulator", true,
             rule_0510},
    Strategy{"pack-peel-2024-05-16", "the core tile first, scaled by the type of A", true,
             peel_0516},
    Strategy{"pad-pack-2024-05-16", "the core tile first, halved where the L2 tile is twice it",
             true, rule_0516},
};

}  // namespace

std::span<const Strategy> strategies() {
  return kStrategies;
}

const Strategy& strategy_named(std::string_view name) {
  const auto row = std::ranges::find(kStrategies, name, &Strategy::name);
  if (row != kStrategies.end())
    return *row;
  std::string names;
  for (const Strategy& strategy : kStrategies)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", strategy.name);
  throw Error("strategy: `{}` is not known", name).hint("one of: {}", names);
}

int64_t largest_divisor(int64_t n, int64_t max) {
  for (int64_t d = std::min(n, max); d > 1; --d)
    if (n % d == 0)
      return d;
  return 1;
}

int64_t largest_divisor(int64_t n, int64_t max, int64_t multiple) {
  for (int64_t d = std::min(n, max) / multiple * multiple; d > 0; d -= multiple)
    if (n % d == 0)
      return d;
  return largest_divisor(n, max);
}

int64_t core_bytes(const Problem& p, const Shape& core, const Depths& depths) {
  const int64_t a = core.m * core.k * arch::bytes_of(p.a);
  const int64_t b = core.k * core.n * arch::bytes_of(p.b);
  const int64_t c = core.m * core.n * arch::bytes_of(p.c);
  const int64_t accumulator = core.m * core.n * arch::bytes_of(arch::accumulator_of(p.a));
  return depths.a_l1 * a + depths.b_l1 * b + c + (has_accumulator(p) ? accumulator : 0);
}

int64_t core_budget() {
  return arch::facts(arch::TileKind::Core).memory_bytes - Core{}.stack_bytes;
}

bool has_accumulator(const Problem& p) {
  return p.c != arch::accumulator_of(p.a);
}

}  // namespace npu::compiler::matmul
