module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    aie.flow(%s, DMA : 0, %s, DMA : 0)
    aie.shim_dma_allocation @in (%s, S2MM, 0)
    aie.runtime_sequence(%x: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, -4][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<8xi32>
    }
  }
}
