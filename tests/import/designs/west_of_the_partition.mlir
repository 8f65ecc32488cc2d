// RUN: --arg 0=iota --expect 1=arg0
// Descriptors of the first column's memtile that lie in the window of its western neighbour: column 0 of the partition is column 1
// of the device.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %free = aie.lock(%mem, 0) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%mem, 1) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @in(%shim, MM2S, 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    // 32 words at 0x40 of the west; lock 64 is the own lock 0.
    memref.global "private" constant @take : memref<8xi32> = dense<[0x20, 0x10, 0, 0, 0, 0, 0, 0x8141FF40]>
    memref.global "private" constant @give : memref<8xi32> = dense<[0x20, 0x10, 0, 0, 0, 0, 0, 0x8140FF41]>
    aie.runtime_sequence(%a: memref<32xi32>, %b: memref<32xi32>) {
      %take = memref.get_global @take : memref<8xi32>
      %give = memref.get_global @give : memref<8xi32>
      aiex.npu.blockwrite(%take) {address = 0xA0000 : ui32, column = 0 : i32, row = 1 : i32} : memref<8xi32>
      aiex.npu.blockwrite(%give) {address = 0xA0020 : ui32, column = 0 : i32, row = 1 : i32} : memref<8xi32>
      aiex.npu.write32 {address = 0xA0604 : ui32, column = 0 : i32, row = 1 : i32, value = 0 : ui32}
      aiex.npu.write32 {address = 0xA0634 : ui32, column = 0 : i32, row = 1 : i32, value = 1 : ui32}
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {metadata = @out, id = 0 : i64, issue_token = true} : memref<32xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {metadata = @in, id = 1 : i64} : memref<32xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
