module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %a = aie.buffer(%t) {sym_name = "a"} : memref<8xi32>
    func.func private @polish(memref<8xi32>)
    func.func private @grind(memref<8xi32>, i32)
    aie.core(%t) {
      %c = arith.constant 3 : i32
      func.call @grind(%a, %c) : (memref<8xi32>, i32) -> ()
      func.call @polish(%a) : (memref<8xi32>) -> ()
      func.call @polish(%a) : (memref<8xi32>) -> ()
      aie.end
    }
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
