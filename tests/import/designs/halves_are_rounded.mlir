// RUN: --arg 0=i/4 --expect 1=i/2+0.125
// f16 from the host to the host: loaded, added, fused, narrowed from f32 and stored.
module {
  aie.device(npu2_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%tile}, 1 : i32) : !aie.objectfifo<memref<16xf16>>
    aie.objectfifo @out(%tile, {%shim}, 1 : i32) : !aie.objectfifo<memref<16xf16>>
    %eighth = aie.buffer(%tile) {sym_name = "eighth"} : memref<1xf16> = dense<1.250000e-01>
    aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %large = arith.constant 2.048000e+03 : f16
      %half = arith.constant 0x3800 : f16
      %i = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<16xf16>>
      %from = aie.objectfifo.subview.access %i[0] : !aie.objectfifosubview<memref<16xf16>> -> memref<16xf16>
      %o = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<16xf16>>
      %to = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<16xf16>> -> memref<16xf16>
      %add = memref.load %eighth[%c0] : memref<1xf16>
      // 2048 and a half is no f16: it is rounded away.
      %lost = arith.addf %large, %half : f16
      %none = arith.subf %lost, %large : f16
      scf.for %n = %c0 to %c16 step %c1 {
        %x = memref.load %from[%n] : memref<16xf16>
        %wide = arith.extf %x : f16 to f32
        %twice = arith.addf %wide, %wide : f32
        %y = arith.truncf %twice : f32 to f16
        %z = arith.addf %y, %none : f16
        %r = arith.addf %z, %add : f16
        memref.store %r, %to[%n] : memref<16xf16>
      }
      aie.objectfifo.release @in(Consume, 1)
      aie.objectfifo.release @out(Produce, 1)
      aie.end
    }
    aie.runtime_sequence(%a: memref<16xf16>, %b: memref<16xf16>) {
      %t0 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<16xf16>, 0, 16)
        aie.end
      }
      aiex.dma_start_task(%t0)
      %t1 = aiex.dma_configure_task_for @out {
        aie.dma_bd(%b : memref<16xf16>, 0, 16)
        aie.end
      } {issue_token = true}
      aiex.dma_start_task(%t1)
      aiex.dma_await_task(%t1)
    }
  }
}
