// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ways for control packets that a design does not spell out: from shims to the ports of tiles.
#include <algorithm>
#include <array>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

namespace {

using arch::Bundle;

/// By row, what mlir-aie calls tiles unless they have a `controller_id`: no two of a column share
/// an id, and rules that compare one field of the header tell them apart.
constexpr std::array kController{15, 26, 27, 29, 30, 31};
static_assert(kController.size() == arch::kRows);

/// Rows of the lower half hang on the first channel of the shim, the others on the second.
int channel_to(int row) {
  return row < arch::kRows / 2 ? 0 : 1;
}

struct Extent {
  int first = arch::kMaxColumns;
  int last = -1;
  int top = 0;  ///< highest row
};

/// Columns and rows that tiles of the text take.
Extent extent_of(const std::map<int, Coord>& tiles) {
  Extent extent;
  for (const auto& [value, tile] : tiles) {
    extent.first = std::min<int>(extent.first, tile.col);
    extent.last = std::max<int>(extent.last, tile.col);
    extent.top = std::max<int>(extent.top, tile.row);
  }
  return extent;
}

/// The highest row of a column to which control packets go: of its tiles, or, where flows only pass
/// through, of all.
int top_of(const std::map<int, Coord>& tiles, int col, int otherwise) {
  int top = -1;
  for (const auto& [value, tile] : tiles)
    if (tile.col == col)
      top = std::max<int>(top, tile.row);
  return top < 0 ? otherwise : top;
}

bool is_at(const Endpoint& end, const Endpoint& shim) {
  return end.tile == shim.tile && end.bundle == shim.bundle && end.channel == shim.channel;
}

/// Throws Error where something else leaves the channel that would get control packets, or takes
/// them.
void refuse_taken(const State& state, const Endpoint& shim, Coord tile, int id) {
  for (const Flow& flow : state.design.flows) {
    if (!is_at(flow.source, shim) || flow.packet_id.value_or(id) != id)
      continue;
    const std::string channel = fmt::format("{} mm2s{}", arch::to_string(shim.tile), *shim.channel);
    if (!flow.packet_id)
      throw Error("{}: a circuit leaves {}, which carries control packets", flow.source_location,
                  channel)
          .hint("another channel for the circuit, or a packet flow");
    throw Error("{}: packets of id {} leave {} already, and are to control {}",
                flow.source_location, id, channel, arch::to_string(tile))
        .hint("another id for the flow, or a `controller_id` of its own for the tile");
  }
}

void add_way(State& state, Coord shim, Coord tile) {
  const int channel = channel_to(tile.row);
  const Endpoint source{.tile = shim, .bundle = Bundle::Dma, .channel = channel};
  const auto given = state.controllers.find(tile);
  const int id = given == state.controllers.end() ? kController[tile.row] : given->second;
  refuse_taken(state, source, tile, id);
  state.design.flows.push_back(
      {.name = fmt::format("control_{}_{}", tile.col, tile.row),
       .source = source,
       .destinations = {{.tile = tile, .bundle = Bundle::TileControl, .channel = 0}},
       .packet_id = id,
       .keep_packet_header = true,
       .source_location = state.source(state.device)});
  const std::string name = fmt::format("ctrlpkt_col{}_mm2s_chan{}", shim.col, channel);
  if (!state.shim_names.contains(name)) {
    state.shim_names[name] = static_cast<int>(state.design.shim_channels.size());
    state.design.shim_channels.push_back(
        {.name = name, .col = shim.col, .direction = Direction::Mm2s, .index = channel});
  }
}

}  // namespace

void import_control_overlay(State& state) {
  if (!state.options.control_overlay || state.tiles.empty())
    return;
  const Extent extent = extent_of(state.tiles);
  for (int col = extent.first; col <= extent.last; ++col)
    for (int row = 0; row <= top_of(state.tiles, col, extent.top); ++row)
      add_way(state, {static_cast<uint8_t>(col), 0},
              {static_cast<uint8_t>(col), static_cast<uint8_t>(row)});
}

}  // namespace npu::compiler::import
