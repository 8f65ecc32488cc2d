// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// External functions that designs of the public suite call, by what their tests expect of them.
// For `try_designs.py --kernels`:
//
//   c++ -std=c++20 -O2 -fPIC -shared -Ihw-model/sim tests/suite/public_kernels.cpp -o kernels.so
#include <cstring>

#include "airlock_kernel.h"

namespace {

/// Words at an argument, or null when the core has stopped.
int32_t* words(airlock_core* core, int64_t address, int64_t count) {
  return static_cast<int32_t*>(
      core->memory(core, static_cast<uint64_t>(address), static_cast<uint32_t>(4 * count)));
}

/// Sets `count` words to a function of those at another place.
template <typename Function>
void map(airlock_core* core, int64_t in, int64_t out, int64_t count, Function function) {
  const int32_t* from = words(core, in, count);
  int32_t* to = words(core, out, count);
  for (int64_t i = 0; from && to && i < count; ++i)
    to[i] = function(from[i], to[i]);
  core->spend(core, static_cast<uint64_t>(count));
}

// A cascade carries registers of 1024 bits in two pieces. They go by way of the stack, at the
// beginning of the core's memory.
constexpr int64_t kStack = 0x70000;
constexpr int64_t kPiece = 64;

void put(airlock_core* core, int32_t value) {
  if (int32_t* room = words(core, kStack, kPiece / 4)) {
    std::memset(room, 0, kPiece);
    room[0] = value;
  }
  core->put_cascade(core, kStack);
  core->put_cascade(core, kStack);
}

int32_t get(airlock_core* core) {
  core->get_cascade(core, kStack);
  core->get_cascade(core, kStack + kPiece);
  const int32_t* value = words(core, kStack, 1);
  return value ? *value : 0;
}

struct Tiles {
  int64_t m, k, n;
};

/// C += A B, matrices of `tiles` blocks of `block`, the blocks of A by columns. With `take` and
/// `give` a sum begins with what the cascade brings and goes on into it.
void matmul(airlock_core* core, const int64_t* arguments, Tiles tiles, Tiles block,
            bool give = false, bool take = false) {
  const int32_t* a = words(core, arguments[0], tiles.m * tiles.k * block.m * block.k);
  const int32_t* b = words(core, arguments[1], tiles.k * tiles.n * block.k * block.n);
  int32_t* c = words(core, arguments[2], tiles.m * tiles.n * block.m * block.n);
  if (!a || !b || !c)
    return;
  for (int64_t at = 0; at < tiles.m * tiles.n * block.m * block.n; ++at) {
    const int64_t tile = at / (block.m * block.n);
    const int64_t row = at / block.n % block.m;
    const int64_t column = at % block.n;
    int32_t sum = take ? get(core) : 0;
    for (int64_t k = 0; k < tiles.k * block.k; ++k) {
      const int64_t left = k / block.k * tiles.m + tile % tiles.m;
      const int64_t right = tile / tiles.m * tiles.k + k / block.k;
      sum += a[(left * block.m + row) * block.k + k % block.k] *
             b[(right * block.k + k % block.k) * block.n + column];
    }
    c[at] += sum;
    if (give)
      put(core, c[at]);
  }
  core->spend(core,
              static_cast<uint64_t>(tiles.m * tiles.k * tiles.n * block.m * block.k * block.n));
}

}  // namespace

extern "C" {

void add_one(airlock_core* core, const int64_t* a) {
  map(core, a[0], a[1], a[2], [](int32_t x, int32_t) { return x + 1; });
}
void scale_by_two(airlock_core* core, const int64_t* a) {
  map(core, a[0], a[1], a[2], [](int32_t x, int32_t) { return 2 * x; });
}
void scale_int32(airlock_core* core, const int64_t* a) {
  map(core, a[0], a[1], 1024, [](int32_t x, int32_t) { return 3 * x; });
}
void zero(airlock_core* core, const int64_t* a) {
  map(core, a[0], a[0], 16, [](int32_t, int32_t) { return 0; });
}
void sum(airlock_core* core, const int64_t* a) {
  map(core, a[0], a[1], 16, [](int32_t x, int32_t y) { return x + y; });
}

void extern_kernel1(airlock_core* core, const int64_t*) {
  put(core, 14);
}
void extern_kernel2(airlock_core* core, const int64_t*) {
  get(core);
  put(core, 114);
}
void extern_kernel3(airlock_core* core, const int64_t* a) {
  const int32_t value = get(core) + 100;
  int32_t* to = words(core, a[0], a[1]);
  for (int64_t i = 0; to && i < a[1]; ++i)
    to[i] = i == 5 ? value : 0;
}

void matmul_scalar_4x2x4_4x8x4_i32_i32(airlock_core* core, const int64_t* a) {
  matmul(core, a, {4, 2, 4}, {4, 8, 4});
}
void matmul_scalar_2x2x2_4x8x4_i32_i32(airlock_core* core, const int64_t* a) {
  matmul(core, a, {2, 2, 2}, {4, 8, 4});
}
void matmul_scalar_put_4x1x4_4x4x4_i32_i32(airlock_core* core, const int64_t* a) {
  matmul(core, a, {4, 1, 4}, {4, 4, 4}, true);
}
void matmul_scalar_put_get_4x1x4_4x4x4_i32_i32(airlock_core* core, const int64_t* a) {
  matmul(core, a, {4, 1, 4}, {4, 4, 4}, true, true);
}
void matmul_scalar_get_4x1x4_4x4x4_i32_i32(airlock_core* core, const int64_t* a) {
  matmul(core, a, {4, 1, 4}, {4, 4, 4}, false, true);
}

void event_0(airlock_core* core, const int64_t*) {
  core->event(core, 0);
}
void event_1(airlock_core* core, const int64_t*) {
  core->event(core, 1);
}
void flush_trace(airlock_core* core, const int64_t*) {
  for (uint32_t i = 0; i < 64; ++i)
    core->event(core, i % 2);
}

}  // extern "C"
