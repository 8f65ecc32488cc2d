// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/model_file.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/assignments.h"

namespace npu::cli {
namespace {

using config::Entry;
using config::Node;

constexpr int64_t kMaxRepeat = 1'000'000;

/// A value as it is written, for telling whether two entries say the same.
std::string text_of(const Node& node) {
  if (node.kind == Node::Kind::Scalar)
    return config::yaml_scalar(node.text);
  std::string text = node.kind == Node::Kind::List ? "[" : "{";
  for (const Node& item : node.items)
    text += text_of(item) + ",";
  for (const Entry& entry : node.entries)
    text += entry.key + ":" + text_of(entry.value) + ",";
  return text;
}

/// Names become names of files and of kernels.
std::string read_name(const Node& node, std::string_view key) {
  const std::string name = config::to_text(node, key);
  const bool good =
      !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
      });
  if (!good)
    throw Error("{}: `{}` cannot be `{}`", node.where, key, config::printable(name))
        .hint("letters, digits, `_`, `-` and `.`");
  return name;
}

/// Builds the entries, in the order of the file.
class Entries {
 public:
  Entries(Model& model, const std::string& path, const Draft& base,
          const std::vector<Override>& overrides)
      : model_(model), path_(path), base_(base), overrides_(overrides) {}

  void add(const Node& row) {
    const Node* name = row.find("name");
    if (row.kind != Node::Kind::Map || name == nullptr)
      throw Error("{}: an entry is a map with a `name`", row.where)
          .hint("- {{name: q, shape: 512x4096x4096, repeat: 32}}");
    ModelEntry entry{.name = read_name(*name, "name"), .where = row.where};
    const auto [first, fresh] = places_.emplace(entry.name, row.where);
    if (!fresh)
      throw Error("{}: a second entry `{}`", row.where, entry.name)
          .hint("first at {}", first->second);
    Assignments all;
    for (const Entry& each : row.entries) {
      if (each.key == "repeat")
        entry.repeat = config::to_integer(each.value, "repeat", 1, kMaxRepeat);
      else if (each.key == "container")
        entry.container = read_name(each.value, "container");
      else if (each.key != "name")
        expand(each.key, each.value, all);
    }
    entry.settings = settings_of(entry, all);
    model_.entries.push_back(std::move(entry));
  }

 private:
  size_t settings_of(const ModelEntry& entry, const Assignments& all) {
    std::string text;
    for (const auto& [key, node] : all)
      text += key + "=" + text_of(node) + "\n";
    const auto [known, fresh] = known_.emplace(std::move(text), model_.settings.size());
    if (!fresh)
      return known->second;
    Draft draft = base_;
    for (const auto& [key, node] : all)
      draft.put(key, node, "set by the model", path_);
    for (const Override& override : overrides_)
      draft.put(override);
    if (!draft.has("problem.m"))
      throw Error("{}: entry `{}` has no shape", entry.where, entry.name)
          .hint("shape: 512x512x640");
    model_.settings.push_back(draft.read());
    return known->second;
  }

  Model& model_;
  const std::string& path_;
  const Draft& base_;
  const std::vector<Override>& overrides_;
  std::map<std::string, std::string> places_;  // of names
  std::map<std::string, size_t> known_;
};

/// The document; an empty one for what whoever reads it next will refuse.
Node read_or_none(const std::string& path) {
  try {
    return config::read_yaml(path);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

int64_t Model::matmuls() const {
  int64_t count = 0;
  for (const ModelEntry& entry : entries)
    count += entry.repeat;
  return count;
}

std::optional<Model> load_model(const std::string& path, const std::vector<Override>& overrides) {
  constexpr std::string_view kKeys[] = {"title", "base", "entries"};
  const Node document = read_or_none(path);
  const Node* list = document.find("entries");
  if (list == nullptr)
    return std::nullopt;
  config::check_keys(document, path, kKeys);
  Model model{.name = std::filesystem::path(path).stem()};
  if (const Node* title = document.find("title"))
    model.title = config::to_text(*title, "title");
  if (list->kind != Node::Kind::List || list->items.empty())
    throw Error("{}: `entries` is no list of matmuls", list->where)
        .hint("- {{name: q, shape: 512x4096x4096, repeat: 32}}");
  const Draft base = read_base(document.find("base"), path);
  Entries entries(model, path, base, overrides);
  for (const Node& row : list->items)
    entries.add(row);
  return model;
}

}  // namespace npu::cli
