// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/machine.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "hw-model/logic/alu.h"

namespace npu::logic {

using arch::Instruction;
using arch::Op;
using arch::Type;

namespace {

// Actions beyond the ops: loads and stores by type, and what ends a run.
enum Action : uint8_t {
  kLoad8 = static_cast<uint8_t>(Op::Count_),
  kLoad16,
  kLoad32,
  kLoad64,
  kLoadF32,
  kLoadOther,
  kStore8,
  kStore16,
  kStore32,
  kStore64,
  kStoreOther,
  kCompute,  ///< by the definition
  kStop,
};

constexpr Action load_of(Type type) {
  switch (type) {
    case Type::I8:
      return kLoad8;
    case Type::I16:
      return kLoad16;
    case Type::I32:
      return kLoad32;
    case Type::I64:
      return kLoad64;
    case Type::F32:
      return kLoadF32;
    case Type::Bf16:
    case Type::F16:
      break;
  }
  return kLoadOther;
}

constexpr Action store_of(Type type) {
  switch (type) {
    case Type::I8:
      return kStore8;
    case Type::I16:
      return kStore16;
    case Type::I32:
    case Type::F32:
      return kStore32;
    case Type::I64:
      return kStore64;
    case Type::Bf16:
    case Type::F16:
      break;
  }
  return kStoreOther;
}

/// Ops that the run knows itself; others go through `compute`.
constexpr bool is_direct(Op op) {
  switch (op) {
    case Op::Nop:
    case Op::Jump:
    case Op::BranchIf:
    case Op::BranchIfNot:
    case Op::Loop:
    case Op::Const:
    case Op::Move:
    case Op::AddImm:
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::Shl:
    case Op::Shr:
    case Op::Min:
    case Op::Max:
    case Op::CmpEq:
    case Op::CmpNe:
    case Op::CmpLt:
    case Op::CmpLe:
    case Op::FAdd:
    case Op::FSub:
    case Op::FMul:
    case Op::Select:
      return true;
    default:
      return false;
  }
}

constexpr uint8_t action_of(const Instruction& in) {
  if (in.op == Op::Load)
    return load_of(in.type);
  if (in.op == Op::Store)
    return store_of(in.type);
  return is_direct(in.op) ? static_cast<uint8_t>(in.op) : static_cast<uint8_t>(kCompute);
}

float real(int64_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits));
}
int64_t bits(float value) {
  return std::bit_cast<uint32_t>(value);
}
int64_t fit(uint64_t value, unsigned spare) {
  return static_cast<int64_t>(value << spare) >> spare;
}

/// The place of an address in memory, or null.
std::byte* place_of(const CoreMemory& memory, uint64_t address, uint64_t bytes) {
  const uint64_t window = (address >> 16) - 4;
  if (window >= memory.size() || memory[window] == nullptr || (address & 0xFFFF) + bytes > 0x10000)
    return nullptr;
  return memory[window] + (address & 0xFFFF);
}

template <typename T>
int64_t load_as(const std::byte* place) {
  T value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

template <typename T>
void store_as(std::byte* place, int64_t value) {
  const T narrow = static_cast<T>(value);
  std::memcpy(place, &narrow, sizeof narrow);
}

}  // namespace

bool is_simple(Op op) {
  switch (op) {
    case Op::Done:
    case Op::Acquire:
    case Op::Release:
    case Op::Call:
    case Op::StreamGet:
    case Op::StreamPut:
    case Op::CascadeGet:
    case Op::CascadePut:
    case Op::Event:
      return false;
    default:
      return true;
  }
}

Machine::Machine(const arch::Program& program) : code_(program.code) {
  for (const Instruction& in : code_)
    steps_.push_back({is_simple(in.op) ? action_of(in) : static_cast<uint8_t>(kStop),
                      static_cast<uint8_t>(64 - 8 * arch::bytes_of(in.type)), in.dst, in.a, in.b,
                      !is_simple(in.op), in.imm});
  steps_.push_back({.action = kStop});
}

uint64_t Machine::run(size_t& pc, Registers& registers, const CoreMemory& memory,
                      uint64_t limit) const {
  const Step* const first = steps_.data();
  const Step* step = first + pc;
  int64_t* const r = registers.data();
  uint64_t left = limit;
  const auto u = [&](uint8_t reg) { return static_cast<uint64_t>(r[reg]); };
  const auto address = [&] { return u(step->a) + static_cast<uint64_t>(int64_t{step->imm}); };
  const auto go = [&](bool taken) { step = taken ? first + step->imm : step + 1; };

  for (; left > 0; --left) {
    switch (step->action) {
      case static_cast<uint8_t>(Op::Nop):
        break;
      case static_cast<uint8_t>(Op::Jump):
        go(true);
        continue;
      case static_cast<uint8_t>(Op::BranchIf):
        go(r[step->a] != 0);
        continue;
      case static_cast<uint8_t>(Op::BranchIfNot):
        go(r[step->a] == 0);
        continue;
      case static_cast<uint8_t>(Op::Loop):
        go(--r[step->dst] > 0);
        continue;
      case static_cast<uint8_t>(Op::Const):
        r[step->dst] = step->imm;
        break;
      case static_cast<uint8_t>(Op::Move):
        r[step->dst] = r[step->a];
        break;
      case static_cast<uint8_t>(Op::AddImm):
        r[step->dst] = static_cast<int64_t>(address());
        break;
      case static_cast<uint8_t>(Op::Add):
        r[step->dst] = fit(u(step->a) + u(step->b), step->spare);
        break;
      case static_cast<uint8_t>(Op::Sub):
        r[step->dst] = fit(u(step->a) - u(step->b), step->spare);
        break;
      case static_cast<uint8_t>(Op::Mul):
        r[step->dst] = fit(u(step->a) * u(step->b), step->spare);
        break;
      case static_cast<uint8_t>(Op::And):
        r[step->dst] = r[step->a] & r[step->b];
        break;
      case static_cast<uint8_t>(Op::Or):
        r[step->dst] = r[step->a] | r[step->b];
        break;
      case static_cast<uint8_t>(Op::Xor):
        r[step->dst] = r[step->a] ^ r[step->b];
        break;
      case static_cast<uint8_t>(Op::Shl):
        r[step->dst] = fit(u(step->a) << (r[step->b] & 63), step->spare);
        break;
      case static_cast<uint8_t>(Op::Shr):
        r[step->dst] = r[step->a] >> (r[step->b] & 63);
        break;
      case static_cast<uint8_t>(Op::Min):
        r[step->dst] = r[step->b] < r[step->a] ? r[step->b] : r[step->a];
        break;
      case static_cast<uint8_t>(Op::Max):
        r[step->dst] = r[step->a] < r[step->b] ? r[step->b] : r[step->a];
        break;
      case static_cast<uint8_t>(Op::CmpEq):
        r[step->dst] = r[step->a] == r[step->b];
        break;
      case static_cast<uint8_t>(Op::CmpNe):
        r[step->dst] = r[step->a] != r[step->b];
        break;
      case static_cast<uint8_t>(Op::CmpLt):
        r[step->dst] = r[step->a] < r[step->b];
        break;
      case static_cast<uint8_t>(Op::CmpLe):
        r[step->dst] = r[step->a] <= r[step->b];
        break;
      case static_cast<uint8_t>(Op::FAdd):
        r[step->dst] = bits(real(r[step->a]) + real(r[step->b]));
        break;
      case static_cast<uint8_t>(Op::FSub):
        r[step->dst] = bits(real(r[step->a]) - real(r[step->b]));
        break;
      case static_cast<uint8_t>(Op::FMul):
        r[step->dst] = bits(real(r[step->a]) * real(r[step->b]));
        break;
      case static_cast<uint8_t>(Op::Select):
        r[step->dst] = r[step->dst] != 0 ? r[step->a] : r[step->b];
        break;
      case kCompute:
        r[step->dst] =
            compute(code_[static_cast<size_t>(step - first)], r[step->a], r[step->b], r[step->dst]);
        break;
      case kStop:
        pc = static_cast<size_t>(step - first);
        return limit - left;
      default: {
        const Type type = code_[static_cast<size_t>(step - first)].type;
        std::byte* const place = place_of(memory, address(), arch::bytes_of(type));
        if (place == nullptr) {
          pc = static_cast<size_t>(step - first);
          return limit - left;
        }
        switch (step->action) {
          case kLoad8:
            r[step->dst] = load_as<int8_t>(place);
            break;
          case kLoad16:
            r[step->dst] = load_as<int16_t>(place);
            break;
          case kLoad32:
            r[step->dst] = load_as<int32_t>(place);
            break;
          case kLoad64:
            r[step->dst] = load_as<int64_t>(place);
            break;
          case kLoadF32:
            r[step->dst] = load_as<uint32_t>(place);
            break;
          case kLoadOther:
            r[step->dst] = load(place, type);
            break;
          case kStore8:
            store_as<int8_t>(place, r[step->dst]);
            break;
          case kStore16:
            store_as<int16_t>(place, r[step->dst]);
            break;
          case kStore32:
            store_as<int32_t>(place, r[step->dst]);
            break;
          case kStore64:
            store_as<int64_t>(place, r[step->dst]);
            break;
          default:
            store(place, type, r[step->dst]);
            break;
        }
      }
    }
    ++step;
  }
  pc = static_cast<size_t>(step - first);
  return limit;
}

}  // namespace npu::logic
