module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %l = aie.lock(%t, 16)
    aie.runtime_sequence(%a: memref<8xi32>) {
    }
  }
}
