module {
  aie.device(npu2_1col) {
    %tile = aie.tile(0, 2)
    %a = aie.buffer(%tile) {sym_name = "a"} : memref<4xf16>
    %b = aie.buffer(%tile) {sym_name = "b"} : memref<4xi32>
    aie.core(%tile) {
      linalg.exp ins(%a : memref<4xf16>) outs(%b : memref<4xi32>)
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
