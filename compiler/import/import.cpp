// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/import.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/ranges.h>

#include "compiler/import/import_state.h"
#include "compiler/lower/passes.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler {

namespace import {

namespace {

// Ops of a device that have a meaning here; those of core bodies and sequences have their own
// lists.
constexpr std::array<std::string_view, 35> kDeviceOps{
    "aie.tile",
    "aie.logical_tile",
    "aie.lock",
    "aie.buffer",
    "aie.external_buffer",
    "aie.mem",
    "aie.memtile_dma",
    "aie.shim_dma",
    "aie.flow",
    "aie.packet_flow",
    "aiex.broadcast_packet",
    "aiex.multicast",
    "aie.switchbox",
    "aie.shim_mux",
    "aie.cascade_flow",
    "aie.configure_cascade",
    "aie.core",
    "aie.objectfifo",
    "aie.objectfifo.allocate",
    "aie.objectfifo.link",
    "aie.objectfifo.register_external_buffers",
    "aie.shim_dma_allocation",
    "aie.runtime_sequence",
    "aie.wire",
    "aie.end",
    "func.func",
    "memref.global",
    "arith.constant",
    // Without effect on what a run does: trace units send nothing here.
    "aie.trace",
    "aie.trace.host_config",
    "aie.trace.start_config",
    "aie.bd_chain",
    // Refused where something uses them.
    "aiex.scratchpad_parameter",
    "memref.get_global",
    "ub.poison",
};

bool is_device_name(std::string_view name) {
  return name.starts_with("npu") || name == "ipu";
}

/// `npu1`, `npu1_2col`, `npu2_4col`; `npu` and `ipu` are the first generation.
arch::Partition partition_named(const State& state, const Op& device, std::string name) {
  if (!is_device_name(name) && !state.options.device.empty())
    name = state.options.device;
  const bool second = name.starts_with("npu2") || name.starts_with("npu4");
  std::string_view rest = name;
  for (const std::string_view family : {"npu1", "npu2", "npu4", "npu", "ipu"})
    if (rest.starts_with(family)) {
      rest.remove_prefix(family.size());
      break;
    }
  const arch::Device& chip = second ? arch::kNpu4 : arch::kNpu1;
  int columns = chip.max_partition;
  constexpr std::string_view kColumns = "col";
  if (rest.starts_with('_') && rest.ends_with(kColumns))
    std::from_chars(rest.data() + 1, rest.data() + rest.size() - kColumns.size(), columns);
  else if (!rest.empty())
    throw state.error(device, "device `{}` is not modelled", name)
        .hint(
            "--device npu1 or --device npu2 in its place; with fewer columns npu1_1col to "
            "npu1_4col, npu2_1col to npu2_7col");
  return arch::partition_of(chip, columns);
}

/// Ops that have no meaning here are named all at once.
void refuse_unknown(const State& state) {
  std::vector<const Op*> unknown;
  for (const mlir::Block& block : state.device.regions.at(0))
    for (const Op& op : block.ops)
      if (std::ranges::find(kDeviceOps, op.name) == kDeviceOps.end())
        unknown.push_back(&op);
  if (unknown.empty())
    return;
  std::map<std::string_view, int> others;
  for (size_t i = 1; i < unknown.size(); ++i)
    ++others[unknown[i]->name];
  std::vector<std::string> texts;
  for (const auto& [name, count] : others)
    texts.push_back(fmt::format("{} ({} times)", name, count));
  throw state.error(*unknown[0], "this op is not lowered{}{}", texts.empty() ? "" : "; nor are ",
                    fmt::join(texts, ", "));
}

/// The devices of a module, which may be in modules of modules.
std::vector<const Op*> devices_of(const Op& module) {
  std::vector<const Op*> found;
  mlir::walk(module, [&](const Op& op) {
    if (op.name == "aie.device" && !op.regions.empty())
      found.push_back(&op);
  });
  return found;
}

/// The device that runs: the one whose sequence is asked for, else the first that has a sequence.
const Op* find_device(const Op& module, std::string_view sequence) {
  const std::vector<const Op*> devices = devices_of(module);
  const std::string_view asked = sequence.substr(0, sequence.find("::"));
  const Op* by_sequence = nullptr;
  const Op* first = nullptr;
  for (const Op* device : devices) {
    if (!asked.empty() && mlir::name_of(*device, "sym_name") == asked)
      return device;
    for (const Op* each : sequences_of(*device)) {
      if (!first)
        first = device;
      if (!by_sequence && !asked.empty() && mlir::name_of(*each, "sym_name") == asked)
        by_sequence = device;
    }
  }
  if (by_sequence || first)
    return by_sequence ? by_sequence : first;
  return devices.empty() ? nullptr : devices[0];
}

void import_partition(State& state) {
  state.design.name = state.options.file;
  const std::string_view known = mlir::case_of(state.device, "device", mlir::kDevices);
  state.design.partition =
      partition_named(state, state.device,
                      known.empty() ? mlir::name_of(state.device, "device") : std::string(known));
  state.definitions = mlir::definitions(state.module);
}

/// Everything of a device but its sequence.
void import_device(State& state) {
  import_partition(state);
  refuse_unknown(state);
  refuse_unknown_attributes(state);
  refuse_second_symbols(state);
  constexpr std::array kParts{
      import_tiles,     import_memory,  import_objectfifos,        import_dmas,
      import_shim_dmas, import_streams, import_registered_buffers, import_cores,
      import_allocation};
  for (const auto part : kParts)
    part(state);
}

constexpr std::string_view kWithAddresses =
    "the compiler's file after it has assigned them: input_with_addresses.mlir";

/// Throws Error for what has no number, and how many others have none.
template <typename Things, typename Missing>
void refuse_without(std::string_view kind, std::string_view number, const Things& things,
                    Missing missing) {
  const auto first = std::find_if(things.begin(), things.end(), missing);
  if (first == things.end())
    return;
  const auto count = std::count_if(things.begin(), things.end(), missing);
  throw Error("{}: {} `{}` of {} has no {}{}", first->source, kind, first->name,
              arch::to_string(first->tile), number,
              count > 1 ? fmt::format("; {} in all have none", count) : "")
      .hint("{}", kWithAddresses);
}

void refuse_without_numbers(const State& state) {
  if (const auto fifos = all(state, "aie.objectfifo"); !fifos.empty())
    throw state
        .error(*fifos[0], "object fifo `{}` has no buffers with addresses yet",
               mlir::name_of(*fifos[0], "sym_name"))
        .hint("{}", kWithAddresses);
  refuse_without("buffer", "address", state.design.buffers,
                 [](const Buffer& buffer) { return !buffer.address; });
  refuse_without("lock", "number", state.design.locks, [](const Lock& lock) { return !lock.id; });
}

/// Gives tiles without place theirs: the first free one of their kind, cores column by column.
Coord place(const State& state, const Op& op, std::set<Coord>& taken) {
  const std::string kind = mlir::name_of(op, "tile_type");
  const auto col = mlir::integer_of(op, "col");
  const auto row = mlir::integer_of(op, "row");
  const int first_row = kind.starts_with("Shim") ? 0 : kind == "MemTile" ? 1 : arch::kFirstCoreRow;
  const int last_row = kind == "CoreTile" ? arch::kRows - 1 : first_row;
  for (int c = 0; c < state.design.partition.columns; ++c)
    for (int r = first_row; r <= last_row; ++r) {
      const Coord tile{static_cast<uint8_t>(c), static_cast<uint8_t>(r)};
      if ((!col || *col == c) && (!row || *row == r) && !taken.contains(tile))
        return tile;
    }
  throw state.error(op, "all tiles of this kind are taken");
}

}  // namespace

std::vector<const Op*> sequences_of(const Op& device) {
  std::vector<const Op*> found;
  mlir::walk(device, [&](const Op& op) {
    if (op.name == "aie.runtime_sequence")
      found.push_back(&op);
  });
  // Spring 2024 wrote the sequence as a function.
  mlir::walk(device, [&](const Op& op) {
    if (op.name == "func.func" && !op.regions.empty() &&
        mlir::name_of(op, "sym_name").find("sequence") != std::string::npos)
      found.push_back(&op);
  });
  return found;
}

std::unique_ptr<State> other_device(const State& state, const Op& op, std::string_view name) {
  for (const Op* device : devices_of(state.module)) {
    if (mlir::name_of(*device, "sym_name") != name)
      continue;
    auto other = std::make_unique<State>(
        State{.module = state.module, .device = *device, .options = state.options});
    import_device(*other);
    if (!other->shim_tasks.empty())
      throw state.error(op, "device `{}` has a DMA program of a shim", name)
          .hint("aie.shim_dma is started in the device of the sequence; here its tasks do that");
    return other;
  }
  throw state.error(op, "there is no device `{}`", name);
}

std::string State::source(const Op& op) const {
  return fmt::format("{}:{}", options.file, op.location.line);
}

namespace {
template <typename Map>
auto found_in(const State& state, const Map& map, const Op& op, size_t operand,
              std::string_view what) {
  if (operand >= op.operands.size())
    throw state.error(op, "has no operand {}", operand);
  const auto found = map.find(op.operands[operand].id);
  if (found == map.end())
    throw state.error(op, "`{}` is no {}", op.operands[operand].name, what);
  return found->second;
}
}  // namespace

Coord State::tile(const Op& op, size_t operand) const {
  return found_in(*this, tiles, op, operand, "tile");
}
int State::buffer(const Op& op, size_t operand) const {
  return found_in(*this, buffers, op, operand, "buffer of a tile");
}
int State::lock(const Op& op, size_t operand) const {
  return found_in(*this, locks, op, operand, "lock");
}

std::optional<int64_t> State::constant(const mlir::Value& value) const {
  const auto found = definitions.find(value.id);
  if (found == definitions.end() || !found->second.op || found->second.op->name != "arith.constant")
    return std::nullopt;
  return mlir::integer_of(*found->second.op, "value");
}

std::string State::fresh(std::string name) {
  std::string unique = name;
  for (int i = 1; !names.insert(unique).second; ++i)
    unique = fmt::format("{}_{}", name, i);
  return unique;
}

int State::add_buffer(Buffer buffer) {
  buffer.name = fresh(std::move(buffer.name));
  buffer_names[buffer.name] = static_cast<int>(design.buffers.size());
  design.buffers.push_back(std::move(buffer));
  return static_cast<int>(design.buffers.size()) - 1;
}

int State::add_lock(Lock lock) {
  lock.name = fresh(std::move(lock.name));
  design.locks.push_back(std::move(lock));
  return static_cast<int>(design.locks.size()) - 1;
}

std::vector<const Op*> all(const State& state, std::string_view name) {
  std::vector<const Op*> found;
  mlir::walk(state.device, [&](const Op& op) {
    if (op.name == name)
      found.push_back(&op);
  });
  return found;
}

arch::Type element_type(const State& state, const Op& op, const std::string& type) {
  const std::string element = mlir::element_type(type);
  if (const auto known = arch::type_named(element))
    return *known;
  switch (mlir::bits_of(element).value_or(0)) {
    case 8:
      return arch::Type::I8;
    case 16:
      return arch::Type::I16;
    case 32:
      return arch::Type::I32;
    case 64:
      return arch::Type::I64;
    default:
      throw state.error(op, "elements of type `{}` of `{}`", element, type);
  }
}

std::vector<uint32_t> initial_words(const State& state, const Op& op, const std::string& text,
                                    const Buffer& buffer) {
  const auto bytes = mlir::dense_bytes(text, arch::to_string(buffer.type),
                                       buffer.bytes() / arch::bytes_of(buffer.type));
  if (!bytes || bytes->size() != buffer.bytes())
    throw state.error(op, "the initial value does not fill `{}` of {} bytes", buffer.name,
                      buffer.bytes());
  std::vector<uint32_t> values((bytes->size() + 3) / 4);
  for (size_t i = 0; i < bytes->size(); ++i)
    values[i / 4] |= uint32_t{(*bytes)[i]} << 8 * (i % 4);
  return values;
}

void import_tiles(State& state) {
  std::set<Coord> taken;
  for (const Op* op : all(state, "aie.tile")) {
    const int64_t col = state.integer(*op, "col");
    const int64_t row = state.integer(*op, "row");
    if (col < 0 || col >= state.design.partition.columns || row < 0 || row >= arch::kRows)
      throw state.error(*op, "tile ({},{}) is outside the {} columns and {} rows of the device",
                        col, row, state.design.partition.columns, arch::kRows);
    const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
    taken.insert(tile);
    if (const mlir::Attribute* controller = op->attribute("controller_id"))
      if (const auto id = mlir::integer_field(controller->text, "pkt_id"))
        state.controllers[tile] = static_cast<int>(*id);
    if (!op->results.empty())
      state.tiles[op->results[0].id] = tile;
  }
  for (const Op* op : all(state, "aie.logical_tile")) {
    const Coord tile = place(state, *op, taken);
    taken.insert(tile);
    if (!op->results.empty())
      state.tiles[op->results[0].id] = tile;
  }
}

void import_memory(State& state) {
  const auto name_of = [](const Op& op, std::string_view otherwise) {
    const std::string name = mlir::name_of(op, "sym_name");
    if (!name.empty())
      return name;
    return op.results.empty() ? std::string(otherwise) : op.results[0].name.substr(1);
  };
  for (const Op* op : all(state, "aie.buffer")) {
    if (op->results.empty())
      continue;
    const std::string& type = op->results[0].type;
    const mlir::Type shape = mlir::parse_type(type);
    if (shape.kind != mlir::Type::Kind::Memref || shape.elements() == mlir::kDynamic)
      throw state.error(*op, "`{}` is no memref of a known size", type);
    if (type.find("strided<") != std::string::npos || type.find("affine_map") != std::string::npos)
      throw state.error(*op, "elements of `{}` do not follow each other", type)
          .hint("a buffer without a layout; memref.reinterpret_cast gives its elements one");
    Buffer buffer{.name = name_of(*op, "buffer"),
                  .tile = state.tile(*op, 0),
                  .type = element_type(state, *op, type),
                  .shape = shape.shape,
                  .source = state.source(*op)};
    if (op->attribute("address"))
      buffer.address = static_cast<uint32_t>(state.integer(*op, "address"));
    if (op->attribute("mem_bank"))
      buffer.bank = state.small(*op, "mem_bank");
    if (const mlir::Attribute* value = op->attribute("initial_value"))
      buffer.initial = initial_words(state, *op, value->text, buffer);
    state.buffers[op->results[0].id] = state.add_buffer(std::move(buffer));
  }
  for (const Op* op : all(state, "aie.lock")) {
    Lock lock{.name = name_of(*op, "lock"),
              .tile = state.tile(*op, 0),
              .initial = state.small(*op, "init", 0),
              .source = state.source(*op)};
    if (op->attribute("lockID"))
      lock.id = state.small(*op, "lockID");
    const int index = state.add_lock(std::move(lock));
    if (!op->results.empty())
      state.locks[op->results[0].id] = index;
  }
}

namespace {

/// Does a part of an import, in which an op of `where` may lack what its kind has.
template <typename Part>
auto complete(const ImportOptions& options, const Op& where, Part part) {
  try {
    return part();
  } catch (const std::out_of_range&) {
    throw Error("{}: an op in it lacks operands, results or regions",
                mlir::place(options.file, where));
  }
}

/// The device that runs; throws Error when there is none.
const Op& device_of(const Op& module, const ImportOptions& options, std::string_view hint) {
  const Op* device =
      complete(options, module, [&] { return find_device(module, options.sequence); });
  mlir::walk(module, [&](const Op& op) {
    if (!device && op.name == "aie.device")
      throw Error("{}: has no body", mlir::place(options.file, op)).hint("{}", hint);
  });
  if (!device)
    throw Error("{}: there is no aie.device in it", options.file).hint("{}", hint);
  return *device;
}

}  // namespace

}  // namespace import

Design import_module(const mlir::Op& written, const ImportOptions& options) {
  const std::optional<mlir::Op> processes =
      import::complete(options, written, [&] { return import::lower_processes(written, options); });
  const mlir::Op& whole = processes ? *processes : written;
  const std::optional<mlir::Op> lowered =
      import::complete(options, whole, [&] { return import::lower_parameters(whole, options); });
  const mlir::Op& module = lowered ? *lowered : whole;
  const mlir::Op& device = import::device_of(
      module, options,
      "a design has its tiles and its runtime sequence in `aie.device(npu1) { ... }`");
  import::State state{.module = module, .device = device, .options = options};
  import::complete(options, device, [&] {
    import::import_device(state);
  import::refuse_unknown_scalars(state);
  import::import_sequence(state);
});
return std::move(state.design);
}  // namespace npu::compiler

Design import_programs(const mlir::Op& module, const ImportOptions& options) {
  const mlir::Op& device =
      import::device_of(module, options, "cores are in `aie.device(npu1) { ... }`");
  import::State state{.module = module, .device = device, .options = options};
  import::complete(options, device, [&] {
    import::import_partition(state);
  import::import_tiles(state);
  import::import_memory(state);
  import::refuse_without_numbers(state);
  for (Buffer& buffer : state.design.buffers)
    buffer.initial.clear();
  import::import_cores(state);
  import::import_arguments(state);
});
assign_addresses(state.design);
return std::move(state.design);
}

}  // namespace npu::compiler
