module {
  aie.device(npu2_1col) {
    %tile = aie.tile(0, 2)
    %a = aie.buffer(%tile) {sym_name = "a"} : memref<4xbf16>
    %b = aie.buffer(%tile) {sym_name = "b"} : memref<4xf16>
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %x = memref.load %a[%c0] : memref<4xbf16>
      %y = arith.truncf %x : bf16 to f16
      memref.store %y, %b[%c0] : memref<4xf16>
      aie.end
    }
    aie.runtime_sequence(%h: memref<8xi32>) {
    }
  }
}
