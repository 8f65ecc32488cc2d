aie.device(npu1_1col) {
  %shim = aie.tile(0, 0)
  %tile = aie.tile(0, 2)
  aie.objectfifo @lines(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
  aie.core(%tile) {
    aie.end
  }
}
