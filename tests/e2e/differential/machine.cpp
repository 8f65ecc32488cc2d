// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/machine.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "hw-model/arch/dma.h"
#include "hw-model/observe/order.h"
#include "tests/e2e/differential/random.h"

namespace npu::differential {

using arch::Coord;
using arch::RegisterId;
using arch::TileKind;

namespace {

constexpr arch::Cycle kLimit = 20'000'000;
constexpr int kShown = 6;              // differences of a kind
constexpr uint32_t kWordsBehind = 40;  // of memory behind the last buffer, which nothing may touch

/// Counts what a run did, and wants every event there is.
class Tally : public observe::Observer {
 public:
  void on(const observe::Event& event) override {
    if (const auto* d = std::get_if<observe::DescriptorChanged>(&event.payload))
      descriptors += d->finished;
    if (const auto* w = std::get_if<observe::WordsMoved>(&event.payload))
      words += w->words;
  }
  bool wants_memory() const override { return true; }
  uint64_t descriptors = 0;
  uint64_t words = 0;
};

class Reader {
 public:
  Reader(const Case& c, sim::Simulation& simulation, Outcome& outcome)
      : design_(c.lowered.design), simulation_(simulation), outcome_(outcome) {}

  void read() {
    for (const compiler::Buffer& buffer : design_.buffers) {
      uint32_t& end = ends_[buffer.tile];
      end = std::max(end, *buffer.address / 4 + static_cast<uint32_t>(buffer.bytes() / 4));
    }
    for (int col = 0; col < design_.partition.columns; ++col)
      for (int row = 0; row < arch::kRows; ++row)
        tile({static_cast<uint8_t>(col), static_cast<uint8_t>(row)});
  }

 private:
  void tile(Coord at) {
    const arch::TileFacts& facts = arch::facts(at.kind());
    const uint32_t memory =
        std::min(facts.memory_bytes / 4, ends_[at] > 0 ? ends_[at] + kWordsBehind : 0);
    for (uint32_t i = 0; i < memory; ++i)
      keep(outcome_.memory, at, 4 * i);
    for (int i = 0; i < facts.locks; ++i)
      keep(outcome_.locks, at, arch::register_offset(at.kind(), RegisterId::LockValue, i));
    for (int i = 0; i < facts.descriptors; ++i)
      for (int word = 0; word < arch::bd_words(at.kind()); ++word)
        keep(outcome_.registers, at,
             arch::bd_offset(at.kind(), i) + 4 * static_cast<uint32_t>(word));
    for (int i = 0; i < facts.s2mm_channels; ++i)
      receiver(at, i);
    for (int i = 0; i < facts.mm2s_channels; ++i)
      keep(outcome_.registers, at, arch::channel_register(at.kind(), RegisterId::Mm2sStatus, i));
    if (at.kind() == TileKind::Core)
      keep(outcome_.registers, at, arch::register_offset(TileKind::Core, RegisterId::CoreStatus));
  }

  void receiver(Coord at, int channel) {
    for (const RegisterId id : {RegisterId::S2mmStatus, RegisterId::S2mmWriteCount})
      keep(outcome_.registers, at, arch::channel_register(at.kind(), id, channel));
    outcome_.cut_short = outcome_.cut_short || outcome_.registers.back().second > 0;
    // Reading the count pops it: all counts make one sum that depends on their order.
    const uint32_t offset = arch::channel_register(at.kind(), RegisterId::S2mmFotCount, channel);
    uint32_t sum = 0;
    while (const uint32_t count = simulation_.read(arch::address_of(at, offset)))
      sum = sum * 31 + count;
    outcome_.registers.emplace_back(arch::address_of(at, offset), sum);
  }

  void keep(Words& where, Coord at, uint32_t offset) {
    const uint32_t address = arch::address_of(at, offset);
    where.emplace_back(address, simulation_.read(address));
  }

  const compiler::Design& design_;
  sim::Simulation& simulation_;
  Outcome& outcome_;
  std::map<Coord, uint32_t> ends_;
};

std::vector<std::vector<uint32_t>> host_buffers(const Case& c) {
  Random r(c.seed ^ 0xA5A5);
  std::vector<std::vector<uint32_t>> buffers;
  for (const compiler::Argument& argument : c.lowered.design.arguments) {
    buffers.emplace_back(argument.bytes() / 4);
    for (uint32_t& word : buffers.back())
      word = static_cast<uint32_t>(r.next());
  }
  return buffers;
}

/// A wait that nothing ends.
arch::Commands forever() {
  return {arch::MaskPoll{
      arch::address_of({0, 1},
                       arch::channel_register(TileKind::Memtile, RegisterId::Mm2sStatus, 0)),
      0, 1}};
}

void compare(const Case& c, std::string_view what, const Words& a, const Words& b,
             std::string& out) {
  int shown = 0;
  const auto generation = c.lowered.design.partition.device->generation;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto& [address, value] = a[i];
    if (b[i].second == value)
      continue;
    if (++shown <= kShown)
      out += fmt::format("{} {}: {:#010x} and {:#010x}\n", what,
                         arch::describe_address(generation, address), value, b[i].second);
  }
  if (shown > kShown)
    out += fmt::format("{}: {} differ\n", what, shown);
}

std::string_view name(sim::End end) {
  constexpr std::string_view kNames[] = {"finished", "hang", "limit", "interrupted"};
  return kNames[static_cast<size_t>(end)];
}

}  // namespace

Outcome run(const Case& c, const RunOptions& options) {
  sim::Options o{.fidelity = options.fidelity,
                 .timing_only = options.timing_only,
                 .limit_cycles = kLimit,
                 .schedule_seed = options.schedule_seed,
                 .progress = {}};
  sim::Simulation simulation(c.lowered.design.partition, c.timing, o);
  observe::OrderChecker order;
  Tally tally;
  if (options.observed) {
    simulation.hub().attach(order);
    simulation.hub().attach(tally);
  }
  simulation.configure(c.lowered.configuration);
  Outcome outcome;
  outcome.host = host_buffers(c);
  std::vector<sim::HostBuffer> arguments;
  for (auto& buffer : outcome.host)
    arguments.push_back({reinterpret_cast<std::byte*>(buffer.data()), buffer.size() * 4});
  outcome.result = simulation.run(c.sequence, arguments);
  const arch::Commands rest = forever();
  const auto settle = [&] { outcome.after.push_back(simulation.run(rest, arguments)); };
  settle();
  if (c.again) {
    outcome.after.push_back(simulation.run(c.sequence, arguments));
    settle();
  }
  if (!c.restart.empty()) {
    simulation.configure(c.restart);
    settle();
  }
  Reader(c, simulation, outcome).read();
  outcome.order_dependent = order.order_dependent();
  if (outcome.order_dependent)
    outcome.race = order.findings().front().text();
  outcome.descriptors = tally.descriptors;
  outcome.words = tally.words;
  return outcome;
}

int64_t cycles_allowed(const Case& c, const Outcome& outcome) {
  constexpr int64_t kAlways = 4;
  double service = 0;
  if (c.lowered.design.shim_channels.size() > 1)
    for (const compiler::HostOp& op : c.lowered.design.sequence)
      if (const auto* transfer = std::get_if<compiler::Transfer>(&op)) {
        // A walk that is not linear may cost a burst a word.
        const double burst = c.timing.ddr.burst_bytes.value;
        const double unit = transfer->dims.empty() ? 4.0 : burst;
        const double bytes = unit * static_cast<double>(transfer->length) + burst;
        service = std::max(service, bytes / std::min(c.timing.shim.bytes_per_cycle.value,
                                                     c.timing.ddr.bytes_per_cycle.value));
      }
  return kAlways + static_cast<int64_t>(outcome.descriptors) + static_cast<int64_t>(service);
}

std::string control_differences(const Case& c, const Outcome& a, const Outcome& b) {
  std::string out;
  if (a.result.end != b.result.end)
    out += fmt::format("verdict: {} and {}\n", name(a.result.end), name(b.result.end));
  for (size_t i = 0; i < a.after.size(); ++i)
    if (a.after[i].end != b.after[i].end)
      out +=
          fmt::format("verdict {}: {} and {}\n", i + 2, name(a.after[i].end), name(b.after[i].end));
  if (a.result.commands_done != b.result.commands_done)
    out += fmt::format("commands: {} and {}\n", a.result.commands_done, b.result.commands_done);
  compare(c, "lock", a.locks, b.locks, out);
  compare(c, "register", a.registers, b.registers, out);
  return out;
}

std::string differences(const Case& c, const Outcome& a, const Outcome& b) {
  std::string out = control_differences(c, a, b);
  compare(c, "memory", a.memory, b.memory, out);
  for (size_t i = 0; i < a.host.size(); ++i) {
    const auto at = std::mismatch(a.host[i].begin(), a.host[i].end(), b.host[i].begin());
    if (at.first != a.host[i].end())
      out += fmt::format("argument {} word {}: {:#010x} and {:#010x}\n", i,
                         at.first - a.host[i].begin(), *at.first, *at.second);
  }
  return out;
}

}  // namespace npu::differential
