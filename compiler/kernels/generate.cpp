// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/kernels/generate.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::Instruction;
using arch::KernelOp;
using arch::KernelSpec;
using arch::Op;
using arch::Type;

// Registers of the code; a counter for each loop, from the outermost on.
constexpr uint8_t kSum = 48;
constexpr uint8_t kLeft = 49;   // an element of A, then a product
constexpr uint8_t kRight = 50;  // an element of B
constexpr uint8_t kOut = 51;    // address in C
constexpr uint8_t kARow = 52;   // addresses in A: of a row of blocks, of a row, of an element
constexpr uint8_t kALine = 53;
constexpr uint8_t kA = 54;
constexpr uint8_t kBColumn =
    55;  // addresses in B: of a column of blocks, of a column, of an element
constexpr uint8_t kBLine = 56;
constexpr uint8_t kB = 57;
constexpr uint8_t kCounter = 58;

bool is_integer(Type type) {
  return type == Type::I8 || type == Type::I16 || type == Type::I32;
}

/// Writes instructions, and counts how often each is executed. Jumps count from the start.
class Code {
 public:
  void emit(const Instruction& instruction) {
    instructions_.push_back(instruction);
    ++executed_;
  }
  void move(uint8_t to, uint8_t from) { emit({.op = Op::Move, .dst = to, .a = from}); }
  void advance(uint8_t address, int64_t bytes) {
    emit({.op = Op::AddImm, .dst = address, .a = address, .imm = static_cast<int32_t>(bytes)});
  }
  void load(uint8_t to, Type type, uint8_t address, int64_t bytes) {
    emit({.op = Op::Load,
          .type = type,
          .dst = to,
          .a = address,
          .imm = static_cast<int32_t>(bytes)});
  }

  template <typename Body>
  void loop(int count, Body body) {
    const uint8_t counter = kCounter + depth_++;
    emit({.op = Op::Const, .dst = counter, .imm = count});
    const auto start = static_cast<int32_t>(instructions_.size());
    const uint64_t before = std::exchange(executed_, 0);
    body();
    emit({.op = Op::Loop, .dst = counter, .imm = start});
    executed_ = before + static_cast<uint64_t>(count) * executed_;
    --depth_;
  }

  const std::vector<Instruction>& instructions() const { return instructions_; }
  uint64_t executed() const { return executed_; }

 private:
  std::vector<Instruction> instructions_;
  uint64_t executed_ = 0;
  uint8_t depth_ = 0;
};

/// Bytes from an element to the next in a block, along its side and along K.
struct Steps {
  int64_t side;
  int64_t k;
};

/// C[m,n] of sums over k in order, on blocks as KernelSpec has them. The arguments are in three
/// registers from `first` on.
Code matmul(const KernelSpec& spec, uint8_t first) {
  const arch::MatmulBlock block = arch::matmul_block(spec.a, spec.b);
  const int64_t a_bytes = arch::bytes_of(spec.a);
  const int64_t b_bytes = arch::bytes_of(spec.b);
  const int k_blocks = spec.k / block.k;
  const int n_blocks = spec.n / block.n;
  const int64_t a_block = block.m * block.k * a_bytes;
  const int64_t b_block = block.k * block.n * b_bytes;
  const Steps a =
      spec.a_transposed ? Steps{a_bytes, block.m * a_bytes} : Steps{block.k * a_bytes, a_bytes};
  const Steps b =
      spec.b_transposed ? Steps{block.k * b_bytes, b_bytes} : Steps{b_bytes, block.n * b_bytes};
  Code code;
  const auto element = [&] {
    if (spec.overwrite)
      code.emit({.op = Op::Const, .dst = kSum});
    else
      code.load(kSum, Type::I32, kOut, 0);
    code.move(kA, kALine);
    code.move(kB, kBLine);
    code.loop(k_blocks, [&] {
      for (int k = 0; k < block.k; ++k) {
        code.load(kLeft, spec.a, kA, k * a.k);
        code.load(kRight, spec.b, kB, k * b.k);
        code.emit({.op = Op::Mul, .type = Type::I32, .dst = kLeft, .a = kLeft, .b = kRight});
        code.emit({.op = Op::Add, .type = Type::I32, .dst = kSum, .a = kSum, .b = kLeft});
      }
      code.advance(kA, a_block);
      code.advance(kB, n_blocks * b_block);
    });
    code.emit({.op = Op::Store, .type = Type::I32, .dst = kSum, .a = kOut});
    code.advance(kOut, arch::bytes_of(Type::I32));
    code.advance(kBLine, b.side);
  };
  code.move(kARow, first);
  code.move(kOut, first + 2);
  code.loop(spec.m / block.m, [&] {
    code.move(kBColumn, first + 1);
    code.loop(n_blocks, [&] {
      code.move(kALine, kARow);
      code.loop(block.m, [&] {
        code.move(kBLine, kBColumn);
        code.loop(block.n, element);
        code.advance(kALine, a.side);
      });
      code.advance(kBColumn, b_block);
    });
    code.advance(kARow, k_blocks * a_block);
  });
  return code;
}

bool jumps(Op op) {
  return op == Op::Jump || op == Op::BranchIf || op == Op::BranchIfNot || op == Op::Loop;
}

}  // namespace

bool can_generate(const KernelSpec& spec) {
  return spec.op == KernelOp::Matmul && is_integer(spec.a) && is_integer(spec.b) &&
         spec.c == Type::I32;
}

bool has_instruction(const KernelSpec& spec) {
  return spec.op != KernelOp::Matmul || spec.a == spec.b;
}

arch::Cycle kernel_cycles(const arch::Timing& timing, const KernelSpec& spec) {
  if (has_instruction(spec) || !can_generate(spec))
    return timing.kernel_cycles(spec);
  return matmul(spec, 0).executed() * timing.core.instruction.cycles();
}

void generate_kernel(Core& core, size_t kernel) {
  const KernelSpec spec = core.program.kernels.at(kernel);
  if (!can_generate(spec))
    throw Error("kernel `{}`: there is no code for it", arch::to_string(spec))
        .hint("integers into i32, or a shared object of one's own: kernels");
  std::vector<Instruction> code;
  std::vector<int> places;  // of the old instructions in the new code
  for (const Instruction& old : core.program.code) {
    const auto here = static_cast<int>(code.size());
    places.push_back(here);
    if (old.op != Op::Call || old.imm != static_cast<int>(kernel)) {
      code.push_back(old);
      if (old.op == Op::Call && old.imm > static_cast<int>(kernel))
        --code.back().imm;
      continue;
    }
    const Code body = matmul(spec, old.a);
    for (Instruction instruction : body.instructions()) {
      // Negative: a place in the new code, unlike those of the jumps around.
      if (jumps(instruction.op))
        instruction.imm = -1 - (here + instruction.imm);
      code.push_back(instruction);
    }
  }
  places.push_back(static_cast<int>(code.size()));
  for (Instruction& instruction : code)
    if (jumps(instruction.op))
      instruction.imm =
          instruction.imm < 0 ? -1 - instruction.imm : places[static_cast<size_t>(instruction.imm)];
  for (auto* references : {&core.buffers, &core.locks})
    for (Core::Reference& reference : *references)
      reference.instruction = places[static_cast<size_t>(reference.instruction)];
  core.program.code = std::move(code);
  core.program.kernels.erase(core.program.kernels.begin() + static_cast<std::ptrdiff_t>(kernel));
}

}  // namespace npu::compiler
