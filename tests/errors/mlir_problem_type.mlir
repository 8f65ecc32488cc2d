!lhs = tensor<512x256xf16>
!rhs = tensor<256x512xf16>
!res = tensor<512x512xf32>


func.func @matmul(%a: !lhs, %b: !rhs) -> !res {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : !res
  %c = linalg.fill ins(%zero : f32) outs(%empty : !res) -> !res
  %product = linalg.matmul ins(%a, %b : !lhs, !rhs) outs(%c : !res) -> !res
  return %product : !res
}
