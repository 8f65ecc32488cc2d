// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/core_program.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <set>

#include "cli/container_files.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/program.h"
#include "hw-model/diagnosis/image.h"
#include "hw-model/logic/kernel_registry.h"

namespace npu::cli {
namespace {

using arch::Instruction;
using arch::Op;
using diagnosis::TaskBd;
using observe::AgentKind;

/// Descriptors of the core's channels, inputs first, as the configuration starts them.
std::vector<std::vector<TaskBd>> rings_of(const diagnosis::Image& image, arch::Coord core) {
  std::vector<std::vector<TaskBd>> rings;
  for (const AgentKind kind : {AgentKind::S2mm, AgentKind::Mm2s})
    for (uint8_t channel = 0; channel < arch::facts(arch::TileKind::Core).s2mm_channels; ++channel)
      if (const auto tasks = image.tasks_of({core, kind, channel}); !tasks.empty())
        rings.push_back(tasks.front()->chain);
  return rings;
}

/// Calls one kernel for ever on what the channels fill and empty.
class CallingProgram {
 public:
  CallingProgram(arch::KernelSpec kernel, arch::Coord core) : core_(core) {
    program_.kernels = {std::move(kernel)};
  }

  /// One call, on the descriptors that the rings have come to.
  void add_call(const std::vector<std::vector<TaskBd>>& rings, size_t turn) {
    for (const auto& ring : rings)
      acquire(ring[turn % ring.size()]);
    for (size_t i = 0; i < rings.size(); ++i)
      add({.op = Op::Const,
           .dst = static_cast<uint8_t>(1 + i),
           .imm = static_cast<int32_t>(arch::kCoreOwn + rings[i][turn % rings[i].size()].address)});
    add({.op = Op::Call, .a = 1, .b = static_cast<uint8_t>(rings.size())});
    for (const auto& ring : rings)
      release(ring[turn % ring.size()]);
  }

  arch::Program take() {
    add({.op = Op::Jump, .imm = 0});
    return std::move(program_);
  }

 private:
  void add(const Instruction& instruction) { program_.code.push_back(instruction); }

  /// What the channel gives, the core takes.
  void acquire(const TaskBd& bd) {
    check(bd);
    add({.op = Op::Acquire, .a = number(*bd.release), .imm = -bd.bd.release});
  }
  void release(const TaskBd& bd) {
    add({.op = Op::Release, .a = number(*bd.acquire), .imm = std::abs(bd.bd.acquire->value)});
  }
  void check(const TaskBd& bd) const {
    if (!bd.acquire || !bd.release || !bd.bd.acquire || bd.bd.release == 0)
      throw Error("--core {},{}: descriptor {} of {} has not both locks", core_.col, core_.row,
                  bd.id, arch::to_string(core_))
          .hint("name a file with a program instead of a kernel");
  }
  static uint8_t number(const diagnosis::LockRef& lock) {
    return static_cast<uint8_t>(arch::kCoreOwnLocks + lock.lock);
  }

  arch::Coord core_;
  arch::Program program_;
};

arch::Program calling(const std::string& text, arch::Coord core, const diagnosis::Image& image) {
  const arch::KernelSpec kernel = arch::parse_kernel(text);
  const auto rings = rings_of(image, core);
  const size_t wanted = logic::find_kernel(kernel).arguments.size();
  if (rings.size() != wanted)
    throw Error("--core {},{}={}: the kernel has {} arguments, {} has {} channels at work",
                core.col, core.row, text, wanted, arch::to_string(core), rings.size())
        .hint("name a file with a program instead of a kernel");
  CallingProgram program(kernel, core);
  size_t turns = 1;
  for (const auto& ring : rings)
    turns = std::lcm(turns, ring.size());
  for (size_t turn = 0; turn < turns; ++turn)
    program.add_call(rings, turn);
  return program.take();
}

arch::Program from_file(const std::string& path) {
  return in_file(path, [](xclbin::View bytes) {
    return arch::parse_program({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  });
}

bool is_in_program_of(const arch::Command& command, arch::Coord core) {
  return std::visit(
      [&](const auto& at) {
        if constexpr (requires { at.address; }) {
          if (arch::tile_of(at.address) != core)
            return false;
          const auto place = arch::find_register(arch::TileKind::Core, arch::Generation::Aie2,
                                                 arch::offset_of(at.address));
          return place && place->row->id == arch::RegisterId::ProgramMemory;
        } else {
          return false;
        }
      },
      command);
}

std::set<arch::Coord> enabled_cores(const arch::Commands& configuration,
                                    const arch::Partition& partition, const arch::Timing& timing) {
  diagnosis::Image image(partition, timing);
  image.configure(configuration);
  const uint32_t control =
      arch::register_offset(arch::TileKind::Core, arch::RegisterId::CoreControl);
  constexpr uint32_t kEnable = 1;
  std::set<arch::Coord> enabled;
  for (int col = 0; col < partition.columns; ++col)
    for (int row = arch::kFirstCoreRow; row < arch::kRows; ++row) {
      const arch::Coord core{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      if (image.written(arch::address_of(core, control)).value_or(0) & kEnable)
        enabled.insert(core);
    }
  return enabled;
}

}  // namespace

std::vector<std::pair<arch::Coord, std::string>> parse_cores(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<arch::Coord, std::string>> cores;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const size_t comma = text.find(',');
    int col = -1;
    int row = -1;
    const bool parts = equals != std::string::npos && comma < equals;
    const auto number = [&](size_t from, size_t to, int& value) {
      const auto [stop, problem] = std::from_chars(text.data() + from, text.data() + to, value);
      return problem == std::errc{} && stop == text.data() + to;
    };
    if (!parts || !number(0, comma, col) || !number(comma + 1, equals, row))
      throw Error("--core {}: no column, row and `=`", text).hint("--core 0,2=zero f32 1024");
    const bool inside = col >= 0 && col < arch::kMaxColumns && row >= 0 && row < arch::kRows;
    const arch::Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
    if (!inside || tile.kind() != arch::TileKind::Core)
      throw Error("--core {}: there is no core", text)
          .hint("cores are in rows 2 to {}", arch::kRows - 1);
    cores.emplace_back(tile, text.substr(equals + 1));
  }
  return cores;
}

bool is_program_of_core(uint32_t address) {
  const arch::Coord tile = arch::tile_of(address);
  return tile.row < arch::kRows && tile.kind() == arch::TileKind::Core &&
         arch::offset_of(address) ==
             arch::register_offset(arch::TileKind::Core, arch::RegisterId::ProgramMemory);
}

void replace_program(arch::Commands& configuration, arch::Coord core, const std::string& what,
                     const arch::Partition& partition, const arch::Timing& timing) {
  if (!partition.contains(core))
    throw Error("--core {},{}: the partition has columns 0 to {}", core.col, core.row,
                partition.columns - 1);
  std::erase_if(configuration,
                [&](const arch::Command& command) { return is_in_program_of(command, core); });
  arch::Program program;
  if (std::filesystem::exists(what)) {
    program = from_file(what);
  } else {
    diagnosis::Image image(partition, timing);
    image.configure(configuration);
    program = calling(what, core, image);
  }
  const uint32_t offset =
      arch::register_offset(arch::TileKind::Core, arch::RegisterId::ProgramMemory);
  configuration.insert(configuration.begin(),
                       arch::BlockWrite{arch::address_of(core, offset), arch::encode(program)});
}

void replace_programs(compiler::Lowered& lowered, std::string_view file,
                      const compiler::Design& programs, const arch::Partition& partition,
                      const arch::Timing& timing) {
  const arch::Device& device = *programs.partition.device;
  if (device.generation != partition.device->generation)
    throw Error("{}: is for {}, the container for {}", file, device.name, partition.device->name);
  const std::set<arch::Coord> enabled = enabled_cores(lowered.configuration, partition, timing);
  std::set<arch::Coord> missing = enabled;
  for (const compiler::Core& core : programs.cores)
    if (missing.erase(core.tile) == 0)
      throw Error("{}: the container does not enable {}", core.source, arch::to_string(core.tile))
          .hint("are these the cores of another design?");
  if (!missing.empty())
    throw Error("{}: no core for {}, which the container enables ({} of {} missing)", file,
                arch::to_string(*missing.begin()), missing.size(), enabled.size());
  std::erase_if(lowered.configuration, [&](const arch::Command& command) {
    return std::ranges::any_of(enabled,
                               [&](arch::Coord core) { return is_in_program_of(command, core); });
  });
  arch::Commands commands = compiler::emit_programs(programs);
  commands.insert(commands.end(), std::make_move_iterator(lowered.configuration.begin()),
                  std::make_move_iterator(lowered.configuration.end()));
  lowered.configuration = std::move(commands);
  lowered.design.cores = programs.cores;
  lowered.design.arguments = programs.arguments;
  const arch::Names names = compiler::names_of(programs);
  const auto take = [](auto& own, const auto& others) {
    if (own.empty())
      own = others;
  };
  take(lowered.names.buffers, names.buffers);
  take(lowered.names.locks, names.locks);
  take(lowered.names.cores, names.cores);
}

}  // namespace npu::cli
