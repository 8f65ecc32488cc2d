// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/contexts.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/compiled.h"
#include "cli/container_files.h"
#include "cli/file_workload.h"
#include "cli/mlir_problem.h"
#include "hw-model/arch/contexts.h"

namespace npu::cli {
namespace {

using config::Node;

constexpr std::array<std::string_view, 4> kFileKeys{"device", "sim", "host", "contexts"};
constexpr std::array<std::string_view, 4> kContextKeys{"name", "columns", "start", "runs"};
constexpr std::array<std::string_view, 10> kRunKeys{
    "name", "times", "problem", "compiler", "xclbin", "kernel", "insts", "arg", "out", "expect"};
constexpr int64_t kMostTimes = 1000;

/// The items of a list that must have some.
const std::vector<Node>& items_of(const Node& map, std::string_view key) {
  const Node* list = map.find(key);
  if (list == nullptr)
    throw Error("{}: `{}` is missing", map.where, key);
  if (list->kind != Node::Kind::List || list->items.empty())
    throw Error("{}: `{}` is not a list of them", list->where, key)
        .hint("- name: mm, and what belongs to it, for each");
  return list->items;
}

/// `{0: a.bin, 2: c.bin}` as options that name the files as seen from here.
std::vector<std::string> numbered_files(const Node& run, std::string_view key,
                                        const std::string& file) {
  const Node* map = run.find(key);
  std::vector<std::string> options;
  if (map == nullptr)
    return options;
  if (map->kind != Node::Kind::Map)
    throw Error("{}: `{}` is not a map of files", map->where, key).hint("{}: {{0: a.bin}}", key);
  for (const config::Entry& entry : map->entries) {
    const std::string value = config::to_text(entry.value, std::string(key));
    const std::string path = beside(file, value);
    const bool expression = key != "out" && !std::filesystem::exists(path);
    options.push_back(fmt::format("{}={}", entry.key, expression ? value : path));
  }
  return options;
}

class Reader {
 public:
  Reader(const Source& source, std::vector<std::string>& warnings)
      : source_(source), warnings_(warnings), root_(config::read_yaml(source.file)) {}

  Contexts run() {
    config::check_keys(root_, "file", kFileKeys);
    Contexts all{.settings = draft(nullptr, nullptr).read(Draft::Problem::None)};
    std::vector<arch::ContextRequest> requests;
    for (const Node& item : items_of(root_, "contexts")) {
      all.contexts.push_back(read_context(item, all.contexts.size()));
      requests.push_back(
          {all.contexts.back().name, all.contexts.back().partition.columns, start_of(item)});
    }
    const auto partitions = arch::allocate_contexts(*all.settings.device.device,
                                                    all.settings.device.timing.driver, requests);
    for (size_t i = 0; i < partitions.size(); ++i)
      place(all.contexts[i], partitions[i]);
    check_columns(all);
    return all;
  }

 private:
  /// What a run is made of: the file without its contexts, the columns, and its own keys.
  Draft draft(const Node* context, const Node* run) const {
    Node root;
    root.kind = Node::Kind::Map;
    root.where = root_.where;
    const auto take = [&](const Node& from, std::string_view key) {
      if (const Node* value = from.find(key))
        config::put(root, key, *value);
    };
    for (const std::string_view key : {"device", "sim", "host"})
      take(root_, key);
    if (context)
      take(*context, "columns");
    if (run)
      for (const std::string_view key : {"problem", "compiler"})
        take(*run, key);
    Draft draft(std::move(root), source_.file);
    for (const Override& override : source_.overrides)
      draft.put(override);
    return draft;
  }

  static std::optional<int> start_of(const Node& context) {
    const Node* start = context.find("start");
    if (start == nullptr)
      return std::nullopt;
    return static_cast<int>(config::to_integer(*start, "start", 0, arch::kMaxColumns - 1));
  }

  /// The name of an item, or one that says its place; each is there once.
  std::string name_of(const Node& item, std::set<std::string>& names,
                      const std::string& otherwise) {
    const Node* name = item.find("name");
    std::string text = name ? config::to_text(*name, "name") : otherwise;
    if (!names.insert(text).second)
      throw Error("{}: `{}` is there twice", name ? name->where : item.where, text)
          .hint("a name of its own for each");
    return text;
  }

  KernelContext read_context(const Node& item, size_t index) {
    config::check_keys(item, "contexts", kContextKeys);
    KernelContext context;
    for (const Node& run : items_of(item, "runs")) {
      config::check_keys(run, "runs", kRunKeys);
      context.runs.push_back(read_run(item, run));
      const int columns = context.runs.back().work->settings.partition().columns;
      if (context.runs.front().work->settings.partition().columns != columns)
        throw Error("{}: `{}` needs {} columns, `{}` of the same context {}", run.where,
                    context.runs.back().name, columns, context.runs.front().name,
                    context.runs.front().work->settings.partition().columns)
            .hint("runs of a context share its columns");
    }
    const std::string& first = context.runs.front().name;
    context.name = name_of(item, context_names_,
                           context.runs.size() == 1 ? first : fmt::format("context{}", index));
    context.partition = context.runs.front().work->settings.partition();
    return context;
  }

  ContextRun read_run(const Node& context, const Node& item) {
    ContextRun run{.name = name_of(item, run_names_, fmt::format("run{}", run_names_.size()))};
    if (const Node* times = item.find("times"))
      run.times = static_cast<int>(config::to_integer(*times, "times", 1, kMostTimes));
    if (item.find("xclbin"))
      run.work = from_files(context, item);
    else
      run.work = in_words(fmt::format("run `{}`", run.name),
                          [&] { return compile_workload(draft(&context, &item).read()); });
    return run;
  }

  std::unique_ptr<Workload> from_files(const Node& context, const Node& item) {
    const auto file = [&](std::string_view key) {
      const Node* node = item.find(key);
      if (node == nullptr)
        throw Error("{}: a container runs with an instruction stream", item.where)
            .hint("{}: FILE", key);
      return beside(source_.file, config::to_text(*node, std::string(key)));
    };
    for (const std::string_view key : {"problem", "compiler"})
      if (const Node* node = item.find(key))
        throw Error("{}: `{}` and `xclbin` are two kernels", node->where, key)
            .hint("a run is compiled, or comes from files");
    FileOptions files{.insts = file("insts"),
                      .inputs = numbered_files(item, "arg", source_.file),
                      .outputs = numbered_files(item, "out", source_.file),
                      .expected = numbered_files(item, "expect", source_.file),
                      .beyond_columns = true};
    if (const Node* kernel = item.find("kernel"))
      files.kernel = config::to_text(*kernel, "kernel");
    const Settings shared = draft(nullptr, nullptr).read(Draft::Problem::None);
    auto work = load_files(file("xclbin"), files, {}, warnings_);
    if (work->settings.device.device != shared.device.device)
      throw Error("{}: the kernel is for {}, the file for {}", item.where,
                  work->settings.device.device->name, shared.device.device->name);
    if (const Node* columns = context.find("columns");
        columns &&
        config::to_integer(*columns, "columns", 1, arch::kMaxColumns) != *work->settings.columns)
      throw Error("{}: `columns` is {}, the container is for {}", columns->where, columns->text,
                  *work->settings.columns);
    const std::optional<int> width = work->settings.columns;
    work->settings = shared;
    work->settings.columns = width;
    return work;
  }

  static void place(KernelContext& context, const arch::Partition& partition) {
    context.partition = partition;
    for (ContextRun& run : context.runs) {
      run.work->settings.start = partition.first_column;
      run.work->settings.columns = partition.columns;
      run.work->lowered.design.partition = partition;
    }
  }

  /// Whom a physical column belongs to.
  static std::string owner_of(const Contexts& all, int column) {
    for (const KernelContext& context : all.contexts)
      if (column >= context.partition.first_column &&
          column < context.partition.first_column + context.partition.columns)
        return fmt::format(", which belongs to context `{}`", context.name);
    return {};
  }

  static void check_columns(const Contexts& all) {
    for (const KernelContext& context : all.contexts)
      for (const ContextRun& run : context.runs)
        for (const auto* commands : {&run.work->lowered.configuration, &run.work->lowered.sequence})
          if (const auto beyond = beyond_columns(*commands, context.partition.columns))
            throw Error("run `{}`: command {} is for column {}, physical column {}{}", run.name,
                        beyond->command, beyond->column,
                        context.partition.first_column + beyond->column,
                        owner_of(all, context.partition.first_column + beyond->column))
                .hint("context `{}` has columns 0 to {}, physical {} to {}", context.name,
                      context.partition.columns - 1, context.partition.first_column,
                      context.partition.first_column + context.partition.columns - 1);
  }

  const Source& source_;
  std::vector<std::string>& warnings_;
  Node root_;
  std::set<std::string> context_names_;
  std::set<std::string> run_names_;
};

}  // namespace

bool has_contexts(const std::string& path) {
  return !path.empty() && read_settings(path).find("contexts") != nullptr;
}

Contexts load_contexts(const Source& source, std::vector<std::string>& warnings) {
  return Reader(source, warnings).run();
}

}  // namespace npu::cli
