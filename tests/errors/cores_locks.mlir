aie.device(npu1_1col) {
  %tile = aie.tile(0, 2)
  %full = aie.lock(%tile) {init = 0 : i32, sym_name = "full"}
  aie.core(%tile) {
    aie.end
  }
}
