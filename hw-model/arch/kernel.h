// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hw-model/arch/types.h"

namespace npu::arch {

/// What a kernel does. `External` is a kernel known by name only (`symbol`); with `cycles` it takes
/// that time and touches nothing.
enum class KernelOp : uint8_t {
  Matmul,
  Zero,
  Copy,
  Cast,
  Add,
  Mul,
  Edge,
  Scale,
  ReduceAdd,
  ReduceMin,
  ReduceMax,
  Relu,
  Or,
  And,
  Threshold,
  Grey,
  Rgba,
  Weigh,
  Filter,
  ScaledCast,
  External
};

/// A micro-kernel that a design names. Its code is found by the model's registry; its cycles by the
/// cost function.
///
/// Matmul: C[m,n] += A[m,k] B[k,n] on packed blocks. A is [m/bm][k/bk][bm][bk], B is
/// [k/bk][n/bn][bk][bn], C is [m/bm][n/bn][bm][bn], block sizes from `matmul_block(a, b)`. A
/// transposed operand has its blocks' elements transposed (A: [m/bm][k/bk][bk][bm]); the order of
/// blocks stays. `overwrite` starts from +0 instead of C. Matmul to a narrow C (bf16 from f32, i16
/// or i8 from i32) widens C, accumulates, and narrows once per call: bf16 by `rounding`, integers
/// shifted right by `shift`, rounded down and saturated. The arguments are always A, B, C. Zero,
/// Copy, Cast, Add, Mul: `m` elements; `k` and `n` are 1.
///
/// Edge: a line of the edges of a grey image from three lines of `m` pixels, the line above, the
/// line itself, the line below. Pixels are bytes of i8 taken as 0 to 255. With p the 3x3
/// neighbourhood of a pixel (columns beyond the line are its end pixels), gx = (p02 + 2 p12 + p22)
/// - (p00 + 2 p10 + p20) and gy = (p20 + 2 p21 + p22) - (p00 + 2 p01 + p02), the result is
/// s = min(|gx| + |gy|, 255) where s > `threshold`, else 0.
///
/// On `m` elements, with what they get besides A and C: Scale: A times a factor, one i32 in memory.
/// ReduceAdd, ReduceMin, ReduceMax: one element from all. Relu: what is below 0 becomes 0. Integers
/// wrap. On lines of `m` pixels: Or, And: of A and B, bit by bit. Threshold: numbers t, h and kind
/// after C: above t, kinds 0 to 4 give h, 0, t, the pixel, 0, else 0, h, the pixel, 0, the pixel.
/// Grey: from pixels of four bytes, (4899 R + 9617 G + 1868 B + 8192) >> 14. Rgba: three times the
/// pixel, then 255. Weigh: A, B, C and numbers a, b, g: (a A + b B >> 14) + g. Filter: three lines
/// as for Edge, C, nine i16 weights: the weighted neighbourhood >> 12. Results end at 0 and 255.
///
/// ScaledCast: `m` elements times `scale`, in f32, to nearest even; to integers then rounded to
/// nearest even and saturated, to bf16 by `rounding`. i32 becomes f32 first, to nearest even.
struct KernelSpec {
  KernelOp op = KernelOp::Matmul;
  Type a = Type::Bf16;
  Type b = Type::Bf16;
  Type c = Type::F32;
  int m = 1;
  int k = 1;
  int n = 1;
  bool a_transposed = false;
  bool b_transposed = false;
  bool overwrite = false;
  Rounding rounding = Rounding::NearestEven;  ///< of a store to bf16
  int shift = 0;                              ///< right shift of an integer narrowing
  int threshold = 0;                          ///< Edge
  float scale = 1;                            ///< ScaledCast
  int cycles = -1;                            ///< External: of a stub
  std::string symbol;                         ///< External

  bool operator==(const KernelSpec&) const = default;
};

/// Text form, stored in program memory and shown in every report:
/// `matmul bf16 bf16 f32 64x64x64 [at] [bt] [overwrite] [floor] [shift=2]`, `zero f32 4096`, `cast
/// f32 bf16 4096`, `add bf16 1024`, `edge i8 512 [threshold=64]`, `scaled_cast i32 i8 4096
/// scale=0.125`, `external conv2dk1_i8`. A matmul is m x k x n with the types of A, B and C; where
/// one type is named it is that of all operands, and a cast goes from `a` to `c`.
std::string to_string(const KernelSpec& spec);

/// Reads the text form; throws Error with the word that is wrong.
KernelSpec parse_kernel(std::string_view text);

/// Block of one matrix-multiply instruction: A bm x bk times B bk x bn (hardware reference 6.2,
/// AIE2 shapes; types without an instruction use 4x8 by 8x4).
struct MatmulBlock {
  int m;
  int k;
  int n;
};
MatmulBlock matmul_block(Type operand);

/// The same for operands of types that differ, which have no instruction: blocks of 4x8 by 8x4,
/// whose rows are whole words in any type.
MatmulBlock matmul_block(Type a, Type b);

/// Type in which a matmul of that operand type accumulates: f32 or i32.
constexpr Type accumulator_of(Type operand) {
  return operand == Type::Bf16 || operand == Type::F32 ? Type::F32 : Type::I32;
}

}  // namespace npu::arch
