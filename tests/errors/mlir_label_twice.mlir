module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a"} : memref<8xi32>
    aie.mem(%t) {
      aie.dma_start(S2MM, 0, ^in, ^end)
    ^in:
      aie.dma_bd(%a : memref<8xi32>)
      aie.next_bd ^end
    ^in:
      aie.dma_bd(%a : memref<8xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
