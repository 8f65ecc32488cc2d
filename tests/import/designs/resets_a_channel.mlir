// RUN: --expect 0=100+i
// The task that waits when a channel is reset is gone.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %full = aie.lock(%tile, 0) {init = 0 : i32}
    %sent = aie.lock(%tile, 1) {init = 0 : i32}
    %first = aie.buffer(%tile) {initial_value = dense<9> : tensor<4xi32>} : memref<4xi32>
    %second = aie.buffer(%tile) {initial_value = dense<[100, 101, 102, 103]> : tensor<4xi32>} : memref<4xi32>
    aie.flow(%tile, DMA : 0, %shim, DMA : 0)
    %dma = aie.mem(%tile) {
      %start = aie.dma_start(MM2S, 0, ^one, ^end)
    ^one:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%first : memref<4xi32>, 0, 4) {bd_id = 0 : i32}
      aie.use_lock(%sent, Release, 1)
      aie.next_bd ^two
    ^two:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%second : memref<4xi32>, 0, 4) {bd_id = 1 : i32}
      aie.use_lock(%sent, Release, 1)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.shim_dma_allocation @to(%shim, S2MM, 0)
    aie.runtime_sequence(%out: memref<4xi32>) {
      aiex.dma_channel_reset(%tile, MM2S, 0)
      aiex.npu.push_queue (0, 2, MM2S:0) {bd_id = 1 : i32, repeat_count = 0 : i32, issue_token = false}
      aiex.set_lock(%full, 1)
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 4][0, 0, 0, 1]) {id = 0 : i64, metadata = @to} : memref<4xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
}
