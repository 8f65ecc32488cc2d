module {
  aie.device(npu1_1col) @other {
    %s = aie.tile(0, 0)
    %x = aie.external_buffer {sym_name = "x"} : memref<8xi32>
    aie.shim_dma(%s) {
      aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.dma_bd(%x : memref<8xi32>)
      aie.next_bd ^end
    ^end:
      aie.end
    }
  }
  aie.device(npu1_1col) @main {
    aie.runtime_sequence(%a: memref<8xi32>) {
      aiex.npu.load_pdi {device_ref = @other}
    }
  }
}
