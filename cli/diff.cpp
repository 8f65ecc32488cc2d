// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <map>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/design_source.h"
#include "hw-model/diagnosis/wording.h"

namespace npu::cli {
namespace {

using diagnosis::Image;
using nlohmann::ordered_json;
using observe::Agent;
using observe::AgentKind;

constexpr size_t kShown = 20;  // differences of a section that the text spells out

/// What a design consists of, as text by the name of each thing.
using Things = std::map<std::string, std::string>;
struct Inventory {
  Things locks;
  Things buffers;
  Things descriptors;
  Things routes;
  Things programs;
};
struct SectionRow {
  std::string_view name;
  Things Inventory::*things;
};
constexpr std::array<SectionRow, 5> kSections{{
    {"locks", &Inventory::locks},
    {"buffers", &Inventory::buffers},
    {"descriptors", &Inventory::descriptors},
    {"routes", &Inventory::routes},
    {"programs", &Inventory::programs},
}};

class Describer {
 public:
  explicit Describer(const DesignFacts& facts)
      : facts_(facts), image_(facts.partition, facts.timing) {
    image_.configure(facts.configuration);
    image_.sequence(facts.sequence);
  }

  Inventory inventory() const {
    Inventory out;
    for (const arch::LockName& lock : facts_.names.locks)
      add_lock({lock.tile, lock.lock}, out.locks);
    for (const arch::BufferName& buffer : facts_.names.buffers)
      out.buffers[fmt::format("{} `{}`", arch::to_string(buffer.tile), buffer.name)] =
          fmt::format("{} at {:#x}, {} bytes", buffer.shape, buffer.offset, buffer.bytes);
    std::map<Agent, size_t> count;
    for (const diagnosis::Task& task : image_.tasks())
      add_task(task, ++count[task.channel], out);
    for (const auto& [channel, tasks] : count)
      if (channel.kind == AgentKind::Mm2s)
        add_route(channel, out.routes);
    for (const auto& [tile, core] : image_.cores())
      add_program(core, out);
    return out;
  }

 private:
  /// `C@64.write` where it has a name, else its number.
  std::string lock_name(diagnosis::LockRef lock) const {
    const arch::LockName* name = facts_.names.lock(lock.tile, lock.lock);
    return name ? fmt::format("`{}`", name->name) : fmt::format("lock {}", lock.lock);
  }
  void add_lock(diagnosis::LockRef lock, Things& out) const {
    out[fmt::format("{} {}", arch::to_string(lock.tile), lock_name(lock))] =
        fmt::format("lock {}, starts at {}", lock.lock, image_.initial(lock));
  }

  std::string place(const diagnosis::TaskBd& bd) const {
    if (bd.memory.kind() == arch::TileKind::Shim)
      return fmt::format("at {:#x}", bd.bd.access.base * 4);
    const arch::BufferName* buffer = facts_.names.buffer_at(bd.memory, bd.address);
    if (!buffer)
      return fmt::format("{} at {:#x}", arch::to_string(bd.memory), bd.address);
    const uint32_t inside = bd.address - buffer->offset;
    return fmt::format("`{}`{}", buffer->name, inside ? fmt::format(" + {}", inside) : "");
  }

  std::string text_of(const diagnosis::TaskBd& each) const {
    const logic::Bd& bd = each.bd;
    std::string text = fmt::format("{}, {} bytes", place(each), 4 * bd.access.length);
    std::string walk;
    for (const auto& dim : bd.access.dims)
      if (dim.wrap != 0 || dim.step != 1)
        walk += fmt::format("{}{}:{}", walk.empty() ? "" : " ", dim.wrap, dim.step);
    if (!walk.empty())
      text += fmt::format(", wrap:step {}", walk);
    if (bd.iteration_size > 1)
      text += fmt::format(", {} iterations by {}", bd.iteration_size, bd.iteration_step);
    if (each.acquire)
      text += fmt::format(", acquires {} {} {}", lock_name(*each.acquire),
                          bd.acquire->value < 0 ? ">=" : "==", std::abs(bd.acquire->value));
    if (each.release)
      text += fmt::format(", releases {} by {}", lock_name(*each.release), bd.release);
    if (bd.packet)
      text += fmt::format(", packet {}", bd.packet_id);
    return text;
  }

  void add_task(const diagnosis::Task& task, size_t number, Inventory& out) const {
    const diagnosis::Wording say = wording();
    const std::string name = fmt::format("{} task {}", say.agent(task.channel), number);
    for (size_t i = 0; i < task.chain.size(); ++i) {
      out.descriptors[task.chain.size() == 1 ? name
                                             : fmt::format("{} descriptor {}", name, i + 1)] =
          text_of(task.chain[i]) + (i > 0             ? ""
                                    : task.endless    ? ", again and again"
                                    : task.repeat > 1 ? fmt::format(", {} times", task.repeat)
                                                      : "");
      for (const auto& lock : {task.chain[i].acquire, task.chain[i].release})
        if (lock)
          add_lock(*lock, out.locks);
    }
  }

  void add_route(const Agent& source, Things& out) const {
    std::set<std::string> sinks;
    for (const logic::Leg& leg : image_.legs(source)) {
      const AgentKind kind =
          leg.sink.kind == logic::SinkKind::Dma ? AgentKind::S2mm : AgentKind::Core;
      sinks.insert(observe::to_string(Agent{leg.sink.tile, kind, leg.sink.channel}));
    }
    std::string text;
    for (const std::string& sink : sinks)
      text += fmt::format("{}{}", text.empty() ? "to " : ", ", sink);
    out[wording().agent(source)] = text.empty() ? "leads nowhere" : text;
  }

  void add_program(const diagnosis::CoreFacts& core, Inventory& out) const {
    const std::string name = arch::to_string(core.tile);
    if (!core.program) {
      out.programs[name] = "machine code";
      return;
    }
    for (const auto& kernel : core.program->kernels)
      out.programs[name] +=
          fmt::format("{}{}", out.programs[name].empty() ? "" : ", ", arch::to_string(kernel));
    for (size_t i = 0; i < core.program->code.size(); ++i)
      out.programs[fmt::format("{} instruction {:3}", name, i)] = instruction(core, i);
    for (const auto& use : core.locks)
      add_lock(use.lock, out.locks);
  }

  std::string instruction(const diagnosis::CoreFacts& core, size_t at) const {
    const arch::Instruction& in = core.program->code[at];
    for (const auto& use : core.locks)
      if (use.instruction == at)
        return fmt::format("{} {} {}", use.acquires ? "acquires" : "releases", lock_name(use.lock),
                           use.value);
    return fmt::format("{} dst {} a {} b {} imm {}", arch::to_string(in.op), in.dst, in.a, in.b,
                       in.imm);
  }

  diagnosis::Wording wording() const { return {image_, facts_.names, nothing_}; }

  const DesignFacts& facts_;
  Image image_;
  const diagnosis::History nothing_ = {};
};

struct Difference {
  std::string thing;
  std::string a;  ///< empty: it has none
  std::string b;
};

std::vector<Difference> differences(const Things& a, const Things& b) {
  std::vector<Difference> out;
  for (const auto& [thing, text] : a) {
    const auto other = b.find(thing);
    if (other == b.end())
      out.push_back({thing, text, ""});
    else if (other->second != text)
      out.push_back({thing, text, other->second});
  }
  for (const auto& [thing, text] : b)
    if (!a.contains(thing))
      out.push_back({thing, "", text});
  return out;
}

std::string text_of(std::string_view section, const std::vector<Difference>& all) {
  std::string text =
      fmt::format("{}: {} differ{}\n", section, all.size(), all.size() == 1 ? "s" : "");
  for (size_t i = 0; i < std::min(all.size(), kShown); ++i) {
    text += fmt::format("  {}\n", all[i].thing);
    if (!all[i].a.empty())
      text += fmt::format("    - {}\n", all[i].a);
    if (!all[i].b.empty())
      text += fmt::format("    + {}\n", all[i].b);
  }
  if (all.size() > kShown)
    text += fmt::format("  and {} more; --json has them all\n", all.size() - kShown);
  return text;
}

Status diff(const std::string& path_a, const std::string& path_b, bool as_json) {
  const DesignFacts facts_a = load_design(path_a);
  const DesignFacts facts_b = load_design(path_b);
  const Inventory a = Describer(facts_a).inventory();
  const Inventory b = Describer(facts_b).inventory();
  ordered_json json{{"equal", true}};
  std::string text;
  for (const SectionRow& section : kSections) {
    const auto found = differences(a.*section.things, b.*section.things);
    ordered_json& list = json[std::string(section.name)] = ordered_json::array();
    for (const Difference& each : found)
      list.push_back({{"name", each.thing},
                      {"a", each.a.empty() ? ordered_json() : ordered_json(each.a)},
                      {"b", each.b.empty() ? ordered_json() : ordered_json(each.b)}});
    if (found.empty())
      continue;
    json["equal"] = false;
    text += text_of(section.name, found);
  }
  write_stdout(as_json        ? json.dump(2) + "\n"
               : text.empty() ? "the designs are equal\n"
                              : fmt::format("- {}\n+ {}\n{}", path_a, path_b, text));
  return json["equal"].get<bool>() ? kRight : kWrong;
}

}  // namespace

void add_diff(CLI::App& app, int& status) {
  struct Options {
    std::string a;
    std::string b;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diff", "what differs between two designs: locks, descriptors, routes");
  command->add_option("a", options->a, "a sim or problem file, an xclbin, or the trace of a run")
      ->type_name("A")
      ->required();
  command->add_option("b", options->b, "the other one")->type_name("B")->required();
  command->add_flag("--json", options->json, "all differences as JSON on stdout");
  command->footer("exit status: 0 equal, 3 different, 2 bad input");
  command->callback([options, &status] { status = diff(options->a, options->b, options->json); });
}

}  // namespace npu::cli
