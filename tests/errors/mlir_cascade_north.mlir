module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 3)
    aie.configure_cascade(%c, South, North)
  }
}
