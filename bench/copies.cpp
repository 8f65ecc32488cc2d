// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <vector>

#include <benchmark/benchmark.h>

#include "hw-model/logic/access.h"

namespace npu::logic {
namespace {

/// Patterns of a matmul's descriptors, in words. Tiles are 64x64: 8 KiB of bf16, 16 KiB of f32.
Access contiguous() {
  return {.length = 2048};
}
Access ddr_rows() {
  return {.length = 2048, .dims = {{{1, 32}, {1024, 0}}}};
}
Access a_blocks() {
  return {.length = 2048, .dims = {{{1, 4}, {32, 4}, {4, 8}, {128, 0}}}};
}
Access b_blocks() {
  return {.length = 2048, .dims = {{{1, 2}, {32, 8}, {2, 16}, {256, 0}}}};
}
Access c_blocks() {
  return {.length = 4096, .dims = {{{1, 4}, {64, 4}, {4, 16}, {256, 0}}}};
}
Access c_rows() {
  return {.length = 4096, .dims = {{{1, 64}, {1024, 0}}}};
}

void set_bytes(benchmark::State& state, const Access& access) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(access.length) * 4);
}

void gather(benchmark::State& state, const Access& access) {
  const Plan plan(access);
  std::vector<uint32_t> memory(plan.end(), 1), out(access.length);
  for (auto _ : state) {
    plan.gather(memory.data(), 0, access.length, out.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, access);
}

void scatter(benchmark::State& state, const Access& access) {
  const Plan plan(access);
  std::vector<uint32_t> memory(plan.end(), 1), in(access.length, 2);
  for (auto _ : state) {
    plan.scatter(memory.data(), 0, access.length, in.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, access);
}

void word_by_word(benchmark::State& state, const Access& access) {
  std::vector<uint32_t> memory(Plan(access).end(), 1), out(access.length);
  for (auto _ : state) {
    for (uint64_t k = 0; k < access.length; ++k)
      out[k] = memory[address(access, k)];
    benchmark::ClobberMemory();
  }
  set_bytes(state, access);
}

void compile(benchmark::State& state, const Access& access) {
  for (auto _ : state)
    benchmark::DoNotOptimize(Plan(access));
}

BENCHMARK_CAPTURE(gather, contiguous, contiguous());
BENCHMARK_CAPTURE(gather, ddr_rows_128B, ddr_rows());
BENCHMARK_CAPTURE(gather, a_blocks_16B, a_blocks());
BENCHMARK_CAPTURE(gather, b_blocks_8B, b_blocks());
BENCHMARK_CAPTURE(scatter, c_blocks_16B, c_blocks());
BENCHMARK_CAPTURE(scatter, c_rows_256B, c_rows());
BENCHMARK_CAPTURE(word_by_word, a_blocks_16B, a_blocks());
BENCHMARK_CAPTURE(compile, a_blocks, a_blocks());

}  // namespace
}  // namespace npu::logic
