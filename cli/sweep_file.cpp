// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/assignments.h"
#include "cli/user_kernels.h"
#include "cli/version.h"

namespace npu::cli {
namespace {

using config::Entry;
using config::Node;

constexpr double kDefaultTimeout = 600;
constexpr double kMaxTimeout = 1e6;
constexpr size_t kMaxRows = 100'000;

/// A key and the values that it takes in turn.
struct Axis {
  std::string key;
  std::vector<Node> values;
};

std::vector<Node> values_of(const Entry& entry) {
  if (entry.value.kind == Node::Kind::Null ||
      (entry.value.kind == Node::Kind::List && entry.value.items.empty()))
    throw Error("{}: `{}` has no value", entry.where, config::printable(entry.key))
        .hint("{}: [one, another]", config::printable(entry.key));
  return entry.value.kind == Node::Kind::List ? entry.value.items : std::vector<Node>{entry.value};
}

RowEnd read_end(const Node& node, std::string_view name) {
  return static_cast<RowEnd>(config::to_choice(node, name, kRowEnds));
}

Expectation read_expectation(const Node& node) {
  if (node.kind != Node::Kind::Map)
    return {read_end(node, "expect"), ""};
  constexpr std::string_view kKeys[] = {"outcome", "text"};
  config::check_keys(node, "expect", kKeys);
  Expectation expectation;
  if (const Node* end = node.find("outcome"))
    expectation.end = read_end(*end, "expect.outcome");
  if (const Node* text = node.find("text"))
    expectation.text = config::to_text(*text, "expect.text");
  return expectation;
}

Find read_find(const Node& node) {
  constexpr std::string_view kKeys[] = {"smallest", "from", "to", "that", "by"};
  constexpr std::string_view kWays[] = {"bisection", "scan"};
  config::check_keys(node, "find", kKeys);
  for (std::string_view key : {"smallest", "from", "to"})
    if (node.find(key) == nullptr)
      throw Error("{}: `find.{}` is missing", node.where, key)
          .hint("find: {{smallest: device.stream.circuit.core, from: 0, to: 64, that: pass}}");
  Find find{.where = node.where};
  const Node& smallest = *node.find("smallest");
  if (smallest.kind == Node::Kind::List)
    for (const Node& key : smallest.items)
      find.keys.push_back(config::to_text(key, "find.smallest"));
  else
    find.keys.push_back(config::to_text(smallest, "find.smallest"));
  find.from = config::to_integer(*node.find("from"), "find.from", 0, INT32_MAX);
  find.to = config::to_integer(*node.find("to"), "find.to", find.from, INT32_MAX);
  if (const Node* that = node.find("that"))
    find.that = read_end(*that, "find.that");
  if (const Node* by = node.find("by"))
    find.scan = config::to_choice(*by, "find.by", kWays) == 1;
  if (find.scan && static_cast<size_t>(find.to - find.from) >= kMaxRows)
    throw Error("{}: a scan of {} values", node.where, find.to - find.from + 1)
        .hint("`by: bisection` needs only a few");
  return find;
}

/// Builds the rows, in the order of the file.
class Rows {
 public:
  Rows(const std::string& path, const Draft& base, const std::vector<Override>& overrides,
       Expectation expected, std::optional<Find> asked)
      : path_(path),
        base_(base),
        overrides_(overrides),
        expected_(std::move(expected)),
        asked_(std::move(asked)) {}

  /// One row for each combination; the last axis turns fastest.
  void add(const std::string& where, const std::vector<Axis>& axes,
           const std::optional<Expectation>& expect, const std::optional<Find>& find) {
    std::vector<size_t> at(axes.size(), 0);
    for (bool more = true; more;) {
      Assignments all;
      for (size_t i = 0; i < axes.size(); ++i)
        expand(axes[i].key, axes[i].values[at[i]], all);
      add_one(where, all, expect.value_or(expected_), find);
      more = false;
      for (size_t i = axes.size(); i-- > 0 && !more;) {
        at[i] = (at[i] + 1) % axes[i].values.size();
        more = at[i] != 0;
      }
    }
  }

  std::vector<SweepRow> take() { return std::move(rows_); }

 private:
  void add_one(const std::string& where, const Assignments& all, const Expectation& expect,
               const std::optional<Find>& find) {
    SweepRow row{label_of(all), where, expect, base_, {}};
    row.find = find ? find : asked_;
    if (find)  // rows may differ in nothing else
      row.label +=
          fmt::format("{}find {}", row.label.empty() ? "" : " ", fmt::join(find->keys, ", "));
    for (const auto& [key, node] : all)
      row.draft.put(key, node, "varied by the sweep", path_);
    for (const Override& override : overrides_)
      row.draft.put(override);
    row.settings = row.draft.read();
    if (!labels_.insert(row.label).second)
      throw Error("{}: `{}` occurs twice", where, row.label)
          .hint("first at {}", std::ranges::find(rows_, row.label, &SweepRow::label)->where);
    if (rows_.size() == kMaxRows)
      throw Error("{}: more than {} rows", where, kMaxRows).hint("split the file");
    rows_.push_back(std::move(row));
  }

  const std::string& path_;
  const Draft& base_;
  const std::vector<Override>& overrides_;
  Expectation expected_;       ///< of rows that say nothing else
  std::optional<Find> asked_;  ///< likewise
  std::vector<SweepRow> rows_;
  std::set<std::string> labels_;
};

void read_row(Rows& rows, const Node& row, const Node* vary) {
  if (row.kind != Node::Kind::Map)
    throw Error("{}: a row is a map of keys", row.where)
        .hint("- {{shape: 512x512x640, expect: hang}}");
  std::vector<Axis> axes;
  std::optional<Expectation> expect;
  std::optional<Find> find;
  for (const Entry& entry : row.entries) {
    if (entry.key == "expect")
      expect = read_expectation(entry.value);
    else if (entry.key == "find")
      find = read_find(entry.value);
    else
      axes.push_back({entry.key, values_of(entry)});
  }
  if (vary != nullptr)
    for (const Entry& entry : vary->entries)
      if (row.find(entry.key) == nullptr)
        axes.push_back({entry.key, values_of(entry)});
  rows.add(row.where, axes, expect, find);
}

std::vector<SweepRow> read_rows(const Node& document, const std::string& path,
                                const std::vector<Override>& overrides) {
  const Node* vary = document.find("vary");
  if (vary != nullptr && vary->kind != Node::Kind::Map)
    throw Error("{}: `vary` is no map of keys", vary->where)
        .hint("vary: {{problem.m: [512, 640]}}");
  const Node* list = document.find("rows");
  if (list != nullptr && list->kind != Node::Kind::List)
    throw Error("{}: `rows` is no list", list->where).hint("- {{shape: 512x512x640}}");
  Draft base = read_base(document.find("base"), path);
  // Values are not moved unless the file says so.
  if (!base.has("sim.data"))
    base.put(parse_override("sim.data=timing"));
  const Node* expect = document.find("expect");
  const Node* find = document.find("find");
  Rows rows(path, base, overrides, expect ? read_expectation(*expect) : Expectation{},
            find ? std::optional(read_find(*find)) : std::nullopt);
  Node alone;
  alone.kind = Node::Kind::Map;
  alone.where = document.where;
  const std::vector<Node> only{alone};
  for (const Node& row : list ? list->items : only)
    read_row(rows, row, vary);
  return rows.take();
}

}  // namespace

bool is_met(const Expectation& expectation, const RowResult& result) {
  const bool ended = expectation.end ? result.end == *expectation.end
                                     : result.end != RowEnd::Crash && result.end != RowEnd::Timeout;
  return ended && result.cause.find(expectation.text) != std::string::npos;
}

Sweep load_sweep(const std::string& path, const std::vector<Override>& overrides) {
  constexpr std::string_view kKeys[] = {"title",  "base",    "vary", "rows",   "expect",
                                        "counts", "timeout", "find", "traffic"};
  const Node document = config::read_yaml(path);
  config::check_keys(document, path, kKeys);
  Sweep sweep{.name = std::filesystem::path(path).stem(), .timeout = kDefaultTimeout};
  if (const Node* title = document.find("title"))
    sweep.title = config::to_text(*title, "title");
  if (const Node* timeout = document.find("timeout"))
    sweep.timeout = config::to_number(*timeout, "timeout", 0.001, kMaxTimeout);
  if (const Node* counts = document.find("counts")) {
    config::check_keys(*counts, "counts", kRowEnds);
    for (const Entry& entry : counts->entries)
      sweep.counts[static_cast<RowEnd>(std::ranges::find(kRowEnds, entry.key) - kRowEnds.begin())] =
          config::to_integer(entry.value, "counts." + entry.key, 0, kMaxRows);
  }
  sweep.rows = read_rows(document, path, overrides);
  if (const Node* traffic = document.find("traffic"))
    for (SweepRow& row : sweep.rows)
      row.traffic = config::to_boolean(*traffic, "traffic");
  for (const SweepRow& row : sweep.rows)
    if (row.find)
      for (int64_t value : {row.find->from, row.find->to})
        probe(row, value);
  return sweep;
}

Settings probe(const SweepRow& row, int64_t value) {
  const Find& find = *row.find;
  Node node;
  node.kind = Node::Kind::Scalar;
  node.text = fmt::format("{}", value);
  node.where = find.where;
  Draft draft = row.draft;
  for (const std::string& key : find.keys)
    draft.put(key, node, "varied by the sweep", "");
  return draft.read();
}

std::string key_of(const Settings& settings) {
  std::map<std::string, std::string> files = settings.kernels;
  if (settings.computes == Computes::Design) {
    files["design"] = settings.design.file;
    for (const std::string& file : {settings.design.insts, settings.design.cores})
      if (!file.empty())
        files[file] = file;
    for (const auto* named : {&settings.design.arguments, &settings.design.expected})
      for (const auto& [name, value] : *named)
        if (std::filesystem::exists(value))
          files["argument " + name] = value;
  }
  uint64_t hash = 0xCBF2'9CE4'8422'2325;  // FNV-1a
  for (char c : fmt::format("{}\n{}{}", kVersion, print(settings), contents_of(files))) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100'0000'01B3;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace npu::cli
