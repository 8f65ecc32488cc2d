module {
  aie.device(npu1_1col) {
    %c = aie.tile(0, 2)
    %d = aie.tile(0, 3)
    aie.objectfifo @in(%c, {%d}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    func.func private @work()
    %a = arith.constant dense<[1]> : tensor<1xi32>
    %n = arith.constant 3 : index
    "aie.objectfifo.register_process"(%a, %a, %n) {objFifo_name = @in, callee = @work} : (tensor<1xi32>, tensor<1xi32>, index) -> ()
  }
}
