// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels on a line of elements: scaling, reductions, images. Pixels are bytes from 0 to 255.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

#include "hw-model/logic/kernels/number.h"
#include "hw-model/logic/kernels/run.h"

namespace npu::logic::kernels {
namespace {

using arch::KernelOp;
using arch::KernelSpec;
using arch::Type;
using Arguments = std::span<std::byte* const>;

template <typename T>
T* as(std::byte* place) {
  return reinterpret_cast<T*>(place);
}

int64_t number(const std::byte* place) {
  int64_t value = 0;
  std::memcpy(&value, place, sizeof value);
  return value;
}

uint8_t to_pixel(int64_t value) {
  return static_cast<uint8_t>(std::clamp<int64_t>(value, 0, 255));
}

template <typename T>
void scale(const KernelSpec& spec, Arguments arguments) {
  const auto factor = static_cast<uint32_t>(*as<int32_t>(arguments[1]));
  for (int i = 0; i < spec.m; ++i)
    as<T>(arguments[2])[i] = static_cast<T>(static_cast<uint32_t>(as<T>(arguments[0])[i]) * factor);
}

struct Smallest {
  static uint32_t of(uint32_t x, uint32_t y) {
    return static_cast<int32_t>(x) < static_cast<int32_t>(y) ? x : y;
  }
};
struct Largest {
  static uint32_t of(uint32_t x, uint32_t y) { return ~Smallest::of(~x, ~y); }
};
struct Total {
  static uint32_t of(uint32_t x, uint32_t y) { return x + y; }
};

template <typename Op, typename T>
void reduce(const KernelSpec& spec, Arguments arguments) {
  const T* in = as<T>(arguments[0]);
  auto result = static_cast<uint32_t>(in[0]);
  for (int i = 1; i < spec.m; ++i)
    result = Op::of(result, static_cast<uint32_t>(in[i]));
  *as<T>(arguments[1]) = static_cast<T>(result);
}

template <typename T>
void relu(const KernelSpec& spec, Arguments arguments) {
  for (int i = 0; i < spec.m; ++i)
    as<T>(arguments[1])[i] = std::max(as<T>(arguments[0])[i], T{0});
}

void relu_f32(const KernelSpec& spec, Arguments arguments) {
  for (int i = 0; i < spec.m; ++i) {
    const uint32_t x = as<uint32_t>(arguments[0])[i];
    as<uint32_t>(arguments[1])[i] = (x & 0x80000000) != 0 ? 0 : x;
  }
}

/// What is below zero has its sign set.
void relu_bf16(const KernelSpec& spec, Arguments arguments) {
  for (int i = 0; i < spec.m; ++i) {
    const uint16_t x = as<uint16_t>(arguments[0])[i];
    as<uint16_t>(arguments[1])[i] = (x & 0x8000) != 0 ? 0 : x;
  }
}

void bits_or(const KernelSpec& spec, Arguments arguments) {
  for (int i = 0; i < spec.m; ++i)
    arguments[2][i] = arguments[0][i] | arguments[1][i];
}
void bits_and(const KernelSpec& spec, Arguments arguments) {
  for (int i = 0; i < spec.m; ++i)
    arguments[2][i] = arguments[0][i] & arguments[1][i];
}

void threshold(const KernelSpec& spec, Arguments arguments) {
  const int64_t limit = number(arguments[2]) & 0xFF;
  const int64_t highest = number(arguments[3]) & 0xFF;
  const int64_t kind = number(arguments[4]);
  for (int i = 0; i < spec.m; ++i) {
    const int64_t x = as<uint8_t>(arguments[0])[i];
    const std::array<int64_t, 5> below{0, highest, x, 0, x};
    const std::array<int64_t, 5> above{highest, 0, limit, x, 0};
    const auto which = static_cast<size_t>(std::clamp<int64_t>(kind, 0, 4));
    as<uint8_t>(arguments[1])[i] = to_pixel(x > limit ? above[which] : below[which]);
  }
}

void grey(const KernelSpec& spec, Arguments arguments) {
  const uint8_t* in = as<uint8_t>(arguments[0]);
  for (int i = 0; i < spec.m; ++i, in += 4)
    as<uint8_t>(arguments[1])[i] =
        to_pixel((4899 * in[0] + 9617 * in[1] + 1868 * in[2] + 8192) >> 14);
}

void rgba(const KernelSpec& spec, Arguments arguments) {
  uint8_t* out = as<uint8_t>(arguments[1]);
  for (int i = 0; i < spec.m; ++i, out += 4) {
    std::fill_n(out, 3, as<uint8_t>(arguments[0])[i]);
    out[3] = 255;
  }
}

void weigh(const KernelSpec& spec, Arguments arguments) {
  const int64_t alpha = number(arguments[3]);
  const int64_t beta = number(arguments[4]);
  const int64_t gamma = number(arguments[5]);
  for (int i = 0; i < spec.m; ++i)
    as<uint8_t>(arguments[2])[i] = to_pixel(
        ((alpha * as<uint8_t>(arguments[0])[i] + beta * as<uint8_t>(arguments[1])[i]) >> 14) +
        gamma);
}

void filter(const KernelSpec& spec, Arguments arguments) {
  const int16_t* weights = as<int16_t>(arguments[4]);
  for (int x = 0; x < spec.m; ++x) {
    int64_t sum = 0;
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column)
        sum += int64_t{weights[3 * row + column]} *
               as<uint8_t>(arguments[row])[std::clamp(x + column - 1, 0, spec.m - 1)];
    as<uint8_t>(arguments[3])[x] = to_pixel(sum >> 12);
  }
}

struct Row {
  KernelOp op;
  Type type;
  KernelFunction run;
};
constexpr std::array kRows{
    Row{KernelOp::Scale, Type::I8, scale<int8_t>},
    Row{KernelOp::Scale, Type::I16, scale<int16_t>},
    Row{KernelOp::Scale, Type::I32, scale<int32_t>},
    Row{KernelOp::ReduceAdd, Type::I8, reduce<Total, int8_t>},
    Row{KernelOp::ReduceAdd, Type::I16, reduce<Total, int16_t>},
    Row{KernelOp::ReduceAdd, Type::I32, reduce<Total, int32_t>},
    Row{KernelOp::ReduceMin, Type::I8, reduce<Smallest, int8_t>},
    Row{KernelOp::ReduceMin, Type::I16, reduce<Smallest, int16_t>},
    Row{KernelOp::ReduceMin, Type::I32, reduce<Smallest, int32_t>},
    Row{KernelOp::ReduceMax, Type::I8, reduce<Largest, int8_t>},
    Row{KernelOp::ReduceMax, Type::I16, reduce<Largest, int16_t>},
    Row{KernelOp::ReduceMax, Type::I32, reduce<Largest, int32_t>},
    Row{KernelOp::Relu, Type::I8, relu<int8_t>},
    Row{KernelOp::Relu, Type::I16, relu<int16_t>},
    Row{KernelOp::Relu, Type::I32, relu<int32_t>},
    Row{KernelOp::Relu, Type::Bf16, relu_bf16},
    Row{KernelOp::Relu, Type::F32, relu_f32},
    Row{KernelOp::Or, Type::I8, bits_or},
    Row{KernelOp::And, Type::I8, bits_and},
    Row{KernelOp::Threshold, Type::I8, threshold},
    Row{KernelOp::Grey, Type::I8, grey},
    Row{KernelOp::Rgba, Type::I8, rgba},
    Row{KernelOp::Weigh, Type::I8, weigh},
    Row{KernelOp::Filter, Type::I8, filter},
};

}  // namespace

KernelFunction line_kernel(const KernelSpec& spec) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) {
    return r.op == spec.op && r.type == spec.a && spec.a == spec.c;
  });
  return row == kRows.end() ? nullptr : row->run;
}

}  // namespace npu::logic::kernels
