module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    aie.shim_dma_allocation @in(%s, MM2S, 0)
    aie.runtime_sequence(%x: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {metadata = @in, id = 16 : i64} : memref<8xi32>
    }
  }
}
