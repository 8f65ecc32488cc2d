func.func @f(%a: memref<4xi32>) {
  scf.forall (%i, %j) in (2) {
  }
  return
}
