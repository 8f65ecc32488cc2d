// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Numbers that the host decides on at every run, in its scratchpad: the firmware adds them to
// registers and memory when the sequence says so.
#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "compiler/import/core_emit.h"
#include "compiler/import/rewrite.h"
#include "compiler/import/sequence.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::import {

namespace {

constexpr std::string_view kRead = "aiex.read_scratchpad_parameter";
constexpr std::string_view kSync = "aiex.sync_scratchpad_parameters_from_host";
constexpr std::string_view kPreamble = "emit_parameter_sync_preamble";
/// The firmware clears the two low bits of what it writes, so that the host shifts its numbers by
/// two, and cores shift them back: 30 bits arrive.
constexpr int kCarriedBits = 30;
constexpr uint64_t kWritten = ~uint64_t{3};

/// The bits of a parameter in memory. `user` is the op that uses it.
uint32_t parameter(const Op& module, const ImportOptions& options, const Op& user,
                   std::string_view name) {
  const std::string place = mlir::place(options.file, user);
  const Op* declared = nullptr;
  mlir::walk(module, [&](const Op& op) {
    if (op.name == "aiex.scratchpad_parameter" && mlir::name_of(op, "sym_name") == name)
      declared = &op;
  });
  if (!declared)
    throw Error("{}: there is no scratchpad parameter `{}`", place, name)
        .hint("aiex.scratchpad_parameter @{} : i32", name);
  const std::string type = mlir::name_of(*declared, "type");
  const auto number = number_type(type);
  if (!number || number->bits > 32)
    throw Error("{}: parameter `{}` of type `{}`", mlir::place(options.file, *declared), name, type)
        .hint("at most 32 bits: i32, f32, bf16");
  const auto given = options.scalars.find(name);
  if (given == options.scalars.end())
    throw Error("{}: the host's value of parameter `{}` is not known", place, name)
        .hint("--arg {}=NUMBER, of type {}", name, type);
  const auto value = core::literal(given->second, *number);
  if (!value)
    throw Error("{}: parameter `{}` of type {} cannot be {}", place, name, type, given->second);
  const auto bits = static_cast<uint32_t>(to_memory(*value, *number));
  if (number->bits < 32)
    return bits & ((1U << number->bits) - 1);
  if (bits >> kCarriedBits)
    throw Error("{}: parameter `{}` is {}: of a scratchpad's numbers {} bits arrive", place, name,
                given->second, kCarriedBits);
  return bits;
}

/// Puts what parameters stand for into one device.
class Lowering {
 public:
  Lowering(const Op& module, const ImportOptions& options, int next)
      : module_(module), options_(options), next_(next) {}

  int run(Op& device) {
    for (mlir::Region& region : device.regions)
      for (mlir::Block& block : region)
        cores(block);
    if (!buffers_.empty())
      for (mlir::Region& region : device.regions)
        for (mlir::Block& block : region)
          for (Op& op : block.ops)
            if (op.name == "aie.runtime_sequence")
              sequence(op);
    return next_;
  }

 private:
  struct Filled {
    std::string buffer;
    uint32_t bits;
  };

  mlir::Value value(std::string name, std::string type) {
    return {"%" + std::move(name), std::move(type), next_++};
  }

  void cores(mlir::Block& block) {
    std::vector<Op> ops;
    for (Op& op : block.ops) {
      if (op.name == "aie.core")
        core(op, ops);
      ops.push_back(std::move(op));
    }
    block.ops = std::move(ops);
  }

  /// Adds the buffers and the lock of a core to `before`.
  void core(Op& core, std::vector<Op>& before) {
    std::map<std::string, mlir::Value> memory;
    for (mlir::Region& region : core.regions)
      reads(core, region, memory, before);
    if (memory.empty())
      return;
    const mlir::Attribute* waits = core.attribute(kPreamble);
    if (waits && !mlir::flag_of(core, kPreamble))
      return;
    const std::string name = "parameters" + std::to_string(locks_.size());
    const mlir::Value lock = value(name, "index");
    before.push_back({.name = "aie.lock",
                      .operands = {core.operands.at(0)},
                      .results = {lock},
                      .attributes = {mlir::string("sym_name", name), mlir::integer("init", 0)},
                      .location = core.location});
    locks_.push_back(lock);
    std::vector<Op>& body = core.regions.at(0).at(0).ops;
    body.insert(body.begin(),
                {.name = "aie.use_lock",
                 .operands = {lock},
                 .attributes = {{"action", "AcquireGreaterEqual"}, mlir::integer("value", 1)},
                 .location = core.location});
  }

  /// Replaces what reads a parameter by a load.
  void reads(const Op& core, mlir::Region& region, std::map<std::string, mlir::Value>& memory,
             std::vector<Op>& before) {
    for (mlir::Block& block : region) {
      std::vector<Op> ops;
      for (Op& op : block.ops) {
        for (mlir::Region& inner : op.regions)
          reads(core, inner, memory, before);
        if (op.name != kRead) {
          ops.push_back(std::move(op));
          continue;
        }
        const std::string name = mlir::name_of(op, "name");
        if (!memory.contains(name))
          memory[name] = buffer(core, op, name, before);
        const mlir::Value first = value("first", "index");
        ops.push_back({.name = "arith.constant",
                       .results = {first},
                       .attributes = {mlir::integer("value", 0, "index")},
                       .location = op.location});
        ops.push_back({.name = "memref.load",
                       .operands = {memory[name], first},
                       .results = op.results,
                       .location = op.location});
      }
      block.ops = std::move(ops);
    }
  }

  /// Eight bytes, as many as the firmware writes at once.
  mlir::Value buffer(const Op& core, const Op& read, const std::string& name,
                     std::vector<Op>& before) {
    const std::string& type = read.results.at(0).type;
    const auto bits = mlir::bits_of(type);
    if (!bits || *bits < 8)
      throw Error("{}: a parameter of type `{}`", mlir::place(options_.file, read), type);
    const std::string own = name + "_" + std::to_string(buffers_.size());
    buffers_.push_back({own, parameter(module_, options_, read, name)});
    const mlir::Value made = value(own, "memref<" + std::to_string(64 / *bits) + "x" + type + ">");
    before.push_back({.name = "aie.buffer",
                      .operands = {core.operands.at(0)},
                      .results = {made},
                      .attributes = {mlir::string("sym_name", own)},
                      .location = read.location});
    return made;
  }

  /// The writes stand where the sequence says, else after what it loads first.
  void sequence(Op& op) {
    for (mlir::Region& region : op.regions)
      for (mlir::Block& block : region) {
        const auto at = std::ranges::find(block.ops, kSync, &Op::name);
        if (at != block.ops.end()) {
          const mlir::Location location = at->location;
          insert(block.ops, block.ops.erase(at), location);
        } else if (!op.attribute(kPreamble) || mlir::flag_of(op, kPreamble)) {
          insert(block.ops,
                 std::ranges::find_if(
                     block.ops, [](const Op& each) { return each.name != "aiex.npu.load_pdi"; }),
                 op.location);
        }
      }
  }

  void insert(std::vector<Op>& ops, std::vector<Op>::iterator at, mlir::Location location) {
    std::vector<Op> writes;
    for (const Filled& filled : buffers_)
      writes.push_back(
          {.name = "aiex.npu.write32",
           .attributes = {mlir::symbol("buffer", filled.buffer), mlir::integer("address", 0),
                          mlir::integer("value", filled.bits)},
           .location = location});
    for (const mlir::Value& lock : locks_)
      writes.push_back({.name = "aiex.set_lock",
                        .operands = {lock},
                        .attributes = {mlir::integer("value", 1)},
                        .location = location});
    ops.insert(at, writes.begin(), writes.end());
  }

  const Op& module_;
  const ImportOptions& options_;
  int next_;  ///< id of the next value
  std::vector<Filled> buffers_;
  std::vector<mlir::Value> locks_;
};

}  // namespace

std::optional<Op> lower_parameters(const Op& module, const ImportOptions& options) {
  return rewrite_devices(module, kRead, [&](Op& device, int next) {
    return Lowering(module, options, next).run(device);
  });
}

void refuse_unknown_scalars(const State& state) {
  std::set<std::string, std::less<>> names;
  std::set<std::string, std::less<>> memories;  // have contents instead
  for (const Op* sequence : sequences_of(state.device))
    for (const mlir::Block& block : sequence->regions.at(0))
      for (const mlir::Value& argument : block.arguments) {
        const bool memory = mlir::parse_type(argument.type).kind == mlir::Type::Kind::Memref;
        (memory ? memories : names).insert(argument.name.substr(1));
      }
  for (const Op* op : all(state, "aie.external_buffer"))
    memories.insert(host_buffer_name(*op));
  for (const ShimTask& task : state.shim_tasks)
    for (const ShimDescriptor& descriptor : task.descriptors)
      for (const auto& use : {descriptor.acquire, descriptor.release})
        if (use)
          names.insert(state.design.locks[static_cast<size_t>(use->lock)].name);
  mlir::walk(state.module, [&](const Op& op) {
    if (op.name == "aiex.scratchpad_parameter")
      names.insert(mlir::name_of(op, "sym_name"));
    else if (op.name == "aiex.npu.update_from_scratchpad")
      names.insert(fmt::format("scratchpad[{}]", state.integer(op, "state_table_idx", 0)));
  });
  for (const auto& [name, value] : state.options.scalars)
    if (!names.contains(name) && !memories.contains(name))
      throw Error("{}: nothing of the host is called `{}`", state.options.file, name)
          .hint("{}",
                names.empty() && memories.empty()
                    ? "the design takes nothing by name"
                    : fmt::format("numbers: {}; buffers: {}",
                                  names.empty() ? "none" : fmt::to_string(fmt::join(names, ", ")),
                                  fmt::join(memories, ", ")));
}

bool Sequence::scratchpad(const Op& op) {
  // Where the host's numbers are kept is no place that anything here reads.
  if (op.name == "aiex.npu.create_scratchpad" || op.name == kSync)
    return true;
  if (op.name != "aiex.npu.update_from_scratchpad")
    return false;
  update_from_scratchpad(op);
  return true;
}

int64_t Sequence::host_offset(const Op& op) const {
  if (!op.attribute("offset_parameter"))
    return 0;
  return parameter(state_.module, state_.options, op, mlir::name_of(op, "offset_parameter"));
}

/// What the 64 bits from an address on hold: the last that this sequence wrote, else what the
/// configuration did.
uint64_t Sequence::before(const Op& op, uint32_t address) const {
  std::optional<uint64_t> known;
  for (const Buffer& buffer : state_.design.buffers) {
    const uint32_t begin = arch::address_of(
        buffer.tile, arch::register_offset(buffer.tile.kind(), arch::RegisterId::DataMemory) +
                         buffer.address.value_or(0));
    if (!buffer.address || address < begin || address + 8 > begin + (buffer.bytes() + 3) / 4 * 4)
      continue;
    const size_t first = (address - begin) / 4;
    const auto word = [&](size_t i) {
      return i < buffer.initial.size() ? uint64_t{buffer.initial[i]} : 0;
    };
    known = word(first) | word(first + 1) << 32;
  }
  for (const HostOp& command : state_.design.sequence)
    if (const auto* done = std::get_if<arch::Command>(&command))
      if (const auto* block = std::get_if<arch::BlockWrite>(done))
        if (block->address == address && block->words.size() >= 2)
          known = block->words[0] | uint64_t{block->words[1]} << 32;
  if (!known)
    throw state_.error(op, "what is at address {:#x} before it is not known", address)
        .hint("the numbers of a scratchpad are added to a buffer of eight bytes or more");
  return *known;
}

/// Adds a number of the scratchpad and one of the op's own to eight bytes.
void Sequence::update_from_scratchpad(const Op& op) {
  const int64_t index = state_.integer(op, "state_table_idx", 0);
  const std::string name = fmt::format("scratchpad[{}]", index);
  const auto given = state_.options.scalars.find(name);
  if (given == state_.options.scalars.end())
    throw state_.error(op, "the host's value of {} is not known", name)
        .hint("--arg '{}=NUMBER'", name);
  const auto value = mlir::to_integer(given->second);
  if (!value || *value < 0 || *value > int64_t{UINT32_MAX})
    throw state_.error(op, "{} cannot be {}", name, given->second).hint("32 bits without a sign");
  const int64_t function = state_.integer(op, "func", 1);
  if (function != 1)
    throw state_.error(op, "function {} of a scratchpad's number", function)
        .hint("1 adds it, others are not modelled");
  const uint32_t at = address(op, state_.integer(op, "address", 0));
  const uint64_t sum = before(op, at) + static_cast<uint64_t>(*value) +
                       static_cast<uint64_t>(state_.integer(op, "func_arg", 0));
  add(arch::BlockWrite{at,
                       {static_cast<uint32_t>(sum & kWritten), static_cast<uint32_t>(sum >> 32)}});
}

}  // namespace npu::compiler::import
