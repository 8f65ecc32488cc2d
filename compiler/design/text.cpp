// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/text.h"

#include <fmt/format.h>

namespace npu::compiler {

namespace {
std::string dma(Coord tile, Direction direction, std::optional<int> index) {
  return fmt::format("{}.{}{}", arch::to_string(tile), to_string(direction),
                     index ? fmt::to_string(*index) : "");
}

std::string named(std::string text, const std::string& name) {
  return name.empty() ? text : fmt::format("{} ({})", text, name);
}
}  // namespace

std::string describe(const Channel& channel) {
  return named(dma(channel.tile, channel.direction, channel.index), channel.name);
}

std::string describe(const ShimChannel& channel) {
  const Coord shim{static_cast<uint8_t>(channel.col), 0};
  return named(dma(shim, channel.direction, channel.index), channel.name);
}

std::string describe(const Flow& flow) {
  return flow.name.empty() ? "a flow" : fmt::format("flow `{}`", flow.name);
}

std::string describe(const Design& design, const Endpoint& end, bool is_source) {
  if (end.bundle != arch::Bundle::Dma)
    return fmt::format("{}.{}{}", arch::to_string(end.tile), arch::to_string(end.bundle),
                       end.channel.value_or(0));
  std::optional<int> index = end.channel;
  if (end.design_channel)
    index = design.channels[*end.design_channel].index;
  else if (end.shim_channel)
    index = design.shim_channels[*end.shim_channel].index;
  return dma(end.tile, is_source ? Direction::Mm2s : Direction::S2mm, index);
}

std::string location(std::string_view source) {
  return source.empty() ? "" : fmt::format(" ({})", source);
}

}  // namespace npu::compiler
