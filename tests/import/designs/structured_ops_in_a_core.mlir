// RUN: --arg 0=iota --expect 1=(i+i%4)*2
// linalg.generic of an element, with a map that drops a loop, and a matmul with a constant.
#rows = affine_map<(d0, d1) -> (d0, d1)>
#first = affine_map<(d0, d1) -> (0, d1)>
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<4x4xi32>>
    aie.objectfifo @out(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<4x4xi32>>
    %twice = aie.buffer(%tile) {sym_name = "twice"} : memref<4x4xi8> = dense<[[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]]>
    %sum = aie.buffer(%tile) {sym_name = "sum"} : memref<4x4xi32>
    aie.core(%tile) {
      %c0 = arith.constant 0 : i32
      %i = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<4x4xi32>>
      %from = aie.objectfifo.subview.access %i[0] : !aie.objectfifosubview<memref<4x4xi32>> -> memref<4x4xi32>
      %o = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<4x4xi32>>
      %to = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<4x4xi32>> -> memref<4x4xi32>
      linalg.generic {indexing_maps = [#rows, #first, #rows], iterator_types = ["parallel", "parallel"]} ins(%from, %from : memref<4x4xi32>, memref<4x4xi32>) outs(%sum : memref<4x4xi32>) {
      ^bb0(%a: i32, %b: i32, %c: i32):
        %d = arith.addi %a, %b : i32
        linalg.yield %d : i32
      }
      linalg.fill ins(%c0 : i32) outs(%to : memref<4x4xi32>)
      linalg.matmul ins(%sum, %twice : memref<4x4xi32>, memref<4x4xi8>) outs(%to : memref<4x4xi32>)
      aie.objectfifo.release @in(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%a: memref<16xi32>, %b: memref<16xi32>) {
      %t0 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<16xi32>, 0, 16)
        aie.end
      }
      aiex.dma_start_task(%t0)
      %t1 = aiex.dma_configure_task_for @out {
        aie.dma_bd(%b : memref<16xi32>, 0, 16)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%t1)
      aiex.dma_await_task(%t1)
    }
  }
}
