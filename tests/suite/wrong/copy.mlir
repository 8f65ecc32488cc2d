module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %memtile = aie.tile(0, 1)
    aie.objectfifo @in(%shim, {%memtile}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @out(%memtile, {%shim}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.link [@in] -> [@out] ([] [])
    aie.runtime_sequence(%from: memref<8xi32>, %to: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(%from[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<8xi32>
      aiex.npu.dma_memcpy_nd(%to[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 1 : i64, metadata = @out} : memref<8xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
