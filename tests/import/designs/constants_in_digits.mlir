// RUN: --expect 0=i+1
// Constant data as hexadecimal digits, in a buffer and in a core's global.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %sum = aie.buffer(%tile) {sym_name = "sum"} : memref<4xi32> = dense<"0x00000000000000000000000001000000">
    %full = aie.lock(%tile, 0) {init = 0 : i32, sym_name = "full"}
    memref.global "private" constant @more : memref<4xi16> = dense<"0x0100020003000300">
    aie.flow(%tile, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %more = memref.get_global @more : memref<4xi16>
      scf.for %i = %c0 to %c4 step %c1 {
        %x = memref.load %more[%i] : memref<4xi16>
        %y = arith.extsi %x : i16 to i32
        %a = memref.load %sum[%i] : memref<4xi32>
        %b = arith.addi %a, %y : i32
        memref.store %b, %sum[%i] : memref<4xi32>
      }
      aie.use_lock(%full, Release, 1)
      aie.end
    }
    aie.mem(%tile) {
      aie.dma_start(MM2S, 0, ^send, ^end)
    ^send:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%sum : memref<4xi32>, 0, 4)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%a: memref<4xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 4][0, 0, 0, 1]) {metadata = @out, id = 0 : i64} : memref<4xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
