// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/tile.h"
#include "xclbin/cdo.h"

namespace npu::xclbin {

namespace {

using arch::Command;
using F = CdoField;

/// Builds the Commands of a configuration.
class Decoder {
 public:
  /// False at the end of the configuration.
  bool take(const CdoView& op) {
    switch (op.code) {
      case CdoCode::End:
        return false;
      case CdoCode::Write:
      case CdoCode::Write64:
        add(arch::Write{address(op), op.get(F::Value)});
        break;
      case CdoCode::MaskWrite:
      case CdoCode::MaskWrite64:
        add(arch::MaskWrite{address(op), op.get(F::Mask), op.get(F::Value)});
        break;
      case CdoCode::MaskPoll:
      case CdoCode::MaskPoll64:
        add(arch::MaskPoll{address(op), op.get(F::Mask), op.get(F::Value)});
        break;
      case CdoCode::DmaWrite:
        add(arch::BlockWrite{address(op), Words(op.data().begin(), op.data().end())});
        break;
      case CdoCode::Set:
        add(fill(op));
        break;
      case CdoCode::Nop:
      case CdoCode::Marker:
      case CdoCode::Delay:
      case CdoCode::BlockBegin:
      case CdoCode::BlockEnd:
        ++result_.skipped[std::string(op.row->name)];
        break;
      default:
        ++result_.unmodelled[op.row ? std::string(op.row->name)
                                    : fmt::format("command {:#x}", static_cast<uint32_t>(op.code))];
    }
    return true;
  }

  Decoded result() { return std::move(result_); }

 private:
  void add(Command command) { result_.commands.push_back(std::move(command)); }

  static uint32_t address(const CdoView& op) {
    if (op.get(F::AddressHigh) != 0)
      throw Error("cdo at {:#x}: {}: address {:#x} needs more than 32 bits", op.offset,
                  op.row->name, uint64_t{op.get(F::AddressHigh)} << 32 | op.get(F::Address));
    return op.get(F::Address);
  }

  arch::BlockWrite fill(const CdoView& op) {
    const uint32_t count = op.get(F::Count);
    filled_ += count;
    if (count > arch::kTileWindow / 4)
      throw Error("cdo at {:#x}: set: {} words are more than a tile has", op.offset, count);
    if (filled_ > kMostFilled)
      throw Error("cdo at {:#x}: set: {} words in all are more than an array has", op.offset,
                  filled_);
    return {address(op), Words(count, op.get(F::Value))};
  }

  static constexpr uint64_t kMostFilled = uint64_t{16} << 20;

  Decoded result_;
  uint64_t filled_ = 0;  ///< words, of fills
};

/// A NOP of `words` words in all.
CdoCommand nop(size_t words) {
  return {CdoCode::Nop, Words(words - 1)};
}

/// Words of a command before its payload.
size_t head_words(const CdoCommand& command) {
  return command.payload.size() >= 255 ? 2 : 1;
}

/// The commands of one file, and the place in it where the next begins.
class File {
 public:
  void add(CdoCommand command) {
    position_ += head_words(command) + command.payload.size();
    commands_.push_back(std::move(command));
  }

  /// A block whose data begins `phase` words behind a multiple of 16 bytes.
  void add_block(CdoCommand command, size_t phase) {
    const size_t data = position_ + head_words(command) + 2;
    if (const size_t gap = (phase + 4 - data % 4) % 4; gap != 0)
      add(nop(gap));
    add(std::move(command));
  }

  std::vector<CdoCommand> take() { return std::move(commands_); }

 private:
  std::vector<CdoCommand> commands_;
  size_t position_ = kCdoHeaderWords;
};

/// Adds one Command in the form of the driver.
struct DriverForm {
  File& file;

  void operator()(const arch::Write& w) const {
    file.add({CdoCode::Write64, {0, w.address, w.value}});
  }
  void operator()(const arch::MaskWrite& w) const {
    file.add({CdoCode::MaskWrite64, {0, w.address, w.mask, w.value}});
  }
  void operator()(const arch::BlockWrite& b) const {
    Words payload{0, b.address};
    payload.insert(payload.end(), b.words.begin(), b.words.end());
    file.add_block({CdoCode::DmaWrite, std::move(payload)}, 0);
  }
  template <typename Other>
  void operator()(const Other& other) const {
    throw Error("a configuration cannot contain `{}`", arch::to_string(Command(other)))
        .hint("writes, mask writes and block writes; loaders refuse all else");
  }
};

/// The 32-bit form of a command whose address needs no more.
CdoCommand narrowed(const CdoCommand& command) {
  const Words& p = command.payload;
  if (p.empty() || p[0] != 0)
    return command;
  switch (command.code) {
    case CdoCode::Write64:
      return {CdoCode::Write, Words(p.begin() + 1, p.end())};
    case CdoCode::MaskWrite64:
      return {CdoCode::MaskWrite, Words(p.begin() + 1, p.end())};
    case CdoCode::MaskPoll64: {
      CdoCommand poll{CdoCode::MaskPoll, Words(p.begin() + 1, p.end())};
      if (poll.payload.size() == 5 && poll.payload[4] == 0)
        poll.payload.pop_back();
      return poll;
    }
    case CdoCode::DmaWrite:
      if (p.size() == 3)
        return {CdoCode::Write, {p[1], p[2]}};
      return command;
    default:
      return command;
  }
}

/// Where a command of the configuration belongs.
arch::Commands& phase_of(const Command& command, Phases& phases) {
  const auto register_of = [](uint32_t address) -> std::optional<arch::RegisterId> {
    const arch::Coord tile = arch::tile_of(address);
    if (tile.row >= arch::kRows || tile.kind() != arch::TileKind::Core)
      return std::nullopt;
    const auto place =
        arch::find_register(arch::TileKind::Core, arch::Generation::Aie2, arch::offset_of(address));
    return place ? std::optional(place->row->id) : std::nullopt;
  };
  if (const auto* block = std::get_if<arch::BlockWrite>(&command)) {
    const auto id = register_of(block->address);
    if (id == arch::RegisterId::ProgramMemory || id == arch::RegisterId::DataMemory)
      return phases.elfs;
  }
  constexpr uint32_t kEnable = 1;
  if (const auto* write = std::get_if<arch::Write>(&command))
    if (write->value & kEnable && register_of(write->address) == arch::RegisterId::CoreControl)
      return phases.enable;
  if (const auto* write = std::get_if<arch::MaskWrite>(&command))
    if (write->mask & write->value & kEnable &&
        register_of(write->address) == arch::RegisterId::CoreControl)
      return phases.enable;
  return phases.init;
}

}  // namespace

Decoded to_commands(const Cdo& cdo) {
  Decoder decoder;
  uint64_t offset = 4 * kCdoHeaderWords;
  for (const CdoCommand& command : cdo.commands) {
    if (!decoder.take({command.code, find_cdo_op(command.code), command.payload, offset}))
      break;
    offset += 4 * (head_words(command) + command.payload.size());
  }
  return decoder.result();
}

Cdo to_cdo(std::span<const Command> commands) {
  File file;
  file.add(nop(1));
  for (const Command& command : commands)
    std::visit(DriverForm{file}, command);
  return {file.take()};
}

Cdo pack(std::span<const Cdo> files) {
  Cdo packed;
  for (const Cdo& cdo : files) {
    File file;
    for (const CdoCommand& command : cdo.commands) {
      if (command.code == CdoCode::End)
        break;
      CdoCommand narrow = narrowed(command);
      if (narrow.code == CdoCode::DmaWrite) {
        const size_t phase = narrow.payload.at(1) / 4 % 4;
        file.add_block(std::move(narrow), phase);
      } else {
        file.add(std::move(narrow));
      }
    }
    for (CdoCommand& command : file.take())
      packed.commands.push_back(std::move(command));
  }
  return packed;
}

Phases split_phases(std::span<const Command> commands) {
  Phases phases;
  for (const Command& command : commands)
    phase_of(command, phases).push_back(command);
  return phases;
}

}  // namespace npu::xclbin
