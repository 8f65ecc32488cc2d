// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/settings.h"

#include <algorithm>
#include <filesystem>

#include "cli/mlir_problem.h"

namespace npu::cli {
namespace {

using config::Node;

bool names_a_file(const Node& node) {
  return node.kind == Node::Kind::Scalar &&
         (node.text.find('/') != std::string::npos || node.text.ends_with(".yaml") ||
          node.text.ends_with(".mlir"));
}

Node scalar(std::string text, std::string where) {
  Node node;
  node.kind = Node::Kind::Scalar;
  node.text = std::move(text);
  node.where = std::move(where);
  return node;
}

Node map_of(const std::string& key, Node value) {
  Node node;
  node.kind = Node::Kind::Map;
  node.where = value.where;
  node.entries.push_back({key, value.where, std::move(value)});
  return node;
}

/// Reads a file that `node` names; what goes wrong in finding it is told at the place that names
/// it.
Node read_named(const Node& node, const std::string& file) {
  const std::string path = beside(file, node.text);
  if (!std::filesystem::exists(path))
    throw Error("{}: no file `{}`", node.where, path)
        .hint("paths are relative to the file that names them");
  return read_settings(path);
}

/// Replaces the names of problem and device files by what they hold. `file`: who names them, empty
/// for the command line.
void resolve(Node& document, const std::string& file) {
  if (Node* problem = document.find("problem"); problem && names_a_file(*problem)) {
    Node named = read_named(*problem, file);
    constexpr std::string_view kProblem[] = {"problem"};
    config::check_keys(named, "problem", kProblem);
    if (named.find("problem") == nullptr)
      throw Error("{}: no `problem`", named.where).hint("problem: {{m: 512, k: 512, n: 512}}");
    Node inner = *named.find("problem");
    *problem = std::move(inner);
  }
  if (Node* device = document.find("device"); device && device->kind == Node::Kind::Scalar)
    *device = names_a_file(*device) ? read_named(*device, file) : map_of("name", *device);
}

void relocate(Node& node, const std::string& where) {
  node.where = where;
  for (Node& item : node.items)
    relocate(item, where);
  for (config::Entry& entry : node.entries) {
    entry.where = where;
    relocate(entry.value, where);
  }
}

/// Throws Error for a partition that the device does not have there.
void check_start(const Node& document, const Settings& settings) {
  if (!settings.start)
    return;
  const std::string where = document.find("start")->where;
  try {
    settings.partition();
  } catch (const Error& error) {
    throw Error("{}: {}", where, error.what()).hint("{}", error.hint());
  }
}

/// Reads every key of the table that the document has.
Settings read(const Node& document, const std::string& name, Draft::Problem problem) {
  std::vector<std::string_view> paths{"device"};
  for (const Key& key : keys())
    paths.push_back(key.path);
  if (const Node* contexts = document.find("contexts"))
    throw Error("{}: `contexts` are run together, each is a kernel of its own", contexts->where)
        .hint("`airlock run` takes them");
  config::check_paths(document, name, paths);
  Settings settings;
  settings.device = config::read_device(*document.find("device"));
  if (const Node* kernel = config::find_path(document, "problem.kernel"))
    settings.computes =
        static_cast<Computes>(config::to_choice(*kernel, "problem.kernel", kernel_names()));
  for (const Key& key : keys()) {
    const Node* node = config::find_path(document, key.path);
    if (node != nullptr && !settings.uses(key))
      throw Error("{}: `{}` is not of `kernel: {}`", node->where, key.path,
                  kernel_names()[static_cast<size_t>(settings.computes)])
          .hint("it is of `kernel: {}`", kernel_names()[static_cast<size_t>(key.of.front())]);
    if (node != nullptr)
      key.read(settings, *node);
    else if (key.required && settings.uses(key) && problem == Draft::Problem::Needed)
      throw Error("{}: `{}` is missing", name, key.path).hint("{}", key.sentence);
  }
  settings.select.threshold = settings.image.threshold;
  if (const Node* herd = config::find_path(document, "compiler.herd"))
    if (herd->entries.size() != 2)
      throw Error("{}: `compiler.herd` needs both sides", herd->where)
          .hint("herd: {{columns: 4, rows: 4}}");
  if (settings.sim.timing_only() && settings.sim.check.contains("memory"))
    throw Error("{}: `memory` needs a run that moves values",
                config::find_path(document, "sim.check")->where)
        .hint("sim.data: full");
  if (settings.sim.sampled() &&
      (settings.computes != Computes::Matmul || problem != Draft::Problem::Needed))
    throw Error("{}: `sampled` needs a matmul of the compiler's",
                config::find_path(document, "sim.data")->where)
        .hint("sim.data: full");
  if (const Node* columns = document.find("columns");
      columns && *settings.columns > settings.device.device->columns)
    throw Error("{}: `columns` cannot be {}", columns->where, *settings.columns)
        .hint("{} has 1 to {}", settings.device.device->name,
              settings.device.device->max_partition);
  check_start(document, settings);
  return settings;
}

}  // namespace

std::string beside(const std::string& file, const std::string& path) {
  const std::filesystem::path given(path);
  if (given.is_absolute())
    return path;
  return (std::filesystem::path(file).parent_path() / given).lexically_normal();
}

arch::Partition Settings::partition() const {
  const int width = columns.value_or(device.device->max_partition);
  return start ? arch::partition_at(*device.device, *start, width)
               : arch::partition_of(*device.device, width);
}

bool Settings::uses(const Key& key) const {
  return key.of.empty() || std::ranges::find(key.of, computes) != key.of.end();
}

Override parse_override(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error("--set {}: no `=`", text).hint("--set problem.m=512");
  return {text.substr(0, equals), text.substr(equals + 1), "--set " + text};
}

Draft::Draft(Node root, std::string file) : root_(std::move(root)), file_(std::move(file)) {
  if (root_.kind != Node::Kind::Map)
    throw Error("{}: not a map of keys", root_.where).hint("problem: {{m: 512, k: 512, n: 512}}");
  if (root_.find("device") == nullptr)
    config::put(root_, "device", scalar("npu1", "default"));
  resolve(root_, file_);
}

void Draft::put(const std::string& path, Node value, const std::string& source,
                const std::string& file) {
  const std::string where = value.where;
  const bool parameter = path.starts_with("device.") && path != "device.name";
  if (parameter && value.kind == Node::Kind::Scalar) {
    value = map_of("value", std::move(value));
    value.entries.push_back({"origin", where, scalar("assumed", where)});
    value.entries.push_back({"source", where, scalar(source, where)});
  }
  config::put(root_, path, std::move(value));
  resolve(root_, file);
}

void Draft::put(const Override& override) {
  Node value = config::parse_yaml(override.value + "\n", override.option);
  relocate(value, override.option);
  put(override.path, std::move(value), "set on the command line", "");
}

Settings Draft::read(Problem problem) const {
  return npu::cli::read(root_, file_.empty() ? "command line" : file_, problem);
}

Settings load(const Source& source) {
  Node root;
  root.kind = Node::Kind::Map;
  if (!source.file.empty())
    root = read_settings(source.file);
  Draft draft(std::move(root), source.file);
  for (const Override& override : source.overrides)
    draft.put(override);
  return draft.read();
}

std::string print(const Settings& settings) {
  config::Printer printer;
  for (const Key& key : keys())
    if (const std::string value = key.text(settings); settings.uses(key) && !value.empty())
      printer.line(key.path, key.kind >= Key::Kind::Words ? value : config::yaml_scalar(value));
  return "device:\n" + config::print(settings.device, 2) + printer.text();
}

}  // namespace npu::cli
