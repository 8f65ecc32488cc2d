// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops of linalg on memrefs as loops: their maps say which element of each operand a turn
// is about.
#include <algorithm>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"

namespace npu::compiler::core {

using arch::Op;
using arch::Type;

namespace {

/// For each dimension of an operand the loop that walks it; -1: always its first element.
using Map = std::vector<int64_t>;

/// `affine_map<(d0, d1) -> (d1, 0)>`.
Map map_of(Emitter& out, const mlir::Op& op, std::string_view text) {
  const auto fail = [&] {
    return out.error(op, fmt::format("the map `{}`", text)).hint("each result is a loop or 0");
  };
  const auto list = [&](size_t from) {
    const size_t open = text.find('(', from);
    const size_t close = text.find(')', from);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      throw fail();
    std::vector<std::string> names;
    std::string name;
    for (const char c : text.substr(open + 1, close - open)) {
      if (c != ',' && c != ')') {
        name += c == ' ' ? "" : std::string(1, c);
        continue;
      }
      if (!name.empty())
        names.push_back(name);
      name.clear();
    }
    return names;
  };
  const size_t arrow = text.find("->");
  if (arrow == std::string_view::npos)
    throw fail();
  const std::vector<std::string> loops = list(0);
  Map map;
  for (const std::string& result : list(arrow)) {
    const auto found = std::ranges::find(loops, result);
    if (found == loops.end() && result != "0")
      throw fail();
    map.push_back(found == loops.end() ? -1 : found - loops.begin());
  }
  return map;
}

/// An operand with its walk.
struct Operand {
  View view;
  Map map;

  std::vector<Number> indices(std::span<const Number> loops) const {
    std::vector<Number> values;
    for (const int64_t loop : map)
      values.push_back(loop < 0 ? known(0) : loops[static_cast<size_t>(loop)]);
    return values;
  }
};

/// How often each loop turns: the extent of a dimension that it walks.
std::vector<Number> extents(Emitter& out, const mlir::Op& op,
                            const std::vector<Operand>& operands) {
  std::vector<std::optional<Number>> found;
  for (const Operand& operand : operands)
    for (size_t i = 0; i < operand.map.size(); ++i) {
      const auto loop = static_cast<size_t>(operand.map[i] + 1);
      if (loop == 0)
        continue;
      found.resize(std::max(found.size(), loop));
      if (!found[loop - 1])
        found[loop - 1] = operand.view.sizes[i];
    }
  std::vector<Number> sizes;
  for (const std::optional<Number>& size : found) {
    if (!size)
      throw out.error(op, fmt::format("no operand says how often loop {} turns", sizes.size()));
    sizes.push_back(*size);
  }
  return sizes;
}

std::vector<Operand> operands_of(Emitter& out, const mlir::Op& op,
                                 const std::vector<std::string_view>& maps) {
  if (maps.size() != op.operands.size())
    throw out.error(op, fmt::format("{} maps for {} operands", maps.size(), op.operands.size()));
  std::vector<Operand> operands;
  for (size_t i = 0; i < maps.size(); ++i) {
    operands.push_back({out.view(op, i), map_of(out, op, maps[i])});
    if (operands[i].map.size() != operands[i].view.sizes.size())
      throw out.error(op, fmt::format("a map of {} results for {} dimensions",
                                      operands[i].map.size(), operands[i].view.sizes.size()));
  }
  return operands;
}

/// The body once for every turn; what it yields goes to the last operands.
void generic(Emitter& out, const mlir::Op& op) {
  const mlir::Attribute* maps = op.attribute("indexing_maps");
  if (maps == nullptr || op.regions.size() != 1 || op.regions[0].empty() ||
      op.regions[0][0].arguments.size() != op.operands.size())
    throw out.error(op, "maps and a body with an argument for each operand are missing");
  const std::vector<Operand> operands = operands_of(out, op, mlir::to_list(maps->text));
  for_each_element(out, extents(out, op, operands), [&](std::span<const Number> loops) {
    std::vector<Held> arguments;
    for (size_t i = 0; i < operands.size(); ++i)
      arguments.push_back({.type = body_type(op.regions[0][0].arguments[i].type),
                           .lanes = {out.load(operands[i].view, operands[i].indices(loops))}});
    const std::vector<Held> results = out.inlined(op, op.regions[0], arguments, 0);
    if (results.empty() || results.size() >= operands.size())
      throw out.error(op, fmt::format("a body that yields {} values", results.size()));
    for (size_t i = 0; i < results.size(); ++i) {
      const Operand& to = operands[operands.size() - results.size() + i];
      out.store(to.view, to.indices(loops), results[i].lanes.at(0));
    }
  });
}

/// c += a * b, in the type of c.
void matmul(Emitter& out, const mlir::Op& op) {
  const std::vector<Operand> operands =
      operands_of(out, op, {"(m, n, k) -> (m, k)", "(m, n, k) -> (k, n)", "(m, n, k) -> (m, n)"});
  for_each_element(out, extents(out, op, operands), [&](std::span<const Number> loops) {
    const auto load = [&](const Operand& from) { return out.load(from.view, from.indices(loops)); };
    const NumberType type = operands[2].view.element;
    const Number a = load(operands[0]);
    const Number b = load(operands[1]);
    const Number c = load(operands[2]);
    const Number sum =
        type.real() ? out.emit(Op::FAdd, Type::F32, c, out.emit(Op::FMul, Type::F32, a, b))
                    : out.emit(Op::Add, type.machine, c, out.emit(Op::Mul, type.machine, a, b));
    out.store(operands[2].view, operands[2].indices(loops), sum);
  });
}

}  // namespace

bool lower_linalg(Emitter& out, const mlir::Op& op) {
  if (op.name == "linalg.generic")
    generic(out, op);
  else if (op.name == "linalg.matmul" && !op.attribute("indexing_maps"))
    matmul(out, op);
  else
    return false;
  return true;
}

}  // namespace npu::compiler::core
