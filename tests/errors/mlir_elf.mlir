module {
  aie.device(npu1_1col) {
    %tile = aie.tile(0, 2)
    aie.core(%tile) {
      aie.end
    } {elf_file = "core_0_2.elf"}
    aie.runtime_sequence(%in: memref<4xi32>) {
    }
  }
}
