// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/error.h"

namespace npu::config {

struct Entry;

/// A YAML value that remembers where it was written, for the errors of whoever reads it.
struct Node {
  enum class Kind : uint8_t { Null, Scalar, List, Map };

  Kind kind = Kind::Null;
  std::string where;           ///< `configs/a.yaml:12:3`, or the option that set it
  std::string text;            ///< of a scalar
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order of the file

  /// The value of a key of a map, or nullptr.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

/// A key of a map and its value.
struct Entry {
  std::string key;
  std::string where;
  Node value;
};

/// Reads one YAML document. `name` is what errors call it. Anchors, aliases and keys that occur
/// twice are errors, as is anything YAML does not allow; throws Error with file, line and column.
Node parse_yaml(std::string_view text, const std::string& name);

/// Reads a file; throws Error when it cannot be read.
Node read_yaml(const std::string& path);

/// Text of a file; throws Error when it is missing, a directory, or larger than 16 MiB.
std::string read_file(const std::string& path);

/// Puts a value at a dotted path (`problem.m`), making maps on the way. Throws Error when the path
/// leads through something that is no map.
void put(Node& root, std::string_view path, Node value);

/// Throws Error at the first key of the map that is not one of `keys`, with the nearest spelling
/// and the keys there are; and when the node is no map. `name` says what the map is: `problem`.
void check_keys(const Node& map, std::string_view name, std::span<const std::string_view> keys);

/// The same for a map of maps: `paths` are the dotted paths of all values there are. What lies
/// below a value is not looked at.
void check_paths(const Node& map, std::string_view name, std::span<const std::string_view> paths);

/// The value at a dotted path, or nullptr.
const Node* find_path(const Node& root, std::string_view path);

/// The candidate with the most similar spelling, or nothing when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// Typed values. `name` is the key as the user knows it: `problem.m`. All throw Error naming key,
// value and what would be right.
int64_t to_integer(const Node& node, std::string_view name, int64_t low, int64_t high);
double to_number(const Node& node, std::string_view name, double low, double high);
bool to_boolean(const Node& node, std::string_view name);
std::string to_text(const Node& node, std::string_view name);
size_t to_choice(const Node& node, std::string_view name,
                 std::span<const std::string_view> choices);

/// A number and the word behind it: `1.8 GHz`, `64 GB/s`, `4`.
struct Quantity {
  double value = 0;
  std::string unit;
};
Quantity to_quantity(const Node& node, std::string_view name);

/// What a user typed, fit for a line on a terminal: shortened, control characters as `?`.
std::string printable(std::string_view text);

/// `text` as a YAML scalar: quoted where it would be read as something else.
std::string yaml_scalar(std::string_view text);

/// Writes dotted paths and their values as nested maps. Paths of one section must follow each
/// other.
class Printer {
 public:
  explicit Printer(int indent = 0) : indent_(static_cast<size_t>(indent)) {}

  /// `value` is YAML text already.
  void line(std::string_view path, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  size_t indent_;
  std::vector<std::string> open_;  // sections that the last line was in
  std::string text_;
};

/// The shortest text that reads back as the same number.
std::string number_text(double value);

}  // namespace npu::config
