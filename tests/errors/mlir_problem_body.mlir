#a = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
#b = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
#c = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
builtin.module {
  module {
    func.func private @batched(%a: tensor<3x64x128xi8>, %b: tensor<3x64x128xi8>) -> tensor<3x64x64xi32> {
      %cst = arith.constant 0 : i32
      %0 = tensor.empty() : tensor<3x64x64xi32>
      %1 = linalg.fill ins(%cst : i32) outs(%0 : tensor<3x64x64xi32>) -> tensor<3x64x64xi32>
      %2 = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%a, %b : tensor<3x64x128xi8>, tensor<3x64x128xi8>) outs(%1 : tensor<3x64x64xi32>) attrs = {lowering_config = "x"} {
      ^bb0(%in: i8, %in_0: i8, %out: i32):
        %3 = arith.extsi %in : i8 to i32
        %4 = arith.extsi %in_0 : i8 to i32
        %5 = arith.muli %3, %4 : i32
        %6 = arith.addi %5, %5 : i32
        linalg.yield %6 : i32
      } -> tensor<3x64x64xi32>
      return %2 : tensor<3x64x64xi32>
    }
  }
}
