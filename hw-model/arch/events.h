// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hw-model/arch/device.h"

namespace npu::arch {

/// Event numbers are per module: a core tile has two, its core (with the stream switch) and its
/// memory.
enum class EventModule : uint8_t { Core, Memory, Memtile, Shim };

/// `core`, `memory`, `memtile`, `shim`
std::string_view to_string(EventModule module);

/// One past the highest event number of a module.
int event_count(EventModule module);

/// The name of an event as trace tools write it, `DMA_S2MM_0_START_TASK`; nothing when no event has
/// that number.
std::optional<std::string> event_name(EventModule module, Generation generation, int number);

/// The number of the event of that name, or nothing.
std::optional<int> event_number(EventModule module, Generation generation, std::string_view name);

}  // namespace npu::arch
