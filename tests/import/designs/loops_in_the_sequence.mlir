// RUN: --device npu2_1col --fill 0=random --expect 1=arg0
// Control in the sequence, parameters of a core that the host writes, packets on a shared port.
module {
  aie.device(NPUDEVICE) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %a = aie.buffer(%mem) {sym_name = "a"} : memref<32xf32>
    %b = aie.buffer(%mem) {sym_name = "b"} : memref<32xf32>
    %a_free = aie.lock(%mem, 0) {init = 1 : i32}
    %a_full = aie.lock(%mem, 1) {init = 0 : i32}
    aie.packet_flow(3) {
      aie.packet_source<%shim, DMA : 0>
      aie.packet_dest<%mem, DMA : 2>
    }
    aie.packet_flow(0x4) {
      aie.packet_source<%mem, DMA : 1>
      aie.packet_dest<%shim, DMA : 0>
    }
    aie.memtile_dma(%mem) {
      %0 = aie.dma_start(S2MM, 2, ^in, ^next)
    ^in:
      aie.use_lock(%a_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%a : memref<32xf32>)
      aie.use_lock(%a_full, Release, 1)
      aie.next_bd ^in
    ^next:
      %1 = aie.dma_start(MM2S, 1, ^out, ^end)
    ^out:
      aie.use_lock(%a_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%a : memref<32xf32>) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 4>}
      aie.use_lock(%a_free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.shim_dma_allocation @feed (%shim, MM2S, 0)
    aie.shim_dma_allocation @take (%shim, S2MM, 0)
    aie.runtime_sequence @main(%from: memref<128xf32>, %to: memref<128xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c32 = arith.constant 32 : index
      %twice = arith.constant true
      aiex.npu.rtp_write(@b, 0, 17)
      aiex.npu.dma_memcpy_nd(%to[0, 0, 0, 0][1, 1, 1, 128][0, 0, 0, 1]) {id = 9 : i64, metadata = @take} : memref<128xf32>
      scf.for %i = %c0 to %c4 step %c1 {
        %offset = arith.muli %i, %c32 : index
        %last = arith.cmpi eq, %i, %c4 : index
        scf.if %last {
          aiex.npu.write32 {address = 0 : ui32, value = 0 : ui32}
        } else {
          %word = arith.index_cast %offset : index to i64
          aiex.npu.dma_memcpy_nd(%from[0, 0, 0, %word][1, 1, 1, 32][0, 0, 0, 1], packet = <pkt_id = 3, pkt_type = 0>) {id = 2 : i64, issue_token = true, metadata = @feed} : memref<128xf32>
          aiex.npu.dma_wait {symbol = @feed}
        }
      }
      aiex.npu.dma_wait {symbol = @take}
    }
  }
}
