module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %l = aie.lock(%t, 1) {sym_name = "l"}
    %m = aie.lock(%t, 1) {sym_name = "m"}
    aie.runtime_sequence(%a: memref<8xi32>) {
    }
  }
}
