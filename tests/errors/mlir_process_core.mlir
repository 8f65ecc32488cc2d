module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 2)
    %d = aie.tile(0, 3)
    aie.objectfifo @in(%c, {%d}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    func.func private @work()
    %a = arith.constant dense<[1]> : tensor<1xi32>
    %n = arith.constant 3 : index
    aie.objectfifo.register_process @in(Produce, %a : tensor<1xi32>, %a : tensor<1xi32>, @work, %n)
    "aie.core"() ({}) : () -> ()
  }
}
