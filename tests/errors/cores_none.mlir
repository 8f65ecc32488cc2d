aie.device(npu1_1col) {
  %tile = aie.tile(0, 2)
}
