module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %l = aie.lock(%t, 1) {init = 64 : i32, sym_name = "l"}
    aie.runtime_sequence(%a: memref<8xi32>) {
    }
  }
}
