// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/gtkw.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace npu::traces {

namespace {

// Flags of a row, in hexadecimal (bits of GTKWave's analyzer.h).
constexpr uint32_t kHex = 1u << 1;
constexpr uint32_t kBinary = 1u << 3;
constexpr uint32_t kRightJustify = 1u << 5;
constexpr uint32_t kBlank = 1u << 9;
constexpr uint32_t kAnalogStep = 1u << 15;
constexpr uint32_t kClosed = 1u << 22;
constexpr uint32_t kGroupBegin = 1u << 23;
constexpr uint32_t kGroupEnd = 1u << 24;

constexpr int kRed = 1;
constexpr int kGreen = 4;
constexpr int kNoColor = 0;

struct RowStyle {
  Role role;
  uint32_t flags;
  int color;
};
/// What is shown of each subject. Facts, faults and the rest are in the tree for who looks for
/// them.
constexpr std::array<RowStyle, 11> kStyles{{
    {Role::Host, kHex | kRightJustify, kNoColor},
    {Role::DdrBytes, kHex | kRightJustify | kAnalogStep, kNoColor},
    {Role::Core, kHex | kRightJustify, kNoColor},
    {Role::State, kHex | kRightJustify, kNoColor},
    {Role::Stalled, kBinary | kRightJustify, kRed},
    {Role::Busy, kBinary | kRightJustify, kGreen},
    {Role::Queued, kHex | kRightJustify, kNoColor},
    {Role::Descriptor, kHex | kRightJustify, kNoColor},
    {Role::Fill, kHex | kRightJustify, kNoColor},
    {Role::Value, kHex | kRightJustify, kNoColor},
    {Role::Lock, kHex | kRightJustify, kNoColor},
}};

const RowStyle* style_of(Role role) {
  const auto found = std::find_if(kStyles.begin(), kStyles.end(),
                                  [&](const RowStyle& s) { return s.role == role; });
  return found == kStyles.end() ? nullptr : found;
}

/// Title of the group that a signal belongs to.
std::string group_of(const Signal& signal) {
  return signal.scopes.size() > 2 ? to_string(signal.subject.agent.tile) : "npu";
}

void append_row(std::string& out, const Signal& signal, uint32_t& flags, int& color) {
  const RowStyle& style = *style_of(signal.role);
  const RoleRow& row = row_of(signal.role);
  if (std::exchange(flags, style.flags) != style.flags)
    fmt::format_to(std::back_inserter(out), "@{:x}\n", style.flags);
  if (style.color != kNoColor || color != kNoColor)
    fmt::format_to(std::back_inserter(out), "[color] {}\n", style.color);
  color = style.color;
  fmt::format_to(std::back_inserter(out), "+{{{}:{}}} {}", signal.scopes.back(), row.name,
                 signal.path());
  if (row.type == SignalType::Bits && row.width > 1)
    fmt::format_to(std::back_inserter(out), "[{}:0]", row.width - 1);
  out.push_back('\n');
}

/// One frame of GTKWave's window is 200 pixels and holds 2^-zoom ticks; five frames fill a window.
double zoom_for(Cycle span) {
  return -std::log2(std::max(1.0, static_cast<double>(span) / 5.0));
}

}  // namespace

std::string gtkw_text(const std::string& vcd, const std::vector<Signal>& signals,
                      const View& view) {
  const Cycle span = view.span == 0 ? view.end : std::min(view.span, view.end);
  std::string out = fmt::format("[dumpfile] \"{}\"\n[timestart] {}\n*{:.6f} {}{}\n", vcd,
                                view.end - span, zoom_for(span), view.end, [] {
                                  std::string unset;
                                  for (int i = 0; i < 26; ++i)
                                    unset += " -1";
                                  return unset;
                                }());
  out += "[size] 1600 1000\n[sst_width] 200\n[signals_width] 300\n[treeopen] npu.\n";
  std::string group;
  uint32_t group_end = 0;
  uint32_t flags = 0;
  int color = kNoColor;
  const auto close = [&] {
    if (!group.empty())
      fmt::format_to(std::back_inserter(out), "@{:x}\n-{}\n", group_end, group);
  };
  for (const Signal& signal : signals) {
    if (!style_of(signal.role))
      continue;
    if (std::string title = group_of(signal); title != group) {
      close();
      const bool open = title == "npu" || std::find(view.open.begin(), view.open.end(),
                                                    signal.subject.agent.tile) != view.open.end();
      group = std::move(title);
      group_end = kGroupEnd | kBlank | (open ? 0 : kClosed);
      fmt::format_to(std::back_inserter(out), "@{:x}\n-{}\n",
                     kGroupBegin | kBlank | (open ? 0 : kClosed), group);
      flags = 0;
    }
    append_row(out, signal, flags, color);
  }
  close();
  return out;
}

}  // namespace npu::traces
