module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    aie.shim_dma(%s) {
      aie.dma(MM2S, 0) {loop = false} [{ aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }]
      aie.dma(S2MM, 0) {loop = false} [{ aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }, { aie.dma_bd(%x : memref<8xi32>) }]
      aie.end
    }
  }
}
