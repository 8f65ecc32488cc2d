// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>

#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/recorder.h"
#include "cli/report.h"
#include "cli/standstill.h"
#include "compiler/compile.h"

namespace npu::cli {
namespace {

struct RunOptions {
  SourceOptions source;
  RecorderOptions traces;
  std::string directory;
  bool json = false;
  bool print_config = false;
  bool quiet = false;
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

/// Host memory of A, B and C; none when no values are moved.
class Operands {
 public:
  explicit Operands(const Settings& s) {
    const auto& p = s.problem;
    const auto elements = [](int64_t rows, int64_t columns) {
      return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns);
    };
    bytes_ = {elements(p.m, p.k) * arch::bytes_of(p.a), elements(p.k, p.n) * arch::bytes_of(p.b),
              elements(p.m, p.n) * arch::bytes_of(p.c)};
    if (s.sim.timing_only)
      return;
    a = make_matrix(p.a, elements(p.m, p.k), s.sim.seed, 0, s.host.inputs);
    b = make_matrix(p.b, elements(p.k, p.n), s.sim.seed, 1, s.host.inputs);
    c.resize(bytes_[2]);
  }

  std::array<sim::HostBuffer, 3> arguments() {
    return {{{data(a), bytes_[0]}, {data(b), bytes_[1]}, {data(c), bytes_[2]}}};
  }
  /// So that an output that nobody writes is seen.
  void spoil_result() { std::fill(c.begin(), c.end(), std::byte{0xA5}); }

  std::vector<std::byte> a;
  std::vector<std::byte> b;
  std::vector<std::byte> c;

 private:
  static std::byte* data(std::vector<std::byte>& bytes) {
    return bytes.empty() ? nullptr : bytes.data();
  }

  std::array<uint64_t, 3> bytes_{};
};

sim::Options sim_options(const Settings& settings, Progress& progress) {
  sim::Options options;
  options.fidelity = settings.sim.fidelity;
  options.timing_only = settings.sim.timing_only;
  options.limit_cycles = settings.sim.limit_cycles.value_or(arch::kNever);
  options.schedule_seed = settings.sim.schedule_seed;
  options.progress = [&progress](arch::Cycle cycle) { return progress.tick(cycle); };
  return options;
}

Verdict verdict_of(sim::End end, const std::optional<Comparison>& comparison) {
  switch (end) {
    case sim::End::Finished:
      return comparison && comparison->mismatches > 0 ? Verdict::Wrong : Verdict::Pass;
    case sim::End::Hang:
      return Verdict::Hang;
    case sim::End::Limit:
      return Verdict::Limit;
    case sim::End::Interrupted:
      return Verdict::Interrupted;
  }
  return Verdict::Hang;
}

/// Runs the sequence as often as the settings ask for, or until one launch does not finish.
sim::RunResult launch(sim::Simulation& simulation, const Settings& settings,
                      const compiler::Lowered& lowered, Operands& operands) {
  const auto arguments = operands.arguments();
  sim::RunResult all;
  for (int i = 0; i < settings.host.launches && all.end == sim::End::Finished; ++i) {
    operands.spoil_result();
    const sim::RunResult one = simulation.run(lowered.sequence, arguments);
    all.end = one.end;
    all.cycles += one.cycles;
    all.events += one.events;
  }
  return all;
}

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

void leave(const RunOptions& options, const Outcome& outcome) {
  const std::string text = report_text(outcome);
  if (!options.quiet)
    std::fputs(text.c_str(), stderr);
  if (options.json)
    write_stdout(report_json(outcome));
  if (options.directory.empty())
    return;
  const std::filesystem::path directory(options.directory);
  write_file(directory / "report.txt", text);
  write_file(directory / "config.yaml", print(outcome.settings));
  write_file(directory / "result.json", report_json(outcome));
}

int run(RunOptions options) {
  const Settings settings = load(options.source.source());
  if (options.print_config) {
    write_stdout(print(settings));
    return kRight;
  }
  if (!options.directory.empty())
    claim_directory(options.directory);
  Stopwatch watch;
  const compiler::Lowered lowered = compiler::lower(compiler::build(
      settings.problem, settings.partition(), settings.device.timing, settings.compiler));
  const double compile_ms = watch.lap();
  Operands operands(settings);

  Progress progress(options.quiet);
  observe::Counters counters;
  Standstill standstill;
  Recorder recorder(options.traces, options.directory, settings, lowered);
  watch.lap();
  sim::Simulation simulation(settings.partition(), settings.device.timing,
                             sim_options(settings, progress));
  simulation.hub().attach(counters);
  simulation.hub().attach(standstill);
  recorder.attach(simulation.hub());
  simulation.configure(lowered.configuration);
  const sim::RunResult result = launch(simulation, settings, lowered, operands);
  const double wall_ms = watch.lap();
  progress.clear();
  recorder.close();

  std::optional<Comparison> comparison;
  watch.lap();
  if (result.end == sim::End::Finished && !settings.sim.timing_only)
    comparison = compare(settings.problem, operands.a, operands.b, operands.c);
  const Verdict verdict = verdict_of(result.end, comparison);
  leave(options,
        {.settings = settings,
         .lowered = lowered,
         .counters = counters,
         .verdict = verdict,
         .cycles = result.cycles,
         .events = result.events,
         .comparison = comparison,
         .compile_ms = compile_ms,
         .wall_ms = wall_ms,
         .check_ms = watch.lap(),
         .standstill = result.end == sim::End::Finished ? "" : standstill.text(lowered.names, 12)});
  return status_of(verdict);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "simulate a design and check its result");
  SourceOptions& source = options->source;
  add_source_options(*command, source);
  add_shortcut(*command, source, "--device", "device", "NAME", "npu1, npu4 or a device file");
  add_shortcut(*command, source, "--fidelity", "sim.fidelity", "WORD",
               "flow (default) or word: word by word, slow");
  add_shortcut(*command, source, "--data", "sim.data", "WORD",
               "full (default) or timing: move no values");
  add_shortcut(*command, source, "--seed", "sim.seed", "N", "of the operands");
  add_shortcut(*command, source, "--limit-cycles", "sim.limit-cycles", "N",
               "stop there and say who waits");
  add_shortcut(*command, source, "--schedule-seed", "sim.schedule-seed", "N",
               "permute events of one cycle");
  add_recorder_options(*command, options->traces);
  command->add_option("-o", options->directory, "leave result, settings and traces there")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "the result as JSON on stdout");
  command->add_flag("--print-config", options->print_config,
                    "print the resolved settings and exit");
  command->add_flag("-q,--quiet", options->quiet, "no report on stderr");
  command->footer(
      "exit status: 0 right, 2 bad input, 3 wrong result, 4 hang, 5 limit, 130 interrupted");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace npu::cli
