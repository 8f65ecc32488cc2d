// RUN: --expect 0=i/4+i/8*3
// A core that has ended runs again after a reset, and counts on from what its memory holds.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %free = aie.lock(%tile, 0) {init = 1 : i32}
    %full = aie.lock(%tile, 1) {init = 0 : i32}
    %runs = aie.buffer(%tile) {initial_value = dense<5> : tensor<1xi32>, sym_name = "runs"} : memref<1xi32>
    %out = aie.buffer(%tile) : memref<4xi32>
    aie.flow(%tile, DMA : 0, %shim, DMA : 0)
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %one = arith.constant 1 : i32
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      %n = memref.load %runs[%c0] : memref<1xi32>
      scf.for %i = %c0 to %c4 step %c1 {
        memref.store %n, %out[%i] : memref<4xi32>
      }
      %more = arith.addi %n, %one : i32
      memref.store %more, %runs[%c0] : memref<1xi32>
      aie.use_lock(%full, Release, 1)
      aie.end
    }
    %dma = aie.mem(%tile) {
      %start = aie.dma_start(MM2S, 0, ^one, ^end)
    ^one:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%out : memref<4xi32>, 0, 4)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^one
    ^end:
      aie.end
    }
    aie.shim_dma_allocation @to(%shim, S2MM, 0)
    aie.runtime_sequence(%host: memref<12xi32>) {
      aiex.npu.dma_memcpy_nd(%host[0, 0, 0, 8][1, 1, 1, 4][0, 0, 0, 1]) {id = 0 : i64, metadata = @to} : memref<12xi32>
      aiex.npu.dma_wait {symbol = @to}
      aiex.buffer_clear(%runs)
      aiex.core_reset(%tile)
      aiex.npu.maskwrite32 {address = 204800 : ui32, column = 0 : i32, row = 2 : i32, value = 1 : ui32, mask = 1 : ui32}
      aiex.npu.dma_memcpy_nd(%host[0, 0, 0, 0][1, 1, 1, 4][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<12xi32>
      aiex.npu.dma_wait {symbol = @to}
      aiex.core_reset(%tile)
      aiex.npu.maskwrite32 {address = 204800 : ui32, column = 0 : i32, row = 2 : i32, value = 1 : ui32, mask = 1 : ui32}
      aiex.npu.dma_memcpy_nd(%host[0, 0, 0, 4][1, 1, 1, 4][0, 0, 0, 1]) {id = 2 : i64, metadata = @to} : memref<12xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
}
