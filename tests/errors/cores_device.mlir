aie.device(npu2_1col) {
  %tile = aie.tile(0, 2)
  aie.core(%tile) {
    aie.end
  }
}
