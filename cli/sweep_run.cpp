// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/sweep_find.h"
#include "cli/sweep_workers.h"

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

/// Finished runs in a file, a line each, by the key of their settings.
class Results {
 public:
  explicit Results(const std::string& path) : path_(path) {
    if (path.empty())
      return;
    std::ifstream old(path);
    for (std::string line; std::getline(old, line);)
      read(line);
    file_.open(path, std::ios::app);
    if (!file_)
      throw Error("--resume {}: cannot be written", path)
          .hint("name a file in a directory that exists");
    file_ << "\n";  // ends a line that a kill has cut
  }

  const RowResult* find(const std::string& key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : &found->second;
  }

  void add(const std::string& key, const std::string& label, const RowResult& result) {
    if (!file_.is_open())
      return;
    ordered_json line{{"key", key}, {"label", label}};
    line.update(ordered_json::parse(to_json(result)));
    file_ << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n"
          << std::flush;
    if (!file_)
      throw Error("--resume {}: cannot be written", path_).hint("is the disk full?");
  }

 private:
  void read(const std::string& line) {
    const ordered_json json = ordered_json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("key") || !json["key"].is_string())
      return;  // empty, or cut by a kill
    try {
      const RowResult result = row_from_json(line);
      // A crash or a lack of time may be another one's fault.
      if (result.end != RowEnd::Crash && result.end != RowEnd::Timeout)
        known_[json["key"].get<std::string>()] = result;
    } catch (const Error&) {
      return;
    }
  }

  std::string path_;
  std::ofstream file_;
  std::map<std::string, RowResult> known_;
};

/// How much there is to do for a row, roughly: multiplications, and what every run costs.
double weight(const SweepRow& row) {
  const auto& p = row.settings.problem;
  const auto& image = row.settings.image;
  if (row.settings.computes == Computes::Edge)
    return 1e7 + 1e2 * static_cast<double>(image.width) * static_cast<double>(image.height);
  return 1e7 + static_cast<double>(p.m) * static_cast<double>(p.k) * static_cast<double>(p.n);
}

class Runner {
 public:
  Runner(const Sweep& sweep, const std::vector<const SweepRow*>& rows,
         const SweepRunOptions& options)
      : sweep_(sweep),
        rows_(rows),
        options_(options),
        results_(options.resume),
        workers_(options.jobs, sweep.timeout),
        lines_(rows.size()),
        shows_(!options.quiet && isatty(STDERR_FILENO) == 1) {
    for (const SweepRow* row : rows)
      left_ += weight(*row);
  }

  std::vector<SweepLine> run() {
    Progress interrupts(true);
    for (size_t i = 0; i < rows_.size(); ++i)
      begin(i);
    while (!jobs_.empty() || !workers_.idle()) {
      while (!jobs_.empty() && !workers_.full())
        start();
      const auto done = workers_.wait(std::chrono::milliseconds(200));
      if (!interrupts.tick(0))
        break;
      if (done)
        finish(*done);
      show();
    }
    clear();
    std::erase_if(lines_, [](const SweepLine& line) { return line.row == nullptr; });
    return std::move(lines_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    size_t row = 0;
    int64_t value = 0;  ///< of a search
    Settings settings;
  };

  void begin(size_t row) {
    if (!rows_[row]->find)
      return submit({row, 0, rows_[row]->settings});
    searches_.emplace(row, Search(*rows_[row]->find));
    go_on(row);
  }

  /// The next values of a search, or its end.
  void go_on(size_t row) {
    Search& search = searches_.at(row);
    if (outstanding_[row] > 0)
      return;
    const std::vector<int64_t> values = search.wanted();
    if (values.empty())
      return tell(row, search.answer());
    outstanding_[row] = values.size();
    for (int64_t value : values)
      submit({row, value, probe(*rows_[row], value)});
  }

  void submit(Job job) {
    if (const RowResult* known = results_.find(key_of(job.settings)))
      return use(job, *known);
    jobs_.push_back(std::move(job));
  }

  void start() {
    const size_t id = next_++;
    const auto& [at, _] = running_.emplace(id, std::move(jobs_.front()));
    jobs_.pop_front();
    workers_.start(id, [this, &settings = at->second.settings] { return options_.work(settings); });
  }

  void finish(const Workers::Done& done) {
    const Job job = std::move(running_.at(done.job));
    running_.erase(done.job);
    results_.add(key_of(job.settings), rows_[job.row]->label, done.result);
    use(job, done.result);
  }

  void use(const Job& job, const RowResult& result) {
    if (!rows_[job.row]->find)
      return tell(job.row, result);
    searches_.at(job.row).tell(job.value, result);
    --outstanding_[job.row];
    go_on(job.row);
  }

  void tell(size_t row, RowResult result) {
    ++done_;
    left_ -= weight(*rows_[row]);
    worked_ += weight(*rows_[row]);
    busy_ += result.seconds;
    lines_[row] = {rows_[row], std::move(result)};
    unexpected_ += lines_[row].as_expected() ? 0 : 1;
    clear();
    if (options_.on_row)
      options_.on_row(lines_[row]);
  }

  /// The line below the table: how far it is, what runs, how long it will take.
  void show() {
    const auto now = Clock::now();
    if (!shows_ || now - shown_ < std::chrono::seconds(1))
      return;
    shown_ = now;
    double seconds_left = worked_ > 0 ? busy_ * left_ / worked_ : 0;
    std::string text = fmt::format("{} of {} done", done_, rows_.size());
    if (unexpected_ > 0)
      text += fmt::format(", {} not as expected", unexpected_);
    const auto under_way = workers_.under_way();
    for (const auto& [job, seconds] : under_way)
      seconds_left -= seconds;
    if (worked_ > 0)
      text += fmt::format(", about {:.0f} s left", std::max(seconds_left, 1.0) / options_.jobs);
    for (const auto& [job, seconds] : under_way)
      text += fmt::format("; {} for {:.0f} s", rows_[running_.at(job).row]->label, seconds);
    std::fputs(fmt::format("\r\033[K{}", text.substr(0, 150)).c_str(), stderr);
    visible_ = true;
  }

  void clear() {
    if (visible_)
      std::fputs("\r\033[K", stderr);
    visible_ = false;
  }

  const Sweep& sweep_;
  const std::vector<const SweepRow*>& rows_;
  const SweepRunOptions& options_;
  Results results_;
  Workers workers_;
  std::vector<SweepLine> lines_;
  std::deque<Job> jobs_;
  std::map<size_t, Job> running_;
  size_t next_ = 0;
  std::map<size_t, Search> searches_;
  std::map<size_t, size_t> outstanding_;

  bool shows_;
  bool visible_ = false;
  Clock::time_point shown_ = Clock::now();
  size_t done_ = 0;
  size_t unexpected_ = 0;
  double left_ = 0;
  double worked_ = 0;
  double busy_ = 0;  ///< seconds that the finished ones took
};

}  // namespace

std::vector<SweepLine> run_sweep(const Sweep& sweep, const std::vector<const SweepRow*>& rows,
                                 const SweepRunOptions& options) {
  return Runner(sweep, rows, options).run();
}

std::vector<const SweepRow*> shard(const Sweep& sweep, int index, int count) {
  std::vector<const SweepRow*> rows;
  for (size_t i = 0; i < sweep.rows.size(); ++i)
    if (i % static_cast<size_t>(count) == static_cast<size_t>(index - 1))
      rows.push_back(&sweep.rows[i]);
  return rows;
}

}  // namespace npu::cli
