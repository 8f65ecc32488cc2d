// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/problem.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include <fmt/ranges.h>

#include "compiler/mlir/attributes.h"
#include "compiler/mlir/reader.h"
#include "compiler/mlir/types.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {
namespace {

using mlir::Op;

/// Which loop goes along each dimension of a tensor.
using Map = std::vector<std::string>;

struct Named {
  std::string_view op;
  std::array<std::string_view, 3> maps;  ///< of A, B and C; letters are loops
};
constexpr std::array kNamed{
    Named{"linalg.matmul", {"mk", "kn", "mn"}},
    Named{"linalg.matmul_transpose_a", {"km", "kn", "mn"}},
    Named{"linalg.matmul_transpose_b", {"mk", "nk", "mn"}},
    Named{"linalg.batch_matmul", {"zmk", "zkn", "zmn"}},
    Named{"linalg.batch_matmul_transpose_a", {"zkm", "zkn", "zmn"}},
    Named{"linalg.batch_matmul_transpose_b", {"zmk", "znk", "zmn"}},
};
constexpr std::string_view kGeneric = "linalg.generic";

constexpr std::array<std::string_view, 11> kAround{
    "builtin.module", "func.func",  "func.return", "tensor.empty", "arith.constant", "linalg.fill",
    "linalg.yield",   "arith.mulf", "arith.muli",  "arith.addf",   "arith.addi"};
constexpr std::array<std::string_view, 4> kWidening{"arith.extf", "arith.extsi", "arith.extui",
                                                    "arith.sitofp"};

bool is_matmul(const Op& op) {
  return op.name == kGeneric || std::ranges::find(kNamed, op.name, &Named::op) != kNamed.end();
}

bool is_known(std::string_view name) {
  return std::ranges::find(kAround, name) != kAround.end() ||
         std::ranges::find(kWidening, name) != kWidening.end();
}

/// `affine_map<(d0, d1, d2) -> (d0, d2)>` without its first part.
Map to_map(std::string_view text) {
  const size_t arrow = text.find("->");
  const size_t open = text.find('(', arrow == std::string_view::npos ? 0 : arrow);
  const size_t close = text.rfind(')');
  Map map;
  if (arrow == std::string_view::npos || open == std::string_view::npos || close < open)
    return map;
  for (const std::string_view piece : mlir::split(text.substr(open + 1, close - open - 1), ','))
    map.emplace_back(piece);
  return map;
}

std::vector<std::string_view> named_ops() {
  std::vector<std::string_view> names;
  for (const Named& row : kNamed)
    names.push_back(row.op);
  return names;
}

class ProblemReader {
 public:
  ProblemReader(const Op& module, const std::string& file)
      : file_(file), definitions_(mlir::definitions(module)) {
    mlir::walk(module, [&](const Op& op) {
      if (is_matmul(op))
        matmuls_.push_back(&op);
      else if (op.name.starts_with("scf."))
        throw error(op, "a schedule is read, not compiled").hint("airlock explain {}", file_);
      else if (!is_known(op.name))
        throw error(op, "this op is not part of a problem")
            .hint("tensor.empty, arith.constant, linalg.fill, linalg.generic, {}",
                  fmt::join(named_ops(), ", "));
    });
    if (matmuls_.empty())
      throw Error("{}: no matmul", file).hint("linalg.matmul ins(...) outs(...)");
    if (matmuls_.size() > 1)
      throw error(*matmuls_[1], "the second matmul of the file").hint("one in a file");
  }

  ImportedProblem read() {
    const Op& op = *matmuls_.front();
    if (op.operands.size() != 3)
      throw error(op, "not two inputs and one output");
    const std::array<Map, 3> maps = maps_of(op);
    if (op.name == kGeneric)
      check_body(op);
    check_surroundings(op);
    return {.problem = problem_of(op, maps), .location = op.location};
  }

 private:
  template <typename... Arguments>
  Error error(const Op& op, fmt::format_string<Arguments...> text, Arguments&&... arguments) const {
    return Error("{}: {}", mlir::place(file_, op),
                 fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  const Op* defining(const mlir::Value& value) const {
    const auto found = definitions_.find(value.id);
    return found == definitions_.end() ? nullptr : found->second.op;
  }

  std::array<Map, 3> maps_of(const Op& op) const {
    std::array<Map, 3> maps;
    const mlir::Attribute* written = op.attribute("indexing_maps");
    if (written != nullptr) {
      const std::vector<std::string_view> texts = mlir::to_list(written->text);
      for (size_t i = 0; i < 3 && texts.size() == 3; ++i)
        maps[i] = to_map(texts[i]);
    } else if (op.name != kGeneric) {
      const auto* const row = std::ranges::find(kNamed, op.name, &Named::op);
      for (size_t i = 0; i < 3; ++i)
        for (const char loop : row->maps[i])
          maps[i].emplace_back(1, loop);
    }
    return maps;
  }

  /// The sum of products, whose factors may be widened first.
  void check_body(const Op& op) const {
    const auto fails = [&] {
      return error(op, "the body does not add products to the output")
          .hint("a body of a multiplication, an addition to the output and linalg.yield");
    };
    if (op.regions.size() != 1 || op.regions[0].size() != 1 ||
        op.regions[0][0].arguments.size() != 3 || op.regions[0][0].ops.empty())
      throw fails();
    const mlir::Block& block = op.regions[0][0];
    const auto skip_widening = [&](const mlir::Value& value) {
      const Op* from = defining(value);
      return from != nullptr && std::ranges::find(kWidening, from->name) != kWidening.end()
                 ? from->operands.at(0).id
                 : value.id;
    };
    const Op& yield = block.ops.back();
    const Op* sum = yield.operands.size() == 1 ? defining(yield.operands[0]) : nullptr;
    if (sum == nullptr || !sum->name.starts_with("arith.add") || sum->operands.size() != 2)
      throw fails();
    const bool first = sum->operands[0].id == block.arguments[2].id;
    const Op* product = defining(sum->operands[first ? 1 : 0]);
    if (sum->operands[first ? 0 : 1].id != block.arguments[2].id || product == nullptr ||
        !product->name.starts_with("arith.mul") || product->operands.size() != 2)
      throw fails();
    std::array<int, 2> factors{skip_widening(product->operands[0]),
                               skip_widening(product->operands[1])};
    std::array<int, 2> inputs{block.arguments[0].id, block.arguments[1].id};
    std::ranges::sort(factors);
    std::ranges::sort(inputs);
    if (factors != inputs)
      throw fails();
  }

  /// A and B come from outside, C begins as zeros, and the function returns it.
  void check_surroundings(const Op& op) const {
    for (size_t i = 0; i < 2; ++i)
      if (const Op* from = defining(op.operands[i]))
        throw error(*from, "computes an operand of the matmul")
            .hint("operands are arguments of the function");
    const Op* fill = defining(op.operands[2]);
    const Op* value =
        fill != nullptr && fill->name == "linalg.fill" ? defining(fill->operands.at(0)) : nullptr;
    if (value == nullptr || !is_zero(*value))
      throw error(op, "adds to something else than zeros").hint("linalg.fill ins(%zero) outs(%c)");
    for (const auto& [id, definition] : definitions_)
      if (definition.owner != nullptr && definition.owner->name == "func.func")
        check_return(op, *definition.owner);
  }

  void check_return(const Op& op, const Op& function) const {
    for (const mlir::Block& block : function.regions.at(0))
      for (const Op& last : block.ops)
        if (last.name == "func.return" &&
            (last.operands.size() != 1 || last.operands[0].id != op.results.at(0).id))
          throw error(last, "gives something else than the matmul");
  }

  static bool is_zero(const Op& op) {
    const mlir::Attribute* value = op.attribute("value");
    if (op.name != "arith.constant" || value == nullptr)
      return false;
    const std::string_view text =
        std::string_view(value->text).substr(0, value->text.find_first_of(" :"));
    return !text.empty() && text.find_first_not_of("+-0.xe") == std::string_view::npos;
  }

  matmul::Problem problem_of(const Op& op, const std::array<Map, 3>& maps) const {
    const auto& [a, b, c] = maps;
    const size_t rank = c.size();
    const bool batched = rank == 3;
    const auto unlike = [&] {
      return error(op, "no matmul of matrices in row or column order")
          .hint(
              "A of m and k, B of k and n, C of m and n, each with the batch before it or "
              "none");
    };
    if ((rank != 2 && rank != 3) || a.size() != rank || b.size() != rank ||
        (batched && (a[0] != c[0] || b[0] != c[0])))
      throw unlike();
    const std::string& m = c[rank - 2];
    const std::string& n = c[rank - 1];
    const bool a_row = a[rank - 2] == m;
    const bool b_row = b[rank - 1] == n;
    const std::string& k = a_row ? a[rank - 1] : a[rank - 2];
    if ((a_row ? a[rank - 2] : a[rank - 1]) != m || (b_row ? b[rank - 1] : b[rank - 2]) != n ||
        (b_row ? b[rank - 2] : b[rank - 1]) != k || m == n || k == m || k == n)
      throw unlike();
    const std::map<std::string, int64_t> extents = extents_of(op, maps);
    matmul::Problem problem{.m = extents.at(m),
                            .k = extents.at(k),
                            .n = extents.at(n),
                            .a = element_of(op, 0),
                            .b = element_of(op, 1),
                            .c = element_of(op, 2),
                            .a_layout = a_row ? arch::Layout::Row : arch::Layout::Column,
                            .b_layout = b_row ? arch::Layout::Row : arch::Layout::Column};
    if (batched)
      problem.batch = extents.at(c[0]);
    return problem;
  }

  std::map<std::string, int64_t> extents_of(const Op& op, const std::array<Map, 3>& maps) const {
    std::map<std::string, int64_t> extents;
    for (size_t i = 0; i < 3; ++i) {
      const mlir::Type type = mlir::parse_type(op.operands[i].type);
      if (type.kind != mlir::Type::Kind::Tensor || type.shape.size() != maps[i].size())
        throw error(op, "operand {} is a {}, not a tensor of {} dimensions", i, op.operands[i].type,
                    maps[i].size());
      for (size_t d = 0; d < maps[i].size(); ++d) {
        const int64_t extent = type.shape[d];
        if (extent == mlir::kDynamic)
          throw error(op, "the size of operand {} is not known: {}", i, op.operands[i].type)
              .hint("a number for every `?`");
        const auto [at, added] = extents.try_emplace(maps[i][d], extent);
        if (!added && at->second != extent)
          throw error(op, "operand {} is {}, others say {} for its dimension {}", i,
                      op.operands[i].type, at->second, d);
      }
    }
    return extents;
  }

  arch::Type element_of(const Op& op, size_t operand) const {
    const std::string name = mlir::element_type(op.operands[operand].type);
    std::vector<std::string_view> known;
    for (const arch::TypeRow& row : arch::kMatrixTypes) {
      if (row.name == name)
        return row.type;
      known.push_back(row.name);
    }
    throw error(op, "elements of operand {} are {}", operand, name)
        .hint("{}", fmt::join(known, ", "));
  }

  const std::string& file_;
  std::unordered_map<int, mlir::Definition> definitions_;
  std::vector<const Op*> matmuls_;
};

}  // namespace

bool is_problem(const mlir::Op& module) {
  bool device = false;
  bool linalg = false;
  mlir::walk(module, [&](const Op& op) {
    device |= op.name == "aie.device" || op.name.starts_with("aie.");
    linalg |= op.name.starts_with("linalg.");
  });
  return linalg && !device;
}

ImportedProblem import_problem(const mlir::Op& module, const std::string& file) {
  return ProblemReader(module, file).read();
}

}  // namespace npu::compiler
