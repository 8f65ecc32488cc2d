// RUN: --fill 0=iota*3 --expect 1=arg0
// A copy through two buffers of a memtile, with the locks and blocks written out.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %ping = aie.buffer(%mem) {sym_name = "ping"} : memref<64xi32>
    %pong = aie.buffer(%mem) {sym_name = "pong"} : memref<64xi32>
    %free = aie.lock(%mem, 0) {init = 2 : i32, sym_name = "free"}
    %full = aie.lock(%mem, 1) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.memtile_dma(%mem) {
      %in = aie.dma_start(S2MM, 0, ^in0, ^next)
    ^in0:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%ping : memref<64xi32>, 0, 64)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in1
    ^in1:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%pong : memref<64xi32> offset = 0 len = 64)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in0
    ^next:
      %out = aie.dma_start("MM2S", 0, ^out0, ^end)
    ^out0:
      aie.use_lock(%full, "AcquireGreaterEqual", 1)
      aie.dma_bd(%ping : memref<64xi32>) {len = 64 : i32}
      aie.use_lock(%free, "Release", 1)
      aie.next_bd ^out1
    ^out1:
      aie.use_lock(%full, AcquireGreaterEqual)
      aie.dma_bd(%pong : memref<64xi32>, 0, 64, [<size = 8, stride = 8>, <size = 8, stride = 1>])
      aie.use_lock(%free, Release)
      aie.next_bd ^out0
    ^end:
      aie.end
    }
    aie.shim_dma_allocation @in (%shim, MM2S, 0)
    aie.shim_dma_allocation @out (S2MM, 0, 0)
    aie.runtime_sequence @copy(%a : memref<256xi32>, %b : memref<256xi32>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c256 = arith.constant 256 : i64
      aiex.npu.dma_memcpy_nd (%b[%c0, %c0, %c0, %c0][%c1, %c1, %c1, %c256][%c0, %c0, %c0, %c1]) {metadata = @out, id = 1 : i64, issue_token = true} : memref<256xi32>
      aiex.npu.dma_memcpy_nd (%a[0, 0, 0, 0][2, 1, 1, 128][128, 0, 0, 1]) {metadata = @in, id = 0 : i64} : memref<256xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
