module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 2)
    %d = aie.tile(0, 3)
    aie.objectfifo @in(%c, {%d}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    func.func private @work()
    %a = arith.constant dense<[1, 2]> : tensor<2xi32>
    %r = arith.constant dense<[1, 1, 1]> : tensor<3xi32>
    %n = arith.constant 3 : index
    aie.objectfifo.register_process @in(Consume, %r : tensor<3xi32>, %r : tensor<3xi32>, @work, %n)
    aie.objectfifo.register_process @in(Consume, %r : tensor<3xi32>, %r : tensor<3xi32>, @work, %n)
  }
}
