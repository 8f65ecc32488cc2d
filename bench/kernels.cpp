// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "hw-model/logic/kernels/isa.h"

namespace npu::logic {
namespace {

using kernels::Isa;

/// Arguments with finite values: small floats, any integers.
std::vector<std::vector<std::byte>> arguments_of(const Kernel& kernel) {
  std::vector<std::vector<std::byte>> out;
  for (const KernelArgument& argument : kernel.arguments) {
    std::vector<std::byte>& bytes = out.emplace_back(argument.bytes);
    for (size_t at = 0; at < bytes.size(); ++at)
      bytes[at] = static_cast<std::byte>(at % 2 == 0 ? at * 7 : 0x3F);
  }
  return out;
}

void run(benchmark::State& state, const std::string& text, Isa isa) {
  const Kernel kernel = kernels::find_kernel(arch::parse_kernel(text), isa);
  std::vector<std::vector<std::byte>> data = arguments_of(kernel);
  std::vector<std::byte*> arguments;
  for (auto& bytes : data)
    arguments.push_back(bytes.data());
  for (auto _ : state) {
    kernel.run(kernel.spec, arguments);
    benchmark::ClobberMemory();
  }
}

void choose(benchmark::State& state, Isa isa) {
  for (auto _ : state)
    benchmark::DoNotOptimize(kernels::agrees_with_scalar(isa));
}

constexpr std::array kMatmuls{
    "matmul bf16 bf16 f32 64x64x64",    "matmul bf16 bf16 f32 32x64x64 overwrite",
    "matmul bf16 bf16 bf16 64x64x64",   "matmul bf16 bf16 f32 64x64x64 at",
    "matmul bf16 bf16 f32 64x64x64 bt", "matmul f32 f32 f32 64x64x64",
    "matmul i8 i8 i32 64x64x64",        "matmul i8 i8 i8 64x64x64",
    "matmul i16 i16 i32 64x64x64",      "matmul i32 i32 i32 64x64x64",
};
constexpr std::array kElementwise{
    "zero f32 4096", "cast f32 bf16 4096", "cast f32 bf16 4096 floor", "cast i32 i8 4096 shift=4",
    "add bf16 1024", "mul f32 1024",
};

void add_all() {
  for (const Isa isa : kernels::kIsas) {
    if (!kernels::present(isa))
      continue;
    const std::string name(kernels::to_string(isa));
    for (const char* text : kMatmuls)
      benchmark::RegisterBenchmark((name + "/" + text).c_str(), run, std::string(text), isa)
          ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "/self-test").c_str(), choose, isa)
        ->Unit(benchmark::kMicrosecond);
  }
  for (const char* text : kElementwise)
    benchmark::RegisterBenchmark(text, run, std::string(text), Isa::Scalar)
        ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace npu::logic

int main(int argc, char** argv) {
  npu::logic::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
