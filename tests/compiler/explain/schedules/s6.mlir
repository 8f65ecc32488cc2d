// C goes into L1 and back once, and is filled in L2.
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @s6(%A: memref<1024x2048xi32>, %B: memref<2048x512xi32>, %C: memref<1024x512xi32>) {
  %zero = arith.constant 0 : i32
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c256 = arith.constant 256 : index
  %c2048 = arith.constant 2048 : index
  scf.forall (%i, %j) = (0, 0) to (1024, 512) step (64, 64) {
    %a2 = memref.alloc() : memref<64x256xi32, 1>
    %b2 = memref.alloc() : memref<256x64xi32, 1>
    %c2 = memref.alloc() : memref<64x64xi32, 1>
    %a1 = memref.alloc() : memref<2x2x32x32xi32, 2>
    %b1 = memref.alloc() : memref<2x2x32x32xi32, 2>
    %c1 = memref.alloc() : memref<2x2x32x32xi32, 2>
    linalg.fill ins(%zero : i32) outs(%c2 : memref<64x64xi32, 1>)
    scf.forall (%x, %y) in (2, 2) {
      %xm = affine.apply affine_map<(d0) -> (d0 * 32)>(%x)
      %yn = affine.apply affine_map<(d0) -> (d0 * 32)>(%y)
      %cl = memref.subview %c1[%x, %y, 0, 0] [1, 1, 32, 32] [1, 1, 1, 1] : memref<2x2x32x32xi32, 2> to memref<32x32xi32, strided<[32, 1], offset: ?>, 2>
      %cs = memref.subview %c2[%xm, %yn] [32, 32] [1, 1] : memref<64x64xi32, 1> to memref<32x32xi32, strided<[64, 1], offset: ?>, 1>
      linalg.copy ins(%cs : memref<32x32xi32, strided<[64, 1], offset: ?>, 1>) outs(%cl : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>)
    }
    scf.for %ko = %c0 to %c2048 step %c256 {
      %a3 = memref.subview %A[%i, %ko] [64, 256] [1, 1] : memref<1024x2048xi32> to memref<64x256xi32, strided<[2048, 1], offset: ?>>
      linalg.copy ins(%a3 : memref<64x256xi32, strided<[2048, 1], offset: ?>>) outs(%a2 : memref<64x256xi32, 1>)
      %b3 = memref.subview %B[%ko, %j] [256, 64] [1, 1] : memref<2048x512xi32> to memref<256x64xi32, strided<[512, 1], offset: ?>>
      linalg.copy ins(%b3 : memref<256x64xi32, strided<[512, 1], offset: ?>>) outs(%b2 : memref<256x64xi32, 1>)
      scf.forall (%x, %y) in (2, 2) {
        %xm = affine.apply affine_map<(d0) -> (d0 * 32)>(%x)
        %yn = affine.apply affine_map<(d0) -> (d0 * 32)>(%y)
        %cl = memref.subview %c1[%x, %y, 0, 0] [1, 1, 32, 32] [1, 1, 1, 1] : memref<2x2x32x32xi32, 2> to memref<32x32xi32, strided<[32, 1], offset: ?>, 2>
        scf.for %ki = %c0 to %c256 step %c32 {
          %as = memref.subview %a2[%xm, %ki] [32, 32] [1, 1] : memref<64x256xi32, 1> to memref<32x32xi32, strided<[256, 1], offset: ?>, 1>
          %al = memref.subview %a1[%x, %y, 0, 0] [1, 1, 32, 32] [1, 1, 1, 1] : memref<2x2x32x32xi32, 2> to memref<32x32xi32, strided<[32, 1], offset: ?>, 2>
          linalg.copy ins(%as : memref<32x32xi32, strided<[256, 1], offset: ?>, 1>) outs(%al : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>)
          %bs = memref.subview %b2[%ki, %yn] [32, 32] [1, 1] : memref<256x64xi32, 1> to memref<32x32xi32, strided<[64, 1], offset: ?>, 1>
          %bl = memref.subview %b1[%x, %y, 0, 0] [1, 1, 32, 32] [1, 1, 1, 1] : memref<2x2x32x32xi32, 2> to memref<32x32xi32, strided<[32, 1], offset: ?>, 2>
          linalg.copy ins(%bs : memref<32x32xi32, strided<[64, 1], offset: ?>, 1>) outs(%bl : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>)
          linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%al, %bl : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>, memref<32x32xi32, strided<[32, 1], offset: ?>, 2>) outs(%cl : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>) {
          ^bb0(%a: i32, %b: i32, %c: i32):
            %p = arith.muli %a, %b : i32
            %s = arith.addi %c, %p : i32
            linalg.yield %s : i32
          }
        }
      }
    }
    scf.forall (%x, %y) in (2, 2) {
      %xm = affine.apply affine_map<(d0) -> (d0 * 32)>(%x)
      %yn = affine.apply affine_map<(d0) -> (d0 * 32)>(%y)
      %cl = memref.subview %c1[%x, %y, 0, 0] [1, 1, 32, 32] [1, 1, 1, 1] : memref<2x2x32x32xi32, 2> to memref<32x32xi32, strided<[32, 1], offset: ?>, 2>
      %cs = memref.subview %c2[%xm, %yn] [32, 32] [1, 1] : memref<64x64xi32, 1> to memref<32x32xi32, strided<[64, 1], offset: ?>, 1>
      linalg.copy ins(%cl : memref<32x32xi32, strided<[32, 1], offset: ?>, 2>) outs(%cs : memref<32x32xi32, strided<[64, 1], offset: ?>, 1>)
    }
    %c3 = memref.subview %C[%i, %j] [64, 64] [1, 1] : memref<1024x512xi32> to memref<64x64xi32, strided<[512, 1], offset: ?>>
    linalg.copy ins(%c2 : memref<64x64xi32, 1>) outs(%c3 : memref<64x64xi32, strided<[512, 1], offset: ?>>)
  }
  return
}
