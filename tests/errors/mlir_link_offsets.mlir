module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %t = aie.tile(0, 2)
    %u = aie.tile(0, 3)
    aie.objectfifo @in(%s, {%m}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @low(%m, {%t}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @high(%m, {%u}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.link [@in] -> [@low, @high] ([] [0])
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
