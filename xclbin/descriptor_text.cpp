// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/descriptor_text.h"

#include <cstdlib>

#include "hw-model/arch/device.h"
#include "hw-model/arch/dma.h"

namespace npu::xclbin {

namespace {

using arch::BdField;
using arch::Coord;
using arch::TileKind;

/// A number of a descriptor seen in the windows of a memtile: west neighbour, own tile, east.
struct InWindow {
  Coord tile;
  std::string_view prefix;
  uint32_t number;
};

InWindow in_window(Coord tile, uint32_t number, uint32_t window) {
  if (tile.kind() != TileKind::Memtile)
    return {tile, "", number};
  const uint32_t side = number / window;
  const int col = tile.col + static_cast<int>(side) - 1;
  constexpr std::string_view kPrefixes[] = {"west.", "", "east."};
  return {
      {static_cast<uint8_t>(col), tile.row}, side < 3 ? kPrefixes[side] : "none.", number % window};
}

class Printer {
 public:
  Printer(Coord tile, std::span<const uint32_t> words, const arch::Names* names)
      : tile_(tile), words_(words), names_(names) {}

  std::string run() {
    base();
    add("length={}", value(BdField::Length));
    dims();
    iteration();
    packet();
    locks();
    if (value(BdField::UseNextBd))
      add("next=bd{}", value(BdField::NextBd));
    flag(BdField::TlastSuppress, "no_tlast");
    flag(BdField::EnableCompression, "compressed");
    if (const int64_t id = value(BdField::OutOfOrderId); id != 0)
      add("out_of_order={}", id);
    if (!value(BdField::Valid))
      add("invalid");
    return std::move(text_);
  }

 private:
  int64_t value(BdField field) const { return arch::get_bd(tile_.kind(), words_, field); }

  template <typename... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    if (!text_.empty())
      text_ += ' ';
    text_ += fmt::format(text, std::forward<Args>(args)...);
  }

  void flag(BdField field, std::string_view name) {
    if (value(field))
      add("{}", name);
  }

  void base() {
    if (tile_.kind() == TileKind::Shim)
      return add("base={:#x}", arch::shim_bd_address(words_));
    const InWindow place = in_window(tile_, static_cast<uint32_t>(4 * value(BdField::BaseAddress)),
                                     arch::facts(TileKind::Memtile).memory_bytes);
    const arch::BufferName* buffer = names_ ? names_->buffer_at(place.tile, place.number) : nullptr;
    add("base={}{:#x}{}", place.prefix, place.number, buffer ? " (" + buffer->name + ")" : "");
  }

  struct Dim {
    BdField step;
    std::optional<BdField> wrap;
    std::optional<BdField> before;
    std::optional<BdField> after;
  };

  void dims() {
    static constexpr Dim kDims[] = {
        {BdField::D0Step, BdField::D0Wrap, BdField::D0PadBefore, BdField::D0PadAfter},
        {BdField::D1Step, BdField::D1Wrap, BdField::D1PadBefore, BdField::D1PadAfter},
        {BdField::D2Step, BdField::D2Wrap, BdField::D2PadBefore, BdField::D2PadAfter},
        {BdField::D3Step, std::nullopt, std::nullopt, std::nullopt}};
    for (size_t i = 0; i < std::size(kDims); ++i) {
      const Dim& dim = kDims[i];
      const int64_t step = value(dim.step);
      const int64_t wrap = dim.wrap ? value(*dim.wrap) : 0;
      if (wrap != 0)
        add("d{}={}x{}", i, wrap, step);
      else if (step > 1)
        add("d{}=*x{}", i, step);
      const int64_t before = dim.before ? value(*dim.before) : 0;
      const int64_t after = dim.after ? value(*dim.after) : 0;
      if (before != 0 || after != 0)
        add("pad{}={}+{}", i, before, after);
    }
  }

  void iteration() {
    if (const int64_t size = value(BdField::IterationWrap); size > 1)
      add("iteration={}x{} at {}", size, value(BdField::IterationStep),
          value(BdField::IterationCurrent));
  }

  void packet() {
    if (value(BdField::EnablePacket))
      add("packet={} type={}", value(BdField::PacketId), value(BdField::PacketType));
  }

  std::string lock(int64_t number) const {
    const InWindow place =
        in_window(tile_, static_cast<uint32_t>(number), arch::facts(TileKind::Memtile).locks);
    return fmt::format("{}lock{}", place.prefix, place.number);
  }
  std::string lock_name(int64_t number) const {
    const InWindow place =
        in_window(tile_, static_cast<uint32_t>(number), arch::facts(TileKind::Memtile).locks);
    const arch::LockName* name =
        names_ ? names_->lock(place.tile, static_cast<int>(place.number)) : nullptr;
    return name ? " (" + name->name + ")" : "";
  }

  /// A negative acquire waits for at least that much and takes it, another waits for equality.
  void locks() {
    if (value(BdField::AcquireEnable)) {
      const int64_t amount = value(BdField::AcquireValue);
      const int64_t id = value(BdField::AcquireId);
      add("acq={}{}{}{}", lock(id), amount < 0 ? ">=" : "==", std::abs(amount), lock_name(id));
    }
    if (const int64_t amount = value(BdField::ReleaseValue); amount != 0)
      add("rel={}{:+}{}", lock(value(BdField::ReleaseId)), amount,
          lock_name(value(BdField::ReleaseId)));
  }

  Coord tile_;
  std::span<const uint32_t> words_;
  const arch::Names* names_;
  std::string text_;
};

}  // namespace

std::string descriptor_text(Coord tile, std::span<const uint32_t> words, const arch::Names* names) {
  return Printer(tile, words, names).run();
}

}  // namespace npu::xclbin
