module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %u = aie.tile(0, 4)
    %l = aie.lock(%u, 0) {sym_name = "l"}
    aie.core(%t) {
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
