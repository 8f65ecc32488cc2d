// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npu::compiler::mlir {

/// An extent, stride or offset that is not known.
inline constexpr int64_t kDynamic = INT64_MIN;

/// `memref<4x?xi32, strided<[8, 1], offset: 2>, 1 : i32>`, `tensor<2xbf16>`, `vector<16xf32>`, or a
/// scalar, which has no shape.
struct Type {
  enum class Kind { Scalar, Memref, Tensor, Vector, Other };
  Kind kind = Kind::Other;
  std::vector<int64_t> shape = {};
  std::string element = {};  ///< `i32`; of a scalar the type itself
  std::optional<std::vector<int64_t>> strides = {};
  int64_t offset = 0;
  std::string layout = {};  ///< of a memref, when it is a map
  std::string space = {};   ///< of memory, as written

  int64_t elements() const;  ///< kDynamic when an extent is
};

/// Takes a type apart. Of what it does not know, Kind::Other.
Type parse_type(std::string_view text);

/// Of a shaped type; of another, the type itself.
std::string element_type(std::string_view type);

/// A vector or tensor type with other elements; of another type, the element.
std::string with_element(std::string_view type, std::string_view element);

/// The type of a typed attribute (`1 : i32`), or what its kind is when it has none: `i64`, `i1`,
/// `f64`.
std::string type_of_value(std::string_view attribute);

/// Bits of `i8`, `ui16`, `bf16`, `f16`, `f32` ...; 64 for `index`, nothing for others.
std::optional<int> bits_of(std::string_view scalar);

/// Where in a list in brackets `;`, or elsewhere top-level commas, divide it: the trimmed pieces.
std::vector<std::string_view> split(std::string_view text, char by);

}  // namespace npu::compiler::mlir
