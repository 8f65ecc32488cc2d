// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <map>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/design_source.h"
#include "cli/diff_contents.h"
#include "hw-model/diagnosis/wording.h"

namespace npu::cli {
namespace {

using arch::RegisterId;
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
  Things registers;
};
struct SectionRow {
  std::string_view name;
  Things Inventory::*things;
};
constexpr std::array<SectionRow, 6> kSections{{
    {"locks", &Inventory::locks},
    {"buffers", &Inventory::buffers},
    {"descriptors", &Inventory::descriptors},
    {"routes", &Inventory::routes},
    {"programs", &Inventory::programs},
    {"registers", &Inventory::registers},
}};

/// An instruction whose registers are numbered as they first occur: which of them a compiler takes
/// is no difference.
std::string printed(const arch::Instruction& in, std::map<int, size_t>& registers) {
  const auto reg = [&](int number) {
    return fmt::format(" r{}", registers.try_emplace(number, registers.size()).first->second);
  };
  std::string text(arch::to_string(in.op));
  if (in.op == arch::Op::Call) {
    text += fmt::format(" {}", in.imm);
    for (int i = 0; i < in.b; ++i)
      text += reg(in.a + i);
    return text;
  }
  for (const char operand : arch::ops()[static_cast<size_t>(in.op)].operands)
    text += operand == 'd'                     ? reg(in.dst)
            : operand == 'a'                   ? reg(in.a)
            : operand == 'b'                   ? reg(in.b)
            : operand == 'l'                   ? fmt::format(" {}", in.a)
            : operand == 'n' || operand == 'y' ? fmt::format(" {}", in.b)
                                               : fmt::format(" {}", in.imm);
  return text;
}

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
    for (const arch::Command& command : facts_.configuration)
      add_registers(command, false, out.registers);
    for (const arch::Command& command : facts_.sequence)
      add_registers(command, true, out.registers);
    return out;
  }

  std::set<arch::Coord> machine_code() const {
    std::set<arch::Coord> tiles;
    for (const auto& [tile, core] : image_.cores())
      if (!core.program)
        tiles.insert(tile);
    return tiles;
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
    for (const Agent& rival : image_.rivals(source))
      if (const auto arbiter = image_.contested(source, rival))
        text += fmt::format("; shares arbiter {} of {} with {}", arbiter->arbiter,
                            arch::to_string(arbiter->tile), wording().agent(rival));
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
    std::map<int, size_t> registers;
    for (size_t i = 0; i < core.program->code.size(); ++i)
      out.programs[fmt::format("{} instruction {:3}", name, i)] = instruction(core, i, registers);
    for (const auto& use : core.locks)
      add_lock(use.lock, out.locks);
  }

  std::string instruction(const diagnosis::CoreFacts& core, size_t at,
                          std::map<int, size_t>& registers) const {
    const arch::Instruction& in = core.program->code[at];
    for (const auto& use : core.locks)
      if (use.instruction == at)
        return fmt::format("{} {} {}", use.acquires ? "acquires" : "releases", lock_name(use.lock),
                           use.value);
    return printed(in, registers);
  }

  /// Registers that nothing else in the inventory tells of, as they are left; memory only where the
  /// host writes it.
  void add_registers(const arch::Command& command, bool host, Things& out) const {
    using enum RegisterId;
    constexpr std::array kElsewhere{Accepted,  ProgramMemory, Bd,          S2mmQueue, Mm2sQueue,
                                    LockValue, SwitchMaster,  SwitchSlave, SwitchSlot};
    const auto add = [&](uint32_t address) {
      const arch::Coord tile = arch::tile_of(address);
      if (!facts_.partition.contains(tile))
        return;
      const arch::Generation generation = facts_.partition.device->generation;
      const auto place = arch::find_register(tile.kind(), generation, arch::offset_of(address));
      if (!place || (place->row->id == DataMemory && !host) ||
          std::ranges::find(kElsewhere, place->row->id) != kElsewhere.end())
        return;
      if (const uint32_t value = image_.written(address).value_or(0))
        out[arch::name_address(generation, address)] = fmt::format("{:#x}", value);
    };
    if (const auto* write = std::get_if<arch::Write>(&command))
      add(write->address);
    if (const auto* masked = std::get_if<arch::MaskWrite>(&command))
      add(masked->address);
    if (const auto* block = std::get_if<arch::BlockWrite>(&command))
      for (size_t i = 0; i < block->words.size(); ++i)
        add(block->address + static_cast<uint32_t>(4 * i));
  }

  diagnosis::Wording wording() const { return {image_, facts_.names, nothing_}; }

  const DesignFacts& facts_;
  Image image_;
  const diagnosis::History nothing_ = {};
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

struct Options {
  std::string a;
  std::string b;
  std::string kernel;
  std::vector<std::string> insts;
  bool json = false;
};

/// The two designs, made comparable: of containers without instructions the configuration alone,
/// and names for a container that has none. Where things stand in a file does not matter.
std::array<DesignFacts, 2> load_both(const Options& options) {
  const std::array<std::string, 2> paths{options.a, options.b};
  std::array<FileOptions, 2> files;
  size_t given = 0;
  for (size_t i = 0; i < paths.size(); ++i)
    if (is_container(paths[i])) {
      files[i].kernel = options.kernel;
      if (given < options.insts.size())
        files[i].insts = options.insts[given++];
    }
  if (given < options.insts.size())
    throw Error("--insts {}: there is no xclbin that it belongs to", options.insts[given]);
  const auto bare = [&](size_t i) { return is_container(paths[i]) && files[i].insts.empty(); };
  if (bare(0) && bare(1))
    throw Error("{}, {}: no file says what device they are for", options.a, options.b)
        .hint("--insts FILE, twice");
  std::array<DesignFacts, 2> facts;
  const size_t first = bare(0) ? 1 : 0;
  for (const size_t i : {first, 1 - first}) {
    if (bare(i))
      files[i].generation = facts[first].partition.device->generation;
    facts[i] = load_design({paths[i], {}}, files[i], {.not_run = true});
  }
  for (size_t i = 0; i < facts.size(); ++i) {
    if (bare(i))
      facts[1 - i].sequence.clear();
    if (arch::Names& names = facts[i].names; names.locks.empty() && names.buffers.empty())
      names = facts[1 - i].names;
  }
  const auto forget = [](auto& names) {
    for (auto& name : names)
      name.source.clear();
  };
  for (DesignFacts& one : facts) {
    forget(one.names.locks);
    forget(one.names.flows);
    for (auto& [id, names] : one.load_names) {
      forget(names.locks);
      forget(names.flows);
    }
  }
  return facts;
}

/// Programs of cores that are machine code on either side are no matter of comparison.
void forget_programs(Inventory& inventory, const std::set<arch::Coord>& tiles) {
  std::erase_if(inventory.programs, [&](const auto& program) {
    return std::ranges::any_of(
        tiles, [&](arch::Coord tile) { return program.first.starts_with(arch::to_string(tile)); });
  });
}

/// Finds and tells differences, section by section.
class Report {
 public:
  /// `of` goes before the names of the sections: what both designs are when they are not the whole.
  void compare(const DesignFacts& facts_a, const DesignFacts& facts_b, const std::string& of = {}) {
    const Describer describer_a(facts_a);
    const Describer describer_b(facts_b);
    Inventory a = describer_a.inventory();
    Inventory b = describer_b.inventory();
    std::set<arch::Coord> machine_code = describer_a.machine_code();
    machine_code.merge(describer_b.machine_code());
    forget_programs(a, machine_code);
    forget_programs(b, machine_code);
    for (const SectionRow& section : kSections)
      tell(fmt::format("{}{}", of, section.name),
           differences(a.*section.things, b.*section.things));
    tell(of + "contents", content_differences(facts_a, facts_b, machine_code));
    machine_code_.merge(machine_code);
  }

  Status write(const Options& options) {
    std::string code;
    if (!machine_code_.empty())
      code = fmt::format("not compared: the programs of {} cores, which are machine code\n",
                         machine_code_.size());
    for (const arch::Coord tile : machine_code_)
      json_["machine code"].push_back(arch::to_string(tile));
    write_stdout(options.json ? json_.dump(2) + "\n"
                 : text_.empty()
                     ? "the designs are equal\n" + code
                     : fmt::format("- {}\n+ {}\n{}{}", options.a, options.b, text_, code));
    return json_["equal"].get<bool>() ? kRight : kWrong;
  }

 private:
  void tell(const std::string& section, const std::vector<Difference>& found) {
    ordered_json& list = json_[section] = ordered_json::array();
    for (const Difference& each : found)
      list.push_back({{"name", each.thing},
                      {"a", each.a.empty() ? ordered_json() : ordered_json(each.a)},
                      {"b", each.b.empty() ? ordered_json() : ordered_json(each.b)}});
    if (found.empty())
      return;
    json_["equal"] = false;
    text_ += text_of(section, found);
  }

  ordered_json json_{{"equal", true}};
  std::string text_;
  std::set<arch::Coord> machine_code_;
};

/// What a load configures, as a design of its own; an empty one where there is no such load.
DesignFacts loaded(const DesignFacts& facts, uint32_t id) {
  DesignFacts one{facts.partition, facts.timing, {}, {}, facts.names};
  if (const auto found = facts.loads.find(id); found != facts.loads.end())
    one.configuration = found->second;
  if (const auto found = facts.load_names.find(id); found != facts.load_names.end())
    one.names = found->second;
  return one;
}

Status diff(const Options& options) {
  const auto [a, b] = load_both(options);
  Report report;
  report.compare(a, b);
  std::set<uint32_t> loads;
  for (const DesignFacts* facts : {&a, &b})
    for (const auto& [id, commands] : facts->loads)
      loads.insert(id);
  loads.erase(0);  // is what has been compared
  for (const uint32_t id : loads)
    report.compare(loaded(a, id), loaded(b, id), fmt::format("load {}: ", id));
  return report.write(options);
}

}  // namespace

void add_diff(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diff", "what differs between two designs: locks, descriptors, routes");
  command->add_option("a", options->a, "a sim or problem file, MLIR, an xclbin, or a trace")
      ->type_name("A")
      ->required();
  command->add_option("b", options->b, "the other one")->type_name("B")->required();
  command
      ->add_option("--insts", options->insts,
                   "instruction stream of an xclbin; of two, one after the other")
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
  command->add_option("--kernel", options->kernel, "of an xclbin with several")->type_name("NAME");
  command->add_flag("--json", options->json, "all differences as JSON on stdout");
  command->footer("exit status: 0 equal, 3 different, 2 bad input");
  command->callback([options, &status] { status = diff(*options); });
}

}  // namespace npu::cli
