// RUN: --arg 0=iota --expect 1=arg0
// A lock of the shim orders two of its channels, and numbers of descriptors come from a pool: what the first brings to memory is
// what the second reads.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %arrived = aie.lock(%shim, 0) {init = 0 : i32, sym_name = "arrived"}
    %free = aie.lock(%mem) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%mem) {init = 0 : i32, sym_name = "full"}
    %store = aie.buffer(%mem) {sym_name = "store"} : memref<64xi32>
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.flow(%shim, DMA : 1, %shim, DMA : 1)
    aie.memtile_dma(%mem) {
      aie.dma_start(S2MM, 0, ^in, ^next)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<64xi32>)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^next:
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<64xi32>)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.runtime_sequence(%in: memref<64xi32>, %out: memref<64xi32>, %between: memref<64xi32>) {
      %one = aiex.dma_bd_pool_pop(0, 0, 0) : i32
      %other = aiex.dma_bd_pool_pop(0, 0, 0) : i32
      %forward = aiex.dma_configure_task(%shim, MM2S, 1) {
        aie.use_lock(%arrived, AcquireGreaterEqual, 1)
        aie.dma_bd(%between : memref<64xi32> offset = 0 len = 64) bd_id_val %one : i32
        aie.end
      }
      aiex.dma_start_task(%forward)
      %last = aiex.dma_configure_task(%shim, S2MM, 1) {
        aie.dma_bd(%out : memref<64xi32>)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%last)
      %back = aiex.dma_configure_task(%shim, S2MM, 0) {
        aie.dma_bd(%between : memref<64xi32> offset = 0 len = 64) bd_id_val %other : i32
        aie.use_lock(%arrived, Release, 1)
        aie.end
      }
      aiex.dma_start_task(%back)
      %send = aiex.dma_configure_task(%shim, MM2S, 0) {
        aie.dma_bd(%in : memref<64xi32>)
        aie.end
      }
      aiex.dma_start_task(%send)
      aiex.dma_await_task(%last)
      aiex.dma_bd_pool_push(0, 0, 0) bd_id %other : i32
      aiex.dma_bd_pool_push(0, 0, 0) bd_id %one : i32
    }
  }
}
