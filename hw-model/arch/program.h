// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/kernel.h"

namespace npu::arch {

/// Instructions of a core program: a register machine with 64 registers of 64 bits. Registers hold
/// integers (sign extended to 64 bits), floats (f32 bits, zero extended) or core data addresses
/// (0x40000..0x7FFFF).
enum class Op : uint8_t {
  Done,  ///< sets core status DONE and stops
  Nop,
  Acquire,   ///< lock `a` (core lock number 0..63), value `imm`: negative waits for >= -imm, else
             ///< for == imm
  Release,   ///< lock `a`, value `imm`
  Call,      ///< kernel `imm` of the table, arguments in registers `a`, `a`+1, ... (`b` of them)
  Jump,      ///< to instruction `imm`
  BranchIf,  ///< to `imm` when register `a` is not 0
  BranchIfNot,  ///< to `imm` when register `a` is 0
  Loop,         ///< register `dst` -= 1; to `imm` while it is > 0
  Const,        ///< dst = imm (sign extended)
  ConstHigh,    ///< dst = (dst & 0xFFFFFFFF) | imm << 32
  Move,         ///< dst = a
  Add,
  Sub,
  Mul,
  Div,
  DivU,
  Rem,
  RemU,
  And,
  Or,
  Xor,
  Shl,
  Shr,
  ShrU,
  Min,
  Max,
  MinU,
  MaxU,    ///< dst = a op b, width of `type`
  AddImm,  ///< dst = a + imm, 64 bit
  FAdd,
  FSub,
  FMul,
  FDiv,
  FMin,
  FMax,
  FNeg,
  FAbs,
  FSqrt,
  FExp,
  FRsqrt,
  FTanh,
  FFma,  ///< f32; FFma: dst = a*b + dst, rounded once to `type`
  CmpEq,
  CmpNe,
  CmpLt,
  CmpLe,
  CmpLtU,
  CmpLeU,
  FCmpEq,
  FCmpNe,
  FCmpLt,
  FCmpLe,      ///< dst = 0 or 1
  Select,      ///< dst = dst ? a : b
  Convert,     ///< dst = a as `type`, from type `b` (numbers of Type)
  Load,        ///< dst = memory[a + imm] of `type`
  Store,       ///< memory[a + imm] = dst of `type`
  StreamGet,   ///< dst = word of stream input `imm`
  StreamPut,   ///< stream output `imm` takes `a`; TLAST when `b` is 1
  CascadeGet,  ///< 64 bytes to memory at register `a`
  CascadePut,  ///< 64 bytes from memory at register `a`
  Event,       ///< INSTR_EVENT_0 or _1 (`imm`)
  FMinimum,
  FMaximum,  ///< f32: NaN when a or b is NaN (FMin and FMax then give the other)
  Count_,
};

struct OpRow {
  Op op;
  std::string_view name;
  std::string_view operands;  ///< what the text form lists, one letter each
};
/// Every op with its name, in order of the enumeration.
std::span<const OpRow> ops();
std::string_view to_string(Op op);

/// One instruction, 8 bytes in program memory: op [7:0], type [11:8], b [17:12], dst [23:18], a
/// [29:24] of word 0; imm is word 1.
struct Instruction {
  Op op = Op::Nop;
  Type type = Type::I32;
  uint8_t dst = 0;
  uint8_t a = 0;
  uint8_t b = 0;
  int32_t imm = 0;
  bool operator==(const Instruction&) const = default;
};
inline constexpr int kProgramRegisters = 64;
inline constexpr uint32_t kProgramMemoryBytes = 16 * 1024;

// Core data address space (hardware reference 2.1) and lock numbers (3.3).
inline constexpr uint32_t kCoreSouth = 0x40000;
inline constexpr uint32_t kCoreWest = 0x50000;
inline constexpr uint32_t kCoreNorth = 0x60000;
inline constexpr uint32_t kCoreOwn = 0x70000;
inline constexpr int kCoreLocksPerWindow = 16;  ///< 0 south, 16 west, 32 north, 48 own
inline constexpr int kCoreOwnLocks = 48;

/// What a core executes: instructions, and the kernels that `Call` names.
struct Program {
  std::vector<Instruction> code;
  std::vector<KernelSpec> kernels;
  bool operator==(const Program&) const = default;
};

/// What is wrong with an instruction of a program with that many instructions and kernels: an op,
/// type, register, branch target or kernel that does not exist.
std::optional<std::string> fault_of(const Instruction& instruction, size_t instructions,
                                    size_t kernels);

/// First word of an encoded program, 'ALPM' read as little endian.
inline constexpr uint32_t kProgramMagic = 0x4D50'4C41;

/// The program-memory image: magic, version, sizes, code, kernel texts, check sum. Throws Error
/// when it needs more than 16 KiB.
std::vector<uint32_t> encode(const Program& program);

/// Decodes an image; nothing when it does not start with the magic word (machine code of another
/// tool chain). Throws Error, with the word's place, when it starts like ours and is broken.
std::optional<Program> decode(std::span<const uint32_t> image);

/// Assembly text, one instruction a line with labels; `parse_program` reads it back. Parts of an
/// instruction that its op does not use are not printed. `parse_program` throws Error with the
/// line.
std::string print(const Program& program);
Program parse_program(std::string_view text);

}  // namespace npu::arch
