// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <deque>
#include <map>

#include "compiler/lower/emit_bd.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

/// Emits the host sequence, counting the tokens that are on their way.
class Sequence {
 public:
  explicit Sequence(const Design& design) : design_(design) {}

  arch::Commands run() {
    for (const HostOp& op : design_.sequence)
      std::visit([this](const auto& o) { emit(o); }, op);
    return std::move(commands_);
  }

 private:
  void emit(const Transfer& transfer) {
    const ShimChannel& channel = design_.shim_channels[transfer.shim_channel];
    const Coord shim{static_cast<uint8_t>(channel.col), 0};
    const uint32_t descriptor =
        arch::address_of(shim, arch::bd_offset(TileKind::Shim, *transfer.descriptor));
    const arch::RegisterId queue = channel.direction == Direction::S2mm
                                       ? arch::RegisterId::S2mmQueue
                                       : arch::RegisterId::Mm2sQueue;
    commands_.push_back(arch::BlockWrite{descriptor, transfer_words(design_, transfer)});
    commands_.push_back(arch::AddressPatch{descriptor + 4, static_cast<uint32_t>(transfer.argument),
                                           transfer.offset});
    commands_.push_back(arch::Write{
        arch::address_of(shim, arch::channel_register(TileKind::Shim, queue, *channel.index)),
        queue_word(*transfer.descriptor, transfer.repeat, transfer.token)});
    if (transfer.token)
      tokens_[transfer.shim_channel].push_back(transfer.id);
  }

  /// A wait counts tokens and does not know whose they are: it takes one for each transfer up to
  /// the awaited one.
  void emit(const Await& await) {
    for (auto& [index, ids] : tokens_) {
      if (std::find(ids.begin(), ids.end(), await.id) == ids.end())
        continue;
      const ShimChannel& channel = design_.shim_channels[index];
      for (bool last = false; !last; ids.pop_front()) {
        last = ids.front() == await.id;
        commands_.push_back(arch::Sync{.col = static_cast<uint8_t>(channel.col),
                                       .row = 0,
                                       .direction = channel.direction,
                                       .channel = static_cast<uint8_t>(*channel.index)});
      }
      return;
    }
  }

  void emit(const arch::Command& command) { commands_.push_back(command); }

  const Design& design_;
  arch::Commands commands_;
  std::map<int, std::deque<int>> tokens_;  ///< ids not awaited yet, by shim channel
};

}  // namespace

arch::Commands emit_sequence(const Design& design) {
  return Sequence(design).run();
}

}  // namespace npu::compiler
