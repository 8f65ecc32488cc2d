// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_body.h"

#include "compiler/import/core_emit.h"
#include "compiler/import/core_fifo.h"

namespace npu::compiler {

namespace {

size_t ops_in(const mlir::Op& core) {
  size_t count = 0;
  mlir::walk(core, [&](const mlir::Op&) { ++count; });
  return count - 1;
}

[[noreturn]] void refuse_missing(const mlir::Op& core, const CoreContext& context,
                                 const std::vector<std::string>& missing) {
  std::string list;
  for (const std::string& line : missing)
    list += "\n  " + line;
  throw Error("{}, line {}: {} calls of functions without a kernel:{}",
              arch::to_string(context.tile), core.location.line, missing.size(), list);
}

}  // namespace

CoreProgram compile_core(const mlir::Op& core, const CoreContext& context) {
  core::Emitter out(context);
  out.code().place(out.code().new_block());
  core::prepare_fifos(out, core);
  if (!core.regions.empty())
    out.region(core, core.regions[0], {},
               [&](const auto&) { out.code().add({.op = arch::Op::Done}); });
  if (!out.missing.empty())
    refuse_missing(core, context, out.missing);
  try {
    CoreProgram program = allocate(std::move(out.code()), context.stack_bytes);
    program.globals = out.take_buffers();
    return program;
  } catch (const Error& error) {
    throw Error("{}, line {}: {} ops of the body: {}", arch::to_string(context.tile),
                core.location.line, ops_in(core), error.what())
        .hint("{}", error.hint());
  }
}

}  // namespace npu::compiler
