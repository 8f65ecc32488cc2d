// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/mistakes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw-model/diagnosis/wording.h"

namespace npu::diagnosis {

using observe::AgentKind;
using observe::ChannelState;

namespace {

struct Evidence {
  const Image& image;
  const arch::Names& names;
  const History& history;
  Wording say;
};
using Mistakes = std::vector<Mistake>;

/// Channels that have been given a task, each once.
std::vector<Agent> busy_channels(const Image& image) {
  std::set<Agent> channels;
  for (const Task& task : image.tasks())
    channels.insert(task.channel);
  return {channels.begin(), channels.end()};
}

std::string_view plural(uint64_t count) {
  return count == 1 ? "" : "s";
}

void left_by_an_earlier_run(const Evidence& e, Mistakes& out) {
  for (const History::Residue& r : e.history.residue()) {
    std::string what;
    if (r.moved > 0)
      what = fmt::format("with {} of {} bytes of a descriptor moved", r.moved * 4, r.wanted * 4);
    else if (r.port_words > 0)
      what = fmt::format("with {} bytes in its port", r.port_words * 4);
    else
      what = fmt::format("with {} task{} of the run before", r.queued, plural(r.queued));
    out.push_back(
        {fmt::format("{} begins the run {}: the array was not reset after a run that left "
                     "work undone",
                     e.say.agent(r.channel), what)});
  }
}

void dropped_tasks(const Evidence& e, Mistakes& out) {
  for (const Agent& channel : busy_channels(e.image)) {
    const History::Channel& c = e.history.channel(channel);
    if (c.tasks_dropped > 0)
      out.push_back({fmt::format(
          "task {} of {} was dropped{}: its queue holds {}", c.first_dropped, e.say.agent(channel),
          c.tasks_dropped > 1 ? fmt::format(", and {} after it", c.tasks_dropped - 1) : "",
          e.image.queue_depth())});
  }
}

void descriptors_rewritten(const Evidence& e, Mistakes& out) {
  std::set<std::pair<Agent, uint64_t>> told;
  for (const observe::Event& event : e.history.faults()) {
    const auto& fault = std::get<observe::Fault>(event.payload);
    if (fault.kind == observe::FaultKind::BdInUse && told.insert({fault.agent, fault.value}).second)
      out.push_back(
          {fmt::format("descriptor {} of {} was rewritten while {} still had a task with it",
                       fault.value, to_string(fault.agent.tile), e.say.agent(fault.agent))});
  }
}

/// A packet takes the first rule that matches; that another one matches too is never meant.
void ambiguous_rules(const Evidence& e, Mistakes& out) {
  std::set<std::tuple<Coord, uint8_t, int>> told;
  const auto field = [](uint32_t slot, arch::Bits bits) {
    return arch::get(std::span(&slot, 1), bits);
  };
  for (const Task& task : e.image.tasks()) {
    for (const TaskBd& each : task.chain) {
      if (task.channel.kind != AgentKind::Mm2s || !each.bd.packet)
        continue;
      const int id = each.bd.packet_id;
      const logic::Route route = e.image.network().resolve(
          {task.channel.tile, logic::SinkKind::Dma, task.channel.index},
          arch::packet_header(task.channel.tile, id, each.bd.packet_type, each.bd.out_of_order_id));
      for (const logic::ArbiterUse& use : route.arbiters) {
        std::vector<std::string> rules;
        for (const uint32_t slot : e.image.network().at(use.tile).slots[use.slave]) {
          const int64_t mask = field(slot, arch::slot::kMask);
          if (field(slot, arch::slot::kEnable) &&
              (id & mask) == (field(slot, arch::slot::kId) & mask))
            rules.push_back(fmt::format("(id {}, mask {:#x})", field(slot, arch::slot::kId), mask));
        }
        if (rules.size() > 1 && told.insert({use.tile, use.slave, id}).second)
          out.push_back(
              {fmt::format("packet id {} matches rules {} of port {} of {}: the first takes it", id,
                           fmt::join(rules, " and "),
                           arch::to_string(*arch::slave_port(use.tile.kind(), use.slave)),
                           to_string(use.tile))});
      }
    }
  }
}

/// True when the host has given a shim words to send that it has not sent.
bool feeds_left(const Evidence& e) {
  const auto& tasks = e.image.tasks();
  return std::any_of(tasks.begin(), tasks.end(), [&](const Task& task) {
    return task.channel.tile.row == 0 && task.channel.kind == AgentKind::Mm2s &&
           e.history.channel(task.channel).state != observe::ChannelState::Idle;
  });
}

/// One execution's worth came, and the task wants it again.
void repeat_counted_twice(const Evidence& e, Mistakes& out) {
  if (e.history.host().what == observe::HostChanged::What::Done || feeds_left(e))
    return;
  for (const Task& task : e.image.tasks()) {
    if (task.channel.tile.row != 0 || task.channel.kind != AgentKind::S2mm || task.repeat == 1)
      continue;
    const uint64_t came = e.history.channel(task.channel).total;
    if (came == 0 || task.words() != came * task.repeat)
      continue;
    out.push_back(
        {fmt::format("{} waits for {} times what its source sends: {} bytes came, and its "
                     "task wants them {} times",
                     e.say.agent(task.channel), task.repeat, came * 4, task.repeat)});
  }
}

/// A packet that no rule matches although the commands give it a way: only a control packet can
/// have changed the switches since.
void way_rewritten(const Evidence& e, Mistakes& out) {
  for (const observe::Event& event : e.history.faults()) {
    const auto& fault = std::get<observe::Fault>(event.payload);
    if (fault.kind != observe::FaultKind::HeaderUnmatched || fault.agent.kind != AgentKind::Mm2s)
      continue;
    const auto header = static_cast<uint32_t>(fault.value);
    const logic::Route route = e.image.network().resolve(
        {fault.agent.tile, logic::SinkKind::Dma, fault.agent.index}, header);
    if (route.problem == logic::Route::Problem::None)
      out.push_back({fmt::format(
          "packet id {} of {} has lost the way that the design gives it: a "
          "control packet rewrote a switch on it",
          arch::get(std::span(&header, 1), arch::header::kStreamId), e.say.agent(fault.agent))});
  }
}

/// Receivers that fill parts of a buffer and take turns by one lock: it counts arrivals and not who
/// arrived, so that a fast one can spend the turn of a slow one and fill its own part again.
void turns_of_others(const Evidence& e, Mistakes& out) {
  std::set<LockRef> locks;
  for (const Task& task : e.image.tasks())
    for (const TaskBd& each : task.chain)
      if (task.channel.kind == AgentKind::S2mm && each.acquire)
        locks.insert(*each.acquire);
  for (const LockRef& lock : locks) {
    std::map<Agent, uint64_t> share;  // turns in a round
    for (const LockUser& taker : e.image.takers(lock))
      ++share[taker.agent];
    const bool alike = std::all_of(share.begin(), share.end(), [&](const auto& lane) {
      return lane.first.kind == AgentKind::S2mm && lane.second == share.begin()->second;
    });
    const auto& turns = e.history.lock(lock).turns;
    if (!alike || share.size() < 2)
      continue;
    for (History::Lock::Turns each : turns) {
      for (const auto& [lane, _] : share)
        if (std::none_of(turns.begin(), turns.end(),
                         [&, who = lane](const auto& t) { return t.agent == who; })) {
          each.lead = each.count;
          each.over = lane;
        }
      const arch::BufferName* buffer = e.say.buffer_of(lock);
      if (each.lead > share.begin()->second)
        out.push_back(
            {fmt::format("{} took {} turns at {} more than {}: {} counts turns and not who "
                         "takes them",
                         e.say.agent(each.agent), each.lead,
                         buffer ? fmt::format("`{}`", buffer->name) : "their buffer",
                         e.say.agent(each.over), e.say.lock(lock))});
    }
  }
}

/// Whether the host has looked at the channel's status until it was as it wanted it.
bool is_polled(const Evidence& e, const Agent& channel) {
  const arch::Generation generation = e.image.partition().device->generation;
  return std::ranges::any_of(e.image.host(), [&](const arch::Command& command) {
    const auto* poll = std::get_if<arch::MaskPoll>(&command);
    if (!poll || arch::tile_of(poll->address) != channel.tile)
      return false;
    const auto at =
        arch::find_register(channel.tile.kind(), generation, arch::offset_of(poll->address));
    return at && at->row->id == arch::RegisterId::S2mmStatus && at->index == channel.index;
  });
}

void ended_too_early(const Evidence& e, Mistakes& out) {
  if (e.history.host().what != observe::HostChanged::What::Done)
    return;
  for (const Agent& channel : busy_channels(e.image)) {
    const History::Channel& c = e.history.channel(channel);
    if (channel.tile.row == 0 && channel.kind == AgentKind::S2mm && c.state != ChannelState::Idle &&
        !is_polled(e, channel))
      out.push_back({fmt::format("the host goes on before {} is done: nothing awaits its last task",
                                 e.say.agent(channel))});
  }
}

/// A receiver that stands in the middle of an object when the run is complete.
void words_left_over(const Evidence& e, Mistakes& out) {
  if (e.history.host().what != observe::HostChanged::What::Done)
    return;
  for (const Agent& channel : busy_channels(e.image)) {
    const History::Channel& c = e.history.channel(channel);
    const bool half = c.state == ChannelState::Starved && c.moving && c.moved > 0;
    const std::vector<Agent> sources = e.image.sources(channel);
    const bool more = std::any_of(sources.begin(), sources.end(), [&](const Agent& source) {
      return source.kind == AgentKind::Core ||
             e.history.channel(source).state != ChannelState::Idle;
    });
    if (more || channel.kind != AgentKind::S2mm || channel.tile.row == 0 ||
        (!half && c.port_words == 0))
      continue;
    const uint64_t extra = (half ? c.moved : 0) + c.port_words;
    out.push_back(
        {fmt::format("{} has {} bytes too many: its objects are of {} bytes, and {} came",
                     e.say.agent(channel), extra * 4, c.wanted * 4, (c.total + c.port_words) * 4)});
  }
}

/// Where in its memory a kernel of a program writes, and whether it adds to what is there.
struct KernelUse {
  size_t instruction = 0;
  uint32_t target = 0;
  bool adds = false;
  bool clears = false;
};

std::vector<KernelUse> kernels_of(const arch::Program& program) {
  std::vector<KernelUse> out;
  std::array<uint32_t, arch::kProgramRegisters> registers{};
  for (size_t i = 0; i < program.code.size(); ++i) {
    const arch::Instruction& code = program.code[i];
    if (code.op == arch::Op::Const)
      registers[code.dst] = static_cast<uint32_t>(code.imm);
    if (code.op != arch::Op::Call || code.b == 0 ||
        static_cast<size_t>(code.imm) >= program.kernels.size())
      continue;
    const arch::KernelSpec& kernel = program.kernels[static_cast<size_t>(code.imm)];
    const auto argument = [&](int n) {
      return registers[static_cast<size_t>(code.a + n) % registers.size()];
    };
    const uint32_t target = argument(code.b - 1);
    bool adds = kernel.op == arch::KernelOp::Matmul && !kernel.overwrite;
    for (int n = 0; kernel.op == arch::KernelOp::Add && n + 1 < code.b; ++n)
      adds |= argument(n) == target;
    out.push_back({i, target, adds, !adds});
  }
  return out;
}

/// Whether a DMA channel of that tile stores there, and so clears what a kernel adds to.
bool stored_to(const Image& image, Coord tile, uint32_t address) {
  return std::ranges::any_of(image.tasks(), [&](const Task& task) {
    return task.channel.kind == observe::AgentKind::S2mm &&
           std::ranges::any_of(task.chain, [&](const TaskBd& each) {
             return each.memory == tile && each.address == address;
           });
  });
}

void accumulators_not_cleared(const Evidence& e, Mistakes& out) {
  for (const auto& [tile, core] : e.image.cores()) {
    if (!core.program || !core.endless)
      continue;
    size_t begin = core.program->code.size();
    for (const arch::Instruction& code : core.program->code)
      if (code.op == arch::Op::Jump)
        begin = std::min(begin, static_cast<size_t>(code.imm));
    const std::vector<KernelUse> uses = kernels_of(*core.program);
    std::set<uint32_t> told;
    for (const KernelUse& use : uses) {
      const bool cleared = std::any_of(uses.begin(), uses.end(), [&](const KernelUse& other) {
        return other.clears && other.target == use.target && other.instruction >= begin;
      });
      if (!use.adds || use.instruction < begin || cleared ||
          stored_to(e.image, tile, use.target - arch::kCoreOwn) || !told.insert(use.target).second)
        continue;
      const arch::BufferName* buffer = e.names.buffer_at(tile, use.target - arch::kCoreOwn);
      out.push_back(
          {fmt::format(
               "{} adds to {} in every round of its loop and never clears it there",
               to_string(tile),
               buffer ? fmt::format("`{}`", buffer->name) : fmt::format("{:#x}", use.target)),
           false});
    }
  }
}

constexpr std::array kRules{left_by_an_earlier_run,  dropped_tasks,   descriptors_rewritten,
                            ambiguous_rules,         way_rewritten,   turns_of_others,
                            repeat_counted_twice,    ended_too_early, words_left_over,
                            accumulators_not_cleared};

}  // namespace

std::vector<Mistake> mistakes(const Image& image, const arch::Names& names,
                              const History& history) {
  const Evidence evidence{image, names, history, Wording(image, names, history)};
  Mistakes out;
  for (const auto& rule : kRules)
    rule(evidence, out);
  return out;
}

}  // namespace npu::diagnosis
