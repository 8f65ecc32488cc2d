// RUN: --arg 0=iota --expect 1=arg0 --expect 2=arg0 --expect 3=arg0+8 --expect 4=arg0 --expect 5=arg0
// A broadcast of packets by their ids, and a circuit to several tiles, as ops of their own.
module {
  aie.device(npu1_2col) {
    %shim = aie.tile(0, 0)
    %other = aie.tile(1, 0)
    aie.shim_dma_allocation @packets (%shim, MM2S, 0)
    aie.shim_dma_allocation @circuit (%shim, MM2S, 1)
    aie.shim_dma_allocation @west (%shim, S2MM, 0)
    aie.shim_dma_allocation @east (%other, S2MM, 0)
    aie.shim_dma_allocation @west_circuit (%shim, S2MM, 1)
    aie.shim_dma_allocation @east_circuit (%other, S2MM, 1)
    aiex.broadcast_packet(%shim, DMA : 0) {
      aiex.bp_id(0x3) {
        aiex.bp_dest<%shim, DMA : 0>
        aiex.bp_dest<%other, DMA : 0>
      }
      aiex.bp_id(4) {
        aiex.bp_dest<%other, DMA : 0>
      }
    }
    aiex.multicast(%shim, DMA : 1) {
      aiex.multi_dest<%shim, DMA : 1>
      aiex.multi_dest<%other, DMA : 1>
    }
    aie.runtime_sequence(%in: memref<16xi32>, %a: memref<8xi32>, %b: memref<8xi32>, %c: memref<8xi32>, %d: memref<16xi32>, %e: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @west} : memref<8xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @east} : memref<8xi32>
      aiex.npu.dma_memcpy_nd(%c[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 1 : i64, metadata = @east} : memref<8xi32>
      aiex.npu.dma_memcpy_nd(%d[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @west_circuit} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%e[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 2 : i64, metadata = @east_circuit} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1], packet = <pkt_id = 3, pkt_type = 0>) {id = 2 : i64, metadata = @packets} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 8][1, 1, 1, 8][0, 0, 0, 1], packet = <pkt_id = 4, pkt_type = 0>) {id = 3 : i64, metadata = @packets} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 4 : i64, metadata = @circuit} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @west}
      aiex.npu.dma_wait {symbol = @east}
      aiex.npu.dma_wait {symbol = @east}
      aiex.npu.dma_wait {symbol = @west_circuit}
      aiex.npu.dma_wait {symbol = @east_circuit}
    }
  }
}
