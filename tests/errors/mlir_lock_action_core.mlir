module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %l = aie.lock(%t, 0) {init = 1 : i32, sym_name = "l"}
    aie.core(%t) {
      "aie.use_lock"(%l) <{action = 7 : i32, value = 1 : i32}> : (index) -> ()
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
