// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/checker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "hw-model/arch/device.h"

namespace npu::observe {

namespace {

constexpr std::string_view kStack = "stack";
constexpr std::array<std::string_view, 6> kMistakeWords{"uninitialised-read", "conflict",
                                                        "unordered",          "outside-buffer",
                                                        "stack-touched",      "stack-overlap"};

bool overlap(const arch::BufferName& a, const arch::BufferName& b) {
  return a.tile == b.tile && a.offset < uint64_t{b.offset} + b.bytes &&
         b.offset < uint64_t{a.offset} + a.bytes;
}

}  // namespace

std::string_view to_string(MemoryMistake mistake) {
  return kMistakeWords[static_cast<size_t>(mistake)];
}

std::string MemoryFinding::text() const {
  const std::string what = buffer.empty() ? "memory without a name" : "buffer " + buffer;
  const std::string at = fmt::format("at {} {:#x}", to_string(tile), address);
  const std::string who = fmt::format("cycle {}: {}", cycle, to_string(agent));
  switch (mistake) {
    case MemoryMistake::UninitialisedRead:
      return fmt::format("{} reads {}, which nobody wrote, {}", who, what, at);
    case MemoryMistake::Conflict:
      return fmt::format("{} and {} use {} at the same time, {}", who, to_string(*other), what, at);
    case MemoryMistake::Unordered:
      return fmt::format("{} uses {} after {}, and no lock stands between them, {}", who, what,
                         to_string(*other), at);
    case MemoryMistake::OutsideBuffer:
      return fmt::format("{} leaves {}, {}", who, what, at);
    case MemoryMistake::StackTouched:
      return fmt::format("{} reaches the stack of the core, {}", who, at);
    case MemoryMistake::StackOverlap:
      return fmt::format("the stack of {} overlaps {}, {}", to_string(tile), what, at);
  }
  return who;
}

template <typename Bits, typename F>
void ByteSet::for_each_word(Bits& bits, uint32_t first, uint32_t bytes, F f) {
  const uint64_t end = std::min<uint64_t>(uint64_t{first} + bytes, bits.size() * 64);
  for (uint64_t at = first; at < end;) {
    const uint64_t word = at / 64;
    const uint64_t stop = std::min(end, (word + 1) * 64);
    const uint64_t width = stop - at;
    const uint64_t mask = (width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1) << (at % 64);
    if (f(word, mask))
      return;
    at = stop;
  }
}

void ByteSet::insert(uint32_t first, uint32_t bytes) {
  for_each_word(bits_, first, bytes, [&](uint64_t word, uint64_t mask) {
    bits_[word] |= mask;
    return false;
  });
}

void ByteSet::erase(uint32_t first, uint32_t bytes) {
  for_each_word(bits_, first, bytes, [&](uint64_t word, uint64_t mask) {
    bits_[word] &= ~mask;
    return false;
  });
}

std::optional<uint32_t> ByteSet::first_in(uint32_t first, uint32_t bytes) const {
  std::optional<uint32_t> found;
  for_each_word(bits_, first, bytes, [&](uint64_t word, uint64_t mask) {
    if (const uint64_t hit = bits_[word] & mask)
      found = static_cast<uint32_t>(word * 64) + static_cast<uint32_t>(std::countr_zero(hit));
    return found.has_value();
  });
  return found;
}

std::optional<uint32_t> ByteSet::first_not_in(uint32_t first, uint32_t bytes) const {
  std::optional<uint32_t> found;
  for_each_word(bits_, first, bytes, [&](uint64_t word, uint64_t mask) {
    if (const uint64_t hit = ~bits_[word] & mask)
      found = static_cast<uint32_t>(word * 64) + static_cast<uint32_t>(std::countr_zero(hit));
    return found.has_value();
  });
  return found;
}

MemoryChecker::MemoryChecker(const arch::Names& names) : names_(names) {
  find_stack_overlaps();
}

void MemoryChecker::find_stack_overlaps() {
  for (const arch::BufferName& stack : names_.buffers) {
    if (stack.name != kStack)
      continue;
    stacks_.push_back(&stack);
    for (const arch::BufferName& buffer : names_.buffers) {
      if (&buffer == &stack || !overlap(stack, buffer))
        continue;
      const uint32_t address = std::max(stack.offset, buffer.offset);
      findings_.push_back({.cycle = 0,
                           .mistake = MemoryMistake::StackOverlap,
                           .agent = {stack.tile, AgentKind::Core, 0},
                           .other = {},
                           .tile = stack.tile,
                           .address = address,
                           .bytes = stack.bytes,
                           .buffer = buffer.name});
    }
  }
}

MemoryChecker::Memory& MemoryChecker::memory(Coord tile) {
  const auto [found, is_new] = memories_.try_emplace(tile);
  if (is_new)
    found->second = {ByteSet(arch::facts(tile.kind()).memory_bytes),
                     Shadow(arch::facts(tile.kind()).memory_bytes),
                     {}};
  return found->second;
}

void MemoryChecker::on(const Event& event) {
  order_.on(event);
  if (const auto* e = std::get_if<MemoryAccess>(&event.payload)) {
    access(event.cycle, *e);
  } else if (const auto* descriptor = std::get_if<DescriptorChanged>(&event.payload)) {
    if (descriptor->finished)
      let_go(descriptor->channel, uint64_t{descriptor->words} * 4);
  } else if (const auto* words = std::get_if<WordsMoved>(&event.payload)) {
    // What a sender sent it had read before, and who has the last words of it knows that.
    const size_t id = order_.id(words->from);
    if (const auto use = uses_.find(words->from); use != uses_.end())
      use->second.sent = order_.clock(id).of(id) - 1;
  } else if (const auto* core = std::get_if<CoreChanged>(&event.payload)) {
    // Accesses of a kernel follow its beginning, so that they end with the next change, another
    // kernel's beginning included.
    let_go(core->core, std::numeric_limits<uint64_t>::max());
  }
}

void MemoryChecker::access(Cycle cycle, const MemoryAccess& e) {
  if (e.bytes == 0)
    return;
  if (!e.write)
    if (const auto byte = memory(e.tile).written.first_not_in(e.address, e.bytes))
      find(cycle, MemoryMistake::UninitialisedRead, e, *byte);
  check_conflict(cycle, e);
  check_order(cycle, e);
  check_buffer(cycle, e);
  if (e.held)
    hold(e);
  else
    remember(memory(e.tile), e.agent, {e.tile, e.address, e.bytes, e.write});
}

void MemoryChecker::check_order(Cycle cycle, const MemoryAccess& e) {
  if (e.agent.kind == AgentKind::Host)
    return;
  const size_t agent = order_.id(e.agent);
  const auto race =
      memory(e.tile).shadow.check(e.address, e.bytes, e.write, agent, order_.clock(agent));
  if (race)
    find(cycle, MemoryMistake::Unordered, e, race->address, order_.agent(race->other));
}

void MemoryChecker::remember(Memory& where, const Agent& agent, const Held& range,
                             std::optional<uint32_t> sent) {
  if (range.write)
    where.written.insert(range.address, range.bytes);
  // The host loads memories before anything runs, and no event tells what came after it.
  if (agent.kind == AgentKind::Host)
    return;
  const size_t id = order_.id(agent);
  where.shadow.record(range.address, range.bytes, range.write, id,
                      sent.value_or(order_.clock(id).of(id)));
}

void MemoryChecker::check_conflict(Cycle cycle, const MemoryAccess& e) {
  for (const InUse& user : memory(e.tile).users) {
    if (user.agent == e.agent || user.ranges == 0)
      continue;
    auto byte = user.written.first_in(e.address, e.bytes);
    if (!byte && e.write)
      byte = user.read.first_in(e.address, e.bytes);
    if (byte)
      find(cycle, MemoryMistake::Conflict, e, *byte, user.agent);
  }
}

void MemoryChecker::check_buffer(Cycle cycle, const MemoryAccess& e) {
  if (e.agent.kind != AgentKind::S2mm && e.agent.kind != AgentKind::Mm2s)
    return;
  for (const arch::BufferName* stack : stacks_)
    if (stack->tile == e.tile && e.address < uint64_t{stack->offset} + stack->bytes &&
        stack->offset < uint64_t{e.address} + e.bytes)
      find(cycle, MemoryMistake::StackTouched, e, std::max(e.address, stack->offset));
  if (!e.held)
    return;
  Use& use = uses_[e.agent];
  if (use.held.empty())
    use.buffer = names_.buffer_at(e.tile, e.address);
  if (!use.buffer)
    return;
  const uint64_t end = uint64_t{use.buffer->offset} + use.buffer->bytes;
  if (e.tile != use.buffer->tile || e.address < use.buffer->offset || e.address >= end)
    find(cycle, MemoryMistake::OutsideBuffer, e, e.address, {}, use.buffer);
  else if (uint64_t{e.address} + e.bytes > end)
    find(cycle, MemoryMistake::OutsideBuffer, e, static_cast<uint32_t>(end), {}, use.buffer);
}

void MemoryChecker::hold(const MemoryAccess& e) {
  Memory& where = memory(e.tile);
  auto user = std::find_if(where.users.begin(), where.users.end(),
                           [&](const InUse& u) { return u.agent == e.agent; });
  if (user == where.users.end()) {
    const uint32_t size = arch::facts(e.tile.kind()).memory_bytes;
    user = where.users.insert(user, {e.agent, 0, ByteSet(size), ByteSet(size)});
  }
  ++user->ranges;
  (e.write ? user->written : user->read).insert(e.address, e.bytes);
  uses_[e.agent].held.push_back({e.tile, e.address, e.bytes, e.write});
}

void MemoryChecker::let_go(const Agent& agent, uint64_t bytes) {
  const auto use = uses_.find(agent);
  if (use == uses_.end())
    return;
  for (const Held& held : use->second.held) {
    Memory& where = memory(held.tile);
    Held moved = held;
    moved.bytes = static_cast<uint32_t>(std::min<uint64_t>(bytes, held.bytes));
    bytes -= moved.bytes;
    remember(where, agent, moved, held.write ? std::nullopt : use->second.sent);
    for (InUse& user : where.users) {
      if (user.agent != agent)
        continue;
      (held.write ? user.written : user.read).erase(held.address, held.bytes);
      --user.ranges;
    }
  }
  use->second.held.clear();
  use->second.sent.reset();
}

void MemoryChecker::find(Cycle cycle, MemoryMistake mistake, const MemoryAccess& e,
                         uint32_t address, std::optional<Agent> other,
                         const arch::BufferName* buffer) {
  if (!buffer)
    buffer = names_.buffer_at(e.tile, address);
  const std::string name = buffer ? buffer->name : "";
  if (told_.emplace(e.agent, e.tile, name, mistake).second)
    findings_.push_back({cycle, mistake, e.agent, other, e.tile, address, e.bytes, name});
}

}  // namespace npu::observe
