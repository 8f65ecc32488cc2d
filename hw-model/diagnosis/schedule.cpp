// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/schedule.h"

#include <cstdio>

#include <fmt/format.h>

#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"

namespace npu::diagnosis {

using arch::Coord;
using observe::Agent;
using observe::AgentKind;

namespace {

/// Cuts the text up to the next line end.
std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Takes the prefix away when it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_number(std::string_view& text, int below, uint8_t& out) {
  int value = 0;
  size_t digits = 0;
  while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  out = static_cast<uint8_t>(value);
  return digits > 0 && value < below;
}

/// `memtile(0,1)`
bool take_tile(std::string_view& text, Coord& out) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos)
    return false;
  const std::string_view kind = text.substr(0, open);
  text.remove_prefix(open);
  return take(text, "(") && take_number(text, arch::kMaxColumns, out.col) && take(text, ",") &&
         take_number(text, arch::kRows, out.row) && take(text, ")") &&
         kind == arch::to_string(out.kind());
}

/// `memtile(0,1).s2mm2` or `core(0,2)`
bool take_agent(std::string_view& text, Agent& out) {
  if (!take_tile(text, out.tile))
    return false;
  out.kind = AgentKind::Core;
  if (text.empty())
    return out.tile.kind() == arch::TileKind::Core;
  if (take(text, ".s2mm"))
    out.kind = AgentKind::S2mm;
  else if (take(text, ".mm2s"))
    out.kind = AgentKind::Mm2s;
  else
    return false;
  const arch::TileFacts& facts = arch::facts(out.tile.kind());
  const int channels = out.kind == AgentKind::S2mm ? facts.s2mm_channels : facts.mm2s_channels;
  return take_number(text, channels, out.index) && text.empty();
}

bool parse_step(std::string_view line, GrantStep& out) {
  if (take(line, "arbiter "))
    out.arbiter = true;
  else if (!take(line, "lock "))
    return false;
  return take_number(line, 64, out.number) && take(line, " of ") && take_tile(line, out.tile) &&
         take(line, " to ") && take_agent(line, out.agent);
}

}  // namespace

std::string to_string(const GrantStep& step) {
  return fmt::format("{} {} of {} to {}", step.arbiter ? "arbiter" : "lock", step.number,
                     arch::to_string(step.tile), observe::to_string(step.agent));
}

std::string print(const Schedule& schedule) {
  std::string text;
  for (const GrantStep& step : schedule)
    text += to_string(step) + '\n';
  return text;
}

Schedule parse_schedule(std::string_view text, std::string_view file) {
  Schedule schedule;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = next_line(text);
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
      line.remove_suffix(1);
    if (line.empty())
      continue;
    GrantStep step;
    if (!parse_step(line, step))
      throw Error("{}:{}: `{}` is not a grant", file, number, line)
          .hint("a line says `lock 4 of memtile(0,1) to memtile(0,1).s2mm2` or `arbiter 0 of ...`");
    schedule.push_back(step);
  }
  return schedule;
}

}  // namespace npu::diagnosis
