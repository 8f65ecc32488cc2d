// RUN: --fill 0=iota --expect 1=arg0+7+i/32*2
// One sequence loads two designs in turn, each with a part of its memory.
module {
  aie.device(npu1_1col) @leader {
    aie.runtime_sequence @all(%in: memref<64xi32>, %out: memref<64xi32>) {
      aiex.configure @adds {
        %half = memref.subview %in[0] [32] [1] : memref<64xi32> to memref<32xi32>
        %to = memref.subview %out[0] [32] [1] : memref<64xi32> to memref<32xi32>
        aiex.run @go(%half, %to) : (memref<32xi32>, memref<32xi32>)
      }
      aiex.configure @adds_again {
        %half = memref.subview %in[32] [32] [1] : memref<64xi32> to memref<32xi32>
        %to = memref.subview %out[32] [32] [1] : memref<64xi32> to memref<32xi32>
        aiex.run @go(%half, %to) : (memref<32xi32>, memref<32xi32>)
      }
    }
  }
  aie.device(npu1_1col) @adds {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @from(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @to(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %more = arith.constant 7 : i32
      %always = arith.constant 1000000 : index
      scf.for %turn = %c0 to %always step %c1 {
        %a = aie.objectfifo.acquire @from(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %b = aie.objectfifo.acquire @to(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %in = aie.objectfifo.subview.access %a[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %out = aie.objectfifo.subview.access %b[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %in[%i] : memref<16xi32>
          %y = arith.addi %x, %more : i32
          memref.store %y, %out[%i] : memref<16xi32>
        }
        aie.objectfifo.release @from(Consume, 1)
        aie.objectfifo.release @to(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence @go(%in: memref<32xi32>, %out: memref<32xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 0 : i64, metadata = @from} : memref<32xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<32xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
  aie.device(npu1_1col) @adds_again {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 4)
    aie.objectfifo @from(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @to(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %more = arith.constant 9 : i32
      %always = arith.constant 1000000 : index
      scf.for %turn = %c0 to %always step %c1 {
        %a = aie.objectfifo.acquire @from(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %b = aie.objectfifo.acquire @to(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %in = aie.objectfifo.subview.access %a[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %out = aie.objectfifo.subview.access %b[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %in[%i] : memref<16xi32>
          %y = arith.addi %x, %more : i32
          memref.store %y, %out[%i] : memref<16xi32>
        }
        aie.objectfifo.release @from(Consume, 1)
        aie.objectfifo.release @to(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence @go(%in: memref<32xi32>, %out: memref<32xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 0 : i64, metadata = @from} : memref<32xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<32xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
}
