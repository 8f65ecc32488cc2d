// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/cost.h"

#include <algorithm>

#include "compiler/kernels/generate.h"
#include "compiler/matmul/variant.h"
#include "hw-model/arch/kernel.h"

namespace npu::compiler::matmul {

namespace {

using arch::KernelOp;
using arch::KernelSpec;

constexpr double kCommandWords = 8;  // of a shim descriptor

double ceil_div(int64_t a, int64_t b) {
  return static_cast<double>((a + b - 1) / b);
}

/// A run, in numbers that all bounds share.
struct Run {
  Run(const Problem& problem, const arch::Partition& partition, const arch::Timing& timing,
      const Options& options, const Tiles& chosen)
      : p(problem),
        t(timing),
        tiles(chosen),
        variant(variant_named(options.schedule)),
        herd(tiles.herd()),
        columns(partition.columns),
        padded(padded_sizes(problem, tiles)),
        pads(pads_of(problem, options, partition.columns, tiles)),
        launches_m(padded.m / tiles.l2.m),
        launches_n(padded.n / tiles.l2.n),
        steps(padded.k / tiles.core.k) {
    if (variant.c_copy != Level::Launch)
      copies = variant.c_copy == Level::InnerK ? steps : padded.k / tiles.l2.k;
  }

  /// Times that L3 gives a slice of A or B.
  int64_t copies_of_slices() const {
    return variant.l3_copy == Level::InnerK ? tiles.l2.k / tiles.core.k : 1;
  }
  double launches() const { return static_cast<double>(p.batch * launches_m * launches_n); }
  int64_t bytes(Operand operand) const { return arch::bytes_of(type_of(p, operand)); }

  const Problem& p;
  const arch::Timing& t;
  const Tiles& tiles;
  const Variant& variant;
  Herd herd;
  int columns;
  Shape padded;
  Pads pads;
  int64_t launches_m;
  int64_t launches_n;
  int64_t steps;
  int64_t copies = 1;  ///< of C out of L1, of a tile
};

/// Cycles of a core between two steps of K.
double step_cycles(const Run& r) {
  const Shape& c = r.tiles.core;
  const KernelSpec matmul{.op = KernelOp::Matmul,
                          .a = r.p.a,
                          .b = r.p.b,
                          .c = arch::accumulator_of(r.p.a),
                          .m = static_cast<int>(c.m),
                          .k = static_cast<int>(c.k),
                          .n = static_cast<int>(c.n)};
  const double around = r.t.core.call.value + 4 * r.t.core.lock_operation.value +
                        r.t.core.instruction.value + r.t.lock.wake.value;
  return static_cast<double>(kernel_cycles(r.t, matmul)) + around;
}

/// Cycles of a core around the steps of a tile: zeroes, and narrows where C is narrow.
double tile_cycles(const Run& r) {
  const Type sum = arch::accumulator_of(r.p.a);
  const int elements = static_cast<int>(r.tiles.core.m * r.tiles.core.n);
  KernelSpec each{.op = KernelOp::Zero, .a = sum, .b = sum, .c = sum, .m = elements};
  double cycles = 0;
  if (r.variant.fill == Fill::L1)
    cycles += static_cast<double>(r.t.kernel_cycles(each)) + r.t.core.call.value;
  const bool scaled = r.p.epilogue.scale != 1;
  if (has_accumulator(r.p)) {
    each = {.op = scaled ? KernelOp::ScaledCast : KernelOp::Cast,
            .a = sum,
            .b = r.p.c,
            .c = r.p.c,
            .m = elements};
    cycles += static_cast<double>(r.t.kernel_cycles(each)) + r.t.core.call.value;
  } else if (scaled) {
    each = {.op = KernelOp::ScaledCast, .a = sum, .b = sum, .c = sum, .m = elements};
    cycles += static_cast<double>(r.t.kernel_cycles(each)) + r.t.core.call.value;
  }
  if (r.p.epilogue.relu) {
    each = {.op = KernelOp::Relu, .a = r.p.c, .b = r.p.c, .c = r.p.c, .m = elements};
    cycles += static_cast<double>(r.t.kernel_cycles(each)) + r.t.core.call.value;
  }
  return cycles + 4 * r.t.core.lock_operation.value;
}

double words(int64_t elements, int64_t bytes) {
  return static_cast<double>(elements * bytes) / 4;
}

double a_step_words(const Run& r) {
  return words(r.tiles.core.m * r.tiles.core.k, r.bytes(Operand::A));
}
double b_step_words(const Run& r) {
  return words(r.tiles.core.k * r.tiles.core.n, r.bytes(Operand::B));
}
double c_tile_words(const Run& r) {
  return words(r.tiles.core.m * r.tiles.core.n, r.bytes(Operand::C));
}

/// Pieces of an operand in the memory tile that has most, and of the operand.
struct Pieces {
  double here;
  double all;
};
Pieces pieces(const Run& r, int64_t count) {
  return {ceil_div(count, r.columns), static_cast<double>(count)};
}
Pieces c_pieces(const Run& r) {
  return pieces(r, r.herd.columns > 1 ? r.herd.columns : r.herd.rows);
}

/// What a transfer costs DDR, per byte: a contiguous run costs whole bursts.
double burst_factor(const Run& r, int64_t run_elements, Operand operand) {
  const double burst = r.t.ddr.burst_bytes.value;
  const auto run = static_cast<double>(run_elements * r.bytes(operand));
  return std::max(
      1.0, static_cast<double>(static_cast<int64_t>((run + burst - 1) / burst)) * burst / run);
}

/// Words that the busiest shim channel of each operand moves, and bytes that DDR serves.
struct Outside {
  double a_words;
  double b_words;
  double c_words;
  double ddr_bytes;
};

Outside outside(const Run& r) {
  const Tiles& t = r.tiles;
  const bool a_rows = !column_major(r.p, Operand::A);
  const bool b_rows = !column_major(r.p, Operand::B);
  const auto stored = [&](Operand operand) {
    const bool host = r.pads[static_cast<size_t>(operand)] == Pad::Memtile;
    return host ? Shape{r.p.m, r.p.n, r.p.k} : r.padded;
  };
  const auto elements = [&](Operand operand) {
    const auto [rows, cols] = sides_of(operand, stored(operand));
    return static_cast<double>(r.p.batch * rows * cols);
  };
  const auto run_of = [](int64_t tile, int64_t all, int64_t other_tile, int64_t other_all) {
    return tile >= all ? all * std::min(other_tile, other_all) : tile;
  };
  const double a_bytes = elements(Operand::A) * static_cast<double>(r.bytes(Operand::A)) *
                         static_cast<double>(r.launches_n);
  const double b_bytes = elements(Operand::B) * static_cast<double>(r.bytes(Operand::B)) *
                         static_cast<double>(r.launches_m);
  const double c_bytes = elements(Operand::C) * static_cast<double>(r.bytes(Operand::C));
  const int64_t a_run = a_rows ? run_of(t.l2.k, stored(Operand::A).k, t.core.m, r.padded.m)
                               : run_of(t.core.m, stored(Operand::A).m, t.l2.k, r.padded.k);
  const int64_t b_run = b_rows ? run_of(t.core.n, stored(Operand::B).n, t.l2.k, r.padded.k)
                               : run_of(t.l2.k, stored(Operand::B).k, t.core.n, r.padded.n);
  const int64_t c_tile = r.herd.columns > 1 ? t.l2.n : t.core.n;
  const int64_t c_run = run_of(c_tile, stored(Operand::C).n, t.core.m, r.padded.m);
  const auto busiest = [&](double bytes, Pieces split) {
    return bytes / 4 * split.here / split.all;
  };
  // Slices that cores do not share come as often as there are cores, and those copied in the inner
  // loop with every step of theirs; C that L2 is filled with comes, and goes.
  const auto again = static_cast<double>(r.copies_of_slices());
  const double a_times = again * (r.variant.shared_slices ? 1 : r.herd.rows);
  const double b_times = again * (r.variant.shared_slices ? 1 : r.herd.columns);
  const double c_times = r.variant.fill == Fill::L2 ? 2 : 1;
  return {busiest(a_times * a_bytes, pieces(r, r.herd.columns)),
          busiest(b_times * b_bytes, pieces(r, r.herd.rows)), busiest(c_bytes, c_pieces(r)),
          a_times * a_bytes * burst_factor(r, a_run, Operand::A) +
              b_times * b_bytes * burst_factor(r, b_run, Operand::B) +
              c_times * c_bytes * burst_factor(r, c_run, Operand::C)};
}

/// Tasks of each stream of an operand: what does not fit a descriptor and its repetition is a task
/// of its own.
double tasks(const Run& r, Operand operand) {
  const int64_t slices = r.padded.k / r.tiles.l2.k;
  if (operand != Operand::C && r.copies_of_slices() > 1)
    return static_cast<double>(r.launches_m * r.launches_n * slices);
  if (operand == Operand::A) {
    const bool fits = slices == 1 || !column_major(r.p, operand);
    return static_cast<double>(r.launches_m) *
           (fits ? ceil_div(r.launches_n, arch::kMaxRepeat) : static_cast<double>(r.launches_n));
  }
  if (operand == Operand::B) {
    const bool fits = r.launches_n == 1 || r.padded.k <= 1023;
    return fits ? ceil_div(r.launches_m, arch::kMaxRepeat)
                : static_cast<double>(r.launches_m) * ceil_div(r.launches_n, 64);
  }
  return ceil_div(r.launches_m, 64);
}

struct Host {
  double inputs;  ///< cycles until the first task of every input has been started
  double all;     ///< cycles of all commands; tasks of A are among the last
  double panels;  ///< tasks of a stream of A
};

Host host(const Run& r) {
  const auto& c = r.t.controller;
  const double task = c.block_write.value + kCommandWords * c.block_write_word.value +
                      c.address_patch.value + c.write.value + c.queue_push.value;
  const auto streams = [&](int64_t count) {
    return static_cast<double>(std::min<int64_t>(count, r.columns));
  };
  const double a = streams(r.herd.columns);
  const double b = streams(r.herd.rows);
  const double out = streams(r.herd.columns > 1 ? r.herd.columns : r.herd.rows);
  const double fill = r.variant.fill == Fill::L2 ? out : 0;
  const double a_tasks = static_cast<double>(r.p.batch) * tasks(r, Operand::A);
  const double count =
      a * a_tasks + static_cast<double>(r.p.batch) *
                        (b * tasks(r, Operand::B) + (out + fill) * tasks(r, Operand::C));
  return {(a + b + fill) * task, count * task, a_tasks};
}

/// Cycles that streams to and from a core take.
struct Inside {
  double step;   ///< for a step of K
  double down;   ///< for sums on their way to all cores of a row, beside B; 0: they do not
  double leave;  ///< for a core's C
};

Inside inside(const Run& r) {
  const double stream = r.t.stream.words_per_cycle.value;
  // Without broadcast a stream serves the cores that share a slice one after another. Slices of
  // their own lie in the memory tile of their row of cores.
  const double a_turns = r.variant.broadcast       ? 1
                         : r.variant.shared_slices ? r.herd.rows
                                                   : r.herd.columns;
  const double b_turns = r.variant.broadcast ? 1 : r.herd.columns;
  const double leave = c_tile_words(r) / stream;
  return {std::max(a_turns * a_step_words(r), b_turns * b_step_words(r)) / stream,
          r.variant.fill == Fill::L2 ? r.herd.columns * leave : 0, leave};
}

}  // namespace

Prediction predict(const Problem& problem, const arch::Partition& partition,
                   const arch::Timing& timing, const Options& options, const Tiles& tiles) {
  const Run r(problem, partition, timing, options, tiles);
  const auto steps = static_cast<double>(r.steps);
  const auto copies = static_cast<double>(r.copies);
  const double stream = timing.stream.words_per_cycle.value;
  const double step = step_cycles(r);
  const double tile = tile_cycles(r);
  const auto [load, down, leave] = inside(r);
  const Outside out = outside(r);
  const Host commands = host(r);
  const double shim_in = out.a_words + out.b_words + (down > 0 ? out.c_words : 0);

  Prediction result;
  Bounds& b = result.bounds;
  b.compute = r.launches() * (steps * step + tile);
  b.l2_l1 = r.launches() * (steps * load + copies * down);
  b.l1_l2 = r.launches() * copies * leave;
  b.l3 = std::max({out.a_words / stream, out.b_words / stream, out.c_words / stream,
                   4 * shim_in / timing.shim.bytes_per_cycle.value,
                   4 * out.c_words / timing.shim.bytes_per_cycle.value,
                   out.ddr_bytes / timing.ddr.bytes_per_cycle.value});
  b.host = commands.all;

  // A core waits for its C to leave before it begins the next tile, unless C is narrowed into a
  // buffer of its own; and for sums that come down.
  const double wait = has_accumulator(problem) ? 0 : copies * (leave + down);
  const double in_cores = r.launches() * (steps * std::max(step, load) + tile + wait);
  const auto slices = static_cast<double>(tiles.l2.k / tiles.core.k);
  const double first =
      timing.shim.mm2s_cold.value + slices * load + load;  // L3 to L2, and the first step to L1
  // L2 has C once: a tile comes in when the one before has left, and where L2 is filled not before
  // L3 has filled it.
  const double drain = out.c_words / r.launches() / stream;
  const double fill = down > 0 ? drain : 0;
  const double in_l2 = r.launches() * (leave + drain + fill);
  const double last =
      leave + drain + timing.shim.s2mm_completion.value + timing.controller.sync.value;
  const double busy = std::max({in_cores, in_l2 - drain, b.l3, b.l2_l1});
  // What the last task of A brings is to be done when the host has started it.
  const double begun = first + fill;
  const double late = commands.panels > 1 ? begun + busy / commands.panels : 0;
  result.cycles = std::max(commands.inputs + begun + busy, commands.all + late) + last;
  result.staged = staged_bytes(problem, tiles, r.pads);
  return result;
}

}  // namespace npu::compiler::matmul
