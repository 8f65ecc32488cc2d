// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/inputs.h"

#include <array>
#include <bit>
#include <cstring>

namespace npu::cli {
namespace {

using arch::Type;

/// splitmix64 as a function of a counter: element i needs no element before it.
uint64_t mix(uint64_t x) {
  x += 0x9E37'79B9'7F4A'7C15;
  x = (x ^ (x >> 30)) * 0xBF58'476D'1CE4'E5B9;
  x = (x ^ (x >> 27)) * 0x94D0'49BB'1331'11EB;
  return x ^ (x >> 31);
}

/// 24 random bits to [-1, 1), exactly.
float uniform_float(uint64_t bits) {
  return static_cast<float>(static_cast<int64_t>(bits >> 40) - (1 << 23)) * 0x1p-23F;
}

// No infinities and no NaN: their products compare unequal to themselves.
constexpr std::array<float, 12> kSpecialFloats{0.0F,      -0.0F,      1.0F,       -1.0F,
                                               0x1p-149F, -0x1p-130F, 0x1p-126F,  -0x1p-126F,
                                               0x1p50F,   -0x1p50F,   0x1.FEp-1F, 0x1p-63F};
constexpr std::array<int32_t, 8> kSpecialIntegers{0,    1,         -1,        127,
                                                  -128, INT16_MAX, INT16_MIN, INT32_MIN};

float float_at(uint64_t bits, Inputs inputs) {
  // Half of the special matrix stays uniform, so that the others meet ordinary neighbours.
  if (inputs == Inputs::Special && (bits & 1))
    return kSpecialFloats[(bits >> 1) % kSpecialFloats.size()];
  return uniform_float(bits);
}

int32_t integer_at(uint64_t bits, Inputs inputs) {
  if (inputs == Inputs::Special && (bits & 1))
    return kSpecialIntegers[(bits >> 1) % kSpecialIntegers.size()];
  return static_cast<int32_t>(bits >> 32);
}

/// Upper half of the f32: what does not fit is cut off, which keeps [-1, 1) and every special
/// value.
uint16_t cut_to_bf16(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

template <typename T, typename F>
std::vector<std::byte> fill(uint64_t elements, uint64_t seed, uint64_t stream, F element) {
  std::vector<std::byte> bytes(elements * sizeof(T));
  const uint64_t start = mix(mix(seed) + stream);
  for (uint64_t i = 0; i < elements; ++i) {
    const T value = element(mix(start + i));
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

}  // namespace

std::vector<std::byte> make_matrix(Type type, uint64_t elements, uint64_t seed, uint64_t stream,
                                   Inputs inputs) {
  switch (type) {
    case Type::Bf16:
      return fill<uint16_t>(elements, seed, stream,
                            [=](uint64_t bits) { return cut_to_bf16(float_at(bits, inputs)); });
    case Type::F32:
      return fill<float>(elements, seed, stream,
                         [=](uint64_t bits) { return float_at(bits, inputs); });
    case Type::I8:
      return fill<int8_t>(elements, seed, stream, [=](uint64_t bits) {
        return static_cast<int8_t>(integer_at(bits, inputs));
      });
    case Type::I16:
      return fill<int16_t>(elements, seed, stream, [=](uint64_t bits) {
        return static_cast<int16_t>(integer_at(bits, inputs));
      });
    case Type::I32:
      return fill<int32_t>(elements, seed, stream,
                           [=](uint64_t bits) { return integer_at(bits, inputs); });
    case Type::I64:
    case Type::F16:
      break;
  }
  return {};
}

}  // namespace npu::cli
