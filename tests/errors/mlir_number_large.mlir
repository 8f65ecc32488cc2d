module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    aie.flow(%s, DMA : 0, %s, DMA : 0)
    aie.shim_dma(%s) {
      aie.dma_start(S2MM, 0, ^a, ^end)
    ^a:
      aie.dma_bd(%x : memref<8xi32>) {bd_id = 4294967303 : i64}
      aie.next_bd ^end
    ^end:
      aie.end
    }
  }
}
