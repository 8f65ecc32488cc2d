module {
  aie.device(npu1_1col) {
    %core = aie.tile(0, 2) {allocation_scheme = "tidy"}
    %room = aie.buffer(%core) {sym_name = "room"} : memref<8xi32>
    aie.runtime_sequence(%a: memref<8xi32>) {
    }
  }
}
