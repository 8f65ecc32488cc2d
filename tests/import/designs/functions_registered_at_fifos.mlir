// RUN: --expect 0=2 --stub pause=50
// Functions registered at object fifos become cores. Of the producer's the later op comes first: four objects of ones and one of
// twos, which their functions take as a subview and as memory. The consumer's takes none; its pattern holds two objects over a turn
// and gives two back at once, four in all. What the core's own text says comes behind it, so that it gets the fifth.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %first = aie.tile(0, 2)
    %second = aie.tile(0, 4)
    aie.objectfifo @between(%first, {%second}, 3 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @out(%second, {%shim}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    func.func @ones(%objects: !aie.objectfifosubview<memref<8xi32>>) {
      %object = aie.objectfifo.subview.access %objects[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      %one = arith.constant 1 : i32
      func.call @fill(%object, %one) : (memref<8xi32>, i32) -> ()
      return
    }
    func.func @twos(%object: memref<8xi32>) {
      %two = arith.constant 2 : i32
      func.call @fill(%object, %two) : (memref<8xi32>, i32) -> ()
      return
    }
    func.func @fill(%object: memref<8xi32>, %value: i32) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      scf.for %i = %c0 to %c8 step %c1 {
        memref.store %value, %object[%i] : memref<8xi32>
      }
      return
    }
    func.func private @pause()
    %each = arith.constant dense<1> : tensor<1xi32>
    %once = arith.constant 1 : index
    %four = arith.constant 4 : index
    %held = arith.constant dense<[1, 2, 2, 2]> : tensor<4xi32>
    %given = arith.constant dense<[0, 1, 1, 2]> : tensor<4xi32>
    aie.objectfifo.register_process @between(Produce, %each : tensor<1xi32>, %each : tensor<1xi32>, @twos, %once)
    aie.objectfifo.register_process @between(Produce, %each : tensor<1xi32>, %each : tensor<1xi32>, @ones, %four)
    aie.objectfifo.register_process @between(Consume, %held : tensor<4xi32>, %given : tensor<4xi32>, @pause, %four)
    aie.core(%second) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %x = aie.objectfifo.acquire @between(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
      %a = aie.objectfifo.subview.access %x[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      %y = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<8xi32>>
      %b = aie.objectfifo.subview.access %y[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      scf.for %i = %c0 to %c8 step %c1 {
        %v = memref.load %a[%i] : memref<8xi32>
        memref.store %v, %b[%i] : memref<8xi32>
      }
      aie.objectfifo.release @between(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%result: memref<8xi32>) {
      aiex.npu.dma_memcpy_nd(%result[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @out, issue_token = true} : memref<8xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
