// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Promotes the operands: K slices of A and B into L2 and into L1, as a rule two, so that one is
// filled while the other is used, and the tile of C once.
//
//   before   herd     4x2 on 4 columns of 2 cores
//   after    l2       A bf16 256x256 depth=2
//              get    L3 [0,0 256x256]
//              put    core(0,2) core(0,3) [0,0 64x256]
//              ...
//            l1       A bf16 64x64 depth=2
#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

void check_l1(const Schedule& s) {
  const Shape& core = s.tiles.core;
  const int64_t bytes = core_bytes(s.problem, core, s.options.depths);
  if (bytes > core_budget())
    throw Error("{}: a core tile of m={} n={} k={} needs {} bytes of L1, {} are free",
                s.strategy->name, core.m, core.n, core.k, bytes, core_budget())
        .hint("strategy default takes tiles that fit");
}

template <typename Predicate>
std::vector<int> cores_where(const Placement& place, Predicate wanted) {
  std::vector<int> cores;
  for (size_t i = 0; i < place.cores.size(); ++i)
    if (wanted(place.cores[i]))
      cores.push_back(static_cast<int>(i));
  return cores;
}

Access whole(int64_t rows, int64_t cols) {
  const Region all{0, 0, rows, cols};
  return {.region = all, .tile = all, .cores = {}, .loop = {}};
}

/// Of a slice in L2. Copied anew for every step, a number of steps that it does not divide would
/// change places from slice to slice.
int depth(const Schedule& s, Operand operand) {
  const Depths& depths = s.options.depths;
  const int wanted = operand == Operand::A ? depths.a_l2 : depths.b_l2;
  const bool anew = s.variant->l3_copy == Level::InnerK && s.inner_steps() > 1;
  return anew && s.inner_steps() % wanted != 0 ? 1 : wanted;
}

/// A slice from L3, one channel for each row of cores (`A`) or column of cores (`B`) that shares
/// it.
L2Buffer slice(const Schedule& s, Operand operand) {
  const bool is_a = operand == Operand::A;
  const Tiles& t = s.tiles;
  L2Buffer buffer{.operand = operand,
                  .name = std::string(1, to_char(operand)),
                  .type = s.type_of(operand),
                  .rows = is_a ? t.l2.m : t.l2.k,
                  .cols = is_a ? t.l2.k : t.l2.n,
                  .depth = depth(s, operand)};
  buffer.writers.push_back(whole(buffer.rows, buffer.cols));
  const int readers = is_a ? s.place->herd.columns : s.place->herd.rows;
  for (int i = 0; i < readers; ++i) {
    const Region region = is_a ? Region{i * t.core.m, 0, t.core.m, t.l2.k}
                               : Region{0, i * t.core.n, t.l2.k, t.core.n};
    buffer.readers.push_back(
        {.region = region,
         .tile = region,
         .cores = cores_where(*s.place,
                              [&](const HerdCore& core) { return (is_a ? core.x : core.y) == i; }),
         .loop = {}});
  }
  return buffer;
}

/// Slices of each core's own.
void own_slices(Schedule& s, Operand operand) {
  const bool is_a = operand == Operand::A;
  const Tiles& t = s.tiles;
  const int64_t rows = is_a ? t.core.m : t.l2.k;
  const int64_t cols = is_a ? t.l2.k : t.core.n;
  for (size_t i = 0; i < s.place->cores.size(); ++i) {
    const HerdCore& core = s.place->cores[i];
    Access in = whole(rows, cols);
    in.tile = is_a ? Region{core.x * rows, 0, rows, cols} : Region{0, core.y * cols, rows, cols};
    Access out = in;
    out.cores = {static_cast<int>(i)};
    s.l2.push_back({.operand = operand,
                    .name = fmt::format("{}@({},{})", to_char(operand), core.x, core.y),
                    .type = s.type_of(operand),
                    .rows = rows,
                    .cols = cols,
                    .depth = depth(s, operand),
                    .writers = {in},
                    .readers = {out}});
  }
}

/// The tile of C: a loop over all cores writes it, one channel reads it.
L2Buffer result(const Schedule& s) {
  const Tiles& t = s.tiles;
  L2Buffer buffer{.operand = Operand::C,
                  .name = "C",
                  .type = s.problem.c,
                  .rows = t.l2.m,
                  .cols = t.l2.n,
                  .depth = 1};
  const Region first{0, 0, t.core.m, t.core.n};
  buffer.writers.push_back(
      {.region = first,
       .tile = first,
       .cores = cores_where(*s.place, [](const HerdCore&) { return true; }),
       .loop = HerdLoop{s.place->herd.columns, s.place->herd.rows, t.core.m, t.core.n}});
  buffer.readers.push_back(whole(buffer.rows, buffer.cols));
  return buffer;
}

}  // namespace

void promote(Schedule& s) {
  check_l1(s);
  for (const Operand operand : {Operand::A, Operand::B})
    if (s.variant->shared_slices)
      s.l2.push_back(slice(s, operand));
    else
      own_slices(s, operand);
  s.l2.push_back(result(s));
  const Shape& core = s.tiles.core;
  s.l1 = {{"A", s.problem.a, {core.m, core.k}, s.options.depths.a_l1},
          {"B", s.problem.b, {core.k, core.n}, s.options.depths.b_l1},
          {"C", s.problem.c, {core.m, core.n}, 1}};
  s.work.l3_copy = Level::InnerK;
  s.work.c_copy = Level::InnerK;
}

}  // namespace npu::compiler::matmul
