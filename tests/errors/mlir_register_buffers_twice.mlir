module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    aie.objectfifo @in(%s, {%c}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.register_external_buffers @in (%s, {%x}) : (memref<8xi32>)
    aie.objectfifo.register_external_buffers @in (%s, {%x}) : (memref<8xi32>)
  }
}
