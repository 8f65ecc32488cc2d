// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/rewrite.h"

#include <algorithm>

namespace npu::compiler::import {

using mlir::Op;

namespace {

int first_free_value(const Op& module) {
  int last = 0;
  mlir::walk(module, [&](const Op& op) {
    for (const mlir::Value& result : op.results)
      last = std::max(last, result.id);
    for (const mlir::Region& region : op.regions)
      for (const mlir::Block& block : region)
        for (const mlir::Value& argument : block.arguments)
          last = std::max(last, argument.id);
  });
  return last + 1;
}

void rewrite_in(Op& op, const DeviceRewrite& rewrite, int& next) {
  if (op.name == "aie.device") {
    next = rewrite(op, next);
    return;
  }
  for (mlir::Region& region : op.regions)
    for (mlir::Block& block : region)
      for (Op& inner : block.ops)
        rewrite_in(inner, rewrite, next);
}

}  // namespace

std::optional<Op> rewrite_devices(const Op& module, std::string_view name,
                                  const DeviceRewrite& rewrite) {
  bool found = false;
  mlir::walk(module, [&](const Op& op) { found = found || op.name == name; });
  if (!found)
    return std::nullopt;
  Op rewritten = module;
  int next = first_free_value(module);
  rewrite_in(rewritten, rewrite, next);
  return rewritten;
}

}  // namespace npu::compiler::import
