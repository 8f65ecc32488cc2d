// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/machine.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "hw-model/logic/alu.h"

namespace npu::logic {
namespace {

using arch::Instruction;
using arch::Op;
using arch::Program;

constexpr int kUsed = 8;  ///< registers of random programs; the last one holds an address

/// The definition: one instruction after the other.
class Slow {
 public:
  explicit Slow(std::vector<std::byte>& memory) : memory_(memory) {}

  uint64_t run(const Program& program, Machine::Registers& registers, uint64_t limit) {
    size_t pc = 0;
    uint64_t done = 0;
    for (; done < limit && pc < program.code.size(); ++done)
      pc = step(program.code[pc], pc, registers);
    return done;
  }

 private:
  size_t step(const Instruction& in, size_t pc, Machine::Registers& r) {
    const auto place = [&] {
      return memory_.data() +
             ((static_cast<uint64_t>(r[in.a]) + static_cast<uint64_t>(in.imm)) & 0xFFFF);
    };
    const auto target = static_cast<size_t>(in.imm);
    if (in.op == Op::Load)
      r[in.dst] = load(place(), in.type);
    else if (in.op == Op::Store)
      store(place(), in.type, r[in.dst]);
    else if (in.op == Op::Jump)
      return target;
    else if (in.op == Op::BranchIf || in.op == Op::BranchIfNot)
      return (r[in.a] != 0) == (in.op == Op::BranchIf) ? target : pc + 1;
    else if (in.op == Op::Loop)
      return --r[in.dst] > 0 ? target : pc + 1;
    else
      r[in.dst] = compute(in, r[in.a], r[in.b], r[in.dst]);
    return pc + 1;
  }

  std::vector<std::byte>& memory_;
};

Program random_program(std::mt19937& random) {
  const auto below = [&](size_t n) { return random() % n; };
  Program program;
  const size_t size = 20 + below(40);
  while (program.code.size() < size) {
    Instruction in{.op = static_cast<Op>(below(static_cast<size_t>(Op::Count_))),
                   .type = arch::kTypes[below(arch::kTypes.size())].type,
                   .dst = static_cast<uint8_t>(below(kUsed - 1)),
                   .a = static_cast<uint8_t>(below(kUsed - 1)),
                   .b = static_cast<uint8_t>(below(kUsed - 1)),
                   .imm = static_cast<int32_t>(random())};
    const bool branches =
        in.op == Op::Jump || in.op == Op::BranchIf || in.op == Op::BranchIfNot || in.op == Op::Loop;
    if (!is_simple(in.op))
      continue;
    if (branches)
      in.imm = static_cast<int32_t>(below(size));
    if (in.op == Op::Load || in.op == Op::Store) {
      in.a = kUsed - 1;
      in.imm = static_cast<int32_t>(below(4096));
    }
    if (in.op == Op::Convert)
      in.b = static_cast<uint8_t>(below(arch::kTypes.size()));
    program.code.push_back(in);
  }
  return program;
}

TEST(Machine, ExecutesWhatTheInstructionsMean) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const Program program = random_program(random);
    std::vector<std::byte> fast_memory(0x10000);
    std::generate(fast_memory.begin(), fast_memory.begin() + 4200,
                  [&] { return static_cast<std::byte>(random()); });
    std::vector<std::byte> slow_memory = fast_memory;
    Machine::Registers fast{};
    for (int reg = 0; reg < kUsed - 1; ++reg)
      fast[static_cast<size_t>(reg)] = static_cast<int32_t>(random());
    fast[kUsed - 1] = arch::kCoreOwn;
    Machine::Registers slow = fast;
    size_t pc = 0;
    constexpr uint64_t kLimit = 500;
    const uint64_t done =
        Machine(program).run(pc, fast, {nullptr, nullptr, nullptr, fast_memory.data()}, kLimit);
    EXPECT_EQ(Slow(slow_memory).run(program, slow, kLimit), done) << print(program);
    ASSERT_EQ(fast, slow) << print(program);
    ASSERT_EQ(fast_memory, slow_memory) << print(program);
  }
}

TEST(Machine, StopsBeforeAnInstructionThatConcernsOthers) {
  const Program program = arch::parse_program("const r1, 5\nadd_imm r1, r1, 1\nrelease 48, 1\n");
  Machine::Registers registers{};
  size_t pc = 0;
  EXPECT_EQ(Machine(program).run(pc, registers, {}, 100), 2u);
  EXPECT_EQ(pc, 2u);
  EXPECT_EQ(registers[1], 6);
}

TEST(Machine, StopsBeforeALoadFromMemoryThatIsNotThere) {
  const Program program = arch::parse_program("const r1, 262144\nload r2, r1, 0\n");
  Machine::Registers registers{};
  size_t pc = 0;
  std::vector<std::byte> own(0x10000);
  EXPECT_EQ(Machine(program).run(pc, registers, {nullptr, nullptr, nullptr, own.data()}, 100), 1u);
  EXPECT_EQ(pc, 1u);
}

TEST(Machine, StopsBeforeAnAccessThatLeavesItsMemory) {
  const Program program = arch::parse_program("const r1, 524287\nload.i16 r2, r1, 0\n");
  Machine::Registers registers{};
  size_t pc = 0;
  std::vector<std::byte> own(0x10000);
  EXPECT_EQ(Machine(program).run(pc, registers, {nullptr, nullptr, nullptr, own.data()}, 100), 1u);
}

TEST(Machine, StopsAtItsLimit) {
  const Program program = arch::parse_program("again:\n add_imm r1, r1, 1\n jump again\n");
  Machine::Registers registers{};
  size_t pc = 0;
  EXPECT_EQ(Machine(program).run(pc, registers, {}, 11), 11u);
  EXPECT_EQ(pc, 1u);
  EXPECT_EQ(registers[1], 6);
}

}  // namespace
}  // namespace npu::logic
