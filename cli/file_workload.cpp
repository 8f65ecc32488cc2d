// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/file_workload.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include <fmt/ranges.h>

#include "cli/container_files.h"
#include "cli/core_program.h"
#include "hw-model/arch/program.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"
#include "xclbin/info.h"

namespace npu::cli {
namespace {

using xclbin::Bytes;

/// A buffer of the host, and the files it comes from, goes to and is compared with.
struct HostFile {
  std::vector<std::byte> data;
  uint64_t bytes = 0;
  std::string output;
  std::optional<Bytes> expected;
};

/// `2=c.bin` taken apart.
struct Numbered {
  uint32_t index = 0;
  std::string value;
};

Numbered parse_numbered(const std::string& option, const std::string& text) {
  const size_t equals = text.find('=');
  Numbered result;
  const char* end = text.data() + std::min(equals, text.size());
  const auto [stop, problem] = std::from_chars(text.data(), end, result.index);
  if (equals == std::string::npos || problem != std::errc{} || stop != end)
    throw Error("{} {}: no number and `=`", option, text).hint("{} 0=...", option);
  if (result.index >= xclbin::kMostBuffers)
    throw Error("{} {}: a kernel has arguments 0 to {}", option, text, xclbin::kMostBuffers - 1);
  result.value = text.substr(equals + 1);
  return result;
}

std::map<uint32_t, std::string> parse_all(const std::string& option,
                                          const std::vector<std::string>& texts) {
  std::map<uint32_t, std::string> values;
  for (const std::string& text : texts) {
    Numbered one = parse_numbered(option, text);
    if (!values.emplace(one.index, std::move(one.value)).second)
      throw Error("{} {}: argument {} is given twice", option, text, one.index);
  }
  return values;
}

uint64_t parse_size(uint32_t argument, const std::string& text) {
  uint64_t size = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (problem != std::errc{} || stop != text.data() + text.size() || size == 0)
    throw Error("--size {}={}: no number of bytes", argument, text);
  return size;
}

/// Which arguments a sequence uses.
std::vector<uint32_t> used_arguments(const arch::Commands& sequence) {
  std::vector<uint32_t> used;
  for (const arch::Command& command : sequence)
    if (const auto* patch = std::get_if<arch::AddressPatch>(&command))
      used.push_back(patch->argument);
  std::ranges::sort(used);
  used.erase(std::ranges::unique(used).begin(), used.end());
  return used;
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

/// How two buffers differ, byte by byte.
void compare(uint32_t argument, std::span<const std::byte> got, const Bytes& expected,
             Comparison& comparison) {
  const auto value = [](auto byte) { return fmt::format("{:#04x}", static_cast<unsigned>(byte)); };
  comparison.elements += expected.size();
  for (size_t i = 0; i < expected.size(); ++i) {
    if (got[i] == std::byte{expected[i]})
      continue;
    if (comparison.mismatches++ == 0) {
      comparison.place = fmt::format("byte {} of argument {}", i, argument);
      comparison.expected = value(expected[i]);
      comparison.got = value(got[i]);
    }
  }
}

class FileWorkload : public Workload {
 public:
  /// Buffers for what the options and the sequence name.
  void add_buffers(const FileOptions& options);

  std::vector<sim::HostBuffer> arguments() override {
    std::vector<sim::HostBuffer> buffers;
    for (HostFile& file : files_)
      buffers.push_back({file.data.empty() ? nullptr : file.data.data(), file.bytes});
    return buffers;
  }
  void prepare() override {}
  std::optional<Comparison> check() override {
    Comparison comparison{.unit = "bytes"};
    for (uint32_t i = 0; i < files_.size(); ++i)
      if (files_[i].expected)
        compare(i, files_[i].data, *files_[i].expected, comparison);
    if (comparison.elements == 0)
      return std::nullopt;
    return comparison;
  }
  double macs() const override { return macs_ ? macs_->macs() : 0; }
  observe::Observer* observer() override { return &macs_.emplace(lowered.design.cores); }
  std::vector<std::string> remarks(const observe::Counters& counters) const override;
  void leave() const override {
    for (const HostFile& file : files_)
      if (!file.output.empty() && !settings.sim.timing_only())
        xclbin::write_file(file.output,
                           {reinterpret_cast<const uint8_t*>(file.data.data()), file.data.size()});
  }

  std::string kernel;

 private:
  HostFile& at(uint32_t argument) {
    if (files_.size() <= argument)
      files_.resize(argument + 1);
    return files_[argument];
  }
  uint64_t size_of(uint32_t argument, const std::map<uint32_t, std::string>& sizes) const;
  const arch::ArgumentName* name_of(uint32_t argument) const;
  std::string call(uint32_t argument) const;

  std::vector<HostFile> files_;
  std::optional<MacCounter> macs_;
};

const arch::ArgumentName* FileWorkload::name_of(uint32_t argument) const {
  const auto& names = lowered.names.arguments;
  const auto found = std::ranges::find(names, argument, &arch::ArgumentName::index);
  return found == names.end() ? nullptr : &*found;
}

/// `argument 2 (C)`
std::string FileWorkload::call(uint32_t argument) const {
  const arch::ArgumentName* name = name_of(argument);
  return fmt::format("argument {}{}", argument, name ? fmt::format(" ({})", name->name) : "");
}

uint64_t FileWorkload::size_of(uint32_t argument,
                               const std::map<uint32_t, std::string>& sizes) const {
  if (const auto size = sizes.find(argument); size != sizes.end())
    return parse_size(argument, size->second);
  if (const arch::ArgumentName* name = name_of(argument); name && name->bytes != 0)
    return name->bytes;
  throw Error("the size of argument {} is not known", argument)
      .hint("--size {}=BYTES, or its contents with --arg {}=FILE", argument, argument);
}

void FileWorkload::add_buffers(const FileOptions& options) {
  const auto sizes = parse_all("--size", options.sizes);
  for (const auto& [index, path] : parse_all("--arg", options.inputs)) {
    const Bytes bytes = xclbin::read_file(path);
    HostFile& file = at(index);
    file.bytes = sizes.contains(index) ? parse_size(index, sizes.at(index)) : bytes.size();
    if (bytes.size() > file.bytes)
      throw Error("--arg {}={}: {} bytes do not fit into a buffer of {}", index, path, bytes.size(),
                  file.bytes);
    if (const arch::ArgumentName* name = name_of(index); name && file.bytes != name->bytes)
      throw Error("--arg {}={}: {} has {} bytes, not {}", index, path, call(index), name->bytes,
                  file.bytes);
    const std::span<const std::byte> contents = std::as_bytes(std::span(bytes));
    file.data.assign(contents.begin(), contents.end());
  }
  for (const auto& [index, path] : parse_all("--out", options.outputs)) {
    HostFile& file = at(index);
    file.output = path;
    if (file.bytes == 0)
      file.bytes = size_of(index, sizes);
  }
  for (const auto& [index, path] : parse_all("--expect", options.expected)) {
    HostFile& file = at(index);
    if (file.bytes == 0)
      file.bytes = size_of(index, sizes);
    file.expected = xclbin::read_file(path);
    if (file.expected->size() != file.bytes)
      throw Error("--expect {}={}: {} has {} bytes, the file {}", index, path, call(index),
                  file.bytes, file.expected->size());
  }
  for (const uint32_t index : used_arguments(lowered.sequence))
    if (at(index).bytes == 0)
      throw Error("the instructions use {}, which has no file", call(index))
          .hint("--arg {}=FILE for what goes in, --out {}=FILE for what comes out", index, index);
  if (settings.sim.timing_only())
    return;
  for (HostFile& file : files_)
    file.data.resize(file.bytes);
}

std::vector<std::string> FileWorkload::remarks(const observe::Counters& counters) const {
  for (const observe::FaultCount& count : counters.faults())
    if (count.fault.kind == observe::FaultKind::UnknownProgram)
      return {
          fmt::format("{} is the first that would execute unknown code: {:#010x} at 0x0 of its "
                      "program memory, from the PDI of kernel `{}` in AIE_PARTITION; give it a "
                      "stand-in with --core {},{}=KERNEL",
                      arch::to_string(count.fault.agent.tile), count.fault.value, kernel,
                      count.fault.agent.tile.col, count.fault.agent.tile.row)};
  return {};
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

/// The tile of a command, or the right end of the tiles of a sync.
std::optional<arch::Coord> last_tile(const arch::Command& command) {
  if (const auto* sync = std::get_if<arch::Sync>(&command))
    return arch::Coord{static_cast<uint8_t>(sync->col + std::max<int>(sync->columns, 1) - 1),
                       sync->row};
  return std::visit(
      [](const auto& at) -> std::optional<arch::Coord> {
        if constexpr (requires { at.address; })
          return arch::tile_of(at.address);
        else
          return std::nullopt;
      },
      command);
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
  if (!used.empty() && used.back() >= limits.translated_buffers.value)
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

bool FileOptions::any() const {
  return !kernel.empty() || !insts.empty() || !inputs.empty() || !outputs.empty() ||
         !sizes.empty() || !expected.empty() || !cores.empty() || !programs.empty();
}

std::optional<BeyondColumns> beyond_columns(const arch::Commands& commands, int columns) {
  for (size_t i = 0; i < commands.size(); ++i)
    if (const auto tile = last_tile(commands[i]); tile && tile->col >= columns)
      return BeyondColumns{i, tile->col};
  return std::nullopt;
}

void add_file_options(CLI::App& command, FileOptions& options) {
  const auto add = [&](const std::string& name, auto& value, const char* type,
                       const char* sentence) {
    return command.add_option(name, value, sentence)->type_name(type);
  };
  const auto add_list = [&](const std::string& name, auto& value, const char* type,
                            const char* sentence) {
    add(name, value, type, sentence)->expected(1)->take_all();
  };
  add("--kernel", options.kernel, "NAME", "of an xclbin with several");
  add("--insts", options.insts, "FILE", "instruction stream of an xclbin");
  add_list("--arg", options.inputs, "N=FILE",
           "contents of argument N; of MLIR also N=2*iota+1 or NAME=7");
  add_list("--out", options.outputs, "N=FILE", "write argument N there");
  add_list("--size", options.sizes, "N=BYTES", "of an argument without a file");
  add_list("--expect", options.expected, "N=FILE",
           "what argument N should be; of MLIR also N=arg0+1");
  add_list("--core", options.cores, "COL,ROW=WHAT",
           "a kernel or a program file instead of its code");
  add_programs_option(command, options);
}

void add_programs_option(CLI::App& command, FileOptions& options) {
  command
      .add_option("--cores", options.programs, "of an xclbin: bodies for its cores, with addresses")
      ->type_name("FILE.mlir");
}

bool is_container(const std::string& path) {
  if (path.ends_with(".xclbin"))
    return true;
  try {
    return xclbin::identify(head_of(path)) == xclbin::FileKind::Container;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Workload> load_files(const std::string& path, const FileOptions& options,
                                     const std::vector<Override>& overrides,
                                     std::vector<std::string>& warnings) {
  if (options.insts.empty() && !options.generation)
    throw Error("{}: a container runs with an instruction stream", path).hint("--insts FILE");
  auto work = std::make_unique<FileWorkload>();
  const xclbin::Container container =
      in_file(path, [](xclbin::View bytes) { return xclbin::read_container(bytes); });
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
  if (loads_images(work->lowered.sequence))
    work->loads = in_words(path, [&] { return xclbin::load_images(container); });
  for (const auto& [tile, what] : parse_cores(options.cores))
    replace_program(kernel.configuration, tile, what, work->settings.partition(),
                    work->settings.device.timing);
  work->lowered.configuration = std::move(kernel.configuration);
  work->lowered.design.cores = cores_of(work->lowered.configuration);
  if (!options.design_only)
    work->add_buffers(options);
  return work;
}

}  // namespace npu::cli
