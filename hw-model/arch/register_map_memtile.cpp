// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register_rows.h"

// The registers of a memtile, by offset. Event groups: one bit per event of the group.
// Descriptors (`dma.bd`) have their fields in dma_tables.h.

namespace npu::arch {

namespace {

using enum RegisterId;

// clang-format off
constexpr std::array kTable{
    // Memory
    row(at(0x00000).block(0x20000),          DataMemory,      "data_memory", kBoth),
    // Performance counters
    row(at(0x91000),                         Accepted,        "perf.control0", kBoth,
        "cnt0_start_event[7:0] cnt0_stop_event[15:8] cnt1_start_event[23:16] cnt1_stop_event[31:24]"),
    row(at(0x91004),                         Accepted,        "perf.control1", kBoth,
        "cnt2_start_event[7:0] cnt2_stop_event[15:8] cnt3_start_event[23:16] cnt3_stop_event[31:24]"),
    row(at(0x91008),                         Accepted,        "perf.control2", kBoth,
        "cnt0_reset_event[7:0] cnt1_reset_event[15:8] cnt2_reset_event[23:16] cnt3_reset_event[31:24]"),
    row(at(0x91020).each(4, 4),              Accepted,        "perf.counter{}", kBoth, "value[31:0]"),
    row(at(0x91080).each(4, 4),              Accepted,        "perf.counter{}.threshold", kBoth, "value[31:0]"),
    // Error protection
    row(at(0x92000),                         Storage,         "ecc.inject", kAie2Only, "lane[3:0]"),
    row(at(0x92000),                         Storage,         "ecc.inject", kAie2pOnly, "lane[7:0]"),
    row(at(0x92110),                         Accepted,        "ecc.scrub_event", kBoth, "scrubbing_event_number[7:0]"),
    row(at(0x92120),                         Accepted,        "ecc.failing_address", kBoth, "ecc_error_detection_address[18:0] valid[19]"),
    // Events, trace and timers
    row(at(0x94000),                         TimerControl,    "timer.control", kBoth, "reset_event[15:8] reset[31]"),
    row(at(0x94008),                         EventGenerate,   "event.generate", kBoth, "event[7:0]"),
    row(at(0x94010).each(16, 4),             Accepted,        "event.broadcast{}", kBoth, "event[7:0]"),
    row(at(0x94050),                         Accepted,        "event.block_a_south.set", kBoth, "set[15:0]"),
    row(at(0x94054),                         Accepted,        "event.block_a_south.clear", kBoth, "clear[15:0]"),
    row(at(0x94058),                         Accepted,        "event.block_a_south.value", kBoth, "value[15:0]"),
    row(at(0x94060),                         Accepted,        "event.block_a_west.set", kBoth, "set[15:0]"),
    row(at(0x94064),                         Accepted,        "event.block_a_west.clear", kBoth, "clear[15:0]"),
    row(at(0x94068),                         Accepted,        "event.block_a_west.value", kBoth, "value[15:0]"),
    row(at(0x94070),                         Accepted,        "event.block_a_north.set", kBoth, "set[15:0]"),
    row(at(0x94074),                         Accepted,        "event.block_a_north.clear", kBoth, "clear[15:0]"),
    row(at(0x94078),                         Accepted,        "event.block_a_north.value", kBoth, "value[15:0]"),
    row(at(0x94080),                         Accepted,        "event.block_a_east.set", kBoth, "set[15:0]"),
    row(at(0x94084),                         Accepted,        "event.block_a_east.clear", kBoth, "clear[15:0]"),
    row(at(0x94088),                         Accepted,        "event.block_a_east.value", kBoth, "value[15:0]"),
    row(at(0x94090),                         Accepted,        "event.block_b_south.set", kBoth, "set[15:0]"),
    row(at(0x94094),                         Accepted,        "event.block_b_south.clear", kBoth, "clear[15:0]"),
    row(at(0x94098),                         Accepted,        "event.block_b_south.value", kBoth, "value[15:0]"),
    row(at(0x940A0),                         Accepted,        "event.block_b_west.set", kBoth, "set[15:0]"),
    row(at(0x940A4),                         Accepted,        "event.block_b_west.clear", kBoth, "clear[15:0]"),
    row(at(0x940A8),                         Accepted,        "event.block_b_west.value", kBoth, "value[15:0]"),
    row(at(0x940B0),                         Accepted,        "event.block_b_north.set", kBoth, "set[15:0]"),
    row(at(0x940B4),                         Accepted,        "event.block_b_north.clear", kBoth, "clear[15:0]"),
    row(at(0x940B8),                         Accepted,        "event.block_b_north.value", kBoth, "value[15:0]"),
    row(at(0x940C0),                         Accepted,        "event.block_b_east.set", kBoth, "set[15:0]"),
    row(at(0x940C4),                         Accepted,        "event.block_b_east.clear", kBoth, "clear[15:0]"),
    row(at(0x940C8),                         Accepted,        "event.block_b_east.value", kBoth, "value[15:0]"),
    row(at(0x940D0),                         Storage,         "trace.control0", kBoth, "trace_start_event[23:16] trace_stop_event[31:24]"),
    row(at(0x940D4),                         Accepted,        "trace.control1", kBoth, "id[4:0] packet_type[14:12]"),
    row(at(0x940D8),                         Accepted,        "trace.status", kBoth, "mode[2:0] state[9:8]"),
    row(at(0x940E0),                         Accepted,        "trace.events0", kBoth,
        "trace_event0[7:0] trace_event1[15:8] trace_event2[23:16] trace_event3[31:24]"),
    row(at(0x940E4),                         Accepted,        "trace.events1", kBoth,
        "trace_event4[7:0] trace_event5[15:8] trace_event6[23:16] trace_event7[31:24]"),
    row(at(0x940F0),                         Accepted,        "timer.trigger_low", kBoth, "timertriglow[31:0]=0xFFFFFFFF"),
    row(at(0x940F4),                         Accepted,        "timer.trigger_high", kBoth, "timertrighigh[31:0]=0xFFFFFFFF"),
    row(at(0x940F8),                         TimerLow,        "timer.low", kBoth, "timerlow[31:0]"),
    row(at(0x940FC),                         TimerHigh,       "timer.high", kBoth, "timerhigh[31:0]"),
    row(at(0x94100).each(4, 4),              Accepted,        "watchpoint{}", kAie2Only,
        "address[18:4] writestrobes[23:20] west_access[24] east_access[25] dma_access[26] axi_access[27] write_access[28] "
        "read_access[29]"),
    row(at(0x94100).each(4, 4),              Accepted,        "watchpoint{}", kAie2pOnly,
        "address[13:0] writestrobemask[23:16] west_access[24] east_access[25] dma_access[26] axi_access[27] "
        "write_access[28] read_access[29]"),
    // Register 0 resets to 2: event 1, TRUE, has always happened.
    row(at(0x94200).each(6, 4),              EventStatus,     "event.status{}", kBoth, "events[31:0]"),
    row(at(0x94400),                         Accepted,        "event.combo_inputs", kBoth,
        "eventa[7:0] eventb[15:8] eventc[23:16] eventd[31:24]"),
    row(at(0x94404),                         Accepted,        "event.combo_control", kBoth, "combo0[1:0] combo1[9:8] combo2[17:16]"),
    row(at(0x94408),                         Accepted,        "event.edge_detection", kBoth,
        "edge_detection_event_0[7:0] edge_detection_0_trigger_rising[9] edge_detection_0_trigger_falling[10] "
        "edge_detection_event_1[23:16] edge_detection_1_trigger_rising[25] edge_detection_1_trigger_falling[26]"),
    row(at(0x94500),                         Accepted,        "event.group_0", kBoth, "events[11:0]=0xFFF"),
    row(at(0x94504),                         Accepted,        "event.group_watchpoint", kBoth, "events[3:0]=0xF"),
    row(at(0x94508),                         Accepted,        "event.group_dma", kBoth, "events[23:0]=0xFFFFFF"),
    row(at(0x9450C),                         Accepted,        "event.group_lock", kBoth, "events[31:0]=0xFFFFFFFF"),
    row(at(0x94510),                         Accepted,        "event.group_stream_switch", kBoth, "events[31:0]=0xFFFFFFFF"),
    row(at(0x94514),                         Accepted,        "event.group_memory_conflict", kAie2Only, "events[15:0]=0xFFFF"),
    row(at(0x94514),                         Accepted,        "event.group_memory_conflict", kAie2pOnly, "events[7:0]=0xFF"),
    row(at(0x94518),                         Accepted,        "event.group_error", kBoth, "events[11:0]=0xFFF"),
    row(at(0x9451C),                         Accepted,        "event.group_broadcast", kBoth, "events[15:0]=0xFFFF"),
    row(at(0x94520),                         Accepted,        "event.group_user", kBoth, "events[1:0]=3"),
    // Tile control
    row(at(0x96000),                         Accepted,        "spare", kBoth, "value[15:0]"),
    // Clocks, resets, isolation
    row(at(0x96030),                         Accepted,        "tile.isolation", kAie2Only,
        "isolate_from_south[0] isolate_from_west[1] isolate_from_north[2] isolate_from_east[3]"),
    row(at(0x96040),                         Accepted,        "tile.cssd_trigger", kBoth, "trigger[0]"),
    // Memory control
    row(at(0x96048),                         MemoryControl,   "memory.control", kBoth, "memory_zeroisation[0] memory_interleaving[1]=1"),
    // DMA
    row(at(0xA0000).each(48, 32).block(8),   Bd,              "dma.bd{}.w{}", kBoth),
    row(at(0xA0600).each(6, 8),              S2mmControl,     "dma.s2mm{}.control", kBoth,
        "reset[1] enable_out_of_order[3] decompression_enable[4] controller_id[15:8] fot_mode[17:16]"),
    row(at(0xA0604).each(6, 8),              S2mmQueue,       "dma.s2mm{}.start_queue", kBoth,
        "start_bd_id[5:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0xA0630).each(6, 8),              Mm2sControl,     "dma.mm2s{}.control", kBoth,
        "reset[1] compression_enable[4] controller_id[15:8]"),
    row(at(0xA0634).each(6, 8),              Mm2sQueue,       "dma.mm2s{}.start_queue", kBoth,
        "start_bd_id[5:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0xA0660).each(6, 4),              S2mmStatus,      "dma.s2mm{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_starvation[4] "
        "stalled_tct_or_count_fifo_full[5] error_lock_access_to_unavailable[8] error_dm_access_to_unavailable[9] "
        "error_bd_unavailable[10] error_bd_invalid[11] error_fot_length_exceeded[12] error_fot_bds_per_task[13] "
        "task_queue_overflow[18] channel_running[19] task_queue_size[22:20] cur_bd[29:24]"),
    row(at(0xA0680).each(6, 4),              Mm2sStatus,      "dma.mm2s{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_backpressure[4] stalled_tct[5] "
        "error_lock_access_to_unavailable[8] error_dm_access_to_unavailable[9] error_bd_unavailable[10] "
        "error_bd_invalid[11] task_queue_overflow[18] channel_running[19] task_queue_size[22:20] cur_bd[29:24]"),
    // Events, trace and timers
    row(at(0xA06A0),                         Accepted,        "dma.event_channels", kBoth,
        "s2mm_sel0_channel[2:0] s2mm_sel1_channel[10:8] mm2s_sel0_channel[18:16] mm2s_sel1_channel[26:24]"),
    // DMA
    row(at(0xA06B0).each(6, 4),              S2mmWriteCount,  "dma.s2mm{}.write_count", kBoth, "current_write_count[16:0]"),
    row(at(0xA06C8).each(6, 4),              S2mmFotCount,    "dma.s2mm{}.fot_count", kBoth,
        "write_count[17:0] bd_id[29:24] last_in_task[30] valid[31]"),
    row(at(0xA06E0).each(6, 4),              PadValue,        "dma.mm2s{}.pad_value", kAie2pOnly, "constant_pad_value[31:0]"),
    // Stream switch
    row(at(0xB0000).each(17, 4),             SwitchMaster,    "switch.master{}", kBoth,
        "configuration[6:0] drop_header[7] packet_enable[30] master_enable[31]"),
    row(at(0xB0100).each(18, 4),             SwitchSlave,     "switch.slave{}", kBoth, "packet_enable[30] slave_enable[31]"),
    row(at(0xB0200).each(18, 16).block(4),   SwitchSlot,      "switch.slave{}.slot{}", kBoth,
        "arbit[2:0] msel[5:4] enable[8] mask[20:16] id[28:24]"),
    // w0, w1: [4:0] slave, [13:8] packets, [20:16] slave, [29:24] packets; w2: [0] enable
    row(at(0xB0800).each(2, 16).block(3),    SwitchMerge,     "switch.merge{}.w{}", kBoth),
    // Events, trace and timers
    row(at(0xB0F00),                         Accepted,        "switch.event_ports0", kBoth,
        "port_0_id[4:0] port_0_master_slave[5] port_1_id[12:8] port_1_master_slave[13] port_2_id[20:16] "
        "port_2_master_slave[21] port_3_id[28:24] port_3_master_slave[29]"),
    row(at(0xB0F04),                         Accepted,        "switch.event_ports1", kBoth,
        "port_4_id[4:0] port_4_master_slave[5] port_5_id[12:8] port_5_master_slave[13] port_6_id[20:16] "
        "port_6_master_slave[21] port_7_id[28:24] port_7_master_slave[29]"),
    // Stream switch
    row(at(0xB0F10),                         Accepted,        "switch.parity_status", kBoth, "dma[5:0] tile_control[6]"),
    row(at(0xB0F20),                         Storage,         "switch.parity_injection", kAie2Only,
        "dma[5:0] tile_control[6] mem_trace[7]"),
    row(at(0xB0F20),                         Storage,         "switch.parity_injection", kAie2pOnly,
        "dma_lower[5:0] tile_control_lower[6] mem_trace_lower[7] dma_upper[21:16] tile_control_upper[22] "
        "mem_trace_upper[23]"),
    row(at(0xB0F30),                         Storage,         "switch.control_packet_status", kBoth,
        "first_header_parity_error[0] second_header_parity_error[1] slverr_on_access[2] tlast_error[3]"),
    row(at(0xB0F34),                         Accepted,        "switch.clock_gate_status", kBoth, "active[0]"),
    row(at(0xB0F38),                         Accepted,        "switch.clock_gate_abort_period", kBoth, "abort_period[3:0]=7"),
    // Locks
    row(at(0xC0000).each(64, 16),            LockValue,       "lock{}.value", kBoth, "lock_value[5:0]"),
    row(at(0xC0400).each(8, 4),              Accepted,        "locks.event_selection{}", kBoth, "lock_value[5:0]=0x3F lock_select[21:16]"),
    row(at(0xC0420).each(2, 4),              LocksOverflow,   "locks.overflow{}", kBoth, "locks[31:0]"),
    row(at(0xC0428).each(2, 4),              LocksUnderflow,  "locks.underflow{}", kBoth, "locks[31:0]"),
    // A read makes the request that its address encodes: [15:10] lock, [9] acquire, [8:2] signed value. It returns 1 on success.
    row(at(0xD0000).block(0x4000),           LockRequest,     "locks.request", kBoth),
    // Clocks, resets, isolation
    row(at(0xFFF00),                         Accepted,        "tile.clock", kBoth,
        "stream_switch_clock_enable[0]=1 memory_module_clock_enable[1]=1 stream_switch_adaptive_clock_gate[4]=1 "
        "dma_adaptive_clock_gate[5]=1"),
    row(at(0xFFF10),                         Storage,         "tile.reset", kBoth, "stream_switch_reset[0] memory_reset[1]"),
    row(at(0xFFF20),                         Accepted,        "tile.isolation", kAie2pOnly,
        "isolate_from_south[0]=1 isolate_from_west[1]=1 isolate_from_north[2]=1 isolate_from_east[3]=1"),
};
// clang-format on

constexpr auto kFields = parse_fields<field_count(kTable)>(kTable);
constexpr auto kRegisters = with_fields(kTable, kFields);
static_assert(well_formed(kRegisters));

}  // namespace

std::span<const Register> memtile_registers() {
  return kRegisters;
}

}  // namespace npu::arch
