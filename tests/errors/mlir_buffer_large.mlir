module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a"} : memref<20000xi32>
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
