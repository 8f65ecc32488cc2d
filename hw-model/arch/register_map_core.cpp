// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register_rows.h"

// The registers of a core tile, by offset. Event groups: one bit per event of the group.
// Descriptors (`dma.bd`) have their fields in dma_tables.h.

namespace npu::arch {

namespace {

using enum RegisterId;

// clang-format off
constexpr std::array kTable{
    // Memory
    row(at(0x00000).block(0x4000),           DataMemory,      "data_memory", kBoth),
    // Performance counters
    row(at(0x11000),                         Accepted,        "memory.perf.control0", kBoth,
        "cnt0_start_event[6:0] cnt0_stop_event[14:8] cnt1_start_event[22:16] cnt1_stop_event[30:24]"),
    row(at(0x11008),                         Accepted,        "memory.perf.control1", kBoth,
        "cnt0_reset_event[6:0] cnt1_reset_event[14:8]"),
    row(at(0x11020).each(2, 4),              Accepted,        "memory.perf.counter{}", kBoth, "value[31:0]"),
    row(at(0x11080).each(2, 4),              Accepted,        "memory.perf.counter{}.threshold", kBoth, "value[31:0]"),
    // Error protection
    row(at(0x12000),                         Storage,         "memory.ecc.inject", kAie2Only, "lane[3:0]"),
    row(at(0x12000),                         Storage,         "memory.ecc.inject", kAie2pOnly, "lane[7:0]"),
    row(at(0x12110),                         Accepted,        "memory.ecc.scrub_event", kBoth, "scrubbing_event_number[6:0]"),
    row(at(0x12120),                         Accepted,        "memory.ecc.failing_address", kBoth,
        "ecc_error_detection_address[13:0] valid[15]"),
    row(at(0x12124),                         Accepted,        "memory.ecc.parity_failing_address", kBoth,
        "parity_error_detection_address[15:0] valid[16]"),
    // Events, trace and timers
    row(at(0x14000),                         TimerControl,    "memory.timer.control", kBoth, "reset_event[14:8] reset[31]"),
    row(at(0x14008),                         EventGenerate,   "memory.event.generate", kBoth, "event[6:0]"),
    row(at(0x14010).each(16, 4),             Accepted,        "memory.event.broadcast{}", kBoth, "event[6:0]"),
    row(at(0x14050),                         Accepted,        "memory.event.block_south.set", kBoth, "set[15:0]"),
    row(at(0x14054),                         Accepted,        "memory.event.block_south.clear", kBoth, "clear[15:0]"),
    row(at(0x14058),                         Accepted,        "memory.event.block_south.value", kBoth, "value[15:0]"),
    row(at(0x14060),                         Accepted,        "memory.event.block_west.set", kBoth, "set[15:0]"),
    row(at(0x14064),                         Accepted,        "memory.event.block_west.clear", kBoth, "clear[15:0]"),
    row(at(0x14068),                         Accepted,        "memory.event.block_west.value", kBoth, "value[15:0]"),
    row(at(0x14070),                         Accepted,        "memory.event.block_north.set", kBoth, "set[15:0]"),
    row(at(0x14074),                         Accepted,        "memory.event.block_north.clear", kBoth, "clear[15:0]"),
    row(at(0x14078),                         Accepted,        "memory.event.block_north.value", kBoth, "value[15:0]"),
    row(at(0x14080),                         Accepted,        "memory.event.block_east.set", kBoth, "set[15:0]"),
    row(at(0x14084),                         Accepted,        "memory.event.block_east.clear", kBoth, "clear[15:0]"),
    row(at(0x14088),                         Accepted,        "memory.event.block_east.value", kBoth, "value[15:0]"),
    row(at(0x140D0),                         Storage,         "memory.trace.control0", kBoth,
        "trace_start_event[22:16] trace_stop_event[30:24]"),
    row(at(0x140D4),                         Accepted,        "memory.trace.control1", kBoth, "id[4:0] packet_type[14:12]"),
    row(at(0x140D8),                         Accepted,        "memory.trace.status", kBoth, "mode[2:0] state[9:8]"),
    row(at(0x140E0),                         Accepted,        "memory.trace.events0", kBoth,
        "trace_event0[6:0] trace_event1[14:8] trace_event2[22:16] trace_event3[30:24]"),
    row(at(0x140E4),                         Accepted,        "memory.trace.events1", kBoth,
        "trace_event4[6:0] trace_event5[14:8] trace_event6[22:16] trace_event7[30:24]"),
    row(at(0x140F0),                         Accepted,        "memory.timer.trigger_low", kBoth, "timertriglow[31:0]=0xFFFFFFFF"),
    row(at(0x140F4),                         Accepted,        "memory.timer.trigger_high", kBoth, "timertrighigh[31:0]=0xFFFFFFFF"),
    row(at(0x140F8),                         TimerLow,        "memory.timer.low", kBoth, "timerlow[31:0]"),
    row(at(0x140FC),                         TimerHigh,       "memory.timer.high", kBoth, "timerhigh[31:0]"),
    row(at(0x14100).each(2, 4),              Accepted,        "memory.watchpoint{}", kAie2Only,
        "address[15:4] writestrobes[23:20] south_access[24] west_access[25] north_access[26] east_access[27] "
        "dma_access[28] axi_access[29] write_access[30] read_access[31]"),
    row(at(0x14100).each(2, 4),              Accepted,        "memory.watchpoint{}", kAie2pOnly,
        "address[10:0] writestrobemask[23:16] south_access[24] west_access[25] north_access[26] east_access[27] "
        "dma_access[28] axi_access[29] write_access[30] read_access[31]"),
    // Register 0 resets to 2: event 1, TRUE, has always happened.
    row(at(0x14200).each(4, 4),              EventStatus,     "memory.event.status{}", kBoth, "events[31:0]"),
    row(at(0x14400),                         Accepted,        "memory.event.combo_inputs", kBoth,
        "eventa[6:0] eventb[14:8] eventc[22:16] eventd[30:24]"),
    row(at(0x14404),                         Accepted,        "memory.event.combo_control", kBoth, "combo0[1:0] combo1[9:8] combo2[17:16]"),
    row(at(0x14408),                         Accepted,        "memory.event.edge_detection", kBoth,
        "edge_detection_event_0[6:0] edge_detection_0_trigger_rising[9] edge_detection_0_trigger_falling[10] "
        "edge_detection_event_1[22:16] edge_detection_1_trigger_rising[25] edge_detection_1_trigger_falling[26]"),
    row(at(0x14500),                         Accepted,        "memory.event.group_0", kBoth, "events[9:0]=0x3FF"),
    row(at(0x14504),                         Accepted,        "memory.event.group_watchpoint", kBoth, "events[1:0]=3"),
    row(at(0x14508),                         Accepted,        "memory.event.group_dma", kBoth, "events[23:0]=0xFFFFFF"),
    row(at(0x1450C),                         Accepted,        "memory.event.group_lock", kBoth, "events[31:0]=0xFFFFFFFF"),
    row(at(0x14510),                         Accepted,        "memory.event.group_memory_conflict", kBoth, "events[7:0]=0xFF"),
    row(at(0x14514),                         Accepted,        "memory.event.group_error", kBoth, "events[15:0]=0xFFFF"),
    row(at(0x14518),                         Accepted,        "memory.event.group_broadcast", kBoth, "events[15:0]=0xFFFF"),
    row(at(0x1451C),                         Accepted,        "memory.event.group_user", kBoth, "events[3:0]=0xF"),
    // Tile control
    row(at(0x16000),                         Accepted,        "memory.spare", kBoth, "value[15:0]"),
    // Memory control
    row(at(0x16010),                         MemoryControl,   "memory.control", kBoth, "memory_zeroisation[0]"),
    // DMA
    row(at(0x1D000).each(16, 32).block(6),   Bd,              "dma.bd{}.w{}", kBoth),
    row(at(0x1DE00).each(2, 8),              S2mmControl,     "dma.s2mm{}.control", kBoth,
        "reset[1] enable_out_of_order[3] decompression_enable[4] controller_id[15:8] fot_mode[17:16]"),
    row(at(0x1DE04).each(2, 8),              S2mmQueue,       "dma.s2mm{}.start_queue", kBoth,
        "start_bd_id[3:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0x1DE10).each(2, 8),              Mm2sControl,     "dma.mm2s{}.control", kBoth,
        "reset[1] compression_enable[4] controller_id[15:8]"),
    row(at(0x1DE14).each(2, 8),              Mm2sQueue,       "dma.mm2s{}.start_queue", kBoth,
        "start_bd_id[3:0] repeat_count[23:16] enable_token_issue[31]"),
    row(at(0x1DF00).each(2, 4),              S2mmStatus,      "dma.s2mm{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_starvation[4] "
        "stalled_tct_or_count_fifo_full[5] error_bd_unavailable[10] error_bd_invalid[11] error_fot_length_exceeded[12] "
        "error_fot_bds_per_task[13] task_queue_overflow[18] channel_running[19] task_queue_size[22:20] cur_bd[27:24]"),
    row(at(0x1DF10).each(2, 4),              Mm2sStatus,      "dma.mm2s{}.status", kBoth,
        "status[1:0] stalled_lock_acq[2] stalled_lock_rel[3] stalled_stream_backpressure[4] stalled_tct[5] "
        "error_bd_invalid[11] task_queue_overflow[18] channel_running[19] task_queue_size[22:20] cur_bd[27:24]"),
    row(at(0x1DF18).each(2, 4),              S2mmWriteCount,  "dma.s2mm{}.write_count", kBoth, "current_write_count[13:0]"),
    row(at(0x1DF20).each(2, 4),              S2mmFotCount,    "dma.s2mm{}.fot_count", kBoth,
        "write_count[17:0] bd_id[29:24] last_in_task[30] valid[31]"),
    // Locks
    row(at(0x1F000).each(16, 16),            LockValue,       "lock{}.value", kBoth, "lock_value[5:0]"),
    row(at(0x1F100).each(8, 4),              Accepted,        "locks.event_selection{}", kBoth, "lock_value[5:0]=0x3F lock_select[19:16]"),
    row(at(0x1F120),                         LocksOverflow,   "locks.overflow", kBoth, "locks[15:0]"),
    row(at(0x1F128),                         LocksUnderflow,  "locks.underflow", kBoth, "locks[15:0]"),
    // Memory
    row(at(0x20000).block(0x1000),           ProgramMemory,   "program_memory", kBoth),
    // Core registers
    row(at(0x30C00).each(32, 16),            Storage,         "core.r{}", kAie2Only, "value[31:0]"),
    row(at(0x30E00).each(8, 16),             Storage,         "core.m{}", kAie2Only, "value[19:0]"),
    row(at(0x30E00),                         Storage,         "core.pc", kAie2pOnly, "value[19:0]"),
    row(at(0x30E10),                         Storage,         "core.fc", kAie2pOnly, "value[19:0]"),
    row(at(0x30E20),                         Storage,         "core.sp", kAie2pOnly, "value[19:0]"),
    row(at(0x30E30),                         Storage,         "core.lr", kAie2pOnly, "value[19:0]"),
    row(at(0x30E40),                         Storage,         "core.ls", kAie2pOnly, "value[19:0]"),
    row(at(0x30E50),                         Storage,         "core.le", kAie2pOnly, "value[19:0]=0xFFFFF"),
    row(at(0x30E60),                         Storage,         "core.lc", kAie2pOnly, "value[31:0]"),
    row(at(0x30E70),                         Storage,         "core.cr1", kAie2pOnly,
        "saturation_mode[1:0] round_mode[5:2] float_mac_pad_mask[6] float_mac_infinity_mask[7] float_mac_invalid_mask[8] "
        "float_mac_tiny_mask[9] float_mac_huge_mask[10] mcd_enable[11]=1 scd_enable[12]=1 bfloat_to_int_pad_mask[18] "
        "bfloat_to_int_invalid_mask[20] bfloat_to_int_tiny_mask[21] bfloat_to_int_huge_mask[22] "
        "float_to_bfloat_pad_mask[23] float_to_bfloat_infinity_mask[24] float_to_bfloat_invalid_mask[25] "
        "float_to_bfloat_tiny_mask[26] float_to_bfloat_huge_mask[27] unpacksize[28] srs_mode[29] ups_mode[30] "
        "packsize[31]"),
    row(at(0x30E80).each(8, 16),             Storage,         "core.dn{}", kAie2Only, "value[19:0]"),
    row(at(0x30E80),                         Storage,         "core.cr2", kAie2pOnly,
        "vadd_sign0[0] vadd_sign1[1]=1 unpack_sign0[2] unpack_sign1[3]=1 pack_sign0[4] pack_sign1[5]=1 ups_sign0[6] "
        "ups_sign1[7]=1 srs_sign0[8] srs_sign1[9]=1"),
    row(at(0x30E90),                         Storage,         "core.sr", kAie2pOnly,
        "carry[0] ss0_success[1] ss0_tlast[2] ms0_success[3] srs_overflow[4] ups_overflow[5] float_mac_pad_flag[7] "
        "float_mac_infinity_flag[8] float_mac_invalid_flag[9] float_mac_tiny_flag[10] float_mac_huge_flag[11] "
        "bfloat_to_int_pad_flag[12] bfloat_to_int_invalid_flag[14] bfloat_to_int_tiny_flag[15] "
        "bfloat_to_int_huge_flag[16] float_to_bfloat_pad_flag[17] float_to_bfloat_infinity_flag[18] "
        "float_to_bfloat_invalid_flag[19] float_to_bfloat_tiny_flag[20] float_to_bfloat_huge_flag[21] sparse_overflow[22] "
        "fifo_overflow[23] fifo_underflow[24]"),
    row(at(0x30F00).each(8, 16),             Storage,         "core.dj{}", kAie2Only, "value[19:0]"),
    row(at(0x30F80).each(8, 16),             Storage,         "core.dc{}", kAie2Only, "value[19:0]"),
    row(at(0x31000).each(8, 16),             Storage,         "core.p{}", kAie2Only, "value[19:0]"),
    row(at(0x31000).each(32, 16),            Storage,         "core.r{}", kAie2pOnly, "value[31:0]"),
    row(at(0x31080).each(4, 16),             Storage,         "core.s{}", kAie2Only, "value[5:0]"),
    row(at(0x31100),                         Storage,         "core.pc", kAie2Only, "value[19:0]"),
    row(at(0x31110),                         Storage,         "core.fc", kAie2Only, "value[19:0]"),
    row(at(0x31120),                         Storage,         "core.sp", kAie2Only, "value[19:0]"),
    row(at(0x31130),                         Storage,         "core.lr", kAie2Only, "value[19:0]"),
    row(at(0x31140),                         Storage,         "core.ls", kAie2Only, "value[19:0]"),
    row(at(0x31150),                         Storage,         "core.le", kAie2Only, "value[19:0]=0xFFFFF"),
    row(at(0x31160),                         Storage,         "core.lc", kAie2Only, "value[31:0]"),
    row(at(0x31170),                         Storage,         "core.cr", kAie2Only,
        "saturation_mode[1:0] round_mode[5:2] float_mac_pad_mask[6] float_mac_infinity_mask[7] float_mac_invalid_mask[8] "
        "float_mac_tiny_mask[9] float_mac_huge_mask[10] mcd_enable[11]=1 scd_enable[12]=1 vadd_sign[13] unpack_sign[14] "
        "pack_sign[15] ups_sign[16] srs_sign[17] bfloat_to_int_pad_mask[18] bfloat_to_int_invalid_mask[20] "
        "bfloat_to_int_tiny_mask[21] bfloat_to_int_huge_mask[22] float_to_bfloat_pad_mask[23] "
        "float_to_bfloat_infinity_mask[24] float_to_bfloat_invalid_mask[25] float_to_bfloat_tiny_mask[26] "
        "float_to_bfloat_huge_mask[27]"),
    row(at(0x31180),                         Storage,         "core.sr", kAie2Only,
        "carry[0] ss0_success[1] ss0_tlast[2] ms0_success[3] srs_overflow[4] ups_overflow[5] compression_underflow[6] "
        "float_mac_pad_flag[7] float_mac_infinity_flag[8] float_mac_invalid_flag[9] float_mac_tiny_flag[10] "
        "float_mac_huge_flag[11] bfloat_to_int_pad_flag[12] bfloat_to_int_invalid_flag[14] bfloat_to_int_tiny_flag[15] "
        "bfloat_to_int_huge_flag[16] float_to_bfloat_pad_flag[17] float_to_bfloat_infinity_flag[18] "
        "float_to_bfloat_invalid_flag[19] float_to_bfloat_tiny_flag[20] float_to_bfloat_huge_flag[21] sparse_overflow[22]"),
    row(at(0x31190),                         Storage,         "core.dp", kAie2Only, "value[19:0]"),
    row(at(0x31200).each(8, 16),             Storage,         "core.m{}", kAie2pOnly, "value[19:0]"),
    row(at(0x31280).each(8, 16),             Storage,         "core.dn{}", kAie2pOnly, "value[19:0]"),
    row(at(0x31300).each(8, 16),             Storage,         "core.dj{}", kAie2pOnly, "value[19:0]"),
    row(at(0x31380).each(8, 16),             Storage,         "core.dc{}", kAie2pOnly, "value[19:0]"),
    row(at(0x31400).each(8, 16),             Storage,         "core.p{}", kAie2pOnly, "value[19:0]"),
    row(at(0x31480).each(4, 16),             Storage,         "core.s{}", kAie2pOnly, "value[5:0]"),
    // Performance counters
    row(at(0x31500),                         Accepted,        "core.perf.control0", kBoth,
        "cnt0_start_event[6:0] cnt0_stop_event[14:8] cnt1_start_event[22:16] cnt1_stop_event[30:24]"),
    row(at(0x31504),                         Accepted,        "core.perf.control1", kBoth,
        "cnt2_start_event[6:0] cnt2_stop_event[14:8] cnt3_start_event[22:16] cnt3_stop_event[30:24]"),
    row(at(0x31508),                         Accepted,        "core.perf.control2", kBoth,
        "cnt0_reset_event[6:0] cnt1_reset_event[14:8] cnt2_reset_event[22:16] cnt3_reset_event[30:24]"),
    row(at(0x31520).each(4, 4),              Accepted,        "core.perf.counter{}", kBoth, "counter0_value[31:0]"),
    row(at(0x31580).each(4, 4),              Accepted,        "core.perf.counter{}.threshold", kBoth, "value[31:0]"),
    // Core control
    row(at(0x32000),                         CoreControl,     "core.control", kBoth, "enable[0] reset[1]=1"),
    row(at(0x32004),                         CoreStatus,      "core.status", kBoth,
        "enable[0] reset[1]=1 memory_stall_s[2] memory_stall_w[3] memory_stall_n[4] memory_stall_e[5] lock_stall_s[6] "
        "lock_stall_w[7] lock_stall_n[8] lock_stall_e[9] stream_stall_ss0[10] stream_stall_ms0[12] cascade_stall_scd[14] "
        "cascade_stall_mcd[15] debug_halt[16] ecc_error_stall[17] ecc_scrubbing_stall[18] error_halt[19] core_done[20] "
        "core_processor_bus_stall[21]"),
    row(at(0x32008),                         Storage,         "core.enable_events", kBoth,
        "enable_event[6:0] enable_event_occurred[7] disable_event[14:8] disable_event_occurred[15]"),
    row(at(0x3200C),                         Storage,         "core.reset_event", kBoth, "reset_event[6:0]"),
    row(at(0x32010),                         Storage,         "core.debug_control0", kBoth, "debug_halt_bit[0] single_step_count[5:2]"),
    row(at(0x32014),                         Storage,         "core.debug_control1", kBoth,
        "debug_resume_core_event[6:0] debug_singlestep_core_event[14:8] debug_halt_core_event0[22:16] "
        "debug_halt_core_event1[30:24]"),
    row(at(0x32018),                         Storage,         "core.debug_control2", kBoth,
        "pc_event_halt[0] memory_stall_halt[1] lock_stall_halt[2] stream_stall_halt[3]"),
    row(at(0x3201C),                         Storage,         "core.debug_status", kBoth,
        "debug_halted[0] pc_event_halted[1] memory_stall_halted[2] lock_stall_halted[3] stream_stall_halted[4] "
        "debug_event0_halted[5] debug_event1_halted[6]"),
    row(at(0x32020).each(4, 4),              Accepted,        "core.pc_event{}", kBoth, "pc_address[13:0] valid[31]"),
    row(at(0x32030),                         Storage,         "core.error_halt_control", kBoth, "error_halt[0]"),
    row(at(0x32034),                         Storage,         "core.error_halt_event", kBoth, "error_halt_core_event[6:0]"),
    row(at(0x32038),                         Storage,         "core.processor_bus", kBoth, "enable[0] slverr_on_access[2]"),
    // Error protection
    row(at(0x32100),                         Accepted,        "core.ecc.control", kBoth, "stall_core_control[0] unstall_core[1]"),
    row(at(0x32110),                         Accepted,        "core.ecc.scrub_event", kBoth, "scrubbing_event_number[6:0]"),
    row(at(0x32120),                         Accepted,        "core.ecc.failing_address", kBoth,
        "ecc_error_detection_address[13:0] access_type[14] clear_failing_address[15]"),
    // Events, trace and timers
    row(at(0x34000),                         TimerControl,    "core.timer.control", kBoth, "reset_event[14:8] reset[31]"),
    row(at(0x34008),                         EventGenerate,   "core.event.generate", kBoth, "event[6:0]"),
    row(at(0x34010).each(16, 4),             Accepted,        "core.event.broadcast{}", kBoth, "event[6:0]"),
    row(at(0x34050),                         Accepted,        "core.event.block_south.set", kBoth, "set[15:0]"),
    row(at(0x34054),                         Accepted,        "core.event.block_south.clear", kBoth, "clear[15:0]"),
    row(at(0x34058),                         Accepted,        "core.event.block_south.value", kBoth, "value[15:0]"),
    row(at(0x34060),                         Accepted,        "core.event.block_west.set", kBoth, "set[15:0]"),
    row(at(0x34064),                         Accepted,        "core.event.block_west.clear", kBoth, "clear[15:0]"),
    row(at(0x34068),                         Accepted,        "core.event.block_west.value", kBoth, "value[15:0]"),
    row(at(0x34070),                         Accepted,        "core.event.block_north.set", kBoth, "set[15:0]"),
    row(at(0x34074),                         Accepted,        "core.event.block_north.clear", kBoth, "clear[15:0]"),
    row(at(0x34078),                         Accepted,        "core.event.block_north.value", kBoth, "value[15:0]"),
    row(at(0x34080),                         Accepted,        "core.event.block_east.set", kBoth, "set[15:0]"),
    row(at(0x34084),                         Accepted,        "core.event.block_east.clear", kBoth, "clear[15:0]"),
    row(at(0x34088),                         Accepted,        "core.event.block_east.value", kBoth, "value[15:0]"),
    row(at(0x340D0),                         Storage,         "core.trace.control0", kBoth,
        "mode[1:0] trace_start_event[22:16] trace_stop_event[30:24]"),
    row(at(0x340D4),                         Accepted,        "core.trace.control1", kBoth, "id[4:0] packet_type[14:12]"),
    row(at(0x340D8),                         Accepted,        "core.trace.status", kBoth, "mode[2:0] state[9:8]"),
    row(at(0x340E0),                         Accepted,        "core.trace.events0", kBoth,
        "trace_event0[6:0] trace_event1[14:8] trace_event2[22:16] trace_event3[30:24]"),
    row(at(0x340E4),                         Accepted,        "core.trace.events1", kBoth,
        "trace_event4[6:0] trace_event5[14:8] trace_event6[22:16] trace_event7[30:24]"),
    row(at(0x340F0),                         Accepted,        "core.timer.trigger_low", kBoth, "timertriglow[31:0]=0xFFFFFFFF"),
    row(at(0x340F4),                         Accepted,        "core.timer.trigger_high", kBoth, "timertrighigh[31:0]=0xFFFFFFFF"),
    row(at(0x340F8),                         TimerLow,        "core.timer.low", kBoth, "timerlow[31:0]"),
    row(at(0x340FC),                         TimerHigh,       "core.timer.high", kBoth, "timerhigh[31:0]"),
    // Register 0 resets to 2: event 1, TRUE, has always happened.
    row(at(0x34200).each(4, 4),              EventStatus,     "core.event.status{}", kBoth, "events[31:0]"),
    row(at(0x34400),                         Accepted,        "core.event.combo_inputs", kBoth,
        "eventa[6:0] eventb[14:8] eventc[22:16] eventd[30:24]"),
    row(at(0x34404),                         Accepted,        "core.event.combo_control", kBoth, "combo0[1:0] combo1[9:8] combo2[17:16]"),
    row(at(0x34408),                         Accepted,        "core.event.edge_detection", kBoth,
        "edge_detection_event_0[6:0] edge_detection_0_trigger_rising[9] edge_detection_0_trigger_falling[10] "
        "edge_detection_event_1[22:16] edge_detection_1_trigger_rising[25] edge_detection_1_trigger_falling[26]"),
    row(at(0x34500),                         Accepted,        "core.event.group_0", kBoth, "events[11:0]=0xFFF"),
    row(at(0x34504),                         Accepted,        "core.event.group_pc", kBoth, "events[5:0]=0x3F"),
    row(at(0x34508),                         Accepted,        "core.event.group_core_stall", kBoth, "events[8:0]=0x1FF"),
    row(at(0x3450C),                         Accepted,        "core.event.group_core_program_flow", kBoth, "events[12:0]=0x1FFF"),
    row(at(0x34510).each(2, 4),              Accepted,        "core.event.group_errors{}", kAie2Only, "events[24:0]=0x1FFFFBF"),
    row(at(0x34510),                         Accepted,        "core.event.group_errors0", kAie2pOnly, "events[24:0]=0x1FFFFBF"),
    row(at(0x34514),                         Accepted,        "core.event.group_errors1", kAie2pOnly, "events[24:0]=0x1FFFFBF"),
    row(at(0x34518),                         Accepted,        "core.event.group_stream_switch", kBoth, "events[31:0]=0xFFFFFFFF"),
    row(at(0x3451C),                         Accepted,        "core.event.group_broadcast", kBoth, "events[15:0]=0xFFFF"),
    row(at(0x34520),                         Accepted,        "core.event.group_user", kBoth, "events[3:0]=0xF"),
    // Clocks, resets, isolation
    row(at(0x36030),                         Accepted,        "tile.isolation", kAie2Only,
        "isolate_from_south[0] isolate_from_west[1] isolate_from_north[2] isolate_from_east[3]"),
    row(at(0x36040),                         Accepted,        "tile.cssd_trigger", kBoth, "trigger[0]"),
    // Tile control
    row(at(0x36050),                         Accepted,        "core.spare", kBoth, "value[15:0]"),
    row(at(0x36060),                         CascadeControl,  "core.cascade", kBoth, "input[0] output[1]"),
    // Memory control
    row(at(0x36070),                         MemoryControl,   "program.control", kBoth, "memory_zeroisation[0]"),
    // Stream switch
    row(at(0x3F000).each(23, 4),             SwitchMaster,    "switch.master{}", kBoth,
        "configuration[6:0] drop_header[7] packet_enable[30] master_enable[31]"),
    row(at(0x3F100).each(25, 4),             SwitchSlave,     "switch.slave{}", kBoth, "packet_enable[30] slave_enable[31]"),
    row(at(0x3F200).each(25, 16).block(4),   SwitchSlot,      "switch.slave{}.slot{}", kBoth,
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
    row(at(0x3FF10),                         Accepted,        "switch.parity_status", kBoth, "core[0] dma_0[1] dma_1[2] tile_control[3]"),
    row(at(0x3FF20),                         Storage,         "switch.parity_injection", kAie2Only,
        "core[0] dma_0[1] dma_1[2] tile_control[3] aie_trace[4] mem_trace[5]"),
    row(at(0x3FF20),                         Storage,         "switch.parity_injection", kAie2pOnly,
        "core_lower[0] dma_0_lower[1] dma_1_lower[2] tile_control_lower[3] aie_trace_lower[4] mem_trace_lower[5] "
        "core_upper[16] dma_0_upper[17] dma_1_upper[18] tile_control_upper[19] aie_trace_upper[20] mem_trace_upper[21]"),
    row(at(0x3FF30),                         Storage,         "switch.control_packet_status", kBoth,
        "first_header_parity_error[0] second_header_parity_error[1] slverr_on_access[2] tlast_error[3]"),
    row(at(0x3FF34),                         Accepted,        "switch.clock_gate_status", kBoth, "active[0]"),
    row(at(0x3FF38),                         Accepted,        "switch.clock_gate_abort_period", kBoth, "abort_period[3:0]=7"),
    // Locks
    // A read makes the request that its address encodes: [13:10] lock, [9] acquire, [8:2] signed value. It returns 1 on success.
    row(at(0x40000).block(0x1000),           LockRequest,     "locks.request", kBoth),
    // Clocks, resets, isolation
    row(at(0x60000),                         Accepted,        "tile.clock", kBoth,
        "stream_switch_clock_enable[0]=1 memory_module_clock_enable[1]=1 core_module_clock_enable[2]=1 "
        "stream_switch_adaptive_clock_gate[4]=1 dma_adaptive_clock_gate[5]=1"),
    row(at(0x60010),                         Storage,         "tile.reset", kBoth,
        "stream_switch_reset[0] memory_module_reset[1] core_module_reset[2]"),
    row(at(0x60020),                         Accepted,        "tile.isolation", kAie2pOnly,
        "isolate_from_south[0]=1 isolate_from_west[1]=1 isolate_from_north[2]=1 isolate_from_east[3]=1"),
};
// clang-format on

constexpr auto kFields = parse_fields<field_count(kTable)>(kTable);
constexpr auto kRegisters = with_fields(kTable, kFields);
static_assert(well_formed(kRegisters));

}  // namespace

std::span<const Register> core_registers() {
  return kRegisters;
}

}  // namespace npu::arch
