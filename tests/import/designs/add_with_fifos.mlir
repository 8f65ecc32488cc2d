// RUN: --fill 0=iota --expect 1=arg0*2+1
// Object fifos: through a memtile, between neighbours that share a memory, and straight to the host.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %first = aie.tile(0, 2)
    %second = aie.tile(0, 3)
    aie.objectfifo @in(%shim, {%mem}, 2 : i32) : !aie.objectfifo<memref<48xi32>>
    aie.objectfifo @in_core(%mem, {%first}, 2 : i32) : !aie.objectfifo<memref<48xi32>>
    aie.objectfifo.link [@in] -> [@in_core] ([] [])
    aie.objectfifo @between(%first, {%second}, 2 : i32) : !aie.objectfifo<memref<48xi32>>
    aie.objectfifo @out(%second, {%shim}, [2, 1]) : !aie.objectfifo<memref<48xi32>>
    func.func @add(%from: memref<48xi32>, %with: memref<48xi32>, %to: memref<48xi32>) {
      affine.for %i = 0 to 48 {
        %a = affine.load %from[%i] : memref<48xi32>
        %b = affine.load %with[%i] : memref<48xi32>
        %c = arith.addi %a, %b : i32
        affine.store %c, %to[%i] : memref<48xi32>
      }
      return
    }
    aie.core(%first) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %many = arith.constant 9223372036854775807 : index
      scf.for %n = %c0 to %many step %c1 {
        %in = aie.objectfifo.acquire @in_core(Consume, 1) : !aie.objectfifosubview<memref<48xi32>>
        %from = aie.objectfifo.subview.access %in[0] : !aie.objectfifosubview<memref<48xi32>> -> memref<48xi32>
        %out = aie.objectfifo.acquire @between(Produce, 1) : !aie.objectfifosubview<memref<48xi32>>
        %to = aie.objectfifo.subview.access %out[0] : !aie.objectfifosubview<memref<48xi32>> -> memref<48xi32>
        func.call @add(%from, %from, %to) : (memref<48xi32>, memref<48xi32>, memref<48xi32>) -> ()
        aie.objectfifo.release @in_core(Consume, 1)
        aie.objectfifo.release @between(Produce, 1)
      }
      aie.end
    }
    aie.core(%second) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c48 = arith.constant 48 : index
      %one = arith.constant 1 : i32
      %many = arith.constant 4294967295 : index
      scf.for %n = %c0 to %many step %c1 {
        %in = aie.objectfifo.acquire @between(Consume, 1) : !aie.objectfifosubview<memref<48xi32>>
        %from = aie.objectfifo.subview.access %in[0] : !aie.objectfifosubview<memref<48xi32>> -> memref<48xi32>
        %out = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<48xi32>>
        %to = aie.objectfifo.subview.access %out[0] : !aie.objectfifosubview<memref<48xi32>> -> memref<48xi32>
        scf.for %i = %c0 to %c48 step %c1 {
          %x = memref.load %from[%i] : memref<48xi32>
          %y = arith.addi %x, %one : i32
          memref.store %y, %to[%i] : memref<48xi32>
        }
        aie.objectfifo.release @between(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%a: memref<192xi32>, %b: memref<192xi32>) {
      %t0 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<192xi32>, 0, 192, [<size = 1, stride = 0>, <size = 1, stride = 0>, <size = 1, stride = 0>, <size = 192, stride = 1>]) {burst_length = 0 : i32}
        aie.end
      }
      aiex.dma_start_task(%t0)
      %t1 = aiex.dma_configure_task_for @out {
        aie.dma_bd(%b : memref<192xi32>, 0, 192)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%t1)
      aiex.dma_await_task(%t1)
      aiex.dma_free_task(%t0)
    }
  }
}
