module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    aiex.broadcast_packet(%s, DMA : 0) {
    }
  }
}
