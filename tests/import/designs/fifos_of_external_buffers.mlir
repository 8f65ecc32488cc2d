// RUN: --arg first=iota --arg second=iota*2 --expect low=arg0+1 --expect high=arg1+1
// Object fifos whose ends at a shim are buffers of the host, larger than the objects: each is moved once a run, in turn.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    %first = aie.external_buffer {sym_name = "first"} : memref<64xi32>
    %second = aie.external_buffer {sym_name = "second"} : memref<64xi32>
    %low = aie.external_buffer {sym_name = "low"} : memref<64xi32>
    %high = aie.external_buffer {sym_name = "high"} : memref<64xi32>
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.register_external_buffers @in (%shim, {%first, %second}) : (memref<64xi32>, memref<64xi32>)
    aie.objectfifo.register_external_buffers @out (%shim, {%low, %high}) : (memref<64xi32>, memref<64xi32>)
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %many = arith.constant 1000000 : index
      %one = arith.constant 1 : i32
      scf.for %turn = %c0 to %many step %c1 {
        %x = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %a = aie.objectfifo.subview.access %x[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %y = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %b = aie.objectfifo.subview.access %y[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %i = %c0 to %c16 step %c1 {
          %v = memref.load %a[%i] : memref<16xi32>
          %w = arith.addi %v, %one : i32
          memref.store %w, %b[%i] : memref<16xi32>
        }
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
  }
}
