module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %t = aie.tile(0, 2)
    aie.objectfifo @in(%s, {%t}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.core(%t) {
      %view = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
      %one = aie.objectfifo.subview.access %view[1] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
