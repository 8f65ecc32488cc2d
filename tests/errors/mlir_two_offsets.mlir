module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a"} : memref<8xi32>
    %b = aie.buffer(%t) {sym_name = "b"} : memref<8xi32>
    aie.flow(%s, DMA : 0, %t, DMA : 0)
    aie.mem(%t) {
      aie.dma_start(S2MM, 0, ^in, ^end)
    ^in:
      aie.dma_bd(%a : memref<8xi32>, 4, 8)
      aie.next_bd ^more
    ^more:
      aie.dma_bd(%b : memref<8xi32>, 1, 8)
      aie.next_bd ^last
    ^last:
      aie.dma_bd(%b : memref<8xi32>, 0, 9)
      aie.next_bd ^in
    ^end:
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
