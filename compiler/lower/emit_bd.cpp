// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/lower/emit_bd.h"

#include <array>

#include "compiler/design/reach.h"
#include "compiler/design/text.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::BdField;
using arch::TileKind;

constexpr std::array kSteps{BdField::D0Step, BdField::D1Step, BdField::D2Step, BdField::D3Step};
constexpr std::array kWraps{BdField::D0Wrap, BdField::D1Wrap, BdField::D2Wrap};
constexpr std::array kPadsBefore{BdField::D0PadBefore, BdField::D1PadBefore, BdField::D2PadBefore};
constexpr std::array kPadsAfter{BdField::D0PadAfter, BdField::D1PadAfter, BdField::D2PadAfter};

/// Fields of one descriptor, set by name.
class Words {
 public:
  explicit Words(TileKind kind) : kind_(kind), words_(static_cast<size_t>(arch::bd_words(kind))) {}

  void put(BdField field, int64_t value) { arch::put_bd(kind_, words_, field, value); }
  void put(BdField field, uint64_t value) { put(field, static_cast<int64_t>(value)); }
  void put(BdField field, int value) { put(field, int64_t{value}); }

  /// The wrap of the last dimension is written when it has a field and the value fits; it changes
  /// nothing, because the walk ends there. A walk that goes on beyond it gets none.
  void put_dims(const std::vector<Dim>& dims, uint64_t words) {
    uint64_t product = 1;
    for (size_t i = 0; i < dims.size(); ++i) {
      put(kSteps.at(i), dims[i].step);
      product *= dims[i].size;
      const bool last = i + 1 == dims.size();
      if (i < kWraps.size() && (!last || (words <= product && fits(kWraps[i], dims[i].size))))
        put(kWraps[i], dims[i].size);
    }
  }

  void put_packet(const Packet& packet) {
    put(BdField::EnablePacket, 1);
    put(BdField::PacketId, packet.id);
    put(BdField::PacketType, packet.type);
  }

  void put_iteration(int size, uint64_t step) {
    if (size <= 1 || step == 0)
      return;
    put(BdField::IterationWrap, size);
    put(BdField::IterationStep, step);
  }

  std::vector<uint32_t> take() { return std::move(words_); }

 private:
  bool fits(BdField field, uint64_t value) const {
    const arch::FieldRow<BdField>* row = arch::bd_field(kind_, field);
    return row && value < uint64_t{1} << row->bits.width();
  }

  TileKind kind_;
  std::vector<uint32_t> words_;
};

int dma_lock(const Design& design, Coord tile, const LockUse& use) {
  const Lock& lock = design.locks[use.lock];
  return dma_window(tile, lock.tile)->lock + *lock.id;
}

/// The burst code of the longest burst: 256 bytes, on AIE2P 512 (hardware reference 4.4).
int longest_burst(const arch::Device& device) {
  return device.generation == arch::Generation::Aie2p ? 3 : 2;
}

}  // namespace

std::vector<uint32_t> descriptor_words(const Design& design, const Channel& channel,
                                       const Descriptor& descriptor) try {
  const Coord tile = channel.tile;
  const Buffer& buffer = design.buffers[descriptor.buffer];
  Words words(tile.kind());
  words.put(BdField::Length, descriptor.length);
  words.put(BdField::BaseAddress,
            (dma_window(tile, buffer.tile)->address + *buffer.address) / 4 + descriptor.offset);
  words.put_dims(descriptor.dims, memory_words(descriptor));
  for (size_t i = 0; i < descriptor.pads.size(); ++i)
    if (descriptor.pads[i] != Pad{}) {
      words.put(kPadsBefore.at(i), descriptor.pads[i].before);
      words.put(kPadsAfter.at(i), descriptor.pads[i].after);
    }
  if (descriptor.packet)
    words.put_packet(*descriptor.packet);
  if (descriptor.out_of_order_id)
    words.put(BdField::OutOfOrderId, *descriptor.out_of_order_id);
  words.put_iteration(descriptor.iteration_size, descriptor.iteration_step);
  words.put(BdField::IterationCurrent, descriptor.iteration_current);
  words.put(BdField::TlastSuppress, descriptor.suppress_tlast ? 1 : 0);
  if (descriptor.next) {
    words.put(BdField::UseNextBd, 1);
    words.put(BdField::NextBd, *channel.descriptors[*descriptor.next].id);
  }
  if (const auto& acquire = descriptor.acquire) {
    words.put(BdField::AcquireEnable, 1);
    words.put(BdField::AcquireId, dma_lock(design, tile, *acquire));
    words.put(BdField::AcquireValue, acquire->equal ? acquire->value : -acquire->value);
  }
  if (const auto& release = descriptor.release) {
    words.put(BdField::ReleaseId, dma_lock(design, tile, *release));
    words.put(BdField::ReleaseValue, release->value);
  }
  words.put(BdField::Valid, 1);
  return words.take();
} catch (const Error& error) {
  throw Error("{}: descriptor {}: {}{}", describe(channel), descriptor.id.value_or(-1),
              error.what(), location(descriptor.source));
}

std::vector<uint32_t> transfer_words(const Design& design, const Transfer& transfer) try {
  Words words(TileKind::Shim);
  words.put(BdField::Length, transfer.length);
  words.put_dims(transfer.dims, transfer.length);
  if (transfer.packet)
    words.put_packet(*transfer.packet);
  words.put_iteration(transfer.repeat, transfer.iteration_step);
  words.put(BdField::BurstLength, longest_burst(*design.partition.device));
  words.put(BdField::AxCache, 2);
  words.put(BdField::Valid, 1);
  return words.take();
} catch (const Error& error) {
  throw Error("{}: transfer {}: {}", describe(design.shim_channels[transfer.shim_channel]),
              transfer.id, error.what());
}

uint32_t queue_word(int descriptor, int repeat, bool token) {
  uint32_t word = 0;
  arch::put(std::span(&word, 1), arch::queue::kStartBd, descriptor, "start_bd");
  arch::put(std::span(&word, 1), arch::queue::kRepeat, repeat, "repeat");
  arch::put(std::span(&word, 1), arch::queue::kToken, token ? 1 : 0, "token");
  return word;
}

}  // namespace npu::compiler
