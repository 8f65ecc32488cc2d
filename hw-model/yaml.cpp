// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/yaml.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>

#include <fmt/ranges.h>
#include <sys/stat.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace npu::config {
namespace {

constexpr size_t kMaxFileBytes = 16u << 20;
constexpr size_t kShownBytes = 60;

/// Builds Nodes from yaml-cpp's events, so that no other file sees yaml-cpp.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const std::string& name) : name_(name) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { leaf(mark, Node::Kind::Null, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Error("{}: aliases are not supported", at(mark)).hint("write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    leaf(mark, Node::Kind::Scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::List);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::Map);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A collection that is being filled; of a map also the key that waits for its value.
  struct Level {
    Node node;
    bool has_key = false;
    std::string key;
    std::string key_where;
  };

  std::string at(const YAML::Mark& mark) const {
    return fmt::format("{}:{}:{}", name_, mark.line + 1, mark.column + 1);
  }

  Node make(const YAML::Mark& mark, Node::Kind kind) const {
    Node node;
    node.kind = kind;
    node.where = at(mark);
    return node;
  }

  void leaf(const YAML::Mark& mark, Node::Kind kind, const std::string& text) {
    if (!levels_.empty() && levels_.back().node.kind == Node::Kind::Map && !levels_.back().has_key)
      return begin_key(mark, text);
    Node node = make(mark, kind);
    node.text = text;
    add(std::move(node));
  }

  void begin_key(const YAML::Mark& mark, const std::string& key) {
    Level& level = levels_.back();
    for (const Entry& entry : level.node.entries)
      if (entry.key == key)
        throw Error("{}: key `{}` occurs twice", at(mark), key).hint("first at {}", entry.where);
    level.has_key = true;
    level.key = key;
    level.key_where = at(mark);
  }

  void open(const YAML::Mark& mark, Node::Kind kind) {
    if (!levels_.empty() && levels_.back().node.kind == Node::Kind::Map && !levels_.back().has_key)
      throw Error("{}: a key must be a word", at(mark)).hint("write `key: value`");
    levels_.push_back({make(mark, kind), false, {}, {}});
  }

  void close() {
    Node node = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == Node::Kind::List) {
      level.node.items.push_back(std::move(node));
      return;
    }
    level.node.entries.push_back(
        {std::move(level.key), std::move(level.key_where), std::move(node)});
    level.has_key = false;
  }

  std::string name_;
  Node root_;
  std::vector<Level> levels_;
};

/// A value as an error shows it.
std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::Scalar:
      return fmt::format("`{}`", printable(node.text));
    case Node::Kind::List:
      return "a list";
    case Node::Kind::Map:
      return "a map";
  }
  return {};
}

Error wrong(const Node& node, std::string_view name, std::string_view what) {
  return Error("{}: `{}` is {}, not {}", node.where, name, shown(node), what);
}

Error out_of_range(const Node& node, std::string_view name) {
  return Error("{}: `{}` cannot be {}", node.where, name, printable(node.text));
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (char c : text.substr(0, kShownBytes))
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return text.size() > kShownBytes ? shown + "..." : shown;
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key)
      return &entry.value;
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

Node parse_yaml(std::string_view text, const std::string& name) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(name);
    if (!parser.HandleNextDocument(builder))
      throw Error("{}: the file is empty", name).hint("`airlock run --help` names an example");
    Builder second(name);
    if (parser.HandleNextDocument(second))
      throw Error("{}: a second document begins", second.take().where).hint("one document a file");
    return builder.take();
  } catch (const YAML::Exception& e) {
    const bool tabs = text.starts_with('\t') || text.find("\n\t") != std::string_view::npos;
    throw Error("{}:{}:{}: {}", name, e.mark.line + 1, e.mark.column + 1, printable(e.msg))
        .hint("{}", tabs ? "YAML is indented with spaces, not with tabs"
                         : "the text before this place is not complete YAML");
  }
}

Node read_yaml(const std::string& path) {
  return parse_yaml(read_file(path), path);
}

std::string read_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0)
    throw Error("{}: {}", path, errno == ENOENT ? "no such file" : std::strerror(errno));
  if (S_ISDIR(status.st_mode))
    throw Error("{}: is a directory", path).hint("name a file in it");
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    throw Error("{}: {}", path, std::strerror(errno));
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes)
    throw Error("{}: larger than 16 MiB", path).hint("a configuration is a few lines of YAML");
  return text;
}

void put(Node& root, std::string_view path, Node value) {
  const size_t dot = path.find('.');
  const std::string key(path.substr(0, dot));
  if (root.kind == Node::Kind::Null) {
    root.kind = Node::Kind::Map;
    root.where = value.where;
  }
  if (root.kind != Node::Kind::Map)
    throw Error("{}: {} at {} has no key `{}`", value.where, shown(root), root.where, key);
  Node* child = root.find(key);
  if (child == nullptr) {
    root.entries.push_back({key, value.where, {}});
    child = &root.entries.back().value;
  }
  if (dot == std::string_view::npos)
    *child = std::move(value);
  else
    put(*child, path.substr(dot + 1), std::move(value));
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  size_t least = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < least && distance < word.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

void check_keys(const Node& map, std::string_view name, std::span<const std::string_view> keys) {
  if (map.kind != Node::Kind::Map)
    throw wrong(map, name, "a map").hint("keys here: {}", fmt::join(keys, ", "));
  for (const Entry& entry : map.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end())
      continue;
    const std::string_view near = nearest(entry.key, keys);
    throw Error("{}: unknown key `{}`", entry.where, printable(entry.key))
        .hint("{}keys here: {}", near.empty() ? "" : fmt::format("did you mean `{}`? ", near),
              fmt::join(keys, ", "));
  }
}

void check_paths(const Node& map, std::string_view name, std::span<const std::string_view> paths) {
  std::vector<std::string_view> keys;
  for (std::string_view path : paths) {
    const std::string_view key = path.substr(0, path.find('.'));
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      keys.push_back(key);
  }
  check_keys(map, name, keys);
  for (const Entry& entry : map.entries) {
    std::vector<std::string_view> below;
    for (std::string_view path : paths)
      if (path.starts_with(entry.key + "."))
        below.push_back(path.substr(entry.key.size() + 1));
    if (!below.empty())
      check_paths(entry.value, entry.key, below);
  }
}

const Node* find_path(const Node& root, std::string_view path) {
  const size_t dot = path.find('.');
  const Node* child = root.find(path.substr(0, dot));
  if (child == nullptr || dot == std::string_view::npos)
    return child;
  return find_path(*child, path.substr(dot + 1));
}

int64_t to_integer(const Node& node, std::string_view name, int64_t low, int64_t high) {
  int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  const bool whole = node.kind == Node::Kind::Scalar && stop == end && !node.text.empty();
  if (!whole)
    throw wrong(node, name, "a whole number").hint("{} to {}", low, high);
  if (error != std::errc{} || value < low || value > high)
    throw out_of_range(node, name).hint("{} to {}", low, high);
  return value;
}

double to_number(const Node& node, std::string_view name, double low, double high) {
  const Quantity quantity = to_quantity(node, name);
  if (!quantity.unit.empty())
    throw wrong(node, name, "a number without a unit").hint("{} to {}", low, high);
  if (quantity.value < low || quantity.value > high)
    throw out_of_range(node, name).hint("{} to {}", number_text(low), number_text(high));
  return quantity.value;
}

bool to_boolean(const Node& node, std::string_view name) {
  constexpr std::string_view kChoices[] = {"false", "true"};
  return to_choice(node, name, kChoices) == 1;
}

std::string to_text(const Node& node, std::string_view name) {
  if (node.kind != Node::Kind::Scalar)
    throw wrong(node, name, "a text");
  return node.text;
}

size_t to_choice(const Node& node, std::string_view name,
                 std::span<const std::string_view> choices) {
  const auto found = node.kind == Node::Kind::Scalar
                         ? std::find(choices.begin(), choices.end(), node.text)
                         : choices.end();
  if (found == choices.end())
    throw Error("{}: `{}` cannot be {}", node.where, name, shown(node))
        .hint("{}", fmt::join(choices, ", "));
  return static_cast<size_t>(found - choices.begin());
}

Quantity to_quantity(const Node& node, std::string_view name) {
  Quantity quantity;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, quantity.value);
  if (node.kind != Node::Kind::Scalar || error != std::errc{} || !std::isfinite(quantity.value))
    throw wrong(node, name, "a number").hint("`4`, or with a unit `180 ns`");
  quantity.unit.assign(stop, end);
  quantity.unit.erase(0, quantity.unit.find_first_not_of(' '));
  return quantity;
}

std::string yaml_scalar(std::string_view text) {
  const bool plain = !text.empty() &&
                     text.find_first_of("#:{}[],&*!|>'\"%@`\\\n\t") == std::string_view::npos &&
                     text.front() != ' ' && text.back() != ' ' && text.front() != '-' &&
                     text.front() != '?' && text != "~" && text != "null";
  if (plain)
    return std::string(text);
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '"';
}

void Printer::line(std::string_view path, std::string_view value) {
  size_t depth = 0;
  for (size_t dot; (dot = path.find('.')) != std::string_view::npos; ++depth) {
    const std::string_view section = path.substr(0, dot);
    path.remove_prefix(dot + 1);
    if (depth < open_.size() && open_[depth] == section)
      continue;
    open_.resize(depth);
    open_.emplace_back(section);
    text_ += fmt::format("{:{}}{}:\n", "", indent_ + 2 * depth, section);
  }
  open_.resize(depth);
  text_ += fmt::format("{:{}}{}: {}\n", "", indent_ + 2 * depth, path, value);
}

std::string number_text(double value) {
  return fmt::format("{}", value);
}

}  // namespace npu::config
