// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <thread>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/sweep_run.h"

namespace npu::cli {
namespace {

struct SweepOptions {
  std::string file;
  std::vector<std::string> set;
  int jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::string shard;
  std::vector<std::string> rows;
  std::string resume;
  std::string json;
  std::string junit;
  std::string html;
  bool list = false;
  bool quiet = false;
};

/// `2/3`: the second of three.
std::pair<int, int> parse_shard(const std::string& text) {
  int index = 0;
  int count = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, index);
  const bool slash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, count) : first;
  if (!slash || second.ec != std::errc{} || second.ptr != end || index < 1 || index > count)
    throw Error("--shard {}: not `i/n`", text).hint("--shard 1/4: the first of four parts");
  return {index, count};
}

/// The rows that the options leave.
std::vector<const SweepRow*> chosen_rows(const Sweep& sweep, const SweepOptions& options) {
  const auto [index, count] = options.shard.empty() ? std::pair{1, 1} : parse_shard(options.shard);
  std::vector<const SweepRow*> rows = shard(sweep, index, count);
  if (options.rows.empty())
    return rows;
  std::vector<std::string_view> labels;
  for (const SweepRow& row : sweep.rows)
    labels.push_back(row.label);
  for (const std::string& label : options.rows) {
    if (std::ranges::find(labels, label) != labels.end())
      continue;
    const std::string_view near = config::nearest(label, labels);
    throw Error("--row {}: no such row", config::printable(label))
        .hint("{}--list prints them", near.empty() ? "" : fmt::format("did you mean `{}`? ", near));
  }
  std::erase_if(rows, [&](const SweepRow* row) {
    return std::ranges::find(options.rows, row->label) == options.rows.end();
  });
  return rows;
}

/// `-` is stdout.
void leave(const std::string& path, const std::string& text) {
  if (path == "-")
    write_stdout(text);
  else if (!path.empty())
    write_file(path, text);
}

int run(const SweepOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& text : options.set)
    overrides.push_back(parse_override(text));
  const Sweep sweep = load_sweep(options.file, overrides);
  const std::vector<const SweepRow*> rows = chosen_rows(sweep, options);
  size_t width = 0;
  for (const SweepRow* row : rows)
    width = std::max(width, row->label.size());
  if (options.list) {
    for (const SweepRow* row : rows)
      write_stdout(row->label + "\n");
    return kRight;
  }

  // Where a program reads results from stdout, the table goes to stderr.
  const bool stdout_taken = options.json == "-" || options.junit == "-" || options.html == "-";
  std::FILE* table = stdout_taken ? stderr : stdout;
  const bool colour = isatty(fileno(table)) == 1;
  const auto say = [&](const std::string& text) {
    if (options.quiet)
      return;
    std::fputs(text.c_str(), table);
    std::fflush(table);
  };
  const auto start = std::chrono::steady_clock::now();
  SweepReport report{.sweep = sweep};
  report.lines =
      run_sweep(sweep, rows,
                {.jobs = options.jobs,
                 .resume = options.resume,
                 .quiet = options.quiet,
                 .on_row = [&](const SweepLine& line) { say(table_line(line, width, colour)); }});
  report.whole = report.lines.size() == sweep.rows.size();
  report.stopped = report.lines.size() < rows.size();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  say(summary(report));
  leave(options.json, options.json.empty() ? "" : sweep_json(report));
  leave(options.junit, options.junit.empty() ? "" : sweep_junit(report));
  leave(options.html, options.html.empty() ? "" : sweep_html(report));
  if (report.stopped)
    return kInterrupted;
  return report.as_expected() ? kRight : kWrong;
}

}  // namespace

void add_sweep(CLI::App& app, int& status) {
  auto options = std::make_shared<SweepOptions>();
  CLI::App* command = app.add_subcommand("sweep", "run a table of designs and compare outcomes");
  command->add_option("file", options->file, "a sweep file")->type_name("FILE.yaml")->required();
  command->add_option("--set", options->set, "change one key of all rows: --set sim.data=full")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command->add_option("-j,--jobs", options->jobs, "processes at once; default: one a CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  command->add_option("--shard", options->shard, "only part I of N, both from 1")->type_name("I/N");
  command->add_option("--row", options->rows, "only this row; may be repeated")
      ->type_name("LABEL")
      ->expected(1)
      ->take_all();
  command
      ->add_option("--resume", options->resume, "keep results there, and take those that are there")
      ->type_name("FILE");
  command->add_option("--json", options->json, "results for programs; - is stdout")
      ->type_name("FILE");
  command->add_option("--junit", options->junit, "results for CI, as JUnit XML")->type_name("FILE");
  command->add_option("--html", options->html, "results as a page")->type_name("FILE");
  command->add_flag("--list", options->list, "print the rows' labels and exit");
  command->add_flag("-q,--quiet", options->quiet, "no table");
  command->footer(
      "example: airlock sweep configs/sweeps/split_l2.yaml -j 2 --html split_l2.html\n"
      "exit status: 0 every row came out as expected, 3 one did not, 2 bad input, 130 interrupted");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace npu::cli
