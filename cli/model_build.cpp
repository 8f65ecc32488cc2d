// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/model_build.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <sys/resource.h>

#include "cli/container_files.h"
#include "cli/model_design.h"
#include "cli/model_plan.h"
#include "cli/version.h"
#include "xclbin/json.h"

namespace npu::cli {
namespace {

using xclbin::Bytes;
using xclbin::Json;
using xclbin::View;

/// Calls `work` with 0 to `count` - 1, on that many threads. Numbers are handed out in their order
/// until one fails, so that the first failure, which is thrown, does not depend on the threads.
void in_parallel(int jobs, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  std::vector<std::exception_ptr> failures(count);
  const auto loop = [&] {
    while (!failed) {
      const size_t i = next++;
      if (i >= count)
        return;
      try {
        work(i);
      } catch (...) {
        failures[i] = std::current_exception();
        failed = true;
      }
    }
  };
  std::vector<std::jthread> threads;
  for (size_t i = 1; i < std::min(static_cast<size_t>(jobs), count); ++i)
    threads.emplace_back(loop);
  loop();
  threads.clear();
  for (const std::exception_ptr& failure : failures)
    if (failure)
      std::rethrow_exception(failure);
}

uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/// A container as a file, and the ids that its kernels have got.
struct LinkedContainer {
  Bytes file;
  std::vector<uint32_t> ids;
};

class Builder {
 public:
  Builder(const Model& model, const ModelOptions& options)
      : model_(model), options_(options), identity_(program_identity()) {
    report_.jobs = options.jobs;
    report_.entries = model.entries.size();
    report_.matmuls = model.matmuls();
  }

  ModelReport run() {
    const auto start = Clock::now();
    stage("gather", [&] { plan_ = plan_model(model_, options_.dedup); });
    stage("generate", [&] { generate(); });
    stage("link", [&] { link(); });
    if (!options_.directory.empty())
      stage("write", [&] { write(); });
    report_.designs = plan_.designs.size();
    report_.containers = plan_.containers.size();
    report_.kernels = kernels();
    report_.passes = times_.named();
    report_.damaged = cache() ? cache()->damaged() : 0;
    report_.milliseconds = since(start);
    report_.peak_bytes = peak_memory();
    return std::move(report_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }
  void stage(const std::string& name, const std::function<void()>& action) {
    const auto start = Clock::now();
    action();
    report_.stages.emplace_back(name, since(start));
  }

  BuildCache* cache() const { return options_.dedup ? options_.cache : nullptr; }
  std::string key_of(const ModelPlan::Design& design) const {
    return fmt::format("design\n{}\n{}", identity_, design.key);
  }
  std::string key_of(const ModelPlan::Container& container) const {
    std::string key = fmt::format("container\n{}\n", identity_);
    for (const size_t design : container.designs)
      key += fmt::format("kernel {}\n{}\n", plan_.designs[design].name, plan_.designs[design].key);
    return key;
  }

  void generate() {
    designs_.resize(plan_.designs.size());
    in_parallel(options_.jobs, designs_.size(), [&](size_t i) { generate(i); });
  }

  void generate(size_t index) {
    const ModelPlan::Design& design = plan_.designs[index];
    if (cache())
      if (const std::optional<Bytes> kept = cache()->find(key_of(design))) {
        designs_[index] = read_design(*kept);
        const std::lock_guard lock(mutex_);
        ++report_.from_cache;
        return;
      }
    PassTimes times;
    designs_[index] = in_words(fmt::format("{}: entry `{}`", design.where, design.name), [&] {
      return make_design(model_.settings[design.settings], times);
    });
    if (cache())
      cache()->store(key_of(design), write_design(designs_[index]));
    const std::lock_guard lock(mutex_);
    times_.add(times);
  }

  void link() {
    linked_.resize(plan_.containers.size());
    in_parallel(options_.jobs, linked_.size(), [&](size_t i) { link(i); });
  }

  void link(size_t index) {
    const ModelPlan::Container& container = plan_.containers[index];
    if (cache())
      if (const std::optional<Bytes> kept = cache()->find(key_of(container))) {
        linked_[index] = read_linked(*kept);
        return;
      }
    std::vector<xclbin::KernelImage> images;
    for (const size_t design : container.designs)
      images.push_back(designs_[design].image(plan_.designs[design].name));
    const Settings& settings = model_.settings[plan_.designs[container.designs.front()].settings];
    const xclbin::Container whole = xclbin::make_container(images, *settings.device.device);
    linked_[index].file = xclbin::write_container(whole);
    for (const xclbin::KernelInfo& kernel : xclbin::read_contents(whole).kernels)
      linked_[index].ids.push_back(kernel.id);
    if (cache())
      cache()->store(key_of(container), write_linked(linked_[index]));
    const std::lock_guard lock(mutex_);
    ++report_.linked;
  }

  static Bytes write_linked(const LinkedContainer& linked) {
    xclbin::Writer writer;
    writer.u32(static_cast<uint32_t>(linked.ids.size()));
    writer.words(linked.ids);
    writer.bytes(linked.file);
    return writer.take();
  }
  static LinkedContainer read_linked(View bytes) {
    xclbin::Reader reader(bytes, "container");
    LinkedContainer linked;
    linked.ids = reader.words(reader.u32("kernels"), "ids");
    const View file = reader.bytes(reader.left(), "file");
    linked.file.assign(file.begin(), file.end());
    return linked;
  }

  void write() {
    const std::filesystem::path directory(options_.directory);
    std::error_code problem;
    std::filesystem::create_directories(directory / "insts", problem);
    if (problem)
      throw Error("-o {}: {}", options_.directory, problem.message());
    in_parallel(options_.jobs, linked_.size() + designs_.size(), [&](size_t i) {
      if (i < linked_.size())
        return write_file(directory / plan_.containers[i].file, linked_[i].file);
      const size_t design = i - linked_.size();
      write_file(directory / instruction_file_of(design), designs_[design].instructions);
    });
    const std::string text = index().dump(2) + "\n";
    write_file(directory / "index.json",
               {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

  /// Leaves a file alone that has these contents already.
  void write_file(const std::filesystem::path& path, View bytes) {
    const auto count = [&](size_t written) {
      const std::lock_guard lock(mutex_);
      ++report_.files;
      report_.written += written;
    };
    std::error_code problem;
    if (std::filesystem::file_size(path, problem) == bytes.size() && !problem &&
        std::ranges::equal(xclbin::read_file(path), bytes))
      return count(0);
    xclbin::write_file(path, bytes);
    count(1);
  }

  std::string instruction_file_of(size_t design) const {
    return "insts/" + plan_.designs[design].name + ".bin";
  }

  Json index() const {
    Json json{{"model", model_.name}, {"title", model_.title}, {"version", kVersion}};
    for (const ModelPlan::Row& row : plan_.rows)
      json["entries"].push_back(index_of(row));
    for (size_t i = 0; i < designs_.size(); ++i)
      json["kernels"].push_back(index_of(i));
    for (const ModelPlan::Container& container : plan_.containers) {
      Json names = Json::array();
      for (const size_t design : container.designs)
        names.push_back(plan_.designs[design].name);
      json["containers"].push_back({{"file", container.file}, {"kernels", names}});
    }
    return json;
  }

  /// Where a matmul is.
  Json index_of(const ModelPlan::Row& row) const {
    const auto& designs = plan_.containers[row.container].designs;
    const auto place = std::ranges::find(designs, row.design) - designs.begin();
    return {{"name", row.name},
            {"repeat", row.repeat},
            {"container", plan_.containers[row.container].file},
            {"kernel", plan_.designs[row.design].name},
            {"kernel_id", linked_[row.container].ids[static_cast<size_t>(place)]},
            {"instructions", instruction_file_of(row.design)}};
  }

  /// What a kernel computes, and of what.
  Json index_of(size_t design) const {
    const Settings& settings = model_.settings[plan_.designs[design].settings];
    Json kernels = Json::array();
    for (const MicroKernel& kernel : designs_[design].micro_kernels)
      kernels.push_back({{"kernel", kernel.kernel}, {"origin", origin_text(kernel)}});
    return {{"name", plan_.designs[design].name},
            {"problem", to_string(settings.problem)},
            {"device", settings.device.device->name},
            {"columns", settings.partition().columns},
            {"micro_kernels", kernels}};
  }

  std::vector<MicroKernelUse> kernels() const {
    std::map<std::pair<std::string, std::string>, size_t> uses;
    for (const DesignFiles& design : designs_)
      for (const MicroKernel& kernel : design.micro_kernels)
        ++uses[{kernel.kernel, origin_text(kernel)}];
    std::vector<MicroKernelUse> result;
    for (const auto& [kernel, designs] : uses)
      result.push_back({kernel.first, kernel.second, designs});
    return result;
  }

  const Model& model_;
  const ModelOptions& options_;
  std::string identity_;
  ModelPlan plan_;
  std::vector<DesignFiles> designs_;
  std::vector<LinkedContainer> linked_;
  ModelReport report_;
  PassTimes times_;
  std::mutex mutex_;  // of report and times, while there are threads
};

/// What took any time, to a tenth of a millisecond.
std::string milliseconds(const std::vector<std::pair<std::string, double>>& times) {
  constexpr double kShown = 0.05;
  std::string text;
  for (const auto& [name, time] : times)
    if (time >= kShown)
      text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", name, time);
  return text;
}

std::string plural(size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

ModelReport build_model(const Model& model, const ModelOptions& options) {
  return Builder(model, options).run();
}

std::string report_text(const Model& model, const ModelReport& report) {
  std::string text = fmt::format(
      "model:      {}: {} in {}\n"
      "designs:    {} distinct: {} generated, {} from the cache\n"
      "containers: {}: {} linked, {} from the cache\n",
      model.title.empty() ? model.name : model.title,
      plural(static_cast<size_t>(report.matmuls), "matmul"),
      report.entries == 1 ? "1 entry" : fmt::format("{} entries", report.entries), report.designs,
      report.designs - report.from_cache, report.from_cache, report.containers, report.linked,
      report.containers - report.linked);
  text += fmt::format("kernels:    {} distinct\n", report.kernels.size());
  for (const MicroKernelUse& use : report.kernels)
    text += fmt::format("              {}: {}, in {}\n", use.kernel, use.origin,
                        plural(use.designs, "design"));
  text += fmt::format("time:       {:.1f} ms with {}: {}\n", report.milliseconds,
                      plural(static_cast<size_t>(report.jobs), "job"), milliseconds(report.stages));
  if (const std::string passes = milliseconds(report.passes); !passes.empty())
    text += fmt::format("passes, ms: {}\n", passes);
  text += fmt::format("memory:     {} MiB at most\n", report.peak_bytes >> 20);
  if (report.files > 0)
    text += fmt::format("files:      {}, {} written\n", report.files, report.written);
  return text;
}

std::string report_json(const Model& model, const ModelReport& report) {
  Json kernels = Json::array();
  for (const MicroKernelUse& use : report.kernels)
    kernels.push_back({{"kernel", use.kernel}, {"origin", use.origin}, {"designs", use.designs}});
  const auto object = [](const auto& times) {
    Json json = Json::object();
    for (const auto& [name, time] : times)
      json[name] = time;
    return json;
  };
  return Json{{"model", model.name},
              {"entries", report.entries},
              {"matmuls", report.matmuls},
              {"designs", report.designs},
              {"designs_from_cache", report.from_cache},
              {"containers", report.containers},
              {"containers_from_cache", report.containers - report.linked},
              {"cache_files_damaged", report.damaged},
              {"kernels", kernels},
              {"jobs", report.jobs},
              {"milliseconds", report.milliseconds},
              {"stages", object(report.stages)},
              {"passes", object(report.passes)},
              {"peak_bytes", report.peak_bytes},
              {"files", report.files},
              {"files_written", report.written}}
             .dump(2) +
         "\n";
}

}  // namespace npu::cli
