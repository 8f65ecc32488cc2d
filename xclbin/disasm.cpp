// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/disasm.h"

#include "hw-model/arch/dma.h"
#include "hw-model/arch/program.h"
#include "xclbin/descriptor_text.h"

namespace npu::xclbin {

namespace {

using arch::Command;
using arch::Coord;
using arch::RegisterId;

/// The tile that a command is about.
struct TileOf {
  template <typename AtAddress>
  std::optional<Coord> operator()(const AtAddress& command) const {
    return arch::tile_of(command.address);
  }
  std::optional<Coord> operator()(const arch::Sync& sync) const {
    return Coord{sync.col, sync.row};
  }
  std::optional<Coord> operator()(const arch::Load&) const { return std::nullopt; }
};

class Disassembler {
 public:
  Disassembler(std::span<const Command> commands, const DisasmOptions& options)
      : commands_(commands), options_(options) {}

  std::vector<DisasmLine> run() {
    for (size_t i = 0; i < commands_.size();) {
      const size_t run = options_.fold ? descriptor_run(i) : 0;
      if (run != 0) {
        fold_writes(i, run);
      } else if (const auto* block = std::get_if<arch::BlockWrite>(&commands_[i]); block) {
        show_block(i, *block);
      } else {
        add(i, 1, arch::to_string(commands_[i], options_.generation));
      }
      i += run != 0 ? run : 1;
    }
    return std::move(lines_);
  }

 private:
  void add(size_t command, size_t count, std::string text) {
    const std::optional<Coord> tile = std::visit(TileOf(), commands_[command]);
    if (!options_.only || tile == options_.only)
      lines_.push_back({command, count, tile, std::move(text)});
  }

  std::optional<arch::Location> location(uint32_t address) const {
    const Coord tile = arch::tile_of(address);
    if (tile.row >= arch::kRows)
      return std::nullopt;
    return arch::find_register(tile.kind(), options_.generation, arch::offset_of(address));
  }

  bool begins_descriptor(uint32_t address) const {
    const auto place = location(address);
    return place && place->row->id == RegisterId::Bd && place->word == 0 && address % 4 == 0;
  }

  std::string descriptor(uint32_t address, std::span<const uint32_t> words) const {
    const Coord tile = arch::tile_of(address);
    return fmt::format("{}.dma.bd{}: {}", arch::to_string(tile), location(address)->index,
                       descriptor_text(tile, words, options_.names));
  }

  /// How many single writes from `first` on are one whole descriptor, word by word; 0: they are
  /// not.
  size_t descriptor_run(size_t first) const {
    const auto* begin = std::get_if<arch::Write>(&commands_[first]);
    if (!begin || !begins_descriptor(begin->address))
      return 0;
    const size_t words = static_cast<size_t>(arch::bd_words(arch::tile_of(begin->address).kind()));
    if (words > commands_.size() - first)
      return 0;
    for (size_t i = 1; i < words; ++i) {
      const auto* next = std::get_if<arch::Write>(&commands_[first + i]);
      if (!next || next->address != begin->address + 4 * i)
        return 0;
    }
    return words;
  }

  void fold_writes(size_t first, size_t count) {
    std::vector<uint32_t> words;
    for (size_t i = 0; i < count; ++i)
      words.push_back(std::get<arch::Write>(commands_[first + i]).value);
    add(first, count, descriptor(std::get<arch::Write>(commands_[first]).address, words));
  }

  /// A block may be several descriptors, one behind the other.
  void show_block(size_t command, const arch::BlockWrite& block) {
    const Coord tile = arch::tile_of(block.address);
    std::span<const uint32_t> rest = block.words;
    uint32_t address = block.address;
    while (options_.fold && begins_descriptor(address) &&
           rest.size() >= static_cast<size_t>(arch::bd_words(tile.kind()))) {
      const size_t words = static_cast<size_t>(arch::bd_words(tile.kind()));
      add(command, 1, descriptor(address, rest.first(words)));
      const size_t stride = arch::bd_offset(tile.kind(), 1) - arch::bd_offset(tile.kind(), 0);
      rest = rest.subspan(std::min(rest.size(), stride / 4));
      address += static_cast<uint32_t>(stride);
    }
    if (!rest.empty() || block.words.empty())
      add(command, 1,
          fmt::format("write {} .. {} words{}", arch::name_address(options_.generation, address),
                      rest.size(), contents(address, rest)));
  }

  /// What program memory is given.
  std::string contents(uint32_t address, std::span<const uint32_t> words) const {
    const auto place = location(address);
    if (!place || place->row->id != RegisterId::ProgramMemory || place->word != 0)
      return "";
    try {
      const std::optional<arch::Program> program = arch::decode(words);
      if (!program)
        return ": machine code";
      std::string text = fmt::format(": a program of {} instructions", program->code.size());
      for (size_t i = 0; i < program->kernels.size(); ++i)
        text += (i == 0 ? " with " : ", ") + arch::to_string(program->kernels[i]);
      return text;
    } catch (const Error& error) {
      return fmt::format(": a broken program: {}", error.what());
    }
  }

  std::span<const Command> commands_;
  DisasmOptions options_;
  std::vector<DisasmLine> lines_;
};

}  // namespace

std::vector<DisasmLine> disassemble(std::span<const Command> commands,
                                    const DisasmOptions& options) {
  return Disassembler(commands, options).run();
}

std::string to_text(std::span<const DisasmLine> lines) {
  std::string text;
  for (const DisasmLine& line : lines)
    text += fmt::format("{:5}  {}\n", line.command, line.text);
  return text;
}

Json to_json(std::span<const DisasmLine> lines) {
  Json json = Json::array();
  for (const DisasmLine& line : lines) {
    Json row{{"command", line.command}, {"commands", line.commands}};
    if (line.tile)
      row["tile"] = arch::to_string(*line.tile);
    row["text"] = line.text;
    json.push_back(std::move(row));
  }
  return json;
}

}  // namespace npu::xclbin
