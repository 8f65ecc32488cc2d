// RUN: --arg 0=iota --expect 1=arg0+8-16*(arg0/8)
// The descriptor of a memtile goes on from its second execution: halves change places.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %free = aie.lock(%mem) {init = 2 : i32, sym_name = "free"}
    %full = aie.lock(%mem) {init = 0 : i32, sym_name = "full"}
    %halves = aie.buffer(%mem) {sym_name = "halves"} : memref<16xi32>
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.runtime_sequence(%in: memref<16xi32>, %out: memref<16xi32>) {
      %send = aiex.dma_configure_task(%shim, MM2S, 0) {
        aie.dma_bd(%in : memref<16xi32>)
        aie.end
      }
      %take = aiex.dma_configure_task(%mem, S2MM, 0) {
        aie.use_lock(%free, AcquireGreaterEqual, 1)
        aie.dma_bd(%halves : memref<16xi32> offset = 0 len = 8) {iteration = #aie.bd_iteration<size = 2, stride = 8, current = 1>}
        aie.use_lock(%full, Release, 1)
        aie.end
      } {repeat_count = 1 : i32}
      %give = aiex.dma_configure_task(%mem, MM2S, 0) {
        aie.use_lock(%full, AcquireGreaterEqual, 2)
        aie.dma_bd(%halves : memref<16xi32>)
        aie.use_lock(%free, Release, 2)
        aie.end
      }
      %receive = aiex.dma_configure_task(%shim, S2MM, 0) {
        aie.dma_bd(%out : memref<16xi32>)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%receive)
      aiex.dma_start_task(%take)
      aiex.dma_start_task(%give)
      aiex.dma_start_task(%send)
      aiex.dma_await_task(%receive)
    }
  }
}
