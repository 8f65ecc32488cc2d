// RUN: --fill 0=iota --expect 1=arg0*4
// A cascade that turns: two cores in a row, then one below.
module {
  aie.device(npu1_2col) {
    %shim = aie.tile(0, 0)
    %west = aie.tile(0, 3)
    %east = aie.tile(1, 3)
    %south = aie.tile(1, 2)
    aie.cascade_flow(%west, %east)
    aie.cascade_flow(%east, %south)
    aie.objectfifo @from(%shim, {%west}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @to(%south, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %a = aie.core(%west) {
      %view = aie.objectfifo.acquire @from(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %in = aie.objectfifo.subview.access %view[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %c0 = arith.constant 0 : index
      %word = vector.load %in[%c0] : memref<16xi32>, vector<16xi32>
      aie.put_cascade(%word : vector<16xi32>)
      aie.objectfifo.release @from(Consume, 1)
      aie.end
    }
    %b = aie.core(%east) {
      %word = aie.get_cascade() : vector<16xi32>
      %twice = arith.addi %word, %word : vector<16xi32>
      aie.put_cascade(%twice : vector<16xi32>)
      aie.end
    }
    %c = aie.core(%south) {
      %view = aie.objectfifo.acquire @to(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      %out = aie.objectfifo.subview.access %view[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %c0 = arith.constant 0 : index
      %word = aie.get_cascade() : vector<16xi32>
      %twice = arith.addi %word, %word : vector<16xi32>
      vector.store %twice, %out[%c0] : memref<16xi32>, vector<16xi32>
      aie.objectfifo.release @to(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%in: memref<16xi32>, %out: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @from} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
}
