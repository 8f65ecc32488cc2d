// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <memory>

#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/design_source.h"
#include "cli/explain_json.h"
#include "cli/page.h"
#include "cli/status_dump.h"
#include "traces/fst.h"
#include "traces/vcd_reader.h"

namespace npu::cli {
namespace {

struct Options {
  std::string file;
  std::string status;
  std::string html;
  FileOptions files;
  MlirOptions mlir;
  std::vector<std::string> checks;
  bool json = false;
};

/// What a trace does not tell, in sentences.
std::vector<std::string> unknown_of(const traces::Recording& recording) {
  std::vector<std::string> out;
  const traces::TraceFilter& filter = recording.filter;
  if (!recording.complete)
    out.push_back(fmt::format(
        "the trace reaches cycle {} and ends before the run: its writer was stopped, or it was cut",
        recording.end));
  else if (filter.to != arch::kNever)
    out.push_back(
        fmt::format("the trace was narrowed to cycles up to {}: what came later", recording.end));
  if (recording.begin > 0)
    out.push_back(fmt::format(
        "the trace begins at cycle {}: bytes, tasks and tokens before that are not counted",
        recording.begin));
  std::vector<std::string> words;
  for (const arch::Coord tile : filter.tiles)
    words.push_back(arch::to_string(tile));
  if (!words.empty())
    out.push_back(
        fmt::format("the trace was narrowed to {}: what other tiles do", fmt::join(words, ", ")));
  words.clear();
  for (const traces::SignalKind kind : filter.kinds)
    words.emplace_back(traces::kSignalKinds[static_cast<size_t>(kind)]);
  if (!words.empty())
    out.push_back(
        fmt::format("the trace was narrowed to {} signals: all others", fmt::join(words, ", ")));
  return out;
}

bool tells_of_host(const traces::Recording& recording) {
  const auto is_host = [](const observe::Event& event) {
    return std::holds_alternative<observe::HostChanged>(event.payload);
  };
  return std::any_of(recording.initial.begin(), recording.initial.end(), is_host) ||
         std::any_of(recording.events.begin(), recording.events.end(), is_host);
}

void feed(const observe::Hub& hub, const std::vector<observe::Event>& events) {
  for (const observe::Event& event : events)
    hub.replay(event);
}

void tell(const Options& options, const Explanation& explanation, const Explainer& explainer,
          bool host_known = true) {
  if (!options.html.empty())
    write_file(options.html, page_of(options.file, explanation, explainer));
  if (options.json)
    return write_stdout(to_json(explanation).dump(2) + "\n");
  const std::string text = explanation_text(explanation, has_colours(stdout));
  const bool finished = !explanation.diagnosis.hang && host_known;
  write_stdout(finished ? diagnosis::to_text(explanation.diagnosis) + text : text);
}

Status status_of(const Explanation& explanation) {
  const diagnosis::Diagnosis& d = explanation.diagnosis;
  if (d.hang)
    return d.running ? kUndecided : kHang;
  return explanation.stale.empty() ? kRight : kWrong;
}

Checks checks_of(const Options& options) {
  Checks checks{.states = !options.html.empty()};
  for (const std::string& check : options.checks)
    checks.order |= check == "order";
  return checks;
}

/// A cut may part what happened in one cycle: a cut recording ends with the last whole one.
void drop_last_cycle(traces::Recording& recording) {
  std::erase_if(recording.events,
                [&](const observe::Event& event) { return event.cycle == recording.end; });
  recording.end = recording.events.empty() ? recording.begin : recording.events.back().cycle;
}

Status diagnose_trace(const Options& options) {
  const traces::VcdCopy copy(options.file);
  traces::Recording recording = traces::read_vcd(copy.path());
  if (!recording.complete)
    drop_last_cycle(recording);
  const DesignFacts facts = design_of(recording.facts);
  Explainer explainer(facts, checks_of(options));
  observe::Hub hub;
  explainer.attach(hub);
  feed(hub, recording.initial);
  feed(hub, recording.events);
  hub.finish(recording.end);
  const bool whole = recording.complete && recording.filter == traces::TraceFilter{};
  if (recording.begin > 0 || !recording.filter.tiles.empty() || !recording.filter.kinds.empty())
    explainer.history().mark_partial(recording.filter.tiles);
  Explanation explanation = explainer.explain(whole);
  explanation.unknown = unknown_of(recording);
  const bool host_known = tells_of_host(recording);
  if (!host_known)
    explanation.unknown.push_back("the trace tells nothing of the host: whether it was done");
  tell(options, explanation, explainer, host_known);
  return host_known ? status_of(explanation) : kUndecided;
}

Status diagnose_status(const Options& options) {
  const DesignFacts facts = load_design({options.file, {}}, options.files, options.mlir);
  Explainer explainer(facts, checks_of(options));
  observe::Hub hub;
  explainer.attach(hub);
  const TileStatus status = read_status(options.status, facts.partition);
  const StatusEvents events = events_of(status, explainer.image());
  feed(hub, events.events);
  explainer.history().mark_partial();
  Explanation explanation = explainer.explain();
  explanation.unknown = events.unknown;
  tell(options, explanation, explainer);
  return status_of(explanation);
}

}  // namespace

void add_diagnose(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diagnose", "say why a run ended so, from its trace or a register dump");
  command->add_option("file", options->file, "trace: VCD, VCD.gz, FST; with --status the design")
      ->type_name("FILE")
      ->required();
  command->add_option("--status", options->status, "what a device that hangs shows: see below")
      ->type_name("DUMP");
  add_kernel_options(*command, options->files);
  add_design_options(*command, options->mlir);
  command->add_option("--check", options->checks, "look for more: order")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"order"}).description(""))
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--html", options->html, "a page with pictures too")->type_name("FILE");
  command->add_flag("--json", options->json, "the diagnosis as JSON on stdout");
  command->footer(
      "DUMP is a text of lines `address value`, hexadecimal, # begins a comment; addresses are\n"
      "  partition-relative (column << 25 | row << 20 | offset). Read are core status, channel\n"
      "  status and lock values; others are left out. Or JSON: tiles with column, row, "
      "core.status,\n"
      "  dma.s2mm and dma.mm2s with channel_status, queue_size, current_bd, and locks.\n"
      "example: airlock diagnose run.vcd\n"
      "example: airlock diagnose --status dump.txt configs/sims/matmul_512.yaml\n"
      "exit status: 0 nothing wrong, 3 wrong data, 4 hang, 6 the trace does not reach the end,\n"
      "  2 bad input");
  command->callback([options, &status] {
    status = options->status.empty() ? diagnose_trace(*options) : diagnose_status(*options);
  });
}

}  // namespace npu::cli
