aie.device(npu1) {
  %t = aie.tile(0, 1)
  %b = aie.buffer(%t) : memref<10xi8>
  aie.memtile_dma(%t) {
    %0 = aie.dma_start(MM2S, 0, ^a, ^z)
  ^a:
    aie.dma_bd(%b : memref<10xi8>, 0, 10)
    aie.next_bd ^a
  ^z:
    aie.end
  }
}
