// RUN: --fill 0=iota+5 --expect 2=arg0
// As designs were written in spring 2024.
module {
  aie.device(ipu) {
    memref.global "public" @in : memref<16xi32>
    memref.global "public" @out : memref<16xi32>
    %t00 = aie.tile(0, 0)
    %t01 = aie.tile(0, 1)
    %buffer = aie.buffer(%t01) {sym_name = "buffer"} : memref<16xi32>
    %free = aie.lock(%t01, 0) {init = 1 : i32}
    %full = aie.lock(%t01, 1) {init = 0 : i32}
    aie.flow(%t00, DMA : 0, %t01, DMA : 0)
    aie.flow(%t01, DMA : 0, %t00, DMA : 0)
    aie.shim_dma_allocation @in(MM2S, 0, 0)
    aie.shim_dma_allocation @out(S2MM, 0, 0)
    func.func @sequence(%a: memref<64xi32>, %unused: memref<1xi32>, %c: memref<64xi32>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c16 = arith.constant 16 : i64
      %c4 = arith.constant 4 : i64
      aiex.ipu.dma_memcpy_nd(0, 0, %c[%c0, %c0, %c0, %c0][%c1, %c1, %c4, %c16][%c0, %c0, %c16]) {id = 1 : i64, metadata = @out} : memref<64xi32>
      aiex.ipu.dma_memcpy_nd(0, 0, %a[%c0, %c0, %c0, %c0][%c1, %c1, %c4, %c16][%c0, %c0, %c16]) {id = 0 : i64, metadata = @in} : memref<64xi32>
      aiex.ipu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}
      return
    }
    %dma = aie.memtile_dma(%t01) {
      %0 = aie.dma_start(S2MM, 0, ^bb1, ^bb2)
    ^bb1:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<16xi32>, 0, 16)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^bb1
    ^bb2:
      %1 = aie.dma_start(MM2S, 0, ^bb3, ^bb4)
    ^bb3:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<16xi32>, 0, 16)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^bb3
    ^bb4:
      aie.end
    }
  }
}
