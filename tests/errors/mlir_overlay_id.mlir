module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    aie.packet_flow(26) {
      aie.packet_source<%shim, DMA : 0>
      aie.packet_dest<%mem, DMA : 0>
    }
    aie.runtime_sequence(%in: memref<4xi32>) {
    }
  }
}
