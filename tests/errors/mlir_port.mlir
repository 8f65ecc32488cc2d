module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    aie.objectfifo @in(%s, {%t}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.core(%t) {
      %view = aie.objectfifo.acquire @in(Consumer, 1) : !aie.objectfifosubview<memref<8xi32>>
      aie.objectfifo.release @in(Consume, 1)
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, issue_token = true, metadata = @in} : memref<8xi32>
    }
  }
}
