// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw-model/arch/program.h"
#include "tests/e2e/differential/generator.h"

namespace npu::differential {

namespace {

using compiler::Design;

std::string text(const Design& d, const compiler::Descriptor& bd) {
  std::string out =
      fmt::format("bd{} {}+{} words {}", bd.id.value_or(-1),
                  d.buffers[static_cast<size_t>(bd.buffer)].name, bd.offset, bd.length);
  for (const auto& dim : bd.dims)
    out += fmt::format(" {}x{}", dim.size, dim.step);
  for (const auto& pad : bd.pads)
    out += fmt::format(" pad {}/{}", pad.before, pad.after);
  const auto lock = [&](const compiler::LockUse& use) {
    return fmt::format("{} {}", d.locks[static_cast<size_t>(use.lock)].name, use.value);
  };
  if (bd.acquire)
    out += " acquire " + lock(*bd.acquire);
  if (bd.release)
    out += " release " + lock(*bd.release);
  if (bd.packet)
    out += fmt::format(" packet {}", bd.packet->id);
  if (bd.out_of_order_id)
    out += fmt::format(" ooo {}", *bd.out_of_order_id);
  if (bd.iteration_step)
    out += fmt::format(" iteration {}x{}", bd.iteration_size, bd.iteration_step);
  if (bd.suppress_tlast)
    out += " no-tlast";
  if (bd.next)
    out += fmt::format(" next #{}", *bd.next);
  return out;
}

std::string channel_name(const compiler::Channel& c) {
  return fmt::format("{}.{}{}", arch::to_string(c.tile),
                     c.direction == arch::Direction::S2mm ? "s2mm" : "mm2s", c.index.value_or(-1));
}

std::string end(const Design& d, const compiler::Endpoint& e) {
  if (e.design_channel)
    return channel_name(d.channels[static_cast<size_t>(*e.design_channel)]);
  if (e.shim_channel) {
    const auto& s = d.shim_channels[static_cast<size_t>(*e.shim_channel)];
    return fmt::format("shim({},0).{}{}", s.col,
                       s.direction == arch::Direction::S2mm ? "s2mm" : "mm2s", *s.index);
  }
  return fmt::format("{}.{}{}", arch::to_string(e.tile), arch::to_string(e.bundle), *e.channel);
}

std::string channels(const Design& d) {
  std::string out;
  for (const auto& c : d.channels) {
    out += fmt::format("  {}{}{}", channel_name(c), c.out_of_order ? " out-of-order" : "",
                       c.finish_on_tlast ? fmt::format(" finish {}", c.finish_on_tlast) : "");
    for (const auto& t : c.tasks)
      out += fmt::format(" task #{} x{}", t.first, t.repeat);
    out += '\n';
    for (size_t i = 0; i < c.descriptors.size(); ++i)
      out += fmt::format("    #{} {}\n", i, text(d, c.descriptors[i]));
  }
  return out;
}

std::string streams(const Design& d) {
  std::string out;
  for (const auto& f : d.flows) {
    out += "  " + end(d, f.source) + " ->";
    for (const auto& e : f.destinations)
      out += " " + end(d, e);
    if (f.packet_id)
      out += fmt::format(" packet {}{}", *f.packet_id, f.keep_packet_header ? " keep" : "");
    out += '\n';
  }
  return out;
}

std::string host(const Case& c) {
  const Design& d = c.lowered.design;
  std::string out;
  for (const auto& op : d.sequence) {
    if (const auto* t = std::get_if<compiler::Transfer>(&op)) {
      const auto& s = d.shim_channels[static_cast<size_t>(t->shim_channel)];
      out += fmt::format("  transfer {} shim({},0).{}{} words {} repeat {}", t->id, s.col,
                         s.direction == arch::Direction::S2mm ? "s2mm" : "mm2s", *s.index,
                         t->length, t->repeat);
      for (const auto& dim : t->dims)
        out += fmt::format(" {}x{}", dim.size, dim.step);
      out += '\n';
    } else if (const auto* a = std::get_if<compiler::Await>(&op)) {
      out += fmt::format("  await {}\n", a->id);
    }
  }
  for (const auto& command : c.sequence)
    if (std::holds_alternative<arch::MaskPoll>(command) ||
        std::holds_alternative<arch::Write>(command))
      out += "  " + arch::to_string(command) + '\n';
  return out;
}

}  // namespace

std::string describe(const Case& c) {
  const Design& d = c.lowered.design;
  std::string out = fmt::format(
      "seed {} on {} x{}: {}\nwords a cycle {}, ports circuit {} {} {} packet {} {} {}\n", c.seed,
      d.partition.device->name, d.partition.columns, fmt::join(c.parts, ", "),
      c.timing.stream.words_per_cycle.value, c.timing.stream.circuit.core.value,
      c.timing.stream.circuit.memtile.value, c.timing.stream.circuit.shim.value,
      c.timing.stream.packet.core.value, c.timing.stream.packet.memtile.value,
      c.timing.stream.packet.shim.value);
  for (const auto& l : d.locks)
    out += fmt::format("  {} = {}.lock{} starts at {}\n", l.name, arch::to_string(l.tile),
                       l.id.value_or(-1), l.initial);
  out += channels(d) + streams(d);
  for (const auto& core : d.cores)
    out += fmt::format("  {}\n{}", arch::to_string(core.tile), arch::print(core.program));
  out += host(c);
  if (c.again)
    out += "  the sequence again\n";
  for (const auto& command : c.restart)
    out += "  then " + arch::to_string(command) + '\n';
  return out;
}

}  // namespace npu::differential
