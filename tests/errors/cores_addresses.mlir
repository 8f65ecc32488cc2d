aie.device(npu1_1col) {
  %tile = aie.tile(0, 2)
  %a = aie.buffer(%tile) {address = 1024 : i32, sym_name = "a"} : memref<16xi32>
  %b = aie.buffer(%tile) {sym_name = "b"} : memref<16xi32>
  %c = aie.buffer(%tile) {sym_name = "c"} : memref<16xi32>
  aie.core(%tile) {
    aie.end
  }
}
