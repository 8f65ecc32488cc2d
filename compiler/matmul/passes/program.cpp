// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the program of the cores: for ever, take C, zero it, multiply step by step, give C away.
// The loop over K is unrolled by two for the halves of A and B; with an odd number of steps the
// tile is, too, and its second copy begins with the other half. A narrow C is taken only when the
// accumulator is complete. C that L2 fills is not taken but comes down, before the first step or
// anew for some of them, and goes up again after those.
//
//   after    program  core(0,2)
//                      0 const r0 A(0,2).0
//                     ...
//                      6 acquire C(0,2).free -1
//                      7 call zero f32 4096 r2..r2
//                     ...
#include <algorithm>

#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

namespace {

using arch::Instruction;
using arch::Op;

// Registers: three arguments of the matmul for each half, the arguments of the cast, the counter,
// the arguments of what follows the cast, and the counter of copies of C.
constexpr int kHalf = 3;
constexpr uint8_t kSum = 2;
constexpr uint8_t kCast = 6;
constexpr uint8_t kCounter = 8;
constexpr uint8_t kInPlace = 9;
constexpr uint8_t kCopies = 11;

class Writer {
 public:
  Writer(const Schedule& s, Coord tile) : s_(s), tile_(tile) { core_.tile = tile; }

  Core run() {
    add_kernels();
    load_addresses();
    const int start = here();
    const bool odd = steps() % 2 != 0;
    tile_program(0);
    if (odd)
      tile_program(1);
    emit({.op = Op::Jump, .imm = start});
    return std::move(core_);
  }

 private:
  int64_t steps() const { return s_.outer_steps() * s_.inner_steps(); }
  int here() const { return static_cast<int>(core_.program.code.size()); }
  void emit(Instruction instruction) { core_.program.code.push_back(instruction); }

  std::string name(std::string_view what) const {
    return fmt::format("{}({},{})", what, tile_.col, tile_.row);
  }

  void add_kernels() {
    core_.program.kernels = {s_.work.matmul};
    if (s_.work.zero)
      core_.program.kernels.insert(core_.program.kernels.begin(), *s_.work.zero);
    if (s_.work.peeled) {
      core_.program.kernels.insert(core_.program.kernels.begin(), s_.work.matmul);
      core_.program.kernels[0].overwrite = true;
    }
    matmul_ = static_cast<int>(core_.program.kernels.size()) - 1;
    if (s_.work.cast)
      core_.program.kernels.push_back(*s_.work.cast);
    for (const auto& kernel : {s_.work.scale, s_.work.relu})
      if (kernel)
        core_.program.kernels.push_back(*kernel);
  }

  void address(uint8_t reg, const std::string& buffer) {
    for (size_t i = 0; i < s_.design.buffers.size(); ++i)
      if (s_.design.buffers[i].name == buffer)
        core_.buffers.push_back({here(), static_cast<int>(i)});
    emit({.op = Op::Const, .dst = reg});
  }

  void load_addresses() {
    const std::string c = name("C");
    const std::string sum = s_.work.cast ? name("acc") : c;
    for (int half = 0; half < 2; ++half) {
      const auto first = static_cast<uint8_t>(half * kHalf);
      address(first, half_of("A", half));
      address(first + 1, half_of("B", half));
      address(first + 2, sum);
    }
    if (s_.work.cast) {
      address(kCast, sum);
      address(kCast + 1, c);
    }
    if (s_.work.scale || s_.work.relu) {
      address(kInPlace, c);
      address(kInPlace + 1, c);
    }
  }

  /// Of a depth of one, both halves are the same buffer.
  std::string half_of(std::string_view operand, int half) const {
    const auto buffer = std::ranges::find(s_.l1, operand, &L1Buffer::name);
    return buffer->depth == 1 ? name(operand) : fmt::format("{}.{}", name(operand), half);
  }

  void lock(Op op, const std::string& lock) {
    for (size_t i = 0; i < s_.design.locks.size(); ++i)
      if (s_.design.locks[i].name == lock)
        core_.locks.push_back({here(), static_cast<int>(i)});
    emit({.op = op, .imm = op == Op::Acquire ? -1 : 1});
  }

  void call(int kernel, uint8_t first, uint8_t count) {
    emit({.op = Op::Call, .a = first, .b = count, .imm = kernel});
  }

  void step(int half, int matmul) {
    lock(Op::Acquire, name("A") + ".full");
    lock(Op::Acquire, name("B") + ".full");
    call(matmul, static_cast<uint8_t>(half * kHalf), kHalf);
    lock(Op::Release, name("A") + ".free");
    lock(Op::Release, name("B") + ".free");
  }

  /// Emits `count` times what `body` does with a half of A and B to begin with, in a loop. When
  /// `flips`, a time ends with the other half. Returns the half to go on with.
  template <typename Body>
  int times(int64_t count, int half, bool flips, uint8_t counter, Body body) {
    const int64_t unit = flips ? 2 : 1;
    const int64_t rounds = count / unit;
    if (rounds > 1)
      emit({.op = Op::Const, .dst = counter, .imm = static_cast<int32_t>(rounds)});
    const int start = here();
    for (int i = 0; rounds > 0 && i < unit; ++i)
      body(i == 0 ? half : 1 - half);
    if (rounds > 1)
      emit({.op = Op::Loop, .dst = counter, .imm = start});
    if (count % unit == 0)
      return half;
    body(half);
    return 1 - half;
  }

  int steps_of(int64_t count, int half) {
    return times(count, half, true, kCounter, [&](int h) { step(h, matmul_); });
  }

  /// A tile of sums that L2 fills: they come down, take some steps, and go up.
  void copy_program(int half) {
    const int64_t each = s_.steps_a_copy();
    const auto round = [&](int h) {
      lock(Op::Acquire, name("C") + ".loaded");
      return steps_of(each, h);
    };
    const int last = times(steps() / each - 1, half, each % 2 != 0, kCopies, [&](int h) {
      round(h);
      lock(Op::Release, name("C") + ".partial");
    });
    round(last);
  }

  /// One tile of C, beginning with that half of A and B.
  void tile_program(int half) {
    const bool narrow = s_.work.cast.has_value();
    int after = matmul_ + 1;  // of the kernels that follow the sum
    if (!narrow && !s_.filled_in_l2())
      lock(Op::Acquire, name("C") + ".free");
    if (s_.work.zero)
      call(0, kSum, 1);
    if (s_.work.peeled)
      step(half, 0);
    if (s_.filled_in_l2())
      copy_program(half);
    else
      steps_of(steps() - s_.work.peeled, s_.work.peeled ? 1 - half : half);
    if (narrow) {
      lock(Op::Acquire, name("C") + ".free");
      call(after++, kCast, 2);
    }
    for (const bool follows : {s_.work.scale.has_value(), s_.work.relu.has_value()})
      if (follows)
        call(after++, kInPlace, 2);
    lock(Op::Release, name("C") + ".full");
  }

  const Schedule& s_;
  Coord tile_;
  Core core_;
  int matmul_ = 0;  ///< its place among the kernels
};

}  // namespace

void program(Schedule& s) {
  for (const HerdCore& core : s.place->cores)
    s.design.cores.push_back(Writer(s, core.tile).run());
}

}  // namespace npu::compiler::matmul
