module {
  aie.device(npu1) {
    %t = aie.tile(0, 2)
    aie.teleport(%t, 3)
    aie.teleport(%t, 4)
    aie.mirror(%t)
  }
}
