module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    aie.flow(%s, DMA : 2, %t, DMA : 0)
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
