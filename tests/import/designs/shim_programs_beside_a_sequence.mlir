// RUN: --arg from=iota+7 --arg more=iota --expect to=arg0 --expect rest=arg2
// A runtime sequence beside a DMA program of the shim: it gives the program's loop what the host would, copies on its own between
// arguments of its own, and has descriptors from 0 on. What the program receives is waited for behind it.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %to = aie.external_buffer {sym_name = "to"} : memref<16xi32>
    %filled = aie.lock(%shim, 0) {init = 0 : i32, sym_name = "filled"}
    %store = aie.buffer(%mem) {sym_name = "store"} : memref<16xi32>
    %free = aie.lock(%mem) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%mem) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.memtile_dma(%mem) {
      aie.dma_start(S2MM, 0, ^in, ^next)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<16xi32>)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^next:
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<16xi32>)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.flow(%shim, DMA : 1, %shim, DMA : 1)
    aie.shim_dma(%shim) {
      aie.dma_start(MM2S, 0, ^send, ^next)
    ^send:
      aie.use_lock(%filled, AcquireGreaterEqual, 1)
      aie.dma_bd(%copy : memref<16xi32>)
      aie.next_bd ^send
    ^next:
      aie.dma_start(S2MM, 0, ^receive, ^end)
    ^receive:
      aie.dma_bd(%to : memref<16xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    %copy = aie.external_buffer {sym_name = "copy"} : memref<16xi32>
    aie.shim_dma_allocation @out (%shim, MM2S, 1)
    aie.shim_dma_allocation @back (%shim, S2MM, 1)
    aie.runtime_sequence(%from: memref<16xi32>, %unused: memref<16xi32>, %more: memref<16xi32>, %rest: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%from[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%copy[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @back, issue_token = true} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @back}
      aiex.set_lock(%filled, 1)
      aiex.npu.dma_memcpy_nd(%more[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%rest[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @back, issue_token = true} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @back}
    }
  }
}
