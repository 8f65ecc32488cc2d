// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/contexts_run.h"

#include <algorithm>
#include <memory>

#include "cli/container_files.h"
#include "cli/host_memory.h"
#include "cli/operands.h"
#include "hw-model/observe/shift.h"

namespace npu::cli {
namespace {

/// A kernel with what watches it.
struct Watched {
  Watched(const ContextRun& run, const RecorderOptions& traces)
      : facts(facts_of(*run.work)),
        explainer(facts, {.memory = run.work->settings.sim.check.contains("memory"),
                          .order = run.work->settings.sim.check.contains("order")}),
        recorder(traces, "", run.work->settings, run.work->lowered),
        arguments(run.work->arguments()) {}

  DesignFacts facts;
  observe::Counters counters;
  observe::SinceStart counted{counters};
  Explainer explainer;
  Recorder recorder;
  std::vector<sim::HostBuffer> arguments;
  size_t partition = 0;
};

/// The traces of one kernel: files of its own, named after it.
RecorderOptions traces_of(RecorderOptions traces, const std::string& kernel) {
  for (std::string* file : {&traces.vcd, &traces.log})
    if (!file->empty())
      *file = marked_path(*file, kernel);
  traces.timeline.clear();
  return traces;
}

/// The timeline of the whole device: trace units at physical columns.
class JointTimeline {
 public:
  JointTimeline(const Contexts& all, const RecorderOptions& traces) {
    if (traces.timeline.empty())
      return;
    if (traces.timeline_format != "aie")
      throw Error("--timeline-format {}: of several contexts there is an aie timeline only",
                  traces.timeline_format);
    std::vector<arch::Coord> tiles;
    for (const KernelContext& context : all.contexts)
      for (int col = 0; col < context.partition.columns; ++col)
        for (int row = 0; row < arch::kRows; ++row)
          tiles.push_back({static_cast<uint8_t>(context.partition.first_column + col),
                           static_cast<uint8_t>(row)});
    timeline_.emplace(traces::file_sink(traces.timeline), std::move(tiles));
  }

  void attach(observe::Hub& hub, const arch::Partition& partition) {
    if (timeline_)
      hub.attach(*shifts_.emplace_back(
          std::make_unique<observe::Shift>(*timeline_, partition.first_column)));
  }
  void close() {
    if (timeline_)
      timeline_->close();
  }

 private:
  std::optional<traces::AieTimeline> timeline_;
  std::vector<std::unique_ptr<observe::Shift>> shifts_;
};

/// Cycles in which several of the intervals hold.
arch::Cycle overlap_of(const std::vector<DispatchOutcome>& dispatches) {
  std::vector<std::pair<arch::Cycle, int>> edges;
  for (const DispatchOutcome& d : dispatches)
    if (d.result.started) {
      edges.emplace_back(d.result.start, 1);
      edges.emplace_back(d.result.start + d.result.cycles, -1);
    }
  std::ranges::sort(edges);
  arch::Cycle overlap = 0, since = 0;
  int at_work = 0;
  for (const auto& [cycle, change] : edges) {
    if (at_work > 1)
      overlap += cycle - since;
    at_work += change;
    since = cycle;
  }
  return overlap;
}

class Runner {
 public:
  Runner(Contexts& all, const RecorderOptions& traces,
         const std::function<bool(arch::Cycle)>& progress)
      : all_(all), timeline_(all, traces), group_(all.settings.device.timing, options(progress)) {
    for (KernelContext& context : all.contexts) {
      watched_.emplace_back();
      for (ContextRun& run : context.runs) {
        memory_.lock(*run.work);
        auto watched = std::make_unique<Watched>(run, traces_of(traces, run.name));
        watched->partition = group_.add(context.partition, run.work->lowered.configuration);
        attach(*watched, *run.work, context.partition);
        watched_.back().push_back(std::move(watched));
        run.work->prepare();
      }
    }
  }

  ContextsOutcome run() {
    add_jobs();
    const std::vector<sim::JobResult> results = group_.run(jobs_);
    for (size_t i = 0; i < results.size(); ++i)
      outcome_.dispatches[i].result = results[i];
    judge();
    timeline_.close();
    return std::move(outcome_);
  }

 private:
  sim::Options options(const std::function<bool(arch::Cycle)>& progress) const {
    sim::Options options = sim_options(all_.settings);
    options.progress = progress;
    return options;
  }

  void attach(Watched& watched, Workload& work, const arch::Partition& partition) {
    observe::Hub& hub = group_.hub(watched.partition);
    hub.attach(watched.counted);
    watched.explainer.attach(hub);
    watched.recorder.attach(hub);
    timeline_.attach(hub, partition);
    if (observe::Observer* observer = work.observer())
      hub.attach(*observer);
  }

  void add_jobs() {
    const auto& controller = all_.settings.device.timing.controller;
    for (size_t c = 0; c < all_.contexts.size(); ++c) {
      std::optional<size_t> previous;
      for (size_t r = 0; r < all_.contexts[c].runs.size(); ++r)
        for (int time = 0; time < all_.contexts[c].runs[r].times; ++time) {
          const Watched& watched = *watched_[c][r];
          const arch::Cycle load = previous && time == 0 ? controller.load.cycles() : 0;
          const arch::Cycle dispatch = previous ? controller.dispatch.cycles() : 0;
          jobs_.push_back({watched.partition, all_.contexts[c].runs[r].work->lowered.sequence,
                           watched.arguments, previous, load + dispatch});
          outcome_.dispatches.push_back({.context = c, .run = r, .load = load});
          previous = jobs_.size() - 1;
        }
    }
  }

  /// The end of a kernel is that of its last dispatch that started.
  void judge() {
    for (size_t c = 0; c < all_.contexts.size(); ++c) {
      outcome_.kernels.emplace_back();
      for (size_t r = 0; r < all_.contexts[c].runs.size(); ++r)
        outcome_.kernels.back().push_back(judge(c, r));
    }
    outcome_.overlap = overlap_of(outcome_.dispatches);
    for (const DispatchOutcome& d : outcome_.dispatches)
      outcome_.cycles = std::max(outcome_.cycles, d.result.start + d.result.cycles);
    for (const auto& kernels : outcome_.kernels)
      for (const KernelOutcome& kernel : kernels)
        outcome_.verdict = worse(outcome_.verdict, kernel.verdict);
  }

  KernelOutcome judge(size_t c, size_t r) {
    Watched& watched = *watched_[c][r];
    watched.recorder.close();
    KernelOutcome kernel;
    sim::End end = sim::End::Hang;
    arch::Cycle first = 0;
    for (const DispatchOutcome& d : outcome_.dispatches)
      if (d.context == c && d.run == r) {
        if (!kernel.started)
          first = d.result.start;
        if (d.result.started)
          kernel.span = d.result.start + d.result.cycles - first;
        kernel.cycles += d.result.cycles;
        kernel.started = kernel.started || d.result.started;
        end = d.result.end;
      }
    kernel.counters = watched.counters;
    if (!kernel.started)
      return kernel;
    if (end == sim::End::Finished)
      kernel.comparison = all_.contexts[c].runs[r].work->check();
    kernel.explanation = watched.explainer.explain();
    kernel.verdict = verdict_of(end, kernel.comparison, kernel.explanation);
    return kernel;
  }

  Contexts& all_;
  HostMemory memory_;
  JointTimeline timeline_;
  sim::Group group_;
  std::vector<std::vector<std::unique_ptr<Watched>>> watched_;
  std::vector<sim::Job> jobs_;
  ContextsOutcome outcome_;
};

}  // namespace

ContextsOutcome run_contexts(Contexts& all, const RecorderOptions& traces,
                             const std::function<bool(arch::Cycle)>& progress) {
  return Runner(all, traces, progress).run();
}

}  // namespace npu::cli
