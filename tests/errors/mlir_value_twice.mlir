module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    aie.core(%t) {
      %t = arith.constant 0 : index
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
