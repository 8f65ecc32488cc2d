// copy
module {
  aie.device(npu1) {
    func.func private @copy_i32_64(memref<64xi32>, memref<64xi32>)
    %shim_noc_tile_0_0 = aie.tile(0, 0)
    %tile_0_2 = aie.tile(0, 2)
    %in_ping = aie.buffer(%tile_0_2) {sym_name = "in.ping"} : memref<64xi32>
    %in_pong = aie.buffer(%tile_0_2) {sym_name = "in.pong"} : memref<64xi32>
    %out_ping = aie.buffer(%tile_0_2) {sym_name = "out.ping"} : memref<64xi32>
    %out_pong = aie.buffer(%tile_0_2) {sym_name = "out.pong"} : memref<64xi32>
    %in_free = aie.lock(%tile_0_2) {init = 2 : i32, sym_name = "in.free"}
    %in_full = aie.lock(%tile_0_2) {init = 0 : i32, sym_name = "in.full"}
    %out_free = aie.lock(%tile_0_2) {init = 2 : i32, sym_name = "out.free"}
    %out_full = aie.lock(%tile_0_2) {init = 0 : i32, sym_name = "out.full"}
    aie.flow(%shim_noc_tile_0_0, DMA : -1, %tile_0_2, DMA : -1) {name = "in"}
    aie.flow(%tile_0_2, DMA : -1, %shim_noc_tile_0_0, DMA : -1) {name = "out"}
    %mem_0_2 = aie.mem(%tile_0_2) {
      %dma = aie.dma_start(S2MM, -1, ^bb1, ^bb3) {name = "in"}
    ^bb1:
      aie.use_lock(%in_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%in_ping : memref<64xi32>, 0, 64)
      aie.use_lock(%in_full, Release, 1)
      aie.next_bd ^bb2
    ^bb2:
      aie.use_lock(%in_free, AcquireGreaterEqual, 1)
      aie.dma_bd(%in_pong : memref<64xi32>, 0, 64)
      aie.use_lock(%in_full, Release, 1)
      aie.next_bd ^bb1
    ^bb3:
      %dma_1 = aie.dma_start(MM2S, -1, ^bb4, ^bb6) {name = "out"}
    ^bb4:
      aie.use_lock(%out_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%out_ping : memref<64xi32>, 0, 64)
      aie.use_lock(%out_free, Release, 1)
      aie.next_bd ^bb5
    ^bb5:
      aie.use_lock(%out_full, AcquireGreaterEqual, 1)
      aie.dma_bd(%out_pong : memref<64xi32>, 0, 64)
      aie.use_lock(%out_free, Release, 1)
      aie.next_bd ^bb4
    ^bb6:
      aie.end
    }
    %core_0_2 = aie.core(%tile_0_2) {
      cf.br ^bb1
    ^bb1:
      aie.use_lock(%in_full, AcquireGreaterEqual, 1)
      aie.use_lock(%out_free, AcquireGreaterEqual, 1)
      func.call @copy_i32_64(%in_ping, %out_ping) : (memref<64xi32>, memref<64xi32>) -> ()
      aie.use_lock(%in_free, Release, 1)
      aie.use_lock(%out_full, Release, 1)
      aie.use_lock(%in_full, AcquireGreaterEqual, 1)
      aie.use_lock(%out_free, AcquireGreaterEqual, 1)
      func.call @copy_i32_64(%in_pong, %out_pong) : (memref<64xi32>, memref<64xi32>) -> ()
      aie.use_lock(%in_free, Release, 1)
      aie.use_lock(%out_full, Release, 1)
      cf.br ^bb1
    } {stack_size = 1024 : i32}
    aie.shim_dma_allocation @in(%shim_noc_tile_0_0, MM2S, -1)
    aie.shim_dma_allocation @out(%shim_noc_tile_0_0, S2MM, -1)
    aie.runtime_sequence @sequence(%a: memref<256xi32>, %c: memref<256xi32>) {
      aiex.npu.dma_memcpy_nd(%c[0, 0, 0, 0][1, 1, 1, 256][0, 0, 0, 1]) {id = 1 : i64, issue_token = true, metadata = @out} : memref<256xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 256][0, 0, 0, 1]) {id = 2 : i64, metadata = @in} : memref<256xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
