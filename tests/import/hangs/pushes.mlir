// Tasks of 2,048 words come back through one buffer of a core, more of them than a channel's queue holds. The
// host of @unchecked starts them as fast as it can; that of @polled waits before each for room in the queue.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %buffer = aie.buffer(%tile) {sym_name = "buffer"} : memref<256xi32>
    %free = aie.lock(%tile, 0) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%tile, 1) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %tile, DMA : 0)
    aie.flow(%tile, DMA : 0, %shim, DMA : 0)
    %mem = aie.mem(%tile) {
      %0 = aie.dma_start(S2MM, 0, ^in, ^next)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<256xi32>)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^next:
      %1 = aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<256xi32>)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.runtime_sequence @unchecked(%from: memref<2048xi32>, %to: memref<28672xi32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %tasks = arith.constant 14 : index
      %all = aiex.dma_configure_task(%shim, S2MM, 0) {
        aie.dma_bd(%to : memref<28672xi32>, 0, 28672)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%all)
      scf.for %i = %c0 to %tasks step %c1 {
        %task = aiex.dma_configure_task(%shim, MM2S, 0) {
          aie.dma_bd(%from : memref<2048xi32>, 0, 2048)
          aie.end
        }
        aiex.dma_start_task(%task)
      }
      aiex.dma_await_task(%all)
    }
    aie.runtime_sequence @polled(%from: memref<2048xi32>, %to: memref<28672xi32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %tasks = arith.constant 14 : index
      %all = aiex.dma_configure_task(%shim, S2MM, 0) {
        aie.dma_bd(%to : memref<28672xi32>, 0, 28672)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%all)
      scf.for %i = %c0 to %tasks step %c1 {
        // Bit 22 of the channel's status: four tasks in the queue.
        aiex.npu.maskpoll32 {address = 0x1D228 : ui32, column = 0 : i32, row = 0 : i32, value = 0 : ui32, mask = 0x400000 : ui32}
        %task = aiex.dma_configure_task(%shim, MM2S, 0) {
          aie.dma_bd(%from : memref<2048xi32>, 0, 2048)
          aie.end
        }
        aiex.dma_start_task(%task)
      }
      aiex.dma_await_task(%all)
    }
  }
}
