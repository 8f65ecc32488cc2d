// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"

namespace npu::traces {

namespace {

using arch::Coord;

/// Block writes are cut into words of the waveform of this many words, which every tool takes.
constexpr size_t kWordsPerPiece = 64;

/// Fields with `|` between them; what would not survive in a waveform is written as %XX.
class Row {
 public:
  explicit Row(std::string_view key) : text_(key) {}

  Row& text(std::string_view field) {
    text_.push_back('|');
    for (const char c : field) {
      if (c > ' ' && c < 0x7F && c != '|' && c != '%' && c != '$')
        text_.push_back(c);
      else
        fmt::format_to(std::back_inserter(text_), "%{:02x}", static_cast<unsigned char>(c));
    }
    return *this;
  }
  Row& number(uint64_t value) { return text(fmt::format("{}", value)); }
  Row& hex(uint64_t value) { return text(fmt::format("{:x}", value)); }
  Row& tile(Coord tile) { return number(tile.col).number(tile.row); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

struct CommandRows {
  std::vector<std::string>& out;

  void operator()(const arch::Write& c) const {
    out.push_back(Row("w").hex(c.address).hex(c.value).take());
  }
  void operator()(const arch::BlockWrite& c) const {
    for (size_t first = 0; first == 0 || first < c.words.size(); first += kWordsPerPiece) {
      Row row(first == 0 ? "b" : "+");
      if (first == 0)
        row.hex(c.address);
      for (size_t i = first; i < std::min(first + kWordsPerPiece, c.words.size()); ++i)
        row.hex(c.words[i]);
      out.push_back(row.take());
    }
  }
  void operator()(const arch::MaskWrite& c) const {
    out.push_back(Row("m").hex(c.address).hex(c.mask).hex(c.value).take());
  }
  void operator()(const arch::MaskPoll& c) const {
    out.push_back(Row("p").hex(c.address).hex(c.mask).hex(c.value).take());
  }
  void operator()(const arch::AddressPatch& c) const {
    out.push_back(Row("a").hex(c.address).hex(c.argument).hex(c.offset).take());
  }
  void operator()(const arch::Sync& c) const {
    out.push_back(Row("s")
                      .hex(c.col)
                      .hex(c.row)
                      .hex(static_cast<uint64_t>(c.direction))
                      .hex(c.channel)
                      .hex(c.columns)
                      .hex(c.rows)
                      .take());
  }
  void operator()(const arch::Load& c) const { out.push_back(Row("l").hex(c.id).take()); }
};

void append(std::vector<std::string>& out, const arch::Commands& commands) {
  for (const arch::Command& command : commands)
    std::visit(CommandRows{out}, command);
}

void append(std::vector<std::string>& out, const arch::Names& names) {
  out.push_back(Row("design").text(names.design).take());
  for (const auto& b : names.buffers)
    out.push_back(Row("buffer")
                      .tile(b.tile)
                      .number(b.offset)
                      .number(b.bytes)
                      .text(b.name)
                      .text(b.shape)
                      .text(b.source)
                      .take());
  for (const auto& l : names.locks)
    out.push_back(Row("lock")
                      .tile(l.tile)
                      .number(l.lock)
                      .number(l.initial)
                      .text(l.name)
                      .text(l.source)
                      .take());
  for (const auto& f : names.flows)
    out.push_back(Row("flow")
                      .tile(f.tile)
                      .number(static_cast<uint64_t>(f.direction))
                      .number(f.channel)
                      .text(f.name)
                      .text(f.source)
                      .take());
  for (const auto& k : names.cores)
    out.push_back(Row("core").tile(k.tile).text(k.name).take());
  for (const auto& a : names.arguments)
    out.push_back(Row("argument").number(a.index).text(a.name).number(a.bytes).text(a.type).take());
  for (const auto& note : names.notes)
    out.push_back(Row("note").text(note).take());
}

/// Takes fields from the front of a row.
class Fields {
 public:
  explicit Fields(std::string_view row) : rest_(row) {}

  bool empty() const { return done_; }

  std::string text() {
    std::string out;
    const std::string_view field = next();
    for (size_t i = 0; i < field.size(); ++i) {
      if (field[i] != '%') {
        out.push_back(field[i]);
        continue;
      }
      out.push_back(static_cast<char>(to_number<uint8_t>(field.substr(i + 1, 2), 16)));
      i += 2;
    }
    return out;
  }
  template <typename T>
  T number() {
    return to_number<T>(next(), 10);
  }
  template <typename T>
  T hex() {
    return to_number<T>(next(), 16);
  }
  Coord tile() {
    const Coord tile{number<uint8_t>(), number<uint8_t>()};
    if (tile.col >= arch::kMaxColumns || tile.row >= arch::kRows)
      throw Error("facts name the tile ({},{}), which no device has", tile.col, tile.row);
    return tile;
  }
  arch::Direction direction(uint64_t value) {
    if (value > 1)
      throw Error("facts give {} as a direction", value).hint("0 is s2mm, 1 is mm2s");
    return static_cast<arch::Direction>(value);
  }

 private:
  std::string_view next() {
    if (done_)
      throw Error("a fact has too few fields");
    const size_t end = rest_.find('|');
    const std::string_view field = rest_.substr(0, end);
    done_ = end == std::string_view::npos;
    rest_.remove_prefix(done_ ? rest_.size() : end + 1);
    return field;
  }
  template <typename T>
  static T to_number(std::string_view field, int base) {
    T value{};
    const auto [end, code] =
        std::from_chars(field.data(), field.data() + field.size(), value, base);
    if (code != std::errc{} || end != field.data() + field.size())
      throw Error("a fact has '{}' where a number belongs", field);
    return value;
  }

  std::string_view rest_;
  bool done_ = false;
};

using Read = void (*)(Facts&, Fields&);
struct FactRow {
  std::string_view key;
  Read read;
};
constexpr std::array<FactRow, 9> kFactRows{{
    {"device",
     [](Facts& facts, Fields& in) {
       facts.device = in.text();
       facts.columns = in.number<int>();
       facts.first_column = in.number<int>();
       facts.clock_mhz = in.number<uint32_t>();
     }},
    {"design", [](Facts& facts, Fields& in) { facts.names.design = in.text(); }},
    {"buffer",
     [](Facts& facts, Fields& in) {
       facts.names.buffers.push_back({in.tile(), in.number<uint32_t>(), in.number<uint32_t>(),
                                      in.text(), in.text(), in.text()});
     }},
    {"lock",
     [](Facts& facts, Fields& in) {
       facts.names.locks.push_back(
           {in.tile(), in.number<uint8_t>(), in.number<uint8_t>(), in.text(), in.text()});
     }},
    {"flow",
     [](Facts& facts, Fields& in) {
       facts.names.flows.push_back({in.tile(), in.direction(in.number<uint64_t>()),
                                    in.number<uint8_t>(), in.text(), in.text()});
     }},
    {"core",
     [](Facts& facts, Fields& in) {
       facts.names.cores.push_back({in.tile(), in.text()});
     }},
    {"argument",
     [](Facts& facts, Fields& in) {
       facts.names.arguments.push_back(
           {in.number<uint32_t>(), in.text(), in.number<uint64_t>(), in.text()});
     }},
    {"note", [](Facts& facts, Fields& in) { facts.names.notes.push_back(in.text()); }},
    {"setting",
     [](Facts& facts, Fields& in) {
       std::string key = in.text();
       facts.settings.emplace_back(std::move(key), in.text());
     }},
}};

using ReadCommand = arch::Command (*)(Fields&);
struct CommandRow {
  std::string_view key;
  ReadCommand read;
};

arch::Command read_block(Fields& in) {
  arch::BlockWrite block{in.hex<uint32_t>(), {}};
  while (!in.empty())
    block.words.push_back(in.hex<uint32_t>());
  return block;
}

constexpr std::array<CommandRow, 7> kCommandRows{{
    {"w",
     [](Fields& in) -> arch::Command {
       return arch::Write{in.hex<uint32_t>(), in.hex<uint32_t>()};
     }},
    {"b", read_block},
    {"m",
     [](Fields& in) -> arch::Command {
       return arch::MaskWrite{in.hex<uint32_t>(), in.hex<uint32_t>(), in.hex<uint32_t>()};
     }},
    {"p",
     [](Fields& in) -> arch::Command {
       return arch::MaskPoll{in.hex<uint32_t>(), in.hex<uint32_t>(), in.hex<uint32_t>()};
     }},
    {"a",
     [](Fields& in) -> arch::Command {
       return arch::AddressPatch{in.hex<uint32_t>(), in.hex<uint32_t>(), in.hex<uint64_t>()};
     }},
    {"s",
     [](Fields& in) -> arch::Command {
       return arch::Sync{in.hex<uint8_t>(), in.hex<uint8_t>(), in.direction(in.hex<uint64_t>()),
                         in.hex<uint8_t>(), in.hex<uint8_t>(), in.hex<uint8_t>()};
     }},
    {"l", [](Fields& in) -> arch::Command { return arch::Load{in.hex<uint32_t>()}; }},
}};

template <typename Table>
auto find(const Table& table, std::string_view key) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& r) { return r.key == key; });
  return row == table.end() ? nullptr : row->read;
}

}  // namespace

std::vector<std::string> to_words(const Facts& facts) {
  std::vector<std::string> out{Row("device")
                                   .text(facts.device)
                                   .number(static_cast<uint64_t>(facts.columns))
                                   .number(static_cast<uint64_t>(facts.first_column))
                                   .number(facts.clock_mhz)
                                   .take()};
  for (const auto& [key, value] : facts.settings)
    out.push_back(Row("setting").text(key).text(value).take());
  append(out, facts.names);
  out.push_back("configuration");
  append(out, facts.configuration);
  for (const auto& [id, commands] : facts.loads) {
    out.push_back(Row("load").hex(id).take());
    if (const auto names = facts.load_names.find(id); names != facts.load_names.end())
      append(out, names->second);
    append(out, commands);
  }
  out.push_back("sequence");
  append(out, facts.sequence);
  return out;
}

arch::Commands& FactsReader::commands() {
  switch (section_) {
    case Section::Configuration:
      return facts_.configuration;
    case Section::Load:
      return facts_.loads[load_];
    case Section::Sequence:
      return facts_.sequence;
    case Section::None:
      break;
  }
  throw Error("facts have a command before the list it belongs to");
}

/// Names among what is loaded are those of what is loaded.
void FactsReader::swap_names() {
  if (section_ == Section::Load)
    std::swap(facts_.names, facts_.load_names[load_]);
}

void FactsReader::add(std::string_view word) {
  const size_t bar = word.find('|');
  const std::string_view key = word.substr(0, bar);
  Fields in(bar == std::string_view::npos ? std::string_view() : word.substr(bar + 1));
  if (const Read read = find(kFactRows, key)) {
    swap_names();
    read(facts_, in);
    swap_names();
  } else if (const ReadCommand read_command = find(kCommandRows, key)) {
    commands().push_back(read_command(in));
  } else if (key == "+") {
    auto* block = commands().empty() ? nullptr : std::get_if<arch::BlockWrite>(&commands().back());
    if (!block)
      throw Error("facts continue a block write that did not begin");
    while (!in.empty())
      block->words.push_back(in.hex<uint32_t>());
  } else if (key == "configuration") {
    section_ = Section::Configuration;
  } else if (key == "sequence") {
    section_ = Section::Sequence;
  } else if (key == "load") {
    section_ = Section::Load;
    load_ = in.hex<uint32_t>();
    facts_.loads[load_];
  } else {
    throw Error("unknown fact '{}'", key);
  }
}

}  // namespace npu::traces
