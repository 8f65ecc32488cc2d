// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls: of functions of the module, which become part of the program, and of kernels.
#include <algorithm>

#include "compiler/import/core_emit.h"

namespace npu::compiler::core {

using arch::Op;

namespace {

constexpr int kMaxDepth = 32;

void inline_call(Emitter& out, const mlir::Op& op, const mlir::Op& function) {
  if (++out.depth > kMaxDepth)
    throw out.error(op, fmt::format("{} calls in each other", kMaxDepth))
        .hint("a core's functions cannot call themselves");
  const size_t wanted = function.regions[0][0].arguments.size();
  if (wanted != op.operands.size())
    throw out.error(op, fmt::format("{} arguments for {}", op.operands.size(), wanted));
  std::vector<Held> arguments;
  for (const mlir::Value& operand : op.operands)
    arguments.push_back(out.held(op, operand));
  const auto results = out.inlined(op, function.regions[0], arguments, op.results.size());
  for (size_t i = 0; i < op.results.size() && i < results.size(); ++i)
    out.define(op, op.results[i], results[i]);
  --out.depth;
}

CallArgument argument_of(const Held& held) {
  CallArgument argument{.memory = held.view.has_value(), .element = held.type.element};
  if (held.view) {
    argument.element = held.view->element_name;
    for (const Number& size : held.view->sizes)
      argument.shape.push_back(size.known() ? size.value : mlir::kDynamic);
  } else if (held.lanes.size() == 1 && held.lanes[0].known()) {
    argument.value = held.lanes[0].value;
  }
  return argument;
}

void external_call(Emitter& out, const mlir::Op& op, const std::string& name) {
  std::vector<CallArgument> arguments;
  std::vector<Held> values;
  for (const mlir::Value& operand : op.operands) {
    values.push_back(out.held(op, operand));
    arguments.push_back(argument_of(values.back()));
  }
  const ExternalKernel kernel =
      out.context().kernel ? out.context().kernel(name, arguments) : ExternalKernel{};
  if (!kernel.spec) {
    out.missing.push_back(fmt::format("line {}: `{}`{}", op.location.line, name,
                                      kernel.missing.empty() ? "" : ": " + kernel.missing));
    return;
  }
  if (!op.results.empty())
    throw out.error(op, fmt::format("`{}` is a kernel and gives no value", name));
  CodeOp call{.op = Op::Call};
  auto& kernels = out.code().kernels;
  const auto known_kernel = std::find(kernels.begin(), kernels.end(), *kernel.spec);
  call.imm = static_cast<int32_t>(known_kernel - kernels.begin());
  if (known_kernel == kernels.end())
    kernels.push_back(*kernel.spec);
  for (const int i : kernel.arguments) {
    const Held& value = values.at(static_cast<size_t>(i));
    call.arguments.push_back(out.reg(value.view ? out.address(*value.view) : value.lanes.at(0)));
  }
  out.code().add(std::move(call));
}

}  // namespace

bool lower_call(Emitter& out, const mlir::Op& op) {
  if (op.name != "func.call" && op.name != "call")
    return false;
  const std::string name = text_of(op, "callee");
  const mlir::Op* function = out.context().symbol ? out.context().symbol(name) : nullptr;
  const bool has_body = function != nullptr && !function->regions.empty() &&
                        !function->regions[0].empty() && !function->regions[0][0].ops.empty();
  if (has_body)
    inline_call(out, op, *function);
  else
    external_call(out, op, name);
  return true;
}

}  // namespace npu::compiler::core
