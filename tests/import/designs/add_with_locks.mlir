// RUN: --fill 0=iota-100 --expect 1=arg0+7
// A core adds a constant of its own memory to bytes that come and go through its DMA.
#loc = loc(unknown)
!line = memref<32xi8>
module @outer {
  module @inner {
    aie.device(npu1) @main {
      %t00 = aie.tile(0, 0)
      %t02 = aie.tile(0, 2)
      %in = aie.buffer(%t02) {address = 2048 : i32, sym_name = "in"} : !line
      %out = aie.buffer(%t02) {sym_name = "out"} : !line
      %addend = aie.buffer(%t02) {sym_name = "addend"} : memref<4xi8> = dense<7>
      %in_free = aie.lock(%t02, 3) {init = 1 : i32}
      %in_full = aie.lock(%t02) {init = 0 : i32, sym_name = "in_full"}
      %out_free = aie.lock(%t02) {init = 1 : i32}
      %out_full = aie.lock(%t02)
      aie.flow(%t00, DMA : 1, %t02, DMA : 1)
      aie.flow(%t02, DMA : 0, %t00, DMA : 1)
      %mem = aie.mem(%t02) {
        %0 = aie.dma(S2MM, 1) [{
          aie.use_lock(%in_free, AcquireGreaterEqual)
          aie.dma_bd(%in : !line)
          aie.use_lock(%in_full, Release)
        }]
        %1 = aie.dma(MM2S, 0) {loop = true} [{
          aie.use_lock(%out_full, AcquireGreaterEqual)
          aie.dma_bd(%out : !line)
          aie.use_lock(%out_free, Release)
        }]
        aie.end
      }
      %core = aie.core(%t02) {
        %one = arith.constant 1 : i32
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c32 = arith.constant 32 : index
        %c4 = arith.constant 4 : index
        scf.for %round = %c0 to %c4 step %c1 {
          aie.use_lock(%in_full, AcquireGreaterEqual, %one)
          aie.use_lock(%out_free, AcquireGreaterEqual, 1)
          %by = memref.load %addend[%c0] : memref<4xi8>
          scf.for %i = %c0 to %c32 step %c1 {
            %x = memref.load %in[%i] : !line
            %y = arith.addi %x, %by : i8
            memref.store %y, %out[%i] : !line
          }
          aie.use_lock(%in_free, Release, %one)
          aie.use_lock(%out_full, Release, 1)
        }
        aie.end
      } loc(#loc)
      aie.runtime_sequence(%a: memref<128xi8>, %b: memref<128xi8>) {
        %task = aiex.dma_configure_task(%t00, S2MM, 1) {
          aie.dma_bd(%b : memref<128xi8>, 0, 128)
          aie.end
        } {issue_token = true}
        %feed = aiex.dma_configure_task(%t00, MM2S, 1) {
          aie.dma_bd(%a : memref<128xi8>, 0, 64) {bd_id = 4 : i32}
          aie.next_bd ^more
        ^more:
          aie.dma_bd(%a : memref<128xi8> offset = 64 len = 64 sizes = [1, 2, 4, 8] strides = [0, 32, 8, 1])
          aie.end
        }
        aiex.dma_start_task(%task)
        aiex.dma_start_task(%feed)
        aiex.dma_await_task(%task)
        aiex.dma_free_task(%feed)
      }
    }
  }
}
