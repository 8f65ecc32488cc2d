// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses the tiles by the strategy's rule, or refuses with what does not fit.
//
//   before   matmul   m=512 k=512 n=640 bf16 bf16 f32 row row
//   after    tile     l2 m=256 n=128 k=256, core m=64 n=64 k=64, block m=4 n=4 k=8
//            launch   2x5, k 2x4
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"
#include "compiler/matmul/pipeline.h"
#include "compiler/matmul/search.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

struct Side {
  std::string_view name;
  int64_t Shape::*extent;
};
constexpr std::array<Side, 3> kSides{{{"m", &Shape::m}, {"n", &Shape::n}, {"k", &Shape::k}}};

void check_divides(const Schedule& s, Side side) {
  const Shape sizes{s.problem.m, s.problem.n, s.problem.k};
  const int64_t size = sizes.*side.extent;
  const int64_t l2 = s.tiles.l2.*side.extent;
  const int64_t core = s.tiles.core.*side.extent;
  const int64_t block = s.tiles.pack.*side.extent;
  if (core % block != 0)
    throw Error(
        "{}: {}={} gives a core tile of {}, which is not a multiple of the block of {}: {} "
        "elements of padding are missing",
        s.strategy->name, side.name, size, core, block, (core + block - 1) / block * block - core)
        .hint("a multiple of {} for {}, or another strategy", block, side.name);
  if (size % l2 != 0 || l2 % core != 0)
    throw Error("{}: {}={} does not divide into L2 tiles of {} and core tiles of {}",
                s.strategy->name, side.name, size, l2, core)
        .hint("a multiple of {} for {}, or another strategy", l2, side.name);
}

/// What the refusal of tiles depends on besides bytes: whoever has the same is refused, too.
struct Loops {
  Herd herd;
  int64_t outer;
  int64_t inner;
  bool operator==(const Loops&) const = default;
};
Loops loops_of(const Problem& problem, const Tiles& tiles) {
  return {tiles.herd(), padded_sizes(problem, tiles).k / tiles.l2.k, tiles.l2.k / tiles.core.k};
}

/// The tiles that are predicted fastest of those with which the passes that follow find what they
/// need. Throws the refusal of the fastest when there are none.
Tiles fastest_that_fit(const Schedule& s) {
  std::optional<Error> refusal;
  std::vector<Loops> refused;
  for (const Candidate& candidate : search(s.problem, s.partition, s.timing, s.options)) {
    const Loops loops = loops_of(s.problem, candidate.tiles);
    if (std::ranges::find(refused, loops) != refused.end())
      continue;
    Options options = s.options;
    options.tiles = candidate.tiles;
    try {
      plan(s.problem, s.partition, s.timing, options);
      return candidate.tiles;
    } catch (const Error& error) {
      refused.push_back(loops);
      if (!refusal)
        refusal = error;
    }
  }
  throw *refusal;
}

/// Whether any tiles that the search gives fit the schedule: what it counts are the streams of the
/// first of all schedules.
bool fits_any(const Variant& variant) {
  return &variant == variants().data();
}

}  // namespace

void choose_tiles(Schedule& s) {
  if (s.options.herd && (s.options.herd->columns < 1 || s.options.herd->rows < 1))
    throw Error("herd: {} is not a herd", to_string(*s.options.herd)).hint("at least 1x1");
  s.strategy = &strategy_named(s.options.strategy);
  if (s.options.tiles) {
    s.tiles = *s.options.tiles;
  } else if (s.strategy->rule == nullptr) {
    s.tiles = fits_any(*s.variant)
                  ? search(s.problem, s.partition, s.timing, s.options).front().tiles
                  : fastest_that_fit(s);
  } else {
    s.tiles = s.strategy->rule(s.problem, s.partition, s.options);
    for (const Side side : kSides)
      check_divides(s, side);
  }
  s.padded = padded_sizes(s.problem, s.tiles);
  if (s.options.herd && s.tiles.herd() != *s.options.herd)
    throw Error("{}: the rule gives a herd of {}, not {}", s.strategy->name,
                to_string(s.tiles.herd()), to_string(*s.options.herd))
        .hint("leave the herd to the rule, or use strategy default");
}

}  // namespace npu::compiler::matmul
