module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    %l = aie.lock(%s, 99) {init = 1 : i32, sym_name = "l"}
    aie.flow(%s, DMA : 0, %s, DMA : 0)
    aie.shim_dma(%s) {
      aie.dma_start(S2MM, 0, ^a, ^end)
    ^a:
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.dma_bd(%x : memref<8xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
  }
}
