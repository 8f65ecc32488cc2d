module {
  aie.device(npu1_1col) {
    %memtile = aie.tile(0, 1)
    %buffer = aie.buffer(%memtile) : memref<8xi32>
    %dma = aie.memtile_dma(%memtile) {
      %0 = aie.dma(MM2S, 0) {pad_value = 42 : i32} [{
        aie.dma_bd(%buffer : memref<8xi32>, 0, 8)
      }]
      aie.end
    }
  }
}
