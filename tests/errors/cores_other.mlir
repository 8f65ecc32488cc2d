aie.device(npu1_1col) {
  %tile = aie.tile(0, 2)
  %other = aie.tile(0, 3)
  aie.core(%tile) {
    aie.end
  }
  aie.core(%other) {
    aie.end
  }
}
