module {
  aie.device(npu1_1col) @one {
    aie.runtime_sequence() {
      aiex.npu.load_pdi {device_ref = @two}
    }
  }
  aie.device(npu1_1col) @two {
  }
}
