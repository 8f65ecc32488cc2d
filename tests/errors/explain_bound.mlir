func.func @f(%n: index, %a: memref<4xi32>, %b: memref<4xi32, 1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    linalg.copy ins(%a : memref<4xi32>) outs(%b : memref<4xi32, 1>)
  }
  return
}
