!lhs = tensor<128x64xbf16>
!rhs = tensor<64x128xbf16>
!res = tensor<128x128xf32>

// A matmul as front ends state it.
func.func @matmul(%a: !lhs, %b: !rhs) -> !res {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : !res
  %c = linalg.fill ins(%zero : f32) outs(%empty : !res) -> !res
  %product = linalg.matmul ins(%a, %b : !lhs, !rhs) outs(%c : !res) -> !res
  return %product : !res
}
