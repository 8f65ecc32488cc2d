// RUN: --device npu2_1col --fill 0=5 --expect 1=7-2*((i+13)/16)+2*((i+1)/16)
// A walk of the memtile adds words before and after what it reads, of a value that its channel has.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %memtile = aie.tile(0, 1)
    aie.objectfifo @in(%shim, {%memtile}, 1 : i32) : !aie.objectfifo<memref<12xi32>>
    aie.objectfifo @out(%memtile dimensionsToStream [<size = 12, stride = 1>], {%shim}, 1 : i32) {padDimensions = #aie<bd_pad_layout_array[<const_pad_before = 3, const_pad_after = 1>]>, padValue = 7 : i32} : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.link [@in] -> [@out] ([] [])
    aie.runtime_sequence(%from: memref<12xi32>, %to: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%from[0, 0, 0, 0][1, 1, 1, 12][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<12xi32>
      aiex.npu.dma_memcpy_nd(%to[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @out} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
