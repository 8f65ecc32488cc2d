module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    aiex.broadcast_packet(%s, DMA : 0) {
      aiex.bp_id(99) {
        aiex.bp_dest<%c, DMA : 0>
      }
    }
    aie.runtime_sequence() {
    }
  }
}
