module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 2)
    %a = aie.buffer(%c) {sym_name = "a"} : memref<8xi32>
    %l = aie.lock(%c) {init = 1 : i32, sym_name = "l"}
    aie.mem(%c) {
      aie.dma_start(S2MM, 0, ^a, ^end)
    ^a:
      aie.dma_bd(%a : memref<8xi32>, -4, 8)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence() {
    }
  }
}
