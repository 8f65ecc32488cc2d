// RUN: --sequence late_first --arg 0=iota --arg 1=5 --expect 2=46
// Two streams share a channel of the shim. The core frees the room for a word of `late` only when it has `early`, and the path
// holds eight words in front of the receiver: nine words of `late` pass although they were sent first.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 3)
    %word = aie.buffer(%core) {sym_name = "word"} : memref<1xi32>
    %pair = aie.buffer(%core) {sym_name = "pair"} : memref<2xi32>
    %sum = aie.buffer(%core) {sym_name = "sum"} : memref<1xi32>
    %word_free = aie.lock(%core) {init = 1 : i32, sym_name = "word_free"}
    %word_full = aie.lock(%core) {init = 0 : i32, sym_name = "word_full"}
    %pair_free = aie.lock(%core) {init = 1 : i32, sym_name = "pair_free"}
    %pair_full = aie.lock(%core) {init = 0 : i32, sym_name = "pair_full"}
    %sum_full = aie.lock(%core) {init = 0 : i32, sym_name = "sum_full"}
    aie.shim_dma_allocation @late(%shim, MM2S, 0, <pkt_id = 4>)
    aie.shim_dma_allocation @early(%shim, MM2S, 0, <pkt_type = 0, pkt_id = 5>)
    aie.shim_dma_allocation @result(%shim, S2MM, 1)
    aie.packet_flow(4) { aie.packet_source<%shim, DMA : 0> aie.packet_dest<%core, DMA : 0> }
    aie.packet_flow(5) { aie.packet_source<%shim, DMA : 0> aie.packet_dest<%core, DMA : 1> }
    aie.flow(%core, DMA : 1, %shim, DMA : 1)
    aie.mem(%core) {
      aie.dma_start(S2MM, 0, ^late, ^second)
    ^late:
      aie.use_lock(%word_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%word : memref<1xi32>)
      aie.use_lock(%word_full, Release, 1)
      aie.next_bd ^late
    ^second:
      aie.dma_start(S2MM, 1, ^early, ^third)
    ^early:
      aie.use_lock(%pair_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%pair : memref<2xi32>)
      aie.use_lock(%pair_full, Release, 1)
      aie.next_bd ^early
    ^third:
      aie.dma_start(MM2S, 1, ^out, ^end)
    ^out:
      aie.use_lock(%sum_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%sum : memref<1xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c9 = arith.constant 9 : index
      aie.use_lock(%pair_full, AcquireGreaterEqual, 1)
      %p = memref.load %pair[%c0] : memref<2xi32>
      %q = memref.load %pair[%c1] : memref<2xi32>
      %both = arith.addi %p, %q : i32
      %all = scf.for %i = %c0 to %c9 step %c1 iter_args(%s = %both) -> (i32) {
        aie.use_lock(%word_full, AcquireGreaterEqual, 1)
        %w = memref.load %word[%c0] : memref<1xi32>
        %next = arith.addi %s, %w : i32
        aie.use_lock(%word_free, Release, 1)
        scf.yield %next : i32
      }
      memref.store %all, %sum[%c0] : memref<1xi32>
      aie.use_lock(%sum_full, Release, 1)
      aie.end
    }
    aie.runtime_sequence @late_first(%a: memref<9xi32>, %b: memref<2xi32>, %r: memref<1xi32>) {
      aiex.npu.dma_memcpy_nd(%r[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {metadata = @result, id = 2 : i64, issue_token = true} : memref<1xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 9][0, 0, 0, 1]) {metadata = @late, id = 0 : i64} : memref<9xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 2][0, 0, 0, 1]) {metadata = @early, id = 1 : i64} : memref<2xi32>
      aiex.npu.dma_wait {symbol = @result}
    }
    aie.runtime_sequence @early_first(%a: memref<9xi32>, %b: memref<2xi32>, %r: memref<1xi32>) {
      aiex.npu.dma_memcpy_nd(%r[0, 0, 0, 0][1, 1, 1, 1][0, 0, 0, 1]) {metadata = @result, id = 2 : i64, issue_token = true} : memref<1xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 2][0, 0, 0, 1]) {metadata = @early, id = 1 : i64} : memref<2xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 9][0, 0, 0, 1]) {metadata = @late, id = 0 : i64} : memref<9xi32>
      aiex.npu.dma_wait {symbol = @result}
    }
  }
}
