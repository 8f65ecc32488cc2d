// RUN: --generate-ctrl-pkt-overlay --arg 0=126976-126975*(i%2) --expect 1=40+2*i
// Nothing here leads to control ports: the overlay does. Packets set lock 0 of each core to 1, the first as
// mlir-aie names its tile, the second by the id that the tile asks for.
module {
  aie.device(npu1_2col) {
    %shim0 = aie.tile(0, 0)
    %shim1 = aie.tile(1, 0)
    %near = aie.tile(0, 2)
    %far = aie.tile(1, 4) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 9>}
    %near_told = aie.lock(%near, 0) {init = 0 : i32, sym_name = "near_told"}
    %near_full = aie.lock(%near, 1) {init = 0 : i32, sym_name = "near_full"}
    %near_out = aie.buffer(%near) {sym_name = "near_out"} : memref<1xi32>
    %far_told = aie.lock(%far, 0) {init = 0 : i32, sym_name = "far_told"}
    %far_full = aie.lock(%far, 1) {init = 0 : i32, sym_name = "far_full"}
    %far_out = aie.buffer(%far) {sym_name = "far_out"} : memref<1xi32>
    aie.flow(%near, DMA : 0, %shim0, DMA : 0)
    aie.flow(%far, DMA : 0, %shim1, DMA : 0)
    aie.shim_dma_allocation @from_near(%shim0, S2MM, 0)
    aie.shim_dma_allocation @from_far(%shim1, S2MM, 0)
    %near_core = aie.core(%near) {
      %zero = arith.constant 0 : index
      %value = arith.constant 40 : i32
      aie.use_lock(%near_told, AcquireGreaterEqual, 1)
      memref.store %value, %near_out[%zero] : memref<1xi32>
      aie.use_lock(%near_full, Release, 1)
      aie.end
    }
    %far_core = aie.core(%far) {
      %zero = arith.constant 0 : index
      %value = arith.constant 42 : i32
      aie.use_lock(%far_told, AcquireGreaterEqual, 1)
      memref.store %value, %far_out[%zero] : memref<1xi32>
      aie.use_lock(%far_full, Release, 1)
      aie.end
    }
    %near_mem = aie.mem(%near) {
      %0 = aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%near_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%near_out : memref<1xi32>, 0, 1)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    %far_mem = aie.mem(%far) {
      %0 = aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%far_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%far_out : memref<1xi32>, 0, 1)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%packets: memref<4xi32>, %out: memref<2xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {id = 0 : i64, issue_token = true, metadata = @from_near} : memref<2xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 1][1, 1, 1, 1][0, 0, 0, 1]) {id = 1 : i64, issue_token = true, metadata = @from_far} : memref<2xi32>
      aiex.npu.dma_memcpy_nd(%packets[0, 0, 0, 0][1, 1, 1, 2][0, 0, 0, 1], packet = <pkt_id = 27, pkt_type = 1>) {id = 2 : i64, issue_token = true, metadata = @ctrlpkt_col0_mm2s_chan0} : memref<4xi32>
      aiex.npu.dma_memcpy_nd(%packets[0, 0, 0, 2][1, 1, 1, 2][0, 0, 0, 1], packet = <pkt_id = 9, pkt_type = 1>) {id = 3 : i64, issue_token = true, metadata = @ctrlpkt_col1_mm2s_chan1} : memref<4xi32>
      aiex.npu.dma_wait {symbol = @ctrlpkt_col0_mm2s_chan0}
      aiex.npu.dma_wait {symbol = @ctrlpkt_col1_mm2s_chan1}
      aiex.npu.dma_wait {symbol = @from_near}
      aiex.npu.dma_wait {symbol = @from_far}
    }
  }
}
