// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/explain.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "hw-model/diagnosis/findings.h"
#include "hw-model/diagnosis/leftover.h"
#include "hw-model/diagnosis/mistakes.h"
#include "hw-model/diagnosis/wait_graph.h"

namespace npu::cli {
namespace {

/// Whether nobody moves any more.
bool at_rest(const diagnosis::Image& image, const diagnosis::History& history) {
  using observe::ChannelState;
  using observe::CoreState;
  if (history.host().what == observe::HostChanged::What::Running)
    return false;
  for (const auto& [tile, core] : image.cores()) {
    const CoreState state = history.core(tile).state;
    if (state == CoreState::Running || state == CoreState::Kernel)
      return false;
  }
  for (const diagnosis::Task& task : image.tasks()) {
    const ChannelState state = history.channel(task.channel).state;
    if (state == ChannelState::Starting || state == ChannelState::Running ||
        state == ChannelState::Releasing)
      return false;
  }
  return true;
}

constexpr size_t kShown = 12;  // lines of a section

struct Section {
  std::string_view title;
  std::vector<std::string> Explanation::*lines;
};
constexpr std::array<Section, 6> kSections{{
    {"unknown", &Explanation::unknown},
    {"wrong data", &Explanation::stale},
    {"mistakes", &Explanation::mistakes},
    {"left over", &Explanation::leftovers},
    {"memory", &Explanation::memory},
    {"order-dependent", &Explanation::order},
}};

/// Root lines red, hints green.
std::string painted(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end);
    const std::string_view colour = line.starts_with("root: ")     ? "\033[31m"
                                    : line.starts_with("  hint: ") ? "\033[32m"
                                                                   : "";
    out += colour.empty() ? fmt::format("{}\n", line) : fmt::format("{}{}\033[0m\n", colour, line);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

DesignFacts facts_of(const Workload& work) {
  const compiler::Lowered& lowered = work.lowered;
  return {work.settings.partition(),
          work.settings.device.timing,
          lowered.configuration,
          lowered.sequence,
          lowered.names,
          lowered.loads,
          lowered.load_names};
}

diagnosis::Image image_of(const DesignFacts& facts) {
  diagnosis::Image image(facts.partition, facts.timing);
  image.add_loads(facts.loads);
  image.configure(facts.configuration);
  image.sequence(facts.sequence);
  return image;
}

bool Explanation::empty() const {
  return !diagnosis.hang && std::all_of(kSections.begin(), kSections.end(),
                                        [&](const Section& s) { return (this->*s.lines).empty(); });
}

Explainer::Explainer(const DesignFacts& facts, const Checks& checks)
    : facts_(facts), image_(image_of(facts)), freshness_(image_), wants_states_(checks.states) {
  if (checks.memory)
    memory_.emplace(facts.names);
  if (checks.order)
    order_.emplace();
}

void Explainer::attach(observe::Hub& hub) {
  hub.attach(history_);
  hub.attach(freshness_);
  if (wants_states_)
    hub.attach(states_);
  if (memory_)
    hub.attach(*memory_);
  if (order_)
    hub.attach(*order_);
}

const diagnosis::Image& Explainer::image() const {
  const diagnosis::History::Host& host = history_.host();
  return host.what == observe::HostChanged::What::Done ? image_ : image_.at(host.command);
}

const arch::Names& Explainer::names() const {
  return diagnosis::names_of(image(), facts_.names, facts_.load_names);
}

Explanation Explainer::explain(bool whole) const {
  Explanation out;
  const arch::Names& names = this->names();
  const diagnosis::Image& image = this->image();
  out.diagnosis = diagnosis::diagnose(image, names, history_);
  if (out.diagnosis.hang) {
    out.diagnosis.running = out.diagnosis.running || !whole || !at_rest(image, history_);
    const diagnosis::WaitGraph graph(image, history_);
    for (const diagnosis::Wait& wait : graph.waits()) {
      const arch::LockName* lock = names.lock(wait.lock.tile, wait.lock.lock);
      out.waits.push_back({wait, history_.lock(wait.lock).value, lock ? lock->name : ""});
    }
  } else if (history_.has_run() && !history_.partial()) {
    for (const auto& each : diagnosis::leftovers(image, facts_.timing, history_))
      out.leftovers.push_back(to_text(each, image, names));
  }
  for (const auto& mistake : diagnosis::mistakes(image, names, history_))
    if (out.diagnosis.roots.empty() || out.diagnosis.roots.front().sentence != mistake.text)
      out.mistakes.push_back(mistake.text);
  if (!history_.partial())
    for (const auto& each : freshness_.stale())
      out.stale.push_back(to_text(each, names));
  if (memory_)
    for (const auto& each : memory_->findings())
      out.memory.push_back(to_text(each, image, names));
  if (order_)
    for (const auto& each : order_->findings())
      out.order.push_back(to_text(each, image, names));
  return out;
}

std::string explanation_text(const Explanation& explanation, bool colours) {
  std::string text;
  if (explanation.diagnosis.hang)
    text = diagnosis::to_text(explanation.diagnosis);
  for (const Section& section : kSections) {
    const std::vector<std::string>& lines = explanation.*section.lines;
    if (!lines.empty())
      text += fmt::format("{}:\n", section.title);
    for (size_t i = 0; i < std::min(lines.size(), kShown); ++i)
      text += fmt::format("  {}\n", lines[i]);
    if (lines.size() > kShown)
      text += fmt::format("  and {} more; --json has them all\n", lines.size() - kShown);
  }
  return colours ? painted(text) : text;
}

}  // namespace npu::cli
