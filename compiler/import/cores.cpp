// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cores with their programs.
#include <algorithm>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

namespace {

/// Functions and constants of the device, then of the modules around it, by name.
std::map<std::string, const Op*, std::less<>> symbols(const State& state) {
  std::map<std::string, const Op*, std::less<>> found;
  for (const Op* from : {&state.device, &state.module})
    mlir::walk(*from, [&](const Op& op) {
      if (op.name == "func.func" || op.name == "memref.global")
        found.try_emplace(mlir::name_of(op, "sym_name"), &op);
    });
  return found;
}

FifoUse fifo_use(const State& state, Coord tile, const Op& op) {
  const std::string name = mlir::name_of(op, "objFifo_name");
  const bool producer = is_producer(state.options, op);
  const auto found = state.fifos.find({name, tile, producer});
  const auto is_named = [&](const Op* fifo) { return mlir::name_of(*fifo, "sym_name") == name; };
  if (found == state.fifos.end() && std::ranges::none_of(all(state, "aie.objectfifo"), is_named))
    throw state.error(op, "there is no object fifo `{}`", name);
  if (found == state.fifos.end())
    throw state.error(op, "{} is no {} of object fifo `{}`", arch::to_string(tile),
                      producer ? "producer" : "consumer", name);
  return {&found->second, static_cast<int>(state.integer(op, "size", 1))};
}

}  // namespace

namespace {

/// `core(0,2), line 7: what` of a body with the file's name in front, and the op's where there is
/// no line.
Error in_file(const State& state, const Op& core, Coord tile, std::string_view what) {
  const std::string own = arch::to_string(tile) + ", line ";
  const size_t colon = what.find(": ");
  if (!what.starts_with(own) || colon == what.npos)
    return Error("{}: {}: {}", state.source(core), arch::to_string(tile), what);
  return Error("{}:{}: {}: {}", state.options.file, what.substr(own.size(), colon - own.size()),
               arch::to_string(tile), what.substr(colon + 2));
}

/// A core whose code is elsewhere.
void refuse_without_body(const State& state) {
  for (const Op* op : all(state, "aie.core")) {
    const mlir::Attribute* file = op->attribute("elf_file");
    const bool empty = op->regions.empty() || op->regions[0].empty() ||
                       op->regions[0][0].ops.empty() || op->regions[0][0].ops[0].name == "aie.end";
    if (file && empty)
      throw state
          .error(*op, "{} has no body, only the file {}", arch::to_string(state.tile(*op, 0)),
                 file->text)
          .hint(
              "the compiler's file of before it was taken out: input_with_addresses.mlir or "
              "input_physical.mlir");
  }
}

}  // namespace

void import_cores(State& state) {
  if (!state.options.without_bodies)
    refuse_without_body(state);
  const auto known = symbols(state);
  for (const Op* op : all(state, "aie.core")) {
    const Coord tile = state.tile(*op, 0);
    if (tile.kind() != arch::TileKind::Core)
      throw state.error(*op, "{} has no core", arch::to_string(tile));
    const CoreContext context{
        .tile = tile,
        .stack_bytes = static_cast<int>(state.integer(*op, "stack_size", 1024)),
        .next_buffer = static_cast<int>(state.design.buffers.size()),
        .buffers = state.buffers,
        .locks = state.locks,
        .symbol =
            [&](std::string_view name) {
              const auto found = known.find(name);
              return found == known.end() ? nullptr : found->second;
            },
        .fifo = [&](const Op& use) { return fifo_use(state, tile, use); },
        .kernel = state.options.kernel};
    CoreProgram program;
    try {
      program = compile_core(*op, context);
    } catch (Error& error) {
      Error placed = in_file(state, *op, tile, error.what());
      throw error.hint().empty() ? std::move(placed) : std::move(placed).hint("{}", error.hint());
    }
    for (Buffer& global : program.globals)
      state.add_buffer(std::move(global));
    state.design.cores.push_back({.tile = tile,
                                  .program = std::move(program.program),
                                  .buffers = std::move(program.buffers),
                                  .locks = std::move(program.locks),
                                  .stack_bytes = context.stack_bytes,
                                  .source = state.source(*op)});
  }
}

}  // namespace npu::compiler::import
