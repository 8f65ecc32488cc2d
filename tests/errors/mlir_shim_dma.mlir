module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer : memref<8xi32>
    aie.shim_dma(%s) {
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.dma_bd(%x : memref<8xi32>, 0, 8)
      aie.next_bd ^end
    ^end:
      aie.end
    }
  }
}
