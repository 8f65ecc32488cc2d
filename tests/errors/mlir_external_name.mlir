module {
  aie.device(npu1_1col) {
    %e = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
