// RUN: --expect 0=77
// The tile asks for it. The sequence writes `later` by its address: after the stack of 1024 bytes and `first`.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2) {allocation_scheme = "basic-sequential"}
    %first = aie.buffer(%core) {sym_name = "first"} : memref<8xi32>
    %later = aie.buffer(%core) {sym_name = "later"} : memref<1xi32>
    %written = aie.lock(%core, 0) {init = 0 : i32, sym_name = "written"}
    %full = aie.lock(%core, 1) {init = 0 : i32, sym_name = "full"}
    aie.flow(%core, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    aie.mem(%core) {
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%later : memref<1xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c7 = arith.constant 7 : i32
      aie.use_lock(%written, AcquireGreaterEqual, 1)
      %v = memref.load %later[%c0] : memref<1xi32>
      %w = arith.addi %v, %c7 : i32
      memref.store %w, %later[%c0] : memref<1xi32>
      memref.store %w, %first[%c0] : memref<8xi32>
      aie.use_lock(%full, Release, 1)
      aie.end
    }
    aie.runtime_sequence(%out: memref<1xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {metadata = @out, id = 0 : i64, issue_token = true} : memref<1xi32>
      aiex.npu.write32 {address = 0x420 : ui32, column = 0 : i32, row = 2 : i32, value = 70 : ui32}
      aiex.set_lock(%written, 1)
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
