module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 2)
    %d = aie.tile(0, 5)
    aie.objectfifo @far(%c, {%d}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.allocate @far(%d)
  }
}
