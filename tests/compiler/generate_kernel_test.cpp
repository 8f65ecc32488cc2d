// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Generated code of kernels, executed: against plain loops, and against the cycles that are
// predicted of it.
#include <cstring>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/kernels/generate.h"
#include "hw-model/arch/error.h"
#include "hw-model/logic/machine.h"

namespace npu::compiler {
namespace {

using arch::Instruction;
using arch::KernelSpec;
using arch::Op;
using arch::Type;

constexpr uint64_t kLimit = 10'000'000;

/// A core that calls one kernel twice, and keeps a 7 then.
Core core_of(const KernelSpec& spec) {
  Core core;
  core.program.kernels = {spec};
  core.program.code = {{.op = Op::Const, .dst = 10, .imm = 2},
                       {.op = Op::Call, .b = 3, .imm = 0},
                       {.op = Op::Loop, .dst = 10, .imm = 1},
                       {.op = Op::Const, .dst = 11, .imm = 7},
                       {.op = Op::Done}};
  core.buffers = {{0, 0}, {3, 1}};
  return core;
}

int64_t element(const std::vector<std::byte>& bytes, Type type, size_t index) {
  int64_t value = 0;
  const auto size = static_cast<size_t>(arch::bytes_of(type));
  std::memcpy(&value, bytes.data() + index * size, size);
  const int spare = 64 - 8 * static_cast<int>(size);
  return static_cast<int64_t>(static_cast<uint64_t>(value) << spare) >> spare;
}

/// What one call adds to C, by plain loops over blocks of 4x8 by 8x4.
std::vector<uint32_t> product(const KernelSpec& s, const std::vector<std::byte>& a,
                              const std::vector<std::byte>& b) {
  std::vector<uint32_t> c(static_cast<size_t>(s.m * s.n));
  for (int i = 0; i < s.m; ++i)
    for (int j = 0; j < s.n; ++j)
      for (int k = 0; k < s.k; ++k) {
        const int a_in = s.a_transposed ? k % 8 * 4 + i % 4 : i % 4 * 8 + k % 8;
        const int b_in = s.b_transposed ? j % 4 * 8 + k % 8 : k % 8 * 4 + j % 4;
        const int at_a = (i / 4 * (s.k / 8) + k / 8) * 32 + a_in;
        const int at_b = (k / 8 * (s.n / 4) + j / 4) * 32 + b_in;
        const int at_c = (i / 4 * (s.n / 4) + j / 4) * 16 + i % 4 * 4 + j % 4;
        c[static_cast<size_t>(at_c)] +=
            static_cast<uint32_t>(element(a, s.a, static_cast<size_t>(at_a))) *
            static_cast<uint32_t>(element(b, s.b, static_cast<size_t>(at_b)));
      }
  return c;
}

class GeneratedKernel : public testing::TestWithParam<const char*> {
 protected:
  void run(const Core& core) {
    const logic::Machine machine(core.program);
    logic::Machine::Registers registers{};
    registers[0] = arch::kCoreOwn;
    registers[1] = arch::kCoreOwn + 0x4000;
    registers[2] = arch::kCoreOwn + 0x8000;
    size_t pc = 0;
    executed_ = machine.run(pc, registers, {nullptr, nullptr, nullptr, memory_.data()}, kLimit);
    EXPECT_EQ(core.program.code[pc].op, Op::Done);
    EXPECT_EQ(registers[11], 7);
  }
  std::vector<std::byte> bytes(size_t at, int64_t count) const {
    return {memory_.begin() + static_cast<std::ptrdiff_t>(at),
            memory_.begin() + static_cast<std::ptrdiff_t>(at) + count};
  }
  void fill(uint32_t seed) {
    std::mt19937 random(seed);
    for (std::byte& byte : memory_)
      byte = static_cast<std::byte>(random());
  }

  std::vector<std::byte> memory_ = std::vector<std::byte>(0x10000);
  uint64_t executed_ = 0;
};

TEST_P(GeneratedKernel, GivesWhatPlainLoopsGive) {
  const KernelSpec spec = arch::parse_kernel(GetParam());
  fill(1);
  const auto before = bytes(0x8000, 4 * spec.m * spec.n);
  const auto added =
      product(spec, bytes(0, 4 * spec.m * spec.k), bytes(0x4000, 4 * spec.k * spec.n));
  Core core = core_of(spec);
  generate_kernel(core, 0);
  run(core);
  const auto after = bytes(0x8000, 4 * spec.m * spec.n);
  for (size_t i = 0; i < added.size(); ++i) {
    const uint32_t sum = spec.overwrite
                             ? added[i]
                             : static_cast<uint32_t>(element(before, Type::I32, i)) + 2 * added[i];
    ASSERT_EQ(static_cast<uint32_t>(element(after, Type::I32, i)), sum) << i;
  }
}

TEST_P(GeneratedKernel, TakesAsManyInstructionsAsThePredictionHas) {
  const KernelSpec spec = arch::parse_kernel(GetParam());
  Core core = core_of(spec);
  generate_kernel(core, 0);
  run(core);
  constexpr uint64_t kAround = 4;  // two constants, twice the loop
  EXPECT_EQ(executed_, kAround + 2 * kernel_cycles(arch::Timing{}, spec));
}

INSTANTIATE_TEST_SUITE_P(All, GeneratedKernel,
                         testing::Values("matmul i8 i16 i32 8x16x12", "matmul i16 i8 i32 4x8x4 at",
                                         "matmul i32 i8 i32 12x8x8 bt",
                                         "matmul i8 i32 i32 4x24x8 at bt",
                                         "matmul i16 i32 i32 8x8x4 overwrite"));

TEST(GenerateKernel, KeepsWhatRefersToInstructionsBehindTheCall) {
  Core core = core_of(arch::parse_kernel("matmul i8 i16 i32 8x16x12"));
  generate_kernel(core, 0);
  EXPECT_EQ(core.buffers[0].instruction, 0);
  EXPECT_EQ(core.program.code[static_cast<size_t>(core.buffers[1].instruction)].imm, 7);
}

TEST(GenerateKernel, LeavesOtherKernelsTheirCalls) {
  Core core = core_of(arch::parse_kernel("matmul i8 i16 i32 8x16x12"));
  core.program.kernels.push_back(arch::parse_kernel("zero i32 96"));
  core.program.code[3] = {.op = Op::Call, .b = 1, .imm = 1};
  generate_kernel(core, 0);
  const Instruction& call = core.program.code[static_cast<size_t>(core.buffers[1].instruction)];
  EXPECT_EQ(core.program.kernels.at(static_cast<size_t>(call.imm)).op, arch::KernelOp::Zero);
}

TEST(GenerateKernel, RefusesFloats) {
  Core core = core_of(arch::parse_kernel("matmul bf16 f32 f32 8x16x12"));
  EXPECT_THROW(generate_kernel(core, 0), Error);
}

}  // namespace
}  // namespace npu::compiler
