module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %t = aie.tile(0, 2)
    aie.shim_dma_allocation @in(%m, MM2S, 0)
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
