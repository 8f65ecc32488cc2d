// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/events.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

// Event numbers of the modules (hardware reference, appendix B).

namespace npu::arch {

namespace {

/// `count` events whose names differ in an index, `{}` in the name, and whose numbers are `stride`
/// apart.
struct EventRow {
  int number;
  std::string_view name;
  int count = 1;
  int stride = 1;
  bool aie2 = true;
  bool aie2p = true;
  int first = 0;  ///< the index of the first one
};

// clang-format off
constexpr EventRow kCoreEvents[] = {
    {0, "NONE"},
    {1, "TRUE"},
    {2, "GROUP_0"},
    {3, "TIMER_SYNC"},
    {4, "TIMER_VALUE_REACHED"},
    {5, "PERF_CNT_{}", 4},
    {9, "COMBO_EVENT_{}", 4},
    {13, "EDGE_DETECTION_EVENT_{}", 2},
    {15, "GROUP_PC_EVENT"},
    {16, "PC_{}", 4},
    {20, "PC_RANGE_0_1"},
    {21, "PC_RANGE_2_3"},
    {22, "GROUP_STALL"},
    {23, "MEMORY_STALL"},
    {24, "STREAM_STALL"},
    {25, "CASCADE_STALL"},
    {26, "LOCK_STALL"},
    {27, "DEBUG_HALTED"},
    {28, "ACTIVE"},
    {29, "DISABLED"},
    {30, "ECC_ERROR_STALL"},
    {31, "ECC_SCRUBBING_STALL"},
    {32, "GROUP_PROGRAM_FLOW"},
    {33, "INSTR_EVENT_{}", 2},
    {35, "INSTR_CALL"},
    {36, "INSTR_RETURN"},
    {37, "INSTR_VECTOR"},
    {38, "INSTR_LOAD"},
    {39, "INSTR_STORE"},
    {40, "INSTR_STREAM_GET"},
    {41, "INSTR_STREAM_PUT"},
    {42, "INSTR_CASCADE_GET"},
    {43, "INSTR_CASCADE_PUT"},
    {44, "INSTR_LOCK_ACQUIRE_REQ"},
    {45, "INSTR_LOCK_RELEASE_REQ"},
    {46, "GROUP_ERRORS_{}", 2},
    {48, "SRS_OVERFLOW"},
    {49, "UPS_OVERFLOW"},
    {50, "FP_HUGE"},
    {51, "INT_FP_0"},
    {52, "FP_INVALID"},
    {53, "FP_INF"},
    {55, "PM_REG_ACCESS_FAILURE"},
    {56, "STREAM_PKT_PARITY_ERROR"},
    {57, "CONTROL_PKT_ERROR"},
    {58, "AXI_MM_SLAVE_ERROR"},
    {59, "INSTR_DECOMPRSN_ERROR"},
    {60, "DM_ADDRESS_OUT_OF_RANGE"},
    {61, "PM_ECC_ERROR_SCRUB_CORRECTED"},
    {62, "PM_ECC_ERROR_SCRUB_2BIT"},
    {63, "PM_ECC_ERROR_1BIT"},
    {64, "PM_ECC_ERROR_2BIT"},
    {65, "PM_ADDRESS_OUT_OF_RANGE"},
    {66, "DM_ACCESS_TO_UNAVAILABLE"},
    {67, "LOCK_ACCESS_TO_UNAVAILABLE"},
    {68, "INSTR_WARNING"},
    {69, "INSTR_ERROR"},
    {.number = 70, .name = "DECOMPRESSION_UNDERFLOW", .aie2p = false},
    {.number = 70, .name = "SPARSITY_OVERFLOW", .aie2 = false},
    {71, "STREAM_SWITCH_PORT_PARITY_ERROR"},
    {72, "PROCESSOR_BUS_ERROR"},
    {73, "GROUP_STREAM_SWITCH"},
    {74, "PORT_IDLE_{}", 8, 4},
    {75, "PORT_RUNNING_{}", 8, 4},
    {76, "PORT_STALLED_{}", 8, 4},
    {77, "PORT_TLAST_{}", 8, 4},
    {106, "GROUP_BROADCAST"},
    {107, "BROADCAST_{}", 16},
    {123, "GROUP_USER_EVENT"},
    {124, "USER_EVENT_{}", 4},
};
constexpr EventRow kMemoryEvents[] = {
    {0, "NONE"},
    {1, "TRUE"},
    {2, "GROUP_0"},
    {3, "TIMER_SYNC"},
    {4, "TIMER_VALUE_REACHED"},
    {5, "PERF_CNT_{}", 2},
    {7, "COMBO_EVENT_{}", 4},
    {11, "EDGE_DETECTION_EVENT_{}", 2},
    {15, "GROUP_WATCHPOINT"},
    {16, "WATCHPOINT_{}", 2},
    {18, "GROUP_DMA_ACTIVITY"},
    {19, "DMA_S2MM_{}_START_TASK", 2},
    {21, "DMA_MM2S_{}_START_TASK", 2},
    {23, "DMA_S2MM_{}_FINISHED_BD", 2},
    {25, "DMA_MM2S_{}_FINISHED_BD", 2},
    {27, "DMA_S2MM_{}_FINISHED_TASK", 2},
    {29, "DMA_MM2S_{}_FINISHED_TASK", 2},
    {31, "DMA_S2MM_{}_STALLED_LOCK", 2},
    {33, "DMA_MM2S_{}_STALLED_LOCK", 2},
    {35, "DMA_S2MM_{}_STREAM_STARVATION", 2},
    {37, "DMA_MM2S_{}_STREAM_BACKPRESSURE", 2},
    {39, "DMA_S2MM_{}_MEMORY_BACKPRESSURE", 2},
    {41, "DMA_MM2S_{}_MEMORY_STARVATION", 2},
    {43, "GROUP_LOCK"},
    {44, "LOCK_SEL{}_ACQ_EQ", 8, 4},
    {45, "LOCK_SEL{}_ACQ_GE", 8, 4},
    {46, "LOCK_{}_REL", 8, 4},
    {47, "LOCK_SEL{}_EQUAL_TO_VALUE", 8, 4},
    {76, "GROUP_MEMORY_CONFLICT"},
    {77, "CONFLICT_DM_BANK_{}", 8},
    {86, "GROUP_ERRORS"},
    {87, "DM_ECC_ERROR_SCRUB_CORRECTED"},
    {88, "DM_ECC_ERROR_SCRUB_2BIT"},
    {89, "DM_ECC_ERROR_1BIT"},
    {90, "DM_ECC_ERROR_2BIT"},
    {.number = 91, .name = "DM_PARITY_ERROR_BANK_{}", .count = 6, .first = 2},
    {97, "DMA_S2MM_{}_ERROR", 2},
    {99, "DMA_MM2S_{}_ERROR", 2},
    {101, "LOCK_ERROR"},
    {102, "DMA_TASK_TOKEN_STALL"},
    {106, "GROUP_BROADCAST"},
    {107, "BROADCAST_{}", 16},
    {123, "GROUP_USER_EVENT"},
    {124, "USER_EVENT_{}", 4},
};
constexpr EventRow kMemtileEvents[] = {
    {0, "NONE"},
    {1, "TRUE"},
    {2, "GROUP_0"},
    {3, "TIMER_SYNC"},
    {4, "TIMER_VALUE_REACHED"},
    {5, "PERF_CNT{}_EVENT", 4},
    {9, "COMBO_EVENT_{}", 4},
    {13, "EDGE_DETECTION_EVENT_{}", 2},
    {15, "GROUP_WATCHPOINT"},
    {16, "WATCHPOINT_{}", 4},
    {20, "GROUP_DMA_ACTIVITY"},
    {21, "DMA_S2MM_SEL{}_START_TASK", 2},
    {23, "DMA_MM2S_SEL{}_START_TASK", 2},
    {25, "DMA_S2MM_SEL{}_FINISHED_BD", 2},
    {27, "DMA_MM2S_SEL{}_FINISHED_BD", 2},
    {29, "DMA_S2MM_SEL{}_FINISHED_TASK", 2},
    {31, "DMA_MM2S_SEL{}_FINISHED_TASK", 2},
    {33, "DMA_S2MM_SEL{}_STALLED_LOCK", 2},
    {35, "DMA_MM2S_SEL{}_STALLED_LOCK", 2},
    {37, "DMA_S2MM_SEL{}_STREAM_STARVATION", 2},
    {39, "DMA_MM2S_SEL{}_STREAM_BACKPRESSURE", 2},
    {41, "DMA_S2MM_SEL{}_MEMORY_BACKPRESSURE", 2},
    {43, "DMA_MM2S_SEL{}_MEMORY_STARVATION", 2},
    {45, "GROUP_LOCK"},
    {46, "LOCK_SEL{}_ACQ_EQ", 8, 4},
    {47, "LOCK_SEL{}_ACQ_GE", 8, 4},
    {48, "LOCK_SEL{}_REL", 8, 4},
    {49, "LOCK_SEL{}_EQUAL_TO_VALUE", 8, 4},
    {78, "GROUP_STREAM_SWITCH"},
    {79, "PORT_IDLE_{}", 8, 4},
    {80, "PORT_RUNNING_{}", 8, 4},
    {81, "PORT_STALLED_{}", 8, 4},
    {82, "PORT_TLAST_{}", 8, 4},
    {111, "GROUP_MEMORY_CONFLICT"},
    {112, "CONFLICT_DM_BANK_{}", 16},
    {128, "GROUP_ERRORS"},
    {129, "DM_ECC_ERROR_SCRUB_CORRECTED"},
    {130, "DM_ECC_ERROR_SCRUB_2BIT"},
    {131, "DM_ECC_ERROR_1BIT"},
    {132, "DM_ECC_ERROR_2BIT"},
    {133, "DMA_S2MM_ERROR"},
    {134, "DMA_MM2S_ERROR"},
    {135, "STREAM_SWITCH_PARITY_ERROR"},
    {136, "STREAM_PKT_ERROR"},
    {137, "CONTROL_PKT_ERROR"},
    {138, "AXI_MM_SLAVE_ERROR"},
    {139, "LOCK_ERROR"},
    {140, "DMA_TASK_TOKEN_STALL"},
    {141, "GROUP_BROADCAST"},
    {142, "BROADCAST_{}", 16},
    {158, "GROUP_USER_EVENT"},
    {159, "USER_EVENT_{}", 2},
};
constexpr EventRow kShimEvents[] = {
    {0, "NONE"},
    {1, "TRUE"},
    {2, "GROUP_0"},
    {3, "TIMER_SYNC"},
    {4, "TIMER_VALUE_REACHED"},
    {5, "PERF_CNT_{}", 2},
    {7, "COMBO_EVENT_{}", 4},
    {11, "EDGE_DETECTION_EVENT_{}", 2},
    {13, "GROUP_DMA_ACTIVITY"},
    {14, "DMA_S2MM_{}_START_TASK", 2},
    {16, "DMA_MM2S_{}_START_TASK", 2},
    {18, "DMA_S2MM_{}_FINISHED_BD", 2},
    {20, "DMA_MM2S_{}_FINISHED_BD", 2},
    {22, "DMA_S2MM_{}_FINISHED_TASK", 2},
    {24, "DMA_MM2S_{}_FINISHED_TASK", 2},
    {26, "DMA_S2MM_{}_STALLED_LOCK", 2},
    {28, "DMA_MM2S_{}_STALLED_LOCK", 2},
    {30, "DMA_S2MM_{}_STREAM_STARVATION", 2},
    {32, "DMA_MM2S_{}_STREAM_BACKPRESSURE", 2},
    {34, "DMA_S2MM_{}_MEMORY_BACKPRESSURE", 2},
    {36, "DMA_MM2S_{}_MEMORY_STARVATION", 2},
    {38, "GROUP_LOCK"},
    {39, "LOCK_{}_ACQ_EQ", 6, 4},
    {40, "LOCK_{}_ACQ_GE", 6, 4},
    {41, "LOCK_{}_REL", 6, 4},
    {42, "LOCK_{}_EQUAL_TO_VALUE", 6, 4},
    {63, "GROUP_ERRORS"},
    {64, "AXI_MM_SLAVE_ERROR"},
    {65, "CONTROL_PKT_ERROR"},
    {66, "STREAM_SWITCH_PARITY_ERROR"},
    {67, "AXI_MM_DECODE_NSU_ERROR"},
    {68, "AXI_MM_SLAVE_NSU_ERROR"},
    {69, "AXI_MM_UNSUPPORTED_TRAFFIC"},
    {70, "AXI_MM_UNSECURE_ACCESS_IN_SECURE_MODE"},
    {71, "AXI_MM_BYTE_STROBE_ERROR"},
    {72, "DMA_S2MM_ERROR"},
    {73, "DMA_MM2S_ERROR"},
    {74, "LOCK_ERROR"},
    {75, "DMA_TASK_TOKEN_STALL"},
    {76, "GROUP_STREAM_SWITCH"},
    {77, "PORT_IDLE_{}", 8, 4},
    {78, "PORT_RUNNING_{}", 8, 4},
    {79, "PORT_STALLED_{}", 8, 4},
    {80, "PORT_TLAST_{}", 8, 4},
    {109, "GROUP_BROADCAST_A"},
    {110, "BROADCAST_A_{}", 16},
    {126, "USER_EVENT_{}", 2},
};
// clang-format on

std::span<const EventRow> events(EventModule module) {
  switch (module) {
    case EventModule::Core:
      return kCoreEvents;
    case EventModule::Memory:
      return kMemoryEvents;
    case EventModule::Memtile:
      return kMemtileEvents;
    case EventModule::Shim:
      return kShimEvents;
  }
  return {};
}

bool exists(const EventRow& row, Generation generation) {
  return generation == Generation::Aie2 ? row.aie2 : row.aie2p;
}

std::string name_of(const EventRow& row, int element) {
  return row.count == 1 ? std::string(row.name)
                        : fmt::format(fmt::runtime(row.name), row.first + element);
}

}  // namespace

std::string_view to_string(EventModule module) {
  constexpr std::array<std::string_view, 4> kNames{"core", "memory", "memtile", "shim"};
  return kNames[static_cast<size_t>(module)];
}

int event_count(EventModule module) {
  int end = 0;
  for (const EventRow& row : events(module))
    end = std::max(end, row.number + row.stride * (row.count - 1) + 1);
  return end;
}

std::optional<std::string> event_name(EventModule module, Generation generation, int number) {
  for (const EventRow& row : events(module)) {
    const int distance = number - row.number;
    if (exists(row, generation) && distance >= 0 && distance % row.stride == 0 &&
        distance / row.stride < row.count)
      return name_of(row, distance / row.stride);
  }
  return std::nullopt;
}

std::optional<int> event_number(EventModule module, Generation generation, std::string_view name) {
  for (const EventRow& row : events(module))
    for (int i = 0; exists(row, generation) && i < row.count; ++i)
      if (name_of(row, i) == name)
        return row.number + row.stride * i;
  return std::nullopt;
}

}  // namespace npu::arch
