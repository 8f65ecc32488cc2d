// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register_rows.h"

// The registers of a shim tile, by offset. Event groups: one bit per event of the group.
// Descriptors (`dma.bd`) have their fields in dma_tables.h.

namespace npu::arch {

namespace {

using enum RegisterId;

// clang-format off
constexpr std::array kTable{
    // Locks
    row(at(0x14000).each(16, 16),            LockValue,       "lock{}.value", kBoth, "lock_value[5:0]"),
    row(at(0x14100).each(6, 4),              Accepted,        "locks.event_selection{}", kBoth, "lock_value[5:0]=0x3F lock_select[19:16]"),
    row(at(0x14120),                         LocksOverflow,   "locks.overflow", kBoth, "locks[15:0]"),
    row(at(0x14128),                         LocksUnderflow,  "locks.underflow", kBoth, "locks[15:0]"),
    // Interrupts
    row(at(0x15000),                         Accepted,        "interrupt.second.mask", kBoth, "irq_mask_a[15:0]"),
    row(at(0x15004),                         Accepted,        "interrupt.second.enable", kBoth, "enable_a[15:0]"),
    row(at(0x15008),                         Accepted,        "interrupt.second.disable", kBoth, "disable_a[15:0]"),
    row(at(0x1500C),                         Accepted,        "interrupt.second.status", kBoth, "status_a[15:0]"),
    row(at(0x15010),                         Accepted,        "interrupt.second.interrupt", kBoth, "noc_interrupt[1:0]"),
    // Tile control
    row(at(0x16000),                         Accepted,        "noc.spare", kBoth, "value[15:0]"),
    // DMA
    row(at(0x1D000).each(16, 32).block(8),   Bd,              "dma.bd{}.w{}", kBoth),
    row(at(0x1D200).each(2, 8),              S2mmControl,     "dma.s2mm{}.control", kBoth,
        "pause_mem[1] pause_stream[2] enable_out_of_order[3] controller_id[15:8] fot_mode[17:16]"),
    row(at(0x1D204).each(2, 8),              S2mmQueue,       "dma.s2mm{}.start_queue", kBoth,
        "start_bd_id[3:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0x1D210).each(2, 8),              Mm2sControl,     "dma.mm2s{}.control", kBoth,
        "pause_mem[1] pause_stream[2] controller_id[15:8]"),
    row(at(0x1D214).each(2, 8),              Mm2sQueue,       "dma.mm2s{}.start_queue", kBoth,
        "start_bd_id[3:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0x1D220).each(2, 4),              S2mmStatus,      "dma.s2mm{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_starvation[4] "
        "stalled_tct_or_count_fifo_full[5] error_bd_unavailable[10] error_bd_invalid[11] error_fot_length_exceeded[12] "
        "error_fot_bds_per_task[13] axi_mm_decode_error[16] axi_mm_slave_error[17] task_queue_overflow[18] "
        "channel_running[19] task_queue_size[22:20] cur_bd[27:24]"),
    row(at(0x1D228).each(2, 4),              Mm2sStatus,      "dma.mm2s{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_backpressure[4] stalled_tct[5] "
        "error_bd_invalid[11] axi_mm_decode_error[16] axi_mm_slave_error[17] task_queue_overflow[18] channel_running[19] "
        "task_queue_size[22:20] cur_bd[27:24]"),
    row(at(0x1D230).each(2, 4),              S2mmWriteCount,  "dma.s2mm{}.write_count", kBoth, "current_write_count[17:0]"),
    row(at(0x1D238).each(2, 4),              S2mmFotCount,    "dma.s2mm{}.fot_count", kBoth,
        "write_count[17:0] bd_id[29:24] last_in_task[30] valid[31]"),
    // NoC
    row(at(0x1E008).each(4, 4),              Storage,         "noc.destination{}", kBoth, "tdest[9:0]"),
    row(at(0x1E020),                         Storage,         "noc.axi_config", kBoth,
        "master_sel[0] slave_sel[1] slverr_block[2] decerr_block[3]"),
    // Multiplexers of the South ports
    row(at(0x1F000),                         ShimMux,         "shim.mux", kBoth, "south2[9:8] south3[11:10] south6[13:12] south7[15:14]"),
    row(at(0x1F004),                         ShimDemux,       "shim.demux", kBoth, "south2[5:4] south3[7:6] south4[9:8] south5[11:10]"),
    // Performance counters
    row(at(0x31000),                         Accepted,        "perf.control0", kBoth,
        "cnt0_start_event[6:0] cnt0_stop_event[14:8] cnt1_start_event[22:16] cnt1_stop_event[30:24]"),
    row(at(0x31008),                         Accepted,        "perf.control1", kBoth, "cnt0_reset_event[6:0] cnt1_reset_event[14:8]"),
    row(at(0x31020).each(2, 4),              Accepted,        "perf.counter{}", kBoth, "counter0_value[31:0]"),
    row(at(0x31080).each(2, 4),              Accepted,        "perf.counter{}.threshold", kBoth, "value[31:0]"),
    // Programmable logic interface
    row(at(0x33000),                         Storage,         "pl.upsizer_config", kBoth,
        "south0[0]=1 south1[1]=1 south0_south1_128_combine[2] south2[3]=1 south3[4]=1 south2_south3_128_combine[5] "
        "south4[6]=1 south5[7]=1 south4_south5_128_combine[8]"),
    row(at(0x33004),                         Storage,         "pl.downsizer_config", kBoth,
        "south0[0]=1 south1[1]=1 south0_south1_128_combine[2] south2[3]=1 south3[4]=1 south2_south3_128_combine[5] "
        "south4[6]=1 south5[7]=1 south4_south5_128_combine[8] south6[9]=1 south7[10]=1 south6_south7_128_combine[11]"),
    row(at(0x33008),                         Storage,         "pl.downsizer_enable", kBoth, "south[7:0]"),
    row(at(0x3300C),                         Storage,         "pl.downsizer_bypass", kBoth, "south[2:0] south[5:3]"),
    // Events, trace and timers
    row(at(0x34000),                         TimerControl,    "timer.control", kBoth, "reset_event[14:8] reset[31]"),
    row(at(0x34008),                         EventGenerate,   "event.generate", kBoth, "event[6:0]"),
    row(at(0x34010).each(16, 4),             Accepted,        "event.broadcast{}", kBoth, "event[6:0]"),
    row(at(0x34050),                         Accepted,        "event.block_a_south.set", kBoth, "set[15:0]"),
    row(at(0x34054),                         Accepted,        "event.block_a_south.clear", kBoth, "clear[15:0]"),
    row(at(0x34058),                         Accepted,        "event.block_a_south.value", kBoth, "value[15:0]"),
    row(at(0x34060),                         Accepted,        "event.block_a_west.set", kBoth, "set[15:0]"),
    row(at(0x34064),                         Accepted,        "event.block_a_west.clear", kBoth, "clear[15:0]"),
    row(at(0x34068),                         Accepted,        "event.block_a_west.value", kBoth, "value[15:0]"),
    row(at(0x34070),                         Accepted,        "event.block_a_north.set", kBoth, "set[15:0]"),
    row(at(0x34074),                         Accepted,        "event.block_a_north.clear", kBoth, "clear[15:0]"),
    row(at(0x34078),                         Accepted,        "event.block_a_north.value", kBoth, "value[15:0]"),
    row(at(0x34080),                         Accepted,        "event.block_a_east.set", kBoth, "set[15:0]"),
    row(at(0x34084),                         Accepted,        "event.block_a_east.clear", kBoth, "clear[15:0]"),
    row(at(0x34088),                         Accepted,        "event.block_a_east.value", kBoth, "value[15:0]"),
    row(at(0x34090),                         Accepted,        "event.block_b_south.set", kBoth, "set[15:0]"),
    row(at(0x34094),                         Accepted,        "event.block_b_south.clear", kBoth, "clear[15:0]"),
    row(at(0x34098),                         Accepted,        "event.block_b_south.value", kBoth, "value[15:0]"),
    row(at(0x340A0),                         Accepted,        "event.block_b_west.set", kBoth, "set[15:0]"),
    row(at(0x340A4),                         Accepted,        "event.block_b_west.clear", kBoth, "clear[15:0]"),
    row(at(0x340A8),                         Accepted,        "event.block_b_west.value", kBoth, "value[15:0]"),
    row(at(0x340B0),                         Accepted,        "event.block_b_north.set", kBoth, "set[15:0]"),
    row(at(0x340B4),                         Accepted,        "event.block_b_north.clear", kBoth, "clear[15:0]"),
    row(at(0x340B8),                         Accepted,        "event.block_b_north.value", kBoth, "value[15:0]"),
    row(at(0x340C0),                         Accepted,        "event.block_b_east.set", kBoth, "set[15:0]"),
    row(at(0x340C4),                         Accepted,        "event.block_b_east.clear", kBoth, "clear[15:0]"),
    row(at(0x340C8),                         Accepted,        "event.block_b_east.value", kBoth, "value[15:0]"),
    row(at(0x340D0),                         Storage,         "trace.control0", kBoth, "trace_start_event[22:16] trace_stop_event[30:24]"),
    row(at(0x340D4),                         Accepted,        "trace.control1", kBoth, "id[4:0] packet_type[14:12]"),
    row(at(0x340D8),                         Accepted,        "trace.status", kBoth, "mode[2:0] state[9:8]"),
    row(at(0x340E0),                         Accepted,        "trace.events0", kBoth,
        "trace_event0[6:0] trace_event1[14:8] trace_event2[22:16] trace_event3[30:24]"),
    row(at(0x340E4),                         Accepted,        "trace.events1", kBoth,
        "trace_event4[6:0] trace_event5[14:8] trace_event6[22:16] trace_event7[30:24]"),
    row(at(0x340F0),                         Accepted,        "timer.trigger_low", kBoth, "timertriglow[31:0]=0xFFFFFFFF"),
    row(at(0x340F4),                         Accepted,        "timer.trigger_high", kBoth, "timertrighigh[31:0]=0xFFFFFFFF"),
    row(at(0x340F8),                         TimerLow,        "timer.low", kBoth, "timerlow[31:0]"),
    row(at(0x340FC),                         TimerHigh,       "timer.high", kBoth, "timerhigh[31:0]"),
    // Register 0 resets to 2: event 1, TRUE, has always happened.
    row(at(0x34200).each(4, 4),              EventStatus,     "event.status{}", kBoth, "events[31:0]"),
    row(at(0x34400),                         Accepted,        "event.combo_inputs", kBoth,
        "eventa[6:0] eventb[14:8] eventc[22:16] eventd[30:24]"),
    row(at(0x34404),                         Accepted,        "event.combo_control", kBoth, "combo0[1:0] combo1[9:8] combo2[17:16]"),
    row(at(0x34408),                         Accepted,        "event.edge_detection", kBoth,
        "edge_detection_event_0[6:0] edge_detection_0_trigger_rising[9] edge_detection_0_trigger_falling[10] "
        "edge_detection_event_1[22:16] edge_detection_1_trigger_rising[25] edge_detection_1_trigger_falling[26]"),
    row(at(0x34500),                         Accepted,        "event.group_0", kBoth, "events[9:0]=0x3FF"),
    row(at(0x34504),                         Accepted,        "event.group_dma_activity", kBoth, "events[23:0]=0xFFFFFF"),
    row(at(0x34508),                         Accepted,        "event.group_lock", kBoth, "events[23:0]=0xFFFFFF"),
    row(at(0x3450C),                         Accepted,        "event.group_errors", kBoth, "events[11:0]=0xFFF"),
    row(at(0x34510),                         Accepted,        "event.group_stream_switch", kBoth, "events[31:0]=0xFFFFFFFF"),
    row(at(0x34514),                         Accepted,        "event.group_broadcast_a", kBoth, "events[15:0]=0xFFFF"),
    // Interrupts
    row(at(0x35000),                         Accepted,        "interrupt.first_a.mask", kBoth, "irq_mask_a[19:0]"),
    row(at(0x35004),                         Accepted,        "interrupt.first_a.enable", kBoth, "enable_a[19:0]"),
    row(at(0x35008),                         Accepted,        "interrupt.first_a.disable", kBoth, "disable_a[19:0]"),
    row(at(0x3500C),                         Accepted,        "interrupt.first_a.status", kBoth, "status_a[19:0]"),
    row(at(0x35010),                         Accepted,        "interrupt.first_a.irq_no", kBoth, "irq_no_a[3:0]"),
    // Events, trace and timers
    row(at(0x35014),                         Accepted,        "interrupt.first_a.irq_event", kBoth,
        "irq_event0[6:0] irq_event1[14:8] irq_event2[22:16] irq_event3[30:24]"),
    // Interrupts
    row(at(0x35018),                         Accepted,        "interrupt.first_a.block_north_set", kBoth, "set[15:0]"),
    row(at(0x3501C),                         Accepted,        "interrupt.first_a.block_north_clear", kBoth, "clear[15:0]"),
    row(at(0x35020),                         Accepted,        "interrupt.first_a.block_north_value", kBoth, "value[15:0]"),
    row(at(0x35030),                         Accepted,        "interrupt.first_b.mask", kBoth, "irq_mask_b[19:0]"),
    row(at(0x35034),                         Accepted,        "interrupt.first_b.enable", kBoth, "enable_b[19:0]"),
    row(at(0x35038),                         Accepted,        "interrupt.first_b.disable", kBoth, "disable_b[19:0]"),
    row(at(0x3503C),                         Accepted,        "interrupt.first_b.status", kBoth, "status_b[19:0]"),
    row(at(0x35040),                         Accepted,        "interrupt.first_b.irq_no", kBoth, "irq_no_b[3:0]"),
    // Events, trace and timers
    row(at(0x35044),                         Accepted,        "interrupt.first_b.irq_event", kBoth,
        "irq_event0[6:0] irq_event1[14:8] irq_event2[22:16] irq_event3[30:24]"),
    // Interrupts
    row(at(0x35048),                         Accepted,        "interrupt.first_b.block_north_set", kBoth, "set[15:0]"),
    row(at(0x3504C),                         Accepted,        "interrupt.first_b.block_north_clear", kBoth, "clear[15:0]"),
    row(at(0x35050),                         Accepted,        "interrupt.first_b.block_north_value", kBoth, "value[15:0]"),
    // Clocks, resets, isolation
    row(at(0x36030),                         Accepted,        "tile.isolation", kAie2Only,
        "isolate_from_south[0] isolate_from_west[1] isolate_from_north[2] isolate_from_east[3]"),
    // Stream switch
    row(at(0x3F000).each(22, 4),             SwitchMaster,    "switch.master{}", kBoth,
        "configuration[6:0] drop_header[7] packet_enable[30] master_enable[31]"),
    row(at(0x3F100).each(23, 4),             SwitchSlave,     "switch.slave{}", kBoth, "packet_enable[30] slave_enable[31]"),
    row(at(0x3F200).each(23, 16).block(4),   SwitchSlot,      "switch.slave{}.slot{}", kBoth,
        "arbit[2:0] msel[5:4] enable[8] mask[20:16] id[28:24]"),
    // w0, w1: [4:0] slave, [13:8] packets, [20:16] slave, [29:24] packets; w2: [0] enable
    row(at(0x3F800).each(2, 16).block(3),    SwitchMerge,     "switch.merge{}.w{}", kBoth),
    // Events, trace and timers
    row(at(0x3FF00),                         Accepted,        "switch.event_ports0", kBoth,
        "port_0_id[4:0] port_0_master_slave[5] port_1_id[12:8] port_1_master_slave[13] port_2_id[20:16] "
        "port_2_master_slave[21] port_3_id[28:24] port_3_master_slave[29]"),
    row(at(0x3FF04),                         Accepted,        "switch.event_ports1", kBoth,
        "port_4_id[4:0] port_4_master_slave[5] port_5_id[12:8] port_5_master_slave[13] port_6_id[20:16] "
        "port_6_master_slave[21] port_7_id[28:24] port_7_master_slave[29]"),
    // Stream switch
    row(at(0x3FF10),                         Accepted,        "switch.parity_status", kBoth, "south[5:0] tile_control[6]"),
    row(at(0x3FF20),                         Storage,         "switch.parity_injection", kAie2Only,
        "south[7:0] tile_control[8] shim_trace[9]"),
    row(at(0x3FF20),                         Storage,         "switch.parity_injection", kAie2pOnly,
        "south_lower[7:0] tile_control_lower[8] shim_trace_lower[9] south_upper[23:16] tile_control_upper[24] "
        "shim_trace_upper[25]"),
    row(at(0x3FF30),                         Storage,         "switch.control_packet_status", kBoth,
        "first_header_parity_error[0] second_header_parity_error[1] slverr_on_access[2] tlast_error[3]"),
    row(at(0x3FF34),                         Accepted,        "switch.clock_gate_status", kBoth, "active[0]"),
    row(at(0x3FF38),                         Accepted,        "switch.clock_gate_abort_period", kBoth, "abort_period[3:0]=7"),
    // Locks
    // A read makes the request that its address encodes: [13:10] lock, [9] acquire, [8:2] signed value. It returns 1 on success.
    row(at(0x40000).block(0x1000),           LockRequest,     "locks.request", kBoth),
    // Clocks, resets, isolation
    row(at(0xFFF00),                         Accepted,        "tile.clock0", kBoth,
        "stream_switch_clock_enable[0]=1 pl_interface_clock_enable[1]=1 cte_clock_enable[3]=1 "
        "stream_switch_adaptive_clock_gate[4]=1 dma_adaptive_clock_gate[5]=1"),
    row(at(0xFFF04),                         Accepted,        "tile.clock1", kBoth, "noc_module_clock_enable[0]=1"),
    row(at(0xFFF10),                         Storage,         "tile.reset0", kBoth,
        "stream_switch_reset[0] pl_interface_reset[1] cte_module_reset[3]"),
    row(at(0xFFF14),                         Storage,         "tile.reset1", kBoth, "noc_module_reset[0]"),
    row(at(0xFFF20),                         Accepted,        "column.clock", kBoth, "clock_buffer_enable[0]"),
    row(at(0xFFF24),                         Accepted,        "tile.cssd_trigger", kBoth, "trigger[0]"),
    row(at(0xFFF28),                         Storage,         "column.reset", kBoth, "reset[0]"),
    // Tile control
    row(at(0xFFF30),                         Accepted,        "pl.spare", kBoth, "value[15:0]"),
    // Clocks, resets, isolation
    row(at(0xFFF40),                         Accepted,        "tile.isolation", kAie2pOnly,
        "isolate_from_south[0]=1 isolate_from_west[1]=1 isolate_from_north[2]=1 isolate_from_east[3]=1"),
};
// clang-format on

constexpr auto kFields = parse_fields<field_count(kTable)>(kTable);
constexpr auto kRegisters = with_fields(kTable, kFields);
static_assert(well_formed(kRegisters));

}  // namespace

std::span<const Register> shim_registers() {
  return kRegisters;
}

}  // namespace npu::arch
