module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %t = aie.tile(0, 2)
    aie.objectfifo @in(%m, {%t}, 2 : i32) : !aie.objectfifo<memref<8xi32>> = [dense<1> : memref<8xi32>]
    aie.runtime_sequence(%x: memref<8xi32>) {
    }
  }
}
