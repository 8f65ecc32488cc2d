module {
  aiex.scratchpad_parameter @from : i32
  aiex.scratchpad_parameter @scale : bf16
  aiex.scratchpad_parameter @add : i32
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @out(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %scale = aiex.read_scratchpad_parameter @scale : bf16
      %factor = arith.extf %scale : bf16 to f32
      %add = aiex.read_scratchpad_parameter @add : i32
      %i = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
      %from = aie.objectfifo.subview.access %i[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      %o = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<8xi32>>
      %to = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      scf.for %n = %c0 to %c8 step %c1 {
        %x = memref.load %from[%n] : memref<8xi32>
        %real = arith.sitofp %x : i32 to f32
        %scaled = arith.mulf %real, %factor : f32
        %whole = arith.fptosi %scaled : f32 to i32
        %y = arith.addi %whole, %add : i32
        memref.store %y, %to[%n] : memref<8xi32>
      }
      aie.objectfifo.release @in(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%a: memref<32xi32>, %b: memref<8xi32>) {
      %t0 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<32xi32>, 0, 8) {offset_parameter = @from}
        aie.end
      }
      aiex.dma_start_task(%t0)
      %t1 = aiex.dma_configure_task_for @out {
        aie.dma_bd(%b : memref<8xi32>, 0, 8)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%t1)
      aiex.dma_await_task(%t1)
    }
  }
}
