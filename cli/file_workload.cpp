// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/file_workload.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/ranges.h>

#include "cli/argument_reach.h"
#include "cli/container_files.h"
#include "cli/core_program.h"
#include "cli/host_arguments.h"
#include "hw-model/arch/program.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"
#include "xclbin/info.h"

namespace npu::cli {
namespace {

/// Which arguments a sequence uses.
std::vector<uint32_t> used_arguments(const arch::Commands& sequence) {
  std::set<uint32_t> used;
  for (const arch::Command& command : sequence)
    if (const auto* patch = std::get_if<arch::AddressPatch>(&command))
      used.insert(patch->argument);
  return {used.begin(), used.end()};
}

/// Multiplications of the matmul kernels that cores began.
class MacCounter : public observe::Observer {
 public:
  explicit MacCounter(const std::vector<compiler::Core>& cores) {
    for (const compiler::Core& core : cores)
      kernels_[core.tile] = core.program.kernels;
  }
  void on(const observe::Event& event) override {
    const auto* changed = std::get_if<observe::CoreChanged>(&event.payload);
    if (!changed || changed->state != observe::CoreState::Kernel)
      return;
    const auto found = kernels_.find(changed->core.tile);
    if (found == kernels_.end() || changed->detail >= found->second.size())
      return;
    const arch::KernelSpec& kernel = found->second[changed->detail];
    if (kernel.op == arch::KernelOp::Matmul)
      macs_ += static_cast<double>(kernel.m) * kernel.k * kernel.n;
  }
  double macs() const { return macs_; }

 private:
  std::map<arch::Coord, std::vector<arch::KernelSpec>> kernels_;
  double macs_ = 0;
};

class FileWorkload : public Workload {
 public:
  /// Buffers for what the options and the sequence name; the kernel has room for `most`.
  void add_buffers(const FileOptions& options, const std::vector<std::string>& fills, size_t most);

  std::vector<sim::HostBuffer> arguments() override { return arguments_.buffers(); }
  void prepare() override { arguments_.reset(); }
  std::optional<Comparison> check() override { return arguments_.check(); }
  double macs() const override { return macs_ ? macs_->macs() : 0; }
  observe::Observer* observer() override { return &macs_.emplace(lowered.design.cores); }
  std::vector<std::string> remarks(const observe::Counters& counters) const override;
  void leave() const override { arguments_.leave(); }

  std::string kernel;
  std::vector<std::string> warnings;

 private:
  std::vector<HostArgument> known_arguments(size_t most) const;

  HostArguments arguments_;
  std::optional<MacCounter> macs_;
};

/// What is said of the arguments: in the container's own table, in the sequence of the MLIR that
/// the programs are from, and by the descriptors.
std::vector<HostArgument> FileWorkload::known_arguments(size_t most) const {
  std::vector<HostArgument> known(most);
  const auto at = [&](size_t index) -> HostArgument& {
    if (known.size() <= index)
      known.resize(index + 1);
    return known[index];
  };
  for (const auto& [index, bytes] : argument_reach(lowered, settings))
    at(index).bytes = bytes;
  for (size_t i = 0; i < lowered.design.arguments.size(); ++i) {
    const compiler::Argument& argument = lowered.design.arguments[i];
    at(i) = {argument.name, argument.type, std::max(argument.bytes(), at(i).bytes),
             argument.elements != 0};
  }
  for (const arch::ArgumentName& name : lowered.names.arguments)
    if (name.bytes != 0)
      at(name.index) = {name.name, arch::type_named(name.type), name.bytes, true};
  return known;
}

void FileWorkload::add_buffers(const FileOptions& options, const std::vector<std::string>& fills,
                               size_t most) {
  arguments_ = HostArguments(fmt::format("kernel `{}`", kernel), known_arguments(most),
                             !settings.sim.timing_only());
  arguments_.take(options, fills);
}

std::vector<std::string> FileWorkload::remarks(const observe::Counters& counters) const {
  std::vector<std::string> remarks = warnings;
  for (std::string& each : arguments_.assumptions())
    remarks.push_back(std::move(each));
  for (const observe::FaultCount& count : counters.faults())
    if (count.fault.kind == observe::FaultKind::UnknownProgram) {
      remarks.push_back(
          fmt::format("{} is the first that would execute unknown code: {:#010x} at 0x0 of its "
                      "program memory, from the PDI of kernel `{}` in AIE_PARTITION; give it a "
                      "stand-in with --core {},{}=KERNEL, or all cores their bodies with --cores "
                      "FILE.mlir",
                      arch::to_string(count.fault.agent.tile), count.fault.value, kernel,
                      count.fault.agent.tile.col, count.fault.agent.tile.row));
      break;
    }
  return remarks;
}

/// Throws Error for commands that the model has no equivalent of.
void refuse_unmodelled(const std::string& path, const std::map<std::string, size_t>& unmodelled) {
  if (unmodelled.empty())
    return;
  std::vector<std::string> words;
  for (const auto& [name, count] : unmodelled)
    words.push_back(fmt::format("{} ({} times)", name, count));
  throw Error("{}: commands that the model does not know: {}", path, fmt::join(words, ", "))
      .hint("`airlock xclbin disasm` lists what it does know");
}

/// Throws Error for a command outside the columns of the kernel.
void check_columns(const std::string& path, const arch::Commands& commands,
                   const std::string& kernel, int columns) {
  if (const auto beyond = beyond_columns(commands, columns))
    throw Error(
        "{}: command {} is for column {}, the partition of kernel `{}` has columns 0 to "
        "{}",
        path, beyond->command, beyond->column, kernel, columns - 1)
        .hint("are these the instructions of another kernel?");
}

/// Throws Error for an argument that the call cannot have or whose address nobody translates.
void check_arguments(const xclbin::LoadedInstructions& loaded, const arch::DriverLimits& limits,
                     std::vector<std::string>& warnings) {
  const std::vector<uint32_t> used = used_arguments(loaded.commands);
  if (!used.empty() && used.back() >= limits.buffers.value)
    throw Error("the instructions use argument {}", used.back())
        .hint("a kernel has arguments 0 to {}", limits.buffers.value - 1);
  if (loaded.aperture == xclbin::Aperture::Firmware && !used.empty() &&
      used.back() >= limits.translated_buffers.value)
    warnings.push_back(fmt::format(
        "the instructions use argument {}: firmware translates the addresses of arguments 0 to {} "
        "only, for later ones the stream itself must add {:#x}",
        used.back(), limits.translated_buffers.value - 1, arch::kDdrOffset));
  if (!loaded.unfolded.empty())
    throw Error(
        "nobody translates the address of argument {}: firmware does for arguments 0 to {}, "
        "and the stream does not add {:#x} to it",
        fmt::join(loaded.unfolded, ", "), limits.translated_buffers.value - 1, arch::kDdrOffset)
        .hint(
            "on the device its transfers go astray; `driver.translated_buffers` is that of a "
            "patched firmware");
}

/// Settings of a run whose device is that of the instructions.
Settings settings_for(const xclbin::LoadedInstructions& loaded, int columns,
                      const std::vector<Override>& overrides) {
  config::Node root;
  root.kind = config::Node::Kind::Map;
  Draft draft(std::move(root), "");
  const bool aie2 = loaded.generation == arch::Generation::Aie2;
  draft.put({"device", aie2 ? "npu1" : "npu4", "the instruction stream"});
  for (const Override& override : overrides)
    draft.put(override);
  Settings settings = draft.read(Draft::Problem::None);
  if (settings.device.device->generation != loaded.generation)
    throw Error("the instructions are for {}, not for {}", aie2 ? "npu1" : "npu4",
                settings.device.device->name);
  settings.columns = columns;
  return settings;
}

/// A stream, read as the driver of its device would have it, and the settings of its run.
xclbin::LoadedInstructions instructions_for(const std::string& path,
                                            const std::vector<Override>& overrides, int columns,
                                            Settings& settings,
                                            std::vector<std::string>& warnings) {
  xclbin::LoadedInstructions insts =
      in_file(path, [](xclbin::View bytes) { return xclbin::load_instructions(bytes); });
  settings = settings_for(insts, columns, overrides);
  const arch::DriverLimits& limits = settings.device.timing.driver;
  insts = in_file(path, [&](xclbin::View bytes) {
    return xclbin::load_instructions(bytes, xclbin::Aperture::Firmware,
                                     static_cast<uint32_t>(limits.translated_buffers.value));
  });
  check_arguments(insts, limits, warnings);
  return insts;
}

bool loads_images(const arch::Commands& sequence) {
  return std::ranges::any_of(sequence, [](const arch::Command& command) {
    return std::holds_alternative<arch::Load>(command);
  });
}

/// Buffers that a call of the kernel has.
size_t buffers_of(const xclbin::KernelInfo& kernel) {
  return static_cast<size_t>(
      std::ranges::count_if(kernel.arguments, [](const xclbin::KernelArgument& argument) {
        return argument.id >= xclbin::kFirstBufferArgument;
      }));
}

/// The cores that are given a program; empty where it is not ours.
std::vector<compiler::Core> cores_of(const arch::Commands& configuration) {
  std::vector<compiler::Core> cores;
  for (const arch::Command& command : configuration)
    if (const auto* block = std::get_if<arch::BlockWrite>(&command);
        block && is_program_of_core(block->address))
      cores.push_back({.tile = arch::tile_of(block->address),
                       .program = arch::decode(block->words).value_or(arch::Program{})});
  return cores;
}

}  // namespace

std::optional<BeyondColumns> beyond_columns(const arch::Commands& commands, int columns) {
  for (size_t i = 0; i < commands.size(); ++i)
    if (const auto tile = arch::last_tile(commands[i]); tile && tile->col >= columns)
      return BeyondColumns{i, tile->col};
  return std::nullopt;
}

bool is_container(const std::string& path) {
  if (path.ends_with(".xclbin"))
    return true;
  try {
    const xclbin::FileKind kind = xclbin::identify(head_of(path));
    return kind == xclbin::FileKind::Container || kind == xclbin::FileKind::Pdi;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Workload> load_files(const std::string& path, const FileOptions& options,
                                     const std::vector<Override>& overrides,
                                     std::vector<std::string>& warnings, const MlirOptions& mlir) {
  if (options.insts.empty() && !options.generation)
    throw Error("{}: a container runs with an instruction stream", path).hint("--insts FILE");
  auto work = std::make_unique<FileWorkload>();
  const xclbin::Container container =
      in_file(path, [](xclbin::View bytes) { return xclbin::open_container(bytes); });
  xclbin::LoadedKernel kernel =
      in_words(path, [&] { return xclbin::load_kernel(container, options.kernel); });
  const int columns = kernel.columns;
  xclbin::LoadedInstructions insts;
  if (options.insts.empty()) {
    insts.generation = *options.generation;
    work->settings = settings_for(insts, columns, overrides);
  } else {
    insts = instructions_for(options.insts, overrides, columns, work->settings, warnings);
  }
  refuse_unmodelled(path, kernel.unmodelled);
  refuse_unmodelled(options.insts, insts.unmodelled);
  if (!options.beyond_columns) {
    check_columns(path, kernel.configuration, kernel.info.name, columns);
    check_columns(options.insts, insts.commands, kernel.info.name, columns);
  }
  work->kernel = kernel.info.name;
  work->title = fmt::format("kernel {} of {}", kernel.info.name,
                            std::filesystem::path(path).filename().string());
  work->lowered.design.partition = work->settings.partition();
  work->lowered.names = std::move(kernel.names);
  work->lowered.sequence = std::move(insts.commands);
  if (loads_images(work->lowered.sequence)) {
    work->lowered.loads = in_words(path, [&] { return xclbin::load_images(container); });
    work->lowered.load_names = xclbin::image_names(container);
  }
  for (const auto& [tile, what] : parse_cores(options.cores))
    replace_program(kernel.configuration, tile, what, work->settings.partition(),
                    work->settings.device.timing);
  work->lowered.configuration = std::move(kernel.configuration);
  work->lowered.design.cores = cores_of(work->lowered.configuration);
  if (!options.programs.empty())
    take_programs(*work, options.programs, mlir);
  if (!options.design_only)
    work->add_buffers(options, mlir.fills, buffers_of(kernel.info));
  return work;
}

std::unique_ptr<Workload> load_files(const Settings& settings) {
  std::vector<Override> overrides{{"device", std::string(settings.device.device->name), "device"}};
  if (settings.sim.timing_only())
    overrides.push_back({"sim.data", "timing", "sim.data"});
  std::vector<std::string> warnings;
  auto work = load_files(settings.design.file, files_of(settings), overrides, warnings,
                         choices_of(settings));
  const std::optional<int> columns = work->settings.columns;
  work->settings = settings;
  work->settings.columns = columns;
  static_cast<FileWorkload&>(*work).warnings = std::move(warnings);
  return work;
}

}  // namespace npu::cli
