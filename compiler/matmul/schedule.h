// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/design/design.h"
#include "compiler/matmul/padding.h"
#include "compiler/matmul/problem.h"
#include "compiler/matmul/strategy.h"
#include "compiler/matmul/variant.h"
#include "hw-model/arch/kernel.h"
#include "hw-model/arch/timing.h"

namespace npu::compiler::matmul {

/// A core of the herd: its place in it (x along M, y along N) and on the device.
struct HerdCore {
  int x = 0;
  int y = 0;
  Coord tile;
};

/// The herd on the device.
struct Placement {
  Herd herd;        ///< as the tiles give it
  int columns = 0;  ///< of the device
  int rows = 0;
  std::vector<HerdCore> cores;  ///< x outer, y inner
};

/// A rectangle of a matrix, in elements: rows and columns as in the formula, whatever the order in
/// memory.
struct Region {
  int64_t row = 0;
  int64_t col = 0;
  int64_t rows = 0;
  int64_t cols = 0;
  bool operator==(const Region&) const = default;
};

/// A loop over the cores around an access: the region moves with x along the rows and with y along
/// the columns.
struct HerdLoop {
  int x = 1;
  int y = 1;
  int64_t row_step = 0;
  int64_t col_step = 0;
};

/// A transfer into or out of an L2 buffer.
struct Access {
  Region region;                 ///< in the buffer
  Region tile;                   ///< in the L2 tile of the operand; what L3 holds there
  std::vector<int> cores;        ///< the other side, indices into Placement::cores; empty: L3
  std::optional<HerdLoop> loop;  ///< one access a core, not yet unrolled
};

/// Writer and reader values of a lock pair.
struct Credits {
  int writer = 1;
  int reader = 1;
  bool operator==(const Credits&) const = default;
};
/// The pair of a buffer with so many writers and readers (mlir-air's rule).
Credits credits(int writers, int readers);

struct L2Buffer {
  Operand operand = Operand::A;
  std::string name;
  Type type = Type::I32;
  int64_t rows = 0;
  int64_t cols = 0;
  int depth = 1;
  std::vector<Access> writers;
  std::vector<Access> readers;
  int column = -1;  ///< of its memtile; -1: not placed
};

struct L1Buffer {
  std::string name;
  Type type = Type::I32;
  std::vector<int64_t> shape;  ///< packed shapes have four dimensions
  int depth = 1;

  int64_t elements() const;
};

/// What a core does with its tile, and at which level of the loop nest.
struct CoreWork {
  bool filled = false;          ///< it is known where the zeros of C come from
  bool peeled = false;          ///< the first step of K stands before the others
  Level l3_copy = Level::None;  ///< A and B from L3
  Level c_copy = Level::None;   ///< C out of L1
  arch::KernelSpec matmul;
  std::optional<arch::KernelSpec> zero;
  std::optional<arch::KernelSpec> cast;
  std::optional<arch::KernelSpec> scale;  ///< of sums that are not narrowed
  std::optional<arch::KernelSpec> relu;
  bool packed = false;
};

/// How one L2 buffer was cut.
struct Split {
  Operand operand = Operand::A;
  int64_t factor = 1;
  std::vector<int64_t> factors;  ///< what it was computed from
  bool along_rows = true;
  int written_blocks = 0;        ///< distinct offsets of the writers
  std::vector<int64_t> orphans;  ///< offsets written and never read
};

enum class Hop : uint8_t { L3ToL2, L2ToL1, L1ToL2, L2ToL3 };
std::string_view to_string(Hop hop);

/// A stream between DMA channels. On the L2 side it serves its buffers in order, again and again:
/// as a circuit to all destinations, or as packets, each on its way.
struct Stream {
  Hop hop = Hop::L3ToL2;
  Operand operand = Operand::A;
  std::string name;
  Coord source;
  std::vector<Coord> destinations;
  struct Use {
    int buffer = 0;  ///< index into Schedule::l2
    int access = 0;  ///< index into its writers or readers
    int way = 0;     ///< index into `ways`
    int turn = 0;    ///< of a K slice: which one, of those that one round serves
  };
  struct Way {
    std::vector<Coord> destinations;
    int packet = 0;
  };
  std::vector<Use> uses;
  std::vector<Way> ways = {};  ///< empty: a circuit
  bool partial = false;        ///< of sums that are not complete
};

/// What the plan says of itself, for reports and diagnosis.
struct PlanReport {
  uint64_t macs = 0;
  uint64_t l3_l2 = 0;  ///< bytes, as the following
  uint64_t l2_l1_sent = 0;
  uint64_t l2_l1_received = 0;
  uint64_t l1_l2 = 0;
  uint64_t l2_l3 = 0;
  uint64_t staged = 0;          ///< read and written by the host's copies
  uint64_t compute_cycles = 0;  ///< of the busiest core, in its kernels
};

/// The matmul on its way to a Design. Each pass fills in its own part.
struct Schedule {
  Problem problem;
  Options options;
  arch::Partition partition;
  arch::Timing timing;

  const Strategy* strategy = nullptr;
  const Variant* variant = nullptr;
  Tiles tiles;
  Shape padded;               ///< sizes of the problem, up to whole L2 tiles
  std::array<Pad, 3> pads{};  ///< of A, B and C
  std::optional<Placement> place;
  std::vector<L2Buffer> l2;
  std::vector<L1Buffer> l1;
  CoreWork work;
  std::vector<Split> splits;
  std::vector<Stream> streams;
  std::vector<std::string> cuts;  ///< of transfers that a descriptor cannot hold, and why
  PlanReport report;
  Design design;

  int64_t launches_m() const { return padded.m / tiles.l2.m; }
  int64_t launches_n() const { return padded.n / tiles.l2.n; }
  int64_t launches() const { return problem.batch * launches_m() * launches_n(); }
  int64_t outer_steps() const { return padded.k / tiles.l2.k; }
  int64_t inner_steps() const { return tiles.l2.k / tiles.core.k; }
  /// Steps of K between two copies of C.
  int64_t steps_a_copy() const;
  /// Whether sums begin with what L2 holds, and so come down to the cores.
  bool filled_in_l2() const { return variant->fill == Fill::L2; }
  /// Whether the steps of a slice leave L2 one by one: something else passes between them, a sum of
  /// C or the step of another core.
  bool steps_alone(Operand operand) const {
    const bool with_sums = operand == Operand::B && variant->c_copy == Level::InnerK;
    return variant->l3_copy == Level::OuterK && (with_sums || !variant->broadcast);
  }
  Type type_of(Operand operand) const { return matmul::type_of(problem, operand); }
  Pad pad_of(Operand operand) const { return pads[static_cast<size_t>(operand)]; }
  bool column_major(Operand operand) const { return matmul::column_major(problem, operand); }
  /// Sizes of the problem that an operand has in host memory: whole tiles when it is staged.
  Shape stored(Operand operand) const;
  /// The part of a region of an L2 tile that L3 has: less than the region at the margins.
  Region clipped(Operand operand, Region tile) const;
};

/// The schedule as text, one thing a line; parts that no pass has filled in yet are left out.
std::string print(const Schedule& schedule);

/// The rules that hold after every pass; throws Error with the rule and the thing that breaks it.
void verify(const Schedule& schedule);

}  // namespace npu::compiler::matmul
