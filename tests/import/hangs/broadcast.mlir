// Three stages: `sum` adds two neighbouring lines, `twice` doubles the sum, and `join` adds the line itself, which is
// broadcast to the first stage and the last. The first needs a second line before it gives anything; the last has room for
// one, which stays there.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %sum = aie.tile(0, 2)
    %twice = aie.tile(0, 3)
    %join = aie.tile(0, 4)
    aie.objectfifo @lines(%shim, {%sum, %join}, [2, 2, 1]) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @sums(%sum, {%twice}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @doubles(%twice, {%join}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @results(%join, {%shim}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.core(%sum) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      scf.for %round = %c0 to %c4 step %c1 {
        %two = aie.objectfifo.acquire @lines(Consume, 2) : !aie.objectfifosubview<memref<16xi32>>
        %a = aie.objectfifo.subview.access %two[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %b = aie.objectfifo.subview.access %two[1] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %o = aie.objectfifo.acquire @sums(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %c = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %a[%i] : memref<16xi32>
          %y = memref.load %b[%i] : memref<16xi32>
          %z = arith.addi %x, %y : i32
          memref.store %z, %c[%i] : memref<16xi32>
        }
        aie.objectfifo.release @lines(Consume, 1)
        aie.objectfifo.release @sums(Produce, 1)
      }
      aie.end
    }
    aie.core(%twice) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      scf.for %round = %c0 to %c4 step %c1 {
        %s = aie.objectfifo.acquire @sums(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %a = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %o = aie.objectfifo.acquire @doubles(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %c = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %a[%i] : memref<16xi32>
          %z = arith.addi %x, %x : i32
          memref.store %z, %c[%i] : memref<16xi32>
        }
        aie.objectfifo.release @sums(Consume, 1)
        aie.objectfifo.release @doubles(Produce, 1)
      }
      aie.end
    }
    aie.core(%join) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c16 = arith.constant 16 : index
      scf.for %round = %c0 to %c4 step %c1 {
        %d = aie.objectfifo.acquire @doubles(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %a = aie.objectfifo.subview.access %d[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %l = aie.objectfifo.acquire @lines(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %b = aie.objectfifo.subview.access %l[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %o = aie.objectfifo.acquire @results(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %c = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %a[%i] : memref<16xi32>
          %y = memref.load %b[%i] : memref<16xi32>
          %z = arith.addi %x, %y : i32
          memref.store %z, %c[%i] : memref<16xi32>
        }
        aie.objectfifo.release @doubles(Consume, 1)
        aie.objectfifo.release @lines(Consume, 1)
        aie.objectfifo.release @results(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%in : memref<80xi32>, %out : memref<64xi32>) {
      aiex.npu.dma_memcpy_nd(%out[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 1 : i64, metadata = @results, issue_token = true} : memref<64xi32>
      aiex.npu.dma_memcpy_nd(%in[0, 0, 0, 0][1, 1, 1, 80][0, 0, 0, 1]) {id = 0 : i64, metadata = @lines} : memref<80xi32>
      aiex.npu.dma_wait {symbol = @results}
    }
  }
}
