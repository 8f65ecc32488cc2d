// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/kernel_registry.h"

#include "hw-model/arch/error.h"
#include "hw-model/logic/kernels/run.h"

namespace npu::logic {
namespace {

using arch::KernelOp;
using arch::KernelSpec;

constexpr int kMaxShift = 63;

void check_matmul(const KernelSpec& spec) {
  const arch::MatmulBlock block = arch::matmul_block(spec.a);
  if (spec.m % block.m != 0 || spec.k % block.k != 0 || spec.n % block.n != 0)
    throw Error("kernel `{}`: the shape is no multiple of the {} block {}x{}x{}",
                arch::to_string(spec), arch::to_string(spec.a), block.m, block.k, block.n)
        .hint("m a multiple of {}, k of {}, n of {}", block.m, block.k, block.n);
}

void check(const KernelSpec& spec) {
  if (spec.m < 1 || spec.k < 1 || spec.n < 1)
    throw Error("kernel `{}`: a size is below 1", arch::to_string(spec))
        .hint("m, k and n of at least 1");
  if (spec.shift < 0 || spec.shift > kMaxShift)
    throw Error("kernel `{}`: shift {} is out of range", arch::to_string(spec), spec.shift)
        .hint("0 to {}", kMaxShift);
  if (spec.op == KernelOp::Matmul)
    check_matmul(spec);
}

[[noreturn]] void no_kernel(const KernelSpec& spec) {
  const std::string text = arch::to_string(spec);
  if (spec.op == KernelOp::Matmul)
    throw Error("kernel `{}`: no matmul of these types", text)
        .hint("types of A, B and C: {}", kernels::matmul_types());
  if (spec.op == KernelOp::Cast || spec.op == KernelOp::ScaledCast)
    throw Error("kernel `{}`: no cast between these types", text)
        .hint("casts: {}", kernels::cast_types(spec.op));
  if (spec.op == KernelOp::External)
    throw Error("kernel `{}`: its code is not known", text)
        .hint("known operations: matmul, zero, copy, cast, add, mul, edge and those on lines");
  if (spec.op == KernelOp::Edge)
    throw Error("kernel `{}`: no edge detection of this type", text).hint("pixels are i8");
  if (spec.op > KernelOp::Edge)
    throw Error("kernel `{}`: not of this type", text).hint("images are of i8");
  throw Error("kernel `{}`: its types differ", text).hint("one type for all arguments");
}

Kernel make(const KernelSpec& spec, KernelFunction function) {
  if (function == nullptr)
    no_kernel(spec);
  check(spec);
  return {spec, function, arguments_of(spec)};
}

}  // namespace

std::vector<KernelArgument> arguments_of(const KernelSpec& spec) {
  const auto memory = [](int64_t elements, arch::Type type, bool reads, bool writes) {
    return KernelArgument{static_cast<uint32_t>(elements * arch::bytes_of(type)), reads, writes};
  };
  const auto matrix = [&](int64_t rows, int64_t columns, arch::Type type) {
    return memory(rows * columns, type, true, false);
  };
  const KernelArgument in = memory(spec.m, spec.a, true, false);
  const KernelArgument out = memory(spec.m, spec.c, false, true);
  const KernelArgument one = memory(1, spec.c, false, true);
  const KernelArgument number{.number = true};
  switch (spec.op) {
    case KernelOp::Matmul:
      return {matrix(spec.m, spec.k, spec.a), matrix(spec.k, spec.n, spec.b),
              memory(int64_t{spec.m} * spec.n, spec.c, !spec.overwrite, true)};
    case KernelOp::Zero:
      return {out};
    case KernelOp::Copy:
    case KernelOp::Cast:
    case KernelOp::ScaledCast:
    case KernelOp::Relu:
      return {in, out};
    case KernelOp::Add:
    case KernelOp::Mul:
    case KernelOp::Or:
    case KernelOp::And:
      return {in, in, out};
    case KernelOp::Edge:
      return {in, in, in, out};
    case KernelOp::Scale:
      return {in, memory(1, arch::Type::I32, true, false), out};
    case KernelOp::ReduceAdd:
    case KernelOp::ReduceMin:
    case KernelOp::ReduceMax:
      return {in, one};
    case KernelOp::Threshold:
      return {in, out, number, number, number};
    case KernelOp::Grey:
      return {memory(int64_t{4} * spec.m, spec.a, true, false), out};
    case KernelOp::Rgba:
      return {in, memory(int64_t{4} * spec.m, spec.c, false, true)};
    case KernelOp::Weigh:
      return {in, in, out, number, number, number};
    case KernelOp::Filter:
      return {in, in, in, out, memory(9, arch::Type::I16, true, false)};
    case KernelOp::External:
      break;
  }
  return {};
}

std::string kernel_symbol(const KernelSpec& spec) {
  if (spec.op == KernelOp::External)
    return spec.symbol;
  std::string symbol = arch::to_string(spec);
  for (char& c : symbol)
    if (c == ' ' || c == '=' || c == '+')
      c = '_';
    else if (c == '.')
      c = 'p';
    else if (c == '-')
      c = 'm';
  return symbol;
}

namespace kernels {

Kernel find_kernel(const KernelSpec& spec, Isa isa) {
  switch (spec.op) {
    case KernelOp::Matmul:
      return make(spec, matmul_kernel(spec, isa));
    case KernelOp::Edge:
      return make(spec, edge_kernel(spec));
    case KernelOp::Zero:
    case KernelOp::Copy:
    case KernelOp::Cast:
    case KernelOp::ScaledCast:
    case KernelOp::Add:
    case KernelOp::Mul:
    case KernelOp::External:
      return make(spec, elementwise_kernel(spec));
    default:
      return make(spec, line_kernel(spec));
  }
}

}  // namespace kernels

Kernel find_kernel(const KernelSpec& spec) {
  return kernels::find_kernel(spec, kernels::best_isa());
}

std::string_view kernel_isa() {
  return kernels::to_string(kernels::best_isa());
}

}  // namespace npu::logic
