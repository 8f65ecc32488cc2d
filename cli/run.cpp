// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include <fmt/ranges.h>

#include "cli/candidates.h"
#include "cli/compiled.h"
#include "cli/contexts_run.h"
#include "cli/explain_json.h"
#include "cli/file_workload.h"
#include "cli/host_memory.h"
#include "cli/mlir_workload.h"
#include "cli/operands.h"
#include "cli/order.h"
#include "cli/overlay.h"
#include "cli/page.h"
#include "cli/progress.h"
#include "cli/recorder.h"
#include "cli/report.h"

namespace npu::cli {
namespace {

struct RunOptions {
  SourceOptions source;
  FileOptions files;
  MlirOptions mlir;
  RecorderOptions traces;
  std::vector<std::string> checks;
  std::string directory;
  std::string html;
  std::string overlay;
  std::string schedule;
  bool json = false;
  bool print_config = false;
  bool quiet = false;
  bool explain = false;
};

class Stopwatch {
 public:
  /// Milliseconds since the last call.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> since = now - start_;
    start_ = now;
    return since.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A directory for one run; throws Error when it holds one already.
void claim_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw Error("-o {}: {}", path, error.message());
  if (std::filesystem::exists(std::filesystem::path(path) / "result.json"))
    throw Error("-o {}: holds a run already", path)
        .hint("name a new directory, or remove result.json");
}

/// What the directory of a run holds of its diagnosis.
void leave_diagnosis(const std::filesystem::path& directory, const Explainer& explainer,
                     const Outcome& outcome) {
  const Explanation& explanation = outcome.explanation;
  if (explanation.empty())
    return;
  const std::string title = fmt::format("{}: {}", to_string(outcome.verdict), outcome.title);
  write_file(directory / "diagnosis.txt", explanation_text(explanation));
  write_file(directory / "diagnosis.json", to_json(explanation).dump(2) + "\n");
  write_file(directory / "diagnosis.html", page_of(title, explanation, explainer));
}

void leave(const RunOptions& options, const Explainer& explainer, const Outcome& outcome,
           std::optional<Overlay>& overlay) {
  const std::string text = report_text(outcome);
  if (!options.quiet) {
    std::fputs(text.c_str(), stderr);
    std::fputs(explanation_text(outcome.explanation, has_colours(stderr)).c_str(), stderr);
  }
  if (options.json)
    write_stdout(report_json(outcome));
  if (!options.html.empty())
    write_file(options.html, page_of(outcome.title, outcome.explanation, explainer,
                                     overlay ? overlay->html() : ""));
  if (options.directory.empty())
    return;
  const std::filesystem::path directory(options.directory);
  write_file(directory / "report.txt", text);
  if (!is_container(options.source.file) && !is_mlir(options.source.file))
    write_file(directory / "config.yaml", print(outcome.settings));
  write_file(directory / "result.json", report_json(outcome));
  leave_diagnosis(directory, explainer, outcome);
}

Checks checks_of(const Settings& settings, const RunOptions& options) {
  const auto& check = settings.sim.check;
  return {.memory = check.contains("memory"),
          .order = check.contains("order"),
          .states = !options.directory.empty() || !options.html.empty()};
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    std::fputs(fmt::format("warning: {}\n", warning).c_str(), stderr);
}

/// What the input file asks for: a container is run as it is, all else is compiled.
std::unique_ptr<Workload> workload_of(const RunOptions& options) {
  const Source source = options.source.source();
  const FileOptions& files = options.files;
  if (is_mlir(source.file)) {
    if (!files.kernel.empty() || !files.insts.empty() || !files.cores.empty() ||
        !files.programs.empty())
      throw Error("{}: --kernel, --insts, --core and --cores are for an xclbin", source.file);
    return load_mlir(source.file, files, options.mlir, source.overrides);
  }
  if (!is_container(source.file)) {
    if (files.any())
      throw Error("{}: --kernel, --insts, --arg and their like are for an xclbin", source.file);
    return compile_workload(load(source));
  }
  std::vector<std::string> warnings;
  std::unique_ptr<Workload> work =
      load_files(source.file, files, source.overrides, warnings, options.mlir);
  warn(warnings);
  return work;
}

/// Whether the outcome depends on how ties fall: a run for each of the seeds.
int run_orders(const RunOptions& options, Workload& work) {
  Progress progress(options.quiet);
  const OrderTrial trial = try_orders(work, work.settings.sim.schedule_seeds,
                                      [&](arch::Cycle cycle) { return progress.tick(cycle); });
  progress.clear();
  if (!options.quiet)
    std::fputs(to_text(trial).c_str(), stderr);
  if (options.json)
    write_stdout(to_json(trial));
  return status_of(trial);
}

/// Kernels of several contexts, together.
int run_contexts(const RunOptions& options) {
  const std::vector<Override> overrides = options.source.source().overrides;
  const bool orders =
      std::ranges::find(overrides, "sim.schedule-seeds", &Override::path) != overrides.end();
  if (options.files.any() || options.print_config || orders || !options.schedule.empty() ||
      !options.html.empty())
    throw Error(
        "{}: --kernel, --insts, --arg and their like, --print-config, --html and "
        "--schedule are for one kernel",
        options.source.file)
        .hint("each run of its `contexts` says what it needs");
  if (!options.directory.empty())
    claim_directory(options.directory);
  std::vector<std::string> warnings;
  Contexts all = load_contexts(options.source.source(), warnings);
  warn(warnings);
  Progress progress(options.quiet);
  const ContextsOutcome outcome = npu::cli::run_contexts(
      all, options.traces, [&](arch::Cycle cycle) { return progress.tick(cycle); });
  progress.clear();
  const std::string text = report_text(all, outcome);
  const std::string json = report_json(all, outcome);
  if (!options.quiet)
    std::fputs(text.c_str(), stderr);
  if (options.json)
    write_stdout(json);
  if (!options.directory.empty()) {
    const std::filesystem::path directory(options.directory);
    write_file(directory / "report.txt", text);
    write_file(directory / "result.json", json);
  }
  for (const KernelContext& context : all.contexts)
    for (const ContextRun& one : context.runs)
      one.work->leave();
  return status_of(outcome.verdict);
}

int run(RunOptions options) {
  if (!options.checks.empty())
    options.source.shortcuts.push_back({"sim.check",
                                        fmt::format("[{}]", fmt::join(options.checks, ", ")),
                                        fmt::format("--check {}", fmt::join(options.checks, " "))});
  if (!options.overlay.empty() && options.html.empty())
    throw Error("--overlay {}: needs a page to draw on", options.overlay).hint("--html FILE");
  const std::string& file = options.source.file;
  if (!is_container(file) && !is_mlir(file) && has_contexts(file))
    return run_contexts(options);
  if (options.print_config) {
    write_stdout(print(load(options.source.source())));
    return kRight;
  }
  if (!options.mlir.stop_after.empty()) {
    if (!is_mlir(file))
      throw Error("{}: --stop-after {} is for MLIR", file, options.mlir.stop_after)
          .hint("airlock compile --stop-after=PASS");
    write_stdout(
        stopped_mlir(file, options.files, options.mlir, options.source.source().overrides));
    return kRight;
  }
  if (!options.directory.empty())
    claim_directory(options.directory);
  Stopwatch watch;
  const std::unique_ptr<Workload> work = workload_of(options);
  if (options.explain && work->settings.computes == Computes::Matmul)
    std::fputs(candidates_text(work->settings).c_str(), stderr);
  const Settings& settings = work->settings;
  const compiler::Lowered& lowered = work->lowered;
  HostMemory().lock(*work);
  const double compile_ms = watch.lap();
  if (settings.sim.schedule_seeds > 0)
    return run_orders(options, *work);

  Progress progress(options.quiet);
  observe::Counters counters;
  const DesignFacts facts = facts_of(*work);
  Explainer explainer(facts, checks_of(settings, options));
  Recorder recorder(options.traces, options.directory, settings, lowered);
  std::optional<Overlay> overlay;
  if (!options.overlay.empty())
    overlay.emplace(options.overlay);
  watch.lap();
  sim::Options simulator = sim_options(settings, lowered.configuration);
  simulator.user_kernels.insert(work->user_kernels.begin(), work->user_kernels.end());
  if (!options.schedule.empty())
    simulator.grants = read_schedule(options.schedule);
  simulator.progress = [&progress](arch::Cycle cycle) { return progress.tick(cycle); };
  sim::Simulation simulation(settings.partition(), settings.device.timing, simulator);
  simulation.hub().attach(counters);
  explainer.attach(simulation.hub());
  recorder.attach(simulation.hub());
  if (overlay)
    overlay->attach(simulation.hub());
  if (observe::Observer* observer = work->observer())
    simulation.hub().attach(*observer);
  for (const auto& [id, commands] : lowered.loads)
    simulation.add_configuration(id, commands);
  simulation.configure(lowered.configuration);
  const sim::RunResult result =
      launch(simulation, settings, lowered, work->arguments(), [&work] { work->prepare(); });
  const double wall_ms = watch.lap();
  progress.clear();
  recorder.close();

  std::optional<Comparison> comparison;
  watch.lap();
  if (result.end == sim::End::Finished)
    comparison = work->check();
  const double check_ms = watch.lap();
  const Explanation explanation = explainer.explain();
  const Verdict verdict = verdict_of(result.end, comparison, explanation);
  leave(options, explainer,
        {.settings = settings,
         .lowered = lowered,
         .counters = counters,
         .verdict = verdict,
         .cycles = result.cycles,
         .events = result.events,
         .title = work->title,
         .macs = work->macs(),
         .comparison = comparison,
         .compile_ms = compile_ms,
         .wall_ms = wall_ms,
         .check_ms = check_ms,
         .explanation = explanation},
        overlay);
  work->leave();
  if (!options.quiet)
    for (const std::string& remark : work->remarks(counters))
      std::fputs(fmt::format("note: {}\n", remark).c_str(), stderr);
  return status_of(verdict);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "simulate a design and check its result");
  SourceOptions& source = options->source;
  add_source_options(*command, source);
  command->get_option("file")->description("a sim or problem file, an xclbin or MLIR");
  add_shortcut(*command, source, "--device", "device", "NAME", "npu1, npu4 or a device file");
  add_shortcut(*command, source, "--fidelity", "sim.fidelity", "WORD",
               "flow (default) or word: word by word, slow");
  add_shortcut(*command, source, "--data", "sim.data", "WORD",
               "full (default), timing: move no values, or sampled: compute few");
  add_shortcut(*command, source, "--seed", "sim.seed", "N", "of the operands");
  command->get_option("--seed")->group("");
  add_shortcut(*command, source, "--limit-cycles", "sim.limit-cycles", "N",
               "stop there and say who waits");
  add_shortcut(*command, source, "--schedule-seed", "sim.schedule-seed", "N",
               "permute events of one cycle");
  add_shortcut(*command, source, "--schedule-seeds", "sim.schedule-seeds", "N",
               "N runs: does the outcome depend on the order?");
  command->add_option("--schedule", options->schedule, "grant locks as a witness of check says")
      ->type_name("FILE");
  add_shortcut(*command, source, "--runs", "host.launches", "N",
               "dispatch N times without a reset");
  command->add_option("--check", options->checks, "look for misuse too: memory, order")
      ->type_name("WHAT")
      ->delimiter(',')
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--html", options->html, "why it ended so, as a page with pictures")
      ->type_name("FILE");
  command
      ->add_option("--overlay", options->overlay,
                   "of --html: lay the device's trace JSON over the run's")
      ->type_name("FILE");
  add_recorder_options(*command, options->traces);
  add_file_options(*command, options->files);
  add_mlir_options(*command, options->mlir);
  command->add_flag("--explain", options->explain,
                    "print the tiles considered, with what is predicted of each");
  command->add_option("-o", options->directory, "leave result, settings and traces there")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "the result as JSON on stdout");
  command->add_flag("--print-config", options->print_config,
                    "print the resolved settings and exit");
  command->add_flag("-q,--quiet", options->quiet, "no report on stderr");
  command->footer("");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace npu::cli
