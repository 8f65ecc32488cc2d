// all kinds
// made: by hand
module {
  aie.device(npu1) {
    func.func private @zero_bf16_1(i64)
    %mem_tile_0_1 = aie.tile(0, 1)
    %tile_0_2 = aie.tile(0, 2)
    %tile_0_3 = aie.tile(0, 3)
    %shim_noc_tile_1_0 = aie.tile(1, 0)
    %tile_1_2 = aie.tile(1, 2)
    %a = aie.buffer(%tile_1_2) {address = 16384 : i32, sym_name = "a"} : memref<4xi32> = dense<"0x01000000020000000000000000000000">
    %b = aie.buffer(%tile_1_2) {address = 32768 : i32, sym_name = "b"} : memref<4xi32>
    %l2 = aie.buffer(%mem_tile_0_1) {address = 0 : i32, sym_name = "l2"} : memref<64x64xbf16>
    %go = aie.lock(%tile_1_2, 0) {init = 1 : i32, sym_name = "go"}
    %switchbox_0_1 = aie.switchbox(%mem_tile_0_1) {
      %amsel_0_0 = aie.amsel<0> (0)
      %masterset = aie.masterset(North : 0, %amsel_0_0)
      aie.packet_rules(DMA : 0) {
        aie.rule(31, 5, %amsel_0_0)
        aie.rule(31, 6, %amsel_0_0)
      }
    }
    %switchbox_0_2 = aie.switchbox(%tile_0_2) {
      %amsel_0_0_1 = aie.amsel<0> (0)
      %amsel_1_0 = aie.amsel<1> (0)
      %masterset_1 = aie.masterset(DMA : 0, %amsel_0_0_1)
      %masterset_2 = aie.masterset(North : 0, %amsel_1_0)
      aie.packet_rules(South : 0) {
        aie.rule(31, 5, %amsel_0_0_1)
        aie.rule(31, 6, %amsel_1_0)
      }
    }
    %switchbox_0_3 = aie.switchbox(%tile_0_3) {
      %amsel_0_0_2 = aie.amsel<0> (0)
      %masterset_3 = aie.masterset(DMA : 0, %amsel_0_0_2) {keep_pkt_header = true}
      aie.packet_rules(South : 0) {
        aie.rule(31, 6, %amsel_0_0_2)
      }
    }
    %switchbox_1_0 = aie.switchbox(%shim_noc_tile_1_0) {
      aie.connect<TileControl : 0, South : 0>
    }
    %memtile_dma_0_1 = aie.memtile_dma(%mem_tile_0_1) {
      %dma = aie.dma_start(MM2S, 0, ^bb2, ^bb1, repeat_count = 3) {name = "p"}
    ^bb1:
      %dma_1 = aie.dma_start(MM2S, 0, ^bb3, ^bb4) {name = "p", issue_token = true}
    ^bb2:
      aie.dma_bd(%l2 : memref<64x64xbf16>, 0, 84, [<size = 5, stride = 64>, <size = 8, stride = 1>], [<const_pad_before = 2, const_pad_after = 0>, <const_pad_before = 2, const_pad_after = 2>]) {bd_id = 0 : i32, next_bd_id = 1 : i32, packet = #aie.packet_info<pkt_type = 1, pkt_id = 5>}
      aie.next_bd ^bb3
    ^bb3:
      aie.dma_bd(%l2 : memref<64x64xbf16>, 0, 16, [<size = 8, stride = 8>, <size = 2, stride = 1>]) {bd_id = 1 : i32, iteration_size = 2 : i32, iteration_stride = 64 : i32, tlast_suppress = true}
      aie.next_bd ^bb4
    ^bb4:
      aie.end
    }
    %mem_0_2 = aie.mem(%tile_0_2) {
      %dma_2 = aie.dma_start(S2MM, 0, ^bb1, ^bb1) {name = "p", started = false, out_of_order = true, fot_mode = 2 : i32}
    ^bb1:
      aie.end
    }
    %mem_0_3 = aie.mem(%tile_0_3) {
      %dma_3 = aie.dma_start(S2MM, 0, ^bb1, ^bb1) {name = "q", started = false}
    ^bb1:
      aie.end
    }
    %core_1_2 = aie.core(%tile_1_2) {
      %c0 = arith.constant 0 : i64
      %c2 = arith.constant 2 : i64
      %c1 = arith.constant 1 : i64
      cf.br ^bb1
    ^bb1:
      %r1 = arith.constant 8 : i64
      cf.br ^bb2(%r1 : i64)
    ^bb2(%r1_2: i64):
      %r2 = arith.constant 3 : i64
      %r5 = "airlock.address"(%a) : (memref<4xi32>) -> i64
      cf.br ^bb3(%r2, %r5 : i64, i64)
    ^bb3(%r2_2: i64, %r5_2: i64):
      %go_1 = arith.cmpi ne, %r2_2, %c0 : i64
      cf.cond_br %go_1, ^bb5(%r5_2 : i64), ^bb4
    ^bb4:
      %r5_1 = "airlock.address"(%b) : (memref<4xi32>) -> i64
      cf.br ^bb5(%r5_1 : i64)
    ^bb5(%r5_3: i64):
      %r6 = "airlock.load"(%r5_3) {type = "i32", imm = 4 : i32} : (i64) -> i64
      %r6_1 = "airlock.add"(%r6, %c0) {type = "i32"} : (i64, i64) -> i64
      %r6_2 = arith.addi %r6_1, %c2 : i64
      "airlock.store"(%r6_2, %r5_3) {type = "i32", imm = 0 : i32} : (i64, i64) -> ()
      func.call @zero_bf16_1(%r5_3) : (i64) -> ()
      aie.use_lock(%go, Acquire, 2)
      %r2_1 = arith.subi %r2_2, %c1 : i64
      %go_2 = arith.cmpi sgt, %r2_1, %c0 : i64
      cf.cond_br %go_2, ^bb3(%r2_1, %r5_3 : i64, i64), ^bb6
    ^bb6:
      %r1_1 = arith.subi %r1_2, %c1 : i64
      %go_3 = arith.cmpi sgt, %r1_1, %c0 : i64
      cf.cond_br %go_3, ^bb2(%r1_1 : i64), ^bb7
    ^bb7:
      aie.event(1)
      aie.end
    } {stack_size = 1024 : i32}
    aie.shim_dma_allocation @in(%shim_noc_tile_1_0, MM2S, 0)
    memref.global "private" constant @blockwrite_data : memref<2xi32> = dense<[1, -1]>
    aie.runtime_sequence @sequence(%A: memref<4096xi8>) {
      aiex.npu.dma_memcpy_nd(%A[0, 0, 0, 0, 64][3, 1, 8, 4, 4][4, 0, 64, 8, 1], packet = <pkt_type = 0, pkt_id = 3>) {id = 0 : i64, issue_token = true, metadata = @in} : memref<4096xi8>
      aiex.npu.dma_wait {symbol = @in}
      aiex.npu.write32 {address = 119316 : ui32, value = 5 : ui32}
      %blockwrite_data_1 = memref.get_global @blockwrite_data : memref<2xi32>
      aiex.npu.blockwrite(%blockwrite_data_1) {address = 119040 : ui32} : memref<2xi32>
      aiex.npu.maskwrite32 {address = 126976 : ui32, mask = 3072 : ui32, value = 1024 : ui32}
      aiex.npu.maskpoll32 {address = 119336 : ui32, mask = 7340032 : ui32, value = 0 : ui32}
      aiex.npu.address_patch {addr = 119044 : ui32, arg_idx = 0 : i32, arg_plus = 16 : i32}
      aiex.npu.sync {channel = 0 : i32, column = 1 : i32, column_num = 1 : i32, direction = 1 : i32, row = 0 : i32, row_num = 1 : i32}
      aiex.npu.load_pdi {id = 2 : i32}
    }
  }
}
