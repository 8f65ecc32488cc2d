// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/design/design.h"

namespace npu::compiler {

/// The channel number of an end of a flow; nothing when it is not assigned yet.
std::optional<int> number_of(const Design& design, const Endpoint& end);

/// Where the stream of a flow's source enters its tile's switch. Throws Error when the channel has
/// no number yet.
arch::PortAt slave_of(const Design& design, const Endpoint& source);

/// Where the stream of a flow's destination leaves its tile's switch. Throws Error when the channel
/// has no number yet.
arch::PortAt master_of(const Design& design, const Endpoint& destination);

/// Whether the connections that are there already carry the flow to all its destinations.
bool is_routed(const Design& design, const Flow& flow);

}  // namespace npu::compiler
