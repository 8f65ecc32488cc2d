// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/assignments.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/ranges.h>

#include "cli/mlir_problem.h"

namespace npu::cli {

using config::Entry;
using config::Node;

namespace {

/// A short way to write several keys at once.
struct Shorthand {
  std::string_view name;
  char separator;
  std::vector<std::string_view> keys;
  std::string_view example;
};
const std::vector<Shorthand>& shorthands() {
  static const std::vector<Shorthand> table{
      {"shape", 'x', {"problem.m", "problem.k", "problem.n"}, "512x512x640: m, k, n"},
      {"types", ' ', {"problem.a", "problem.b", "problem.c"}, "bf16 bf16 f32: a, b, c"},
      {"herd", 'x', {"compiler.herd.columns", "compiler.herd.rows"}, "4x2: columns, rows"},
  };
  return table;
}

void expand_shorthand(const Shorthand& row, const Node& node, Assignments& out) {
  const std::string text = config::to_text(node, row.name);
  std::vector<std::string> parts{""};
  for (char c : text) {
    if (c == row.separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  if (parts.size() != row.keys.size())
    throw Error("{}: `{}` cannot be `{}`", node.where, row.name, config::printable(text))
        .hint("{}", row.example);
  for (size_t i = 0; i < parts.size(); ++i) {
    Node part = node;
    part.text = parts[i];
    out.emplace_back(row.keys[i], std::move(part));
  }
}

}  // namespace

void expand(const std::string& key, const Node& node, Assignments& out) {
  for (const Shorthand& row : shorthands())
    if (row.name == key)
      return expand_shorthand(row, node, out);
  if (node.kind != Node::Kind::Map || node.find("value") != nullptr)
    return out.emplace_back(key, node), void();
  for (const Entry& entry : node.entries)
    expand(key + "." + entry.key, entry.value, out);
}

std::string label_of(const Assignments& all) {
  std::vector<std::string> words;
  std::set<std::string_view> told;
  const auto value_of = [&](std::string_view key) -> const Node* {
    const Node* found = nullptr;
    for (const auto& [each, node] : all)
      if (each == key)
        found = &node;
    return found;
  };
  for (const auto& pair : all) {
    const std::string& key = pair.first;
    if (told.contains(key))
      continue;
    told.insert(key);
    const auto whole = std::ranges::find_if(shorthands(), [&](const Shorthand& row) {
      return std::ranges::find(row.keys, key) != row.keys.end() &&
             std::ranges::all_of(row.keys, value_of);
    });
    if (whole == shorthands().end()) {
      const size_t dot = key.find('.');
      words.push_back(fmt::format("{}={}", dot == std::string::npos ? key : key.substr(dot + 1),
                                  value_of(key)->kind == Node::Kind::Scalar
                                      ? config::printable(value_of(key)->text)
                                      : value_of(key)->where));
      continue;
    }
    std::string word;
    for (std::string_view part : whole->keys) {
      told.insert(part);
      word += fmt::format("{}{}", word.empty() ? "" : std::string(1, whole->separator),
                          config::printable(value_of(part)->text));
    }
    words.push_back(whole->name == "herd" ? "herd " + word : word);
  }
  return words.empty() ? "base" : fmt::format("{}", fmt::join(words, " "));
}

Draft read_base(const Node* base, const std::string& path) {
  Node root;
  root.kind = Node::Kind::Map;
  std::string file = path;
  if (base != nullptr && base->kind == Node::Kind::Scalar) {
    file = (std::filesystem::path(path).parent_path() / base->text).lexically_normal();
    if (!std::filesystem::exists(file))
      throw Error("{}: no file `{}`", base->where, file)
          .hint("paths are relative to the file that names them");
    root = read_settings(file);
  } else if (base != nullptr) {
    root = *base;
  }
  return Draft(std::move(root), file);
}

}  // namespace npu::cli
