module {
  aie.device(npu2_1col) {
    %tile = aie.tile(0, 2)
    %a = aie.buffer(%tile) {sym_name = "a"} : memref<4xi32>
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %k = arith.constant 7 : i32
      %v = vector.from_elements %k, %k : vector<4xi32>
      vector.store %v, %a[%c0] : memref<4xi32>, vector<4xi32>
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
