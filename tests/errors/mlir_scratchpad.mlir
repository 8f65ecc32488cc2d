module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %numbers = aie.buffer(%tile) {sym_name = "numbers"} : memref<2xi32> = dense<[3, 5]>
    %ready = aie.lock(%tile, 0) {init = 0 : i32, sym_name = "ready"}
    aie.flow(%tile, DMA : 0, %shim, DMA : 0)
    aie.shim_dma_allocation @out(%shim, S2MM, 0)
    aie.mem(%tile) {
      aie.dma_start(MM2S, 0, ^send, ^end)
    ^send:
      aie.use_lock(%ready, AcquireGreaterEqual, 1)
      aie.dma_bd(%numbers : memref<2xi32>, 0, 2)
      aie.next_bd ^end
    ^end:
      aie.end
    }
    aie.runtime_sequence(%a: memref<2xi32>) {
      aiex.npu.create_scratchpad {size = 16 : ui32}
      aiex.npu.update_from_scratchpad {state_table_idx = 0 : ui8, buffer = @numbers, address = 0 : ui32}
      aiex.npu.update_from_scratchpad {state_table_idx = 3 : ui8, buffer = @numbers, address = 0 : ui32}
      aiex.set_lock(%ready, 1)
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 2][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<2xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
