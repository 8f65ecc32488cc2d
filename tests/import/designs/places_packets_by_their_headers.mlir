// RUN: --expect 0=200+i-100*(i/4)
// Three cores send to one channel of the memtile, which puts each packet where the id in its header says, in whatever order
// they come: the core in row r fills slot 4 - r.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %slots = aie.buffer(%mem) {sym_name = "slots"} : memref<12xi32>
    %count = aie.lock(%mem, 0) {init = 0 : i32, sym_name = "count"}
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    %t2 = aie.tile(0, 2)
    %b2 = aie.buffer(%t2) {sym_name = "b2"} : memref<4xi32> = dense<[8, 9, 10, 11]>
    aie.packet_flow(2) {
      aie.packet_source<%t2, DMA : 0>
      aie.packet_dest<%mem, DMA : 0>
    } {keep_pkt_header = true}
    aie.mem(%t2) {
      aie.dma_start(MM2S, 0, ^send, ^end)
    ^send:
      aie.dma_bd(%b2 : memref<4xi32>, 0, 4) {packet = #aie.packet_info<pkt_id = 2, pkt_type = 0>, out_of_order_id = 2 : i32}
      aie.next_bd ^end
    ^end:
      aie.end
    }
    %t3 = aie.tile(0, 3)
    %b3 = aie.buffer(%t3) {sym_name = "b3"} : memref<4xi32> = dense<[104, 105, 106, 107]>
    aie.packet_flow(3) {
      aie.packet_source<%t3, DMA : 0>
      aie.packet_dest<%mem, DMA : 0>
    } {keep_pkt_header = true}
    aie.mem(%t3) {
      aie.dma_start(MM2S, 0, ^send, ^end)
    ^send:
      aie.dma_bd(%b3 : memref<4xi32>, 0, 4) {packet = #aie.packet_info<pkt_id = 3, pkt_type = 0>, out_of_order_id = 1 : i32}
      aie.next_bd ^end
    ^end:
      aie.end
    }
    %t4 = aie.tile(0, 4)
    %b4 = aie.buffer(%t4) {sym_name = "b4"} : memref<4xi32> = dense<[200, 201, 202, 203]>
    aie.packet_flow(4) {
      aie.packet_source<%t4, DMA : 0>
      aie.packet_dest<%mem, DMA : 0>
    } {keep_pkt_header = true}
    aie.mem(%t4) {
      aie.dma_start(MM2S, 0, ^send, ^end)
    ^send:
      aie.dma_bd(%b4 : memref<4xi32>, 0, 4) {packet = #aie.packet_info<pkt_id = 4, pkt_type = 0>, out_of_order_id = 0 : i32}
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.memtile_dma(%mem) {
      aie.dma_start(S2MM, 0, ^slot0, ^egress, repeat_count = 2) {out_of_order = true}
    ^slot0:
      aie.dma_bd(%slots : memref<12xi32>, 0, 4) {bd_id = 0 : i32, packet = #aie.packet_info<pkt_id = 0, pkt_type = 0>}
      aie.use_lock(%count, Release, 1)
      aie.next_bd ^slot1
    ^slot1:
      aie.dma_bd(%slots : memref<12xi32>, 4, 4) {bd_id = 1 : i32, packet = #aie.packet_info<pkt_id = 0, pkt_type = 0>}
      aie.use_lock(%count, Release, 1)
      aie.next_bd ^slot2
    ^slot2:
      aie.dma_bd(%slots : memref<12xi32>, 8, 4) {bd_id = 2 : i32, packet = #aie.packet_info<pkt_id = 0, pkt_type = 0>}
      aie.use_lock(%count, Release, 1)
      aie.next_bd ^end
    ^egress:
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%count, AcquireGreaterEqual, 3)
      aie.dma_bd(%slots : memref<12xi32>, 0, 12)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%a: memref<12xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 12][0, 0, 0, 1]) {metadata = @out, id = 0 : i64} : memref<12xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
