// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computes what the plan expects and writes it, with what was decided, as notes of the Design.
//
//   after    note     split-l2 C: legacy by 2 (from 4 2) along m, blocks written 4
//            note     never-read C: 64 192
//            note     bytes: l3_l2=3932160 l2_l1_sent=3932160 ... l2_l3=1310720
//            ...
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/kernels/generate.h"
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

namespace {

/// Bytes that a stream moves between L3 and L2 in a launch.
uint64_t bytes_a_launch(const Schedule& s, const Stream& stream) {
  const bool in = stream.hop == Hop::L3ToL2;
  uint64_t bytes = 0;
  for (const Stream::Use& use : stream.uses) {
    const L2Buffer& buffer = s.l2[use.buffer];
    const Access& access = (in ? buffer.writers : buffer.readers)[use.access];
    const Region there = s.clipped(stream.operand, access.tile);
    bytes += static_cast<uint64_t>(there.rows * there.cols) * arch::bytes_of(buffer.type);
  }
  if (!in || stream.operand == Operand::C)
    return bytes;
  const int64_t again = s.variant->l3_copy == Level::InnerK ? s.inner_steps() : 1;
  return bytes * static_cast<uint64_t>(s.outer_steps() * again);
}

PlanReport expect(const Schedule& s) {
  const Problem& p = s.problem;
  const auto bytes = [](int64_t rows, int64_t cols, Type type) {
    return static_cast<uint64_t>(rows * cols) * arch::bytes_of(type);
  };
  const Shape& all = s.padded;
  const uint64_t a = bytes(p.batch * all.m, all.k, p.a);
  const uint64_t b = bytes(p.batch * all.k, all.n, p.b);
  const auto launches = static_cast<uint64_t>(s.launches());
  PlanReport r{.macs = static_cast<uint64_t>(p.batch * p.m * p.k * p.n)};
  for (const Stream& stream : s.streams)
    if (stream.hop == Hop::L3ToL2)
      r.l3_l2 += bytes_a_launch(s, stream) * launches;
    else if (stream.hop == Hop::L2ToL3)
      r.l2_l3 += bytes_a_launch(s, stream) * launches;
  const uint64_t shared =
      a * static_cast<uint64_t>(s.launches_n()) + b * static_cast<uint64_t>(s.launches_m());
  r.l2_l1_received = a * static_cast<uint64_t>(all.n / s.tiles.core.n) +
                     b * static_cast<uint64_t>(all.m / s.tiles.core.m);
  const uint64_t c = bytes(p.batch * all.m, all.n, p.c);
  const auto copies = static_cast<uint64_t>(s.outer_steps() * s.inner_steps() / s.steps_a_copy());
  r.l2_l1_sent = s.variant->broadcast ? shared : r.l2_l1_received;
  if (s.filled_in_l2()) {
    r.l2_l1_sent += c * copies;
    r.l2_l1_received += c * copies;
  }
  r.l1_l2 = c * copies;
  r.staged = staged_bytes(p, s.tiles, s.pads);
  const uint64_t tile =
      (s.work.zero ? s.timing.kernel_cycles(*s.work.zero) : 0) +
      (s.work.cast ? s.timing.kernel_cycles(*s.work.cast) : 0) +
      (s.work.scale ? s.timing.kernel_cycles(*s.work.scale) : 0) +
      (s.work.relu ? s.timing.kernel_cycles(*s.work.relu) : 0) +
      static_cast<uint64_t>(all.k / s.tiles.core.k) * kernel_cycles(s.timing, s.work.matmul);
  r.compute_cycles = launches * tile;
  return r;
}

std::string cores_text(const Schedule& s, const std::vector<Access>& side) {
  std::string text;
  for (const Access& access : side)
    for (const int core : access.cores)
      text += fmt::format(" {}", arch::to_string(s.place->cores[core].tile));
  return text.empty() ? " none" : text;
}

}  // namespace

void report(Schedule& s) {
  s.report = expect(s);
  const Tiles& t = s.tiles;
  const PlanReport& r = s.report;
  std::vector<std::string>& notes = s.design.notes;
  const auto note = [&notes]<typename... Args>(fmt::format_string<Args...> text, Args&&... args) {
    notes.push_back(fmt::format(text, std::forward<Args>(args)...));
  };
  note("problem: {}", to_string(s.problem));
  note("strategy: {}", s.strategy->name);
  note("schedule: {}", s.variant->name);
  note("tiles: l2 {}x{}x{} core {}x{}x{} (m n k)", t.l2.m, t.l2.n, t.l2.k, t.core.m, t.core.n,
       t.core.k);
  note("herd: {}", to_string(s.place->herd));
  note("launches: {}x{}", s.problem.batch * s.launches_m(), s.launches_n());
  note("k-steps: {}x{}", s.outer_steps(), s.inner_steps());
  for (const Split& split : s.splits) {
    note("split-l2 {}: {} by {} (from {}) along {}, blocks written {}", to_char(split.operand),
         s.options.split_l2 == SplitL2::Legacy ? "legacy" : "fixed", split.factor,
         split.factors.empty() ? "1" : fmt::format("{}", fmt::join(split.factors, " ")),
         split.operand == Operand::B || !split.along_rows ? "n" : "m", split.written_blocks);
    if (!split.orphans.empty())
      note("never-read {}: {}", to_char(split.operand), fmt::join(split.orphans, " "));
  }
  for (const L2Buffer& buffer : s.l2)
    if (buffer.operand == Operand::C)
      note("piece {}: {}x{} {} in memtile({},1), writers{}, readers {}", buffer.name, buffer.rows,
           buffer.cols, arch::to_string(buffer.type), buffer.column, cores_text(s, buffer.writers),
           buffer.readers.empty() ? "none" : "L3");
  for (const Argument& argument : s.design.arguments)
    if (argument.staging)
      note("staging {}: {}x{} in {}x{}", argument.name, argument.staging->lines,
           argument.staging->length, argument.staging->staged_lines,
           argument.staging->staged_length);
  note("macs: {}", r.macs);
  note("bytes: l3_l2={} l2_l1_sent={} l2_l1_received={} l1_l2={} l2_l3={}", r.l3_l2, r.l2_l1_sent,
       r.l2_l1_received, r.l1_l2, r.l2_l3);
  if (r.staged > 0)
    note("staged-bytes: {}", r.staged);
  note("compute-cycles: {}", r.compute_cycles);
}

}  // namespace npu::compiler::matmul
