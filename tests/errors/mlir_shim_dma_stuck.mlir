module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    %l = aie.lock(%s, 0) {init = 0 : i32, sym_name = "filled"}
    aie.shim_dma(%s) {
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%l, AcquireGreaterEqual, 2)
      aie.dma_bd(%x : memref<8xi32>)
      aie.next_bd ^out
    ^end:
      aie.end
    }
  }
}
