module {
  aie.device(npu1_1col) {
    %tile = aie.tile(0, 2)
    %lock = aie.lock(%tile, 0) {init = 0 : i32}
    aie.runtime_sequence() {
      aiex.set_lock(%lock, 64)
    }
  }
}
