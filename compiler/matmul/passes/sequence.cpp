// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the host sequence. Launches go row by row: a panel of A stays for a row of launches, B and
// C move on. Every stream to or from L3 becomes as few tasks as its descriptors allow; the tasks of
// all streams are started in the order in which launches need them, at most four outstanding a
// channel. A task that another one waits for, and every task of C, issues a token.
//
//   after    transfer 0 A0.in A offset=0 words=16384 [128x1 64x256 2x128] repeat=5
//            ...
//            await    10
#include <algorithm>
#include <array>

#include "compiler/matmul/legalise.h"
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

namespace {

/// An operand as it lies in host memory. Steps in words.
class Matrix {
 public:
  Matrix(const Schedule& s, Operand operand)
      : bytes_(arch::bytes_of(s.type_of(operand))),
        rows_(operand == Operand::B ? s.stored(operand).k : s.stored(operand).m),
        cols_(operand == Operand::A ? s.stored(operand).k : s.stored(operand).n),
        by_column_(s.column_major(operand)) {}

  int64_t down(int64_t rows) const { return by_column_ ? words(rows) : rows * words(cols_); }
  int64_t right(int64_t cols) const { return by_column_ ? cols * words(rows_) : words(cols); }
  int64_t all() const { return words(rows_ * cols_); }
  /// The loops over a region, in the order of memory.
  std::array<Loop, 2> walk(int64_t rows, int64_t cols) const {
    return by_column_ ? std::array<Loop, 2>{{{cols, right(1)}, {words(rows), 1}}}
                      : std::array<Loop, 2>{{{rows, down(1)}, {words(cols), 1}}};
  }

 private:
  int64_t words(int64_t elements) const { return elements * bytes_ / 4; }

  int64_t bytes_;
  int64_t rows_;
  int64_t cols_;
  bool by_column_;
};

/// A task of a stream; `index` of `count`, which all cover equal parts of the run.
struct Job {
  int shim_channel = 0;
  Operand operand = Operand::A;
  bool result = false;
  int64_t index = 0;
  int64_t count = 0;
  int first_id = 0;
  Task task;
};

const Access& access_of(const Schedule& s, const Stream& stream, size_t use) {
  const L2Buffer& buffer = s.l2[stream.uses[use].buffer];
  return (stream.hop == Hop::L3ToL2 ? buffer.writers : buffer.readers)[stream.uses[use].access];
}

/// All that a stream moves in a run, as loops around the words of one piece.
std::vector<Loop> loops_of(const Schedule& s, const Stream& stream, const Matrix& matrix) {
  const Tiles& t = s.tiles;
  const bool is_a = stream.operand == Operand::A;
  const bool is_b = stream.operand == Operand::B;
  const Region piece = s.clipped(stream.operand, access_of(s, stream, 0).tile);
  std::vector<Loop> loops{{s.problem.batch, matrix.all()},
                          {s.launches_m(), is_b ? 0 : matrix.down(t.l2.m)},
                          {s.launches_n(), is_a ? 0 : matrix.right(t.l2.n)}};
  if (is_a || is_b)
    loops.push_back({s.outer_steps(), is_a ? matrix.right(t.l2.k) : matrix.down(t.l2.k)});
  if ((is_a || is_b) && s.variant->l3_copy == Level::InnerK)
    loops.push_back({s.inner_steps(), 0});
  if (stream.uses.size() > 1) {
    const Region& next = access_of(s, stream, 1).tile;
    loops.push_back({static_cast<int64_t>(stream.uses.size()),
                     matrix.down(next.row - piece.row) + matrix.right(next.col - piece.col)});
  }
  int64_t cols = piece.cols;
  const auto writers = static_cast<int64_t>(s.l2[stream.uses[0].buffer].writers.size());
  if (stream.operand == Operand::C && s.options.l2_locks == L2Locks::PerWriter && writers > 1) {
    cols /= writers;
    loops.push_back({writers, matrix.right(cols)});
  }
  for (const Loop& loop : matrix.walk(piece.rows, cols))
    loops.push_back(loop);
  return loops;
}

std::vector<Job> jobs_of(Schedule& s) {
  std::vector<Job> jobs;
  int shim_channel = 0;
  int id = 0;
  for (const Stream& stream : s.streams) {
    if (stream.hop != Hop::L3ToL2 && stream.hop != Hop::L2ToL3)
      continue;
    const Matrix matrix(s, stream.operand);
    const Region& piece = access_of(s, stream, 0).tile;
    const int64_t base = matrix.down(piece.row) + matrix.right(piece.col);
    const std::vector<Task> tasks =
        legalise(loops_of(s, stream, matrix), s.options.wraps, stream.name, &s.cuts);
    for (size_t i = 0; i < tasks.size(); ++i) {
      jobs.push_back({shim_channel, stream.operand, stream.hop == Hop::L2ToL3,
                      static_cast<int64_t>(i), static_cast<int64_t>(tasks.size()), id, tasks[i]});
      jobs.back().task.offset += static_cast<uint64_t>(base);
    }
    ++shim_channel;
    id += static_cast<int>(tasks.size());
  }
  std::ranges::stable_sort(
      jobs, [](const Job& a, const Job& b) { return a.index * b.count < b.index * a.count; });
  return jobs;
}

/// Bits of 1.
uint32_t one_of(Type type) {
  return type == Type::Bf16 ? 0x3F80 : type == Type::F32 ? 0x3F800000 : 1;
}

Argument argument_of(const Schedule& s, Operand operand) {
  const auto lines_of = [&](const Shape& sizes) {
    const int64_t rows = operand == Operand::B ? sizes.k : sizes.m;
    const int64_t cols = operand == Operand::A ? sizes.k : sizes.n;
    return s.column_major(operand) ? std::pair(cols, rows) : std::pair(rows, cols);
  };
  const auto [lines, length] = lines_of({s.problem.m, s.problem.n, s.problem.k});
  const auto [stored_lines, stored_length] = lines_of(s.stored(operand));
  const Type type = s.type_of(operand);
  Argument argument{
      .name = std::string(1, to_char(operand)),
      .type = type,
      .elements = static_cast<uint64_t>(s.problem.batch * stored_lines * stored_length),
      .zeroed = operand == Operand::C && s.filled_in_l2()};
  if (s.pad_of(operand) == Pad::Host)
    argument.staging = Staging{.matrices = s.problem.batch,
                               .lines = lines,
                               .length = length,
                               .staged_lines = stored_lines,
                               .staged_length = stored_length,
                               .margin = margin_bits(operand, type)};
  if (s.problem.epilogue.bias && operand != Operand::C) {
    // A has ones behind its columns, B has the bias behind its rows.
    const bool behind_lines = (operand == Operand::A) != s.column_major(operand);
    argument.staging->extra = behind_lines ? Staging::Extra::Element : Staging::Extra::Line;
    argument.staging->extra_given = operand == Operand::B;
    argument.staging->extra_bits = operand == Operand::A ? one_of(type) : 0;
  }
  return argument;
}

Transfer transfer_of(const Job& job) {
  const bool awaited = job.result || job.index + arch::kTaskQueueDepth < job.count;
  return {.shim_channel = job.shim_channel,
          .argument = static_cast<int>(job.operand),
          .offset = 4 * job.task.offset,
          .length = job.task.length,
          .dims = job.task.dims,
          .repeat = job.task.repeat,
          .iteration_step = job.task.iteration_step,
          .token = awaited,
          .id = job.first_id + static_cast<int>(job.index)};
}

}  // namespace

void sequence(Schedule& s) {
  for (const Operand operand : {Operand::A, Operand::B, Operand::C})
    s.design.arguments.push_back(argument_of(s, operand));
  const std::vector<Job> jobs = jobs_of(s);
  for (const Job& job : jobs) {
    const Transfer transfer = transfer_of(job);
    if (job.index >= arch::kTaskQueueDepth)
      s.design.sequence.push_back(Await{transfer.id - arch::kTaskQueueDepth});
    s.design.sequence.push_back(transfer);
  }
  for (const Job& job : jobs)
    if (job.result && job.index + arch::kTaskQueueDepth >= job.count)
      s.design.sequence.push_back(Await{job.first_id + static_cast<int>(job.index)});
}

}  // namespace npu::compiler::matmul
