module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %a = aie.buffer(%tile) {sym_name = "a"} : memref<4xf32, strided<[2], offset: 0>>
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %x = memref.load %a[%c0] : memref<4xf32, strided<[2], offset: 0>>
      %y = arith.addf %x, %x : f32
      memref.store %y, %a[%c0] : memref<4xf32, strided<[2], offset: 0>>
      aie.end
    }
    aie.runtime_sequence(%b: memref<8xi32>) {
    }
  }
}
