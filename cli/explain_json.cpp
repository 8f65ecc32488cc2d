// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/explain_json.h"

#include <algorithm>
#include <array>

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

/// In order of `diagnosis::WaitFor`.
constexpr std::array<std::string_view, 8> kWaits{"lock",    "words", "room", "arbiter",
                                                 "cascade", "token", "poll", "fault"};

ordered_json agents_json(const std::vector<observe::Agent>& agents) {
  ordered_json list = ordered_json::array();
  for (const observe::Agent& agent : agents)
    list.push_back(observe::to_string(agent));
  return list;
}

ordered_json wait_json(const Explanation::Waiting& waiting) {
  const diagnosis::Wait& wait = waiting.wait;
  ordered_json json{{"waits_for", kWaits[static_cast<size_t>(wait.what)]}, {"since", wait.since}};
  if (wait.what == diagnosis::WaitFor::Lock)
    json["lock"] = {{"tile", arch::to_string(wait.lock.tile)},
                    {"number", wait.lock.lock},
                    {"name", waiting.lock},
                    {"value", waiting.value},
                    {"wanted", wait.amount < 0 ? -wait.amount : wait.amount},
                    {"condition", wait.amount < 0 ? ">=" : "=="}};
  if (wait.wanted > 0)
    json["bytes"] = {{"moved", 4 * wait.done}, {"wanted", 4 * wait.wanted}};
  json["on"] = agents_json(wait.on);
  json["cannot_help"] = agents_json(wait.cannot);
  return json;
}

ordered_json links_json(const std::vector<diagnosis::Link>& links, const Explanation& explanation) {
  ordered_json list = ordered_json::array();
  for (const diagnosis::Link& link : links) {
    const bool on_a_tile = link.who.kind != observe::AgentKind::Host;
    ordered_json json{{"agent", observe::to_string(link.who)},
                      {"tile", on_a_tile ? ordered_json(arch::to_string(link.who.tile)) : nullptr},
                      {"text", link.text}};
    const auto found =
        std::find_if(explanation.waits.begin(), explanation.waits.end(),
                     [&](const auto& waiting) { return waiting.wait.who == link.who; });
    if (found != explanation.waits.end())
      json.update(wait_json(*found));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

ordered_json to_json(const Explanation& explanation) {
  const diagnosis::Diagnosis& d = explanation.diagnosis;
  ordered_json json{{"hang", d.hang && !d.running},
                    {"finished", !d.hang},
                    {"cycle", d.cycle},
                    {"progress", d.progress}};
  json["roots"] = ordered_json::array();
  for (const diagnosis::Diagnosis::Root& root : d.roots)
    json["roots"].push_back({{"sentence", root.sentence},
                             {"effect", root.effect},
                             {"cycle", root.cycle},
                             {"links", links_json(root.links, explanation)},
                             {"because", root.because},
                             {"hint", root.hint}});
  json["chain"] = links_json(d.chain, explanation);
  json["symptoms"] = d.symptoms;
  json["errors"] = d.remarks;
  json["unknown"] = explanation.unknown;
  json["stale"] = explanation.stale;
  json["mistakes"] = explanation.mistakes;
  json["left_over"] = explanation.leftovers;
  json["memory"] = explanation.memory;
  json["order"] = explanation.order;
  return json;
}

}  // namespace npu::cli
