// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "hw-model/sim/context.h"

namespace npu::sim {

/// A shared resource that serves bytes in order of request at a fixed rate: the DDR controller, the
/// port of a shim.
class Server {
 public:
  explicit Server(double rate) : bytes_per_cycle(rate), cycles_per_byte_(1.0 / rate) {}

  /// Reserves service of `bytes` from `now` on; the cycle (with fraction) at which it is done.
  double reserve(double now, double bytes) {
    free_at_ = std::max(free_at_, now) + bytes * cycles_per_byte_;
    return free_at_;
  }

  double bytes_per_cycle;
  double wanted = 0;  ///< bytes a cycle, by all that are at work

 private:
  double cycles_per_byte_;
  double free_at_ = 0;
};

/// Bandwidth of DDR, shared by all columns, and of each shim's master port, per direction.
class Ddr {
 public:
  /// `memory`: shared with other partitions; null: none but this one uses it.
  Ddr(Context& context, std::shared_ptr<Server> memory)
      : context_(context), memory_(std::move(memory)) {
    if (!memory_)
      memory_ = std::make_shared<Server>(context.timing.ddr.bytes_per_cycle.value);
    ports_.assign(static_cast<size_t>(context.partition.columns) * 2,
                  Server(context.timing.shim.bytes_per_cycle.value));
  }

  /// Serves `words` in contiguous runs of `run` words for a shim channel, of which the first could
  /// pass at `from`; the cycle at which the last has passed.
  Cycle serve(const observe::Agent& channel, uint64_t words, uint64_t run, Cycle from) {
    const uint64_t bytes = words * 4;
    const auto first = static_cast<double>(from);
    const bool reads = channel.kind == observe::AgentKind::Mm2s;
    Server& port = ports_[channel.tile.col * 2u + (reads ? 0 : 1)];
    double done = memory_->reserve(first, static_cast<double>(bytes) * cost(run));
    if (narrow_port())
      done = std::max(done, port.reserve(first, static_cast<double>(bytes)));
    const Cycle cycle = std::max(context_.now(), static_cast<Cycle>(done + 0.999));
    context_.emit(observe::DdrUsed{channel, static_cast<uint32_t>(bytes), cycle});
    return cycle;
  }

  /// What a channel wants of memory from now on, in runs of so many words; none: it is not at work.
  /// `before` is what it wanted.
  void want(double& before, std::optional<uint64_t> run) {
    const double now = run ? pace() * cost(*run) : 0;
    memory_->wanted += now - before;
    before = now;
  }

  /// Words of a read that are served at a time: all, or, where more is wanted than memory gives, so
  /// many that channels come forward side by side. Silicon takes turns by bursts; a few KiB cost
  /// fewer events, and end as evenly.
  uint64_t piece(uint64_t words) const {
    constexpr uint64_t kPiece = 1024;
    const bool enough = memory_->wanted <= memory_->bytes_per_cycle && !narrow_port();
    return enough ? words : std::min(words, kPiece);
  }

 private:
  /// Bytes a cycle of a stream.
  double pace() const { return 4 * context_.timing.stream.words_per_cycle.value; }
  /// Whether a shim's port is too narrow for its two channels in a direction.
  bool narrow_port() const { return context_.timing.shim.bytes_per_cycle.value < 2 * pace(); }
  /// Bytes that memory moves for one that is wanted, in runs of so many words: whole bursts.
  double cost(uint64_t run) const {
    const uint64_t burst = context_.timing.ddr.burst_bytes.cycles();
    const uint64_t bytes = std::max<uint64_t>(run, 1) * 4;
    return static_cast<double>((bytes + burst - 1) / burst * burst) / static_cast<double>(bytes);
  }

  Context& context_;
  std::shared_ptr<Server> memory_;
  std::vector<Server> ports_;
};

}  // namespace npu::sim
