// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/design/verify.h"

// The checks behind the rules of verify.cpp, by what they look at.
namespace npu::compiler::rules {

template <typename... Args>
Finding finding(std::string source, fmt::format_string<Args...> text, Args&&... args) {
  return {fmt::format(text, std::forward<Args>(args)...), std::move(source)};
}

using Check = std::optional<Finding>(const Design&);

// Structure (rules_structure.cpp).
Check indices_in_range;
Check tiles_in_partition;
Check names_unique;
Check cores_on_core_tiles;

// Memory, locks, descriptors (rules_tiles.cpp).
Check buffers_in_memory;
Check buffers_apart;
Check numbers_unique;
Check lock_values;
Check dma_reach;
Check neighbour_channels;
Check descriptor_in_buffer;
Check descriptor_parity;
Check descriptor_fields;
Check padding;
Check channel_tasks;
Check core_reach;

// Streams (rules_streams.cpp).
Check flow_ends;
Check one_stream_per_port;
Check packet_ids;
Check connections_legal;
Check switch_ports_once;

// Host (rules_host.cpp).
Check shim_channels;
Check transfers_in_argument;
Check transfer_fields;
Check awaits;

/// What of a walk does not fit the descriptors of that kind of tile, or nothing.
std::optional<std::string> unfit(arch::TileKind kind, uint64_t length, const std::vector<Dim>& dims,
                                 int iteration_size, uint64_t iteration_step);

}  // namespace npu::compiler::rules
