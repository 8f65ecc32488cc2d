// As pipeline.mlir, but the packets that pass `scale` leave its switch through a port of their own, and with it under an
// arbiter of their own.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %split = aie.tile(0, 2)
    %scale = aie.tile(0, 3)
    %join = aie.tile(0, 4)

    %pair = aie.buffer(%split) {sym_name = "pair"} : memref<32xi32>
    %pair_free = aie.lock(%split) {init = 2 : i32, sym_name = "pair_free"}
    %pair_full = aie.lock(%split) {init = 0 : i32, sym_name = "pair_full"}
    %to_scale = aie.lock(%split) {init = 0 : i32, sym_name = "to_scale"}
    %to_join = aie.lock(%split) {init = 0 : i32, sym_name = "to_join"}
    aie.core(%split) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      scf.for %round = %c0 to %c4 step %c1 {
        aie.use_lock(%pair_full, AcquireGreaterEqual, 2)
        aie.use_lock(%to_scale, Release, 1)
        aie.use_lock(%to_join, Release, 1)
      }
      aie.end
    }
    aie.mem(%split) {
      %in = aie.dma_start(S2MM, 0, ^in, ^scale)
    ^in:
      aie.use_lock(%pair_free, AcquireGreaterEqual, 2)
      aie.dma_bd(%pair : memref<32xi32>, 0, 32)
      aie.use_lock(%pair_full, Release, 2)
      aie.next_bd ^in
    ^scale:
      %out = aie.dma_start(MM2S, 0, ^to_scale, ^join)
    ^to_scale:
      aie.use_lock(%to_scale, AcquireGreaterEqual, 1)
      aie.dma_bd(%pair : memref<32xi32>, 0, 32) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 1>}
      aie.use_lock(%pair_free, Release, 1)
      aie.next_bd ^to_scale
    ^join:
      %past = aie.dma_start(MM2S, 1, ^to_join, ^end)
    ^to_join:
      aie.use_lock(%to_join, AcquireGreaterEqual, 1)
      aie.dma_bd(%pair : memref<32xi32>, 0, 32) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 2>}
      aie.use_lock(%pair_free, Release, 1)
      aie.next_bd ^to_join
    ^end:
      aie.end
    }

    %plain = aie.buffer(%scale) {sym_name = "plain"} : memref<32xi32>
    %scaled = aie.buffer(%scale) {sym_name = "scaled"} : memref<32xi32>
    %plain_free = aie.lock(%scale) {init = 1 : i32, sym_name = "plain_free"}
    %plain_full = aie.lock(%scale) {init = 0 : i32, sym_name = "plain_full"}
    %scaled_free = aie.lock(%scale) {init = 1 : i32, sym_name = "scaled_free"}
    %scaled_full = aie.lock(%scale) {init = 0 : i32, sym_name = "scaled_full"}
    aie.core(%scale) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c32 = arith.constant 32 : index
      scf.for %round = %c0 to %c4 step %c1 {
        aie.use_lock(%plain_full, AcquireGreaterEqual, 1)
        aie.use_lock(%scaled_free, AcquireGreaterEqual, 1)
        scf.for %i = %c0 to %c32 step %c1 {
          %x = memref.load %plain[%i] : memref<32xi32>
          %y = arith.addi %x, %x : i32
          memref.store %y, %scaled[%i] : memref<32xi32>
        }
        aie.use_lock(%plain_free, Release, 1)
        aie.use_lock(%scaled_full, Release, 1)
      }
      aie.end
    }
    aie.mem(%scale) {
      %in = aie.dma_start(S2MM, 0, ^in, ^send)
    ^in:
      aie.use_lock(%plain_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%plain : memref<32xi32>, 0, 32)
      aie.use_lock(%plain_full, Release, 1)
      aie.next_bd ^in
    ^send:
      %out = aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%scaled_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%scaled : memref<32xi32>, 0, 32) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 3>}
      aie.use_lock(%scaled_free, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }

    %past = aie.buffer(%join) {sym_name = "past"} : memref<16xi32>
    %twice = aie.buffer(%join) {sym_name = "twice"} : memref<16xi32>
    %sum = aie.buffer(%join) {sym_name = "sum"} : memref<16xi32>
    %past_free = aie.lock(%join) {init = 1 : i32, sym_name = "past_free"}
    %past_full = aie.lock(%join) {init = 0 : i32, sym_name = "past_full"}
    %twice_free = aie.lock(%join) {init = 1 : i32, sym_name = "twice_free"}
    %twice_full = aie.lock(%join) {init = 0 : i32, sym_name = "twice_full"}
    %sum_free = aie.lock(%join) {init = 1 : i32, sym_name = "sum_free"}
    %sum_full = aie.lock(%join) {init = 0 : i32, sym_name = "sum_full"}
    aie.core(%join) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      scf.for %round = %c0 to %c8 step %c1 {
        aie.use_lock(%twice_full, AcquireGreaterEqual, 1)
        aie.use_lock(%past_full, AcquireGreaterEqual, 1)
        aie.use_lock(%sum_free, AcquireGreaterEqual, 1)
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %past[%i] : memref<16xi32>
          %y = memref.load %twice[%i] : memref<16xi32>
          %z = arith.addi %x, %y : i32
          memref.store %z, %sum[%i] : memref<16xi32>
        }
        aie.use_lock(%twice_free, Release, 1)
        aie.use_lock(%past_free, Release, 1)
        aie.use_lock(%sum_full, Release, 1)
      }
      aie.end
    }
    aie.mem(%join) {
      %first = aie.dma_start(S2MM, 0, ^past, ^second)
    ^past:
      aie.use_lock(%past_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%past : memref<16xi32>, 0, 16)
      aie.use_lock(%past_full, Release, 1)
      aie.next_bd ^past
    ^second:
      %second = aie.dma_start(S2MM, 1, ^twice, ^third)
    ^twice:
      aie.use_lock(%twice_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%twice : memref<16xi32>, 0, 16)
      aie.use_lock(%twice_full, Release, 1)
      aie.next_bd ^twice
    ^third:
      %third = aie.dma_start(MM2S, 0, ^sum, ^end)
    ^sum:
      aie.use_lock(%sum_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%sum : memref<16xi32>, 0, 16)
      aie.use_lock(%sum_free, Release, 1)
      aie.next_bd ^sum
    ^end:
      aie.end
    }

    aie.flow(%shim, DMA : 0, %split, DMA : 0)
    aie.flow(%join, DMA : 0, %shim, DMA : 0)
    aie.switchbox(%split) {
      %a = aie.amsel<0> (0)
      %b = aie.amsel<1> (0)
      aie.masterset(North : 0, %a)
      aie.masterset(North : 1, %b)
      aie.packet_rules(DMA : 0) {
        aie.rule(31, 1, %a)
      }
      aie.packet_rules(DMA : 1) {
        aie.rule(31, 2, %b)
      }
    }
    aie.switchbox(%scale) {
      %north = aie.amsel<0> (0)
      %dma = aie.amsel<1> (0)
      %beside = aie.amsel<2> (0)
      aie.masterset(North : 0, %north)
      aie.masterset(North : 1, %beside)
      aie.masterset(DMA : 0, %dma)
      aie.packet_rules(South : 0) {
        aie.rule(31, 1, %dma)
      }
      aie.packet_rules(South : 1) {
        aie.rule(31, 2, %beside)
      }
      aie.packet_rules(DMA : 0) {
        aie.rule(31, 3, %north)
      }
    }
    aie.switchbox(%join) {
      %a = aie.amsel<0> (0)
      %b = aie.amsel<1> (0)
      aie.masterset(DMA : 0, %a)
      aie.masterset(DMA : 1, %b)
      aie.packet_rules(South : 0) {
        aie.rule(31, 3, %b)
      }
      aie.packet_rules(South : 1) {
        aie.rule(31, 2, %a)
      }
    }

    aie.shim_dma_allocation @in(%shim, MM2S, 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    aie.runtime_sequence(%in : memref<128xi32>, %out : memref<128xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 128][0, 0, 0, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<128xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 128][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<128xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
