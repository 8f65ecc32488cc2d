module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a", address = 1024 : i32} : memref<8xi32>
    %b = aie.buffer(%t) {sym_name = "b", address = 1040 : i32} : memref<8xi32>
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
