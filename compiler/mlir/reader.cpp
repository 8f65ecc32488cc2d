// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <unordered_set>

#include <fmt/format.h>

#include "compiler/mlir/reader_state.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::mlir {

namespace {
constexpr int kDeepest = 200;  ///< regions in each other
}  // namespace

RowTable::RowTable() {
  for (const Grammar& row : grammar())
    rows_[row.op].push_back({&row, elements(row.syntax)});
  for (const Renamed& row : mlir::renamed())
    renamed_[row.from] = row.to;
}

std::string RowTable::name(std::string_view written) const {
  std::string name(written);
  if (name.starts_with("AIE.") || name.starts_with("AIEX."))
    for (char& c : name) {
      if (c == '.')
        break;
      c = static_cast<char>(c - 'A' + 'a');
    }
  constexpr std::string_view kIpu = "aiex.ipu.";
  if (name.starts_with(kIpu))
    name.replace(0, kIpu.size(), "aiex.npu.");
  const auto found = renamed_.find(name);
  return found == renamed_.end() ? name : std::string(found->second);
}

const std::vector<RowTable::Row>* RowTable::rows(std::string_view op) const {
  const auto found = rows_.find(op);
  return found == rows_.end() ? nullptr : &found->second;
}

int Names::fresh() {
  types_.emplace_back();
  places_.push_back(std::string_view::npos);
  return static_cast<int>(types_.size()) - 1;
}

int Names::define(std::string_view name, const std::string& type, size_t at) {
  int id = -1;
  const auto awaited = awaited_.find(name);
  if (awaited != awaited_.end() && awaited->second.depth >= scopes_.size()) {
    id = awaited->second.id;
    awaited_.erase(awaited);
  } else {
    id = fresh();
  }
  types_[static_cast<size_t>(id)] = type;
  places_[static_cast<size_t>(id)] = at;
  scopes_.back().ids[name] = id;
  return id;
}

size_t Names::taken(std::string_view name) const {
  for (size_t i = scopes_.size(); i-- > 0;) {
    if (const auto found = scopes_[i].ids.find(name); found != scopes_[i].ids.end())
      return places_[static_cast<size_t>(found->second)];
    if (scopes_[i].isolated)
      break;
  }
  return std::string_view::npos;
}

int Names::use(std::string_view name, size_t at) {
  for (size_t i = scopes_.size(); i-- > 0;)
    if (const auto found = scopes_[i].ids.find(name); found != scopes_[i].ids.end())
      return found->second;
  if (const auto awaited = awaited_.find(name); awaited != awaited_.end())
    return awaited->second.id;
  const int id = fresh();
  awaited_[name] = {id, at, scopes_.size()};
  return id;
}

void Names::leave() {
  for (auto& [name, awaited] : awaited_)
    awaited.depth = std::min(awaited.depth, scopes_.size() - 1);
  scopes_.pop_back();
}

size_t Names::undefined() const {
  size_t first = std::string_view::npos;
  for (const auto& [name, awaited] : awaited_)
    first = std::min(first, awaited.at);
  return first;
}

Reader::Reader(std::string_view text, const std::string& file) : cursor_(text), file_(file) {
  lines_.push_back(0);
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    lines_.push_back(at + 1);
}

Location Reader::location(size_t at) const {
  const auto line = std::prev(std::ranges::upper_bound(lines_, at));
  return {static_cast<int>(line - lines_.begin()) + 1, static_cast<int>(at - *line) + 1};
}

void Reader::fail(const std::string& what, size_t at, const std::string& hint) const {
  Error error = error_at(cursor_.text(), file_, location(at), what);
  throw hint.empty() ? std::move(error) : std::move(error).hint("{}", hint);
}

void Reader::fail_expected(const std::string& hint) const {
  const std::string_view expected = cursor_.expected();
  const bool phrase = expected.find(' ') != std::string_view::npos;
  fail(phrase ? fmt::format("{} is missing", expected) : fmt::format("`{}` is missing", expected),
       std::min(cursor_.furthest(), cursor_.text().size()), hint);
}

std::string Reader::replace_aliases(std::string_view text) const {
  if (aliases_.empty() || text.find_first_of("#!") == std::string_view::npos)
    return std::string(text);
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.';
  };
  std::string result;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (text[i] == '"') {
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (text[i] == '#' || text[i] == '!') {
      while (end < text.size() && in_name(text[end]))
        ++end;
    }
    const std::string_view piece = text.substr(i, end - i);
    const auto alias = piece.size() > 1 ? aliases_.find(piece) : aliases_.end();
    result += alias == aliases_.end() ? piece : alias->second;
    i = end;
  }
  return result;
}

/// `#name = attribute`, `!name = type`
void Reader::alias(char kind) {
  const size_t begin = cursor_.at();
  cursor_.accept(kind);
  if (!cursor_.word())
    fail_expected();
  const std::string name(cursor_.since(begin));
  cursor_.accept("=");
  cursor_.skip();
  const size_t value = cursor_.at();
  if (cursor_.text().substr(value, 4) == "loc(") {
    cursor_.location();
    return;
  }
  if (kind == '!' ? !cursor_.type() : !cursor_.typed_attribute())
    fail_expected();
  aliases_[name] = replace_aliases(cursor_.since(value));
}

Op Reader::run() {
  Op module{.name = "builtin.module", .regions = {{Block{}}}, .location = {1, 1}};
  std::vector<Op>& ops = module.regions[0][0].ops;
  names_.enter(true);
  while (!cursor_.at_end()) {
    const char next = cursor_.peek();
    if (next == '#' || next == '!') {
      alias(next);
    } else if (cursor_.text().substr(cursor_.at(), 3) == "{-#") {
      const size_t end = cursor_.text().find("#-}", cursor_.at());
      if (end == std::string_view::npos)
        fail("the end `#-}` of these resources is missing", cursor_.at());
      cursor_.seek(end + 3);
    } else {
      ops.push_back(op());
    }
  }
  names_.leave();
  if (const size_t at = names_.undefined(); at != std::string_view::npos) {
    cursor_.seek(at);
    cursor_.value();
    fail(fmt::format("`{}` is not defined", cursor_.since(at)), at);
  }
  if (ops.size() == 1 && ops[0].name == "builtin.module") {
    Op only = std::move(ops[0]);
    return only;
  }
  return module;
}

std::vector<Reader::ResultGroup> Reader::result_names() {
  std::vector<ResultGroup> groups;
  if (cursor_.peek() != '%')
    return groups;
  constexpr size_t kMost = 10000;
  do {
    cursor_.skip();
    const size_t begin = cursor_.at();
    if (!cursor_.value())
      fail_expected();
    ResultGroup group{cursor_.since(begin), 1};
    if (cursor_.accept(':')) {
      cursor_.skip();
      const size_t number = cursor_.at();
      if (!cursor_.integer())
        fail_expected();
      const std::string_view digits = cursor_.since(number);
      std::from_chars(digits.data(), digits.data() + digits.size(), group.count);
      if (group.count == 0 || group.count > kMost)
        fail(fmt::format("{} results", digits), number);
    }
    groups.push_back(group);
  } while (cursor_.accept(','));
  if (!cursor_.accept("="))
    fail_expected();
  return groups;
}

Op Reader::op() {
  cursor_.skip();
  cursor_.forget();
  Draft draft;
  const std::vector<ResultGroup> results = result_names();
  cursor_.skip();
  draft.begin = cursor_.at();
  draft.op.location = location(draft.begin);
  if (cursor_.peek() == '"') {
    generic(draft);
  } else {
    if (!cursor_.word())
      fail("an operation is missing", draft.begin);
    draft.op.name = rows_.name(cursor_.since(draft.begin));
    const std::string& name = draft.op.name;
    const std::vector<RowTable::Row>* own = rows_.rows(name);
    if (!own && name.find('.') == std::string::npos)
      fail(fmt::format("`{}` is no operation", name), draft.begin);
    const auto* rows = own ? own : rows_.rows(name.substr(0, name.find('.')) + ".*");
    if (!rows || std::ranges::none_of(*rows, [&](const auto& r) { return row(draft, r); })) {
      if (own)
        fail_expected(name + std::string(own->front().grammar->syntax));
      unknown(draft);
    }
  }
  resolve(draft);
  cursor_.location();
  define_results(draft, results);
  return std::move(draft.op);
}

namespace {

/// Whether two texts differ by white space alone.
bool same_text(std::string_view a, std::string_view b) {
  const auto skip = [](std::string_view& text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0])))
      text.remove_prefix(1);
  };
  for (skip(a), skip(b); !a.empty() && !b.empty(); skip(a), skip(b)) {
    if (a[0] != b[0])
      return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty();
}

}  // namespace

void Reader::resolve(Draft& draft) {
  const auto resolve_one = [&](Value& value) {
    // A name in the text lives as long as the text does; that of a value does not.
    const size_t at = cursor_.text().find(value.name, draft.begin);
    const std::string_view name = cursor_.text().substr(at, value.name.size());
    value.id = names_.use(name, at);
    const std::string& defined = names_.type(value.id);
    if (value.type.empty())
      value.type = defined;
    else if (!defined.empty() && !same_text(value.type, defined))
      fail(fmt::format("`{}` is of type `{}`, and `{}` here", name, defined, value.type), at);
  };
  for (Value& value : draft.op.operands)
    resolve_one(value);
  for (Successor& successor : draft.op.successors)
    for (Value& value : successor.arguments)
      resolve_one(value);
}

void Reader::define(Value& value, size_t at) {
  if (const size_t first = names_.taken(value.name); first != std::string_view::npos)
    fail(fmt::format("`{}` is defined a second time", value.name), at,
         fmt::format("first in line {}", location(first).line));
  value.id = names_.define(value.name, value.type, at);
}

/// Arguments have their names somewhere in front of where the reader is.
void Reader::define_arguments(Block& block) {
  for (Value& argument : block.arguments)
    define(argument, cursor_.text().rfind(argument.name, cursor_.at()));
}

void Reader::define_results(Draft& draft, const std::vector<ResultGroup>& groups) {
  std::vector<Value>& results = draft.op.results;
  std::vector<size_t> places;
  for (const ResultGroup& group : groups)
    for (size_t i = 0; i < group.count; ++i) {
      results.push_back({.name = group.count == 1 ? std::string(group.name)
                                                  : fmt::format("{}#{}", group.name, i)});
      places.push_back(static_cast<size_t>(group.name.data() - cursor_.text().data()));
    }
  for (size_t i = 0; i < results.size(); ++i) {
    if (i < draft.result_types.size())
      results[i].type = draft.result_types[i];
    define(results[i], places[i]);
  }
}

/// `%a: i32, %b: index` up to the bracket that ends it. Attributes of arguments are skipped.
bool Reader::typed_values(std::vector<Value>& values, char end) {
  if (cursor_.accept(end))
    return true;
  do {
    cursor_.skip();
    const size_t name = cursor_.at();
    if (!cursor_.value())
      return false;
    Value value{.name = std::string(cursor_.since(name))};
    if (!cursor_.accept(":"))
      return false;
    cursor_.skip();
    const size_t type = cursor_.at();
    if (!cursor_.type())
      return false;
    value.type = replace_aliases(cursor_.since(type));
    if (cursor_.peek() == '{' && !cursor_.dictionary())
      return false;
    cursor_.location();
    values.push_back(std::move(value));
  } while (cursor_.accept(','));
  return cursor_.accept(end) || cursor_.miss(end == ')' ? ")" : "]");
}

/// The ops of a block, up to the next label or the end of the region.
void Reader::block_ops(Block& block) {
  for (char next = cursor_.peek(); next != '}' && next != '^'; next = cursor_.peek()) {
    if (next == 0)
      fail("the `}` of this region is missing", cursor_.at());
    block.ops.push_back(op());
  }
}

/// Whether the regions of an op do not see the values around it. One that no row describes may be
/// such an op.
bool Reader::is_isolated(const std::string& op) const {
  return op == "builtin.module" || op == "func.func" || op == "aie.device" || !rows_.rows(op);
}

Region Reader::region(std::vector<Value> arguments, bool isolated) {
  if (++depth_ > kDeepest)
    fail(fmt::format("more than {} regions in each other", kDeepest), cursor_.at());
  names_.enter(isolated);
  Region blocks;
  std::unordered_set<std::string_view> labels;
  if (!arguments.empty() || cursor_.peek() != '^') {
    Block& entry = blocks.emplace_back();
    entry.arguments = std::move(arguments);
    define_arguments(entry);
    block_ops(entry);
  }
  while (cursor_.peek() == '^') {
    const size_t begin = cursor_.at();
    cursor_.block();
    Block& block = blocks.emplace_back();
    block.label = cursor_.since(begin);
    if (!labels.insert(cursor_.since(begin)).second)
      fail(fmt::format("the label `{}` is that of two blocks", block.label), begin);
    if (cursor_.accept('(') && !typed_values(block.arguments, ')'))
      fail_expected();
    define_arguments(block);
    if (!cursor_.accept(":"))
      fail_expected();
    block_ops(block);
  }
  cursor_.accept('}');
  names_.leave();
  --depth_;
  return blocks;
}

Op read(std::string_view text, const std::string& file) {
  return Reader(text, file).run();
}

Error error_at(std::string_view text, const std::string& file, Location where,
               std::string_view what) {
  constexpr size_t kWidest = 120;
  size_t begin = 0;
  for (int line = 1; line < where.line; ++line)
    begin = text.find('\n', begin) + 1;
  std::string line(text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin));
  size_t column = static_cast<size_t>(where.column) - 1;
  if (column > kWidest / 2 && line.size() > kWidest) {
    line = "..." + line.substr(column - kWidest / 2);
    column = 3 + kWidest / 2;
  }
  line.resize(std::min(line.size(), kWidest));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return Error("{}:{}:{}: {}\n  {}\n  {}^", file, where.line, where.column, what, line,
               std::string(column, ' '));
}

std::string place(const std::string& file, const Op& op) {
  return fmt::format("{}:{}:{}: {}", file, op.location.line, op.location.column, op.name);
}

std::unordered_map<int, Definition> definitions(const Op& root) {
  std::unordered_map<int, Definition> all;
  walk(root, [&](const Op& op) {
    for (size_t i = 0; i < op.results.size(); ++i)
      all[op.results[i].id] = {.op = &op, .number = i};
    for (const Region& region : op.regions)
      for (const Block& block : region)
        for (size_t i = 0; i < block.arguments.size(); ++i)
          all[block.arguments[i].id] = {.owner = &op, .block = &block, .number = i};
  });
  return all;
}

}  // namespace npu::compiler::mlir
