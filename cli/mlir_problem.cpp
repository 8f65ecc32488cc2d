// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/mlir_problem.h"

#include "compiler/import/problem.h"
#include "compiler/mlir/reader.h"

namespace npu::cli {
namespace {

config::Node scalar(std::string text, const std::string& where) {
  config::Node node;
  node.kind = config::Node::Kind::Scalar;
  node.text = std::move(text);
  node.where = where;
  return node;
}

std::string_view name_of(arch::Layout layout) {
  return layout == arch::Layout::Row ? "row" : "column";
}

}  // namespace

bool is_mlir_problem(const std::string& path) {
  if (!path.ends_with(".mlir"))
    return false;
  const std::string text = config::read_file(path);
  return text.find("linalg.") != std::string::npos &&
         compiler::is_problem(compiler::mlir::read(text, path));
}

config::Node read_settings(const std::string& path) {
  if (!path.ends_with(".mlir"))
    return config::read_yaml(path);
  const compiler::ImportedProblem read =
      compiler::import_problem(compiler::mlir::read(config::read_file(path), path), path);
  const compiler::matmul::Problem& problem = read.problem;
  const std::string where = fmt::format("{}:{}:{}", path, read.location.line, read.location.column);
  config::Node root;
  root.kind = config::Node::Kind::Map;
  root.where = where;
  const auto put = [&](std::string_view key, std::string value) {
    config::put(root, fmt::format("problem.{}", key), scalar(std::move(value), where));
  };
  put("m", std::to_string(problem.m));
  put("k", std::to_string(problem.k));
  put("n", std::to_string(problem.n));
  put("a", std::string(arch::to_string(problem.a)));
  put("b", std::string(arch::to_string(problem.b)));
  put("c", std::string(arch::to_string(problem.c)));
  put("a_layout", std::string(name_of(problem.a_layout)));
  put("b_layout", std::string(name_of(problem.b_layout)));
  put("batch", std::to_string(problem.batch));
  return root;
}

}  // namespace npu::cli
