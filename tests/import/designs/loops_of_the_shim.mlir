// RUN: --arg in=iota*5 --expect out=arg0
// Loops of a shim with locks that only the host gives back: each half goes out and comes back once. What the locks hold
// lets each loop turn once in a run, and the run is over when the one that receives has.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %in = aie.external_buffer {sym_name = "in"} : memref<32xi32>
    %out = aie.external_buffer {sym_name = "out"} : memref<32xi32>
    %in_free = aie.lock(%shim, 1) {init = 0 : i32, sym_name = "in_free"}
    %in_full = aie.lock(%shim, 2) {init = 2 : i32, sym_name = "in_full"}
    %out_free = aie.lock(%shim, 3) {init = 1 : i32, sym_name = "out_free"}
    %out_full = aie.lock(%shim, 4) {init = 0 : i32, sym_name = "out_full"}
    %store = aie.buffer(%mem) {sym_name = "store"} : memref<16xi32>
    %free = aie.lock(%mem) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%mem) {init = 0 : i32, sym_name = "full"}
    aie.flow(%shim, DMA : 0, %mem, DMA : 0)
    aie.flow(%mem, DMA : 0, %shim, DMA : 0)
    aie.memtile_dma(%mem) {
      aie.dma_start(S2MM, 0, ^in, ^next)
    ^in:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<16xi32>)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^next:
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%store : memref<16xi32>)
      aie.use_lock(%free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.shim_dma(%shim) {
      %sender = aie.dma(MM2S, 0) [{
        aie.use_lock(%in_full, AcquireGreaterEqual, 1)
        aie.dma_bd(%in : memref<32xi32>, 0, 16)
        aie.use_lock(%in_free, Release, 1)
      }, {
        aie.use_lock(%in_full, AcquireGreaterEqual, 1)
        aie.dma_bd(%in : memref<32xi32>, 16, 16)
        aie.use_lock(%in_free, Release, 1)
      }]
      aie.dma_start(S2MM, 0, ^low, ^end)
    ^low:
      aie.use_lock(%out_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%out : memref<32xi32>, 0, 16)
      aie.next_bd ^high
    ^high:
      aie.dma_bd(%out : memref<32xi32>, 16, 16)
      aie.use_lock(%out_full, Release, 1)
      aie.next_bd ^low
    ^end:
      aie.end
    }
  }
}
