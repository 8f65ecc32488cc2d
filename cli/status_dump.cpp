// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/status_dump.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"
#include "hw-model/yaml.h"

namespace npu::cli {
namespace {

using arch::Coord;
using arch::RegisterId;
using diagnosis::LockRef;
using nlohmann::json;
using observe::Agent;
using observe::AgentKind;
using observe::ChannelState;
using observe::CoreState;

std::optional<uint32_t> number(std::string_view text, int base) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  constexpr std::string_view kBlank = " \t\r:,";
  while (true) {
    const size_t begin = line.find_first_not_of(kBlank);
    if (begin == std::string_view::npos)
      return words;
    line.remove_prefix(begin);
    const size_t end = std::min(line.find_first_of(kBlank), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

TileStatus read_text(std::string_view text, const std::string& path,
                     const arch::Partition& partition) {
  TileStatus status;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty())
      continue;
    const auto address = number(words.front(), 16);
    const auto value = words.size() == 2 ? number(words.back(), 16) : std::nullopt;
    if (!address || !value)
      throw Error("{}:{}: not an address and a value: `{}`", path, line,
                  config::printable(words.front()))
          .hint("0x0221df00 0x00080004");
    if (!partition.contains(arch::tile_of(*address)))
      throw Error("{}:{}: {:#010x} lies outside the partition", path, line, *address)
          .hint("partition-relative addresses: column << 25 | row << 20 | offset, {} columns",
                partition.columns);
    status[*address] = *value;
  }
  return status;
}

// JSON

uint32_t number_of(const json& value, const std::string& path, std::string_view what) {
  if (value.is_number_unsigned() && value.get<uint64_t>() <= UINT32_MAX)
    return value.get<uint32_t>();
  if (value.is_string())
    if (const auto parsed = number(value.get<std::string>(), 10))
      return *parsed;
  throw Error("{}: `{}` is no number", path, what);
}

/// The words of a field that is one word or a list of them, in lower case with `_` for blanks.
std::set<std::string> status_words(const json& field) {
  std::set<std::string> out;
  const auto add = [&](const json& word) {
    if (!word.is_string())
      return;
    std::string text = word.get<std::string>();
    for (char& c : text)
      c = c == ' ' || c == '-' ? '_'
                               : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.insert(std::move(text));
  };
  if (field.is_array())
    std::for_each(field.begin(), field.end(), add);
  else
    add(field);
  return out;
}

/// Sets the field of a register whose name in the register map is one of the words.
uint32_t bits_named(Coord tile, arch::Generation generation, uint32_t offset,
                    const std::set<std::string>& words) {
  uint32_t value = 0;
  const auto at = arch::find_register(tile.kind(), generation, offset);
  for (const arch::RegisterField& field : at->row->fields)
    for (const std::string& word : words)
      if (word == field.name)
        value |= 1u << field.lsb;
  return value;
}

class JsonStatus {
 public:
  JsonStatus(const std::string& path, const arch::Partition& partition)
      : path_(path), partition_(partition) {}

  TileStatus read(const json& root) {
    const json* tiles = find_tiles(root);
    if (!tiles)
      throw Error("{}: no list `tiles`", path_).hint("airlock diagnose --help shows the form");
    for (const json& each : *tiles)
      tile(each);
    return std::move(status_);
  }

 private:
  static constexpr int kDeepest = 16;

  static const json* find_tiles(const json& node, int depth = 0) {
    if (depth > kDeepest)
      return nullptr;
    if (node.is_object() && node.contains("tiles") && node["tiles"].is_array())
      return &node["tiles"];
    if (node.is_structured())
      for (const json& child : node)
        if (const json* found = find_tiles(child, depth + 1))
          return found;
    return nullptr;
  }

  void tile(const json& node) {
    if (!node.is_object() || !node.contains("column") || !node.contains("row"))
      throw Error("{}: a tile without `column` and `row`", path_);
    const uint32_t col = number_of(node["column"], path_, "column");
    const uint32_t row = number_of(node["row"], path_, "row");
    const Coord at{static_cast<uint8_t>(std::min(col, 255u)),
                   static_cast<uint8_t>(std::min(row, 255u))};
    if (!partition_.contains(at))
      throw Error("{}: the tile ({},{}) lies outside the partition of {} columns", path_, col, row,
                  partition_.columns);
    if (node.contains("core") && node["core"].is_object() && at.kind() == arch::TileKind::Core)
      core(at, node["core"]);
    if (node.contains("dma") && node["dma"].is_object())
      for (const bool sends : {false, true})
        channels(at, node["dma"].value(sends ? "mm2s" : "s2mm", json()), sends);
    if (node.contains("locks"))
      locks(at, node["locks"]);
  }

  void core(Coord at, const json& node) {
    std::set<std::string> words = status_words(node.value("status", json()));
    for (const auto& [said, means] :
         {std::pair{"enabled", "enable"}, std::pair{"done", "core_done"}})
      if (words.contains(said))
        words.insert(means);
    const uint32_t offset = arch::register_offset(at.kind(), RegisterId::CoreStatus);
    status_[arch::address_of(at, offset)] =
        bits_named(at, partition_.device->generation, offset, words);
  }

  void channels(Coord at, const json& node, bool sends) {
    if (!node.is_object())
      return;
    for (const json& each : node.value("channel", json::array())) {
      if (!each.is_object())
        continue;
      const uint32_t id = number_of(each.value("id", json()), path_, "id");
      const arch::TileFacts& facts = arch::facts(at.kind());
      if (id >= static_cast<uint32_t>(sends ? facts.mm2s_channels : facts.s2mm_channels))
        throw Error("{}: {} has no {} channel {}", path_, arch::to_string(at),
                    sends ? "mm2s" : "s2mm", id);
      channel(at, each, sends ? RegisterId::Mm2sStatus : RegisterId::S2mmStatus,
              static_cast<int>(id));
    }
  }

  void channel(Coord at, const json& node, RegisterId id, int index) {
    std::set<std::string> words = status_words(node.value("channel_status", json()));
    if (words.contains("stalled_on_lock"))
      words.insert("stalled_lock_acq");
    const uint32_t offset = arch::channel_register(at.kind(), id, index);
    uint32_t value = bits_named(at, partition_.device->generation, offset, words);
    const std::span span(&value, 1);
    const bool idle = words.empty() || words.contains("idle");
    arch::put(span, arch::status::kRunning, idle ? 0 : 1, "channel_running");
    arch::put(span, arch::status::kState, idle ? 0 : words.contains("starting") ? 1 : 2, "status");
    if (node.contains("queue_size"))
      arch::put(span, arch::status::kQueueSize,
                std::min(number_of(node["queue_size"], path_, "queue_size"), 7u), "queue_size");
    if (node.contains("current_bd"))
      arch::put(span, arch::status::kCurrentBd,
                std::min(number_of(node["current_bd"], path_, "current_bd"), 63u), "current_bd");
    status_[arch::address_of(at, offset)] = value;
  }

  void lock(Coord at, uint32_t id, const json& value) {
    if (id >= static_cast<uint32_t>(arch::facts(at.kind()).locks))
      throw Error("{}: {} has no lock {}", path_, arch::to_string(at), id);
    const uint32_t offset =
        arch::register_offset(at.kind(), RegisterId::LockValue, static_cast<int>(id));
    status_[arch::address_of(at, offset)] = number_of(value, path_, "value");
  }

  void locks(Coord at, const json& node) {
    if (node.is_array()) {
      for (const json& each : node)
        if (each.is_object())
          lock(at, number_of(each.value("id", json()), path_, "id"), each.value("value", json()));
    } else if (node.is_object()) {
      for (const auto& [key, value] : node.items())
        lock(at, number_of(json(key), path_, key), value);
    }
  }

  const std::string& path_;
  const arch::Partition& partition_;
  TileStatus status_;
};

// Events

struct Waiter {
  const TileStatus& status;
  const diagnosis::Image& image;
  StatusEvents& out;

  int value_of(LockRef lock) const {
    const auto found = status.find(arch::address_of(
        lock.tile, arch::register_offset(lock.tile.kind(), RegisterId::LockValue, lock.lock)));
    return found == status.end() ? image.initial(lock) : static_cast<int>(found->second & 0x3F);
  }
  void add(const observe::Payload& payload) const { out.events.push_back({0, payload}); }
  void waits(const Agent& agent, LockRef lock, int amount) const {
    add(observe::LockChanged{lock.tile, lock.lock, observe::LockChanged::What::Waiting, agent,
                             static_cast<int8_t>(amount), static_cast<uint8_t>(value_of(lock))});
  }
  bool lacks(LockRef lock, int amount) const {
    return amount < 0 ? value_of(lock) < -amount : value_of(lock) != amount;
  }

  void channel(const Agent& agent, uint32_t word) const;
  void channel_lock(const Agent& agent, uint8_t bd) const;
  void core(Coord tile, uint32_t word) const;
  void core_lock(Coord tile, uint32_t word) const;
  bool waits_for_core(const Agent& channel, Coord tile) const;
  void host() const;
};

void Waiter::channel(const Agent& agent, uint32_t word) const {
  namespace s = arch::status;
  const std::span words(&word, 1);
  const auto has = [&](arch::Bits bits) { return arch::get(words, bits) != 0; };
  const auto bd = static_cast<uint8_t>(arch::get(words, s::kCurrentBd));
  const auto queued = static_cast<uint8_t>(arch::get(words, s::kQueueSize));
  const bool busy = has(s::kRunning) || has(s::kState);
  ChannelState state = busy ? ChannelState::Running : ChannelState::Idle;
  if (has(s::kBdInvalid) || has(s::kBdUnavailable) || has(s::kLockUnavailable) ||
      has(s::kMemoryUnavailable) || has(s::kFotLength))
    state = ChannelState::Stopped;
  else if (has(s::kStalledAcquire))
    state = ChannelState::Acquiring;
  else if (has(s::kStalledToken))
    state = ChannelState::TokenStalled;
  else if (has(s::kStalledStream))
    state = agent.kind == AgentKind::S2mm ? ChannelState::Starved : ChannelState::Backpressured;
  add(observe::ChannelChanged{agent, state, bd, queued});
  if (has(s::kQueueOverflow))
    add(observe::TaskChanged{agent, observe::TaskChanged::What::Dropped, bd, queued});
  if (state == ChannelState::Acquiring)
    channel_lock(agent, bd);
}

void Waiter::channel_lock(const Agent& agent, uint8_t bd) const {
  std::optional<std::pair<LockRef, int>> current;
  std::optional<std::pair<LockRef, int>> other;  // of a descriptor of the chain that cannot go on
  for (const diagnosis::Task* task : image.tasks_of(agent))
    for (const diagnosis::TaskBd& each : task->chain) {
      if (!each.acquire)
        continue;
      const std::pair wanted{*each.acquire, static_cast<int>(each.bd.acquire->value)};
      if (each.id == bd)
        current = wanted;
      if (lacks(wanted.first, wanted.second))
        other = wanted;
    }
  if (const auto found = current ? current : other)
    waits(agent, found->first, found->second);
  else
    out.unknown.push_back(
        fmt::format("{} waits for a lock, and its descriptor {} takes none in this design",
                    observe::to_string(agent), bd));
}

/// Whether a channel waits for a lock that the core of that tile gives back.
bool Waiter::waits_for_core(const Agent& channel, Coord tile) const {
  return std::any_of(out.events.begin(), out.events.end(), [&](const observe::Event& event) {
    const auto* lock = std::get_if<observe::LockChanged>(&event.payload);
    if (!lock || lock->what != observe::LockChanged::What::Waiting || lock->agent != channel)
      return false;
    const auto givers = image.givers({lock->tile, lock->lock});
    return std::any_of(givers.begin(), givers.end(), [&](const diagnosis::LockUser& giver) {
      return giver.agent.kind == AgentKind::Core && giver.agent.tile == tile;
    });
  });
}

/// The status names only where the lock lies; the program says which locks it takes there.
void Waiter::core_lock(Coord tile, uint32_t word) const {
  const Agent agent{tile, AgentKind::Core, 0};
  const std::array<std::pair<int, Coord>, 4> sides{{
      {6, {tile.col, static_cast<uint8_t>(tile.row - 1)}},
      {7, {static_cast<uint8_t>(tile.col - 1), tile.row}},
      {8, {tile.col, static_cast<uint8_t>(tile.row + 1)}},
      {9, tile},
  }};
  std::vector<std::pair<LockRef, int>> lacking;
  const auto found = image.cores().find(tile);
  if (found == image.cores().end())
    return;
  for (const auto& use : found->second.locks) {
    const bool side = std::any_of(sides.begin(), sides.end(), [&](const auto& s) {
      return (word >> s.first & 1) != 0 && s.second == use.lock.tile;
    });
    const std::pair wanted{use.lock, use.value};
    if (use.acquires && side && lacks(use.lock, use.value) &&
        std::find(lacking.begin(), lacking.end(), wanted) == lacking.end())
      lacking.push_back(wanted);
  }
  // Who gives a lock and itself waits for this core shows that the core has that one already.
  std::stable_partition(lacking.begin(), lacking.end(), [&](const auto& wanted) {
    const auto givers = image.givers(wanted.first);
    return std::none_of(givers.begin(), givers.end(), [&](const diagnosis::LockUser& giver) {
      return waits_for_core(giver.agent, tile);
    });
  });
  if (lacking.empty())
    return;
  waits(agent, lacking.front().first, lacking.front().second);
  if (lacking.size() > 1)
    out.unknown.push_back(
        fmt::format("{} lacks {} of the locks that it takes: it waits for one of them",
                    observe::to_string(agent), lacking.size()));
}

void Waiter::core(Coord tile, uint32_t word) const {
  const auto bit = [&](int at) { return (word >> at & 1) != 0; };
  CoreState state = bit(0) ? CoreState::Running : CoreState::Disabled;
  uint16_t detail = 0;
  if (bit(16) || bit(19)) {
    state = CoreState::Halted;
  } else if (bit(20)) {
    state = CoreState::Done;
  } else if (bit(6) || bit(7) || bit(8) || bit(9)) {
    state = CoreState::LockStall;
  } else if (bit(10) || bit(12)) {
    state = CoreState::StreamStall;
    detail = bit(12) ? 1 : 0;
  } else if (bit(14) || bit(15)) {
    state = CoreState::CascadeStall;
    detail = bit(15) ? 1 : 0;
  }
  add(observe::CoreChanged{{tile, AgentKind::Core, 0}, state, detail, 0});
  if (state == CoreState::LockStall)
    core_lock(tile, word);
}

void Waiter::host() const {
  const auto busy = [&](const arch::Sync& sync) {
    for (int col = sync.col; col < sync.col + sync.columns; ++col)
      for (int row = sync.row; row < sync.row + sync.rows; ++row) {
        const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
        const RegisterId id = sync.direction == arch::Direction::S2mm ? RegisterId::S2mmStatus
                                                                      : RegisterId::Mm2sStatus;
        const auto found = status.find(
            arch::address_of(tile, arch::channel_register(tile.kind(), id, sync.channel)));
        if (found == status.end())
          continue;
        const std::span words(&found->second, 1);
        if (arch::get(words, arch::status::kRunning) || arch::get(words, arch::status::kState) ||
            arch::get(words, arch::status::kQueueSize))
          return true;
      }
    return false;
  };
  using What = observe::HostChanged::What;
  for (size_t i = 0; i < image.host().size(); ++i)
    if (const auto* sync = std::get_if<arch::Sync>(&image.host()[i]); sync && busy(*sync)) {
      add(observe::HostChanged{What::Running, 0});
      return add(observe::HostChanged{What::Syncing, static_cast<uint32_t>(i)});
    }
  add(observe::HostChanged{What::Running, 0});
  add(observe::HostChanged{What::Done, static_cast<uint32_t>(image.host().size())});
}

}  // namespace

TileStatus read_status(const std::string& path, const arch::Partition& partition) {
  const std::string text = config::read_file(path);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos)
    throw Error("{}: empty", path).hint("lines of `address value`, or JSON");
  if (text[first] != '{' && text[first] != '[')
    return read_text(text, path, partition);
  try {
    return JsonStatus(path, partition).read(json::parse(text));
  } catch (const json::parse_error& error) {
    throw Error("{}: no JSON from byte {} on", path, error.byte);
  } catch (const json::exception& error) {
    throw Error("{}: {}", path, config::printable(error.what()));
  }
}

StatusEvents events_of(const TileStatus& status, const diagnosis::Image& image) {
  StatusEvents out;
  const Waiter waiter{status, image, out};
  const arch::Generation generation = image.partition().device->generation;
  // Locks first, so that who waits for them finds their values; cores last, since what their
  // channels wait for tells more than they do.
  enum class Turn : uint8_t { Locks, Channels, Cores };
  for (const Turn turn : {Turn::Locks, Turn::Channels, Turn::Cores})
    for (const auto& [address, value] : status) {
      const Coord tile = arch::tile_of(address);
      const auto at = arch::find_register(tile.kind(), generation, arch::offset_of(address));
      if (!at)
        continue;
      const auto index = static_cast<uint8_t>(at->index);
      const RegisterId id = at->row->id;
      if (turn == Turn::Locks && id == RegisterId::LockValue)
        waiter.add(observe::LockChanged{tile,
                                        index,
                                        observe::LockChanged::What::Set,
                                        {},
                                        0,
                                        static_cast<uint8_t>(value & 0x3F)});
      else if (turn == Turn::Channels && id == RegisterId::S2mmStatus)
        waiter.channel({tile, AgentKind::S2mm, index}, value);
      else if (turn == Turn::Channels && id == RegisterId::Mm2sStatus)
        waiter.channel({tile, AgentKind::Mm2s, index}, value);
      else if (turn == Turn::Cores && id == RegisterId::CoreStatus)
        waiter.core(tile, value);
    }
  waiter.host();
  return out;
}

}  // namespace npu::cli
