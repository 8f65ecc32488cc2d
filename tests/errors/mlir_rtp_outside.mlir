module {
  aie.device(npu1_1col) {
    %tile = aie.tile(0, 2)
    %numbers = aie.buffer(%tile) {sym_name = "numbers"} : memref<16xi32>
    aie.runtime_sequence() {
      aiex.npu.rtp_write(@numbers, 16, 5)
    }
  }
}
