// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/verify.h"

#include <array>

#include "compiler/design/rules.h"
#include "compiler/design/text.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {
using enum Stage;

// clang-format off
constexpr std::array kRules{
    Rule{"indices-in-range", "what refers to another part of the design names one that is there", Written, rules::indices_in_range},
    Rule{"tiles-in-partition", "everything is on a tile of the partition that can hold it", Written, rules::tiles_in_partition},
    Rule{"names-unique", "no two buffers have the same name", Written, rules::names_unique},
    Rule{"cores-on-core-tiles", "a core tile has at most one program", Written, rules::cores_on_core_tiles},
    Rule{"buffers-in-memory", "a buffer is inside the memory of its tile", Written, rules::buffers_in_memory},
    Rule{"buffers-apart", "buffers and the stack of a tile do not overlap", Written, rules::buffers_apart},
    Rule{"numbers-unique", "locks, channels and descriptors of a tile have numbers that exist, each once", Written, rules::numbers_unique},
    Rule{"lock-values", "a lock counts from 0 to 63", Written, rules::lock_values},
    Rule{"dma-reach", "a DMA reaches memory and locks of its own tile, in a memtile also of the tiles beside it", Written, rules::dma_reach},
    Rule{"neighbour-channels", "only channels 0 to 3 of a memtile reach the tiles beside it", Written, rules::neighbour_channels},
    Rule{"descriptor-in-buffer", "a descriptor stays inside its buffer", Written, rules::descriptor_in_buffer},
    Rule{"descriptor-parity", "even channels of a memtile use descriptors 0 to 23, odd ones 24 to 47", Written, rules::descriptor_parity},
    Rule{"padding", "only a memtile that sends inserts padding, and within its fields", Written, rules::padding},
    Rule{"channel-tasks", "a channel's queue takes 4 tasks of 1 to 256 executions", Written, rules::channel_tasks},
    Rule{"core-reach", "a core reaches its own memory and locks and those south, west and north of it", Written, rules::core_reach},
    Rule{"shim-channels", "a shim channel is in a column whose shim has a DMA", Written, rules::shim_channels},
    Rule{"flow-ends", "a flow starts and ends at ports of its tiles", Written, rules::flow_ends},
    Rule{"one-stream-per-port", "a port carries one circuit, or packets", Written, rules::one_stream_per_port},
    Rule{"packet-ids", "packet ids are 0 to 31, packet types 0 to 7", Written, rules::packet_ids},
    Rule{"connections-legal", "a switch connects only what its hardware can", Written, rules::connections_legal},
    Rule{"switch-ports-once", "a switch port has one mode, a master one source or arbiter, a slave at most 4 rules", Written, rules::switch_ports_once},
    Rule{"transfers-in-argument", "a transfer stays inside its argument, in whole words", Written, rules::transfers_in_argument},
    Rule{"awaits", "what is awaited was started before, issues a token, and is awaited once", Written, rules::awaits},
    Rule{"descriptor-fields", "lengths, sizes and steps fit the fields of a descriptor", Fitted, rules::descriptor_fields},
    Rule{"transfer-fields", "lengths, sizes and steps of a transfer fit a shim descriptor", Fitted, rules::transfer_fields},
};
// clang-format on

void verify(const Design& design, const Rule& rule) {
  if (const std::optional<Finding> finding = rule.check(design))
    throw Error("{}{}{} [{}]", finding->what, location(finding->source),
                finding->others > 0 ? fmt::format("; and {} more", finding->others) : "", rule.id)
        .hint("{}", rule.sentence);
}

}  // namespace

std::span<const Rule> all_rules() {
  return kRules;
}

void verify(const Design& design, Stage stage) {
  for (const Rule& rule : kRules)
    if (rule.from <= stage)
      verify(design, rule);
}

void verify(const Design& design, std::string_view rule) {
  for (const Rule& each : kRules)
    if (each.id == rule)
      verify(design, each);
}

}  // namespace npu::compiler
