// One sequence loads two designs in turn, which call the same lock by different names: in the first it is free, in the
// second nobody gives it.
// TOLD: root: lock 9 `never` (second_of_two.mlir:50) of core(0,2) is 0 and nothing in the design releases it
// TOLD:   core(0,2).mm2s0 waits for lock 3 `sink_cons_lock_0` (second_of_two.mlir:52) of core(0,2) >= 1, is 0
// TOLD:   host waits for the task-complete token of shim(0,0).s2mm0 `sink` (second_of_two.mlir:52)
// CHECK:   each of 3 configurations is judged by itself; this is what host command 9 loads
module {
  aie.device(npu1_1col) @leader {
    aie.runtime_sequence @all(%in: memref<16xi32>, %out: memref<16xi32>) {
      aiex.configure @opens {
        aiex.run @go(%in, %out) : (memref<16xi32>, memref<16xi32>)
      }
      aiex.configure @waits {
        aiex.run @go(%in, %out) : (memref<16xi32>, memref<16xi32>)
      }
    }
  }
  aie.device(npu1_1col) @opens {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %gate = aie.lock(%tile, 9) {init = 1 : i32, sym_name = "gate"}
    aie.objectfifo @from(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @to(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      aie.use_lock(%gate, AcquireGreaterEqual, 1)
      %a = aie.objectfifo.acquire @from(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %b = aie.objectfifo.acquire @to(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      %in = aie.objectfifo.subview.access %a[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      %out = aie.objectfifo.subview.access %b[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
      scf.for %i = %c0 to %c16 step %c1 {
        %x = memref.load %in[%i] : memref<16xi32>
        memref.store %x, %out[%i] : memref<16xi32>
      }
      aie.objectfifo.release @from(Consume, 1)
      aie.objectfifo.release @to(Produce, 1)
      aie.end
    }
    aie.runtime_sequence @go(%in: memref<16xi32>, %out: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @from} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
  aie.device(npu1_1col) @waits {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %never = aie.lock(%tile, 9) {init = 0 : i32, sym_name = "never"}
    aie.objectfifo @source(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @sink(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xi32>>
    %core = aie.core(%tile) {
      aie.use_lock(%never, AcquireGreaterEqual, 1)
      %a = aie.objectfifo.acquire @source(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
      %b = aie.objectfifo.acquire @sink(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
      aie.objectfifo.release @source(Consume, 1)
      aie.objectfifo.release @sink(Produce, 1)
      aie.end
    }
    aie.runtime_sequence @go(%in: memref<16xi32>, %out: memref<16xi32>) {
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @source} : memref<16xi32>
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 1 : i64, metadata = @sink} : memref<16xi32>
      aiex.npu.dma_wait {symbol = @sink}
    }
  }
}
