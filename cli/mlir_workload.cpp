// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/mlir_workload.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "cli/argument_reach.h"
#include "cli/core_program.h"
#include "cli/file_workload.h"
#include "cli/host_arguments.h"
#include "cli/kernel_names.h"
#include "cli/mlir_problem.h"
#include "compiler/import/import.h"
#include "compiler/mlir/reader.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

/// Whether `n=4` is meant, or a buffer by its name, not `0=iota`.
bool is_scalar(const std::string& text) {
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0]));
}

class MlirWorkload : public Workload {
 public:
  /// Buffers for the arguments of the sequence, for those of the host beside it, and for those that
  /// the sequence patches descriptors with and does not declare, as for traces.
  void add_arguments(FileOptions files, const std::vector<std::string>& fills) {
    std::vector<HostArgument> known;
    for (const compiler::Argument& argument : lowered.design.arguments)
      known.push_back({argument.name, argument.type, argument.bytes(), true});
    for (const auto& [index, bytes] : argument_reach(lowered, settings)) {
      if (index < lowered.design.arguments.size())
        continue;
      known.resize(std::max<size_t>(known.size(), index + 1));
      known[index].bytes = bytes;
    }
    arguments_ = HostArguments("the sequence", std::move(known), !settings.sim.timing_only());
    std::erase_if(files.inputs, [this](const std::string& text) {
      return is_scalar(text) && !arguments_.named(text.substr(0, text.find('=')));
    });
    arguments_.take(files, fills);
  }

  std::vector<sim::HostBuffer> arguments() override { return arguments_.buffers(); }
  void prepare() override { arguments_.reset(); }
  std::optional<Comparison> check() override { return arguments_.check(); }
  double macs() const override { return 0; }
  std::vector<std::string> remarks(const observe::Counters&) const override {
    return arguments_.assumptions();
  }
  void leave() const override { arguments_.leave(); }

 private:
  HostArguments arguments_;
};

/// Whether an override gives the device a name of the dialect.
bool names_device(const Override& override) {
  return override.path == "device" && override.value.starts_with("npu") &&
         !override.value.ends_with(".yaml");
}

Settings settings_of(const compiler::Design& design, const std::vector<Override>& overrides) {
  config::Node root;
  root.kind = config::Node::Kind::Map;
  Draft draft(std::move(root), "");
  draft.put({"device", std::string(design.partition.device->name), "the design"});
  for (const Override& override : overrides)
    if (!names_device(override))
      draft.put(override);
  Settings settings = draft.read(Draft::Problem::None);
  if (settings.device.device->generation != design.partition.device->generation)
    throw Error("the design is for {}, not for {}", design.partition.device->name,
                settings.device.device->name);
  settings.columns = design.partition.columns;
  return settings;
}

/// `n=4` as a name and what it is to be; what is no number is refused where its use is known.
std::map<std::string, std::string, std::less<>> scalars_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string, std::less<>> scalars;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size())
      throw Error("--arg {}: no name, `=` and number", text).hint("--arg n=4");
    scalars[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return scalars;
}

/// `0=64`; what is no size is refused where the arguments are known.
std::map<int, uint64_t> sizes_of(const std::vector<std::string>& texts) {
  std::map<int, uint64_t> sizes;
  for (const std::string& text : texts) {
    int argument = 0;
    const char* end = text.data() + text.size();
    const auto [equals, problem] = std::from_chars(text.data(), end, argument);
    if (problem != std::errc{} || equals == end)
      continue;
    if (const auto size = parse_size({equals + 1, end}); size && size->bytes != 0)
      sizes[argument] = size->bytes;
  }
  return sizes;
}

/// As mlir-aie's compiler calls it.
const std::string& allocation_of(const MlirOptions& options) {
  if (!options.allocation.empty() && options.allocation != "basic-sequential" &&
      options.allocation != "bank-aware")
    throw Error("--alloc-scheme {}: there is no such scheme", options.allocation)
        .hint("basic-sequential or bank-aware");
  return options.allocation;
}

/// What `import` makes of a file, with kernels by name, of the user's shared object, or as stubs.
MlirDesign import_file(const std::string& path, const MlirOptions& choice,
                       const std::vector<Override>& overrides,
                       compiler::Design (*import)(const compiler::mlir::Op&,
                                                  const compiler::ImportOptions&)) {
  const xclbin::Bytes bytes = xclbin::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  compiler::ImportOptions options{.file = path,
                                  .sequence = choice.sequence,
                                  .allocation = allocation_of(choice),
                                  .control_overlay = choice.control_overlay,
                                  .scalars = scalars_of(choice.scalars),
                                  .without_bodies = choice.not_run};
  for (const auto& [name, depth] : choice.depths)
    options.depths.emplace(name, static_cast<int>(depth));
  if (choice.sizes)
    options.sizes = sizes_of(*choice.sizes);
  compiler::KernelNames names = kernel_names(choice.stubs);
  std::optional<UserLibrary> library;
  if (!choice.kernels.empty())
    library.emplace(choice.kernels);
  UserKernels called;
  options.kernel = [&](std::string_view name, std::span<const compiler::CallArgument> arguments) {
    compiler::ExternalKernel kernel = names.find(name, arguments);
    if (!kernel.spec && choice.not_run) {
      names.stub(std::string(name), 1);
      kernel = names.find(name, arguments);
    }
    const bool stub = kernel.spec && kernel.spec->op == arch::KernelOp::External;
    return library && library->has(name) && !stub ? library->call(name, arguments.size(), called)
                                                  : kernel;
  };
  for (const Override& override : overrides)
    if (names_device(override))
      options.device = override.value;
  MlirDesign result{.design = import(compiler::mlir::read(text, path), options),
                    .settings = {},
                    .user_kernels = {}};
  result.user_kernels = std::move(called);
  return result;
}

}  // namespace

namespace {

/// What a design is compiled with, whether it runs or not.
void add_compile_options(CLI::App& command, MlirOptions& options) {
  command.add_option("--sequence", options.sequence, "of an MLIR design with several")
      ->type_name("NAME");
  command.add_option("--stub", options.stubs, "an external function that only takes time")
      ->type_name("NAME=CYCLES")
      ->expected(1)
      ->take_all();
  command.add_option("--kernels", options.kernels, "external functions (airlock_kernel.h)")
      ->type_name("FILE.so");
  command
      .add_option("--alloc-scheme", options.allocation,
                  "of MLIR: basic-sequential or bank-aware addresses")
      ->type_name("WORD");
  command.add_flag("--generate-ctrl-pkt-overlay", options.control_overlay,
                   "of MLIR: ways for control packets to all tiles");
}

}  // namespace

void add_mlir_options(CLI::App& command, MlirOptions& options) {
  command.add_option("--fill", options.fills, "what --arg also takes")
      ->type_name("N=EXPR")
      ->group("")
      ->expected(1)
      ->take_all();
  add_compile_options(command, options);
  command
      .add_option("--stop-after", options.stop_after,
                  "of MLIR: say as JSON what is in it, do not run it")
      ->type_name("read|lower")
      ->group("");  // for scripts
}

void add_design_options(CLI::App& command, MlirOptions& options) {
  add_compile_options(command, options);
  command.add_option("--arg", options.scalars, "a number that the host gives an MLIR design")
      ->type_name("NAME=N")
      ->expected(1)
      ->take_all();
}

bool is_mlir(const std::string& path) {
  return path.ends_with(".mlir") && !is_mlir_problem(path);
}

MlirDesign read_design(const std::string& path, const MlirOptions& choice,
                       const std::vector<Override>& overrides) {
  MlirDesign result = import_file(path, choice, overrides, compiler::import_module);
  result.settings = settings_of(result.design, overrides);
  return result;
}

namespace {

MlirDesign read_named(const Settings& settings) {
  if (is_container(settings.design.file))
    throw Error("{}: this has been compiled", settings.design.file)
        .hint("`airlock run` and `check` take it");
  if (!settings.design.insts.empty() || !settings.design.cores.empty())
    throw Error("{}: `problem.insts` and `problem.cores` are for an xclbin", settings.design.file);
  const MlirOptions choice = choices_of(settings);
  const std::string device(settings.device.device->name);
  MlirDesign read = import_file(settings.design.file, choice, {{"device", device, "device"}},
                                compiler::import_module);
  const arch::Device& own = *read.design.partition.device;
  if (own.generation != settings.device.device->generation)
    throw Error("{}: is for {}, not for {}", settings.design.file, own.name, device)
        .hint("device: {}", own.name);
  read.settings = settings;
  read.settings.columns = read.design.partition.columns;
  return read;
}

/// The design that was read, ready to run.
std::unique_ptr<Workload> workload_of(MlirDesign read, std::string title, const FileOptions& files,
                                      const std::vector<std::string>& fills) {
  if (read.settings.host.launches > 1 && !read.design.once.empty())
    throw Error("{}: this loop still has its descriptors when the next of {} runs writes them",
                read.design.once, read.settings.host.launches)
        .hint("one run, or a chain that ends");
  auto work = std::make_unique<MlirWorkload>();
  work->settings = std::move(read.settings);
  work->user_kernels = std::move(read.user_kernels);
  work->title = std::move(title);
  work->lowered = compiler::lower(std::move(read.design));
  work->add_arguments(files, fills);
  return work;
}

}  // namespace

FileOptions files_of(const Settings& settings) {
  FileOptions files{.insts = settings.design.insts, .programs = settings.design.cores};
  for (const auto& [name, value] : settings.design.arguments)
    files.inputs.push_back(name + "=" + value);
  for (const auto& [name, value] : settings.design.expected)
    files.expected.push_back(name + "=" + value);
  return files;
}

MlirOptions choices_of(const Settings& settings) {
  MlirOptions choice{.sequence = settings.design.sequence, .depths = settings.design.depths};
  for (const auto& [name, value] : settings.design.arguments)
    if (const std::string text = name + "=" + value; is_scalar(text))
      choice.scalars.push_back(text);
  for (const auto& [name, cycles] : settings.design.stubs)
    choice.stubs.push_back(fmt::format("{}={}", name, cycles));
  return choice;
}

compiler::Design read_design(const Settings& settings) {
  return read_named(settings).design;
}

MlirDesign read_programs(const std::string& path, const MlirOptions& choice,
                         const std::vector<Override>& overrides) {
  return import_file(path, choice, overrides, compiler::import_programs);
}

std::unique_ptr<Workload> load_mlir(const std::string& path, const FileOptions& files,
                                    const MlirOptions& options,
                                    const std::vector<Override>& overrides) {
  MlirOptions choice = options;
  std::ranges::copy_if(files.inputs, std::back_inserter(choice.scalars), is_scalar);
  if (options.stop_after.empty())
    choice.sizes = files.sizes;
  return workload_of(read_design(path, choice, overrides), path, files, options.fills);
}

std::unique_ptr<Workload> load_mlir(const Settings& settings) {
  return workload_of(read_named(settings), settings.design.file, files_of(settings), {});
}

void take_programs(Workload& container, const std::string& path, const MlirOptions& options) {
  MlirDesign read = read_programs(path, options, {});
  replace_programs(container.lowered, path, read.design, container.settings.partition(),
                   container.settings.device.timing);
  container.user_kernels.merge(read.user_kernels);
}

std::string stopped_mlir(const std::string& path, const FileOptions& files,
                         const MlirOptions& options, const std::vector<Override>& overrides) {
  nlohmann::ordered_json json;
  if (options.stop_after != "read" && options.stop_after != "lower")
    throw Error("--stop-after {}: no stage of MLIR", options.stop_after).hint("read or lower");
  if (options.stop_after == "read") {
    const xclbin::Bytes bytes = xclbin::read_file(path);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    uint64_t ops = 0;
    compiler::mlir::walk(compiler::mlir::read(text, path),
                         [&ops](const compiler::mlir::Op&) { ++ops; });
    json["ops"] = ops;
    return json.dump(2) + "\n";
  }
  const std::unique_ptr<Workload> work = load_mlir(path, files, options, overrides);
  const compiler::Design& design = work->lowered.design;
  json["device"] = design.partition.device->name;
  json["columns"] = design.partition.columns;
  json["arguments"] = nlohmann::ordered_json::array();
  for (const compiler::Argument& argument : design.arguments)
    json["arguments"].push_back({{"name", argument.name},
                                 {"type", arch::to_string(argument.type)},
                                 {"elements", argument.elements}});
  json["cores"] = design.cores.size();
  json["commands"] = work->lowered.sequence.size();
  return json.dump(2) + "\n";
}

}  // namespace npu::cli
