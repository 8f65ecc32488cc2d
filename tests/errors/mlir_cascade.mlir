module {
  aie.device(npu1_2col) {
    %from = aie.tile(1, 3)
    %to = aie.tile(0, 3)
    aie.cascade_flow(%from, %to)
  }
}
