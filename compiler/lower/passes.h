// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/lower/lower.h"

namespace npu::compiler {

// The passes of lowering, each in the file of its name. All of them throw Error when something runs
// out, with what asked for it.

/// Gives DMA channels of core tiles and memtiles their numbers. In a memtile, a channel that
/// reaches into a neighbour gets 0..3, and the descriptors are balanced between the even and the
/// odd channels.
void assign_channels(Design& design);

/// Rewrites dimensions so that they fit the fields of the tile that walks them: joins those that
/// continue each other, drops those of size 1, splits those that are too long. A fourth dimension
/// of a host transfer becomes its iteration.
void fit_dims(Design& design);

/// Gives buffers their addresses, 32-byte aligned. In a core tile the stack comes first and buffers
/// are spread over the memory banks while there is room; in a memtile they follow each other.
void assign_addresses(Design& design);

/// Gives locks their numbers, tile by tile.
void assign_locks(Design& design);

/// Gives descriptors their numbers. In a memtile an even channel has 0..23, an odd one 24..47.
void assign_descriptors(Design& design);

/// Gives shim channels and the transfers of the host sequence their numbers. A descriptor is used
/// again when the sequence has awaited its transfer, and a queue never holds more than it can: a
/// sequence that would is refused.
void assign_shim(Design& design);

/// Finds a way through the stream switches for each flow that has none.
void route(Design& design);

/// The names of a lowered design.
arch::Names names_of(const Design& design);

/// Adds the names of another configuration that the same run loads.
void join_names(arch::Names& names, const arch::Names& others);

/// The Commands that configure the device.
arch::Commands emit_configuration(const Design& design);

/// Of these, what gives cores their programs and core tiles their data.
arch::Commands emit_programs(const Design& design);

/// What loading a configuration does first: cores stop, channels of core tiles and memtiles are
/// reset, switches connect nothing and locks are zero. Memories stay as they are.
arch::Commands emit_reset(const arch::Partition& partition);

/// The Commands of one run.
arch::Commands emit_sequence(const Design& design);

}  // namespace npu::compiler
