module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    aie.runtime_sequence(%a: memref<8xi32>) {
      aiex.npu.writebd {bd_id = 16 : i32, buffer_length = 8 : i32, buffer_offset = 0 : i32, burst_length = 128 : i32, column = 0 : i32, row = 0 : i32, valid_bd = 1 : i32}
    }
  }
}
