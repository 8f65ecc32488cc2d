module {
  aie.device(npu1_1col) {
    %tile = aie.tile(0, 2)
    %buffer = aie.buffer(%tile) : memref<16xi32>
    %mem = aie.mem(%tile) {
      %0 = aie.dma_start(S2MM, 0, ^in, ^end)
    ^in:
      aie.dma_bd(%buffer : memref<32xi32>)
      aie.next_bd ^in
    ^end:
      aie.end
    }
  }
}
