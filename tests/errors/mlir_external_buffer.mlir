module {
  aie.device(npu1_1col) {
    %x = aie.external_buffer {sym_name = "x"} : memref<?xi32>
  }
}
