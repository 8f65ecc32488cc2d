// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/config.h"

#include <algorithm>
#include <array>

namespace npu::config {
namespace {

using arch::KernelCost;
using arch::KernelOp;
using arch::Origin;
using arch::Parameter;
using arch::Timing;

constexpr double kMaxCycles = 1e9;

// clang-format off
constexpr std::array kParameters{
    ParameterRow{"clock", Unit::Clock, 1, 10'000, "clock of the array", [](Timing& t) -> Parameter& { return t.clock_mhz; }},
    ParameterRow{"stream.words_per_cycle", Unit::Words, 1, 16, "words of one stream port in a cycle", [](Timing& t) -> Parameter& { return t.stream.words_per_cycle; }},
    ParameterRow{"stream.hop", Unit::Cycles, 0, 1000, "one switch, from external port to external port", [](Timing& t) -> Parameter& { return t.stream.hop; }},
    ParameterRow{"stream.local_slave", Unit::Cycles, 0, 1000, "DMA or core through its own switch to the next", [](Timing& t) -> Parameter& { return t.stream.local_slave; }},
    ParameterRow{"stream.local_master", Unit::Cycles, 0, 1000, "last switch to DMA or core", [](Timing& t) -> Parameter& { return t.stream.local_master; }},
    ParameterRow{"stream.local", Unit::Cycles, 0, 1000, "local port to local port of one switch", [](Timing& t) -> Parameter& { return t.stream.local; }},
    ParameterRow{"stream.fifo", Unit::Words, 0, 4096, "words of the FIFO port", [](Timing& t) -> Parameter& { return t.stream.fifo; }},
    ParameterRow{"stream.circuit.core", Unit::Words, 0, 4096, "words a circuit route holds beyond what a core tile's descriptor has taken", [](Timing& t) -> Parameter& { return t.stream.circuit.core; }},
    ParameterRow{"stream.circuit.memtile", Unit::Words, 0, 4096, "the same, into a memtile", [](Timing& t) -> Parameter& { return t.stream.circuit.memtile; }},
    ParameterRow{"stream.circuit.shim", Unit::Words, 0, 4096, "the same, into a shim", [](Timing& t) -> Parameter& { return t.stream.circuit.shim; }},
    ParameterRow{"stream.packet.core", Unit::Words, 0, 4096, "words a packet route holds beyond what a core tile's descriptor has taken", [](Timing& t) -> Parameter& { return t.stream.packet.core; }},
    ParameterRow{"stream.packet.memtile", Unit::Words, 0, 4096, "the same, into a memtile", [](Timing& t) -> Parameter& { return t.stream.packet.memtile; }},
    ParameterRow{"stream.packet.shim", Unit::Words, 0, 4096, "the same, into a shim", [](Timing& t) -> Parameter& { return t.stream.packet.shim; }},
    ParameterRow{"dma.start", Unit::Cycles, 0, kMaxCycles, "idle channel, from queue to first word", [](Timing& t) -> Parameter& { return t.dma.start; }},
    ParameterRow{"dma.chain", Unit::Cycles, 0, kMaxCycles, "between chained descriptors", [](Timing& t) -> Parameter& { return t.dma.chain; }},
    ParameterRow{"dma.queue_depth", Unit::Count, 1, 64, "tasks a start queue holds", [](Timing& t) -> Parameter& { return t.dma.queue_depth; }},
    ParameterRow{"dma.running_task_counts", Unit::Count, 0, 1, "1: the running task takes a place in its queue", [](Timing& t) -> Parameter& { return t.dma.running_task_counts; }},
    ParameterRow{"lock.wake", Unit::Cycles, 0, kMaxCycles, "release to the waiter's progress", [](Timing& t) -> Parameter& { return t.lock.wake; }},
    ParameterRow{"core.lock_operation", Unit::Cycles, 0, kMaxCycles, "a lock operation that need not wait", [](Timing& t) -> Parameter& { return t.core.lock_operation; }},
    ParameterRow{"core.instruction", Unit::Cycles, 0, kMaxCycles, "an instruction", [](Timing& t) -> Parameter& { return t.core.instruction; }},
    ParameterRow{"core.call", Unit::Cycles, 0, kMaxCycles, "calling a kernel", [](Timing& t) -> Parameter& { return t.core.call; }},
    ParameterRow{"core.cascade", Unit::Cycles, 0, kMaxCycles, "512 bits of cascade", [](Timing& t) -> Parameter& { return t.core.cascade; }},
    ParameterRow{"shim.mm2s_cold", Unit::Cycles, 0, kMaxCycles, "first data of a task on an idle channel", [](Timing& t) -> Parameter& { return t.shim.mm2s_cold; }},
    ParameterRow{"shim.mm2s_warm", Unit::Cycles, 0, kMaxCycles, "first data of a task that follows another", [](Timing& t) -> Parameter& { return t.shim.mm2s_warm; }},
    ParameterRow{"shim.s2mm_completion", Unit::Cycles, 0, kMaxCycles, "last word to the end of the task", [](Timing& t) -> Parameter& { return t.shim.s2mm_completion; }},
    ParameterRow{"shim.bytes_per_cycle", Unit::Rate, 0.01, 1e6, "of one shim tile, each direction", [](Timing& t) -> Parameter& { return t.shim.bytes_per_cycle; }},
    ParameterRow{"ddr.bytes_per_cycle", Unit::Rate, 0.01, 1e6, "of memory, shared by all columns", [](Timing& t) -> Parameter& { return t.ddr.bytes_per_cycle; }},
    ParameterRow{"ddr.burst_bytes", Unit::Bytes, 4, 4096, "a contiguous run costs whole bursts", [](Timing& t) -> Parameter& { return t.ddr.burst_bytes; }},
    ParameterRow{"controller.write", Unit::Cycles, 0, kMaxCycles, "a register write of the host sequence", [](Timing& t) -> Parameter& { return t.controller.write; }},
    ParameterRow{"controller.block_write", Unit::Cycles, 0, kMaxCycles, "a block write", [](Timing& t) -> Parameter& { return t.controller.block_write; }},
    ParameterRow{"controller.block_write_word", Unit::Cycles, 0, kMaxCycles, "each word of it", [](Timing& t) -> Parameter& { return t.controller.block_write_word; }},
    ParameterRow{"controller.mask_write", Unit::Cycles, 0, kMaxCycles, "a masked write", [](Timing& t) -> Parameter& { return t.controller.mask_write; }},
    ParameterRow{"controller.address_patch", Unit::Cycles, 0, kMaxCycles, "patching an address into a descriptor", [](Timing& t) -> Parameter& { return t.controller.address_patch; }},
    ParameterRow{"controller.queue_push", Unit::Cycles, 0, kMaxCycles, "extra cost of a write to a shim start queue", [](Timing& t) -> Parameter& { return t.controller.queue_push; }},
    ParameterRow{"controller.sync", Unit::Cycles, 0, kMaxCycles, "token to the controller's notice", [](Timing& t) -> Parameter& { return t.controller.sync; }},
    ParameterRow{"controller.load", Unit::Cycles, 0, kMaxCycles, "loading a configuration", [](Timing& t) -> Parameter& { return t.controller.load; }},
    ParameterRow{"controller.dispatch", Unit::Cycles, 0, kMaxCycles, "from the end of a dispatch to the start of the next in a run list", [](Timing& t) -> Parameter& { return t.controller.dispatch; }},
    ParameterRow{"driver.contexts", Unit::Count, 1, 64, "hardware contexts at a time", [](Timing& t) -> Parameter& { return t.driver.contexts; }},
    ParameterRow{"driver.aligned_columns", Unit::Count, 0, 1, "1: a partition starts at a multiple of the power of two that holds its width", [](Timing& t) -> Parameter& { return t.driver.aligned_columns; }},
    ParameterRow{"driver.buffers", Unit::Count, 1, 16, "buffers of one kernel call", [](Timing& t) -> Parameter& { return t.driver.buffers; }},
    ParameterRow{"driver.translated_buffers", Unit::Count, 1, 16, "buffers whose addresses firmware translates, from the first on", [](Timing& t) -> Parameter& { return t.driver.translated_buffers; }},
    ParameterRow{"driver.lockable_bytes", Unit::Bytes, 0, 1e15, "host memory that buffers can lock; 0: no limit", [](Timing& t) -> Parameter& { return t.driver.lockable_bytes; }},
};

constexpr std::array kKernelParameters{
    KernelParameterRow{"rate", 1e-3, 1e6, "MACs, or elements, a cycle", &KernelCost::rate},
    KernelParameterRow{"per_block", 0, 1e6, "cycles for each block of C", &KernelCost::per_block},
    KernelParameterRow{"setup", 0, 1e6, "cycles of each call", &KernelCost::setup},
};
// clang-format on

constexpr std::array<std::string_view, 3> kOrigins{"assumed", "manual", "measured"};
constexpr std::array<std::string_view, 3> kParameterKeys{"value", "origin", "source"};
constexpr std::array<std::string_view, 6> kKernelKeys{"op", "a", "c", "rate", "per_block", "setup"};

// What each unit multiplies by: to MHz, seconds, bytes a second, bytes.
struct UnitRow {
  std::string_view text;
  Unit unit;
  double factor;
};
constexpr std::array kUnits{
    UnitRow{"MHz", Unit::Clock, 1},    UnitRow{"GHz", Unit::Clock, 1e3},
    UnitRow{"ns", Unit::Cycles, 1e-9}, UnitRow{"us", Unit::Cycles, 1e-6},
    UnitRow{"ms", Unit::Cycles, 1e-3}, UnitRow{"MB/s", Unit::Rate, 1e6},
    UnitRow{"GB/s", Unit::Rate, 1e9},  UnitRow{"B", Unit::Bytes, 1},
    UnitRow{"KiB", Unit::Bytes, 1024},
};

std::string accepted_units(Unit unit) {
  std::string text = unit == Unit::Clock ? "" : "none";
  for (const UnitRow& row : kUnits)
    if (row.unit == unit)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", row.text);
  return text;
}

/// The value in the parameter's own unit: MHz, cycles, bytes a cycle.
double in_own_unit(const Quantity& quantity, const ParameterRow& row, double clock_mhz,
                   const Node& node) {
  if (quantity.unit.empty() && row.unit != Unit::Clock)
    return quantity.value;
  const auto found = std::ranges::find_if(kUnits, [&](const UnitRow& unit) {
    return unit.unit == row.unit && unit.text == quantity.unit;
  });
  if (found == kUnits.end())
    throw Error("{}: `{}` cannot be in `{}`", node.where, row.path,
                quantity.unit.empty() ? node.text : quantity.unit)
        .hint("units here: {}", accepted_units(row.unit));
  const double value = quantity.value * found->factor;
  const double hertz = clock_mhz * 1e6;
  return row.unit == Unit::Cycles ? value * hertz : row.unit == Unit::Rate ? value / hertz : value;
}

/// The three keys that every number has; throws Error when one is missing.
const Node& required(const Node& map, std::string_view name, std::string_view key) {
  const Node* node = map.find(key);
  if (node == nullptr)
    throw Error("{}: `{}` has no `{}`", map.where, name, key)
        .hint("{{value: 4, origin: manual, source: where it stands}}");
  return *node;
}

/// Reads origin and source; the value is the caller's.
Parameter read_origin(const Node& node, std::string_view name) {
  if (node.kind != Node::Kind::Map)
    throw Error("{}: `{}` has no origin", node.where, name)
        .hint("{{value: {}, origin: assumed, source: why}}", node.text.empty() ? "4" : node.text);
  check_keys(node, name, kParameterKeys);
  required(node, name, "value");
  Parameter parameter;
  parameter.origin = static_cast<Origin>(to_choice(required(node, name, "origin"), name, kOrigins));
  parameter.source = to_text(required(node, name, "source"), name);
  if (parameter.source.empty())
    throw Error("{}: `{}` has an empty source", node.find("source")->where, name)
        .hint("say where the number stands, or why it is assumed");
  return parameter;
}

Parameter read_parameter(const Node& node, const ParameterRow& row, double clock_mhz) {
  Parameter parameter = read_origin(node, row.path);
  const Node& value = *node.find("value");
  parameter.value = in_own_unit(to_quantity(value, row.path), row, clock_mhz, value);
  if (parameter.value < row.low || parameter.value > row.high)
    throw Error("{}: `{}` cannot be {}", value.where, row.path, value.text)
        .hint("{} to {}", number_text(row.low), number_text(row.high));
  return parameter;
}

/// Throws Error at the first key of a device map that no table knows.
void check_device_keys(const Node& map) {
  std::vector<std::string_view> paths{"name", "kernels"};
  for (const ParameterRow& row : kParameters)
    paths.push_back(row.path);
  check_paths(map, "device", paths);
}

constexpr std::array<std::string_view, 20> kOps{
    "matmul",    "zero",       "copy",       "cast",       "add",    "mul",        "edge",
    "scale",     "reduce_add", "reduce_min", "reduce_max", "relu",   "or",         "and",
    "threshold", "grey",       "rgba",       "weigh",      "filter", "scaled_cast"};

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const arch::TypeRow& row : arch::kMatrixTypes)
    names.push_back(row.name);
  return names;
}

KernelCost read_kernel(const Node& node) {
  check_keys(node, "kernels", kKernelKeys);
  KernelCost cost;
  cost.op = static_cast<KernelOp>(to_choice(required(node, "kernels", "op"), "op", kOps));
  cost.a = static_cast<arch::Type>(to_choice(required(node, "kernels", "a"), "a", type_names()));
  cost.c = static_cast<arch::Type>(to_choice(required(node, "kernels", "c"), "c", type_names()));
  for (const KernelParameterRow& row : kKernelParameters) {
    const Node& parameter = required(node, "kernels", row.key);
    cost.*row.at = read_origin(parameter, row.key);
    (cost.*row.at).value = to_number(*parameter.find("value"), row.key, row.low, row.high);
  }
  return cost;
}

void read_kernels(const Node& list, std::vector<KernelCost>& kernels) {
  if (list.kind != Node::Kind::List)
    throw Error("{}: `kernels` is not a list", list.where)
        .hint("- {{op: matmul, a: bf16, c: f32, rate: ..., per_block: ..., setup: ...}}");
  for (const Node& item : list.items) {
    KernelCost cost = read_kernel(item);
    const auto same = std::ranges::find_if(kernels, [&](const KernelCost& other) {
      return other.op == cost.op && other.a == cost.a && other.c == cost.c;
    });
    if (same == kernels.end())
      kernels.push_back(std::move(cost));
    else
      *same = std::move(cost);
  }
}

/// Puts the values of `over` into `base`, map by map; numbers, which are maps with a value, are
/// replaced whole.
void overlay(Node& base, const Node& over) {
  for (const Entry& entry : over.entries) {
    Node* mine = base.find(entry.key);
    if (mine == nullptr)
      base.entries.push_back(entry);
    else if (entry.value.kind == Node::Kind::Map && entry.value.find("value") == nullptr)
      overlay(*mine, entry.value);
    else
      *mine = entry.value;
  }
}

/// Reads a map that has every parameter.
DeviceConfig read_complete(const Node& node) {
  DeviceConfig config;
  const std::string name = to_text(required(node, "device", "name"), "name");
  config.device = &arch::device_named(name);
  for (const ParameterRow& row : kParameters) {
    const Node* value = find_path(node, row.path);
    if (value == nullptr)
      throw Error("{}: `{}` is missing", node.where, row.path);
    row.at(config.timing) = read_parameter(*value, row, config.timing.clock_mhz.value);
  }
  return config;
}

const BuiltinFile& builtin_file(const Node& name) {
  for (const BuiltinFile& file : builtin_files())
    if (file.name == name.text)
      return file;
  std::string names;
  for (const BuiltinFile& file : builtin_files())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", file.name);
  throw Error("{}: unknown device `{}`", name.where, printable(name.text))
      .hint("devices: {}", names);
}

/// What a built-in file says, read once: it is the base of every device.
const Node& builtin_map(const BuiltinFile& file) {
  static const std::vector<Node> maps = [] {
    std::vector<Node> all;
    for (const BuiltinFile& each : builtin_files()) {
      all.push_back(parse_yaml(each.text, std::string(each.path)));
      check_device_keys(all.back());
    }
    return all;
  }();
  return maps[static_cast<size_t>(&file - builtin_files().data())];
}

}  // namespace

std::span<const ParameterRow> parameters() {
  return kParameters;
}
std::span<const KernelParameterRow> kernel_parameters() {
  return kKernelParameters;
}

std::span<const std::string_view> kernel_operations() {
  return kOps;
}

std::string_view to_string(Origin origin) {
  return kOrigins[static_cast<size_t>(origin)];
}

DeviceConfig read_device(const Node& node) {
  if (node.kind != Node::Kind::Map)
    throw Error("{}: `device` is not a map", node.where)
        .hint("name: npu1, and what differs from it");
  check_device_keys(node);
  const Node& name = required(node, "device", "name");
  const BuiltinFile& file = builtin_file(name);
  Node complete = builtin_map(file);
  std::vector<KernelCost> kernels;
  read_kernels(required(complete, "device", "kernels"), kernels);
  if (const Node* own = node.find("kernels"))
    read_kernels(*own, kernels);
  overlay(complete, node);
  DeviceConfig config = read_complete(complete);
  config.timing.kernels = std::move(kernels);
  return config;
}

DeviceConfig builtin_device(std::string_view name) {
  Node node;
  node.kind = Node::Kind::Map;
  node.where = "device";
  Node text;
  text.kind = Node::Kind::Scalar;
  text.where = "device";
  text.text = name;
  node.entries.push_back({"name", "device", text});
  return read_device(node);
}

std::string print(const DeviceConfig& config, int indent) {
  const std::string pad(static_cast<size_t>(indent), ' ');
  Timing timing = config.timing;
  const auto parameter = [](const std::string& value, const Parameter& p) {
    return fmt::format("{{value: {}, origin: {}, source: {}}}", value, to_string(p.origin),
                       yaml_scalar(p.source));
  };
  Printer printer(indent);
  printer.line("name", config.device->name);
  for (const ParameterRow& row : kParameters) {
    const Parameter& p = row.at(timing);
    printer.line(row.path,
                 parameter(number_text(p.value) + (row.unit == Unit::Clock ? " MHz" : ""), p));
  }
  std::string text = printer.text();
  text += pad + "kernels:\n";
  for (const KernelCost& cost : timing.kernels) {
    text += fmt::format("{}  - op: {}\n{}    a: {}\n{}    c: {}\n", pad,
                        kOps[static_cast<size_t>(cost.op)], pad, to_string(cost.a), pad,
                        to_string(cost.c));
    for (const KernelParameterRow& row : kKernelParameters)
      text += fmt::format("{}    {}: {}\n", pad, row.key,
                          parameter(number_text((cost.*row.at).value), cost.*row.at));
  }
  return text;
}

}  // namespace npu::config
