func.func @f(%a: memref<4xi32>, %b: memref<4xi32>) {
  linalg.copy ins(%a : memref<4xi32>) outs(%b : memref<4xi32>)
  return
}
