// RUN: --arg numbers=iota --arg 1=iota*3 --expect sums=arg0+arg1 --runs 2
// A design without a runtime sequence: the DMA programs of its shim send from buffers of the host and receive into one. Each
// chain ends, the second of two descriptors; an address that the text gives one is no place on an NPU.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    %numbers = aie.external_buffer {sym_name = "numbers"} : memref<32xi32>
    %others = aie.external_buffer {address = 4096 : i64} : memref<32xi32>
    %sums = aie.external_buffer {sym_name = "sums"} : memref<32xi32>
    %a = aie.buffer(%core) {sym_name = "a"} : memref<16xi32>
    %b = aie.buffer(%core) {sym_name = "b"} : memref<16xi32>
    %free = aie.lock(%core) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%core) {init = 0 : i32, sym_name = "full"}
    %b_free = aie.lock(%core) {init = 1 : i32, sym_name = "b_free"}
    %b_full = aie.lock(%core) {init = 0 : i32, sym_name = "b_full"}
    %sent = aie.lock(%core) {init = 0 : i32, sym_name = "sent"}
    aie.flow(%shim, DMA : 0, %core, DMA : 0)
    aie.flow(%shim, DMA : 1, %core, DMA : 1)
    aie.flow(%core, DMA : 0, %shim, DMA : 1)
    aie.shim_dma(%shim) {
      aie.dma_start(MM2S, 0, ^numbers, ^second)
    ^numbers:
      aie.dma_bd(%numbers : memref<32xi32>)
      aie.next_bd ^end
    ^second:
      aie.dma_start(MM2S, 1, ^low, ^third)
    ^low:
      aie.dma_bd(%others : memref<32xi32>, 0, 16)
      aie.next_bd ^high
    ^high:
      aie.dma_bd(%others : memref<32xi32>, 16, 16) {bd_id = 7 : i32}
      aie.next_bd ^end
    ^third:
      aie.dma_start(S2MM, 1, ^front, ^end)
    ^front:
      aie.dma_bd(%sums : memref<32xi32>, 0, 16)
      aie.next_bd ^back
    ^back:
      aie.dma_bd(%sums : memref<32xi32>, 16, 16)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.mem(%core) {
      aie.dma_start(S2MM, 0, ^a, ^second)
    ^a:
      aie.use_lock(%free, AcquireGreaterEqual, 1)
      aie.dma_bd(%a : memref<16xi32>)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^a
    ^second:
      aie.dma_start(S2MM, 1, ^b, ^third)
    ^b:
      aie.use_lock(%b_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%b : memref<16xi32>)
      aie.use_lock(%b_full, Release, 1)
      aie.next_bd ^b
    ^third:
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%sent, AcquireGreaterEqual, 1)
      aie.dma_bd(%b : memref<16xi32>)
      aie.use_lock(%b_free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %many = arith.constant 1000000 : index
      scf.for %turn = %c0 to %many step %c1 {
        aie.use_lock(%full, AcquireGreaterEqual, 1)
        aie.use_lock(%b_full, AcquireGreaterEqual, 1)
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %a[%i] : memref<16xi32>
          %y = memref.load %b[%i] : memref<16xi32>
          %z = arith.addi %x, %y : i32
          memref.store %z, %b[%i] : memref<16xi32>
        }
        aie.use_lock(%free, Release, 1)
        aie.use_lock(%sent, Release, 1)
      }
      aie.end
    }
  }
}
