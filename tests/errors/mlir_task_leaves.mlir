module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    aie.runtime_sequence(%x: memref<8xi32>) {
      %t = aiex.dma_configure_task(%s, MM2S, 0) {
        aie.dma_bd(%x : memref<8xi32> offset = 6 len = 4)
        aie.end
      }
      aiex.dma_start_task(%t)
    }
  }
}
