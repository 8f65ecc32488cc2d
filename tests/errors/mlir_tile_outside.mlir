module {
  aie.device(npu1) {
    %t = aie.tile(0, 6)
    aie.runtime_sequence(%a: memref<8xi32>) {
    }
  }
}
