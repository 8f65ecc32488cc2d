// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/rules.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace npu::diagnosis {

using observe::AgentKind;

namespace {

/// A descriptor that moves words of a buffer.
struct User {
  Agent channel;
  const TaskBd* bd = nullptr;
  bool writes() const { return channel.kind == AgentKind::S2mm; }
};

/// A buffer, who uses it, and which of its words they touch in a period.
struct Use {
  const arch::BufferName* buffer = nullptr;
  std::vector<User> users;
  std::vector<bool> written;
  std::vector<bool> read;

  size_t count(bool writers) const {
    std::set<Agent> channels;
    for (const User& user : users)
      if (user.writes() == writers)
        channels.insert(user.channel);
    return channels.size();
  }
};

uint64_t bytes_of(const std::vector<bool>& words) {
  return 4 * static_cast<uint64_t>(std::count(words.begin(), words.end(), true));
}

/// `0..32767`, or `nothing`.
std::string extent_of(const std::vector<bool>& words) {
  const auto first = std::find(words.begin(), words.end(), true);
  if (first == words.end())
    return "nothing";
  const auto last = std::find(words.rbegin(), words.rend(), true);
  return fmt::format("{}..{}", 4 * (first - words.begin()), 4 * (words.rend() - last) - 1);
}

/// Marks the words of the buffer that a descriptor walks, whatever its iteration counts.
void touch(const TaskBd& bd, const arch::BufferName& buffer, std::vector<bool>& words) {
  const uint32_t steps = std::max<uint32_t>(bd.bd.iteration_size, 1);
  for (uint32_t i = 0; i < steps; ++i) {
    logic::Access access = bd.bd.access;
    access.base = bd.address / 4 + uint64_t{i} * bd.bd.iteration_step;
    const logic::Plan plan(access);
    plan.for_each_run(0, plan.length(), [&](uint64_t at, uint64_t count) {
      for (uint64_t word = at; word < at + count; ++word)
        if (word >= buffer.offset / 4 && word - buffer.offset / 4 < words.size())
          words[word - buffer.offset / 4] = true;
    });
  }
}

std::vector<Use> uses_of(const Image& image, const arch::Names& names) {
  std::map<const arch::BufferName*, Use> uses;
  for (const arch::BufferName& buffer : names.buffers)
    if (buffer.tile.kind() == arch::TileKind::Memtile) {
      Use& use = uses[&buffer];
      use.buffer = &buffer;
      use.written.resize(buffer.bytes / 4);
      use.read.resize(buffer.bytes / 4);
    }
  std::set<std::pair<Agent, uint8_t>> seen;
  for (const Task& task : image.tasks())
    for (const TaskBd& bd : task.chain) {
      const auto at = uses.find(names.buffer_at(bd.memory, bd.address));
      if (at == uses.end() || bd.memory.kind() != arch::TileKind::Memtile ||
          !seen.insert({task.channel, bd.id}).second)
        continue;
      at->second.users.push_back({task.channel, &bd});
      touch(bd, *at->second.buffer,
            task.channel.kind == AgentKind::S2mm ? at->second.written : at->second.read);
    }
  std::vector<Use> out;
  for (auto& [buffer, use] : uses)
    out.push_back(std::move(use));
  std::sort(out.begin(), out.end(), [](const Use& a, const Use& b) {
    return std::pair(a.buffer->tile, a.buffer->offset) <
           std::pair(b.buffer->tile, b.buffer->offset);
  });
  return out;
}

std::string plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

class Checker {
 public:
  Checker(const Image& image, const arch::Names& names) : image_(image), names_(names) {}

  std::vector<Finding> run() {
    for (const Use& use : uses_of(image_, names_)) {
      both_sides(use);
      if (use.count(true) == 0 || use.count(false) == 0)
        continue;
      same_bytes(use);
      same_extents(use);
      fresh(use);
    }
    for (const LockRef& lock : locks())
      balanced(lock);
    std::stable_sort(out_.begin(), out_.end(),
                     [](const Finding& a, const Finding& b) { return a.rule < b.rule; });
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void find(std::string_view rule, const arch::BufferName& buffer, fmt::format_string<Args...> text,
            Args&&... args) {
    out_.push_back({rule, buffer.tile, fmt::format("buffer `{}`", buffer.name),
                    fmt::format(text, std::forward<Args>(args)...)});
  }

  void both_sides(const Use& use) {
    const size_t writers = use.count(true);
    const size_t readers = use.count(false);
    const bool given = writers == 0 && initialised(use);
    if ((writers > 0 || given) == (readers > 0))
      return;
    find("D1", *use.buffer, "has {} and {}", plural(writers, "writer"), plural(readers, "reader"));
  }

  bool initialised(const Use& use) const {
    for (uint32_t i = 0; i < use.read.size(); ++i)
      if (use.read[i] && !image_.initialised(use.buffer->tile, use.buffer->offset + 4 * i))
        return false;
    return true;
  }

  void same_bytes(const Use& use) {
    const uint64_t written = bytes_of(use.written);
    const uint64_t read = bytes_of(use.read);
    if (written != read)
      find("D2", *use.buffer, "{} bytes are written in a period and {} are read", written, read);
  }

  void same_extents(const Use& use) {
    const std::string written = extent_of(use.written);
    const std::string read = extent_of(use.read);
    if (written != read)
      find("D4", *use.buffer, "writers cover offsets {} and readers {}", written, read);
  }

  void fresh(const Use& use) {
    std::vector<bool> stale = use.read;
    for (uint32_t i = 0; i < stale.size(); ++i)
      stale[i] = stale[i] && !use.written[i] &&
                 !image_.initialised(use.buffer->tile, use.buffer->offset + 4 * i);
    if (const uint64_t bytes = bytes_of(stale))
      find("D5", *use.buffer, "{} bytes are sent that nothing writes, within offsets {}", bytes,
           extent_of(stale));
  }

  /// Locks that some descriptor of a memtile acquires.
  std::set<LockRef> locks() const {
    std::set<LockRef> out;
    for (const Task& task : image_.tasks())
      for (const TaskBd& bd : task.chain)
        if (bd.acquire && bd.acquire->tile.kind() == arch::TileKind::Memtile)
          out.insert(*bd.acquire);
    return out;
  }

  void lock(std::string_view rule, LockRef ref, std::string text) {
    const arch::LockName* name = names_.lock(ref.tile, ref.lock);
    out_.push_back({rule, ref.tile,
                    name ? fmt::format("lock {} `{}`", ref.lock, name->name)
                         : fmt::format("lock {}", ref.lock),
                    std::move(text)});
  }

  void balanced(LockRef ref) {
    const Sums sums = sums_of(ref);
    if (sums.takers == 0 || host_sets(ref))
      return;
    const int credit = image_.initial(ref);
    if (sums.givers == 0 && (credit < sums.acquired || sums.for_ever))
      return lock("D3", ref,
                  fmt::format("starts at {}, and {} acquire{} {} in a period that nothing releases",
                              credit, plural(sums.takers, "descriptor"),
                              sums.takers == 1 ? "s" : "", sums.acquired));
    if (sums.givers == 0 || !sums.endless)
      return;
    const auto partner = partner_of(ref);
    if (!partner)
      return;
    // Writers run p times and readers q times until the partner is back where it was.
    const Sums other = sums_of(*partner);
    const int common = std::gcd(other.released, other.acquired);
    if (common == 0)
      return;
    const int64_t p = other.acquired / common;
    const int64_t q = other.released / common;
    if (p * sums.acquired != q * sums.released)
      return lock("D3", ref,
                  fmt::format("a period acquires {} of it and releases {}", p * sums.acquired,
                              q * sums.released));
    // When every taker must come before the first giver can, all need credit at once.
    if (credit < sums.acquired && other.largest_acquire >= other.released &&
        image_.initial(*partner) == 0 && credit > 0)
      lock("D3", ref,
           fmt::format("starts at {}, and {} acquire {} before it can be released", credit,
                       plural(sums.takers, "descriptor"), sums.acquired));
  }

  struct Sums {
    int acquired = 0;
    int released = 0;
    int largest_acquire = 0;
    size_t takers = 0;
    size_t givers = 0;
    bool endless = true;    ///< all users are descriptors of tasks without end
    bool for_ever = false;  ///< some acquire is of a task without end
  };
  Sums sums_of(LockRef ref) const {
    Sums sums;
    std::set<std::pair<Agent, uint8_t>> seen;
    for (const Task& task : image_.tasks()) {
      for (const TaskBd& bd : task.chain) {
        const bool takes = bd.acquire == ref;
        const bool gives = bd.release == ref;
        if ((!takes && !gives) || !seen.insert({task.channel, bd.id}).second)
          continue;
        sums.endless = sums.endless && task.endless;
        sums.for_ever = sums.for_ever || (takes && task.endless);
        const int amount = takes ? -bd.bd.acquire->value : 0;
        sums.acquired += amount;
        sums.largest_acquire = std::max(sums.largest_acquire, amount);
        sums.released += gives ? bd.bd.release : 0;
        sums.takers += takes;
        sums.givers += gives;
      }
    }
    for (const auto& [tile, core] : image_.cores())
      for (const CoreFacts::LockUse& use : core.locks) {
        if (use.lock != ref)
          continue;
        sums.endless = false;
        ++(use.acquires ? sums.takers : sums.givers);
      }
    return sums;
  }

  /// The other lock of the pair: what every taker of this one releases, and every giver acquires.
  std::optional<LockRef> partner_of(LockRef ref) const {
    std::set<LockRef> partners;
    for (const Task& task : image_.tasks())
      for (const TaskBd& bd : task.chain) {
        if (bd.acquire == ref)
          partners.insert(bd.release.value_or(ref));
        if (bd.release == ref)
          partners.insert(bd.acquire.value_or(ref));
      }
    if (partners.size() != 1 || *partners.begin() == ref)
      return std::nullopt;
    return *partners.begin();
  }

  bool host_sets(LockRef ref) const {
    const uint32_t address = arch::address_of(
        ref.tile, arch::register_offset(ref.tile.kind(), arch::RegisterId::LockValue, ref.lock));
    return std::any_of(image_.host().begin(), image_.host().end(), [&](const arch::Command& c) {
      const auto* write = std::get_if<arch::Write>(&c);
      return write && write->address == address;
    });
  }

  const Image& image_;
  const arch::Names& names_;
  std::vector<Finding> out_;
};

}  // namespace

const std::vector<Rule>& static_rules() {
  static const std::vector<Rule> kRules{
      {"D1", "every buffer of a memtile has a reader and a writer"},
      {"D2", "a period writes as many bytes of a buffer as it reads"},
      {"D3", "a period releases a lock as often as it acquires it, and its first credit suffices"},
      {"D4", "writers of a buffer cover the same offsets as its readers"},
      {"D5", "every byte that a reader sends is written in the same period"},
  };
  return kRules;
}

std::vector<Finding> check_rules(const Image& image, const arch::Names& names) {
  return Checker(image, names).run();
}

std::string to_text(const Finding& finding) {
  return fmt::format("{} {} of {}: {}", finding.rule, finding.subject,
                     arch::to_string(finding.tile), finding.text);
}

}  // namespace npu::diagnosis
