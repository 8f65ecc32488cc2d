module {
  aie.device(npu1_1col) @one {
    aie.runtime_sequence() {
      aiex.npu.load_pdi {id = 2 : i32}
    }
  }
  aie.device(npu1_1col) @two {
  }
}
