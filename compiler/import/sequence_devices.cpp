// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A runtime sequence that loads devices of its file, and runs their sequences.
#include "compiler/import/sequence.h"

namespace npu::compiler::import {

bool Sequence::devices(const Op& op) {
  if (op.name == "aiex.configure")
    configure_device(op);
  else if (op.name == "aiex.run")
    run_sequence(op);
  else if (op.name == "aiex.npu.load_pdi")
    add(arch::Load{configuration(op, mlir::name_of(op, "device_ref"))});
  else
    return false;
  return true;
}

/// The number of a device's configuration: 0 for the device of this sequence, which one without a
/// name means when there is no other.
uint32_t Sequence::configuration(const Op& op, const std::string& name) {
  if (inner_)
    throw state_.error(op, "a sequence that another one runs loads a device");
  int devices = 0;
  mlir::walk(state_.module, [&](const Op& each) { devices += each.name == "aie.device"; });
  if (name.empty() && devices > 1)
    throw state_.error(op, "which of {} devices it loads is not said", devices)
        .hint("{{device_ref = @name}}");
  if (name.empty() || name == mlir::name_of(state_.device, "sym_name"))
    return 0;
  const auto [found, added] = loads_.try_emplace(name, static_cast<uint32_t>(others_.size()) + 1);
  if (added)
    others_.push_back(other_device(state_, op, name));
  return found->second;
}

void Sequence::configure_device(const Op& op) {
  const uint32_t number = configuration(op, mlir::name_of(op, "symbol"));
  add(arch::Load{number});
  configured_ = number > 0 ? others_[number - 1].get() : nullptr;
  for (const mlir::Region& region : op.regions)
    for (const mlir::Block& each : region)
      block(each);
  configured_ = nullptr;
}

/// Runs a sequence of the configured device on memory of this sequence's arguments.
void Sequence::run_sequence(const Op& op) {
  const std::string name = mlir::name_of(op, "runtime_sequence_symbol");
  State& device = configured_ ? *configured_ : state_;
  for (const Op* each : sequences_of(device.device)) {
    const std::string own = mlir::name_of(*each, "sym_name");
    if (own != name && !(own.empty() && name == "sequence"))
      continue;
    device.design.arguments = state_.design.arguments;
    Sequence inner(device);
    inner.call(*each, op, *this);
    if (configured_) {
      std::vector<HostOp>& commands = device.design.sequence;
      state_.design.sequence.insert(state_.design.sequence.end(), commands.begin(), commands.end());
      commands.clear();
    }
    return;
  }
  throw state_.error(op, "there is no sequence `{}`", name);
}

void Sequence::call(const Op& sequence, const Op& caller, const Sequence& outer) {
  inner_ = true;
  const mlir::Region& region = sequence.regions.at(0);
  if (region.empty())
    return;
  const std::vector<mlir::Value>& arguments = region.front().arguments;
  if (arguments.size() != caller.operands.size())
    throw outer.state_.error(caller, "{} operands for {} arguments", caller.operands.size(),
                             arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i)
    if (mlir::parse_type(arguments[i].type).kind == mlir::Type::Kind::Memref)
      memories_[arguments[i].id] = outer.host_memory(caller, caller.operands[i]);
    else
      numbers_[arguments[i].id] = outer.number(caller, caller.operands[i]);
  for (const mlir::Block& each : region)
    block(each);
}

}  // namespace npu::compiler::import
