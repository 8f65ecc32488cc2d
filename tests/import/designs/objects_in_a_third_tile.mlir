// RUN: --arg 0=iota --expect 1=arg0+1
// Two cores that do not reach each other's memory share objects in that of the tile between them, as the text says.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %low = aie.tile(0, 3)
    %between = aie.tile(0, 4)
    %high = aie.tile(0, 5)
    aie.objectfifo @in(%shim, {%low}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @shared(%low, {%high}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @out(%high, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.allocate @shared(%between)
    aie.core(%low) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %one = arith.constant 1 : i32
      %x = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %a = aie.objectfifo.subview.access %x[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      scf.for %half = %c0 to %c16 step %c8 {
        %y = aie.objectfifo.acquire @shared(Produce, 1) : !aie.objectfifosubview<memref<8xi32>>
        %b = aie.objectfifo.subview.access %y[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
        scf.for %i = %c0 to %c8 step %c1 {
          %from = arith.addi %half, %i : index
          %v = memref.load %a[%from] : memref<16xi32>
          %w = arith.addi %v, %one : i32
          memref.store %w, %b[%i] : memref<8xi32>
        }
        aie.objectfifo.release @shared(Produce, 1)
      }
      aie.objectfifo.release @in(Consume, 1)
      aie.end
    }
    aie.core(%high) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %x = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      %a = aie.objectfifo.subview.access %x[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      scf.for %half = %c0 to %c16 step %c8 {
        %y = aie.objectfifo.acquire @shared(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
        %b = aie.objectfifo.subview.access %y[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
        scf.for %i = %c0 to %c8 step %c1 {
          %to = arith.addi %half, %i : index
          %v = memref.load %b[%i] : memref<8xi32>
          memref.store %v, %a[%to] : memref<16xi32>
        }
        aie.objectfifo.release @shared(Consume, 1)
      }
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%in: memref<16xi32>, %out: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
