module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    %l = aie.lock(%c, 0) {init = 1 : i32, sym_name = "l"}
    %b = aie.buffer(%c) {sym_name = "b"} : memref<8xi32>
    aie.shim_dma(%s) {
      aie.dma_start(S2MM, 0, ^out, ^end)
    ^out:
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.dma_bd(%x : memref<8xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
  }
}
