module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a"} : memref<8xi32>
    %l = aie.lock(%t, 0) {init = 1 : i32, sym_name = "l"}
    aie.flow(%s, DMA : 0, %t, DMA : 0)
    aie.mem(%t) {
      aie.dma_start(S2MM, 0, ^in, ^end)
    ^in:
      aie.use_lock(%l, AcquireGreaterEqul, 1)
      aie.dma_bd(%a : memref<8xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
