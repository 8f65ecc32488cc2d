// RUN: --stub rest=500 --expect 0=5
// A core whose only call takes nothing.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    %five = aie.buffer(%core) {sym_name = "five"} : memref<1xi32> = dense<5>
    %done = aie.lock(%core, 0) {init = 0 : i32, sym_name = "done"}
    func.func private @rest()
    aie.flow(%core, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    aie.mem(%core) {
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%done, AcquireGreaterEqual, 1)
      aie.dma_bd(%five : memref<1xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.core(%core) {
      func.call @rest() : () -> ()
      aie.use_lock(%done, Release, 1)
      aie.end
    }
    aie.runtime_sequence(%out: memref<1xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {metadata = @out, id = 0 : i64, issue_token = true} : memref<1xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
