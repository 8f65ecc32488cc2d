module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %u = aie.tile(0, 4)
    %a = aie.buffer(%u) {sym_name = "a"} : memref<8xi32>
    aie.core(%t) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : i32
      memref.store %c1, %a[%c0] : memref<8xi32>
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
