// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hw-model/diagnosis/image.h"

namespace npu::cli {

// What a device that stands still shows of itself, as tools for the real one print it.

/// Status registers by partition-relative address; what a dump leaves out is missing.
using TileStatus = std::map<uint32_t, uint32_t>;

/// Reads a dump, in one of two forms.
///
/// Text: a line `address value` for each register, both hexadecimal with or without 0x; `#` begins
/// a comment, blank lines are skipped. Every driver can print this. Addresses are
/// partition-relative: column << 25 | row << 20 | offset in the tile. Core status, DMA channel
/// status and lock values are read; other registers are taken and have no effect.
///
/// JSON, after the reports of the runtime's status tool: an object anywhere in which there is a
/// list `tiles` of objects with `column` and `row` (partition-relative, numbers or strings), and of
/// these any of
///   `core`: {`status`: a word or a list of words out of enabled, reset, done, memory_stall_*,
///     lock_stall_*, stream_stall_*, cascade_stall_*, error_halt, debug_halt}
///   `dma`: {`s2mm`, `mm2s`: {`channel`: [{`id`, `channel_status`: words out of idle, starting,
///     running, stalled_on_lock (or stalled_lock_acq), stalled_stream_starvation,
///     stalled_stream_backpressure, stalled_tct, and error_*; `queue_size`, `current_bd`}]}}
///   `locks`: [{`id`, `value`}], or an object of number to value.
/// Other fields are ignored.
///
/// Throws Error with file and line.
TileStatus read_status(const std::string& path, const arch::Partition& partition);

/// The status as events, so that it is diagnosed as a run is.
struct StatusEvents {
  std::vector<observe::Event> events;
  std::vector<std::string> unknown;  ///< what had to be guessed, in sentences
};
/// A channel that waits for a lock wants that of its current descriptor. A core wants one of its
/// program's that is not to be had, in the direction that its status names. The host waits for the
/// first task-complete token of a channel that is not idle.
StatusEvents events_of(const TileStatus& status, const diagnosis::Image& image);

}  // namespace npu::cli
