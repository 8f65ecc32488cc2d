// RUN: --arg 0=iota --expect 1=arg0+8-16*(i/8)
// Chains of descriptors with arguments, which the sequence starts on a channel by number and by name.
module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %mem = aie.tile(0, 1)
    aie.objectfifo @in(%shim, {%mem}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @out(%mem, {%shim}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.link [@in] -> [@out] ([] [])
    aie.bd_chain @swapped(%from: memref<16xi32>) {
      aie.dma_bd(%from : memref<16xi32>, 8, 8)
      aie.next_bd ^first
    ^first:
      aie.dma_bd(%from : memref<16xi32>, 0, 8)
      aie.end
    }
    aie.bd_chain @whole(%to: memref<16xi32>) {
      aie.dma_bd(%to : memref<16xi32>, 0, 16)
      aie.end
    }
    aie.runtime_sequence(%a: memref<16xi32>, %b: memref<16xi32>) {
      %t0 = aiex.dma_start_bd_chain @swapped(%a) : (memref<16xi32>) on (%shim, MM2S, 0)
      %t1 = aiex.dma_start_bd_chain_for @whole(%b) : (memref<16xi32>) for @out {issue_token = true}
      aiex.dma_await_task(%t1)
      aiex.dma_free_task(%t0)
    }
  }
}
