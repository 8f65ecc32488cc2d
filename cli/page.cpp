// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/page.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/markup.h"

namespace npu::cli {
namespace {

using diagnosis::Link;
using observe::Agent;
using observe::AgentKind;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 68em; margin: 2em auto; padding: 0 1em; color: #222; }}
h1 {{ font-size: 1.4em; }} h2 {{ font-size: 1.1em; margin-top: 2em; }}
.root {{ border-left: 4px solid #c62828; padding: .3em 1em; background: #fdf0ef; }}
.root b {{ color: #b71c1c; }} .hint {{ color: #1b6e20; }}
td, th {{ text-align: left; padding: .1em 1.2em .1em 0; font-weight: normal; }} th {{ color: #57606a; }}
li {{ margin: .25em 0; }} code, text {{ font-family: ui-monospace, monospace; font-size: .9em; }}
text {{ font-size: 11px; }} svg {{ max-width: 100%; height: auto; border: 1px solid #ddd; background: #fff; }}
.key span {{ display: inline-block; margin-right: 1.2em; }}
.key i {{ display: inline-block; width: 1em; height: 1em; margin-right: .4em; vertical-align: -.1em; }}
</style></head><body><h1>{0}</h1>
)";

std::string list(const std::vector<std::string>& lines) {
  std::string out = "<ul>";
  for (const std::string& line : lines)
    out += fmt::format("<li>{}</li>", escaped(line));
  return out + "</ul>\n";
}

std::string section(std::string_view title, const std::vector<std::string>& lines) {
  return lines.empty() ? "" : fmt::format("<h2>{}</h2>\n{}", title, list(lines));
}

std::string links(const std::vector<Link>& all) {
  std::string out = "<ol>";
  for (const Link& link : all)
    out += fmt::format("<li><code>{}</code> {}</li>", observe::to_string(link.who),
                       escaped(link.text));
  return out + "</ol>\n";
}

std::string roots(const diagnosis::Diagnosis& d) {
  std::string out;
  for (const diagnosis::Diagnosis::Root& root : d.roots) {
    out += fmt::format("<div class=\"root\"><b>{}</b>", escaped(root.sentence));
    if (!root.effect.empty())
      out += fmt::format("<br>so {}", escaped(root.effect));
    for (const std::string& because : root.because)
      out += fmt::format("<br>because {}", escaped(because));
    if (!root.hint.empty())
      out += fmt::format("<br><span class=\"hint\">{}</span>", escaped(root.hint));
    out += links(root.links) + "</div>\n";
  }
  return out;
}

std::string_view noun(AgentKind kind) {
  return kind == AgentKind::S2mm ? "s2mm" : kind == AgentKind::Mm2s ? "mm2s" : "core";
}

/// The waits on the array: a box a tile as they lie on the chip, an arrow from who waits to whom.
class ArrayPicture {
 public:
  ArrayPicture(const Explanation& explanation, const arch::Partition& partition)
      : explanation_(explanation), partition_(partition) {
    for (const diagnosis::Diagnosis::Root& root : explanation.diagnosis.roots)
      for (const Link& link : root.links)
        roots_.insert(link.who);
    for (const Link& link : explanation.diagnosis.chain)
      chain_.insert(link.who);
    for (const auto& each : explanation.waits)
      waiting_.insert(each.wait.who);
    for (int row = 0; row < arch::kRows; ++row)
      if (row < arch::kFirstCoreRow ||
          std::any_of(waiting_.begin(), waiting_.end(), [&](const Agent& a) {
            return a.tile.row == row && a.kind != AgentKind::Host;
          }))
        rows_.push_back(static_cast<uint8_t>(row));
  }

  std::string svg() {
    std::string out =
        fmt::format("<svg viewBox=\"0 0 {} {}\" width=\"{}\"><defs>", width(), height(), width());
    for (const auto& [name, colour] : kColours)
      out += fmt::format(
          "<marker id=\"{}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
          "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
          "<path d=\"M0 0L8 4L0 8z\" fill=\"{}\"/></marker>",
          name, colour);
    out += "</defs>\n";
    for (const uint8_t row : rows_)
      for (int col = 0; col < partition_.columns; ++col)
        out += tile({static_cast<uint8_t>(col), row});
    for (const bool important : {false, true})
      for (const auto& each : explanation_.waits)
        out += arrows(each.wait, important);
    for (const auto& each : explanation_.waits) {
      out += node(each.wait.who);
      for (const Agent& other : each.wait.cannot)
        out += node(other);
    }
    return out + "</svg>\n";
  }

 private:
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kColours{
      {{"root", "#c62828"}, {"chain", "#e07b00"}, {"other", "#9aa5b1"}}};
  static constexpr int kWide = 190;
  static constexpr int kHigh = 132;
  static constexpr int kGap = 26;
  static constexpr int kStep = 17;  ///< between the channels of a tile

  int width() const { return kGap + partition_.columns * (kWide + kGap); }
  int height() const { return kGap + static_cast<int>(rows_.size()) * (kHigh + kGap) + 50; }

  /// Rows in which nobody waits are left out.
  std::pair<int, int> corner(arch::Coord tile) const {
    const auto above =
        std::count_if(rows_.begin(), rows_.end(), [&](uint8_t row) { return row > tile.row; });
    return {kGap + tile.col * (kWide + kGap), kGap + static_cast<int>(above) * (kHigh + kGap)};
  }
  std::pair<int, int> place(const Agent& agent) const {
    if (agent.kind == AgentKind::Host)
      return {width() / 2, height() - 22};
    const auto [x, y] = corner(agent.tile);
    if (agent.kind == AgentKind::Core)
      return {x + kWide / 2, y + 62};
    return {x + (agent.kind == AgentKind::S2mm ? 38 : kWide - 38), y + 30 + kStep * agent.index};
  }
  size_t rank(const Agent& agent) const {
    return roots_.contains(agent) ? 0 : chain_.contains(agent) ? 1 : 2;
  }

  std::string tile(arch::Coord tile) const {
    const auto [x, y] = corner(tile);
    return fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#f6f8fa\" "
        "stroke=\"#d0d7de\"/><text x=\"{}\" y=\"{}\" fill=\"#57606a\">{}</text>\n",
        x, y, kWide, kHigh, x + 6, y + 14, arch::to_string(tile));
  }

  std::string node(const Agent& agent) {
    if (!drawn_.insert(agent).second)
      return "";
    const auto [x, y] = place(agent);
    const bool host = agent.kind == AgentKind::Host;
    const std::string label = host ? "host"
                              : agent.kind == AgentKind::Core
                                  ? "core"
                                  : fmt::format("{}{}", noun(agent.kind), agent.index);
    // Who has nothing left to do, and is waited for, is drawn hollow.
    const bool hollow = !waiting_.contains(agent);
    return fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"52\" height=\"15\" rx=\"7\" fill=\"{}\" stroke=\"{}\"/>"
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{}\">{}</text>\n",
        x - 26, y - 8, hollow ? "#fff" : kColours[rank(agent)].second,
        hollow ? "#57606a" : kColours[rank(agent)].second, x, y + 4, hollow ? "#333" : "#fff",
        label);
  }

  std::string arrows(const diagnosis::Wait& wait, bool important) const {
    std::string out;
    const auto arrow = [&](const Agent& to, bool dead) {
      const size_t worst = std::max(rank(wait.who), dead ? 0 : rank(to));
      if ((worst < 2) != important)
        return;
      const auto [x0, y0] = place(wait.who);
      const auto [x1, y1] = place(to);
      const int bow = x0 == x1 ? 40 : 0;
      out += fmt::format(
          "<path d=\"M{} {}Q{} {} {} {}\" fill=\"none\" stroke=\"{}\" "
          "stroke-width=\"{}\"{} marker-end=\"url(#{})\"/>\n",
          x0, y0, (x0 + x1) / 2 + bow, (y0 + y1) / 2 - 12, x1, y1 + (y0 > y1 ? 8 : -8),
          kColours[worst].second, important ? 2.2 : 0.8, dead ? " stroke-dasharray=\"5 3\"" : "",
          kColours[worst].first);
    };
    for (const Agent& to : wait.on)
      arrow(to, false);
    for (const Agent& to : wait.cannot)
      arrow(to, true);
    return out;
  }

  const Explanation& explanation_;
  const arch::Partition& partition_;
  std::set<Agent> roots_;
  std::set<Agent> chain_;
  std::set<Agent> waiting_;
  std::set<Agent> drawn_;
  std::vector<uint8_t> rows_;
};

struct StateColour {
  std::string_view state;
  std::string_view colour;
};
/// States of channels, cores and the host that mean the same have one colour.
constexpr std::array<StateColour, 19> kStateColours{{
    {"running", "#2e7d32"},
    {"kernel", "#1b5e20"},
    {"starting", "#81c784"},
    {"releasing", "#81c784"},
    {"acquiring", "#f9a825"},
    {"lock-stalled", "#f9a825"},
    {"starved", "#1e88e5"},
    {"back-pressured", "#8e24aa"},
    {"stream-stalled", "#1e88e5"},
    {"cascade-stalled", "#1e88e5"},
    {"token-stalled", "#8e24aa"},
    {"stopped", "#c62828"},
    {"halted", "#c62828"},
    {"syncing", "#f9a825"},
    {"polling", "#f9a825"},
    {"idle", "#e6e9ec"},
    {"disabled", "#e6e9ec"},
    {"done", "#e6e9ec"},
    {"", "#e6e9ec"},
}};
std::string_view colour_of(std::string_view state) {
  for (const StateColour& row : kStateColours)
    if (row.state == state)
      return row.colour;
  return kStateColours.back().colour;
}

/// The agents of roots and chain, each once, the root first.
std::vector<Agent> tellers(const Explanation& explanation) {
  std::vector<Agent> out;
  const auto add = [&](const std::vector<Link>& all) {
    for (const Link& link : all)
      if (std::find(out.begin(), out.end(), link.who) == out.end())
        out.push_back(link.who);
  };
  for (const diagnosis::Diagnosis::Root& root : explanation.diagnosis.roots)
    add(root.links);
  add(explanation.diagnosis.chain);
  return out;
}

/// Cycle at which the picture begins: some time before the first of the chain came to rest, who has
/// not been at rest from the start.
arch::Cycle first_cycle(const Explanation& explanation, const std::vector<Agent>& agents) {
  const arch::Cycle end = explanation.diagnosis.cycle;
  arch::Cycle first = end;
  for (const auto& each : explanation.waits)
    if (each.wait.since > end / 10 &&
        std::find(agents.begin(), agents.end(), each.wait.who) != agents.end())
      first = std::min(first, each.wait.since);
  const arch::Cycle span = std::max<arch::Cycle>(2 * (end - first), 2000);
  return end - std::min(end, span);
}

std::string timeline(const Explanation& explanation, const traces::LastStates& states) {
  constexpr int kLeft = 150;
  constexpr int kRight = 1040;
  constexpr int kRow = 20;
  const std::vector<Agent> agents = tellers(explanation);
  const arch::Cycle end = std::max<arch::Cycle>(explanation.diagnosis.cycle, 1);
  const arch::Cycle begin = first_cycle(explanation, agents);
  const auto x = [&](arch::Cycle cycle) {
    const double part = static_cast<double>(std::clamp(cycle, begin, end) - begin) /
                        static_cast<double>(end - begin);
    return kLeft + part * (kRight - kLeft);
  };
  const int height = kRow * static_cast<int>(agents.size()) + 34;
  std::string out = fmt::format("<svg viewBox=\"0 0 1060 {0}\" width=\"1060\">\n", height);
  std::set<std::string_view> used;
  for (size_t i = 0; i < agents.size(); ++i) {
    const int y = 8 + kRow * static_cast<int>(i);
    out += fmt::format("<text x=\"8\" y=\"{}\">{}</text>", y + 12, observe::to_string(agents[i]));
    const auto& changes = states.of(agents[i]);
    for (size_t c = 0; c < changes.size(); ++c) {
      const arch::Cycle until = c + 1 < changes.size() ? changes[c + 1].cycle : end;
      if (until < begin || until == changes[c].cycle)
        continue;
      used.insert(changes[c].state);
      out += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"15\" fill=\"{}\">"
          "<title>{}, cycles {} to {}</title></rect>",
          x(changes[c].cycle), y, x(until) - x(changes[c].cycle), colour_of(changes[c].state),
          changes[c].state, changes[c].cycle, until);
    }
    out += "\n";
  }
  for (int tick = 0; tick <= 4; ++tick) {
    const arch::Cycle cycle = begin + (end - begin) * static_cast<arch::Cycle>(tick) / 4;
    out += fmt::format("<text x=\"{:.0f}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x(cycle),
                       height - 8, cycle);
  }
  out += "</svg>\n<p class=\"key\">";
  for (const StateColour& row : kStateColours)
    if (!row.state.empty() && used.contains(row.state))
      out += fmt::format("<span><i style=\"background:{}\"></i>{}</span>", row.colour, row.state);
  return out + "</p>\n";
}

}  // namespace

std::string page_of(const std::string& title, const Explanation& explanation,
                    const Explainer& explainer, const std::string& more) {
  const diagnosis::Diagnosis& d = explanation.diagnosis;
  std::string out = fmt::format(kHead, escaped(title));
  if (d.hang) {
    out += fmt::format("<p>{} at cycle {}: {}</p>\n", d.running ? "Stopped" : "Deadlock", d.cycle,
                       escaped(d.progress));
    out += roots(d);
    if (!d.chain.empty())
      out += "<h2>From there to the host</h2>\n" + links(d.chain);
    out +=
        "<h2>Who waits for whom</h2>\n<p class=\"key\"><span><i style=\"background:#c62828\">"
        "</i>root</span><span><i style=\"background:#e07b00\"></i>chain to the host</span>"
        "<span><i style=\"background:#9aa5b1\"></i>others</span><span>dashed: has nothing left "
        "to do</span></p>\n";
    out += ArrayPicture(explanation, explainer.image().partition()).svg();
    out += "<h2>Before the end</h2>\n" + timeline(explanation, explainer.states());
    out += section("Symptoms", d.symptoms);
  } else {
    out += fmt::format("<p>The host sequence is complete at cycle {}.</p>\n", d.cycle);
  }
  out += section("Errors", d.remarks) + section("Unknown", explanation.unknown) +
         section("Wrong data", explanation.stale) + section("Mistakes", explanation.mistakes) +
         section("Left over", explanation.leftovers) + section("Memory", explanation.memory) +
         section("Order-dependent", explanation.order);
  return out + more + "</body></html>\n";
}

}  // namespace npu::cli
