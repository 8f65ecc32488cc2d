// RUN: --fill 0=iota --expect 1=arg0
// A memtile gives each of two cores its part of an object and puts their parts together again.
module {
  aie.device(npu1_2col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    %b = aie.tile(1, 3)
    aie.objectfifo @in(%shim, {%mem}, 2 : i32) : !aie.objectfifo<memref<24xi16>>
    aie.objectfifo @in_a(%mem, {%a}, 2 : i32) : !aie.objectfifo<memref<8xi16>>
    aie.objectfifo @in_b(%mem, {%b}, 2 : i32) : !aie.objectfifo<memref<16xi16>>
    aie.objectfifo.link [@in] -> [@in_a, @in_b] ([] [0, 8])
    aie.objectfifo @out(%mem, {%shim}, 2 : i32) : !aie.objectfifo<memref<24xi16>>
    aie.objectfifo @out_a(%a, {%mem}, 2 : i32) : !aie.objectfifo<memref<8xi16>>
    aie.objectfifo @out_b(%b, {%mem}, 2 : i32) : !aie.objectfifo<memref<16xi16>>
    aie.objectfifo.link [@out_a, @out_b] -> [@out] ([0, 8] [])
    aie.core(%a) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      scf.for %n = %c0 to %c8 step %c1 {
        %in = aie.objectfifo.acquire @in_a(Consume, 1) : !aie.objectfifosubview<memref<8xi16>>
        %from = aie.objectfifo.subview.access %in[0] : !aie.objectfifosubview<memref<8xi16>> -> memref<8xi16>
        %out = aie.objectfifo.acquire @out_a(Produce, 1) : !aie.objectfifosubview<memref<8xi16>>
        %to = aie.objectfifo.subview.access %out[0] : !aie.objectfifosubview<memref<8xi16>> -> memref<8xi16>
        scf.for %i = %c0 to %c8 step %c1 {
          %x = memref.load %from[%i] : memref<8xi16>
          memref.store %x, %to[%i] : memref<8xi16>
        }
        aie.objectfifo.release @in_a(Consume, 1)
        aie.objectfifo.release @out_a(Produce, 1)
      }
      aie.end
    }
    aie.core(%b) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      scf.for %n = %c0 to %c8 step %c1 {
        %in = aie.objectfifo.acquire @in_b(Consume, 1) : !aie.objectfifosubview<memref<16xi16>>
        %from = aie.objectfifo.subview.access %in[0] : !aie.objectfifosubview<memref<16xi16>> -> memref<16xi16>
        %out = aie.objectfifo.acquire @out_b(Produce, 1) : !aie.objectfifosubview<memref<16xi16>>
        %to = aie.objectfifo.subview.access %out[0] : !aie.objectfifosubview<memref<16xi16>> -> memref<16xi16>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %from[%i] : memref<16xi16>
          memref.store %x, %to[%i] : memref<16xi16>
        }
        aie.objectfifo.release @in_b(Consume, 1)
        aie.objectfifo.release @out_b(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%from: memref<192xi16>, %to: memref<192xi16>) {
      aiex.npu.dma_memcpy_nd(%to[0, 0, 0, 0][1, 1, 1, 192][0, 0, 0, 1]) {id = 1 : i64, metadata = @out} : memref<192xi16>
      aiex.npu.dma_memcpy_nd(%from[0, 0, 0, 0][1, 1, 8, 24][0, 0, 24, 1]) {id = 0 : i64, metadata = @in} : memref<192xi16>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
