// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/command.h"

#include <algorithm>

#include "hw-model/arch/dma.h"

namespace npu::arch {

namespace {

std::optional<Location> location_of(uint32_t address, Generation generation) {
  const Coord tile = tile_of(address);
  if (tile.row >= kRows)
    return std::nullopt;
  return find_register(tile.kind(), generation, offset_of(address));
}

/// `: a 1, b 2`, or nothing when no field is set.
class FieldList {
 public:
  void add(std::string_view name, int64_t value) {
    text_ += fmt::format("{} {} {}", text_.empty() ? ":" : ",", name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

bool is_queue(RegisterId id) {
  return id == RegisterId::S2mmQueue || id == RegisterId::Mm2sQueue;
}

/// A task as the queue understands it: a repeat of 0 in the word is one execution.
std::string task_text(uint32_t value) {
  const std::array words{value};
  FieldList list;
  list.add("start_bd", get(words, queue::kStartBd));
  list.add("repeat", get(words, queue::kRepeat));
  if (get(words, queue::kToken))
    list.add("token", 1);
  return list.take();
}

/// The fields of a register that are not zero. A register that is one whole field needs no list.
std::string fields_text(const Location& location, uint32_t value) {
  const Register& row = *location.row;
  const std::array words{value};
  FieldList list;
  for (const RegisterField& field : row.fields)
    if (const int64_t v = get(words, bits(0, field.msb, field.lsb));
        v != 0 && row.fields.size() > 1)
      list.add(field.name, v);
  return list.take();
}

/// The fields of a descriptor that differ from an all-zero one.
std::string bd_text(TileKind kind, std::span<const uint32_t> words) {
  const std::array<uint32_t, 8> zero{};
  FieldList list;
  for (const FieldRow<BdField>& row : bd_fields(kind))
    if (const int64_t v = get(words, row.bits); v != get(zero, row.bits))
      list.add(row.name, v);
  return list.take();
}

std::string_view name_of(Direction direction) {
  return direction == Direction::S2mm ? "s2mm" : "mm2s";
}

struct Text {
  Generation generation;

  std::string name(uint32_t address) const { return name_address(generation, address); }

  std::string operator()(const Write& w) const {
    std::string text = fmt::format("write {} = 0x{:08x}", name(w.address), w.value);
    if (const auto location = location_of(w.address, generation))
      text += is_queue(location->row->id) ? task_text(w.value) : fields_text(*location, w.value);
    return text;
  }

  std::string operator()(const BlockWrite& b) const {
    const TileKind kind = tile_of(b.address).kind();
    const auto location = location_of(b.address, generation);
    if (location && location->row->id == RegisterId::Bd && location->word == 0 &&
        b.words.size() == static_cast<size_t>(bd_words(kind)))
      return fmt::format("write {}.dma.bd{}{}", to_string(tile_of(b.address)), location->index,
                         bd_text(kind, b.words));
    return fmt::format("write {} .. {} words", name(b.address), b.words.size());
  }

  std::string operator()(const MaskWrite& w) const {
    return fmt::format("mask write {} = 0x{:08x} under 0x{:08x}", name(w.address), w.value, w.mask);
  }

  std::string operator()(const MaskPoll& p) const {
    return fmt::format("poll {} & 0x{:08x} == 0x{:08x}", name(p.address), p.mask, p.value);
  }

  std::string operator()(const AddressPatch& p) const {
    return fmt::format("patch {} += argument {} + {}", name(p.address), p.argument, p.offset);
  }

  std::string operator()(const Sync& s) const {
    std::string text = fmt::format("sync {}.{}{}", to_string(Coord{s.col, s.row}),
                                   name_of(s.direction), s.channel);
    if (s.columns != 1 || s.rows != 1)
      text += fmt::format(" over {} columns x {} rows", s.columns, s.rows);
    return text;
  }

  std::string operator()(const Load& l) const { return fmt::format("load configuration {}", l.id); }
};

}  // namespace

std::optional<Coord> last_tile(const Command& command) {
  if (const auto* sync = std::get_if<Sync>(&command))
    return Coord{static_cast<uint8_t>(sync->col + std::max<int>(sync->columns, 1) - 1), sync->row};
  return std::visit(
      [](const auto& at) -> std::optional<Coord> {
        if constexpr (requires { at.address; })
          return tile_of(at.address);
        else
          return std::nullopt;
      },
      command);
}

std::string to_string(const Command& command, Generation generation) {
  return std::visit(Text{generation}, command);
}

}  // namespace npu::arch
